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

template <typename Value> void set(llvm::StringRef name, Value value) {
  static_cast<llvm::cl::opt<Value> &>(option(name)).setValue(value);
}

/// Sets what is the same for all ways: no instruction scheduler, which costs a tenth of the time of
/// all qualities, and no kernel that was measured is faster for it; no registers for matrices;
/// inner loops at multiples of 32 bytes.
void setCommonOptions() {
  [[maybe_unused]] static bool failed =
      option("enable-misched").addOccurrence(1, "enable-misched", "false") ||
      option("disable-lsr").addOccurrence(1, "disable-lsr", "true") ||
      option("x86-tile-ra").addOccurrence(1, "x86-tile-ra", "false") ||
      option("x86-experimental-pref-innermost-loop-alignment")
          .addOccurrence(1, "x86-experimental-pref-innermost-loop-alignment", "5");
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
  machine.setOptLevel(isQuick(way) ? llvm::CodeGenOptLevel::None : llvm::CodeGenOptLevel::Default);
  machine.setFastISel(isQuick(way));
}

/// Adds what quick code needs of the code generator. Its other passes find nothing to do in what
/// the lowering makes, or too little, and running them costs a tenth of the time.
void CodeEmitter::addQuickPasses(Pipeline &pipeline, llvm::CodeGenFileType fileType) {
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
  target.addAsmPrinter(passes, pipeline.stream, nullptr, fileType,
                       functions->getMMI().getContext());
  passes.add(llvm::createFreeMachineFunctionPass());
}

std::unique_ptr<CodeEmitter::Pipeline> CodeEmitter::build(Way way, llvm::CodeGenFileType fileType) {
  setCommonOptions();
  set("optimize-regalloc", way == Allocated ? llvm::cl::BOU_TRUE : llvm::cl::BOU_UNSET);
  auto pipeline = std::make_unique<Pipeline>();
  if (isQuick(way)) {
    addQuickPasses(*pipeline, fileType);
    return pipeline;
  }
  [[maybe_unused]] bool failed =
      machine.addPassesToEmitFile(pipeline->passes, pipeline->stream, nullptr, fileType);
  assert(!failed && "the target emits machine code");
  return pipeline;
}

llvm::StringRef CodeEmitter::emitObject(llvm::Module &module, FusevmQuality quality) {
  Way way = chooseWay(module, quality);
  prepareMachine(way);
  std::unique_ptr<Pipeline> &pipeline = pipelines[way];
  if (!pipeline)
    pipeline = build(way, llvm::CodeGenFileType::ObjectFile);
  pipeline->output.clear();
  pipeline->passes.run(module);
  return llvm::StringRef(pipeline->output.data(), pipeline->output.size());
}

std::string CodeEmitter::emitAssembly(llvm::Module &module, FusevmQuality quality) {
  Way way = chooseWay(module, quality);
  prepareMachine(way);
  std::unique_ptr<Pipeline> pipeline = build(way, llvm::CodeGenFileType::AssemblyFile);
  pipeline->passes.run(module);
  return std::string(pipeline->output.begin(), pipeline->output.end());
}

} // namespace fusevm::jit
