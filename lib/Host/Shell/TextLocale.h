//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Characters and their classes: always those of UTF-8, whatever the environment's locale.

#ifndef FUSEVM_LIB_HOST_SHELL_TEXTLOCALE_H
#define FUSEVM_LIB_HOST_SHELL_TEXTLOCALE_H

#include <locale.h>
#include <string>
#include <string_view>

namespace fusevm::shell {

/// Makes the calling thread's locale C with UTF-8 as long as it lives, whatever the program has
/// chosen by setlocale().
class TextLocaleScope {
public:
  TextLocaleScope();
  TextLocaleScope(const TextLocaleScope &) = delete;
  TextLocaleScope &operator=(const TextLocaleScope &) = delete;
  ~TextLocaleScope();

private:
  locale_t outer;
};

/// Whether \p character is in the class \p name, such as "alpha"; false for an unknown one.
bool isInClass(char32_t character, const std::string &name);

enum class LetterCase : bool { Lower, Upper };

/// Returns \p text with its characters, or the first one alone, in \p letterCase.
std::string withCase(std::string_view text, LetterCase letterCase, bool onlyFirst);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_TEXTLOCALE_H
