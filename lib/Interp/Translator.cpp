//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The frame of the translation: layout of windows, labels and jumps, the abstract stack.
/// What becomes of each op is in TranslateOps.cpp, of jumps in TranslateJumps.cpp.

#include "Translator.h"

#include <algorithm>

namespace fusevm {

Translator::Translator(const Chunk &chunk, const CalloutEffects &effects, PreparedChunk &result)
    : chunk(chunk), effects(effects), result(result), analysis(result.analysis) {}

void Translator::run() {
  uint64_t size = chunk.ops.size();
  result.entries.assign(size, PreparedChunk::noEntry);
  result.code.reserve(size / 2 + 8);
  handlers.reserve(size / 2 + 8);
  markLeaders();
  findLoops();
  layOut();
  for (uint64_t op = 0; op < size;) {
    if (!analysis.reached(op) || analysis.functionOf[op] == noFunction) {
      reachable = false;
      ++op;
      continue;
    }
    op = beginOp(op);
    if (op >= size)
      break;
    scopeDepth = analysis.scopeDepth(analysis.scopes[op]);
    reachable = true;
    current = op;
    op += translate(op);
  }
  finishChunk();
}

/// Makes everything ready for the translation of \p op; returns the op that is next, which
/// is a later one where a function begins with ops that have nothing to do.
uint64_t Translator::beginOp(uint64_t op) {
  uint32_t entered = analysis.functionOf[op];
  const FunctionInfo &info = analysis.functions[entered];
  if (info.entry != op) {
    shortenLoop(op);
    if (isLeader(op) || !reachable) {
      if (reachable)
        writeOutAll();
      bind(op);
    }
    return op;
  }
  if (argumentsInSlots[entered]) {
    // The ops that store the arguments are done by the call.
    if (reachable)
      writeOutAll();
    op += info.arguments;
    function = entered;
    layout = &result.layouts[entered];
    stack.clear();
    reachable = true;
    beginFunction(entered);
    if (op < chunk.ops.size())
      bind(op);
    return op;
  }
  if (reachable) {
    current = op - 1;
    jump(op);
  }
  beginFunction(entered);
  PreparedOp &enter = emit(FastEnter, op);
  const WindowLayout &window = result.layouts[entered];
  enter.a = offset(info.arguments);
  enter.b = offset(window.stackBase);
  bind(op);
  return op;
}

/// Begins the code that calls of \p entered go to, which finds the arguments in the first
/// registers.
void Translator::beginFunction(uint32_t entered) {
  calleeEntries[entered] = static_cast<uint32_t>(result.code.size());
  uint32_t slots = result.layouts[entered].slots;
  uint32_t arguments = std::min(analysis.functions[entered].arguments, slots);
  if (arguments == slots || entered == 0) // nobody calls the main program
    return;
  PreparedOp &clear = emit(FastClearSlots, analysis.functions[entered].entry);
  clear.a = offset(arguments);
  clear.b = offset(slots);
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

void Translator::markLeaders() {
  leaders.assign(chunk.ops.size(), false);
  for (uint64_t op = 0; op != chunk.ops.size(); ++op) {
    const Instruction &instruction = chunk.ops[op];
    if (!analysis.reached(op) || instruction.targetOperand() < 0 ||
        instruction.target() >= chunk.ops.size())
      continue;
    leaders[instruction.target()] = true;
    mayHaveCountedLoops = mayHaveCountedLoops || mayEndCountedLoop(op);
  }
}

/// Whether \p info's function begins by storing its arguments in its first slots, and is entered
/// by calls alone. Then they can lie there from the start.
bool Translator::hasArgumentsInSlots(const FunctionInfo &info) const {
  uint64_t entry = info.entry;
  if (info.arguments > chunk.ops.size() - entry)
    return false;
  for (uint32_t i = 0; i != info.arguments; ++i) {
    const Instruction &store = chunk.ops[entry + i];
    if (isLeader(entry + i) || store.opcode() != Opcode::SetSlot ||
        store.a() != info.arguments - 1 - i)
      return false;
  }
  if (entry == 0 || !analysis.reached(entry - 1) ||
      analysis.functionOf[entry - 1] != analysis.functionOf[entry])
    return true;
  ControlKind before = chunk.ops[entry - 1].info().control;
  return before == ControlKind::Jump || before == ControlKind::Return ||
         before == ControlKind::Halt;
}

void Translator::layOut() {
  std::vector<uint32_t> depths(analysis.functions.size(), 0);
  uint64_t scopedOps = analysis.scopeTable.empty() ? 0 : chunk.ops.size();
  for (uint64_t op = 0; op != scopedOps; ++op)
    if (analysis.reached(op) && analysis.functionOf[op] != noFunction) {
      uint32_t depth = analysis.scopeDepth(analysis.scopes[op]);
      if (chunk.ops[op].opcode() == Opcode::PushFrame)
        ++depth;
      uint32_t &deepest = depths[analysis.functionOf[op]];
      deepest = std::max(deepest, depth);
    }
  std::vector<SlotMask> scalarSlots = findScalarSlots(chunk, analysis, leaders);
  calleeEntries.assign(analysis.functions.size(), 0);
  for (size_t i = 0; i != analysis.functions.size(); ++i) {
    const FunctionInfo &info = analysis.functions[i];
    argumentsInSlots.push_back(hasArgumentsInSlots(info));
    uint32_t stackBase = std::max(info.slots * (depths[i] + 1), info.arguments);
    // One more, so that there is a place for a result of a callee without arguments.
    result.layouts.push_back({.slots = info.slots,
                              .stackBase = stackBase,
                              .size = stackBase + info.maxHeight + 1,
                              .scalarSlots = scalarSlots[i]});
  }
}

//===----------------------------------------------------------------------===//
// Labels and jumps
//===----------------------------------------------------------------------===//

/// Begins the code of \p op with every value in its place.
void Translator::bind(uint64_t op) {
  function = analysis.functionOf[op];
  layout = &result.layouts[function];
  stack.clear();
  for (int32_t i = 0; i != analysis.heights[op]; ++i)
    pushOwn(/*mayBeHeap=*/true);
  enterHere(op);
}

/// Lets the fast loop be entered at \p op, which comes next.
void Translator::enterHere(uint64_t op) {
  producer = noProducer;
  lastLabel = result.code.size();
  // Whoever comes in here may have other values on the stack than the ops before left.
  for (Operand &operand : stack)
    operand.mayBeHeap = true;
  if (op < result.entries.size())
    result.entries[op] = static_cast<uint32_t>(result.code.size());
}

PreparedOp &Translator::emit(unsigned handler, uint64_t op) {
  handlers.push_back(static_cast<uint16_t>(handler));
  PreparedOp code{};
  code.op = static_cast<uint32_t>(op);
  result.code.push_back(code);
  producer = front = noProducer;
  scalarSlots = {noSlot, noSlot};
  return result.code.back();
}

/// Makes the last instruction a jump to \p target, made after op \p from.
void Translator::jumpTo(uint64_t target, uint64_t from) {
  jumpTo(target, from, result.code.size() - 1);
}

/// The same for the instruction at \p code.
void Translator::jumpTo(uint64_t target, uint64_t from, size_t code) {
  fixups.push_back({.code = static_cast<uint32_t>(code),
                    .target = target,
                    .from = from,
                    .skipped = 0,
                    .height = static_cast<uint32_t>(stack.size())});
}

/// Sets by how much the meter changes with the jump at \p index: by the distance from the
/// op after it.
void Translator::setDelta(size_t index, int64_t delta) {
  unsigned handler = handlers[index];
  PreparedOp &code = result.code[index];
  auto narrow = static_cast<int32_t>(delta);
  if (handler >= FastLtRITrue && handler <= FastGeAFFalse)
    code.b = narrow;
  else
    code.low = narrow;
}

void Translator::resolve(const Fixup &fixup) {
  PreparedOp &code = result.code[fixup.code];
  uint32_t target = 0;
  if (fixup.target < chunk.ops.size()) {
    target = result.entries[fixup.target];
    assert(target != PreparedChunk::noEntry && "jump to an op without code");
    code.op |= static_cast<uint32_t>(fixup.target);
    setDelta(fixup.code, static_cast<int64_t>(fixup.target) - static_cast<int64_t>(fixup.from) - 1 +
                             fixup.skipped);
  } else {
    code.op |= outOfCode;
    setDelta(fixup.code, fixup.skipped);
    target = finishStub(fixup);
  }
  result.code[fixup.code].c = offsetBetween(fixup.code, target);
}

/// Ends the run with ip at the target of \p fixup.
uint32_t Translator::finishStub(const Fixup &fixup) {
  PreparedOp &finish = emit(FastFinish, fixup.from + 1);
  finish.a = static_cast<int32_t>(fixup.height);
  finish.bits = fixup.target;
  return static_cast<uint32_t>(result.code.size() - 1);
}

void Translator::finishChunk() {
  uint64_t size = chunk.ops.size();
  if (reachable || size == 0) {
    writeOutAll();
    finishStub({.code = 0,
                .target = size,
                .from = size - 1,
                .skipped = 0,
                .height = static_cast<uint32_t>(stack.size())});
  }
  for (const Fixup &fixup : fixups)
    resolve(fixup);
  for (size_t i = 0; i != analysis.functions.size(); ++i) {
    const WindowLayout &window = result.layouts[i];
    result.callees.push_back({.entry = result.code.data() + calleeEntries[i],
                              .windowSize = static_cast<uint32_t>(offset(window.size))});
  }
  for (size_t i = 0; i != result.code.size(); ++i)
    if (handlers[i] == FastCall)
      result.code[i].callee = &result.callees[static_cast<size_t>(result.code[i].integer)];
}

//===----------------------------------------------------------------------===//
// The abstract stack
//===----------------------------------------------------------------------===//

/// The destination with which an instruction overwrites \p target: nothing needs to be
/// released in a slot that holds scalars.
Translator::Destination Translator::releasing(Destination destination, int32_t target) const {
  bool isScalar = destination == ToSlot &&
                  layout->isScalar(static_cast<uint32_t>(target) / uint32_t{sizeof(Value)});
  return isScalar ? ToStack : destination;
}

/// Brings the value at \p position to \p target.
void Translator::load(size_t position, Destination destination, int32_t target) {
  const Operand &operand = stack[position];
  unsigned handler = FastMoveT;
  switch (operand.place) {
  case Operand::Place::Own:
    break;
  case Operand::Place::Slot:
    handler = FastCopyRT;
    break;
  case Operand::Place::Global:
    handler = FastCopyGT;
    break;
  case Operand::Place::Constant:
    handler = FastLoadKT;
    break;
  case Operand::Place::Int:
  case Operand::Place::Float:
  case Operand::Place::Scalar:
    handler = FastLoadScalarT;
    break;
  }
  PreparedOp &code = emit(handler + releasing(destination, target), current);
  code.a = target;
  code.b = operand.isLiteral() ? static_cast<int32_t>(operand.kind) : place(position);
  code.bits = operand.bits;
}

/// Writes a deferred value to its stack position.
void Translator::writeOut(size_t position) {
  if (isOwn(position))
    return;
  load(position, ToStack, stackRegister(position));
  stack[position] = own(stack[position].mayBeHeap);
}

void Translator::writeOutFrom(size_t position) {
  for (; position != stack.size(); ++position)
    writeOut(position);
}

void Translator::writeOutUpTo(size_t end) {
  for (size_t position = 0; position != end; ++position)
    writeOut(position);
}

template <typename Predicate> void Translator::writeOutIf(Predicate predicate) {
  for (size_t i = 0; i != stack.size(); ++i)
    if (predicate(stack[i]))
      writeOut(i);
}

/// Before a slot changes.
void Translator::writeOutSlot(int32_t slot) {
  writeOutIf([slot](const Operand &operand) {
    return operand.place == Operand::Place::Slot && operand.index == static_cast<uint32_t>(slot);
  });
}

/// Before a global changes.
void Translator::writeOutGlobal(uint32_t global) {
  writeOutIf([global](const Operand &operand) {
    return operand.place == Operand::Place::Global && operand.index == global;
  });
}

void Translator::writeOutGlobals() {
  writeOutIf([](const Operand &operand) { return operand.place == Operand::Place::Global; });
}

/// Remembers which values are deferred when the instruction emitted next is left for the
/// baseline loop.
void Translator::recordDeferred() {
  for (size_t i = 0; i != stack.size(); ++i) {
    const Operand &operand = stack[i];
    if (operand.place == Operand::Place::Own)
      continue;
    DeferredValue deferred{.code = static_cast<uint32_t>(result.code.size()),
                           .position = static_cast<uint32_t>(i),
                           .place = DeferredValue::Place::Scalar,
                           .kind = operand.kind,
                           .bits = operand.bits};
    if (!operand.isLiteral())
      deferred.bits = operand.index;
    if (operand.place == Operand::Place::Slot)
      deferred.place = DeferredValue::Place::Register;
    else if (operand.place == Operand::Place::Global)
      deferred.place = DeferredValue::Place::Global;
    else if (operand.place == Operand::Place::Constant)
      deferred.place = DeferredValue::Place::Constant;
    result.deferred.push_back(deferred);
  }
}

/// Drops what is on the stack from \p position on.
void Translator::dropFrom(size_t position) {
  for (size_t i = position; i < stack.size(); ++i)
    if (stack[i].place == Operand::Place::Own && stack[i].mayBeHeap)
      emit(FastDrop, current).a = stackRegister(i);
  stack.resize(std::min(position, stack.size()), own(false));
}

} // namespace fusevm
