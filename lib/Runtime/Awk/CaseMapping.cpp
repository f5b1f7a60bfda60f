//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Unicode case conversion.

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <iterator>

namespace fusevm::awk {

namespace {

/// Letters first, first + step, …, last, each \p distance before its counterpart.
struct CaseRun {
  char32_t first;
  char32_t last;
  uint32_t step;
  int32_t distance;
};

/// A letter whose counterpart is several.
struct CaseExpansion {
  char32_t letter;
  const char *text;
};

struct CodeRange {
  char32_t first;
  char32_t last;
};

#include "CaseTables.inc"

constexpr char32_t capitalSigma = 0x3a3;
constexpr char32_t finalSigma = 0x3c2;

/// The entry that \p code could be in: the last that begins at or before it.
template <typename Entry, typename First>
const Entry *lastFrom(absl::Span<const Entry> table, char32_t code, First first) {
  auto after = std::upper_bound(table.begin(), table.end(), code,
                                [&](char32_t c, const Entry &entry) { return c < first(entry); });
  return after == table.begin() ? nullptr : &*std::prev(after);
}

bool isIn(absl::Span<const CodeRange> ranges, char32_t code) {
  const CodeRange *range = lastFrom(ranges, code, [](const CodeRange &r) { return r.first; });
  return range && code <= range->last;
}

void appendConverted(std::string &out, char32_t code, absl::Span<const CaseRun> runs,
                     absl::Span<const CaseExpansion> expansions) {
  auto letterOf = [](const CaseExpansion &e) { return e.letter; };
  const CaseExpansion *expansion = lastFrom(expansions, code, letterOf);
  if (expansion && expansion->letter == code) {
    out += expansion->text;
    return;
  }
  const CaseRun *run = lastFrom(runs, code, [](const CaseRun &r) { return r.first; });
  bool changes = run && code <= run->last && (code - run->first) % run->step == 0;
  appendUtf8(out,
             changes ? static_cast<char32_t>(static_cast<int32_t>(code) + run->distance) : code);
}

/// Whether the first character of \p text that does not count as ignorable is cased.
bool casedLetterFollows(std::string_view text) {
  while (!text.empty()) {
    Utf8Character character = firstCharacter(text);
    text.remove_prefix(character.size);
    if (!character.wellFormed)
      return false;
    if (!isIn(caseIgnorable, character.codePoint))
      return isIn(casedLetters, character.codePoint);
  }
  return false;
}

} // namespace

std::string lowerCase(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  // Whether the last character that is not ignorable was cased: a capital sigma looks
  // back that far.
  bool afterCased = false;
  while (!text.empty()) {
    Utf8Character character = firstCharacter(text);
    std::string_view bytes = text.substr(0, character.size);
    text.remove_prefix(character.size);
    if (!character.wellFormed)
      out += bytes;
    else if (character.codePoint < 0x80)
      out += absl::ascii_tolower(static_cast<unsigned char>(bytes[0]));
    else if (character.codePoint == capitalSigma && afterCased && !casedLetterFollows(text))
      appendUtf8(out, finalSigma);
    else
      appendConverted(out, character.codePoint, lowerRuns, lowerExpansions);
    if (!character.wellFormed)
      afterCased = false;
    else if (!isIn(caseIgnorable, character.codePoint))
      afterCased = isIn(casedLetters, character.codePoint);
  }
  return out;
}

std::string upperCase(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    Utf8Character character = firstCharacter(text);
    std::string_view bytes = text.substr(0, character.size);
    text.remove_prefix(character.size);
    if (!character.wellFormed)
      out += bytes;
    else if (character.codePoint < 0x80)
      out += absl::ascii_toupper(static_cast<unsigned char>(bytes[0]));
    else
      appendConverted(out, character.codePoint, upperRuns, upperExpansions);
  }
  return out;
}

Value toLower(const Value &value) { return Value::makeStr(lowerCase(Text(value).view())); }
Value toUpper(const Value &value) { return Value::makeStr(upperCase(Text(value).view())); }

} // namespace fusevm::awk
