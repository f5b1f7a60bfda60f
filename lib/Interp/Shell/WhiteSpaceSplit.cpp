//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "WhiteSpaceSplit.h"

#include "fusevm/Support/Utf8.h"

namespace fusevm {

static bool isWhiteSpace(Utf8Character character) {
  char32_t code = character.codePoint;
  return character.wellFormed &&
         ((code >= 0x09 && code <= 0x0d) || code == 0x20 || code == 0x85 || code == 0xa0 ||
          code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
          code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000);
}

std::vector<std::string> splitAtWhiteSpace(std::string_view text) {
  std::vector<std::string> fields;
  size_t start = 0;
  size_t position = 0;
  auto endField = [&](size_t next) {
    if (start != position)
      fields.emplace_back(text.substr(start, position - start));
    start = next;
  };
  while (position != text.size()) {
    Utf8Character character = firstCharacter(text.substr(position));
    if (isWhiteSpace(character))
      endField(position + character.size);
    position += character.size;
  }
  endField(position);
  return fields;
}

} // namespace fusevm
