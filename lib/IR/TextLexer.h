//===- TextLexer.h - Tokens of the text format ------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_TEXTLEXER_H
#define FUSEVM_LIB_IR_TEXTLEXER_H

#include "fusevm/Support/Diagnostic.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// Whether \p text can be written as a name without quotes.
bool isIdentifier(std::string_view text);

/// What a token is, by its first character.
enum class TokenKind : uint8_t {
  Identifier,
  Number,      ///< perhaps not a well-formed one
  String,      ///< with its quotes, escapes not decoded
  Index,       ///< #N
  Reference,   ///< $name
  Punctuation, ///< one of : , [ ] { } ( ) = *
  EndOfLine,
  Invalid, ///< an error that has been reported
};

/// A token of a line.
struct Token {
  TokenKind kind = TokenKind::EndOfLine;
  std::string_view text; ///< a view of the line; empty at its end

  bool is(char punctuation) const {
    return kind == TokenKind::Punctuation && text[0] == punctuation;
  }
};

/// What a message says was expected: NOUN, or "NOUN for 'OPERAND'". Put into words only when
/// there is an error.
struct Expected {
  std::string_view noun;
  std::string_view operand = {};

  std::string str() const;
};

/// A place in the text that is read.
struct TextPlace {
  size_t line = 0;
  size_t column = 0;
  size_t length = 1;
};

/// Collects the errors of a reader, and tells it when there are enough.
class TextErrors {
public:
  explicit TextErrors(std::vector<Diagnostic> &diagnostics)
      : diagnostics(diagnostics), first(diagnostics.size()) {}

  void add(const TextPlace &place, std::string message);
  bool any() const { return diagnostics.size() != first; }
  bool areEnough() const;
  /// Puts the errors in the order of their places.
  void sort();

private:
  std::vector<Diagnostic> &diagnostics;
  size_t first; ///< those before it are not ours
};

/// Splits one line after the other into tokens, with a lookahead of one.
class TextLexer {
public:
  explicit TextLexer(TextErrors &errors) : errors(errors) {}

  /// Goes on to line \p number, which has no line end. Returns false after reporting that
  /// it is not UTF-8.
  bool startLine(std::string_view line, size_t number);

  size_t lineNumber() const { return number; }
  const Token &peek() const { return next; }
  Token take();
  /// Takes the next token if it is \p punctuation.
  bool accept(char punctuation);
  /// The same, but reports an error if it is not.
  bool expect(char punctuation, const Expected &what);
  /// Reports an error if the line has another token. \p what is what has been read.
  bool expectEnd(std::string_view what);

  /// Stores the bytes that the String \p token stands for. Returns false after reporting
  /// an error in it.
  bool decodeString(const Token &token, std::string &out);

  TextPlace placeOf(const Token &token) const;
  /// Reports an error about \p token, unless there is one already. Returns false.
  bool fail(const Token &token, std::string message);
  /// Reports "expected WHAT, found TOKEN", and \p hint behind it. Returns false.
  bool failExpected(const Token &token, const Expected &what, std::string_view hint = {});

private:
  Token scan();
  Token scanIdentifier();
  Token scanNumber(size_t start);
  Token scanPrefixed(TokenKind kind);
  Token scanString();
  Token makeToken(TokenKind kind, size_t start) const;
  Token invalid(size_t start, std::string message);
  bool decodeEscape(const Token &token, std::string_view &rest, std::string &out);
  bool decodeByte(std::string_view &rest, std::string &out);
  bool decodeScalar(std::string_view &rest, std::string &out);

  TextErrors &errors;
  std::string_view line;
  size_t number = 0;
  size_t position = 0;
  Token next;
};

/// Returns how a message names \p token: 'Add', a string, the end of the line.
std::string describe(const Token &token);

/// Returns "; did you mean 'NAME'?" for the candidate most like \p word, or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string_view> &candidates);

/// A written integer of any size.
struct IntegerText {
  bool negative = false;
  bool tooLarge = false; ///< the magnitude does not fit 64 bits
  uint64_t magnitude = 0;

  /// Whether the number is between \p low and \p high.
  bool isBetween(int64_t low, uint64_t high) const;
  /// The number's low 64 bits.
  uint64_t bits() const { return negative ? uint64_t(0) - magnitude : magnitude; }
};

/// Reads `12`, `-12` or `0xc`; nothing if \p text is something else.
std::optional<IntegerText> parseIntegerText(std::string_view text);

} // namespace fusevm

#endif // FUSEVM_LIB_IR_TEXTLEXER_H
