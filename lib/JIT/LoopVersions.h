//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops without checks that can be made before them.

#ifndef FUSEVM_LIB_JIT_LOOPVERSIONS_H
#define FUSEVM_LIB_JIT_LOOPVERSIONS_H

#include "llvm/IR/PassManager.h"

namespace fusevm::jit {

/// Gives an innermost loop a second version without checks of what stays the same in it, and of
/// indices that run from one bound to another, and without what is done where these fail. It is
/// entered if all the checks, made before the loop, hold; otherwise the loop as it was.
///
/// Wants loops in their simple form, with the values that they compute used outside by phis only.
struct LoopVersionsPass : llvm::PassInfoMixin<LoopVersionsPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_LOOPVERSIONS_H
