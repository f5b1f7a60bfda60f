//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Ops that the host executes.

#include "Lowering.h"

namespace fusevm::jit {

//===----------------------------------------------------------------------===//
// Simple ops
//===----------------------------------------------------------------------===//

/// Calls \p visit with each variable that the op at \p op names.
template <typename Visit> void Lowering::visitVariables(uint64_t op, Visit visit) {
  const Instruction &current = instruction(op);
  const OpInfo &info = current.info();
  for (size_t i = 0; i != info.operands.size(); ++i) {
    auto number = static_cast<uint32_t>(current.operand(i));
    if (info.operands[i].kind == OperandKind::Slot)
      visit(slotVariable(number));
    else if (info.operands[i].kind == OperandKind::Name &&
             (info.has(ReadsGlobals) || info.has(WritesGlobals)))
      visit(globalVariable(number));
  }
}

/// Whether the op at \p op looks at nothing but the values that it takes and the variables
/// that it names, and costs one fuel.
bool Lowering::isSimple(uint64_t op) const {
  const Instruction &current = instruction(op);
  const OpInfo &info = current.info();
  if (info.control != ControlKind::Next || info.fuel != FuelCharge::One || info.has(CallsOut) ||
      !isReached(op + 1))
    return false;
  bool namesSlot = false;
  bool namesGlobal = false;
  for (size_t i = 0; i != info.operands.size(); ++i) {
    namesSlot |= info.operands[i].kind == OperandKind::Slot;
    if (info.operands[i].kind == OperandKind::Name) {
      namesGlobal = true;
      if (!hasGlobal(static_cast<uint32_t>(current.operand(i))))
        return false;
    }
  }
  bool usesSlots = info.has(ReadsSlots) || info.has(WritesSlots);
  bool usesGlobals = info.has(ReadsGlobals) || info.has(WritesGlobals);
  return (namesSlot || !usesSlots) && (namesGlobal || !usesGlobals);
}

/// Brings to memory what a simple op looks at.
void Lowering::spillOperands(uint64_t op) {
  routine->usesWindow = true;
  size_t height = state.stack.size();
  for (size_t i = height - std::min<size_t>(facts(op).pops, height); i != height; ++i)
    materialize(i);
  visitVariables(op, [&](uint32_t variable) {
    Cell &cell = state.variables[variable];
    if (!isUnboxed(cell.rep) || !cell.dirty)
      return;
    storeCell(variableAddress(variable), cell);
    cell.dirty = false;
  });
}

/// Has the host execute a simple op, whose operands are in memory.
void Lowering::emitSimpleCall(uint64_t op) {
  if (isDry)
    return;
  const OpInfo &info = instruction(op).info();
  llvm::Value *end = stackAddress(state.stack.size());
  bool needsSlots = routine->isCallee && (info.has(ReadsSlots) || info.has(WritesSlots));
  llvm::Value *result =
      needsSlots ? callHelper(offsetof(FusevmHelpers, runSimpleOpInCall), builder.getInt32Ty(),
                              {nativeContext, int64(op), end, routine->slotsAddress}, ofValues)
                 : callHelper(offsetof(FusevmHelpers, runSimpleOp), builder.getInt32Ty(),
                              {nativeContext, int64(op), end}, ofValues);
  leaveIfFailed(op, result);
}

/// Leaves the unit if \p status says that the op at \p op has failed.
void Lowering::leaveIfFailed(uint64_t op, llvm::Value *status) {
  llvm::BasicBlock *failed = newColdBlock();
  llvm::BasicBlock *next = newBlock();
  branchLikely(builder.CreateICmpEQ(status, int32(0)), next, failed);
  builder.SetInsertPoint(failed);
  leave(op, op, FUSEVM_EXIT_FAILED);
  continueIn(next);
}

/// Lowers a simple op to a call of its function.
void Lowering::callSimply(uint64_t op) {
  const OpInfo &info = instruction(op).info();
  bool writes = info.has(WritesSlots) || info.has(WritesGlobals);
  if (writes)
    visitVariables(op, [&](uint32_t variable) { materializeAliases(variable); });
  spillOperands(op);
  emitSimpleCall(op);
  size_t kept = state.stack.size() - std::min<size_t>(facts(op).pops, state.stack.size());
  state.stack.resize(kept);
  state.stack.resize(static_cast<size_t>(facts(op + 1).height));
  if (writes)
    visitVariables(op, [&](uint32_t variable) { state.variables[variable] = Cell(); });
  if (instruction(op).opcode() == Opcode::DeclareArray)
    noteObject(globalVariable(instruction(op).a()), Kind::Array);
  if (instruction(op).opcode() == Opcode::DeclareHash)
    noteObject(globalVariable(instruction(op).a()), Kind::Hash);
  uint8_t kind = facts(op).resultKind;
  if (state.stack.size() == kept + 1 && kind != FUSEVM_ANY_KIND && repOfKind(kind) != Rep::Memory)
    top() = loadScalar(repOfKind(kind), stackAddress(kept), ofCells);
}

/// Emits the call of a simple op in \p slow, for when what is emitted for it otherwise cannot
/// be executed; afterwards its results are in memory, and control at \p done.
void Lowering::callSlowly(uint64_t op, llvm::BasicBlock *slow, llvm::BasicBlock *done) {
  routine->usesWindow = true;
  if (isDry)
    return;
  auto point = builder.saveIP();
  State before = state;
  bool wasCold = std::exchange(isCold, true);
  builder.SetInsertPoint(slow);
  spillOperands(op);
  emitSimpleCall(op);
  builder.CreateBr(done);
  isCold = wasCold;
  state = std::move(before);
  builder.restoreIP(point);
}

/// Ends what is done without the host, and begins what is done behind the other way, in
/// \p slow, before both meet.
Lowering::Meeting Lowering::beginMeeting(uint64_t op, llvm::BasicBlock *slow) {
  Meeting ways{builder.GetInsertBlock(), newColdBlock(), newBlock()};
  builder.CreateBr(ways.done);
  callSlowly(op, slow, ways.slowEnd);
  builder.SetInsertPoint(ways.slowEnd);
  return ways;
}

/// Goes on where both ways have met; returns the value that each has.
llvm::PHINode *Lowering::meet(const Meeting &ways, llvm::Value *fast, llvm::Value *slow) {
  builder.CreateBr(ways.done);
  continueIn(ways.done);
  auto *either = builder.CreatePHI(fast->getType(), 2);
  either->addIncoming(fast, ways.fastEnd);
  either->addIncoming(slow, ways.slowEnd);
  return either;
}

/// Ends what is done without the host, as the other way in \p slow does: with its results in
/// memory. \p variable is the container that the op works on.
void Lowering::meetInMemory(uint64_t op, uint32_t variable, llvm::BasicBlock *slow) {
  routine->usesWindow = true;
  if (isDry)
    return;
  Meeting ways = beginMeeting(op, slow);
  Cell &cell = state.variables[variable];
  if (cell.object == Kind::Undef) {
    builder.CreateBr(ways.done);
    return continueIn(ways.done);
  }
  // The host may have made a copy, to change that.
  cell.bits = meet(ways, cell.bits, objectOf(variableAddress(variable), cell.object));
}

//===----------------------------------------------------------------------===//
// All other ops
//===----------------------------------------------------------------------===//

/// Calls the function of an op, which works on memory.
void Lowering::callHost(uint64_t op) {
  const Instruction &current = instruction(op);
  ControlKind control = current.info().control;
  if (routine->isCallee && control != ControlKind::Next)
    return leaveAt(op, FUSEVM_EXIT_OTHER);
  routine->usesWindow = true;
  if (!isDry) {
    uint32_t snapshot = makeSnapshot(op, op, FUSEVM_EXIT_HOST_CALL);
    llvm::Value *result =
        routine->isCallee ? callHelper(offsetof(FusevmHelpers, runOpInCall), builder.getInt32Ty(),
                                       {nativeContext, int32(snapshot), routine->slotsAddress,
                                        routine->stackAddress})
                          : callHelper(offsetof(FusevmHelpers, runOp), builder.getInt32Ty(),
                                       {nativeContext, int32(snapshot)});
    llvm::BasicBlock *left = newBlock();
    llvm::BasicBlock *next = newBlock();
    coldBlocks.push_back(left);
    builder.CreateCondBr(builder.CreateICmpEQ(result, int32(0)), next, left);
    builder.SetInsertPoint(left);
    returnCode(FUSEVM_LEFT);
    continueIn(next);
    state.calls = int64(0);
    state.meter = loadContext(builder.getInt64Ty(), offsetof(FusevmNativeContext, meter));
  }
  // The host leaves the unit itself where it cannot go on here.
  if (control == ControlKind::Return || control == ControlKind::Halt || !isReached(op + 1) ||
      control == ControlKind::Jump || control == ControlKind::Branch) {
    returnCode(FUSEVM_LEFT);
    isTerminated = true;
    return;
  }
  for (Cell &cell : state.variables)
    cell.dirty = false;
  for (Cell &cell : state.stack)
    if (!isUnboxed(cell.rep))
      cell = Cell();
  size_t taken = std::min<size_t>(facts(op).pops, state.stack.size());
  state.stack.resize(state.stack.size() - taken);
  state.stack.resize(static_cast<size_t>(facts(op + 1).height));

  if (control == ControlKind::PushScope || control == ControlKind::PopScope) {
    auto slotsEnd = state.variables.begin() + static_cast<ptrdiff_t>(routine->slots.size());
    if (control == ControlKind::PushScope) {
      state.outer.emplace_back(state.variables.begin(), slotsEnd);
      for (Cell &cell : state.outer.back())
        cell.object = Kind::Undef;
      std::fill(state.variables.begin(), slotsEnd, Cell{.rep = Rep::Undef});
    } else {
      assert(!state.outer.empty() && "a scope that was not opened");
      std::copy(state.outer.back().begin(), state.outer.back().end(), state.variables.begin());
      state.outer.pop_back();
    }
    return;
  }
  forgetVariables(op);
}

/// After an op that may have changed variables.
void Lowering::forgetVariables(uint64_t op) {
  const Instruction &current = instruction(op);
  const OpInfo &info = current.info();
  bool isCallout =
      info.has(CallsOut) || info.control == ControlKind::Call || info.control == ControlKind::Block;
  bool changesSlots = info.has(WritesSlots) || info.has(CallsOut);
  bool changesGlobals = info.has(WritesGlobals) || isCallout;
  resumeOp = op + 1;
  guardExit = nullptr;
  // All are in memory; those that are to be loaded again are not known before they are.
  State known = state;
  auto mayChange = [&](uint32_t variable) {
    return isGlobal(variable) ? changesGlobals : changesSlots;
  };
  for (uint32_t i = 0; i != state.variables.size(); ++i)
    if (mayChange(i))
      state.variables[i] = Cell();
  for (uint32_t i = 0; i != state.variables.size(); ++i) {
    Cell &cell = known.variables[i];
    if (!mayChange(i))
      continue;
    if (facts(op).isAnyKind || !isScalar(cell.rep)) {
      cell = Cell();
      continue;
    }
    llvm::Value *address = variableAddress(i);
    Rep rep = cell.rep;
    guard(compare(llvm::CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(kindOf(rep)))));
    cell = loadScalar(rep, address, ofCells);
  }
  known.meter = state.meter;
  known.calls = state.calls;
  state = std::move(known);
}

} // namespace fusevm::jit
