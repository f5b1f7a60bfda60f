//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The passes over the intermediate representation.

#ifndef FUSEVM_LIB_JIT_OPTIMIZER_H
#define FUSEVM_LIB_JIT_OPTIMIZER_H

#include "fusevm/Native/JitPlugin.h"

#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Target/TargetMachine.h"

namespace fusevm::jit {

/// Keeps the passes of each quality, and the analyses they share.
///
/// The pipelines are put together here and not by PassBuilder, which would bring every pass
/// that LLVM has into the plugin and with them their start-up.
class Optimizer {
public:
  explicit Optimizer(llvm::TargetMachine &machine);

  /// \p readsMemory: whether the same may be read from memory twice.
  void run(llvm::Module &module, FusevmQuality quality, bool readsMemory);

private:
  void registerAnalyses(llvm::TargetMachine &machine);

  llvm::LoopAnalysisManager loopAnalyses;
  llvm::FunctionAnalysisManager functionAnalyses;
  llvm::ModuleAnalysisManager moduleAnalyses;

  llvm::FunctionPassManager quick;
  llvm::FunctionPassManager full;
  llvm::FunctionPassManager vector;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_OPTIMIZER_H
