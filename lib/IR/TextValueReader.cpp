//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "TextValue.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/ascii.h"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

namespace fusevm {

static std::string lowText(IntegerRange range) { return std::to_string(range.low); }

bool readInteger(TextLexer &lexer, const Token &token, std::string_view text, const Expected &what,
                 IntegerRange range, uint64_t &bits) {
  std::optional<IntegerText> integer = parseIntegerText(text);
  if (!integer)
    return lexer.failExpected(token, what);
  if (!integer->isBetween(range.low, range.high))
    return lexer.fail(token, strCat("expected ", what.str(), " from ", lowText(range), " to ",
                                    range.high, ", found ", describe(token)));
  bits = integer->bits();
  return true;
}

bool readInteger(TextLexer &lexer, const Expected &what, IntegerRange range, uint64_t &bits) {
  Token token = lexer.take();
  if (token.kind != TokenKind::Number)
    return lexer.failExpected(token, what);
  return readInteger(lexer, token, token.text, what, range, bits);
}

/// Whether \p text is a decimal number without a sign. Words that parseFloat() knows are
/// not.
static bool looksDecimal(std::string_view text) {
  auto isDigitAt = [&](size_t index) {
    return index < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[index]));
  };
  size_t point = text.find('.');
  return isDigitAt(0) && (point == std::string_view::npos || isDigitAt(point + 1));
}

static bool readDecimal(TextLexer &lexer, const Token &token, const Expected &what, double &out) {
  if (token.text == "-inf") {
    out = -std::numeric_limits<double>::infinity();
    return true;
  }
  if (token.text == "-nan") {
    out = -std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  std::string_view digits = token.text;
  if (digits.starts_with('-'))
    digits.remove_prefix(1);
  std::optional<double> value;
  if (looksDecimal(digits))
    value = parseFloat(token.text);
  if (!value)
    return lexer.failExpected(token, what);
  if (std::isinf(*value))
    return lexer.fail(token,
                      strCat(describe(token), " is too large for a float; infinity is 'inf'"));
  out = *value;
  return true;
}

/// Reads what follows the word nan: nothing, or the bits in parentheses.
static bool readNanBits(TextLexer &lexer, double &out) {
  constexpr uint64_t infinityBits = uint64_t(0x7ff) << 52;
  uint64_t bits = uint64_t(0x7ff8) << 48;
  if (lexer.accept('(')) {
    Token token = lexer.peek();
    if (!readInteger(lexer, {"the 64 bits of a NaN"}, IntegerRange::of<uint64_t>(), bits))
      return false;
    if ((bits & ~(uint64_t(1) << 63)) <= infinityBits)
      return lexer.fail(token, strCat("expected the 64 bits of a NaN, found ", describe(token)));
    if (!lexer.expect(')', {"')' after the bits of a NaN"}))
      return false;
  }
  out = std::bit_cast<double>(bits);
  return true;
}

/// Reads a float that begins with a word, which is \p token.
static bool readFloatWord(TextLexer &lexer, const Token &token, double &out) {
  if (token.text == "nan")
    return readNanBits(lexer, out);
  out = std::numeric_limits<double>::infinity();
  return true;
}

bool readFloat(TextLexer &lexer, const Expected &what, double &out) {
  Token token = lexer.take();
  if (token.kind == TokenKind::Identifier && (token.text == "inf" || token.text == "nan"))
    return readFloatWord(lexer, token, out);
  if (token.kind != TokenKind::Number)
    return lexer.failExpected(token, what);
  std::optional<IntegerText> integer = parseIntegerText(token.text);
  bool isHex = integer && token.text.find('x') != std::string_view::npos;
  if (!isHex)
    return readDecimal(lexer, token, what, out);
  if (integer->tooLarge)
    return lexer.fail(token, strCat(describe(token), " does not fit 64 bits"));
  out = static_cast<double>(integer->magnitude);
  if (integer->negative)
    out = -out;
  return true;
}

namespace {

/// Reads a value; a class because of the recursion.
class ValueReader {
public:
  explicit ValueReader(TextLexer &lexer) : lexer(lexer) {}

  bool read(const Expected &what, Value &out);

private:
  bool readNumber(const Token &token, const Expected &what, Value &out);
  bool readString(const Token &token, Value &out);
  bool readWord(const Token &token, const Expected &what, Value &out);
  bool readInParentheses(const Token &word, Value &out);
  bool readContainer(const Token &open, Value &out);
  bool readElements(Value &out);
  bool readEntries(Value &out);
  bool readKey(Value &out);
  bool endOfList(char close, bool &atEnd);

  TextLexer &lexer;
  size_t depth = 0;
};

} // namespace

bool ValueReader::read(const Expected &what, Value &out) {
  Token token = lexer.take();
  switch (token.kind) {
  case TokenKind::Number:
    return readNumber(token, what, out);
  case TokenKind::String:
    return readString(token, out);
  case TokenKind::Identifier:
    return readWord(token, what, out);
  case TokenKind::Punctuation:
    if (token.is('[') || token.is('{'))
      return readContainer(token, out);
    break;
  case TokenKind::Index:
  case TokenKind::Reference:
  case TokenKind::EndOfLine:
  case TokenKind::Invalid:
    break;
  }
  return lexer.failExpected(token, what);
}

bool ValueReader::readNumber(const Token &token, const Expected &what, Value &out) {
  if (parseIntegerText(token.text)) {
    uint64_t bits = 0;
    if (!readInteger(lexer, token, token.text, {"an integer"}, IntegerRange::of<int64_t>(), bits))
      return false;
    out = Value::makeInt(static_cast<int64_t>(bits));
    return true;
  }
  double number = 0;
  if (!readDecimal(lexer, token, what, number))
    return false;
  out = Value::makeFloat(number);
  return true;
}

bool ValueReader::readString(const Token &token, Value &out) {
  std::string bytes;
  if (!lexer.decodeString(token, bytes))
    return false;
  out = Value::makeStr(bytes);
  return true;
}

bool ValueReader::readWord(const Token &token, const Expected &what, Value &out) {
  if (token.text == "inf" || token.text == "nan") {
    double number = 0;
    if (!readFloatWord(lexer, token, number))
      return false;
    out = Value::makeFloat(number);
  } else if (token.text == "undef") {
    out = Value();
  } else if (token.text == "true" || token.text == "false") {
    out = Value::makeBool(token.text == "true");
  } else if (token.text == "status" || token.text == "native" || token.text == "ref") {
    return readInParentheses(token, out);
  } else {
    std::string hint =
        suggestion(token.text, {"inf", "nan", "undef", "true", "false", "status", "native", "ref"});
    return lexer.fail(token, strCat("expected ", what.str(), ", found ", describe(token),
                                    hint.empty() ? "; a text is written in quotes" : hint));
  }
  return true;
}

bool ValueReader::readInParentheses(const Token &word, Value &out) {
  if (!lexer.expect('(', {strCat("'(' after '", word.text, "'")}))
    return false;
  if (word.text == "ref") {
    Value held;
    if (++depth > maxTextNesting)
      return lexer.fail(word,
                        strCat("values are nested more than ", maxTextNesting, " levels deep"));
    if (!read({"a value"}, held))
      return false;
    --depth;
    out = Value::makeRef(std::move(held));
  } else {
    bool isStatus = word.text == "status";
    uint64_t bits = 0;
    if (!readInteger(lexer, {isStatus ? "a status" : "a function number"},
                     isStatus ? IntegerRange::of<int32_t>() : IntegerRange::of<uint16_t>(), bits))
      return false;
    out = isStatus ? Value::makeStatus(static_cast<int32_t>(bits))
                   : Value::makeNativeFn(static_cast<uint16_t>(bits));
  }
  return lexer.expect(')', {strCat("')' to close '", word.text, "('")});
}

bool ValueReader::readContainer(const Token &open, Value &out) {
  if (++depth > maxTextNesting)
    return lexer.fail(open, strCat("values are nested more than ", maxTextNesting, " levels deep"));
  bool isRead = open.is('[') ? readElements(out) : readEntries(out);
  --depth;
  return isRead;
}

/// Takes the comma after an element or, when \p atEnd is set, the closing bracket.
bool ValueReader::endOfList(char close, bool &atEnd) {
  atEnd = lexer.accept(close);
  return atEnd || lexer.expect(',', {close == ']' ? "',' or ']' after an element"
                                                  : "',' or '}' after an entry"});
}

bool ValueReader::readElements(Value &out) {
  out = Value::makeArray();
  Array &elements = out.mutableArray();
  bool atEnd = lexer.accept(']');
  while (!atEnd) {
    Value element;
    if (!read({"a value"}, element) || !endOfList(']', atEnd))
      return false;
    elements.push(std::move(element));
  }
  return true;
}

bool ValueReader::readEntries(Value &out) {
  out = Value::makeHash();
  Hash &entries = out.mutableHash();
  bool atEnd = lexer.accept('}');
  while (!atEnd) {
    Token keyToken = lexer.peek();
    Value key;
    Value value;
    if (!readKey(key))
      return false;
    if (entries.find(key.asStr()))
      return lexer.fail(keyToken, "the hash has this key already");
    if (!lexer.expect(':', {"':' after the key"}) || !read({"a value"}, value) ||
        !endOfList('}', atEnd))
      return false;
    entries.set(key, std::move(value));
  }
  return true;
}

bool ValueReader::readKey(Value &out) {
  Token token = lexer.take();
  if (token.kind == TokenKind::String)
    return readString(token, out);
  if (token.kind != TokenKind::Identifier)
    return lexer.failExpected(token, {"a key"});
  out = Value::makeStr(token.text);
  return true;
}

bool readValue(TextLexer &lexer, const Expected &what, Value &out) {
  return ValueReader(lexer).read(what, out);
}

} // namespace fusevm
