//===- Semantics.h - What the pure ops compute ------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One function for each op that only computes, named like the op: every tier calls it
/// or emits code proven equal to it. All are total.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_RUNTIME_SEMANTICS_H
#define FUSEVM_RUNTIME_SEMANTICS_H

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Runtime/Value.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace fusevm::semantics {

// Integer arithmetic wraps: it is done on unsigned numbers.

inline int64_t wrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t wrappingSub(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t wrappingMul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
/// Shifts by the low 6 bits of the count.
inline int64_t shiftLeft(int64_t a, int64_t n) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) << (static_cast<uint64_t>(n) & 63));
}
inline int64_t shiftRight(int64_t a, int64_t n) { return a >> (static_cast<uint64_t>(n) & 63); }
/// Remainder with the sign of the dividend; 0 for a zero divisor.
inline int64_t remainder(int64_t a, int64_t b) {
  // -1 apart: the quotient of the least integer by -1 does not exist.
  return b == 0 || b == -1 ? 0 : a % b;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

inline Value Add(const Value &a, const Value &b) {
  if (a.isInt() && b.isInt())
    return Value::makeInt(wrappingAdd(a.asInt(), b.asInt()));
  return Value::makeFloat(toFloat(a) + toFloat(b));
}

inline Value Sub(const Value &a, const Value &b) {
  if (a.isInt() && b.isInt())
    return Value::makeInt(wrappingSub(a.asInt(), b.asInt()));
  return Value::makeFloat(toFloat(a) - toFloat(b));
}

inline Value Mul(const Value &a, const Value &b) {
  if (a.isInt() && b.isInt())
    return Value::makeInt(wrappingMul(a.asInt(), b.asInt()));
  return Value::makeFloat(toFloat(a) * toFloat(b));
}

inline Value Div(const Value &a, const Value &b) {
  double divisor = toFloat(b);
  if (divisor == 0.0)
    return Value();
  return Value::makeFloat(toFloat(a) / divisor);
}

inline Value Mod(const Value &a, const Value &b) {
  if (a.isInt() && b.isInt())
    return Value::makeInt(remainder(a.asInt(), b.asInt()));
  return Value::makeFloat(std::fmod(toFloat(a), toFloat(b)));
}

inline Value Pow(const Value &a, const Value &b) {
  return Value::makeFloat(std::pow(toFloat(a), toFloat(b)));
}

inline Value Negate(const Value &a) {
  if (a.isInt())
    return Value::makeInt(wrappingSub(0, a.asInt()));
  return Value::makeFloat(-toFloat(a));
}

inline Value Inc(const Value &a) { return Value::makeInt(wrappingAdd(toInt(a), 1)); }
inline Value Dec(const Value &a) { return Value::makeInt(wrappingSub(toInt(a), 1)); }

//===----------------------------------------------------------------------===//
// Numeric comparison
//===----------------------------------------------------------------------===//

/// Compares two integers exactly, any other pair as floats.
template <typename Compare> bool compareNumbers(const Value &a, const Value &b, Compare compare) {
  if (a.isInt() && b.isInt())
    return compare(a.asInt(), b.asInt());
  return compare(toFloat(a), toFloat(b));
}

#define FUSEVM_COMPARISON(Name, Operator)                                                          \
  inline bool is##Name(const Value &a, const Value &b) {                                           \
    return compareNumbers(a, b, [](auto x, auto y) { return x Operator y; });                      \
  }                                                                                                \
  inline Value Name(const Value &a, const Value &b) { return Value::makeBool(is##Name(a, b)); }
FUSEVM_COMPARISON(NumEq, ==)
FUSEVM_COMPARISON(NumNe, !=)
FUSEVM_COMPARISON(NumLt, <)
FUSEVM_COMPARISON(NumGt, >)
FUSEVM_COMPARISON(NumLe, <=)
FUSEVM_COMPARISON(NumGe, >=)
#undef FUSEVM_COMPARISON

inline Value Spaceship(const Value &a, const Value &b) {
  return Value::makeInt(int64_t{isNumGt(a, b)} - int64_t{isNumLt(a, b)});
}

//===----------------------------------------------------------------------===//
// Logic and bits
//===----------------------------------------------------------------------===//

inline Value LogNot(const Value &a) { return Value::makeBool(!truthy(a)); }
inline Value LogAnd(const Value &a, const Value &b) {
  return Value::makeBool(truthy(a) && truthy(b));
}
inline Value LogOr(const Value &a, const Value &b) {
  return Value::makeBool(truthy(a) || truthy(b));
}
inline Value BitAnd(const Value &a, const Value &b) { return Value::makeInt(toInt(a) & toInt(b)); }
inline Value BitOr(const Value &a, const Value &b) { return Value::makeInt(toInt(a) | toInt(b)); }
inline Value BitXor(const Value &a, const Value &b) { return Value::makeInt(toInt(a) ^ toInt(b)); }
inline Value BitNot(const Value &a) { return Value::makeInt(~toInt(a)); }
inline Value Shl(const Value &a, const Value &n) {
  return Value::makeInt(shiftLeft(toInt(a), toInt(n)));
}
inline Value Shr(const Value &a, const Value &n) {
  return Value::makeInt(shiftRight(toInt(a), toInt(n)));
}

//===----------------------------------------------------------------------===//
// Strings that cannot fail
//===----------------------------------------------------------------------===//

inline Value StringLen(const Value &a) { return Value::makeInt(static_cast<int64_t>(length(a))); }

//===----------------------------------------------------------------------===//
// Float and integer math
//===----------------------------------------------------------------------===//

#define FUSEVM_FLOAT_FUNCTION(Name, Function)                                                      \
  inline Value Name(const Value &x) { return Value::makeFloat(Function(toFloat(x))); }
FUSEVM_FLOAT_FUNCTION(SqrtFloat, std::sqrt)
FUSEVM_FLOAT_FUNCTION(SinFloat, std::sin)
FUSEVM_FLOAT_FUNCTION(CosFloat, std::cos)
FUSEVM_FLOAT_FUNCTION(ExpFloat, std::exp)
FUSEVM_FLOAT_FUNCTION(LogFloat, std::log)
FUSEVM_FLOAT_FUNCTION(AbsFloat, std::fabs)
FUSEVM_FLOAT_FUNCTION(CeilFloat, std::ceil)
FUSEVM_FLOAT_FUNCTION(FloorFloat, std::floor)
FUSEVM_FLOAT_FUNCTION(TruncFloat, std::trunc)
// Ties to even: the rounding mode is the default one, always.
FUSEVM_FLOAT_FUNCTION(RoundFloat, std::nearbyint)
FUSEVM_FLOAT_FUNCTION(TanFloat, std::tan)
FUSEVM_FLOAT_FUNCTION(AsinFloat, std::asin)
FUSEVM_FLOAT_FUNCTION(AcosFloat, std::acos)
FUSEVM_FLOAT_FUNCTION(AtanFloat, std::atan)
FUSEVM_FLOAT_FUNCTION(SinhFloat, std::sinh)
FUSEVM_FLOAT_FUNCTION(CoshFloat, std::cosh)
FUSEVM_FLOAT_FUNCTION(TanhFloat, std::tanh)
FUSEVM_FLOAT_FUNCTION(Log2Float, std::log2)
FUSEVM_FLOAT_FUNCTION(Log10Float, std::log10)
#undef FUSEVM_FLOAT_FUNCTION

inline Value PowFloat(const Value &a, const Value &b) { return Pow(a, b); }
inline Value Atan2Float(const Value &y, const Value &x) {
  return Value::makeFloat(std::atan2(toFloat(y), toFloat(x)));
}

inline Value TruncInt(const Value &x) { return Value::makeInt(toInt(x)); }

/// The magnitude of an integer; that of the least one needs the unsigned type.
inline uint64_t magnitude(int64_t n) {
  return n < 0 ? -static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
}

inline Value AbsInt(const Value &x) {
  return Value::makeInt(static_cast<int64_t>(magnitude(toInt(x))));
}

inline Value GcdInt(const Value &a, const Value &b) {
  return Value::makeInt(static_cast<int64_t>(std::gcd(magnitude(toInt(a)), magnitude(toInt(b)))));
}

inline Value LcmInt(const Value &a, const Value &b) {
  uint64_t x = magnitude(toInt(a));
  uint64_t y = magnitude(toInt(b));
  if (x == 0 || y == 0)
    return Value::makeInt(0);
  uint64_t product = 0;
  constexpr uint64_t cap = std::numeric_limits<int64_t>::max();
  if (__builtin_mul_overflow(x / std::gcd(x, y), y, &product) || product > cap)
    product = cap;
  return Value::makeInt(static_cast<int64_t>(product));
}

} // namespace fusevm::semantics

#endif // FUSEVM_RUNTIME_SEMANTICS_H
