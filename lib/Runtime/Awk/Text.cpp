//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// AWK's text functions but for case conversion.

#include "WhiteSpace.h"

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/Utf8.h"

#include <algorithm>

namespace fusevm::awk {

int64_t length(const Value *value) {
  return value ? static_cast<int64_t>(countCharacters(Text(*value).view())) : 0;
}

static int64_t saturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum))
    return a < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

Value substr(const Value &value, int64_t start, std::optional<int64_t> count) {
  Text text(value);
  std::string_view rest = text.view();
  int64_t end = count ? saturatingAdd(start, *count) : INT64_MAX;
  start = std::max<int64_t>(start, 1);
  if (start >= end)
    return Value::makeStr("");
  rest.remove_prefix(characterOffset(rest, static_cast<size_t>(start - 1)));
  return Value::makeStr(rest.substr(0, characterOffset(rest, static_cast<size_t>(end - start))));
}

int64_t index(const Value &text, const Value &needle) {
  Text haystack(text);
  size_t position = haystack.view().find(Text(needle).view());
  if (position == std::string_view::npos)
    return 0;
  return static_cast<int64_t>(countCharacters(haystack.view().substr(0, position))) + 1;
}

static bool looksNumeric(std::string_view text) {
  text = trimWhiteSpace(text);
  return text.empty() || parseFloat(text).has_value();
}

int compare(const Value &a, const Value &b) {
  Text left(a);
  Text right(b);
  if (!looksNumeric(left.view()) || !looksNumeric(right.view()))
    return left.view().compare(right.view());
  double x = toFloat(a);
  double y = toFloat(b);
  return int{x > y} - int{x < y};
}

Value ord(const Value &value) {
  Text text(value);
  if (text.view().empty())
    return Value::makeFloat(0.0);
  return Value::makeFloat(static_cast<double>(firstCharacter(text.view()).codePoint));
}

Value chr(const Value &value) {
  double number = toFloat(value);
  // Negative numbers and NaN count as 0.
  uint64_t code = number >= 1.0 ? static_cast<uint64_t>(std::min(number, 4294967295.0)) : 0;
  std::string text;
  if (isUnicodeScalar(code))
    appendUtf8(text, static_cast<char32_t>(code));
  return Value::makeStr(text);
}

} // namespace fusevm::awk
