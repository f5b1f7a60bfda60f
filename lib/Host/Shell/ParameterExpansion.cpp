//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ParameterExpansion.h"

#include "Pattern.h"
#include "TextLocale.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/Utf8.h"

#include <algorithm>
#include <cassert>

namespace fusevm::shell {

bool isTextModifier(ParamModifier modifier) {
  switch (modifier) {
  case ParamModifier::StripShort:
  case ParamModifier::StripLong:
  case ParamModifier::RStripShort:
  case ParamModifier::RStripLong:
  case ParamModifier::SubstFirst:
  case ParamModifier::SubstAll:
  case ParamModifier::Upper:
  case ParamModifier::Lower:
  case ParamModifier::UpperFirst:
  case ParamModifier::LowerFirst:
  case ParamModifier::Slice:
    return true;
  case ParamModifier::Default:
  case ParamModifier::Assign:
  case ParamModifier::Error:
  case ParamModifier::Alternate:
  case ParamModifier::Length:
  case ParamModifier::Indirect:
  case ParamModifier::Keys:
    break;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Substitution
//===----------------------------------------------------------------------===//

static std::string substituteAtEnd(std::string_view text, std::string_view patternText,
                                   std::string_view replacement) {
  bool atStart = patternText.front() == '#';
  Pattern pattern(patternText.substr(1));
  std::optional<size_t> size = atStart ? pattern.longestPrefix(text) : pattern.longestSuffix(text);
  if (!size)
    return std::string(text);
  std::string result(replacement);
  if (atStart)
    return result += text.substr(*size);
  return std::string(text.substr(0, text.size() - *size)) += replacement;
}

std::string substitute(std::string_view text, std::string_view patternText,
                       std::string_view replacement, bool all) {
  if (patternText.empty())
    return std::string(text);
  if (!all && (patternText.front() == '#' || patternText.front() == '%'))
    return substituteAtEnd(text, patternText, replacement);
  Pattern pattern(patternText);
  std::string result;
  // An empty text may match once; elsewhere an empty match replaces nothing.
  if (text.empty())
    return pattern.matches(text) ? std::string(replacement) : result;
  while (!text.empty()) {
    std::optional<size_t> size = pattern.longestPrefix(text);
    if (size.value_or(0) == 0) {
      size_t characterSize = firstCharacter(text).size;
      result += text.substr(0, characterSize);
      text.remove_prefix(characterSize);
      continue;
    }
    result += replacement;
    text.remove_prefix(*size);
    if (!all)
      break;
  }
  return result += text;
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

absl::StatusOr<SliceBounds> sliceBounds(size_t size, absl::Span<const Value> arguments) {
  assert(arguments.size() == 2 && "a slice has an offset and a length");
  auto count = static_cast<int64_t>(size);
  int64_t offset = toInt(arguments[0]);
  int64_t start = offset < 0 ? offset + count : offset;
  if (start < 0 || start > count)
    return SliceBounds{0, 0};
  int64_t end = count;
  if (!arguments[1].isUndef()) {
    int64_t length = toInt(arguments[1]);
    end = length < 0 ? count + length : start + std::min(length, count - start);
    if (end < start)
      return absl::OutOfRangeError("substring expression < 0");
  }
  return SliceBounds{static_cast<size_t>(start), static_cast<size_t>(end)};
}

static absl::StatusOr<std::string> slice(std::string_view text, absl::Span<const Value> arguments) {
  absl::StatusOr<SliceBounds> bounds = sliceBounds(countCharacters(text), arguments);
  if (!bounds.ok())
    return bounds.status();
  size_t start = characterOffset(text, bounds->start);
  size_t size = characterOffset(text.substr(start), bounds->end - bounds->start);
  return std::string(text.substr(start, size));
}

//===----------------------------------------------------------------------===//
// All
//===----------------------------------------------------------------------===//

static std::string_view withoutPrefix(std::string_view text, std::optional<size_t> size) {
  return text.substr(size.value_or(0));
}
static std::string_view withoutSuffix(std::string_view text, std::optional<size_t> size) {
  return text.substr(0, text.size() - size.value_or(0));
}

absl::StatusOr<std::string> modifyText(std::string_view text, ParamModifier modifier,
                                       absl::Span<const Value> arguments) {
  auto argument = [&](size_t index) {
    return index < arguments.size() ? toStr(arguments[index]) : std::string();
  };
  switch (modifier) {
  case ParamModifier::StripShort:
    return std::string(withoutPrefix(text, Pattern(argument(0)).shortestPrefix(text)));
  case ParamModifier::StripLong:
    return std::string(withoutPrefix(text, Pattern(argument(0)).longestPrefix(text)));
  case ParamModifier::RStripShort:
    return std::string(withoutSuffix(text, Pattern(argument(0)).shortestSuffix(text)));
  case ParamModifier::RStripLong:
    return std::string(withoutSuffix(text, Pattern(argument(0)).longestSuffix(text)));
  case ParamModifier::SubstFirst:
  case ParamModifier::SubstAll:
    return substitute(text, argument(0), argument(1), modifier == ParamModifier::SubstAll);
  case ParamModifier::Upper:
    return withCase(text, LetterCase::Upper, /*onlyFirst=*/false);
  case ParamModifier::Lower:
    return withCase(text, LetterCase::Lower, /*onlyFirst=*/false);
  case ParamModifier::UpperFirst:
    return withCase(text, LetterCase::Upper, /*onlyFirst=*/true);
  case ParamModifier::LowerFirst:
    return withCase(text, LetterCase::Lower, /*onlyFirst=*/true);
  case ParamModifier::Slice:
    return slice(text, arguments);
  case ParamModifier::Default:
  case ParamModifier::Assign:
  case ParamModifier::Error:
  case ParamModifier::Alternate:
  case ParamModifier::Length:
  case ParamModifier::Indirect:
  case ParamModifier::Keys:
    break;
  }
  return std::string(text);
}

} // namespace fusevm::shell
