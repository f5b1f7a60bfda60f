//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Telling the tools of a system what native code is called: `perf` by the files it knows.

#ifndef FUSEVM_LIB_NATIVE_CODENAMES_H
#define FUSEVM_LIB_NATIVE_CODENAMES_H

#include "fusevm/Native/JitPlugin.h"

#include "absl/types/span.h"

#include <cstddef>
#include <string_view>

namespace fusevm {

/// Native code and its name.
struct NamedCode {
  const std::byte *begin;
  size_t size;
  std::string_view name;
  absl::Span<const FusevmCodeLine> lines;
};

/// Adds a line to /tmp/perf-PID.map. Does nothing if that cannot be written.
void writeToPerfMap(const NamedCode &code);

/// Adds a record to jit-PID.dump in the directory that was current at the first call. Does
/// nothing if that cannot be written.
void writeToJitDump(const NamedCode &code);

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_CODENAMES_H
