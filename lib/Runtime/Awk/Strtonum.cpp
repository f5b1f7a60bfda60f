//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// strtonum: numbers in text, decimal, octal and hexadecimal.

#include "WhiteSpace.h"

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"

#include "absl/strings/ascii.h"

#include <charconv>

namespace fusevm::awk {

static bool isDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

/// Parses all of \p digits; 0 if that is no number of the type or too large for it.
template <typename Integer> static double wholeNumber(std::string_view digits, int base) {
  if (digits.starts_with('+') && !digits.substr(1).starts_with('-'))
    digits.remove_prefix(1);
  Integer number = 0;
  const char *end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  return error == std::errc() && stop == end ? static_cast<double>(number) : 0.0;
}

/// Returns how many bytes at the front of \p text are a decimal number.
static size_t decimalPrefix(std::string_view text) {
  size_t i = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
  size_t digits = 0;
  auto skipDigits = [&] {
    for (; i != text.size() && isDigit(text[i]); ++i)
      ++digits;
  };
  skipDigits();
  if (i != text.size() && text[i] == '.') {
    ++i;
    skipDigits();
  }
  if (digits == 0)
    return 0;
  size_t end = i;
  if (i != text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i != text.size() && (text[i] == '+' || text[i] == '-'))
      ++i;
    digits = 0;
    skipDigits();
    if (digits != 0)
      end = i;
  }
  return end;
}

/// Whether \p text begins with a sign and then "inf" or "nan" as a word.
static bool beginsWithSignedWord(std::string_view text) {
  if (text.size() < 4 || (text[0] != '+' && text[0] != '-') ||
      (text.size() > 4 && absl::ascii_isalnum(static_cast<unsigned char>(text[4]))))
    return false;
  std::string word(text.substr(1, 3));
  absl::AsciiStrToLower(&word);
  return word == "inf" || word == "nan";
}

double strtonum(std::string_view text) {
  text = trimWhiteSpace(text);
  if (text.empty())
    return 0.0;
  char first = text[0];
  bool hasSign = first == '+' || first == '-';
  if (!hasSign && first != '.' && !isDigit(first))
    return 0.0;
  if (text.starts_with("0x") || text.starts_with("0X"))
    return wholeNumber<uint64_t>(text.substr(2), 16);
  if (text.size() > 1 && first == '0' && text.find_first_of(".eE") == std::string_view::npos)
    return wholeNumber<int64_t>(text, 8);
  size_t size = beginsWithSignedWord(text) ? 4 : decimalPrefix(text);
  return parseFloat(text.substr(0, size)).value_or(0.0);
}

} // namespace fusevm::awk
