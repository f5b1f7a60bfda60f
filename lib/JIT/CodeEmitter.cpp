//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CodeEmitter.h"

#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/MC/MCContext.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/CommandLine.h"

#include <cassert>

namespace fusevm::jit {

namespace {

/// Above so many instructions the greedy register allocator takes too long for what is
/// asked to be quick.
constexpr unsigned mostAllocatedInstructions = 2000;

llvm::cl::Option &option(llvm::StringRef name) {
  llvm::cl::Option *found = llvm::cl::getRegisteredOptions().lookup(name);
  assert(found && "the option is known to the LLVM that is linked");
  return *found;
}

/// Has the passes that are built now allocate registers well or badly, whatever their
/// optimisation level.
void allocateRegistersWell(llvm::cl::boolOrDefault well) {
  static_cast<llvm::cl::opt<llvm::cl::boolOrDefault> &>(option("optimize-regalloc")).setValue(well);
}

/// Switches off the instruction scheduler, which costs a tenth of the time of all qualities: no
/// kernel that was measured is faster for it.
void disableSlowPasses() {
  [[maybe_unused]] static bool failed =
      option("enable-misched").addOccurrence(1, "enable-misched", "false") ||
      option("x86-tile-ra").addOccurrence(1, "x86-tile-ra", "false");
}

/// For debug information, garbage collection, instrumentation, subregisters and parts of the stack
/// frame that are not used; and those that improve very little.
char *const needlessPasses[] = {
    &llvm::LocalStackSlotAllocationID,
    &llvm::DetectDeadLanesID,
    &llvm::InitUndefID,
    &llvm::UnreachableMachineBlockElimID,
    &llvm::RenameIndependentSubregsID,
    &llvm::MachineSchedulerID,
    &llvm::StackSlotColoringID,
    &llvm::MachineCopyPropagationID,
    &llvm::MachineLICMID,
    &llvm::RemoveRedundantDebugValuesID,
    &llvm::FixupStatepointCallerSavedID,
    &llvm::GCMachineCodeAnalysisID,
    &llvm::FEntryInserterID,
    &llvm::XRayInstrumentationID,
    &llvm::PatchableFunctionID,
    &llvm::FuncletLayoutID,
    &llvm::StackMapLivenessID,
    &llvm::LiveDebugValuesID,
    &llvm::MachineSanitizerBinaryMetadataID,
    &llvm::StackFrameLayoutAnalysisPassID,
};

} // namespace

CodeEmitter::Way CodeEmitter::chooseWay(const llvm::Module &module, FusevmQuality quality) {
  if (quality != FUSEVM_QUALITY_QUICK)
    return Selected;
  return module.getInstructionCount() > mostAllocatedInstructions ? Plain : Allocated;
}

void CodeEmitter::prepareMachine(Way way) {
  machine.setOptLevel(way == Selected ? llvm::CodeGenOptLevel::Default
                                      : llvm::CodeGenOptLevel::None);
  machine.setFastISel(way != Selected);
}

/// Adds what quick code needs of the code generator. Its other passes find nothing to do in what
/// the lowering makes, or too little, and running them costs a tenth of the time.
void CodeEmitter::addQuickPasses(Pipeline &pipeline) {
  auto &target = static_cast<llvm::LLVMTargetMachine &>(machine);
  llvm::legacy::PassManager &passes = pipeline.passes;
  llvm::TargetPassConfig *config = target.createPassConfig(passes);
  for (char *pass : needlessPasses)
    config->disablePass(pass);
  passes.add(config);
  auto *functions = new llvm::MachineModuleInfoWrapperPass(&target);
  passes.add(functions);
  passes.add(llvm::createTargetTransformInfoWrapperPass(target.getTargetIRAnalysis()));
  config->addInstSelector();
  passes.add(llvm::Pass::createPass(&llvm::FinalizeISelID));
  config->addMachinePasses();
  config->setInitialized();
  target.addAsmPrinter(passes, pipeline.stream, nullptr, llvm::CodeGenFileType::ObjectFile,
                       functions->getMMI().getContext());
  passes.add(llvm::createFreeMachineFunctionPass());
}

std::unique_ptr<CodeEmitter::Pipeline> CodeEmitter::build(Way way) {
  disableSlowPasses();
  auto pipeline = std::make_unique<Pipeline>();
  allocateRegistersWell(way == Allocated ? llvm::cl::BOU_TRUE : llvm::cl::BOU_UNSET);
  if (way == Selected) {
    llvm::MCContext *context = nullptr;
    [[maybe_unused]] bool failed =
        machine.addPassesToEmitMC(pipeline->passes, context, pipeline->stream);
    assert(!failed && "the target emits machine code");
  } else {
    addQuickPasses(*pipeline);
  }
  allocateRegistersWell(llvm::cl::BOU_UNSET);
  return pipeline;
}

llvm::StringRef CodeEmitter::emitObject(llvm::Module &module, FusevmQuality quality) {
  Way way = chooseWay(module, quality);
  prepareMachine(way);
  std::unique_ptr<Pipeline> &pipeline = pipelines[way];
  if (!pipeline)
    pipeline = build(way);
  pipeline->object.clear();
  pipeline->passes.run(module);
  return llvm::StringRef(pipeline->object.data(), pipeline->object.size());
}

std::string CodeEmitter::emitAssembly(llvm::Module &module, FusevmQuality quality) {
  Way way = chooseWay(module, quality);
  prepareMachine(way);
  disableSlowPasses();
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  allocateRegistersWell(way == Allocated ? llvm::cl::BOU_TRUE : llvm::cl::BOU_UNSET);
  [[maybe_unused]] bool failed =
      machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::AssemblyFile);
  assert(!failed && "the target emits assembly");
  allocateRegistersWell(llvm::cl::BOU_UNSET);
  passes.run(module);
  return std::string(text.begin(), text.end());
}

} // namespace fusevm::jit
