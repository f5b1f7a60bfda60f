//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The shell's pattern language.

#ifndef FUSEVM_LIB_HOST_SHELL_PATTERN_H
#define FUSEVM_LIB_HOST_SHELL_PATTERN_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm::shell {

/// A compiled pattern: `*`, `?`, bracket expressions with ranges, classes and negation by
/// `!` or `^`, and `\` in front of a character that stands for itself. An unclosed `[` is
/// an ordinary character; a lone `\` at the end matches nothing. Text is UTF-8; a byte that
/// is not part of any is a character of its own. Matching takes time in proportion to the
/// sizes of text and pattern.
class Pattern {
public:
  explicit Pattern(std::string_view text);

  /// Whether \p text as a whole matches.
  bool matches(std::string_view text) const;

  /// The sizes in bytes of the shortest and the longest prefix of \p text that match, the
  /// empty one included.
  std::optional<size_t> shortestPrefix(std::string_view text) const;
  std::optional<size_t> longestPrefix(std::string_view text) const;
  /// The same for suffixes.
  std::optional<size_t> shortestSuffix(std::string_view text) const;
  std::optional<size_t> longestSuffix(std::string_view text) const;

  /// Whether nothing in it is special, so that it matches literal() alone.
  bool isLiteral() const { return literalOnly; }
  /// Its text without quoting, if it is literal.
  const std::string &literal() const { return literalText; }
  /// Whether it matches only texts that begin with a dot it names itself.
  bool beginsWithDot() const;

private:
  struct Item {
    char32_t first;
    char32_t last;
  };
  struct Element {
    enum class Kind : uint8_t { Literal, AnyCharacter, AnySequence, Set, Never } kind;
    char32_t literal = 0;
    bool negated = false;
    std::vector<Item> ranges;
    std::vector<std::string> classes;

    bool matches(char32_t character) const;
  };
  using Characters = std::vector<char32_t>;

  bool readSet(const Characters &pattern, size_t &position);
  template <typename Step> std::optional<size_t> search(Step step, bool wantsLongest) const;
  std::optional<size_t> prefix(std::string_view text, bool wantsLongest) const;
  std::optional<size_t> suffix(std::string_view text, bool wantsLongest) const;

  std::vector<Element> elements;
  bool literalOnly = true;
  std::string literalText;
};

/// Returns the character at the front of \p text as a number; those that are not UTF-8 get
/// numbers beyond Unicode. \p size becomes its size in bytes.
char32_t characterAt(std::string_view text, size_t &size);

/// Returns where the last character of \p text begins, which must not be empty.
size_t lastCharacter(std::string_view text);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_PATTERN_H
