//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "FormatNumber.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace fusevm::awk {

void appendPadded(std::string &out, const FormatSpec &spec, const std::string &text, size_t prefix,
                  bool mayZeroFill) {
  auto width = static_cast<size_t>(spec.width);
  size_t padding = width > text.size() ? width - text.size() : 0;
  if (spec.minus) {
    out += text;
    out.append(padding, ' ');
  } else if (spec.zero && mayZeroFill) {
    out.append(text, 0, prefix);
    out.append(padding, '0');
    out.append(text, prefix);
  } else {
    out.append(padding, ' ');
    out += text;
  }
}

static std::string signText(const FormatSpec &spec, bool negative) {
  return negative ? "-" : spec.plus ? "+" : spec.space ? " " : "";
}

/// Infinities and NaN always have a sign.
static bool appendNonFinite(std::string &out, const FormatSpec &spec, double number) {
  if (std::isfinite(number))
    return false;
  std::string text = std::signbit(number) ? "-" : "+";
  text += std::isnan(number) ? "nan" : "inf";
  if (absl::ascii_isupper(static_cast<unsigned char>(spec.conversion)))
    absl::AsciiStrToUpper(&text);
  appendPadded(out, spec, text, 1, /*mayZeroFill=*/false);
  return true;
}

/// to_chars into as much room as it takes.
template <typename... Arguments> static std::string digitsOf(Arguments... arguments) {
  std::string text(64, '\0');
  for (;;) {
    auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), arguments...);
    if (error == std::errc()) {
      text.resize(static_cast<size_t>(end - text.data()));
      return text;
    }
    text.resize(text.size() * 2);
  }
}

/// Appends digits as an integer conversion does: the precision is the least number of them.
static void appendDigits(std::string &out, const FormatSpec &spec, std::string prefix,
                         std::string digits) {
  if (spec.precision && *spec.precision == 0 && digits == "0")
    digits.clear();
  size_t least = spec.precision ? static_cast<size_t>(*spec.precision) : 0;
  if (digits.size() < least)
    digits.insert(0, least - digits.size(), '0');
  size_t prefixSize = prefix.size();
  appendPadded(out, spec, prefix + digits, prefixSize, /*mayZeroFill=*/!spec.precision);
}

void appendSigned(std::string &out, const FormatSpec &spec, double number) {
  if (appendNonFinite(out, spec, number))
    return;
  number = std::trunc(number);
  std::string digits = digitsOf(std::fabs(number), std::chars_format::fixed, 0);
  appendDigits(out, spec, signText(spec, number < 0), std::move(digits));
}

void appendUnsigned(std::string &out, FormatSpec spec, double number) {
  if (appendNonFinite(out, spec, number))
    return;
  number = std::trunc(number);
  if (number >= 0x1p64 || number < -0x1p63) {
    spec.conversion = 'g';
    return appendFloat(out, spec, number);
  }
  uint64_t bits = number < 0 ? static_cast<uint64_t>(static_cast<int64_t>(number))
                             : static_cast<uint64_t>(number);
  char conversion = spec.conversion;
  std::string digits = digitsOf(bits, conversion == 'u' ? 10 : conversion == 'o' ? 8 : 16);
  if (conversion == 'X')
    absl::AsciiStrToUpper(&digits);
  std::string prefix;
  if (spec.alternative && bits != 0 && conversion != 'u') {
    if (conversion != 'o')
      prefix = {'0', conversion};
    else if (!spec.precision || static_cast<size_t>(*spec.precision) <= digits.size())
      digits.insert(0, 1, '0');
  }
  appendDigits(out, spec, std::move(prefix), std::move(digits));
}

/// %g, which chooses between e and f by the exponent; with # zeros at the end stay.
static std::string generalText(double number, int64_t precision, bool keepZeros) {
  int digits = static_cast<int>(std::max<int64_t>(precision, 1));
  if (!keepZeros)
    return digitsOf(number, std::chars_format::general, digits);
  std::string scientific = digitsOf(number, std::chars_format::scientific, digits - 1);
  int exponent = 0;
  const char *start = scientific.data() + scientific.find('e') + 1;
  std::from_chars(*start == '+' ? start + 1 : start, scientific.data() + scientific.size(),
                  exponent);
  if (exponent < -4 || exponent >= digits)
    return scientific;
  return digitsOf(number, std::chars_format::fixed, digits - 1 - exponent);
}

void appendFloat(std::string &out, const FormatSpec &spec, double number) {
  if (appendNonFinite(out, spec, number))
    return;
  char kind = absl::ascii_tolower(static_cast<unsigned char>(spec.conversion));
  int64_t precision = spec.precision.value_or(6);
  auto digits = static_cast<int>(precision);
  double size = std::fabs(number);
  std::string text;
  if (kind == 'a')
    text = spec.precision ? digitsOf(size, std::chars_format::hex, digits)
                          : digitsOf(size, std::chars_format::hex);
  else if (kind == 'e')
    text = digitsOf(size, std::chars_format::scientific, digits);
  else if (kind == 'f')
    text = digitsOf(size, std::chars_format::fixed, digits);
  else
    text = generalText(size, precision, spec.alternative);
  if (spec.alternative && text.find('.') == std::string::npos)
    text.insert(std::min(text.find_first_of(kind == 'a' ? "p" : "e"), text.size()), 1, '.');
  std::string prefix = signText(spec, std::signbit(number));
  if (kind == 'a')
    prefix += "0x";
  text.insert(0, prefix);
  if (absl::ascii_isupper(static_cast<unsigned char>(spec.conversion)))
    absl::AsciiStrToUpper(&text);
  appendPadded(out, spec, text, prefix.size(), /*mayZeroFill=*/true);
}

} // namespace fusevm::awk
