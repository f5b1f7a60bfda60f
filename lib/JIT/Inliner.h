//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Inlining of native calls.

#ifndef FUSEVM_LIB_JIT_INLINER_H
#define FUSEVM_LIB_JIT_INLINER_H

#include "llvm/IR/Module.h"

namespace fusevm::jit {

/// Puts small functions of \p module that call no other one in place of their calls, and
/// small ones that call themselves once into themselves. What a function does before it calls
/// anything goes in front of its calls, if it may return then.
void inlineCalls(llvm::Module &module);

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_INLINER_H
