//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Knowing about forks: threads do not exist in the child, and memory mapped shared is the
/// parent's too.

#ifndef FUSEVM_LIB_NATIVE_FORKWATCH_H
#define FUSEVM_LIB_NATIVE_FORKWATCH_H

#include <cstdint>

namespace fusevm {

/// Begins to count forks, if that has not begun. What follows counts from then on.
void watchForks();

/// How many forks lie between the process that began to watch and this one. What was made
/// under another number belongs to an ancestor.
uint32_t processDepth();

/// How many children this process has forked; counted before the child exists.
uint64_t forkCount();

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_FORKWATCH_H
