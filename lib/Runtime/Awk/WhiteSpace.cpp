//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "WhiteSpace.h"

#include "fusevm/Support/Utf8.h"

namespace fusevm::awk {

static bool isWhiteSpace(char32_t code) {
  return (code >= 0x09 && code <= 0x0d) || code == 0x20 || code == 0x85 || code == 0xa0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 ||
         code == 0x202f || code == 0x205f || code == 0x3000;
}

/// Returns how many bytes at the front of \p text are, or are not, white space.
static size_t prefix(std::string_view text, bool whiteSpace) {
  size_t position = 0;
  while (position != text.size()) {
    Utf8Character character = firstCharacter(text.substr(position));
    if ((character.wellFormed && isWhiteSpace(character.codePoint)) != whiteSpace)
      break;
    position += character.size;
  }
  return position;
}

std::string_view takeWord(std::string_view &text) {
  text.remove_prefix(prefix(text, /*whiteSpace=*/true));
  std::string_view word = text.substr(0, prefix(text, /*whiteSpace=*/false));
  text.remove_prefix(word.size());
  return word;
}

std::string_view trimWhiteSpace(std::string_view text) {
  text.remove_prefix(prefix(text, /*whiteSpace=*/true));
  size_t end = 0;
  for (std::string_view rest = text; !takeWord(rest).empty();)
    end = text.size() - rest.size();
  return text.substr(0, end);
}

} // namespace fusevm::awk
