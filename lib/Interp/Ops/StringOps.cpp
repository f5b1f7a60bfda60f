//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Strings and their comparison.

#include "../OpBodies.h"
#include "../OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

#include <algorithm>

namespace fusevm {

/// The values an op with two lenient operands works on; they stay on the stack.
struct Operands {
  explicit Operands(Machine &machine) {
    size_t depth = machine.stack.size();
    b = depth >= 1 ? &machine.stack.fromTop(0) : &Machine::undef();
    a = depth >= 2 ? &machine.stack.fromTop(1) : &Machine::undef();
  }
  const Value *a;
  const Value *b;
};

/// Replaces the top two values, or what there is of them, by \p result.
static OpStatus replaceOperands(Machine &machine, Value result) {
  machine.stack.drop(std::min<size_t>(machine.stack.size(), 2));
  machine.stack.push(std::move(result));
  return OpStatus::Continue;
}

OpStatus execConcat(Machine &machine, const Instruction &) {
  Value missing;
  Operands operands(machine);
  bool hasLeft = machine.stack.size() >= 2;
  // The left operand is on the stack: if nothing else holds it, it grows in place.
  Value &left = hasLeft ? machine.stack.fromTop(1) : missing;
  Value result;
  OpStatus status = concatenate(machine, result, left, *operands.b, /*givesUp=*/1);
  return status == OpStatus::Continue ? replaceOperands(machine, std::move(result)) : status;
}

OpStatus execStringRepeat(Machine &machine, const Instruction &) {
  Operands operands(machine);
  Text text(*operands.a, machine.limits.maxStringBytes);
  if (text.tooLarge())
    return machine.failTextTooLarge();
  std::string_view piece = text.view();
  int64_t count = piece.empty() ? 0 : std::max<int64_t>(toInt(*operands.b), 0);
  unsigned __int128 size = static_cast<unsigned __int128>(count) * piece.size();
  if (size > machine.limits.maxStringBytes)
    return machine.failTooLarge("string", size, "bytes");
  Value result = Value::makeStr("");
  result.appendStr(piece, static_cast<size_t>(count));
  return replaceOperands(machine, std::move(result));
}

OpStatus execStringLen(Machine &machine, const Instruction &) {
  Value value = machine.stack.pop();
  machine.stack.push(semantics::StringLen(value));
  return OpStatus::Continue;
}

/// Compares the texts of two operands by bytes and pushes what \p toResult makes of the
/// order: negative, zero or positive.
template <typename ToResult> static OpStatus compareTexts(Machine &machine, ToResult toResult) {
  int order = 0;
  {
    Operands operands(machine);
    Text a(*operands.a, machine.limits.maxStringBytes);
    Text b(*operands.b, machine.limits.maxStringBytes);
    if (a.tooLarge() || b.tooLarge())
      return machine.failTextTooLarge();
    order = a.view().compare(b.view());
  }
  return replaceOperands(machine, toResult(order));
}

OpStatus execStrEq(Machine &machine, const Instruction &) {
  return compareTexts(machine, [](int order) { return Value::makeBool(order == 0); });
}
OpStatus execStrNe(Machine &machine, const Instruction &) {
  return compareTexts(machine, [](int order) { return Value::makeBool(order != 0); });
}
OpStatus execStrLt(Machine &machine, const Instruction &) {
  return compareTexts(machine, [](int order) { return Value::makeBool(order < 0); });
}
OpStatus execStrGt(Machine &machine, const Instruction &) {
  return compareTexts(machine, [](int order) { return Value::makeBool(order > 0); });
}
OpStatus execStrLe(Machine &machine, const Instruction &) {
  return compareTexts(machine, [](int order) { return Value::makeBool(order <= 0); });
}
OpStatus execStrGe(Machine &machine, const Instruction &) {
  return compareTexts(machine, [](int order) { return Value::makeBool(order >= 0); });
}
OpStatus execStrCmp(Machine &machine, const Instruction &) {
  return compareTexts(machine, [](int order) { return Value::makeInt((order > 0) - (order < 0)); });
}

} // namespace fusevm
