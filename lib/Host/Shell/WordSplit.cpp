//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "WordSplit.h"

#include "Pattern.h"

#include <algorithm>

namespace fusevm::shell {

namespace {

/// The characters of IFS, by what they do.
struct Separators {
  explicit Separators(std::string_view text) {
    while (!text.empty()) {
      size_t size = 0;
      char32_t character = characterAt(text, size);
      (isBlank(character) ? blanks : delimiters) += character;
      text.remove_prefix(size);
    }
  }
  static bool isBlank(char32_t character) {
    return character == U' ' || character == U'\t' || character == U'\n';
  }

  std::u32string blanks;
  std::u32string delimiters;
};

/// What is left of a text.
struct Rest {
  std::string_view text;

  /// Takes the first character off if it is one of \p set.
  bool take(const std::u32string &set) {
    size_t size = 0;
    if (text.empty() || set.find(characterAt(text, size)) == std::u32string::npos)
      return false;
    text.remove_prefix(size);
    return true;
  }
};

} // namespace

std::vector<std::string> splitWords(std::string_view text,
                                    std::optional<std::string_view> separators) {
  std::string_view value = separators.value_or(" \t\n");
  if (value.empty())
    return text.empty() ? std::vector<std::string>() : std::vector{std::string(text)};
  Separators set(value);
  std::vector<std::string> fields;
  Rest rest{text};
  auto skipBlanks = [&] {
    while (rest.take(set.blanks))
      ;
  };
  skipBlanks();
  while (!rest.text.empty()) {
    std::string_view start = rest.text;
    size_t end = 0;
    bool isSeparator = false;
    while (!rest.text.empty() && !isSeparator) {
      size_t size = 0;
      char32_t character = characterAt(rest.text, size);
      isSeparator = set.blanks.find(character) != std::u32string::npos ||
                    set.delimiters.find(character) != std::u32string::npos;
      if (!isSeparator) {
        rest.text.remove_prefix(size);
        end += size;
      }
    }
    fields.emplace_back(start.substr(0, end));
    skipBlanks();
    if (rest.take(set.delimiters))
      skipBlanks();
  }
  return fields;
}

} // namespace fusevm::shell
