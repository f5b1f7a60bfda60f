//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What processor native code is made for.

#ifndef FUSEVM_LIB_NATIVE_TARGETLEVEL_H
#define FUSEVM_LIB_NATIVE_TARGETLEVEL_H

namespace fusevm {

/// The level of this processor's instructions that native code may use, by LLVM's name. Code made
/// for a level runs on every processor that has it.
const char *targetLevel();

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_TARGETLEVEL_H
