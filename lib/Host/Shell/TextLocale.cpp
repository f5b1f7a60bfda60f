//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "TextLocale.h"

#include "fusevm/Support/Utf8.h"

#include <cwctype>

namespace fusevm::shell {

/// It lives as long as the process. Null where it does not exist.
static locale_t textLocale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

TextLocaleScope::TextLocaleScope() : outer(uselocale(textLocale())) {}
TextLocaleScope::~TextLocaleScope() { uselocale(outer); }

bool isInClass(char32_t character, const std::string &name) {
  if (!isUnicodeScalar(character))
    return false;
  TextLocaleScope scope;
  wctype_t type = wctype(name.c_str());
  return type != 0 && iswctype(static_cast<wint_t>(character), type) != 0;
}

std::string withCase(std::string_view text, LetterCase letterCase, bool onlyFirst) {
  TextLocaleScope scope;
  std::string result;
  while (!text.empty()) {
    Utf8Character character = firstCharacter(text);
    auto code = static_cast<wint_t>(character.codePoint);
    if (character.wellFormed)
      appendUtf8(result, static_cast<char32_t>(letterCase == LetterCase::Upper ? towupper(code)
                                                                               : towlower(code)));
    else
      result += text.front();
    text.remove_prefix(character.size);
    if (onlyFirst)
      break;
  }
  result += text;
  return result;
}

} // namespace fusevm::shell
