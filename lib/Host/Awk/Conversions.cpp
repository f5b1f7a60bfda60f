//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Conversions.h"

#include "Format.h"

#include "fusevm/Runtime/Coercions.h"

#include "absl/strings/ascii.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace fusevm::awk {

namespace {

bool isDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

/// A number at the front of a text, and where it ends; 0 bytes are none.
struct Parsed {
  double number = 0.0;
  size_t size = 0;
};

/// Whether \p text begins with the three letters of \p word, in any case.
bool beginsWith(std::string_view text, std::string_view word) {
  for (size_t i = 0; i != word.size(); ++i)
    if (i == text.size() || absl::ascii_tolower(static_cast<unsigned char>(text[i])) != word[i])
      return false;
  return true;
}

/// What follows the sign of \p text.
Parsed parseUnsigned(std::string_view text, bool hasSign) {
  size_t size = text.size();
  size_t i = 0;
  // Up to 18 digits are an integer that a double has, or is rounded to, as it stands.
  uint64_t integer = 0;
  while (i != size && i != 18 && isDigit(text[i]))
    integer = integer * 10 + static_cast<uint64_t>(text[i++] - '0');
  if (i != 0 &&
      (i == size || (!isDigit(text[i]) && text[i] != '.' && text[i] != 'e' && text[i] != 'E')))
    return {static_cast<double>(integer), i};
  while (i != size && isDigit(text[i]))
    ++i;
  size_t digits = i;
  if (i != size && text[i] == '.') {
    size_t point = i++;
    while (i != size && isDigit(text[i]))
      ++i;
    digits += i - point - 1;
  }
  if (digits == 0) {
    if (hasSign && beginsWith(text, "inf"))
      return {std::numeric_limits<double>::infinity(), 3};
    if (hasSign && beginsWith(text, "nan"))
      return {std::numeric_limits<double>::quiet_NaN(), 3};
    return {};
  }
  if (i != size && (text[i] == 'e' || text[i] == 'E')) {
    size_t exponent = i + 1;
    if (exponent != size && (text[exponent] == '+' || text[exponent] == '-'))
      ++exponent;
    if (exponent != size && isDigit(text[exponent]))
      for (i = exponent; i != size && isDigit(text[i]);)
        ++i;
  }
  // parseFloat also knows what is out of range.
  return {parseFloat(text.substr(0, i)).value_or(0.0), i};
}

Parsed parseNumber(std::string_view text) {
  size_t start = 0;
  while (start != text.size() && isBlank(text[start]))
    ++start;
  bool negative = start != text.size() && text[start] == '-';
  bool hasSign = negative || (start != text.size() && text[start] == '+');
  start += hasSign;
  Parsed parsed = parseUnsigned(text.substr(start), hasSign);
  if (parsed.size == 0)
    return {};
  return {negative ? -parsed.number : parsed.number, start + parsed.size};
}

} // namespace

double leadingNumber(std::string_view text) { return parseNumber(text).number; }

bool looksNumeric(std::string_view text) {
  Parsed parsed = parseNumber(text);
  if (parsed.size == 0)
    return false;
  while (parsed.size != text.size() && isBlank(text[parsed.size]))
    ++parsed.size;
  return parsed.size == text.size();
}

bool isNumber(const Value &value) {
  return value.isInt() || value.isFloat() || value.isBool() || value.isStatus();
}

bool isNumeric(const Value &value) {
  return value.isUndef() || isNumber(value) || (value.isStr() && looksNumeric(value.asStr()));
}

double numberOf(const Value &value) {
  if (value.isStr())
    return leadingNumber(value.asStr());
  if (value.isRef())
    return numberOf(value.asRef());
  if (value.isArray())
    return leadingNumber(Text(value).view());
  return toFloat(value);
}

bool isTrue(const Value &value) {
  if (value.isStr())
    return looksNumeric(value.asStr()) ? leadingNumber(value.asStr()) != 0.0
                                       : !value.asStr().empty();
  return isNumber(value) ? numberOf(value) != 0.0 : truthy(value);
}

void appendInteger(std::string &out, int64_t number) {
  char buffer[20];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), number);
  out.append(buffer, end);
}

void appendNumber(std::string &out, double number, std::string_view format) {
  if (number == std::trunc(number) && std::fabs(number) < 0x1p63)
    return appendInteger(out, static_cast<int64_t>(number));
  if (std::isfinite(number) && number != std::trunc(number) && format == "%.6g") {
    char buffer[32];
    auto [end, error] =
        std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::general, 6);
    out.append(buffer, end);
    return;
  }
  if (number == std::trunc(number) || !std::isfinite(number))
    format = "%d"; // all digits of a large integer, or the word
  Value operand = Value::makeFloat(number);
  // A strange format is used as it is, but it has one number to print.
  formatText(out, format, {&operand, 1}, "%.6g", SIZE_MAX).IgnoreError();
}

void appendValue(std::string &out, const Value &value, std::string_view format) {
  if (value.isStr())
    out += value.asStr();
  else if (value.isInt())
    appendInteger(out, value.asInt());
  else if (isNumber(value))
    appendNumber(out, numberOf(value), format);
  else if (value.isRef())
    appendValue(out, value.asRef(), format);
  else
    out += Text(value).view();
}

} // namespace fusevm::awk
