//===- Coercions.h - Conversions between kinds ------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Truth, integer, float, text and length of any value, and the text of numbers. All
/// are total; none depends on the locale.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_RUNTIME_COERCIONS_H
#define FUSEVM_RUNTIME_COERCIONS_H

#include "fusevm/Runtime/Value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fusevm {

/// Truth of a value that is neither Bool nor Int.
bool truthySlow(const Value &value);

/// Whether \p value counts as true: not Undef, false, 0, 0.0, "", "0", an empty
/// container or a failure status. NaN is true, and so is the status 0.
inline bool truthy(const Value &value) {
  if (value.isBool())
    return value.asBool();
  if (value.isInt())
    return value.asInt() != 0;
  return truthySlow(value);
}

int64_t toIntSlow(const Value &value);
double toFloatSlow(const Value &value);

/// The integer value: floats truncate toward zero and saturate (NaN is 0), a text must be
/// [+-]digits in full, an array is its length; everything else without a number is 0.
inline int64_t toInt(const Value &value) {
  return value.isInt() ? value.asInt() : toIntSlow(value);
}

/// The float value: integers round to nearest even, a text must be a decimal float (or
/// inf, infinity, nan) in full; everything else without a number, arrays included, is 0.0.
inline double toFloat(const Value &value) {
  if (value.isFloat())
    return value.asFloat();
  if (value.isInt())
    return static_cast<double>(value.asInt());
  return toFloatSlow(value);
}

/// Truncates toward zero and saturates; NaN is 0.
int64_t saturatingTruncate(double value);

/// Parses [+-]digits that fit an i64; nothing before or after.
std::optional<int64_t> parseInt(std::string_view text);

/// Parses a decimal float, correctly rounded; nothing before or after.
std::optional<double> parseFloat(std::string_view text);

/// Length: bytes of a Str, elements of an Array, entries of a Hash, otherwise the bytes
/// of the value's text.
size_t length(const Value &value);

/// Appends the shortest decimal text that reads back as \p value: never an exponent, never
/// a trailing ".0".
void appendFloatText(std::string &out, double value);

/// The digits of a finite, positive float.
struct DecimalDigits {
  char digits[18];
  unsigned count;
  int exponent; ///< decimal exponent of the first digit
};

/// How an exact tie between two shortest digit strings is broken.
enum class TieRule : uint8_t { AwayFromZero, ToEven };

/// Returns the shortest digits that read back as \p value.
DecimalDigits shortestDigits(double value, TieRule ties);

/// Appends the text of \p value to \p out. Returns false, with \p out in an
/// unspecified state, when it would grow beyond \p limit bytes: the text of nested
/// arrays that share elements can be exponentially long.
[[nodiscard]] bool appendText(std::string &out, const Value &value, size_t limit);

/// The text of a value, without a copy where the value has it already. Must not outlive
/// the value.
class Text {
public:
  /// \p limit bounds the text of an array, in bytes.
  explicit Text(const Value &value, size_t limit = SIZE_MAX) {
    if (value.isStr())
      text = value.asStr();
    else
      make(value, limit);
  }
  Text(const Text &) = delete;
  Text &operator=(const Text &) = delete;

  std::string_view view() const { return text; }
  /// Whether the text is longer than the limit; view() is empty then.
  bool tooLarge() const { return overflow; }

private:
  void make(const Value &value, size_t limit);

  std::string_view text;
  std::string buffer; ///< small enough texts need no allocation
  bool overflow = false;
};

/// Returns a copy of the text of \p value.
std::string toStr(const Value &value);

} // namespace fusevm

#endif // FUSEVM_RUNTIME_COERCIONS_H
