//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Splits a line of calc into tokens.

#ifndef CALC_LEXER_H
#define CALC_LEXER_H

#include <cstddef>
#include <string_view>

namespace calc {

enum class TokenKind { Number, Name, Text, Symbol, End, Bad };

struct Token {
  TokenKind kind;
  std::string_view text; ///< for a Text, without its quotes
  size_t column;         ///< 1-based
};

/// Hands out the tokens of one line.
class Lexer {
public:
  explicit Lexer(std::string_view line) : line(line) { advance(); }

  const Token &peek() const { return current; }
  Token take();
  /// Takes the current token if it is the symbol or name \p text.
  bool accept(std::string_view text);

private:
  void advance();

  std::string_view line;
  size_t position = 0;
  Token current{};
};

} // namespace calc

#endif // CALC_LEXER_H
