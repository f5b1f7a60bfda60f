//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"
#include "Lexer.h"

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/Runtime/Coercions.h"

#include <algorithm>
#include <string>

namespace calc {

using namespace fusevm;

namespace {

/// Emits the code of one line. Each parse function returns false once it has reported an
/// error.
class LineCompiler {
public:
  LineCompiler(std::string_view line, size_t number, ChunkBuilder &builder,
               std::vector<Diagnostic> &diagnostics)
      : lexer(line), number(number), builder(builder), diagnostics(diagnostics) {}

  bool statement() {
    if (lexer.peek().kind == TokenKind::End)
      return true;
    if (lexer.accept("let"))
      return let() && endOfLine();
    if (lexer.accept("print"))
      return print() && endOfLine();
    return fail("expected 'let' or 'print'");
  }

private:
  bool fail(std::string message) {
    const Token &token = lexer.peek();
    std::string found = token.kind == TokenKind::End ? std::string("the end of the line")
                                                     : "'" + std::string(token.text) + "'";
    diagnostics.push_back({Severity::Error, number, token.column,
                           std::max<size_t>(token.text.size(), 1), message + ", found " + found});
    return false;
  }

  bool endOfLine() { return lexer.peek().kind == TokenKind::End || fail("expected an operator"); }

  bool let() {
    if (lexer.peek().kind != TokenKind::Name)
      return fail("expected a name");
    uint16_t name = builder.name(lexer.take().text);
    if (!lexer.accept("="))
      return fail("expected '='");
    if (!expression())
      return false;
    builder.SetVar(name);
    return true;
  }

  bool print() {
    uint8_t count = 0;
    if (!list(count))
      return false;
    builder.PrintLn(count);
    return true;
  }

  bool list(uint8_t &count) {
    do {
      if (count == UINT8_MAX)
        return fail("expected at most 255 expressions");
      if (!expression())
        return false;
      ++count;
    } while (lexer.accept(","));
    return true;
  }

  bool expression() {
    if (!term())
      return false;
    for (;;) {
      if (lexer.accept("+")) {
        if (!term())
          return false;
        builder.Add();
      } else if (lexer.accept("-")) {
        if (!term())
          return false;
        builder.Sub();
      } else if (lexer.accept("~")) {
        if (!term())
          return false;
        builder.Extended(distanceExtension, 0);
      } else {
        return true;
      }
    }
  }

  bool term() {
    if (!factor())
      return false;
    for (;;) {
      if (lexer.accept("*")) {
        if (!factor())
          return false;
        builder.Mul();
      } else if (lexer.accept("/")) {
        if (!factor())
          return false;
        builder.Div();
      } else {
        return true;
      }
    }
  }

  bool factor() {
    // As deep as a person nests parentheses, far from the end of the C++ stack.
    if (depth == 200)
      return fail("nested too deeply");
    ++depth;
    bool ok = factorAtDepth();
    --depth;
    return ok;
  }

  bool factorAtDepth() {
    if (lexer.accept("-")) {
      if (!factor())
        return false;
      builder.Negate();
      return true;
    }
    if (lexer.accept("("))
      return expression() && (lexer.accept(")") || fail("expected ')'"));
    switch (lexer.peek().kind) {
    case TokenKind::Number:
      return numberLiteral();
    case TokenKind::Text:
      builder.LoadConst(builder.constant(Value::makeStr(lexer.take().text)));
      return true;
    case TokenKind::Name:
      return nameOrCall();
    case TokenKind::Symbol:
    case TokenKind::End:
    case TokenKind::Bad:
      break;
    }
    return fail("expected an expression");
  }

  bool numberLiteral() {
    std::string_view text = lexer.peek().text;
    if (std::optional<int64_t> integer = parseInt(text))
      builder.LoadInt(*integer);
    else if (std::optional<double> number = parseFloat(text))
      builder.LoadFloat(*number);
    else
      return fail("expected a number");
    lexer.take();
    return true;
  }

  bool nameOrCall() {
    Token name = lexer.peek();
    auto known = std::find_if(std::begin(functions), std::end(functions),
                              [&](const Function &function) { return function.name == name.text; });
    if (known == std::end(functions)) {
      builder.GetVar(builder.name(lexer.take().text));
      return true;
    }
    lexer.take();
    uint8_t count = 0;
    if (!lexer.accept("("))
      return fail("expected '('");
    if (!lexer.accept(")") && !(list(count) && (lexer.accept(")") || fail("expected ')'"))))
      return false;
    builder.CallBuiltin(known->builtin, count);
    return true;
  }

  Lexer lexer;
  size_t number;
  ChunkBuilder &builder;
  std::vector<Diagnostic> &diagnostics;
  unsigned depth = 0;
};

} // namespace

std::optional<Chunk> compile(std::string_view fileName, std::string_view source,
                             std::vector<Diagnostic> &diagnostics) {
  ChunkBuilder builder;
  builder.setSource(fileName);
  size_t number = 0;
  while (!source.empty()) {
    std::string_view line = source.substr(0, source.find('\n'));
    source.remove_prefix(std::min(line.size() + 1, source.size()));
    builder.setLine(static_cast<uint32_t>(++number));
    LineCompiler(line, number, builder, diagnostics).statement();
  }
  absl::StatusOr<Chunk> chunk = builder.build();
  if (!chunk.ok())
    diagnostics.push_back({Severity::Error, 0, 0, 1, std::string(chunk.status().message())});
  if (!diagnostics.empty())
    return std::nullopt;
  return *std::move(chunk);
}

} // namespace calc
