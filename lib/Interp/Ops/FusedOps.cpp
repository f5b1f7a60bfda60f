//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Fused superinstructions. Slots count as integers and are written as integers; without
/// a frame they read as 0 and writes are lost.

#include "../OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

#include <algorithm>

namespace fusevm {

using semantics::wrappingAdd;

static int64_t slotInteger(const Machine &machine, uint16_t slot) {
  return toInt(machine.slot(slot));
}

/// Writes \p value to \p slot. False, with the pending error set, if it cannot be made.
static bool setSlot(Machine &machine, uint16_t slot, Value value) {
  if (machine.frames.empty())
    return true;
  Value *target = machine.slotForWrite(slot);
  if (!target)
    return false;
  *target = std::move(value);
  return true;
}

/// What a stepping op pushes.
enum class Pushed { Nothing, Old, New };

/// Adds \p step to the integer in \p slot.
static OpStatus stepSlot(Machine &machine, uint16_t slot, int64_t step, Pushed pushed) {
  int64_t old = slotInteger(machine, slot);
  int64_t stepped = wrappingAdd(old, step);
  if (!setSlot(machine, slot, Value::makeInt(stepped)))
    return OpStatus::Failed;
  if (pushed != Pushed::Nothing)
    machine.stack.push(Value::makeInt(pushed == Pushed::Old ? old : stepped));
  return OpStatus::Continue;
}

OpStatus execPreIncSlot(Machine &machine, const Instruction &instruction) {
  return stepSlot(machine, instruction.a(), 1, Pushed::New);
}
OpStatus execPreIncSlotVoid(Machine &machine, const Instruction &instruction) {
  return stepSlot(machine, instruction.a(), 1, Pushed::Nothing);
}
OpStatus execPreDecSlot(Machine &machine, const Instruction &instruction) {
  return stepSlot(machine, instruction.a(), -1, Pushed::New);
}
OpStatus execPostIncSlot(Machine &machine, const Instruction &instruction) {
  return stepSlot(machine, instruction.a(), 1, Pushed::Old);
}
OpStatus execPostDecSlot(Machine &machine, const Instruction &instruction) {
  return stepSlot(machine, instruction.a(), -1, Pushed::Old);
}

OpStatus execSlotLtIntJumpIfFalse(Machine &machine, const Instruction &instruction) {
  if (slotInteger(machine, instruction.a()) >= instruction.limit())
    machine.ip = instruction.target();
  return OpStatus::Continue;
}

OpStatus execSlotIncLtIntJumpBack(Machine &machine, const Instruction &instruction) {
  int64_t stepped = wrappingAdd(slotInteger(machine, instruction.a()), 1);
  if (!setSlot(machine, instruction.a(), Value::makeInt(stepped)))
    return OpStatus::Failed;
  if (stepped < instruction.limit())
    machine.ip = instruction.target();
  return OpStatus::Continue;
}

OpStatus execAddAssignSlotVoid(Machine &machine, const Instruction &instruction) {
  int64_t sum =
      wrappingAdd(slotInteger(machine, instruction.a()), slotInteger(machine, instruction.b()));
  return setSlot(machine, instruction.a(), Value::makeInt(sum)) ? OpStatus::Continue
                                                                : OpStatus::Failed;
}

OpStatus execAccumSumLoop(Machine &machine, const Instruction &instruction) {
  int64_t limit = instruction.limit();
  int64_t sum = slotInteger(machine, instruction.a());
  int64_t i = slotInteger(machine, instruction.b());
  if (i < limit) {
    // i + (i+1) + … + (limit-1), modulo 2^64. The halved product needs one bit more than
    // the modulus.
    auto first = static_cast<unsigned __int128>(static_cast<__int128>(i));
    auto count = static_cast<unsigned __int128>(static_cast<__int128>(limit) - i);
    unsigned __int128 total = count * first + count * (count - 1) / 2;
    sum = wrappingAdd(sum, static_cast<int64_t>(static_cast<uint64_t>(total)));
    i = limit;
  }
  bool done = setSlot(machine, instruction.a(), Value::makeInt(sum)) &&
              setSlot(machine, instruction.b(), Value::makeInt(i));
  return done ? OpStatus::Continue : OpStatus::Failed;
}

OpStatus execConcatConstLoop(Machine &machine, const Instruction &instruction) {
  int64_t limit = instruction.limit();
  size_t maxBytes = machine.limits.maxStringBytes;
  Text piece(machine.constant(instruction.a()), maxBytes);
  std::string built;
  if (piece.tooLarge() || !appendText(built, machine.slot(instruction.b()), maxBytes))
    return machine.failTextTooLarge();
  int64_t i = slotInteger(machine, instruction.c());
  if (i < limit) {
    auto count = static_cast<unsigned __int128>(static_cast<__int128>(limit) - i);
    unsigned __int128 size = built.size() + count * piece.view().size();
    if (size > maxBytes)
      return machine.failTooLarge("string", size, "bytes");
    built.reserve(static_cast<size_t>(size));
    if (!piece.view().empty())
      while (built.size() != static_cast<size_t>(size))
        built += piece.view();
    i = limit;
  }
  bool done = setSlot(machine, instruction.b(), Value::makeStr(built)) &&
              setSlot(machine, instruction.c(), Value::makeInt(i));
  return done ? OpStatus::Continue : OpStatus::Failed;
}

OpStatus execPushIntRangeLoop(Machine &machine, const Instruction &instruction) {
  int64_t limit = instruction.limit();
  int64_t i = slotInteger(machine, instruction.b());
  const Value &old = machine.global(instruction.a());
  size_t size = old.isArray() ? old.asArray().size() : 0;
  if (i < limit) {
    auto total = static_cast<unsigned __int128>(static_cast<__int128>(limit) - i) + size;
    if (total > machine.limits.maxContainerSize)
      return machine.failTooLarge("array", total, "elements");
  }
  if (!setSlot(machine, instruction.b(), Value::makeInt(std::max(i, limit))))
    return OpStatus::Failed;
  Value &global = machine.globalForWrite(instruction.a());
  if (!global.isArray())
    global = Value::makeArray();
  Array &array = global.mutableArray();
  for (; i < limit; ++i)
    array.push(Value::makeInt(i));
  return OpStatus::Continue;
}

} // namespace fusevm
