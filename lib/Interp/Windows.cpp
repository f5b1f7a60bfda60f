//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Windows.h"

#include "Machine.h"
#include "StackMemory.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace fusevm {

Windows::~Windows() {
  std::free(registers);
  std::free(returnStack);
}

void Windows::reserveRegisters(size_t count) {
  if (count <= capacity)
    return;
  size_t newCapacity = std::max({count, capacity * 2, size_t(256)});
  registers = reallocateStack(registers, newCapacity, "registers");
  // All zero is Undef.
  std::memset(static_cast<void *>(registers + capacity), 0,
              (newCapacity - capacity) * sizeof(Value));
  capacity = newCapacity;
}

//===----------------------------------------------------------------------===//
// Entering
//===----------------------------------------------------------------------===//

/// Whether the top frame is as the analysis says it is at ip, and not near a limit.
bool Windows::matches(const Machine &machine) const {
  const ChunkAnalysis &analysis = machine.prepared->analysis;
  uint64_t op = machine.ip;
  const WindowLayout &layout = machine.prepared->layouts[analysis.functionOf[op]];
  auto height = static_cast<size_t>(analysis.heights[op]);
  if (machine.stack.size() < height)
    return false;
  size_t stackStart = machine.stack.size() - height;
  size_t frame = machine.frames.size();
  size_t slotsEnd = machine.slots.size();
  for (uint32_t scope = analysis.scopes[op];; scope = analysis.scopeTable[scope - 1].outer) {
    if (frame == 0)
      return false;
    const FrameRecord &record = machine.frames[--frame];
    if (slotsEnd - record.slotBase < layout.slots)
      return false;
    slotsEnd = record.slotBase;
    if (scope == noScope) {
      // There may be more values than the function put there, as the embedder's.
      if (record.isScope || record.stackBase > stackStart)
        return false;
      break;
    }
    if (!record.isScope || record.stackBase != stackStart + analysis.scopeTable[scope - 1].base)
      return false;
  }
  return std::max(stackStart, machine.slots.size()) + layout.size <= machine.limits.maxStackValues;
}

/// Whether no slot of the function holds a value on the heap that should hold scalars only:
/// embedders and callbacks store what they like.
bool Windows::scalarSlotsAre(const Machine &machine) const {
  const ChunkAnalysis &analysis = machine.prepared->analysis;
  const WindowLayout &layout = machine.prepared->layouts[analysis.functionOf[machine.ip]];
  uint32_t depth = analysis.scopeDepth(analysis.scopes[machine.ip]);
  for (uint32_t d = 0; d <= depth; ++d) {
    size_t slotBase = machine.frames[machine.frames.size() - 1 - d].slotBase;
    for (uint32_t i = 0; i != layout.slots; ++i)
      if (layout.isScalar(i) && machine.slots[slotBase + i].isHeap())
        return false;
  }
  return true;
}

Windows::Entry Windows::enter(Machine &machine) {
  if (!matches(machine))
    return Entry::Never;
  if (!scalarSlotsAre(machine))
    return Entry::NotNow;
  const ChunkAnalysis &analysis = machine.prepared->analysis;
  const WindowLayout &layout = machine.prepared->layouts[analysis.functionOf[machine.ip]];
  auto height = static_cast<size_t>(analysis.heights[machine.ip]);
  uint32_t depth = analysis.scopeDepth(analysis.scopes[machine.ip]);
  reserveRegisters(layout.size);
  base = registers;

  for (uint32_t d = 0; d <= depth; ++d) {
    size_t slotBase = machine.frames[machine.frames.size() - 1 - depth + d].slotBase;
    for (uint32_t i = 0; i != layout.slots; ++i)
      base[d * layout.slots + i] = std::move(machine.slots[slotBase + i]);
  }
  Value *top = machine.stack.end();
  for (size_t i = 0; i != height; ++i)
    base[layout.stackBase + i] = std::move(*(top - height + i));
  machine.stack.setEnd(top - height);
  transferBase = machine.stack.size();
  machine.peakStack = std::max(machine.peakStack, transferBase + layout.size);

  if (!returnStack) {
    returnCapacity = 64;
    returnStack = reallocateStack(returnStack, returnCapacity, "returns");
  }
  size_t knownDepth = machine.peakFrames - std::min(machine.peakFrames, machine.frames.size());
  bottom = returns = returnStack;
  returnsEnd = returnStack + std::min(knownDepth, returnCapacity);
  registersEnd = registers + layout.size;
  active = true;
  return Entry::Done;
}

Value *Windows::makeRoom(Machine &machine, Value *newBase, size_t size) {
  size_t frameCount = machine.frames.size() + static_cast<size_t>(returns - bottom) + 1;
  size_t offset = static_cast<size_t>(newBase - registers);
  size_t needed = offset + size / sizeof(Value);
  if (frameCount > machine.limits.maxFrames ||
      std::max(transferBase, machine.slots.size()) + needed > machine.limits.maxStackValues)
    return nullptr;
  machine.peakFrames = std::max(machine.peakFrames, frameCount);
  machine.peakStack = std::max(machine.peakStack, transferBase + needed);

  auto depth = static_cast<size_t>(returns - bottom);
  auto knownDepth = static_cast<size_t>(returnsEnd - bottom);
  if (depth == returnCapacity) {
    returnCapacity *= 2;
    returnStack = reallocateStack(returnStack, returnCapacity, "returns");
  }
  bottom = returnStack;
  returns = bottom + depth;
  returnsEnd = bottom + std::max(knownDepth, depth + 1);

  auto used = static_cast<size_t>(registersEnd - registers);
  auto baseOffset = static_cast<size_t>(base - registers);
  reserveRegisters(needed);
  base = registers + baseOffset;
  registersEnd = registers + std::max(used, needed);
  return registers + offset;
}

//===----------------------------------------------------------------------===//
// Leaving
//===----------------------------------------------------------------------===//

namespace {

/// Values that the caller has on the stack while the callee runs.
uint32_t heightInCall(const Machine &machine, const PreparedOp &call) {
  return static_cast<uint32_t>(machine.prepared->analysis.heights[call.op]) -
         machine.chunk->ops[call.op].b();
}

/// Builds canonical frames from windows, the lowest first.
class FrameBuilder {
public:
  FrameBuilder(Machine &machine, Value *window, const WindowLayout *layout)
      : machine(machine), window(window), layout(layout), stackStart(machine.stack.size()) {
    // The frames that were there before, with their slots.
    size_t first = machine.frames.size() - 1;
    while (machine.frames[first].isScope)
      --first;
    for (size_t frame = first; frame != machine.frames.size(); ++frame, ++depth)
      moveSlots(machine.frames[frame].slotBase);
  }

  void addScope(const PreparedOp &opening) {
    addFrame({.returnIp = uint64_t{opening.op} + 1,
              .stackBase = stackStart + static_cast<size_t>(opening.c),
              .slotBase = machine.slots.size(),
              .isScope = true});
  }

  void addCall(const PreparedOp &call, const WindowLayout *calleeLayout) {
    pushValues(call, heightInCall(machine, call));
    window = reinterpret_cast<Value *>(reinterpret_cast<char *>(window) + call.c);
    layout = calleeLayout;
    stackStart = machine.stack.size();
    depth = 0;
    addFrame({.returnIp = uint64_t{call.op} + 1,
              .stackBase = stackStart,
              .slotBase = machine.slots.size(),
              .isScope = false});
    ++machine.callDepth;
  }

  /// Pushes the values in the stack positions below \p height, with those deferred at
  /// \p code.
  void pushValues(const PreparedOp &code, uint32_t height) {
    machine.stack.reserveMore(height);
    for (uint32_t i = 0; i != height; ++i)
      machine.stack.push(std::move(window[layout->stackBase + i]));
    const std::vector<DeferredValue> &all = machine.prepared->deferred;
    auto index = static_cast<uint32_t>(&code - machine.prepared->code.data());
    auto deferred = std::lower_bound(
        all.begin(), all.end(), index,
        [](const DeferredValue &value, uint32_t number) { return value.code < number; });
    for (; deferred != all.end() && deferred->code == index; ++deferred)
      if (deferred->position < height)
        machine.stack.fromTop(height - 1 - deferred->position) = valueOf(*deferred);
  }

private:
  /// The slots have moved to the frames by now.
  Value valueOf(const DeferredValue &deferred) const {
    auto number = static_cast<uint32_t>(deferred.bits);
    switch (deferred.place) {
    case DeferredValue::Place::Register: {
      auto position = static_cast<uint32_t>(number / sizeof(Value));
      size_t frame = machine.frames.size() - depth + position / layout->slots;
      return machine.slots[machine.frames[frame].slotBase + position % layout->slots];
    }
    case DeferredValue::Place::Global:
      return machine.global(static_cast<uint16_t>(number));
    case DeferredValue::Place::Constant:
      return machine.constant(static_cast<uint16_t>(number));
    case DeferredValue::Place::Scalar:
      break;
    }
    return Value::makeScalar(deferred.kind, deferred.bits);
  }

  void addFrame(const FrameRecord &frame) {
    machine.frames.push_back(frame);
    machine.slots.extend(frame.slotBase + layout->slots);
    moveSlots(frame.slotBase);
    ++depth;
  }

  void moveSlots(size_t slotBase) {
    for (uint32_t i = 0; i != layout->slots; ++i)
      machine.slots[slotBase + i] = std::move(window[depth * layout->slots + i]);
  }

  Machine &machine;
  Value *window;
  const WindowLayout *layout;
  size_t stackStart;
  uint32_t depth = 0;
};

} // namespace

/// The function in whose window the lowest frame is.
static uint32_t lowestFunction(const PreparedChunk &prepared, const Windows::Return *first,
                               const Windows::Return *last, uint64_t op) {
  for (; first != last; ++first)
    if (!(*first & Windows::scopeMark))
      return prepared.analysis.functionOf[(reinterpret_cast<const PreparedOp *>(*first) - 1)->op];
  return prepared.analysis.functionOf[op];
}

void Windows::leave(Machine &machine) {
  if (!active)
    return;
  active = false;
  const PreparedChunk &prepared = *machine.prepared;

  std::vector<Value> operands;
  for (size_t i = transferBase; i < machine.stack.size(); ++i)
    operands.push_back(std::move(machine.stack[i]));
  machine.stack.truncate(transferBase);

  const WindowLayout &lowest = prepared.layouts[lowestFunction(prepared, bottom, returns, op)];
  FrameBuilder builder(machine, registers, &lowest);
  for (Return *entry = bottom; entry != returns; ++entry) {
    if (*entry & scopeMark) {
      builder.addScope(*reinterpret_cast<const PreparedOp *>(*entry - scopeMark));
      continue;
    }
    const PreparedOp &call = *(reinterpret_cast<const PreparedOp *>(*entry) - 1);
    builder.addCall(call,
                    &prepared.layouts[static_cast<size_t>(call.callee - prepared.callees.data())]);
  }
  builder.pushValues(*at, height);
  for (Value &operand : operands)
    machine.stack.push(std::move(operand));
}

} // namespace fusevm
