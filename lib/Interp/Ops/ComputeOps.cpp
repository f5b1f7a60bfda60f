//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Ops that only compute, and the constants and the stack.

#include "../OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

#include <algorithm>
#include <ctime>

namespace fusevm {

using UnaryFunction = Value (*)(const Value &);
using BinaryFunction = Value (*)(const Value &, const Value &);

static OpStatus unary(Machine &machine, UnaryFunction function) {
  Value a = machine.stack.pop();
  machine.stack.push(function(a));
  return OpStatus::Continue;
}

/// A missing operand is Undef.
static OpStatus lenientBinary(Machine &machine, BinaryFunction function) {
  Value b = machine.stack.pop();
  Value a = machine.stack.pop();
  machine.stack.push(function(a, b));
  return OpStatus::Continue;
}

/// Without two operands nothing happens.
static OpStatus guardedBinary(Machine &machine, BinaryFunction function) {
  if (machine.stack.size() < 2)
    return OpStatus::Continue;
  return lenientBinary(machine, function);
}

#define FUSEVM_HANDLER(Name, Shape)                                                                \
  OpStatus exec##Name(Machine &machine, const Instruction &) {                                     \
    return Shape(machine, semantics::Name);                                                        \
  }

FUSEVM_HANDLER(Add, guardedBinary)
FUSEVM_HANDLER(Sub, guardedBinary)
FUSEVM_HANDLER(Mul, guardedBinary)
FUSEVM_HANDLER(Div, lenientBinary)
FUSEVM_HANDLER(Mod, guardedBinary)
FUSEVM_HANDLER(Pow, lenientBinary)
FUSEVM_HANDLER(Negate, unary)
FUSEVM_HANDLER(Inc, unary)
FUSEVM_HANDLER(Dec, unary)

FUSEVM_HANDLER(NumEq, guardedBinary)
FUSEVM_HANDLER(NumNe, guardedBinary)
FUSEVM_HANDLER(NumLt, guardedBinary)
FUSEVM_HANDLER(NumGt, guardedBinary)
FUSEVM_HANDLER(NumLe, guardedBinary)
FUSEVM_HANDLER(NumGe, guardedBinary)
FUSEVM_HANDLER(Spaceship, guardedBinary)

FUSEVM_HANDLER(LogNot, unary)
FUSEVM_HANDLER(LogAnd, lenientBinary)
FUSEVM_HANDLER(LogOr, lenientBinary)
FUSEVM_HANDLER(BitAnd, lenientBinary)
FUSEVM_HANDLER(BitOr, lenientBinary)
FUSEVM_HANDLER(BitXor, lenientBinary)
FUSEVM_HANDLER(BitNot, unary)
FUSEVM_HANDLER(Shl, lenientBinary)
FUSEVM_HANDLER(Shr, lenientBinary)

FUSEVM_HANDLER(PowFloat, lenientBinary)
FUSEVM_HANDLER(SqrtFloat, unary)
FUSEVM_HANDLER(SinFloat, unary)
FUSEVM_HANDLER(CosFloat, unary)
FUSEVM_HANDLER(ExpFloat, unary)
FUSEVM_HANDLER(Atan2Float, lenientBinary)
FUSEVM_HANDLER(LogFloat, unary)
FUSEVM_HANDLER(AbsFloat, unary)
FUSEVM_HANDLER(TruncInt, unary)
FUSEVM_HANDLER(CeilFloat, unary)
FUSEVM_HANDLER(FloorFloat, unary)
FUSEVM_HANDLER(TruncFloat, unary)
FUSEVM_HANDLER(RoundFloat, unary)
FUSEVM_HANDLER(TanFloat, unary)
FUSEVM_HANDLER(AsinFloat, unary)
FUSEVM_HANDLER(AcosFloat, unary)
FUSEVM_HANDLER(AtanFloat, unary)
FUSEVM_HANDLER(SinhFloat, unary)
FUSEVM_HANDLER(CoshFloat, unary)
FUSEVM_HANDLER(TanhFloat, unary)
FUSEVM_HANDLER(Log2Float, unary)
FUSEVM_HANDLER(Log10Float, unary)
FUSEVM_HANDLER(AbsInt, unary)
FUSEVM_HANDLER(GcdInt, lenientBinary)
FUSEVM_HANDLER(LcmInt, lenientBinary)

#undef FUSEVM_HANDLER

OpStatus execTimeInt(Machine &machine, const Instruction &) {
  machine.stack.push(Value::makeInt(std::max<int64_t>(std::time(nullptr), 0)));
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

OpStatus execNop(Machine &, const Instruction &) { return OpStatus::Continue; }

OpStatus execLoadInt(Machine &machine, const Instruction &instruction) {
  machine.stack.push(Value::makeInt(static_cast<int64_t>(instruction.wide())));
  return OpStatus::Continue;
}

OpStatus execLoadFloat(Machine &machine, const Instruction &instruction) {
  machine.stack.push(Value::makeFloat(instruction.floatValue()));
  return OpStatus::Continue;
}

OpStatus execLoadConst(Machine &machine, const Instruction &instruction) {
  machine.stack.push(machine.constant(instruction.a()));
  return OpStatus::Continue;
}

OpStatus execLoadTrue(Machine &machine, const Instruction &) {
  machine.stack.push(Value::makeBool(true));
  return OpStatus::Continue;
}

OpStatus execLoadFalse(Machine &machine, const Instruction &) {
  machine.stack.push(Value::makeBool(false));
  return OpStatus::Continue;
}

OpStatus execLoadUndef(Machine &machine, const Instruction &) {
  machine.stack.push(Value());
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Stack
//===----------------------------------------------------------------------===//

OpStatus execPop(Machine &machine, const Instruction &) {
  machine.stack.pop();
  return OpStatus::Continue;
}

OpStatus execDup(Machine &machine, const Instruction &) {
  machine.stack.push(machine.top());
  return OpStatus::Continue;
}

OpStatus execDup2(Machine &machine, const Instruction &) {
  if (machine.stack.size() < 2)
    return OpStatus::Continue;
  machine.stack.push(Value(machine.stack.fromTop(1)));
  machine.stack.push(Value(machine.stack.fromTop(1)));
  return OpStatus::Continue;
}

OpStatus execSwap(Machine &machine, const Instruction &) {
  if (machine.stack.size() >= 2)
    machine.stack.fromTop(0).swap(machine.stack.fromTop(1));
  return OpStatus::Continue;
}

OpStatus execRot(Machine &machine, const Instruction &) {
  if (machine.stack.size() >= 3) {
    machine.stack.fromTop(2).swap(machine.stack.fromTop(1));
    machine.stack.fromTop(1).swap(machine.stack.fromTop(0));
  }
  return OpStatus::Continue;
}

} // namespace fusevm
