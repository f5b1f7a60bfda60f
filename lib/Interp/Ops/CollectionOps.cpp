//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Input and output, and ops that make containers.

#include "../OpBodies.h"
#include "../OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

#include <algorithm>

namespace fusevm {

//===----------------------------------------------------------------------===//
// Input and output
//===----------------------------------------------------------------------===//

static OpStatus print(Machine &machine, uint16_t count, std::string_view terminator) {
  size_t available = std::min<size_t>(count, machine.stack.size());
  std::string text;
  for (size_t i = available; i-- != 0;)
    if (!appendText(text, machine.stack.fromTop(i), machine.limits.maxStringBytes))
      return machine.failTextTooLarge();
  text += terminator;
  machine.output->write(text);
  machine.stack.drop(available);
  return OpStatus::Continue;
}

OpStatus execPrint(Machine &machine, const Instruction &instruction) {
  return print(machine, instruction.a(), "");
}

OpStatus execPrintLn(Machine &machine, const Instruction &instruction) {
  return print(machine, instruction.a(), "\n");
}

OpStatus execReadLine(Machine &machine, const Instruction &) {
  Value line;
  if (!readLineAtHand(machine, line)) {
    if (machine.input->isInteractive())
      machine.output->flush();
    if (!machine.input->awaitLine(machine.interrupted))
      return machine.interruptBeforeOp();
    std::string text;
    if (!machine.input->readLine(text))
      text.clear();
    line = lineValue(text);
  }
  machine.stack.push(std::move(line));
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Collections
//===----------------------------------------------------------------------===//

OpStatus execMakeArray(Machine &machine, const Instruction &instruction) {
  size_t count = std::min<size_t>(instruction.a(), machine.stack.size());
  if (count > machine.limits.maxContainerSize)
    return machine.failTooLarge("array", count, "elements");
  Array elements;
  elements.reserve(count);
  for (size_t i = count; i-- != 0;)
    elements.push(std::move(machine.stack.fromTop(i)));
  machine.stack.drop(count);
  machine.stack.push(Value::makeArray(std::move(elements)));
  return OpStatus::Continue;
}

OpStatus execMakeHash(Machine &machine, const Instruction &instruction) {
  size_t count = std::min<size_t>(instruction.a(), machine.stack.size());
  size_t limit = machine.limits.maxContainerSize;
  Hash entries;
  // An unpaired last value is dropped.
  for (size_t left = count; left >= 2; left -= 2) {
    const Value &key = machine.stack.fromTop(left - 1);
    Text text(key, machine.limits.maxStringBytes);
    if (text.tooLarge())
      return machine.failTextTooLarge();
    entries.set(text.view(), machine.stack.fromTop(left - 2));
    if (entries.size() > limit)
      return machine.failTooLarge("hash", entries.size(), "entries");
  }
  machine.stack.drop(count);
  machine.stack.push(Value::makeHash(std::move(entries)));
  return OpStatus::Continue;
}

/// Pops \p operands values and pushes the integers from \p from on in steps of \p step, as
/// long as they do not pass \p to.
static OpStatus pushRange(Machine &machine, size_t operands, int64_t from, int64_t to,
                          int64_t step) {
  // Distances between 64-bit integers need 65 bits.
  unsigned __int128 count = 0;
  __int128 distance = static_cast<__int128>(to) - from;
  if (step != 0 && (distance == 0 || (distance > 0) == (step > 0)))
    count = static_cast<unsigned __int128>(distance / step) + 1;
  if (count > machine.limits.maxContainerSize)
    return machine.failTooLarge("range", count, "elements");
  Array elements;
  elements.reserve(static_cast<size_t>(count));
  int64_t value = from;
  for (size_t i = 0; i != static_cast<size_t>(count); ++i) {
    elements.push(Value::makeInt(value));
    value = semantics::wrappingAdd(value, step);
  }
  machine.stack.drop(std::min(operands, machine.stack.size()));
  machine.stack.push(Value::makeArray(std::move(elements)));
  return OpStatus::Continue;
}

/// The integer \p depth below the top; 0 if the stack is lower.
static int64_t integerAt(Machine &machine, size_t depth) {
  return depth < machine.stack.size() ? toInt(machine.stack.fromTop(depth)) : 0;
}

OpStatus execRange(Machine &machine, const Instruction &) {
  return pushRange(machine, 2, integerAt(machine, 1), integerAt(machine, 0), 1);
}

OpStatus execRangeStep(Machine &machine, const Instruction &) {
  return pushRange(machine, 3, integerAt(machine, 2), integerAt(machine, 1), integerAt(machine, 0));
}

} // namespace fusevm
