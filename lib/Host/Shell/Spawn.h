//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Finding programs and starting them.

#ifndef FUSEVM_LIB_HOST_SHELL_SPAWN_H
#define FUSEVM_LIB_HOST_SHELL_SPAWN_H

#include "absl/types/span.h"

#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace fusevm::shell {

inline constexpr int32_t notFoundStatus = 127;
inline constexpr int32_t cannotRunStatus = 126;

/// Where a program is, or why it cannot be run.
struct FoundProgram {
  std::string path;   ///< if the status is 0
  int32_t status = 0; ///< 127 or 126 otherwise
  std::string reason; ///< what to say then
};

/// Looks for the program \p name in the folders of \p searchPath, unless it has a slash.
FoundProgram findProgram(const std::string &name, std::string_view searchPath);

/// What a child is started with.
struct LaunchOptions {
  absl::Span<const std::string> argv;
  /// Each of the form NAME=VALUE.
  std::vector<std::string> environment;
  /// Descriptors and what they become copies of, or -1 to close them. Sources are private.
  std::vector<std::pair<int, int>> descriptors;
  sigset_t signalMask;
  /// Signals whose action is to be the default one, besides those with a handler.
  sigset_t defaultSignals;
  /// Whether INT and QUIT are to be ignored.
  bool ignoresInterrupts = false;
};

/// A child, or why there is none.
struct Launched {
  pid_t process = 0;
  int32_t status = 0; ///< 127 or 126 if it was not started
  std::string reason;
};

/// Starts the program at \p path. A file that the system does not take for a program, but
/// that looks like text, is run by /bin/sh.
Launched launch(const std::string &path, const LaunchOptions &options);

/// Turns what waitpid() says into a status: the exit code, or 128 and the signal.
int32_t statusOf(int waitStatus);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_SPAWN_H
