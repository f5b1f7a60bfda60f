//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "TextLexer.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <tuple>

namespace fusevm {

static bool isDigit(char byte) { return absl::ascii_isdigit(static_cast<unsigned char>(byte)); }

static bool isWordByte(char byte) {
  return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_';
}

bool isIdentifier(std::string_view text) {
  return !text.empty() && !isDigit(text[0]) && std::all_of(text.begin(), text.end(), isWordByte);
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

void TextErrors::add(const TextPlace &place, std::string message) {
  if (areEnough())
    return;
  diagnostics.push_back(
      {Severity::Error, place.line, place.column, place.length, std::move(message)});
}

bool TextErrors::areEnough() const { return diagnostics.size() - first >= maxTextErrors; }

void TextErrors::sort() {
  auto key = [](const Diagnostic &diagnostic) {
    return std::tie(diagnostic.line, diagnostic.column, diagnostic.message);
  };
  std::sort(diagnostics.begin() + static_cast<ptrdiff_t>(first), diagnostics.end(),
            [&](const Diagnostic &a, const Diagnostic &b) { return key(a) < key(b); });
}

std::string describe(const Token &token) {
  constexpr size_t maxShown = 40;
  switch (token.kind) {
  case TokenKind::EndOfLine:
    return "the end of the line";
  case TokenKind::String:
    return "a string";
  case TokenKind::Identifier:
  case TokenKind::Number:
  case TokenKind::Index:
  case TokenKind::Reference:
  case TokenKind::Punctuation:
  case TokenKind::Invalid:
    break;
  }
  bool isShown = token.text.size() <= maxShown;
  return strCat("'", token.text.substr(0, maxShown), isShown ? "'" : "...'");
}

std::string suggestion(std::string_view word, const std::vector<std::string_view> &candidates) {
  std::string_view closest = closestMatch(word, candidates);
  return closest.empty() ? "" : strCat("; did you mean '", closest, "'?");
}

std::string Expected::str() const {
  return operand.empty() ? std::string(noun) : strCat(noun, " for '", operand, "'");
}

TextPlace TextLexer::placeOf(const Token &token) const {
  size_t offset =
      token.kind == TokenKind::EndOfLine ? position : size_t(token.text.data() - line.data());
  return {number, offset + 1, std::max<size_t>(token.text.size(), 1)};
}

bool TextLexer::fail(const Token &token, std::string message) {
  if (token.kind != TokenKind::Invalid)
    errors.add(placeOf(token), std::move(message));
  return false;
}

bool TextLexer::failExpected(const Token &token, const Expected &what, std::string_view hint) {
  return fail(token, strCat("expected ", what.str(), ", found ", describe(token), hint));
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

bool TextLexer::startLine(std::string_view text, size_t lineNumber) {
  line = text;
  number = lineNumber;
  position = 0;
  size_t valid = validUtf8Prefix(line);
  if (valid != line.size()) {
    errors.add({number, valid + 1, 1},
               "the text is not UTF-8; in a string, write this byte as an escape: \\xHH");
    return false;
  }
  next = scan();
  return true;
}

Token TextLexer::take() {
  Token taken = next;
  if (taken.kind != TokenKind::EndOfLine && taken.kind != TokenKind::Invalid)
    next = scan();
  return taken;
}

bool TextLexer::accept(char punctuation) {
  if (!next.is(punctuation))
    return false;
  take();
  return true;
}

bool TextLexer::expect(char punctuation, const Expected &what) {
  return accept(punctuation) || failExpected(next, what);
}

bool TextLexer::expectEnd(std::string_view what) {
  if (next.kind == TokenKind::EndOfLine)
    return true;
  return failExpected(next, {strCat("the end of the line after ", what)});
}

Token TextLexer::makeToken(TokenKind kind, size_t start) const {
  return {kind, line.substr(start, position - start)};
}

Token TextLexer::invalid(size_t start, std::string message) {
  errors.add({number, start + 1, std::max<size_t>(position - start, 1)}, std::move(message));
  return makeToken(TokenKind::Invalid, start);
}

Token TextLexer::scan() {
  while (position < line.size() && (line[position] == ' ' || line[position] == '\t'))
    ++position;
  if (position == line.size() || line[position] == ';')
    return {};
  char first = line[position];
  if (isWordByte(first))
    return isDigit(first) ? scanNumber(position) : scanIdentifier();
  switch (first) {
  case '-':
    return scanNumber(position);
  case '"':
    return scanString();
  case '#':
    return scanPrefixed(TokenKind::Index);
  case '$':
    return scanPrefixed(TokenKind::Reference);
  case ':':
  case ',':
  case '[':
  case ']':
  case '{':
  case '}':
  case '(':
  case ')':
  case '=':
  case '*':
    ++position;
    return makeToken(TokenKind::Punctuation, position - 1);
  default:
    break;
  }
  size_t start = position++;
  while (position < line.size() && validUtf8Prefix(line.substr(start, position - start)) == 0)
    ++position;
  return invalid(start,
                 absl::ascii_iscntrl(static_cast<unsigned char>(first))
                     ? "a control character is not allowed here"
                     : strCat("unexpected character '", line.substr(start, position - start), "'"));
}

Token TextLexer::scanIdentifier() {
  size_t start = position;
  while (position < line.size() && isWordByte(line[position]))
    ++position;
  // What belongs to a name in many languages, but not here.
  if (position < line.size() && (line[position] == '-' || line[position] == '.' ||
                                 static_cast<unsigned char>(line[position]) >= 0x80)) {
    size_t end = std::min(line.find_first_of(" \t;\"", position), line.size());
    position = end;
    return invalid(start, "a name that has more than letters, digits and '_' must be in quotes");
  }
  return makeToken(TokenKind::Identifier, start);
}

Token TextLexer::scanNumber(size_t start) {
  size_t first = position;
  if (line[position] == '-')
    ++position;
  bool isHex = line.substr(position, 2) == "0x";
  for (; position < line.size(); ++position) {
    char byte = line[position];
    bool isExponentSign =
        (byte == '-' || byte == '+') && !isHex && position > first + 1 &&
        absl::ascii_tolower(static_cast<unsigned char>(line[position - 1])) == 'e';
    if (!isWordByte(byte) && byte != '.' && !isExponentSign)
      break;
  }
  return makeToken(TokenKind::Number, start);
}

Token TextLexer::scanPrefixed(TokenKind kind) {
  size_t start = position++;
  if (kind == TokenKind::Index) {
    if (position < line.size() && isDigit(line[position]))
      return {kind, scanNumber(start).text};
    return invalid(start, "expected an index after '#'");
  }
  while (position < line.size() && isWordByte(line[position]))
    ++position;
  if (!isIdentifier(line.substr(start + 1, position - start - 1)))
    return invalid(start, "expected a name after '$'");
  return makeToken(kind, start);
}

Token TextLexer::scanString() {
  size_t start = position++;
  while (position < line.size() && line[position] != '"')
    position += line[position] == '\\' ? 2 : 1;
  if (position >= line.size()) {
    position = line.size();
    return invalid(start, "the string has no closing quote on this line");
  }
  ++position;
  return makeToken(TokenKind::String, start);
}

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

static int hexDigit(char digit) {
  if (isDigit(digit))
    return digit - '0';
  char lower = absl::ascii_tolower(static_cast<unsigned char>(digit));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Reads all of \p digits, which are no more than eight.
static std::optional<uint32_t> parseHex(std::string_view digits) {
  uint32_t value = 0;
  for (char digit : digits) {
    if (hexDigit(digit) < 0)
      return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(hexDigit(digit));
  }
  return digits.empty() ? std::nullopt : std::optional(value);
}

bool TextLexer::decodeByte(std::string_view &rest, std::string &out) {
  std::optional<uint32_t> value = parseHex(rest.substr(0, 2));
  if (!value || rest.size() < 2)
    return false;
  out += static_cast<char>(*value);
  rest.remove_prefix(2);
  return true;
}

bool TextLexer::decodeScalar(std::string_view &rest, std::string &out) {
  size_t close = rest.substr(0, 8).find('}');
  if (!rest.starts_with('{') || close == std::string_view::npos)
    return false;
  std::optional<uint32_t> value = parseHex(rest.substr(1, close - 1));
  if (!value || !isUnicodeScalar(*value))
    return false;
  appendUtf8(out, *value);
  rest.remove_prefix(close + 1);
  return true;
}

bool TextLexer::decodeEscape(const Token &token, std::string_view &rest, std::string &out) {
  std::string_view escape = rest.substr(0, 2);
  rest.remove_prefix(2);
  constexpr std::string_view letters = "ntr0\"\\e";
  constexpr std::string_view bytes("\n\t\r\0\"\\\x1b", 7);
  size_t letter = letters.find(escape[1]);
  if (letter != std::string_view::npos) {
    out += bytes[letter];
    return true;
  }
  Token place{token.kind, escape};
  if (escape[1] == 'x')
    return decodeByte(rest, out) || fail(place, "expected two hexadecimal digits after '\\x'");
  if (escape[1] == 'u')
    return decodeScalar(rest, out) ||
           fail(place, "expected a character number such as '{1F600}' after '\\u'");
  return fail(place, "unknown escape; known are \\n \\t \\r \\0 \\\" \\\\ \\e \\xHH and \\u{H}");
}

bool TextLexer::decodeString(const Token &token, std::string &out) {
  out.clear();
  std::string_view rest = token.text.substr(1, token.text.size() - 2);
  while (!rest.empty()) {
    if (rest[0] == '\\') {
      if (!decodeEscape(token, rest, out))
        return false;
      continue;
    }
    if (absl::ascii_iscntrl(static_cast<unsigned char>(rest[0])) && rest[0] != '\t')
      return fail({token.kind, rest.substr(0, 1)},
                  "a control character in a string must be an escape: \\xHH");
    out += rest[0];
    rest.remove_prefix(1);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

bool IntegerText::isBetween(int64_t low, uint64_t high) const {
  if (tooLarge)
    return false;
  if (!negative || magnitude == 0)
    return low <= 0 && magnitude <= high;
  return low < 0 && magnitude <= uint64_t(0) - static_cast<uint64_t>(low);
}

std::optional<IntegerText> parseIntegerText(std::string_view text) {
  IntegerText result;
  result.negative = text.starts_with('-');
  if (result.negative)
    text.remove_prefix(1);
  unsigned base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  if (text.empty())
    return std::nullopt;
  for (char byte : text) {
    int digit = hexDigit(byte);
    if (digit < 0 || static_cast<unsigned>(digit) >= base)
      return std::nullopt;
    auto addend = static_cast<unsigned>(digit);
    result.tooLarge |= result.magnitude > (UINT64_MAX - addend) / base;
    result.magnitude = result.magnitude * base + addend;
  }
  return result;
}

} // namespace fusevm
