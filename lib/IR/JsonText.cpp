//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonText.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <cmath>
#include <cstdlib>

namespace fusevm {

/// Decimal exponents of the leading digit for which a number is written without an exponent.
static constexpr int minPlainExponent = -5;
static constexpr int maxPlainExponent = 15;

static void appendPlain(std::string &out, std::string_view digits, int exponent) {
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<size_t>(-exponent - 1), '0');
    out += digits;
    return;
  }
  size_t integerDigits = static_cast<size_t>(exponent) + 1;
  out += digits.substr(0, integerDigits);
  if (integerDigits < digits.size()) {
    strAppend(out, ".", digits.substr(integerDigits));
    return;
  }
  out.append(integerDigits - digits.size(), '0');
  out += ".0";
}

static void appendScientific(std::string &out, std::string_view digits, int exponent) {
  out += digits[0];
  if (digits.size() > 1)
    strAppend(out, ".", digits.substr(1));
  strAppend(out, exponent < 0 ? "e-" : "e+", std::abs(exponent));
}

static void appendFinite(std::string &out, double value) {
  if (std::signbit(value))
    out += '-';
  if (value == 0) {
    out += "0.0";
    return;
  }
  DecimalDigits decimal = shortestDigits(std::fabs(value), TieRule::ToEven);
  std::string_view digits(decimal.digits, decimal.count);
  if (minPlainExponent <= decimal.exponent && decimal.exponent <= maxPlainExponent)
    appendPlain(out, digits, decimal.exponent);
  else
    appendScientific(out, digits, decimal.exponent);
}

void appendJsonFloat(std::string &out, double value) {
  if (std::isnan(value))
    appendJsonString(out, jsonNaN);
  else if (std::isinf(value))
    appendJsonString(out, value < 0 ? jsonNegativeInfinity : jsonInfinity);
  else
    appendFinite(out, value);
}

/// Appends what stands for \p byte, one that cannot stand for itself.
static void appendEscape(std::string &out, char byte) {
  constexpr std::string_view hexDigits = "0123456789abcdef";
  constexpr std::string_view escaped = "\"\\\b\t\n\f\r";
  constexpr std::string_view letters = "\"\\btnfr";
  out += '\\';
  size_t index = escaped.find(byte);
  if (index != std::string_view::npos) {
    out += letters[index];
    return;
  }
  auto value = static_cast<unsigned char>(byte);
  out += "u00";
  out += hexDigits[value >> 4];
  out += hexDigits[value & 15];
}

void appendJsonString(std::string &out, std::string_view text) {
  out += '"';
  size_t copied = 0;
  for (size_t i = 0; i != text.size(); ++i) {
    char byte = text[i];
    if (static_cast<unsigned char>(byte) >= 0x20 && byte != '"' && byte != '\\')
      continue;
    out += text.substr(copied, i - copied);
    appendEscape(out, byte);
    copied = i + 1;
  }
  out += text.substr(copied);
  out += '"';
}

} // namespace fusevm
