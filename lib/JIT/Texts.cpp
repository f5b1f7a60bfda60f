//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Ops on texts: what is done without the host if the operands are Str.

#include "Lowering.h"

namespace fusevm::jit {

using llvm::CmpInst;

bool Lowering::lowerTexts(uint64_t op) {
  if (!isReached(op + 1))
    return false;
  switch (instruction(op).opcode()) {
  case Opcode::StringLen:
    return textLength(op);
  case Opcode::Concat:
    concat(op);
    return true;
  case Opcode::StringRepeat:
    return false;
  default:
    return compareTexts(op);
  }
}

/// Ends what is done without the host: control goes to where both ways meet, and the
/// operands, which hold nothing any more, are dropped. The result is \p fast, of kind \p rep,
/// or what the host has left in memory.
void Lowering::meetSlowWay(uint64_t op, llvm::BasicBlock *slow, Rep rep, llvm::Value *fast) {
  size_t position = state.stack.size() - facts(op).pops;
  llvm::Value *result = nullptr;
  if (isDry) {
    routine->usesWindow = true;
  } else {
    Meeting ways = beginMeeting(op, slow);
    Cell loaded = loadScalar(rep, stackAddress(position), ofCells);
    result = meet(ways, fast, loaded.bits);
  }
  state.stack.resize(position);
  push(make(rep, result));
}

/// The length of a text. Other values are left to the host.
bool Lowering::textLength(uint64_t op) {
  if (isUnboxed(top().rep))
    return false;
  size_t position = state.stack.size() - 1;
  llvm::BasicBlock *slow = newColdBlock();
  llvm::Value *text = textOrSlow(top(), position, slow);
  llvm::Value *size =
      load(builder.getInt64Ty(), field(text, offsetof(FusevmString, size)), ofArrays);
  if (top().rep == Rep::Memory)
    releaseIfHeap(stackAddress(position));
  meetSlowWay(op, slow, Rep::Int, size);
  return true;
}

/// Whether two texts are the same; different sizes tell without a call.
llvm::Value *Lowering::sameText(llvm::Value *a, llvm::Value *b) {
  if (isDry)
    return nullptr;
  auto sizeOf = [&](llvm::Value *text) {
    return load(builder.getInt64Ty(), field(text, offsetof(FusevmString, size)), ofArrays);
  };
  llvm::BasicBlock *start = builder.GetInsertBlock();
  llvm::BasicBlock *differ = newBlock();
  llvm::BasicBlock *look = newBlock();
  llvm::BasicBlock *done = newBlock();
  builder.CreateCondBr(builder.CreateICmpEQ(a, b), done, differ);
  continueIn(differ);
  builder.CreateCondBr(builder.CreateICmpEQ(sizeOf(a), sizeOf(b)), look, done);
  continueIn(look);
  auto *isSame = builder.CreateICmpNE(
      callHelper(offsetof(FusevmHelpers, isSameText), builder.getInt32Ty(), {a, b}, ofHeap),
      int32(0));
  builder.CreateBr(done);
  continueIn(done);
  auto *result = builder.CreatePHI(builder.getInt1Ty(), 3);
  result->addIncoming(builder.getTrue(), start);
  result->addIncoming(builder.getFalse(), differ);
  result->addIncoming(isSame, look);
  return result;
}

bool Lowering::compareTexts(uint64_t op) {
  if (isUnboxed(top().rep) || isUnboxed(top(1).rep))
    return false;
  size_t position = state.stack.size() - 2;
  llvm::BasicBlock *slow = newColdBlock();
  llvm::Value *a = textOrSlow(top(1), position, slow);
  llvm::Value *b = textOrSlow(top(), position + 1, slow);
  Opcode opcode = instruction(op).opcode();
  llvm::Value *result = nullptr;
  if (opcode == Opcode::StrEq || opcode == Opcode::StrNe) {
    result = sameText(a, b);
    if (opcode == Opcode::StrNe)
      result = emit([&] { return builder.CreateNot(result); });
  } else {
    llvm::Value *order =
        callHelper(offsetof(FusevmHelpers, compareTexts), builder.getInt64Ty(), {a, b}, ofHeap);
    auto test = [&](CmpInst::Predicate predicate) { return compare(predicate, order, int64(0)); };
    switch (opcode) {
    case Opcode::StrLt:
      result = test(CmpInst::ICMP_SLT);
      break;
    case Opcode::StrGt:
      result = test(CmpInst::ICMP_SGT);
      break;
    case Opcode::StrLe:
      result = test(CmpInst::ICMP_SLE);
      break;
    case Opcode::StrGe:
      result = test(CmpInst::ICMP_SGE);
      break;
    default:
      assert(opcode == Opcode::StrCmp && "not a comparison of texts");
      result = order;
      break;
    }
  }
  for (unsigned depth : {0, 1})
    if (top(depth).rep == Rep::Memory)
      releaseIfHeap(stackAddress(state.stack.size() - 1 - depth));
  meetSlowWay(op, slow, opcode == Opcode::StrCmp ? Rep::Int : Rep::Bool, result);
  return true;
}

//===----------------------------------------------------------------------===//
// Concatenation
//===----------------------------------------------------------------------===//

/// The variable to which the Concat at \p op appends: the one that its left operand is a copy
/// of, if the next op stores the result there.
std::optional<uint32_t> Lowering::appendTarget(uint64_t op) const {
  const Cell &left = state.stack[state.stack.size() - 2];
  uint64_t next = op + 1;
  if (left.rep != Rep::Alias || !isReached(next + 1) || routine->blocks.contains(next))
    return std::nullopt;
  const Instruction &store = instruction(next);
  std::optional<uint32_t> target;
  switch (store.opcode()) {
  case Opcode::SetSlot:
    target = slotVariable(store.a());
    break;
  case Opcode::SetVar:
  case Opcode::DeclareVar:
    if (hasGlobal(store.a()))
      target = globalVariable(store.a());
    break;
  default:
    break;
  }
  return target == left.alias ? target : std::nullopt;
}

/// Joins the top two values. A text that only its variable or its stack position holds grows
/// in place.
void Lowering::concat(uint64_t op) {
  routine->usesWindow = true;
  size_t position = state.stack.size() - 2;
  std::optional<uint32_t> variable = appendTarget(op);
  if (variable) {
    // All copies but the one that is appended to.
    for (size_t i = 0; i != state.stack.size(); ++i)
      if (i != position && state.stack[i].rep == Rep::Alias && state.stack[i].alias == *variable)
        materialize(i);
  }
  if (isUnboxed(top().rep))
    materialize(position + 1);
  if (isUnboxed(top(1).rep))
    materialize(position);
  llvm::Value *left = addressOf(top(1), position);
  llvm::Value *right = addressOf(top(), position + 1);
  llvm::Value *target = variable ? left : stackAddress(position);
  if (!variable && top(1).rep != Rep::Memory)
    store(int32(numberOf(Kind::Undef)), target, ofCells);
  llvm::Value *status = callHelper(offsetof(FusevmHelpers, concat), builder.getInt32Ty(),
                                   {nativeContext, int64(op), target, left, right}, ofValues);
  if (!isDry)
    leaveIfFailed(op, status);
  dropTop();
  drop();
  if (variable) {
    state.variables[*variable] = Cell();
    fusedOps = 1;
    if (request.countsOps)
      countOp(op + 1);
  } else {
    push(Cell());
  }
}

} // namespace fusevm::jit
