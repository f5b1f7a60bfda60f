//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "BoxedLowering.h"

#include "fusevm/IR/Instruction.h"

#include "llvm/IR/IRBuilder.h"

#include <vector>

namespace fusevm::jit {

/// Ops that a boxed unit may have at most: nobody waits a second for what is not faster.
static constexpr size_t mostBoxedOps = 10'000;

namespace {

class BoxedLowering {
public:
  BoxedLowering(const FusevmJitRequest &request, llvm::Module &module)
      : request(request), module(module), builder(module.getContext()) {}

  void run(llvm::StringRef symbol);

private:
  void lowerOp(uint64_t op);
  llvm::BasicBlock *newBlock() {
    return llvm::BasicBlock::Create(module.getContext(), "", function);
  }
  llvm::Value *loadField(llvm::Type *type, llvm::Value *base, uint64_t offset) {
    return builder.CreateLoad(type, builder.CreateConstGEP1_64(builder.getInt8Ty(), base, offset));
  }

  const FusevmJitRequest &request;
  llvm::Module &module;
  llvm::IRBuilder<> builder;
  llvm::Function *function = nullptr;
  llvm::Value *context = nullptr;
  llvm::Value *step = nullptr;
  /// By op; the last one leaves the unit.
  std::vector<llvm::BasicBlock *> blocks;
  /// Goes to any op.
  llvm::BasicBlock *dispatch = nullptr;
  llvm::PHINode *next = nullptr;
};

void BoxedLowering::run(llvm::StringRef symbol) {
  auto *type = llvm::FunctionType::get(builder.getInt32Ty(), {builder.getPtrTy()}, false);
  function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  // There is nothing to gain, and for so many ways between blocks the time of some passes
  // grows with their square.
  function->addFnAttr(llvm::Attribute::OptimizeNone);
  function->addFnAttr(llvm::Attribute::NoInline);
  context = function->getArg(0);
  builder.SetInsertPoint(newBlock());
  auto *helpers = loadField(builder.getPtrTy(), context, offsetof(FusevmNativeContext, helpers));
  step = loadField(builder.getPtrTy(), helpers, offsetof(FusevmHelpers, step));
  auto *entry = loadField(builder.getInt64Ty(), context, offsetof(FusevmNativeContext, entryOp));
  llvm::BasicBlock *prologue = builder.GetInsertBlock();
  dispatch = newBlock();
  builder.CreateBr(dispatch);

  for (size_t op = 0; op <= request.opCount; ++op)
    blocks.push_back(newBlock());
  builder.SetInsertPoint(dispatch);
  next = builder.CreatePHI(builder.getInt64Ty(), static_cast<unsigned>(request.opCount + 1));
  next->addIncoming(entry, prologue);
  auto *choice = builder.CreateSwitch(next, blocks.back(), static_cast<unsigned>(request.opCount));
  for (size_t op = 0; op != request.opCount; ++op)
    choice->addCase(builder.getInt64(op), blocks[op]);
  for (size_t op = 0; op != request.opCount; ++op)
    lowerOp(op);
  builder.SetInsertPoint(blocks.back());
  builder.CreateRet(builder.getInt32(FUSEVM_LEFT));
}

/// Has the op executed and goes on where control is then; what is likely comes first.
void BoxedLowering::lowerOp(uint64_t op) {
  builder.SetInsertPoint(blocks[op]);
  auto *type = llvm::FunctionType::get(builder.getInt64Ty(),
                                       {builder.getPtrTy(), builder.getInt64Ty()}, false);
  auto *after = builder.CreateCall(type, step, {context, builder.getInt64(op)});
  after->addFnAttr(llvm::Attribute::NoUnwind);
  auto goIfNext = [&](uint64_t target) {
    if (target >= request.opCount)
      return;
    llvm::BasicBlock *otherwise = newBlock();
    builder.CreateCondBr(builder.CreateICmpEQ(after, builder.getInt64(target)), blocks[target],
                         otherwise);
    builder.SetInsertPoint(otherwise);
  };
  const auto &instruction = reinterpret_cast<const Instruction &>(request.ops[op]);
  if (instruction.info().control != ControlKind::Jump)
    goIfNext(op + 1);
  if (instruction.targetOperand() >= 0)
    goIfNext(instruction.target());
  next->addIncoming(after, builder.GetInsertBlock());
  builder.CreateBr(dispatch);
}

} // namespace

LoweredUnit lowerBoxedUnit(const FusevmJitRequest &request, llvm::Module &module) {
  LoweredUnit unit;
  if (request.opCount > mostBoxedOps) {
    unit.refusal = "too many ops without a stack shape";
    return unit;
  }
  unit.symbol = std::string(request.name) + "@any.boxed";
  BoxedLowering(request, module).run(unit.symbol);
  unit.hostOps = request.opCount;
  return unit;
}

} // namespace fusevm::jit
