//===- Process.h - Children of this process ---------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Waiting for a child.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_SUPPORT_PROCESS_H
#define FUSEVM_SUPPORT_PROCESS_H

#include <optional>
#include <sys/types.h>

namespace fusevm {

/// Waits until the child \p process has ended, however often a signal gets in the way. Returns
/// what waitpid() says of it; nullopt if it is no child, or somebody else has waited for it.
std::optional<int> waitForProcess(pid_t process);

} // namespace fusevm

#endif // FUSEVM_SUPPORT_PROCESS_H
