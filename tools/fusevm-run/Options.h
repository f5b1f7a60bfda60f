//===- Options.h - The command line of fusevm-run ---------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_TOOLS_RUN_OPTIONS_H
#define FUSEVM_TOOLS_RUN_OPTIONS_H

#include "fusevm/Interp/Limits.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fusevm {

/// What the command line says. Each field but the last two is the option of its name.
struct RunOptions {
  std::string_view tier = "auto";
  std::optional<uint64_t> jitThreshold;
  std::string_view jitQuality = "full";
  bool jitSync = false;
  std::string_view jitCache; ///< empty: as the environment says
  bool jitStats = false;
  bool printIR = false;
  bool printAssembly = false;
  bool perfMap = false;
  bool jitDump = false;
  bool gdbJit = false;
  uint64_t failingGuard = 0;
  std::string_view loop = "auto";
  std::string_view fuse = "on";
  bool verifyOnly = false;
  std::string_view result = "none";
  std::string_view resultFile;
  std::string_view stats; ///< empty: none
  bool awk = false;
  std::string_view host = "posix";
  bool sandbox = false;
  uint64_t maxFrames = Limits().maxFrames;
  uint64_t maxStack = Limits().maxStackValues;
  uint64_t maxContainer = Limits().maxContainerSize;
  uint64_t maxString = Limits().maxStringBytes;
  std::optional<uint64_t> maxOps;
  bool verbose = false;

  std::string_view file;                   ///< "-" is standard input
  std::vector<std::string_view> arguments; ///< of the program
};

/// The name that messages begin with.
inline constexpr std::string_view programName = "fusevm-run";

/// Reads the command line into \p options. Returns the exit status if the program should
/// end at once.
std::optional<int> readOptions(int argc, const char *const *argv, RunOptions &options);

} // namespace fusevm

#endif // FUSEVM_TOOLS_RUN_OPTIONS_H
