//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What happens between two blocks.

#include "Lowering.h"

namespace fusevm::jit {

/// Joins \p source into \p target; whether that changed it.
bool Lowering::joinCell(Cell &target, const Cell &source) {
  Rep rep = target.rep;
  bool isCopy = rep == Rep::Alias || rep == Rep::Pooled;
  if (rep != source.rep || (isCopy && target.alias != source.alias))
    rep = isUnboxed(rep) && isUnboxed(source.rep) ? Rep::Tagged : Rep::Memory;
  bool dirty = (target.dirty || source.dirty) && isUnboxed(rep);
  Kind object = target.object == source.object ? target.object : Kind::Undef;
  bool hasChanged = rep != target.rep || dirty != target.dirty || object != target.object;
  target.object = object;
  target.rep = rep;
  target.dirty = dirty;
  return hasChanged;
}

bool Lowering::joinCells(std::vector<Cell> &target, const std::vector<Cell> &source) {
  assert(target.size() == source.size() && "states of different shapes");
  bool hasChanged = false;
  for (size_t i = 0; i != target.size(); ++i)
    hasChanged |= joinCell(target[i], source[i]);
  return hasChanged;
}

bool Lowering::joinInto(State &target, const State &source) {
  bool hasChanged = joinCells(target.variables, source.variables);
  hasChanged |= joinCells(target.stack, source.stack);
  for (size_t i = 0; i != target.outer.size(); ++i)
    hasChanged |= joinCells(target.outer[i], source.outer[i]);
  return hasChanged;
}

void Lowering::goTo(uint64_t target) {
  isTerminated = true;
  Block &block = routine->blocks[target];
  if (isCounting) {
    ++block.edges;
    return;
  }
  if (isDry) {
    bool isFirst = !std::exchange(block.isReached, true);
    if (isFirst)
      block.entry = state;
    bool hasChanged = !isFirst && joinInto(block.entry, state);
    if (isFirst || hasChanged)
      enqueue(routine, target);
    return;
  }
  convert(block.entry);
  if (block.edges < 2) {
    // What is reached from here only continues here.
    block.code = builder.GetInsertBlock();
    block.entry = state;
    return;
  }
  if (!block.code)
    makePhis(block);
  addIncoming(block.entry);
  builder.CreateBr(block.code);
}

/// Brings the values of the state to where \p target wants them.
void Lowering::convert(const State &target) {
  auto tag = [&](Cell &cell, const Cell &wanted) {
    if (wanted.rep != Rep::Tagged || cell.rep == Rep::Tagged)
      return;
    bool dirty = cell.dirty;
    cell = {.rep = Rep::Tagged, .dirty = dirty, .bits = bitsOf(cell), .tag = tagOf(cell)};
  };
  // First what may still need its variable.
  for (size_t i = 0; i != state.stack.size(); ++i) {
    Cell &cell = state.stack[i];
    const Cell &wanted = target.stack[i];
    tag(cell, wanted);
    if (wanted.rep == Rep::Memory)
      materialize(i);
  }
  for (uint32_t i = 0; i != state.variables.size(); ++i) {
    Cell &cell = state.variables[i];
    const Cell &wanted = target.variables[i];
    tag(cell, wanted);
    if (wanted.rep == Rep::Memory && isUnboxed(cell.rep)) {
      if (cell.dirty)
        storeCell(variableAddress(i), cell);
      cell = Cell();
    }
    if (wanted.object == Kind::Undef)
      cell.object = Kind::Undef;
  }
  // Those of outer frames are in memory too, always.
  for (size_t frame = 0; frame != state.outer.size(); ++frame)
    for (size_t i = 0; i != state.outer[frame].size(); ++i) {
      Cell &cell = state.outer[frame][i];
      tag(cell, target.outer[frame][i]);
      if (target.outer[frame][i].rep == Rep::Memory)
        cell = Cell();
    }
}

void Lowering::addIncoming(const State &target) {
  llvm::BasicBlock *from = builder.GetInsertBlock();
  auto add = [&](llvm::Value *phi, llvm::Value *value) {
    if (phi)
      llvm::cast<llvm::PHINode>(phi)->addIncoming(value, from);
  };
  auto addCell = [&](const Cell &wanted, const Cell &cell) {
    if (wanted.object != Kind::Undef)
      add(wanted.bits, cell.bits);
    if (!isUnboxed(wanted.rep))
      return;
    if (wanted.rep == Rep::Tagged)
      add(wanted.tag, cell.tag);
    if (wanted.rep != Rep::Undef)
      add(wanted.bits, cell.bits);
  };
  for (size_t i = 0; i != state.variables.size(); ++i)
    addCell(target.variables[i], state.variables[i]);
  for (size_t i = 0; i != state.stack.size(); ++i)
    addCell(target.stack[i], state.stack[i]);
  for (size_t frame = 0; frame != state.outer.size(); ++frame)
    for (size_t i = 0; i != state.outer[frame].size(); ++i)
      addCell(target.outer[frame][i], state.outer[frame][i]);
  add(target.meter, state.meter);
  if (unit.hasCalls)
    add(target.calls, state.calls);
}

//===----------------------------------------------------------------------===//
// Jumps
//===----------------------------------------------------------------------===//

void Lowering::jump(uint64_t op, uint64_t target) {
  if (!request.omitsPolls)
    state.meter = binary(llvm::Instruction::Add, state.meter, int64(target - op - 1));
  if (target >= request.opCount)
    return leaveAt(target, FUSEVM_EXIT_END);
  if (!isReached(target))
    return leaveAt(target, FUSEVM_EXIT_OTHER);
  if (target <= op && !request.omitsPolls)
    poll(target);
  goTo(target);
}

llvm::Value *Lowering::loadFloor() {
  auto *address = contextPointer(offsetof(FusevmNativeContext, meterFloor));
  auto *floor = builder.CreateLoad(builder.getInt64Ty(), address, /*isVolatile=*/true);
  floor->setMetadata(llvm::LLVMContext::MD_tbaa, ofContext);
  return floor;
}

/// Leaves if the run must be stopped or watched more closely.
void Lowering::poll(uint64_t target) {
  if (isDry)
    return;
  auto *isEnough = builder.CreateICmpUGE(state.meter, loadFloor());
  auto *exit = newBlock();
  coldBlocks.push_back(exit);
  auto *next = newBlock();
  branchLikely(isEnough, next, exit);
  builder.SetInsertPoint(exit);
  leave(target, target, FUSEVM_EXIT_POLL);
  continueIn(next);
}

void Lowering::branch(uint64_t op, llvm::Value *condition, uint64_t whenTrue, uint64_t whenFalse) {
  llvm::BasicBlock *taken = newBlock();
  llvm::BasicBlock *notTaken = newBlock();
  emit([&] { return builder.CreateCondBr(condition, taken, notTaken); });
  State before = state;
  auto go = [&](llvm::BasicBlock *block, uint64_t target) {
    continueIn(block);
    if (target != op + 1)
      return jump(op, target);
    if (target >= request.opCount)
      return leaveAt(target, FUSEVM_EXIT_END);
    if (!isReached(target))
      return leaveAt(target, FUSEVM_EXIT_OTHER);
    goTo(target);
  };
  go(notTaken, whenFalse);
  state = std::move(before);
  go(taken, whenTrue);
}

} // namespace fusevm::jit
