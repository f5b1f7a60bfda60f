//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Globals, slots, arrays and hashes.

#include "../OpBodies.h"
#include "../OpHandlers.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

namespace fusevm {

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

OpStatus execGetVar(Machine &machine, const Instruction &instruction) {
  machine.stack.push(machine.global(instruction.a()));
  return OpStatus::Continue;
}

OpStatus execSetVar(Machine &machine, const Instruction &instruction) {
  Value value = machine.stack.pop();
  machine.globalForWrite(instruction.a()) = std::move(value);
  return OpStatus::Continue;
}

OpStatus execDeclareVar(Machine &machine, const Instruction &instruction) {
  return execSetVar(machine, instruction);
}
OpStatus execGetArray(Machine &machine, const Instruction &instruction) {
  return execGetVar(machine, instruction);
}
OpStatus execSetArray(Machine &machine, const Instruction &instruction) {
  return execSetVar(machine, instruction);
}
OpStatus execGetHash(Machine &machine, const Instruction &instruction) {
  return execGetVar(machine, instruction);
}
OpStatus execSetHash(Machine &machine, const Instruction &instruction) {
  return execSetVar(machine, instruction);
}

OpStatus execGetSlot(Machine &machine, const Instruction &instruction) {
  machine.stack.push(machine.slot(instruction.a()));
  return OpStatus::Continue;
}

OpStatus execSetSlot(Machine &machine, const Instruction &instruction) {
  if (machine.frames.empty()) {
    machine.stack.pop();
    return OpStatus::Continue;
  }
  Value *slot = machine.slotForWrite(instruction.a());
  if (!slot)
    return OpStatus::Failed;
  *slot = machine.stack.pop();
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

/// Pops an index and pushes that element of \p array, or Undef.
static OpStatus pushElement(Machine &machine, const Value &array) {
  Value index = machine.stack.pop();
  machine.stack.push(elementOf(array, index));
  return OpStatus::Continue;
}

/// Pops an index and a value and stores the value in \p array, if it is one.
static OpStatus popIntoElement(Machine &machine, Value &array) {
  const Value &index = machine.top();
  if (!mayStoreElement(machine, array, index))
    return OpStatus::Failed;
  Value position = machine.stack.pop();
  storeElement(array, position, machine.stack.pop());
  return OpStatus::Continue;
}

OpStatus execSlotArrayGet(Machine &machine, const Instruction &instruction) {
  return pushElement(machine, machine.slot(instruction.a()));
}

OpStatus execSlotArraySet(Machine &machine, const Instruction &instruction) {
  // A slot that was never written holds no array.
  if (machine.slot(instruction.a()).isArray())
    return popIntoElement(machine, *machine.slotForWrite(instruction.a()));
  machine.stack.pop();
  machine.stack.pop();
  return OpStatus::Continue;
}

OpStatus execDeclareArray(Machine &machine, const Instruction &instruction) {
  machine.globalForWrite(instruction.a()) = Value::makeArray();
  return OpStatus::Continue;
}

OpStatus execArrayGet(Machine &machine, const Instruction &instruction) {
  return pushElement(machine, machine.global(instruction.a()));
}

OpStatus execArraySet(Machine &machine, const Instruction &instruction) {
  return popIntoElement(machine, machine.globalForWrite(instruction.a()));
}

OpStatus execArrayPush(Machine &machine, const Instruction &instruction) {
  Value &global = machine.globalForWrite(instruction.a());
  if (!mayPushElement(machine, global))
    return OpStatus::Failed;
  Value value = machine.stack.pop();
  if (global.isArray())
    global.mutableArray().push(std::move(value));
  return OpStatus::Continue;
}

/// Removes an element of a global array with \p take and pushes it.
template <typename Take> static OpStatus takeElement(Machine &machine, uint16_t name, Take take) {
  const Value &global = machine.global(name);
  if (!global.isArray() || global.asArray().empty())
    machine.stack.push(Value());
  else
    machine.stack.push(take(machine.globalForWrite(name).mutableArray()));
  return OpStatus::Continue;
}

OpStatus execArrayPop(Machine &machine, const Instruction &instruction) {
  return takeElement(machine, instruction.a(), [](Array &array) { return array.pop(); });
}

OpStatus execArrayShift(Machine &machine, const Instruction &instruction) {
  return takeElement(machine, instruction.a(), [](Array &array) { return array.shift(); });
}

OpStatus execArrayLen(Machine &machine, const Instruction &instruction) {
  const Value &global = machine.global(instruction.a());
  size_t size = global.isArray() ? global.asArray().size() : 0;
  machine.stack.push(Value::makeInt(static_cast<int64_t>(size)));
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Hashes
//===----------------------------------------------------------------------===//

OpStatus execDeclareHash(Machine &machine, const Instruction &instruction) {
  machine.globalForWrite(instruction.a()) = Value::makeHash();
  return OpStatus::Continue;
}

/// Replaces the key on top of the stack by what \p lookUp returns for its text.
template <typename LookUp> static OpStatus replaceKey(Machine &machine, LookUp lookUp) {
  Value result;
  {
    Text key(machine.top(), machine.limits.maxStringBytes);
    if (key.tooLarge())
      return machine.failTextTooLarge();
    result = lookUp(key.view());
  }
  machine.stack.pop();
  machine.stack.push(std::move(result));
  return OpStatus::Continue;
}

OpStatus execHashGet(Machine &machine, const Instruction &instruction) {
  return replaceKey(machine, [&](std::string_view key) {
    const Value *found = lookUp(machine.global(instruction.a()), key);
    return found ? *found : Value();
  });
}

OpStatus execHashSet(Machine &machine, const Instruction &instruction) {
  const Value &key = machine.top();
  Value missing;
  Value &value = machine.stack.size() < 2 ? missing : machine.stack.fromTop(1);
  OpStatus status = setInHash(machine, machine.globalForWrite(instruction.a()), key, value);
  if (status != OpStatus::Continue)
    return status;
  machine.stack.pop();
  machine.stack.pop();
  return OpStatus::Continue;
}

OpStatus execHashDelete(Machine &machine, const Instruction &instruction) {
  return replaceKey(machine, [&](std::string_view key) {
    // What is not there must not cost a copy of a shared hash.
    if (!lookUp(machine.global(instruction.a()), key))
      return Value();
    return machine.globalForWrite(instruction.a()).mutableHash().erase(key);
  });
}

OpStatus execHashExists(Machine &machine, const Instruction &instruction) {
  return replaceKey(machine, [&](std::string_view key) {
    return Value::makeBool(lookUp(machine.global(instruction.a()), key) != nullptr);
  });
}

/// Pushes an array of a part of each entry of a global hash.
static OpStatus pushEntries(Machine &machine, uint16_t name, Value Hash::Entry::*part) {
  Array result;
  const Value &global = machine.global(name);
  if (global.isHash()) {
    result.reserve(global.asHash().size());
    for (const Hash::Entry &entry : global.asHash())
      result.push(entry.*part);
  }
  machine.stack.push(Value::makeArray(std::move(result)));
  return OpStatus::Continue;
}

OpStatus execHashKeys(Machine &machine, const Instruction &instruction) {
  return pushEntries(machine, instruction.a(), &Hash::Entry::key);
}

OpStatus execHashValues(Machine &machine, const Instruction &instruction) {
  return pushEntries(machine, instruction.a(), &Hash::Entry::value);
}

} // namespace fusevm
