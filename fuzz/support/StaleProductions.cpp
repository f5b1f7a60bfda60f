//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Programs in which something changes while a copy of it is in use: variables with copies on
/// the stack, containers that are shared, globals across calls, slots of scopes.

#include "StructuredGenerator.h"

namespace fusevm::fuzzing {

void StructuredGenerator::emitStaleStatement() {
  static constexpr Production anywhere[] = {
      {10, &StructuredGenerator::emitStaleCopy},
      {8, &StructuredGenerator::emitGlobalAcrossCall},
      {9, &StructuredGenerator::emitSharing},
      {9, &StructuredGenerator::emitListStep},
  };
  if (!isPlain() && bytes.chance(12))
    return emitScopedReading();
  emitOneOf(anywhere);
}

/// A global that is a number most of the time.
uint16_t StructuredGenerator::pickScalarGlobal() {
  static_assert(numScalarGlobals > 1);
  return globals[1 + bytes.below(speculates ? 2 : numScalarGlobals - 1)];
}

/// Takes a copy of a variable, changes the variable, and then uses the copy.
void StructuredGenerator::emitStaleCopy() {
  bool isSlot = bytes.chance(60);
  auto slot = static_cast<uint16_t>(bytes.below(bounds.slots));
  uint16_t global = bytes.chance(80) ? pickScalarGlobal() : bytes.pick(globals);
  auto get = [&] { isSlot ? builder.GetSlot(slot) : builder.GetVar(global); };
  get();
  switch (bytes.below(5)) {
  case 0:
    emitHardNumber();
    break;
  case 1:
    emitAnyKind();
    break;
  case 2:
    get();
    emitHardNumber();
    builder.Add();
    break;
  case 3:
    if (isSlot) {
      builder.PreIncSlotVoid(slot);
      return emitKeep();
    }
    emitCallValue();
    break;
  default:
    emitElement();
    break;
  }
  if (isSlot)
    builder.SetSlot(slot);
  else
    builder.SetVar(global);
  if (bytes.chance(50)) {
    get();
    builder.emit(Instruction(bytes.chance(50) ? Opcode::Sub : bytes.pick(opLists().comparisons)));
  }
  emitKeep();
}

/// Sets a global, calls, and looks at it again.
void StructuredGenerator::emitGlobalAcrossCall() {
  uint16_t global = pickScalarGlobal();
  if (bytes.chance(50)) {
    emitHardNumber();
  } else {
    builder.GetVar(global);
    builder.Inc();
  }
  builder.SetVar(global);
  if (bytes.chance(30))
    builder.GetVar(global); // stays on the stack while the sub runs
  else
    builder.LoadInt(1);
  if (!isPlain() && bytes.chance(35)) {
    auto count = static_cast<uint8_t>(bytes.below(3));
    for (unsigned i = 0; i != count; ++i)
      emitHardNumber();
    uint16_t id = bytes.chance(50) ? lastSettingCallout : firstSettingCallout;
    builder.CallBuiltin(
        bytes.chance(70) ? id : static_cast<uint16_t>(bytes.below(balancedCalloutIds)), count);
  } else {
    emitCallValue();
  }
  builder.GetVar(global);
  builder.Add();
  emitKeep();
  emitKeep();
}

/// Counts in a global, as subs do for the sake of their callers.
void StructuredGenerator::emitGlobalStep() {
  uint16_t global = pickScalarGlobal();
  builder.GetVar(global);
  if (bytes.chance(50))
    builder.GetSlot(static_cast<uint16_t>(bytes.below(bounds.slots)));
  else
    emitHardNumber();
  builder.emit(bytes.chance(70) ? Instruction::Add() : Instruction::Sub());
  builder.SetVar(global);
}

/// Lets two variables have one array or hash, mostly in some iterations only, and changes it
/// through one of them.
void StructuredGenerator::emitSharing() {
  uint16_t list = builder.name("list");
  uint16_t table = builder.name("table");
  Label isShared = builder.newLabel();
  size_t choice = bytes.below(6);
  uint16_t other = globals[1 + bytes.below(numScalarGlobals - 1)];
  if (bytes.chance(70))
    emitSometimes(isShared);
  switch (choice) {
  case 0:
    builder.GetSlot(0);
    builder.SetVar(other);
    break;
  case 1:
    builder.GetArray(list);
    builder.SetVar(other);
    break;
  case 2:
    builder.GetArray(list);
    builder.SetSlot(0);
    break;
  case 3:
    builder.GetSlot(0);
    builder.SetArray(list);
    break;
  default:
    builder.GetHash(table);
    builder.SetVar(other);
    break;
  }
  builder.bind(isShared);
  if (choice > 3)
    emitEntryStep();
  else if (bytes.chance(40))
    emitListStep();
  else
    emitElementStore();
}

/// Puts something at the end of the array that most programs have, or takes it away, or looks
/// at what there is.
void StructuredGenerator::emitListStep() {
  uint16_t list = builder.name("list");
  switch (bytes.below(8)) {
  case 0:
  case 1:
    bytes.chance(50) ? emitAnyKind() : emitHardNumber();
    return (void)builder.ArrayPush(list);
  case 2:
  case 3:
    builder.ArrayPop(list);
    break;
  case 4:
    builder.ArrayShift(list);
    break;
  case 5:
    builder.ArrayLen(list);
    break;
  case 6: // a text, in whose place a number is put
    emitKey();
    emitIndex();
    return (void)builder.ArraySet(list);
  default:
    emitArrayEdge();
    break;
  }
  emitKeep();
}

/// Opens a scope, whose slots hold nothing yet, and looks at them.
void StructuredGenerator::emitScopedReading() {
  auto slot = static_cast<uint16_t>(bytes.below(bounds.slots));
  builder.PushFrame();
  if (bytes.chance(40)) {
    emitHardNumber();
    builder.SetSlot(static_cast<uint16_t>(bytes.below(bounds.slots)));
  }
  builder.GetSlot(slot);
  if (bytes.chance(40)) {
    builder.LoadInt(1);
    builder.Add();
  }
  builder.SetVar(pickScalarGlobal());
  if (bytes.chance(30))
    emitListStep();
  builder.PopFrame();
}

/// Pops a value to where it is seen at the end: into a variable, an array or a text.
void StructuredGenerator::emitKeep() {
  switch (bytes.below(8)) {
  case 0:
  case 1:
    return (void)builder.ArrayPush(builder.name("list"));
  case 2:
    builder.GetVar(globals.front());
    builder.Swap();
    builder.Concat();
    return (void)builder.SetVar(globals.front());
  default:
    return emitStore();
  }
}

/// Two elements that follow each other, and several things that are computed from them. The
/// compiler cannot know them.
void StructuredGenerator::emitBattery() {
  static constexpr Opcode hard[] = {
      Opcode::Mod,      Opcode::Mod,   Opcode::Div,   Opcode::Mul,   Opcode::Shl,
      Opcode::Shr,      Opcode::Add,   Opcode::Sub,   Opcode::NumEq, Opcode::NumNe,
      Opcode::NumLt,    Opcode::NumLe, Opcode::NumGt, Opcode::NumGe, Opcode::Spaceship,
      Opcode::TruncInt, Opcode::LogNot};
  auto counter = static_cast<uint16_t>(loopSlot() - 1);
  auto left = static_cast<uint16_t>(1 + bytes.below(bounds.slots - 2));
  auto right = static_cast<uint16_t>(left + 1);
  builder.GetSlot(counter);
  builder.SlotArrayGet(0);
  builder.SetSlot(left);
  builder.GetSlot(counter);
  builder.Inc();
  builder.SlotArrayGet(0);
  builder.SetSlot(right);
  for (size_t count = 2 + bytes.below(5); count != 0; --count) {
    Opcode opcode = bytes.pick(hard);
    if (bytes.chance(40))
      opcode = bytes.pick(bytes.chance(85) ? opLists().chained : opLists().awkChained);
    builder.GetSlot(bytes.chance(80) ? left : right);
    if (opInfo(opcode).pops == 2)
      builder.GetSlot(bytes.chance(80) ? right : left);
    builder.emit(Instruction(opcode));
    if (bytes.chance(20)) {
      Label end = builder.newLabel();
      builder.emitJump(bytes.chance(50) ? Instruction::JumpIfFalse(0) : Instruction::JumpIfTrue(0),
                       end);
      emitSlotStep();
      builder.bind(end);
    } else {
      emitKeep();
    }
  }
}

} // namespace fusevm::fuzzing
