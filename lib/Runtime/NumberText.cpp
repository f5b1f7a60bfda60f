//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Text of numbers and numbers of text.

#include "fusevm/Runtime/Coercions.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

namespace fusevm {

std::optional<int64_t> parseInt(std::string_view text) {
  // from_chars takes a minus sign but no plus sign.
  std::string_view digits = text;
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-'))
      return std::nullopt;
  }
  int64_t result = 0;
  const char *end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, result);
  if (error != std::errc() || stop != end)
    return std::nullopt;
  return result;
}

/// Compares with a lower-case word.
static bool equalsIgnoreCase(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
    return absl::ascii_tolower(static_cast<unsigned char>(a)) == b;
  });
}

namespace {

/// The parts of a decimal float text that decide its value when it is out of range.
struct FloatGrammar {
  bool valid = false;
  bool nonZero = false;
  /// Decimal exponent of the first non-zero digit; saturated.
  int64_t magnitude = 0;
};

FloatGrammar scanFloat(std::string_view text) {
  FloatGrammar result;
  size_t i = 0;
  size_t digits = 0;
  int64_t integerDigits = 0;
  int64_t firstNonZero = 0;
  auto scanDigits = [&] {
    for (; i != text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i])); ++i) {
      if (!result.nonZero && text[i] != '0') {
        result.nonZero = true;
        firstNonZero = static_cast<int64_t>(digits);
      }
      ++digits;
    }
  };
  scanDigits();
  integerDigits = static_cast<int64_t>(digits);
  if (i != text.size() && text[i] == '.') {
    ++i;
    scanDigits();
  }
  if (digits == 0)
    return result;
  int64_t exponent = 0;
  if (i != text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool negative = false;
    if (i != text.size() && (text[i] == '+' || text[i] == '-'))
      negative = text[i++] == '-';
    size_t start = i;
    for (; i != text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i])); ++i)
      exponent = std::min<int64_t>(exponent * 10 + (text[i] - '0'), int64_t(1) << 50);
    if (i == start)
      return result;
    if (negative)
      exponent = -exponent;
  }
  result.valid = i == text.size();
  result.magnitude = exponent + integerDigits - 1 - firstNonZero;
  return result;
}

} // namespace

std::optional<double> parseFloat(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+'))
    text.remove_prefix(1);
  auto withSign = [negative](double value) { return negative ? -value : value; };
  if (equalsIgnoreCase(text, "inf") || equalsIgnoreCase(text, "infinity"))
    return withSign(std::numeric_limits<double>::infinity());
  if (equalsIgnoreCase(text, "nan"))
    return withSign(std::numeric_limits<double>::quiet_NaN());
  FloatGrammar grammar = scanFloat(text);
  if (!grammar.valid)
    return std::nullopt;
  if (!grammar.nonZero)
    return withSign(0.0);
  double result = 0.0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error == std::errc::result_out_of_range || stop != text.data() + text.size())
    return withSign(grammar.magnitude > 0 ? std::numeric_limits<double>::infinity() : 0.0);
  return withSign(result);
}

/// Whether the decimal expansion of \p value can end one place after the digits.
static bool mayEndAfter(double value, const DecimalDigits &digits) {
  if (value >= 0x1p53)
    return true;
  // An odd multiple of 2^-k has exactly k decimal places.
  int exponent = 0;
  auto mantissa = static_cast<uint64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  int places = 53 - exponent - std::countr_zero(mantissa);
  return places == static_cast<int>(digits.count) - digits.exponent;
}

/// Whether the decimal expansion of \p value is exactly the digits with one more 5: then
/// the digits rounded up are as near.
static bool isExactTie(double value, const DecimalDigits &digits) {
  if (!mayEndAfter(value, digits))
    return false;
  // The longest expansion of a double has 767 significant digits.
  std::array<char, 800> exact;
  auto [end, error] = std::to_chars(exact.data(), exact.data() + exact.size(), value,
                                    std::chars_format::scientific, 770);
  assert(error == std::errc());
  // d.ddd…e±xx: drop the point and the exponent.
  std::string_view text(exact.data(), static_cast<size_t>(end - exact.data()));
  text = text.substr(0, text.find('e'));
  size_t position = digits.count; // index of the digit after D, without the point
  auto digitAt = [text](size_t index) { return text[index == 0 ? 0 : index + 1]; };
  size_t total = text.size() - 1;
  if (position >= total || digitAt(position) != '5')
    return false;
  for (size_t i = position + 1; i != total; ++i)
    if (digitAt(i) != '0')
      return false;
  return true;
}

/// Adds one to the last digit.
static DecimalDigits roundedUp(DecimalDigits digits) {
  unsigned i = digits.count;
  while (i != 0 && digits.digits[i - 1] == '9')
    --i;
  if (i == 0) {
    digits.digits[0] = '1';
    digits.count = 1;
    ++digits.exponent;
    return digits;
  }
  ++digits.digits[i - 1];
  digits.count = i;
  return digits;
}

static bool readsBackAs(const DecimalDigits &digits, double value) {
  std::array<char, 40> text;
  int size = std::snprintf(text.data(), text.size(), "%.*se%d", static_cast<int>(digits.count),
                           digits.digits, digits.exponent - static_cast<int>(digits.count) + 1);
  double result = 0.0;
  std::from_chars(text.data(), text.data() + size, result);
  return result == value;
}

DecimalDigits shortestDigits(double value, TieRule ties) {
  std::array<char, 32> buffer;
  auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::scientific);
  DecimalDigits result{};
  const char *p = buffer.data();
  for (; *p != 'e'; ++p)
    if (*p != '.')
      result.digits[result.count++] = *p;
  ++p;
  if (*p == '+')
    ++p;
  std::from_chars(p, end, result.exponent);
  // to_chars breaks an exact tie to the even digit. Only then can the digit that was
  // dropped be a lone 5, and only an even last digit can have been rounded down.
  bool even = (result.digits[result.count - 1] - '0') % 2 == 0;
  if (ties == TieRule::AwayFromZero && even && isExactTie(value, result)) {
    DecimalDigits up = roundedUp(result);
    if (readsBackAs(up, value))
      return up;
  }
  return result;
}

void appendFloatText(std::string &out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::signbit(value))
    out += '-';
  value = std::fabs(value);
  if (std::isinf(value)) {
    out += "inf";
    return;
  }
  if (value == 0.0) {
    out += '0';
    return;
  }
  DecimalDigits d = shortestDigits(value, TieRule::AwayFromZero);
  std::string_view digits(d.digits, d.count);
  if (d.exponent < 0) {
    out += "0.";
    out.append(static_cast<size_t>(-d.exponent - 1), '0');
    out += digits;
  } else if (static_cast<size_t>(d.exponent) + 1 < digits.size()) {
    size_t whole = static_cast<size_t>(d.exponent) + 1;
    out += digits.substr(0, whole);
    out += '.';
    out += digits.substr(whole);
  } else {
    out += digits;
    out.append(static_cast<size_t>(d.exponent) + 1 - digits.size(), '0');
  }
}

} // namespace fusevm
