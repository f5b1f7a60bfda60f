//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Sums that a loop carries on: what each round adds is added up first, and then to the sum, so
/// that a round waits for one addition of the round before and not for several. LLVM's own
/// reassociation leaves alone what has more than one use, and here the exits use everything.

#ifndef FUSEVM_LIB_JIT_RECURRENCES_H
#define FUSEVM_LIB_JIT_RECURRENCES_H

#include "llvm/IR/PassManager.h"

namespace fusevm::jit {

struct ShortenRecurrencesPass : llvm::PassInfoMixin<ShortenRecurrencesPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_RECURRENCES_H
