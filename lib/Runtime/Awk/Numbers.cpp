//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// AWK's numeric functions.

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"

#include <cmath>
#include <ctime>
#include <limits>

namespace fusevm::awk {

Value integer(const Value &value) {
  double number = std::trunc(toFloat(value));
  if (number >= -0x1p63 && number <= 0x1p63)
    return Value::makeInt(saturatingTruncate(number));
  return Value::makeFloat(number);
}

double canonicalNaN(double number) {
  return std::isnan(number) ? std::numeric_limits<double>::quiet_NaN() : number;
}

Value sqrt(const Value &x) { return Value::makeFloat(std::sqrt(toFloat(x))); }
Value log(const Value &x) { return Value::makeFloat(std::log(toFloat(x))); }
Value sin(const Value &x) { return Value::makeFloat(canonicalNaN(std::sin(toFloat(x)))); }
Value cos(const Value &x) { return Value::makeFloat(canonicalNaN(std::cos(toFloat(x)))); }
Value exp(const Value &x) { return Value::makeFloat(canonicalNaN(std::exp(toFloat(x)))); }
Value atan2(const Value &y, const Value &x) {
  return Value::makeFloat(canonicalNaN(std::atan2(toFloat(y), toFloat(x))));
}

Value mkbool(const Value &value) { return Value::makeFloat(truthy(value) ? 1.0 : 0.0); }

/// The integer an operand is truncated to, by way of a float.
static int64_t integerOf(const Value &value) { return saturatingTruncate(toFloat(value)); }

Value intdiv(const Value &dividend, const Value &divisor) {
  int64_t b = integerOf(divisor);
  if (b == 0)
    return Value();
  int64_t a = integerOf(dividend);
  if (a == INT64_MIN && b == -1)
    return Value::makeFloat(0x1p63);
  return Value::makeFloat(static_cast<double>(a / b));
}

Value intdiv0(const Value &dividend, const Value &divisor) {
  Value quotient = intdiv(dividend, divisor);
  return quotient.isUndef() ? Value::makeFloat(0.0) : quotient;
}

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

template <typename Operation>
static int64_t fold(absl::Span<const Value> operands, Operation operation) {
  if (operands.empty())
    return 0;
  int64_t result = integerOf(operands[0]);
  for (const Value &operand : operands.subspan(1))
    result = operation(result, integerOf(operand));
  return result;
}

int64_t foldAnd(absl::Span<const Value> operands) {
  return fold(operands, [](int64_t a, int64_t b) { return a & b; });
}
int64_t foldOr(absl::Span<const Value> operands) {
  return fold(operands, [](int64_t a, int64_t b) { return a | b; });
}
int64_t foldXor(absl::Span<const Value> operands) {
  return fold(operands, [](int64_t a, int64_t b) { return a ^ b; });
}

int64_t compl_(const Value &value) { return ~integerOf(value); }

int64_t lshift(const Value &value, const Value &count) {
  return static_cast<int64_t>(static_cast<uint64_t>(integerOf(value)) << (integerOf(count) & 63));
}
int64_t rshift(const Value &value, const Value &count) {
  return static_cast<int64_t>(static_cast<uint64_t>(integerOf(value)) >> (integerOf(count) & 63));
}

//===----------------------------------------------------------------------===//
// Random numbers
//===----------------------------------------------------------------------===//

double rand(uint64_t &seed) {
  seed = seed * 1103515245 + 12345;
  return static_cast<double>(seed >> 16 & 0x7fff) / 32768.0;
}

static uint64_t seedFromClock() {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0)
    return 1;
  return static_cast<uint64_t>(now.tv_sec) ^ static_cast<uint64_t>(now.tv_nsec);
}

double srand(uint64_t &seed, const Value *newSeed) {
  auto previous = static_cast<double>(seed & 0xffffffff);
  if (!newSeed) {
    seed = seedFromClock();
    return previous;
  }
  double number = toFloat(*newSeed);
  seed = number >= 1.0 ? static_cast<uint64_t>(std::fmin(number, 4294967295.0)) : 0;
  return previous;
}

} // namespace fusevm::awk
