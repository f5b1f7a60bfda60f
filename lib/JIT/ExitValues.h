//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Values that only the ways out of a loop need: the exits of native code use every variable, and
/// the meter. What can be computed from another variable of the loop is computed where the loop is
/// left, and not carried through its rounds.

#ifndef FUSEVM_LIB_JIT_EXITVALUES_H
#define FUSEVM_LIB_JIT_EXITVALUES_H

#include "llvm/IR/PassManager.h"

namespace fusevm::jit {

/// Leaves what it finds to the pass that moves code out of loops, which sinks it.
struct ExitValuesPass : llvm::PassInfoMixin<ExitValuesPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_EXITVALUES_H
