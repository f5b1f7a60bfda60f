//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The stack of the thread, on which native code recurs.

#ifndef FUSEVM_LIB_NATIVE_NATIVESTACK_H
#define FUSEVM_LIB_NATIVE_NATIVESTACK_H

#include <cstddef>

namespace fusevm {

/// Bytes that native calls may use of the stack of this thread: what is left of it, without
/// what the host needs for itself.
size_t nativeStackLeft();

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_NATIVESTACK_H
