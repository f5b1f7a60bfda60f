//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "FieldSeparator.h"

#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace fusevm::awk {

using Result = absl::StatusOr<std::shared_ptr<const FieldSeparator>>;

Result FieldSeparator::fromText(std::string_view separator, bool newlineToo, bool ignoreCase,
                                RegexCache &cache) {
  auto make = [&](Kind kind) {
    std::shared_ptr<FieldSeparator> result(new FieldSeparator(kind));
    result->newlineToo = newlineToo;
    return result;
  };
  if (separator == " ")
    return make(Kind::Blank);
  if (separator.empty())
    return make(Kind::EachCharacter);
  if (firstCharacter(separator).size == separator.size()) {
    std::shared_ptr<FieldSeparator> result = make(Kind::Character);
    result->character = separator;
    return result;
  }
  absl::StatusOr<std::shared_ptr<const Regex>> regex = cache.get(separator, ignoreCase);
  if (!regex.ok())
    return regex.status();
  return fromRegex(*std::move(regex));
}

std::shared_ptr<const FieldSeparator>
FieldSeparator::fromRegex(std::shared_ptr<const Regex> regex) {
  std::shared_ptr<FieldSeparator> result(new FieldSeparator(Kind::Regex));
  result->regex = std::move(regex);
  return result;
}

std::shared_ptr<const FieldSeparator>
FieldSeparator::fromPattern(std::shared_ptr<const Regex> regex) {
  std::shared_ptr<FieldSeparator> result(new FieldSeparator(Kind::Pattern));
  result->regex = std::move(regex);
  return result;
}

Result FieldSeparator::fromWidths(std::string_view text) {
  std::shared_ptr<FieldSeparator> result(new FieldSeparator(Kind::Widths));
  auto parse = [](std::string_view digits, size_t &number) {
    auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && stop == digits.data() + digits.size();
  };
  std::unique_ptr<FieldSeparator> blanks(new FieldSeparator(Kind::Blank));
  std::string_view word;
  for (Cursor cursor; blanks->next(text, cursor, word);) {
    Width width{0, 0};
    size_t colon = word.find(':');
    // Behind * nothing is left for another field.
    bool valid = result->widths.empty() || result->widths.back().size != SIZE_MAX;
    valid &= colon == std::string_view::npos || parse(word.substr(0, colon), width.skip);
    std::string_view size = colon == std::string_view::npos ? word : word.substr(colon + 1);
    if (size == "*")
      width.size = SIZE_MAX;
    else
      valid &= parse(size, width.size) && width.size > 0;
    if (!valid)
      return absl::InvalidArgumentError(strCat("invalid FIELDWIDTHS value, near `", word, "'"));
    result->widths.push_back(width);
  }
  return result;
}

bool FieldSeparator::next(std::string_view text, Cursor &cursor, std::string_view &field) const {
  bool found = false;
  switch (kind) {
  case Kind::Blank:
    found = nextBlank(text, cursor, field);
    break;
  case Kind::Character:
    found = nextByCharacter(text, cursor, field);
    break;
  case Kind::Regex:
    found = nextByRegex(text, cursor, field);
    break;
  case Kind::EachCharacter:
    found = cursor.position != text.size();
    if (found) {
      field = text.substr(cursor.position, firstCharacter(text.substr(cursor.position)).size);
      cursor.position += field.size();
    }
    break;
  case Kind::Pattern:
    found = nextMatch(text, cursor, field);
    break;
  case Kind::Widths:
    found = nextByWidth(text, cursor, field);
    break;
  }
  cursor.index += found;
  return found;
}

static bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

bool FieldSeparator::nextBlank(std::string_view text, Cursor &cursor,
                               std::string_view &field) const {
  const char *end = text.data() + text.size();
  const char *p = text.data() + cursor.position;
  while (p != end && isBlank(*p))
    ++p;
  const char *start = p;
  while (p != end && !isBlank(*p))
    ++p;
  cursor.position = static_cast<size_t>(p - text.data());
  field = {start, static_cast<size_t>(p - start)};
  return p != start;
}

/// Returns the rest of the text as a field. A text without anything has none.
static bool takeRest(std::string_view text, FieldSeparator::Cursor &cursor,
                     std::string_view &field) {
  if (text.empty())
    return false;
  field = text.substr(cursor.position);
  cursor.atEnd = true;
  return true;
}

bool FieldSeparator::nextByCharacter(std::string_view text, Cursor &cursor,
                                     std::string_view &field) const {
  if (cursor.atEnd)
    return false;
  size_t end = text.find(character, cursor.position);
  size_t size = character.size();
  if (newlineToo) {
    size_t newline = text.substr(0, end).find('\n', cursor.position);
    if (newline != std::string_view::npos) {
      end = newline;
      size = 1;
    }
  }
  if (end == std::string_view::npos)
    return takeRest(text, cursor, field);
  field = text.substr(cursor.position, end - cursor.position);
  cursor.position = end + size;
  return true;
}

bool FieldSeparator::nextByRegex(std::string_view text, Cursor &cursor,
                                 std::string_view &field) const {
  if (cursor.atEnd)
    return false;
  Match match;
  for (size_t start = cursor.position; start <= text.size();) {
    if (!regex->search(text, start, {&match, 1}))
      break;
    auto begin = static_cast<size_t>(match.data() - text.data());
    if (!match.empty()) {
      field = text.substr(cursor.position, begin - cursor.position);
      cursor.position = begin + match.size();
      return true;
    }
    // Nothing does not separate.
    if (begin == text.size())
      break;
    start = begin + firstCharacter(text.substr(begin)).size;
  }
  return takeRest(text, cursor, field);
}

bool FieldSeparator::nextMatch(std::string_view text, Cursor &cursor,
                               std::string_view &field) const {
  while (!cursor.atEnd && !text.empty() && regex->search(text, cursor.position, {&field, 1})) {
    auto begin = static_cast<size_t>(field.data() - text.data());
    bool isField = !field.empty() || !cursor.afterMatch || begin != cursor.position;
    cursor.position = begin + field.size();
    cursor.afterMatch = !field.empty();
    if (field.empty()) {
      cursor.atEnd = begin == text.size();
      if (!cursor.atEnd)
        cursor.position += firstCharacter(text.substr(begin)).size;
    }
    if (isField)
      return true;
  }
  return false;
}

bool FieldSeparator::nextByWidth(std::string_view text, Cursor &cursor,
                                 std::string_view &field) const {
  if (cursor.index >= widths.size() || cursor.position >= text.size())
    return false;
  const Width &width = widths[cursor.index];
  std::string_view rest = text.substr(cursor.position);
  rest.remove_prefix(characterOffset(rest, width.skip));
  field = rest.substr(0, characterOffset(rest, width.size));
  cursor.position = static_cast<size_t>(field.data() + field.size() - text.data());
  return true;
}

} // namespace fusevm::awk
