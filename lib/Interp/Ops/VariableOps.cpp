//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Globals, slots, arrays and hashes.

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
  int64_t index = toInt(machine.stack.pop());
  bool found =
      array.isArray() && index >= 0 && static_cast<uint64_t>(index) < array.asArray().size();
  machine.stack.push(found ? array.asArray()[static_cast<size_t>(index)] : Value());
  return OpStatus::Continue;
}

/// Pops an index and a value and stores the value in \p array, if it is one.
static OpStatus storeElement(Machine &machine, Value *array) {
  size_t depth = machine.stack.size();
  if (array && array->isArray()) {
    int64_t index = depth >= 1 ? toInt(machine.stack.fromTop(0)) : 0;
    if (index < 0)
      return machine.fail(ErrorKind::Runtime, strCat("array index out of range: ", index));
    auto position = static_cast<size_t>(index);
    bool grows = position >= array->asArray().size();
    if (grows && position >= machine.limits.maxContainerSize)
      return machine.failTooLarge("array", static_cast<unsigned __int128>(index) + 1, "elements");
    Value value = depth >= 2 ? Value(std::move(machine.stack.fromTop(1))) : Value();
    Array &elements = array->mutableArray();
    if (grows)
      elements.resize(position + 1);
    elements[position] = std::move(value);
  }
  machine.stack.pop();
  machine.stack.pop();
  return OpStatus::Continue;
}

OpStatus execSlotArrayGet(Machine &machine, const Instruction &instruction) {
  return pushElement(machine, machine.slot(instruction.a()));
}

OpStatus execSlotArraySet(Machine &machine, const Instruction &instruction) {
  // A slot that was never written holds no array.
  bool isArray = machine.slot(instruction.a()).isArray();
  return storeElement(machine, isArray ? machine.slotForWrite(instruction.a()) : nullptr);
}

OpStatus execDeclareArray(Machine &machine, const Instruction &instruction) {
  machine.globalForWrite(instruction.a()) = Value::makeArray();
  return OpStatus::Continue;
}

OpStatus execArrayGet(Machine &machine, const Instruction &instruction) {
  return pushElement(machine, machine.global(instruction.a()));
}

OpStatus execArraySet(Machine &machine, const Instruction &instruction) {
  return storeElement(machine, &machine.globalForWrite(instruction.a()));
}

OpStatus execArrayPush(Machine &machine, const Instruction &instruction) {
  Value &global = machine.globalForWrite(instruction.a());
  if (!global.isArray()) {
    machine.stack.pop();
    return OpStatus::Continue;
  }
  size_t size = global.asArray().size();
  if (size >= machine.limits.maxContainerSize)
    return machine.failTooLarge("array", size + 1, "elements");
  global.mutableArray().push(machine.stack.pop());
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

/// The key on top of the stack, which stays there.
class Key {
public:
  explicit Key(Machine &machine)
      : value(machine.stack.empty() ? Machine::undef() : machine.stack.fromTop(0)),
        text(value, machine.limits.maxStringBytes) {}

  const Value &value;
  Text text;
};

OpStatus execDeclareHash(Machine &machine, const Instruction &instruction) {
  machine.globalForWrite(instruction.a()) = Value::makeHash();
  return OpStatus::Continue;
}

/// Replaces the key on top of the stack by what \p lookUp returns for its text.
template <typename LookUp> static OpStatus replaceKey(Machine &machine, LookUp lookUp) {
  Value result;
  {
    Key key(machine);
    if (key.text.tooLarge())
      return machine.failTextTooLarge();
    result = lookUp(key.text.view());
  }
  machine.stack.pop();
  machine.stack.push(std::move(result));
  return OpStatus::Continue;
}

/// The value of \p key in a global; null if there is none or the global is no hash.
static const Value *findInHash(Machine &machine, uint16_t global, std::string_view key) {
  const Value &hash = machine.global(global);
  return hash.isHash() ? hash.asHash().find(key) : nullptr;
}

OpStatus execHashGet(Machine &machine, const Instruction &instruction) {
  return replaceKey(machine, [&](std::string_view key) {
    const Value *found = findInHash(machine, instruction.a(), key);
    return found ? *found : Value();
  });
}

OpStatus execHashSet(Machine &machine, const Instruction &instruction) {
  Value &global = machine.globalForWrite(instruction.a());
  if (global.isHash()) {
    Key key(machine);
    if (key.text.tooLarge())
      return machine.failTextTooLarge();
    size_t size = global.asHash().size();
    if (size >= machine.limits.maxContainerSize && !global.asHash().find(key.text.view()))
      return machine.failTooLarge("hash", size + 1, "entries");
    Value value = machine.stack.size() >= 2 ? Value(std::move(machine.stack.fromTop(1))) : Value();
    if (key.value.isStr())
      global.mutableHash().set(key.value, std::move(value));
    else
      global.mutableHash().set(key.text.view(), std::move(value));
  }
  machine.stack.pop();
  machine.stack.pop();
  return OpStatus::Continue;
}

OpStatus execHashDelete(Machine &machine, const Instruction &instruction) {
  return replaceKey(machine, [&](std::string_view key) {
    // What is not there must not cost a copy of a shared hash.
    if (!findInHash(machine, instruction.a(), key))
      return Value();
    return machine.globalForWrite(instruction.a()).mutableHash().erase(key);
  });
}

OpStatus execHashExists(Machine &machine, const Instruction &instruction) {
  return replaceKey(machine, [&](std::string_view key) {
    return Value::makeBool(findInHash(machine, instruction.a(), key) != nullptr);
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
