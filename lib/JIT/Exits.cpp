//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Ways out of native code: snapshots, guards and exits.

#include "Lowering.h"

namespace fusevm::jit {

/// The bits of a scalar that is known; otherwise null.
llvm::ConstantInt *Lowering::constantBits(const Cell &cell) {
  bool isConstant = !cell.bits || llvm::isa<llvm::Constant>(cell.bits);
  return isConstant ? llvm::dyn_cast<llvm::ConstantInt>(bitsOf(cell)) : nullptr;
}

/// Has \p cell, which is not a constant, in the buffer; returns where.
uint32_t Lowering::leaveInBuffer(const Cell &cell, SnapshotBuffer &buffer) {
  auto [place, isNew] = buffer.places.try_emplace({cell.bits, cell.tag}, buffer.size);
  uint32_t result = place->second;
  if (!isNew)
    return result;
  auto *values = contextPointer(offsetof(FusevmNativeContext, values));
  store(bitsOf(cell), field(values, buffer.size++ * 8), ofContext);
  if (cell.rep == Rep::Tagged)
    store(builder.CreateZExt(cell.tag, builder.getInt64Ty()), field(values, buffer.size++ * 8),
          ofContext);
  return result;
}

void Lowering::addSnapshotValue(FusevmPlace place, uint32_t index, const Cell &cell,
                                SnapshotBuffer &buffer) {
  FusevmSnapshotValue value{};
  value.place = place;
  value.index = index;
  value.kind = static_cast<uint8_t>(cell.rep);
  if (cell.rep == Rep::Alias) {
    bool ofGlobal = isGlobal(cell.alias);
    value.from = ofGlobal ? FUSEVM_FROM_GLOBAL : FUSEVM_FROM_SLOT;
    value.source = ofGlobal ? globalOf(cell.alias) : routine->slots[cell.alias];
  } else if (cell.rep == Rep::Pooled) {
    value.from = FUSEVM_FROM_POOL;
    value.source = cell.alias;
  } else if (cell.rep == Rep::Tagged) {
    value.kind = FUSEVM_ANY_KIND;
    value.source = leaveInBuffer(cell, buffer);
  } else if (auto *constant = constantBits(cell)) {
    value.from = FUSEVM_FROM_CONSTANT;
    value.constant = constant->getZExtValue();
  } else {
    value.source = leaveInBuffer(cell, buffer);
  }
  unit.snapshotValues.push_back(value);
}

/// Describes the state and emits the stores for it.
uint32_t Lowering::makeSnapshot(uint64_t op, uint64_t guardOp, FusevmExitReason reason) {
  FusevmSnapshot snapshot{};
  snapshot.op = op;
  snapshot.guard = guardOp;
  snapshot.reason = reason;
  snapshot.height = static_cast<uint32_t>(state.stack.size());
  snapshot.firstValue = static_cast<uint32_t>(unit.snapshotValues.size());
  SnapshotBuffer buffer;
  // Copies of variables first, while these are as they are.
  for (size_t i = 0; i != state.stack.size(); ++i)
    if (state.stack[i].rep != Rep::Memory)
      addSnapshotValue(FUSEVM_PLACE_STACK, static_cast<uint32_t>(i), state.stack[i], buffer);
  for (uint32_t i = 0; i != state.variables.size(); ++i) {
    const Cell &cell = state.variables[i];
    if (!isUnboxed(cell.rep) || !cell.dirty)
      continue;
    if (isGlobal(i))
      addSnapshotValue(FUSEVM_PLACE_GLOBAL, globalOf(i), cell, buffer);
    else
      addSnapshotValue(FUSEVM_PLACE_SLOT, routine->slots[i], cell, buffer);
  }
  snapshot.valueCount = static_cast<uint32_t>(unit.snapshotValues.size()) - snapshot.firstValue;
  unit.bufferSize = std::max<size_t>(unit.bufferSize, buffer.size);
  countCalls();
  // While a call is left the meter is that of the innermost frame.
  if (reason != FUSEVM_EXIT_CALL)
    store(state.meter, field(nativeContext, offsetof(FusevmNativeContext, meter)), ofContext);
  unit.snapshots.push_back(snapshot);
  return static_cast<uint32_t>(unit.snapshots.size() - 1);
}

/// Leaves the routine with \p code: the number of a snapshot, or FUSEVM_LEFT.
void Lowering::returnCode(uint32_t code) {
  if (isDry)
    return;
  if (!routine->isCallee) {
    builder.CreateRet(int32(code));
    return;
  }
  if (code != FUSEVM_LEFT)
    noteFrame(code);
  returnZeros();
}

/// Leaves the unit with the state before \p op.
void Lowering::leave(uint64_t op, uint64_t guardOp, FusevmExitReason reason) {
  if (isDry)
    return countExit();
  returnCode(makeSnapshot(op, guardOp, reason));
}

/// Counts what an exit here has to store.
void Lowering::countExit() {
  if (!isCounting || routine->isCallee)
    return;
  for (const Cell &cell : state.variables)
    exitValues += isUnboxed(cell.rep) && cell.dirty;
}

void Lowering::leaveAt(uint64_t op, FusevmExitReason reason) {
  leave(op, op, reason);
  isTerminated = true;
}

/// \p condition, but for tests false once when guardsLeft has been counted down.
llvm::Value *Lowering::stress(llvm::Value *condition) {
  if (!request.failsGuards)
    return condition;
  auto *address = field(nativeContext, offsetof(FusevmNativeContext, guardsLeft));
  auto *left = builder.CreateSub(load(builder.getInt64Ty(), address, ofContext), int64(1));
  store(left, address, ofContext);
  return builder.CreateAnd(condition, builder.CreateICmpNE(left, int64(0)));
}

/// Goes on here only if \p condition holds; otherwise in \p otherwise.
void Lowering::require(llvm::Value *condition, llvm::BasicBlock *otherwise) {
  if (isDry)
    return;
  llvm::BasicBlock *next = newBlock();
  branchLikely(stress(condition), next, otherwise);
  bool isKnown = contextPointers.block == builder.GetInsertBlock();
  continueIn(next);
  if (isKnown)
    contextPointers.block = next;
}

/// Where control goes when a guard of the current op fails: the unit is left with the state
/// before it, or wherever guards resume.
llvm::BasicBlock *Lowering::exitOfGuards() {
  if (!guardExit) {
    auto point = builder.saveIP();
    guardExit = newColdBlock();
    builder.SetInsertPoint(guardExit);
    leave(resumeOp, currentOp, isInPrologue() ? FUSEVM_EXIT_ENTRY : FUSEVM_EXIT_KIND);
    builder.restoreIP(point);
  }
  return guardExit;
}

/// Goes on only if \p condition holds.
void Lowering::guard(llvm::Value *condition) {
  if (isDry) {
    if (std::exchange(lastExitOp, currentOp) != currentOp)
      countExit();
    return;
  }
  if (auto *known = llvm::dyn_cast<llvm::ConstantInt>(condition); known && known->isOne())
    return;
  require(condition, exitOfGuards());
}

} // namespace fusevm::jit
