//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Starting programs without a shell host.

#ifndef FUSEVM_LIB_INTERP_SHELL_NATIVEPROCESS_H
#define FUSEVM_LIB_INTERP_SHELL_NATIVEPROCESS_H

#include "absl/types/span.h"

#include <cstdint>
#include <string>

namespace fusevm {

/// The status of a command that cannot be started.
inline constexpr int32_t notStartedStatus = 127;

/// Runs the program \p argv[0] and returns its exit code; 1 if a signal ended it, 127 if it
/// could not be started, 0 if \p argv is empty. What this process has buffered for standard
/// output should have been written.
int32_t runNativeProcess(absl::Span<const std::string> argv);

/// Starts the program \p argv[0] with standard output and error on the null device. Returns
/// its process id, 0 if it could not be started. Processes that have ended are reaped by
/// later calls from any thread.
int32_t startNativeProcess(absl::Span<const std::string> argv);

/// Reaps those of the processes started so far that have ended.
void reapNativeProcesses();

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_SHELL_NATIVEPROCESS_H
