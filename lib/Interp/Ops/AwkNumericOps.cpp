//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The AWK ops that ask no host: division, the ops for compiled code, random numbers, and
/// AwkSignal.

#include "AwkOps.h"

#include "fusevm/Runtime/AwkBuiltins.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unistd.h>

namespace fusevm {

namespace {

/// The operands of a binary op. Unlike those of other ops they are gone even if it fails.
struct Operands {
  explicit Operands(Machine &machine)
      : b(toFloat(machine.stack.pop())), a(toFloat(machine.stack.pop())) {}
  double b; // the top: popped first
  double a;
};

OpStatus pushFloat(Machine &machine, double number) {
  machine.stack.push(Value::makeFloat(number));
  return OpStatus::Continue;
}

OpStatus divide(Machine &machine) {
  Operands operands(machine);
  if (operands.b == 0.0)
    return machine.fail(ErrorKind::Runtime, "division by zero attempted");
  return pushFloat(machine, operands.a / operands.b);
}

OpStatus remainder(Machine &machine) {
  Operands operands(machine);
  if (operands.b == 0.0)
    return machine.fail(ErrorKind::Runtime, "division by zero attempted in `%'");
  return pushFloat(machine, std::fmod(operands.a, operands.b));
}

/// A root or a logarithm; of a negative number it is NaN, with a warning.
OpStatus ofNonNegative(Machine &machine, std::string_view name, double (*function)(double)) {
  double x = toFloat(machine.stack.pop());
  if (!(x < 0.0))
    return pushFloat(machine, function(x));
  std::string warning = strCat("awk: warning: ", name, ": received negative argument ");
  appendFloatText(warning, x);
  // There is nobody left to tell if this fails.
  writeDescriptor(STDERR_FILENO, warning + "\n").IgnoreError();
  return pushFloat(machine, std::numeric_limits<double>::quiet_NaN());
}

/// The low six bits of a shift count, converted to 32 bits first.
unsigned shiftCount(double count) {
  if (!(count >= 1.0))
    return 0;
  return static_cast<unsigned>(std::min(count, 4294967295.0)) & 63;
}

template <typename Shift> OpStatus shift(Machine &machine, std::string_view name, Shift shift) {
  Operands operands(machine);
  if (operands.a < 0.0 || operands.b < 0.0)
    return machine.fail(ErrorKind::Runtime, strCat(name, ": negative values are not allowed"));
  auto bits = static_cast<uint64_t>(saturatingTruncate(operands.a));
  auto shifted = static_cast<int64_t>(shift(bits, shiftCount(operands.b)));
  return pushFloat(machine, static_cast<double>(shifted));
}

} // namespace

OpStatus execAwkDiv(Machine &machine, const Instruction &) { return divide(machine); }
OpStatus execAwkDivJit(Machine &machine, const Instruction &) { return divide(machine); }
OpStatus execAwkMod(Machine &machine, const Instruction &) { return remainder(machine); }
OpStatus execAwkModJit(Machine &machine, const Instruction &) { return remainder(machine); }

OpStatus execAwkSqrtJit(Machine &machine, const Instruction &) {
  return ofNonNegative(machine, "sqrt", std::sqrt);
}
OpStatus execAwkLogJit(Machine &machine, const Instruction &) {
  return ofNonNegative(machine, "log", std::log);
}

OpStatus execAwkLshiftJit(Machine &machine, const Instruction &) {
  return shift(machine, "lshift", [](uint64_t bits, unsigned count) { return bits << count; });
}
OpStatus execAwkRshiftJit(Machine &machine, const Instruction &) {
  return shift(machine, "rshift", [](uint64_t bits, unsigned count) { return bits >> count; });
}
OpStatus execAwkComplJit(Machine &machine, const Instruction &) {
  double number = toFloat(machine.stack.pop());
  if (number < 0.0)
    return machine.fail(ErrorKind::Runtime, "compl: negative value is not allowed");
  return pushFloat(machine, static_cast<double>(~saturatingTruncate(number)));
}

OpStatus runAwkRand(Machine &machine, uint64_t) {
  return pushFloat(machine, awk::rand(machine.awk.seed));
}

OpStatus runAwkSrand(Machine &machine, uint64_t payload) {
  if (payload == 0)
    return pushFloat(machine, awk::srand(machine.awk.seed, nullptr));
  Value seed = machine.stack.pop();
  return pushFloat(machine, awk::srand(machine.awk.seed, &seed));
}

OpStatus execAwkSignal(Machine &machine, const Instruction &instruction) {
  machine.awk.signal = static_cast<uint8_t>(instruction.a());
  machine.halted = true;
  return OpStatus::Finished;
}

} // namespace fusevm
