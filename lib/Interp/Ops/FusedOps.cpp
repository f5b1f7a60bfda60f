//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Fused superinstructions. Slots count as integers and are written as integers; without
/// a frame they read as 0 and writes are lost.

#include "../OpBodies.h"
#include "../OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

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

/// Lets \p body work on copies of two slots and stores them when it is done. Slots that
/// are one and the same end up with the second value.
template <typename Body>
static OpStatus onTwoSlots(Machine &machine, uint16_t first, uint16_t second, Body body) {
  Value a = machine.slot(first);
  Value b = machine.slot(second);
  OpStatus status = body(a, b);
  if (status == OpStatus::Continue &&
      !(setSlot(machine, first, std::move(a)) && setSlot(machine, second, std::move(b))))
    return OpStatus::Failed;
  return status;
}

OpStatus execAccumSumLoop(Machine &machine, const Instruction &instruction) {
  return onTwoSlots(machine, instruction.a(), instruction.b(), [&](Value &sum, Value &counter) {
    accumulateSum(sum, counter, instruction.limit());
    return OpStatus::Continue;
  });
}

OpStatus execConcatConstLoop(Machine &machine, const Instruction &instruction) {
  return onTwoSlots(machine, instruction.b(), instruction.c(), [&](Value &text, Value &counter) {
    return concatRepeatedly(machine, text, counter, machine.constant(instruction.a()),
                            instruction.limit());
  });
}

OpStatus execPushIntRangeLoop(Machine &machine, const Instruction &instruction) {
  Value counter = machine.slot(instruction.b());
  // A slot that cannot be made must be noticed before the array has grown.
  if (!machine.frames.empty() && !machine.slotForWrite(instruction.b()))
    return OpStatus::Failed;
  OpStatus status =
      pushIntRange(machine, machine.globalForWrite(instruction.a()), counter, instruction.limit());
  if (status == OpStatus::Continue)
    setSlot(machine, instruction.b(), std::move(counter));
  return status;
}

} // namespace fusevm
