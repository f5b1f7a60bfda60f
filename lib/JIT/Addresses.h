//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Addresses that run through arrays with a loop.

#ifndef FUSEVM_LIB_JIT_ADDRESSES_H
#define FUSEVM_LIB_JIT_ADDRESSES_H

#include "llvm/IR/PassManager.h"

namespace fusevm::jit {

/// Gives the addresses that change by the same in each round of an innermost loop variables of
/// their own: one each, or one offset for many arrays that are gone through together. LLVM's loop
/// strength reduction would do that too, but also to what only exits use, and what it chooses
/// depends on the order of uses. What is stored at steps that are not known is prefetched.
struct ReduceAddressesPass : llvm::PassInfoMixin<ReduceAddressesPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_ADDRESSES_H
