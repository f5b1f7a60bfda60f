//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Optimizer.h"

#include "Addresses.h"
#include "ExitValues.h"
#include "LoopVersions.h"
#include "Recurrences.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/BasicAliasAnalysis.h"
#include "llvm/Analysis/BlockFrequencyInfo.h"
#include "llvm/Analysis/BranchProbabilityInfo.h"
#include "llvm/Analysis/DemandedBits.h"
#include "llvm/Analysis/LazyValueInfo.h"
#include "llvm/Analysis/LoopAccessAnalysis.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/MemoryDependenceAnalysis.h"
#include "llvm/Analysis/MemorySSA.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/PostDominators.h"
#include "llvm/Analysis/ProfileSummaryInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScopedNoAliasAA.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Analysis/TypeBasedAliasAnalysis.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/ADCE.h"
#include "llvm/Transforms/Scalar/BDCE.h"
#include "llvm/Transforms/Scalar/CorrelatedValuePropagation.h"
#include "llvm/Transforms/Scalar/DeadStoreElimination.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/GVN.h"
#include "llvm/Transforms/Scalar/IndVarSimplify.h"
#include "llvm/Transforms/Scalar/JumpThreading.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopDeletion.h"
#include "llvm/Transforms/Scalar/LoopLoadElimination.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/LoopUnrollPass.h"
#include "llvm/Transforms/Scalar/Reassociate.h"
#include "llvm/Transforms/Scalar/SCCP.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimpleLoopUnswitch.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Vectorize/LoopVectorize.h"
#include "llvm/Transforms/Vectorize/SLPVectorizer.h"
#include "llvm/Transforms/Vectorize/VectorCombine.h"

using namespace llvm;

namespace fusevm::jit {

namespace {

LICMPass hoisting(bool speculates) {
  return LICMPass(SetLicmMssaOptCap, SetLicmMssaNoAccForPromotionCap, speculates);
}

/// For what comes out of the vectorizer: no loop needs to be recognised after it.
SimplifyCFGOptions lateSimplification() {
  return SimplifyCFGOptions()
      .forwardSwitchCondToPhi(true)
      .convertSwitchRangeToICmp(true)
      .needCanonicalLoops(false)
      .hoistCommonInsts(true)
      .sinkCommonInsts(true);
}

/// The lowering makes SSA already, without needless phis; what it leaves is repetition in memory,
/// and diamonds.
FunctionPassManager makeQuick() {
  FunctionPassManager passes;
  passes.addPass(EarlyCSEPass());
  passes.addPass(SimplifyCFGPass());
  return passes;
}

void addLoopCleaning(FunctionPassManager &passes) {
  passes.addPass(createFunctionToLoopPassAdaptor(LoopRotatePass()));
  passes.addPass(LoopVersionsPass());
  passes.addPass(createFunctionToLoopPassAdaptor(LoopRotatePass()));
  passes.addPass(ExitValuesPass());
  passes.addPass(createFunctionToLoopPassAdaptor(hoisting(/*speculates=*/true),
                                                 /*UseMemorySSA=*/true,
                                                 /*UseBlockFrequencyInfo=*/false));
}

/// What comes last: nothing may order operations and addresses anew.
void addLoopTuning(FunctionPassManager &passes) {
  passes.addPass(LoopSimplifyPass());
  passes.addPass(ShortenRecurrencesPass());
  passes.addPass(ReduceAddressesPass());
}

FunctionPassManager makeFull() {
  FunctionPassManager passes;
  passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(InstCombinePass());
  passes.addPass(SimplifyCFGPass());
  addLoopCleaning(passes);
  passes.addPass(InstCombinePass());
  passes.addPass(SimplifyCFGPass());
  addLoopTuning(passes);
  return passes;
}

/// What the O2 pipeline does to a function that calls nothing it could inline.
FunctionPassManager makeVector() {
  FunctionPassManager passes;
  passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(JumpThreadingPass());
  passes.addPass(CorrelatedValuePropagationPass());
  passes.addPass(SimplifyCFGPass());
  passes.addPass(InstCombinePass());
  passes.addPass(ReassociatePass());
  passes.addPass(SimplifyCFGPass());
  addLoopCleaning(passes);
  LoopPassManager first;
  first.addPass(LoopRotatePass());
  first.addPass(hoisting(/*speculates=*/true));
  first.addPass(SimpleLoopUnswitchPass());
  passes.addPass(createFunctionToLoopPassAdaptor(std::move(first), /*UseMemorySSA=*/true));
  passes.addPass(SimplifyCFGPass());
  passes.addPass(InstCombinePass());
  LoopPassManager second;
  second.addPass(IndVarSimplifyPass());
  second.addPass(LoopDeletionPass());
  second.addPass(LoopFullUnrollPass());
  passes.addPass(createFunctionToLoopPassAdaptor(std::move(second)));
  passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(GVNPass());
  passes.addPass(SCCPPass());
  passes.addPass(BDCEPass());
  passes.addPass(InstCombinePass());
  passes.addPass(JumpThreadingPass());
  passes.addPass(CorrelatedValuePropagationPass());
  passes.addPass(ADCEPass());
  passes.addPass(DSEPass());
  passes.addPass(createFunctionToLoopPassAdaptor(hoisting(/*speculates=*/true),
                                                 /*UseMemorySSA=*/true));
  passes.addPass(SimplifyCFGPass());
  passes.addPass(InstCombinePass());

  passes.addPass(createFunctionToLoopPassAdaptor(LoopRotatePass()));
  passes.addPass(LoopVectorizePass());
  passes.addPass(LoopLoadEliminationPass());
  passes.addPass(InstCombinePass());
  passes.addPass(SimplifyCFGPass(lateSimplification()));
  passes.addPass(SLPVectorizerPass());
  passes.addPass(VectorCombinePass());
  passes.addPass(InstCombinePass());
  passes.addPass(LoopUnrollPass());
  passes.addPass(SROAPass(SROAOptions::PreserveCFG));
  passes.addPass(InstCombinePass());
  passes.addPass(createFunctionToLoopPassAdaptor(hoisting(/*speculates=*/true),
                                                 /*UseMemorySSA=*/true));
  passes.addPass(SimplifyCFGPass(lateSimplification()));
  addLoopTuning(passes);
  return passes;
}

} // namespace

Optimizer::Optimizer(TargetMachine &machine)
    : quick(makeQuick()), full(makeFull()), vector(makeVector()) {
  registerAnalyses(machine);
}

void Optimizer::registerAnalyses(TargetMachine &machine) {
  // No function of the C library may be called, or taken for what its name says.
  TargetLibraryInfoImpl library(machine.getTargetTriple());
  library.disableAllFunctions();
  functionAnalyses.registerPass([&] { return TargetLibraryAnalysis(std::move(library)); });
  functionAnalyses.registerPass([&] { return machine.getTargetIRAnalysis(); });
  functionAnalyses.registerPass([] {
    AAManager aliases;
    aliases.registerFunctionAnalysis<BasicAA>();
    aliases.registerFunctionAnalysis<ScopedNoAliasAA>();
    aliases.registerFunctionAnalysis<TypeBasedAA>();
    return aliases;
  });
  functionAnalyses.registerPass([] { return AssumptionAnalysis(); });
  functionAnalyses.registerPass([] { return BasicAA(); });
  functionAnalyses.registerPass([] { return BlockFrequencyAnalysis(); });
  functionAnalyses.registerPass([] { return BranchProbabilityAnalysis(); });
  functionAnalyses.registerPass([] { return DemandedBitsAnalysis(); });
  functionAnalyses.registerPass([] { return DominatorTreeAnalysis(); });
  functionAnalyses.registerPass([] { return LazyValueAnalysis(); });
  functionAnalyses.registerPass([] { return LoopAccessAnalysis(); });
  functionAnalyses.registerPass([] { return LoopAnalysis(); });
  functionAnalyses.registerPass([] { return MemoryDependenceAnalysis(); });
  functionAnalyses.registerPass([] { return MemorySSAAnalysis(); });
  functionAnalyses.registerPass([] { return OptimizationRemarkEmitterAnalysis(); });
  functionAnalyses.registerPass([] { return PassInstrumentationAnalysis(); });
  functionAnalyses.registerPass([] { return PostDominatorTreeAnalysis(); });
  functionAnalyses.registerPass([] { return ScalarEvolutionAnalysis(); });
  functionAnalyses.registerPass([] { return ScopedNoAliasAA(); });
  functionAnalyses.registerPass([] { return ShouldRunExtraVectorPasses(); });
  functionAnalyses.registerPass([] { return TypeBasedAA(); });
  functionAnalyses.registerPass([&] { return LoopAnalysisManagerFunctionProxy(loopAnalyses); });
  functionAnalyses.registerPass([&] { return ModuleAnalysisManagerFunctionProxy(moduleAnalyses); });
  loopAnalyses.registerPass([] { return PassInstrumentationAnalysis(); });
  // IndVarSimplify asks for it where it has made conditions invariant.
  loopAnalyses.registerPass([] { return ShouldRunExtraSimpleLoopUnswitch(); });
  loopAnalyses.registerPass([&] { return FunctionAnalysisManagerLoopProxy(functionAnalyses); });
  moduleAnalyses.registerPass([] { return PassInstrumentationAnalysis(); });
  moduleAnalyses.registerPass([] { return ProfileSummaryAnalysis(); });
  moduleAnalyses.registerPass([&] { return FunctionAnalysisManagerModuleProxy(functionAnalyses); });
}

void Optimizer::run(Module &module, FusevmQuality quality, bool readsMemory) {
  if (quality == FUSEVM_QUALITY_QUICK && !readsMemory)
    return;
  FunctionPassManager &passes = quality == FUSEVM_QUALITY_QUICK  ? quick
                                : quality == FUSEVM_QUALITY_FULL ? full
                                                                 : vector;
  // Passes look for it with getCachedResult.
  moduleAnalyses.getResult<ProfileSummaryAnalysis>(module);
  for (Function &function : module)
    if (!function.isDeclaration() && !function.hasOptNone())
      passes.run(function, functionAnalyses);
  loopAnalyses.clear();
  functionAnalyses.clear();
  moduleAnalyses.clear();
}

} // namespace fusevm::jit
