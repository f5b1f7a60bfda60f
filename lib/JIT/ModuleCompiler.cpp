//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ModuleCompiler.h"

#include "Inliner.h"
#include "Target.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <chrono>
#include <utility>

using namespace llvm;

namespace fusevm::jit {

namespace {

/// Types and constants stay in a context for ever.
constexpr unsigned mostModulesInContext = 200;

/// Adds the milliseconds of its life to a sum.
class Stopwatch {
public:
  explicit Stopwatch(double &sum) : sum(sum) {}
  Stopwatch(const Stopwatch &) = delete;
  Stopwatch &operator=(const Stopwatch &) = delete;
  ~Stopwatch() { sum += std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); }

private:
  using Clock = std::chrono::steady_clock;
  double &sum;
  Clock::time_point begin = Clock::now();
};

/// Makes a loop with a bit of everything: integers, floats, memory, a branch.
void buildWarmUp(Module &module) {
  LLVMContext &context = module.getContext();
  IRBuilder<> builder(context);
  Type *word = builder.getInt64Ty();
  auto *type = FunctionType::get(word, {builder.getPtrTy(), word}, false);
  Function *function = Function::Create(type, Function::ExternalLinkage, "warmUp", module);
  function->setDoesNotThrow();
  BasicBlock *entry = BasicBlock::Create(context, "", function);
  BasicBlock *loop = BasicBlock::Create(context, "", function);
  BasicBlock *end = BasicBlock::Create(context, "", function);
  builder.SetInsertPoint(entry);
  builder.CreateBr(loop);
  builder.SetInsertPoint(loop);
  PHINode *index = builder.CreatePHI(word, 2);
  Value *place = builder.CreateGEP(word, function->getArg(0), index);
  Value *old = builder.CreateLoad(word, place);
  Value *real = builder.CreateFAdd(builder.CreateSIToFP(old, builder.getDoubleTy()),
                                   ConstantFP::get(builder.getDoubleTy(), 0.5));
  Value *isSmall = builder.CreateFCmpOLT(real, ConstantFP::get(builder.getDoubleTy(), 10));
  builder.CreateStore(builder.CreateSelect(isSmall, old, builder.CreateMul(old, index)), place);
  Value *next = builder.CreateAdd(index, builder.getInt64(1));
  index->addIncoming(builder.getInt64(0), entry);
  index->addIncoming(next, loop);
  builder.CreateCondBr(builder.CreateICmpSLT(next, function->getArg(1)), loop, end);
  builder.SetInsertPoint(end);
  builder.CreateRet(next);
}

} // namespace

void ModuleCompiler::Diagnostics::note(const DiagnosticInfo *diagnostic, void *diagnostics) {
  auto &noted = *static_cast<Diagnostics *>(diagnostics);
  // The return address, and what alignment may cost.
  constexpr size_t moreBytes = 32;
  if (const auto *size = dyn_cast<DiagnosticInfoStackSize>(diagnostic))
    noted.frameBytes = std::max<size_t>(noted.frameBytes, size->getStackSize() + moreBytes);
  if (diagnostic->getSeverity() != DS_Error || !noted.problem.empty())
    return;
  raw_string_ostream stream(noted.problem);
  DiagnosticPrinterRawOStream printer(stream);
  diagnostic->print(printer);
}

Expected<std::unique_ptr<ModuleCompiler>> ModuleCompiler::create() {
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine();
  if (!machine)
    return machine.takeError();
  return std::unique_ptr<ModuleCompiler>(new ModuleCompiler(std::move(*machine)));
}

ModuleCompiler::ModuleCompiler(std::unique_ptr<TargetMachine> target)
    : machine(std::move(target)), optimizer(*machine), emitter(*machine), linker(*machine) {
  renewContext();
}

void ModuleCompiler::renewContext() {
  context = std::make_unique<LLVMContext>();
  context->setDiagnosticHandlerCallBack(Diagnostics::note, &diagnostics);
  modulesInContext = 0;
}

std::unique_ptr<Module> ModuleCompiler::makeModule(bool keepsNames) {
  if (++modulesInContext > mostModulesInContext)
    renewContext();
  context->setDiscardValueNames(!keepsNames);
  auto module = std::make_unique<Module>("fusevm", *context);
  module->setTargetTriple(machine->getTargetTriple().str());
  module->setDataLayout(machine->createDataLayout());
  return module;
}

Expected<Blob> ModuleCompiler::compile(Module &module, StringRef entry, FusevmQuality quality,
                                       bool readsMemory, FusevmCompileTimes &times,
                                       const Listing &listing) {
  assert(!verifyModule(module, &errs()) && "the lowering makes valid IR");
  diagnostics.problem.clear();
  // Of a leaf that keeps everything in registers nothing is reported.
  diagnostics.frameBytes = 64;
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    // Nothing from outside ever replaces a function, so they call each other directly.
    function.setDSOLocal(true);
    function.addFnAttr("warn-stack-size", "0");
  }
  {
    Stopwatch watch(times.optimize);
    if (quality != FUSEVM_QUALITY_QUICK)
      inlineCalls(module);
    optimizer.run(module, quality, readsMemory);
    assert(!verifyModule(module, &errs()) && "the passes keep IR valid");
  }
  if (listing.ir) {
    raw_string_ostream stream(*listing.ir);
    module.print(stream, nullptr);
  }
  if (listing.assembly)
    *listing.assembly = emitter.emitAssembly(*CloneModule(module), quality);
  Stopwatch watch(times.emit);
  StringRef object = emitter.emitObject(module, quality);
  if (!diagnostics.problem.empty())
    return createStringError("the code generator says: %s", diagnostics.problem.c_str());
  return linker.link(object, entry);
}

void ModuleCompiler::warmUp(FusevmQuality quality) {
  std::unique_ptr<Module> module = makeModule(/*keepsNames=*/false);
  buildWarmUp(*module);
  FusevmCompileTimes ignored = {};
  Expected<Blob> blob = compile(*module, "warmUp", quality, /*readsMemory=*/true, ignored);
  if (blob)
    cantFail(blob->tracker->remove());
  else
    consumeError(blob.takeError());
}

} // namespace fusevm::jit
