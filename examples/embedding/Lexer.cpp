//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Lexer.h"

#include <cctype>

namespace calc {

static bool isNameChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
static bool isNumberChar(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.';
}

Token Lexer::take() {
  Token token = current;
  advance();
  return token;
}

bool Lexer::accept(std::string_view text) {
  bool matches = (current.kind == TokenKind::Symbol || current.kind == TokenKind::Name) &&
                 current.text == text;
  if (matches)
    advance();
  return matches;
}

void Lexer::advance() {
  while (position < line.size() && line[position] == ' ')
    ++position;
  size_t start = position;
  size_t column = start + 1;
  if (start == line.size() || line[start] == '#') {
    current = {TokenKind::End, "", column};
    return;
  }
  auto takeWhile = [&](auto predicate) {
    while (position < line.size() && predicate(line[position]))
      ++position;
    return line.substr(start, position - start);
  };
  char first = line[start];
  if (first == '"') {
    size_t end = line.find('"', start + 1);
    if (end == std::string_view::npos) {
      position = line.size();
      current = {TokenKind::Bad, line.substr(start), column};
      return;
    }
    position = end + 1;
    current = {TokenKind::Text, line.substr(start + 1, end - start - 1), column};
  } else if (isNumberChar(first)) {
    current = {TokenKind::Number, takeWhile(isNumberChar), column};
  } else if (isNameChar(first)) {
    current = {TokenKind::Name, takeWhile(isNameChar), column};
  } else {
    ++position;
    current = {TokenKind::Symbol, line.substr(start, 1), column};
  }
}

} // namespace calc
