//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Pattern.h"

#include "TextLocale.h"

#include "fusevm/Support/Utf8.h"

#include <algorithm>
#include <cassert>
#include <cwctype>

namespace fusevm::shell {

char32_t characterAt(std::string_view text, size_t &size) {
  Utf8Character character = firstCharacter(text);
  size = character.size;
  return character.wellFormed ? character.codePoint : 0x110000 + character.codePoint;
}

size_t lastCharacter(std::string_view text) {
  assert(!text.empty() && "no last character");
  // At most four bytes, of which all but the first are continuations.
  size_t end = text.size();
  for (size_t size = std::min<size_t>(4, end); size > 1; --size)
    if (Utf8Character character = firstCharacter(text.substr(end - size));
        character.wellFormed && character.size == size)
      return end - size;
  return end - 1;
}

static std::vector<char32_t> decode(std::string_view text) {
  std::vector<char32_t> characters;
  while (!text.empty()) {
    size_t size = 0;
    characters.push_back(characterAt(text, size));
    text.remove_prefix(size);
  }
  return characters;
}

static void appendCharacter(std::string &out, char32_t character) {
  if (character >= 0x110000)
    out += static_cast<char>(character - 0x110000);
  else
    appendUtf8(out, character);
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

Pattern::Pattern(std::string_view text) {
  Characters pattern = decode(text);
  for (size_t i = 0; i != pattern.size();) {
    char32_t character = pattern[i];
    if (character == U'[' && readSet(pattern, i)) {
      literalOnly = false;
      continue;
    }
    ++i;
    if (character == U'*' || character == U'?') {
      literalOnly = false;
      bool isStar = character == U'*';
      bool repeats =
          isStar && !elements.empty() && elements.back().kind == Element::Kind::AnySequence;
      if (!repeats)
        elements.push_back(
            {isStar ? Element::Kind::AnySequence : Element::Kind::AnyCharacter, 0, false, {}, {}});
      continue;
    }
    if (character == U'\\' && i == pattern.size()) {
      literalOnly = false;
      elements.push_back({Element::Kind::Never, 0, false, {}, {}});
      continue;
    }
    if (character == U'\\')
      character = pattern[i++];
    elements.push_back({Element::Kind::Literal, character, false, {}, {}});
    appendCharacter(literalText, character);
  }
}

/// Reads `[:name:]` and the like at \p position. Nothing if that is none.
static std::optional<std::string> readBracketed(const std::vector<char32_t> &pattern,
                                                size_t &position) {
  if (position + 1 >= pattern.size() || pattern[position] != U'[')
    return std::nullopt;
  char32_t kind = pattern[position + 1];
  if (kind != U':' && kind != U'.' && kind != U'=')
    return std::nullopt;
  std::string name(1, static_cast<char>(kind));
  for (size_t i = position + 2; i + 1 < pattern.size(); ++i) {
    if (pattern[i] == kind && pattern[i + 1] == U']') {
      position = i + 2;
      return name;
    }
    appendCharacter(name, pattern[i]);
  }
  return std::nullopt;
}

/// Reads a bracket expression whose `[` is at \p position and leaves it behind the `]`.
/// False if there is none.
bool Pattern::readSet(const Characters &pattern, size_t &position) {
  Element set{Element::Kind::Set, 0, false, {}, {}};
  size_t i = position + 1;
  if (i < pattern.size() && (pattern[i] == U'!' || pattern[i] == U'^')) {
    set.negated = true;
    ++i;
  }
  // A member of a range: a character, quoted or not, or `[.x.]`.
  auto readMember = [&]() -> std::optional<char32_t> {
    size_t start = i;
    if (std::optional<std::string> name = readBracketed(pattern, i)) {
      Characters characters = decode(std::string_view(*name).substr(1));
      if (name->front() != ':' && characters.size() == 1)
        return characters[0];
      i = start;
    }
    if (pattern[i] == U'\\' && i + 1 < pattern.size())
      ++i;
    return pattern[i++];
  };
  for (bool isFirst = true;; isFirst = false) {
    if (i >= pattern.size())
      return false;
    if (pattern[i] == U']' && !isFirst)
      break;
    size_t behind = i;
    if (std::optional<std::string> name = readBracketed(pattern, behind);
        name && name->front() == ':') {
      set.classes.push_back(name->substr(1));
      i = behind;
      continue;
    }
    char32_t first = *readMember();
    char32_t last = first;
    if (i + 1 < pattern.size() && pattern[i] == U'-' && pattern[i + 1] != U']') {
      ++i;
      last = *readMember();
    }
    set.ranges.push_back({first, last});
  }
  elements.push_back(std::move(set));
  position = i + 1;
  return true;
}

bool Pattern::beginsWithDot() const {
  return !elements.empty() && elements[0].kind == Element::Kind::Literal &&
         elements[0].literal == U'.';
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

bool Pattern::Element::matches(char32_t character) const {
  switch (kind) {
  case Kind::Literal:
    return character == literal;
  case Kind::AnyCharacter:
  case Kind::AnySequence:
    return true;
  case Kind::Never:
    return false;
  case Kind::Set:
    break;
  }
  bool inside = std::any_of(ranges.begin(), ranges.end(), [character](Item range) {
    return range.first <= character && character <= range.last;
  });
  inside |= std::any_of(classes.begin(), classes.end(), [character](const std::string &name) {
    return isInClass(character, name);
  });
  return inside != negated;
}

bool Pattern::matches(std::string_view text) const {
  if (literalOnly)
    return text == literalText;
  // Where to go on with one more character in the last `*`.
  size_t starElement = elements.size();
  size_t starPosition = 0;
  size_t element = 0;
  size_t position = 0;
  while (position != text.size()) {
    size_t size = 0;
    char32_t character = characterAt(text.substr(position), size);
    if (element != elements.size() && elements[element].kind == Element::Kind::AnySequence) {
      starElement = element++;
      starPosition = position;
    } else if (element != elements.size() && elements[element].matches(character)) {
      ++element;
      position += size;
    } else if (starElement != elements.size()) {
      (void)characterAt(text.substr(starPosition), size);
      starPosition += size;
      position = starPosition;
      element = starElement + 1;
    } else {
      return false;
    }
  }
  return std::all_of(elements.begin() + static_cast<ptrdiff_t>(element), elements.end(),
                     [](const Element &rest) { return rest.kind == Element::Kind::AnySequence; });
}

/// Feeds characters to all ways through the elements at once. \p step returns the next
/// character and the number of bytes up to and including it, or nothing at the end.
template <typename Step> std::optional<size_t> Pattern::search(Step step, bool wantsLongest) const {
  size_t count = elements.size();
  std::vector<bool> states(count + 1), next(count + 1);
  auto addWithStars = [&](std::vector<bool> &set, size_t state) {
    while (!set[state]) {
      set[state] = true;
      if (state == count || elements[state].kind != Element::Kind::AnySequence)
        break;
      ++state;
    }
  };
  addWithStars(states, 0);
  std::optional<size_t> found;
  for (size_t consumed = 0;;) {
    if (states[count]) {
      found = consumed;
      if (!wantsLongest)
        return found;
    }
    char32_t character;
    if (!step(character, consumed))
      return found;
    std::fill(next.begin(), next.end(), false);
    bool isAlive = false;
    for (size_t state = 0; state != count; ++state) {
      if (!states[state] || !elements[state].matches(character))
        continue;
      isAlive = true;
      bool isStar = elements[state].kind == Element::Kind::AnySequence;
      addWithStars(next, isStar ? state : state + 1);
    }
    if (!isAlive)
      return found;
    states.swap(next);
  }
}

std::optional<size_t> Pattern::prefix(std::string_view text, bool wantsLongest) const {
  if (literalOnly)
    return text.starts_with(literalText) ? std::optional(literalText.size()) : std::nullopt;
  auto step = [text](char32_t &character, size_t &consumed) {
    if (consumed == text.size())
      return false;
    size_t size = 0;
    character = characterAt(text.substr(consumed), size);
    consumed += size;
    return true;
  };
  return search(step, wantsLongest);
}

std::optional<size_t> Pattern::suffix(std::string_view text, bool wantsLongest) const {
  if (literalOnly)
    return text.ends_with(literalText) ? std::optional(literalText.size()) : std::nullopt;
  Pattern reversed = *this;
  std::reverse(reversed.elements.begin(), reversed.elements.end());
  auto step = [text](char32_t &character, size_t &consumed) {
    if (consumed == text.size())
      return false;
    std::string_view rest = text.substr(0, text.size() - consumed);
    size_t start = lastCharacter(rest);
    size_t size = 0;
    character = characterAt(rest.substr(start), size);
    consumed += rest.size() - start;
    return true;
  };
  return reversed.search(step, wantsLongest);
}

std::optional<size_t> Pattern::shortestPrefix(std::string_view text) const {
  return prefix(text, /*wantsLongest=*/false);
}
std::optional<size_t> Pattern::longestPrefix(std::string_view text) const {
  return prefix(text, /*wantsLongest=*/true);
}
std::optional<size_t> Pattern::shortestSuffix(std::string_view text) const {
  return suffix(text, /*wantsLongest=*/false);
}
std::optional<size_t> Pattern::longestSuffix(std::string_view text) const {
  return suffix(text, /*wantsLongest=*/true);
}

} // namespace fusevm::shell
