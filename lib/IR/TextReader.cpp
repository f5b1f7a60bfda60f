//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/TextFormat.h"

#include "ChunkAssembler.h"
#include "TextLexer.h"
#include "TextValue.h"

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <memory>

namespace fusevm {

namespace {

/// Reads a text statement by statement. Each function that reads returns false after
/// reporting an error; the rest of the line is skipped then.
class TextReader {
public:
  TextReader(std::string_view text, std::vector<Diagnostic> &diagnostics)
      : text(text), errors(diagnostics), lexer(errors) {}

  std::optional<Chunk> read();

private:
  struct Directive {
    std::string_view name;
    bool (TextReader::*read)(const Token &keyword);
  };
  static const Directive directives[];

  /// A name as it is written, with its index in the pool.
  struct NameUse {
    uint16_t index = 0;
    Token token;
  };

  ChunkAssembler &chunk() { return *chunks.back(); }
  LabelText labelAt(const Token &token) const;
  bool readLine(std::string_view line, size_t number);
  bool readStatement();
  bool readKeyword(const Token &token);
  bool failUnknown(const Token &token);
  void finishNested();

  // Ops and their operands.
  bool readOp(const Token &token, Opcode opcode);
  bool readOperand(const OperandInfo &operand, size_t op, uint8_t index);
  bool readConst(const OperandInfo &operand, size_t op, uint8_t index);
  bool readSlot(const Expected &what, uint16_t &slot);
  bool readName(const Expected &what, NameUse &name);
  bool readIdentifier(const Expected &what, LabelText &label);
  bool readIndex(const Token &token, const Expected &what, IntegerRange range, uint64_t &bits);
  bool readLabelUse(const Expected &what, const LabelUse &use);

  // Directives, in alphabetical order.
  bool readBlock(const Token &keyword);
  bool readChunk(const Token &keyword);
  bool readChunkHeader(LabelText &label);
  bool readConstDirective(const Token &keyword);
  bool readEnd(const Token &keyword);
  bool readEntry(const Token &keyword);
  bool readLineDirective(const Token &keyword);
  bool readLines(const Token &keyword);
  bool readLineRun(std::vector<uint32_t> &table);
  bool readNameDirective(const Token &keyword);
  bool readRange(const Token &keyword);
  bool readSlotDirective(const Token &keyword);
  bool readSlots(const Token &keyword);
  bool readSource(const Token &keyword);
  bool readSub(const Token &keyword);

  std::string_view text;
  TextErrors errors;
  TextLexer lexer;
  /// The chunk that is read, behind those it is nested in.
  std::vector<std::unique_ptr<ChunkAssembler>> chunks;
  size_t lineEntries = 0; ///< of all line tables
};

const TextReader::Directive TextReader::directives[] = {
    {"block", &TextReader::readBlock},
    {"chunk", &TextReader::readChunk},
    {"const", &TextReader::readConstDirective},
    {"end", &TextReader::readEnd},
    {"entry", &TextReader::readEntry},
    {"line", &TextReader::readLineDirective},
    {"lines", &TextReader::readLines},
    {"name", &TextReader::readNameDirective},
    {"range", &TextReader::readRange},
    {"slot", &TextReader::readSlotDirective},
    {"slots", &TextReader::readSlots},
    {"source", &TextReader::readSource},
    {"sub", &TextReader::readSub},
};

} // namespace

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

std::optional<Chunk> TextReader::read() {
  chunks.push_back(std::make_unique<ChunkAssembler>(errors, TextPlace{1, 1, 1}));
  std::string_view rest = text;
  for (size_t number = 1; !rest.empty() && !errors.areEnough(); ++number) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    bool isInterpreterLine = number == 1 && line.starts_with("#!");
    if (!isInterpreterLine)
      readLine(line, number);
  }
  while (chunks.size() > 1 && !errors.areEnough()) {
    errors.add(chunk().startPlace(), "the chunk has no '}'");
    finishNested();
  }
  Chunk result = chunks.front()->finish();
  errors.sort();
  return errors.any() ? std::nullopt : std::optional(std::move(result));
}

/// Ends the innermost chunk, which is not the only one.
void TextReader::finishNested() {
  Chunk nested = chunk().finish();
  chunks.pop_back();
  chunk().addSubChunk(std::move(nested));
}

bool TextReader::readLine(std::string_view line, size_t number) {
  return lexer.startLine(line, number) && readStatement();
}

LabelText TextReader::labelAt(const Token &token) const {
  std::string_view name = token.text;
  if (token.kind == TokenKind::Reference)
    name.remove_prefix(1);
  return {name, lexer.placeOf(token)};
}

bool TextReader::readStatement() {
  while (lexer.peek().kind == TokenKind::Identifier) {
    Token token = lexer.take();
    if (!lexer.accept(':'))
      return readKeyword(token);
    chunk().define(LabelSpace::Op, labelAt(token), chunk().nextOp());
  }
  Token token = lexer.take();
  if (token.kind == TokenKind::EndOfLine)
    return true;
  if (!token.is('}'))
    return lexer.failExpected(token, {"an op, a directive or a label"});
  if (chunks.size() == 1)
    return lexer.fail(token, "'}' without a chunk that it could end");
  finishNested();
  return lexer.expectEnd("'}'");
}

bool TextReader::readKeyword(const Token &token) {
  if (std::optional<Opcode> opcode = findOpcode(token.text))
    return readOp(token, *opcode);
  for (const Directive &directive : directives)
    if (directive.name == token.text)
      return (this->*directive.read)(token);
  return failUnknown(token);
}

bool TextReader::failUnknown(const Token &token) {
  std::vector<std::string_view> candidates;
  for (size_t i = 0; i != numOpcodes; ++i)
    candidates.push_back(opName(static_cast<Opcode>(i)));
  for (const Directive &directive : directives)
    candidates.push_back(directive.name);
  std::string hint = suggestion(token.text, candidates);
  if (hint.empty() && lexer.peek().kind == TokenKind::EndOfLine)
    hint = "; a label needs a ':'";
  // Ops begin in upper case and directives do not, but it may be the case that is wrong.
  bool isLikeOp = absl::ascii_isupper(static_cast<unsigned char>(token.text[0]));
  return lexer.fail(
      token, strCat(isLikeOp ? "unknown op " : "unknown op or directive ", describe(token), hint));
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

bool TextReader::readOp(const Token &token, Opcode opcode) {
  // The op is there even if its operands are wrong, so that labels stay right.
  size_t op = chunk().addOp(opcode, lexer.lineNumber());
  const OpInfo &info = opInfo(opcode);
  for (size_t i = 0; i != info.operands.size(); ++i)
    if (!readOperand(info.operands[i], op, static_cast<uint8_t>(i)))
      return false;
  if (lexer.peek().kind == TokenKind::EndOfLine)
    return true;
  std::string what = describe(token);
  switch (size_t count = info.operands.size()) {
  case 0:
    return lexer.expectEnd(strCat(what, ", which has no operands"));
  case 1:
    return lexer.expectEnd(strCat("the operand of ", what));
  default:
    return lexer.expectEnd(strCat("the ", count, " operands of ", what));
  }
}

/// What an operand of a kind is called in messages.
static std::string_view operandNoun(OperandKind kind) {
  switch (kind) {
  case OperandKind::Int64:
  case OperandKind::BuiltinId:
  case OperandKind::ExtensionId:
  case OperandKind::Byte:
  case OperandKind::Limit:
  case OperandKind::Payload:
  case OperandKind::Field:
    return "an integer";
  case OperandKind::Count8:
  case OperandKind::Count16:
  case OperandKind::Argc:
    return "a count";
  case OperandKind::Float64:
    return "a number";
  case OperandKind::Const:
    return "a value";
  case OperandKind::Name:
    return "a name";
  case OperandKind::Slot:
    return "a slot";
  case OperandKind::Block:
    return "the label of a block";
  case OperandKind::SubChunk:
    return "the label of a chunk";
  case OperandKind::Target:
    return "a label";
  }
  return "";
}

static IntegerRange rangeOf(OperandType type) {
  switch (type) {
  case OperandType::U8:
    return IntegerRange::of<uint8_t>();
  case OperandType::U16:
    return IntegerRange::of<uint16_t>();
  case OperandType::I32:
    return IntegerRange::of<int32_t>();
  case OperandType::I64:
    return IntegerRange::of<int64_t>();
  case OperandType::U64:
    return IntegerRange::of<uint64_t>();
  case OperandType::F64:
    break;
  }
  assert(false && "not an integer type");
  return {0, 0};
}

bool TextReader::readOperand(const OperandInfo &operand, size_t op, uint8_t index) {
  Expected what{operandNoun(operand.kind), operand.name};
  uint64_t bits = 0;
  switch (operand.kind) {
  case OperandKind::Int64:
  case OperandKind::Count8:
  case OperandKind::Count16:
  case OperandKind::Argc:
  case OperandKind::BuiltinId:
  case OperandKind::ExtensionId:
  case OperandKind::Byte:
  case OperandKind::Limit:
  case OperandKind::Payload:
  case OperandKind::Field:
    if (!readInteger(lexer, what, rangeOf(operandType(operand.kind)), bits))
      return false;
    break;
  case OperandKind::Float64: {
    double number = 0;
    if (!readFloat(lexer, what, number))
      return false;
    bits = std::bit_cast<uint64_t>(number);
    break;
  }
  case OperandKind::Name: {
    NameUse name;
    if (!readName(what, name))
      return false;
    bits = name.index;
    break;
  }
  case OperandKind::Slot: {
    uint16_t slot = 0;
    if (!readSlot(what, slot))
      return false;
    bits = slot;
    break;
  }
  case OperandKind::Const:
    return readConst(operand, op, index);
  case OperandKind::Block:
    return readLabelUse(what, {LabelSpace::Block, LabelUse::Field::Operand, index, op});
  case OperandKind::SubChunk:
    return readLabelUse(what, {LabelSpace::Chunk, LabelUse::Field::Operand, index, op});
  case OperandKind::Target:
    return readLabelUse(what, {LabelSpace::Op, LabelUse::Field::Operand, index, op});
  }
  chunk().setOperand(op, index, bits);
  return true;
}

bool TextReader::readConst(const OperandInfo &operand, size_t op, uint8_t index) {
  Expected what{operandNoun(operand.kind), operand.name};
  Token token = lexer.peek();
  if (token.kind == TokenKind::Index || token.kind == TokenKind::Reference)
    return readLabelUse(what, {LabelSpace::Constant, LabelUse::Field::Operand, index, op});
  Value value;
  if (!readValue(lexer, what, value))
    return false;
  std::optional<uint16_t> constant = chunk().internConstant(std::move(value));
  if (!constant)
    return lexer.fail(token, strCat("the constant pool is full: no operand can hold an index of ",
                                    maxPoolEntries, " or more"));
  chunk().setOperand(op, index, *constant);
  return true;
}

bool TextReader::readSlot(const Expected &what, uint16_t &slot) {
  Token token = lexer.take();
  if (token.kind == TokenKind::Identifier) {
    std::optional<uint16_t> found = chunk().findSlot(labelAt(token));
    slot = found.value_or(0);
    return found.has_value();
  }
  uint64_t bits = 0;
  if (token.kind == TokenKind::Number) {
    if (!readInteger(lexer, token, token.text, what, IntegerRange::of<uint16_t>(), bits))
      return false;
  } else if (!readIndex(token, what, IntegerRange::of<uint16_t>(), bits)) {
    return false;
  }
  slot = static_cast<uint16_t>(bits);
  return true;
}

bool TextReader::readName(const Expected &what, NameUse &name) {
  name.token = lexer.take();
  std::string bytes;
  std::optional<uint16_t> index;
  if (name.token.kind == TokenKind::Identifier) {
    index = chunk().internName(name.token.text);
  } else if (name.token.kind == TokenKind::String) {
    if (!lexer.decodeString(name.token, bytes))
      return false;
    index = chunk().internName(bytes);
  } else {
    uint64_t bits = 0;
    if (!readIndex(name.token, what, IntegerRange::of<uint16_t>(), bits))
      return false;
    index = static_cast<uint16_t>(bits);
  }
  if (!index)
    return lexer.fail(name.token, strCat("the name pool is full: no operand can hold an index of ",
                                         maxPoolEntries, " or more"));
  name.index = *index;
  return true;
}

bool TextReader::readIdentifier(const Expected &what, LabelText &label) {
  Token token = lexer.take();
  label.place = lexer.placeOf(token);
  if (token.kind != TokenKind::Identifier)
    return lexer.failExpected(token, what);
  label.name = token.text;
  return true;
}

/// Reads the index in \p token if that is an Index.
bool TextReader::readIndex(const Token &token, const Expected &what, IntegerRange range,
                           uint64_t &bits) {
  if (token.kind != TokenKind::Index)
    return lexer.failExpected(token, what);
  return readInteger(lexer, token, token.text.substr(1), {"an index", what.operand}, range, bits);
}

/// Reads a label or an index and sees to it that its value is stored.
bool TextReader::readLabelUse(const Expected &what, const LabelUse &use) {
  Token token = lexer.take();
  TokenKind labelKind =
      use.space == LabelSpace::Constant ? TokenKind::Reference : TokenKind::Identifier;
  if (token.kind == labelKind) {
    chunk().use(labelAt(token), use);
    return true;
  }
  if (token.kind == TokenKind::Number)
    return lexer.failExpected(token, what, strCat("; an index is written '#", token.text, "'"));
  uint64_t bits = 0;
  IntegerRange range =
      use.space == LabelSpace::Op ? IntegerRange::of<uint64_t>() : IntegerRange::of<uint16_t>();
  if (!readIndex(token, what, range, bits))
    return false;
  chunk().store(use, bits);
  return true;
}

//===----------------------------------------------------------------------===//
// Directives
//===----------------------------------------------------------------------===//

bool TextReader::readBlock(const Token &) {
  LabelText label;
  bool isRead = readIdentifier({"the label of the block"}, label);
  // Even without a label, so that its end finds it.
  chunk().openBlock(label);
  return isRead && lexer.expect(':', {"':' after the label of the block"}) &&
         lexer.expectEnd("the label of the block");
}

bool TextReader::readChunkHeader(LabelText &label) {
  return readIdentifier({"the label of the chunk"}, label) &&
         lexer.expect('{', {"'{' after the label of the chunk"}) && lexer.expectEnd("'{'");
}

bool TextReader::readChunk(const Token &keyword) {
  LabelText label;
  bool isRead = readChunkHeader(label);
  if (!label.name.empty())
    chunk().define(LabelSpace::Chunk, label, chunk().numSubChunks());
  // Even if the line is wrong, so that the end of the chunk finds it.
  chunks.push_back(std::make_unique<ChunkAssembler>(errors, lexer.placeOf(keyword)));
  if (chunks.size() - 1 > maxTextNesting)
    return lexer.fail(keyword,
                      strCat("chunks are nested more than ", maxTextNesting, " levels deep"));
  return isRead;
}

bool TextReader::readConstDirective(const Token &) {
  if (lexer.peek().kind == TokenKind::Reference) {
    Token token = lexer.take();
    chunk().define(LabelSpace::Constant, labelAt(token), chunk().numConstants());
    if (!lexer.expect('=', {"'=' after the label of the constant"}))
      return false;
  }
  Value value;
  if (!readValue(lexer, {"a value"}, value))
    return false;
  chunk().addConstant(std::move(value));
  return lexer.expectEnd("the value");
}

bool TextReader::readEnd(const Token &keyword) {
  if (!chunk().closeBlock())
    return lexer.fail(keyword, "'end' without a block that it could end");
  return lexer.expectEnd("'end'");
}

bool TextReader::readEntry(const Token &) {
  NameUse name;
  if (!readName({"the name of the sub"}, name))
    return false;
  LabelUse use{LabelSpace::Op, LabelUse::Field::EntryOp};
  use.index = chunk().addSubEntry(name.index);
  return readLabelUse({"the label of the entry"}, use) && lexer.expectEnd("the entry");
}

bool TextReader::readLineDirective(const Token &keyword) {
  uint64_t line = 0;
  if (!readInteger(lexer, {"a line number"}, IntegerRange::of<uint32_t>(), line))
    return false;
  if (!chunk().setLine(static_cast<uint32_t>(line)))
    return lexer.fail(keyword, "the lines of this chunk are given by 'lines' already");
  return lexer.expectEnd("the line number");
}

/// Reads a line number, or how often it is to be repeated and the number.
bool TextReader::readLineRun(std::vector<uint32_t> &table) {
  Token token = lexer.peek();
  uint64_t line = 0;
  uint64_t count = 1;
  if (!readInteger(lexer, {"a line number"}, IntegerRange::of<uint32_t>(), line))
    return false;
  if (lexer.accept('*') &&
      !readInteger(lexer, {"how often the line is repeated"}, IntegerRange::of<uint64_t>(), count))
    return false;
  if (count > maxTextLineEntries - lineEntries)
    return lexer.fail(
        token, strCat("the line tables have more than ", maxTextLineEntries, " entries in all"));
  lineEntries += count;
  table.insert(table.end(), count, static_cast<uint32_t>(line));
  return true;
}

bool TextReader::readLines(const Token &keyword) {
  if (!lexer.expect('[', {"'[' in front of the line table"}))
    return false;
  std::vector<uint32_t> table;
  if (!lexer.accept(']')) {
    do {
      if (!readLineRun(table))
        return false;
    } while (lexer.accept(','));
    if (!lexer.expect(']', {"',' or ']' after a line number"}))
      return false;
  }
  if (!chunk().setLineTable(std::move(table)))
    return lexer.fail(keyword, "the lines of this chunk are given already");
  return lexer.expectEnd("the line table");
}

bool TextReader::readNameDirective(const Token &) {
  Token token = lexer.take();
  std::string bytes(token.text);
  if (token.kind == TokenKind::String) {
    if (!lexer.decodeString(token, bytes))
      return false;
  } else if (token.kind != TokenKind::Identifier) {
    return lexer.failExpected(token, {"a name"});
  }
  chunk().addName(bytes);
  return lexer.expectEnd("the name");
}

bool TextReader::readRange(const Token &) {
  LabelUse use{LabelSpace::Op, LabelUse::Field::RangeStart};
  use.index = chunk().addRange();
  if (!readLabelUse({"the label of the start"}, use))
    return false;
  use.field = LabelUse::Field::RangeEnd;
  return readLabelUse({"the label of the end"}, use) && lexer.expectEnd("the range");
}

bool TextReader::readSlotDirective(const Token &) {
  LabelText name;
  uint64_t slot = 0;
  if (!readIdentifier({"the name of a slot"}, name) ||
      !lexer.expect('=', {"'=' after the name of the slot"}) ||
      !readInteger(lexer, {"a slot"}, IntegerRange::of<uint16_t>(), slot))
    return false;
  chunk().declareSlot(name, static_cast<uint16_t>(slot));
  return lexer.expectEnd("the slot");
}

bool TextReader::readSlots(const Token &) {
  do {
    LabelText name;
    if (!readIdentifier({"the name of a slot"}, name))
      return false;
    chunk().declareSlot(name);
  } while (lexer.peek().kind != TokenKind::EndOfLine);
  return true;
}

bool TextReader::readSource(const Token &keyword) {
  Token token = lexer.take();
  std::string bytes;
  if (token.kind != TokenKind::String)
    return lexer.failExpected(token, {"the name of the source file, in quotes"});
  if (!lexer.decodeString(token, bytes))
    return false;
  if (!chunk().setSource(std::move(bytes)))
    return lexer.fail(keyword, "the source of this chunk is given already");
  return lexer.expectEnd("the source");
}

bool TextReader::readSub(const Token &) {
  chunk().beginSlots();
  NameUse name;
  if (!readName({"the name of the sub"}, name))
    return false;
  chunk().addSubEntry(name.index);
  if (name.token.kind == TokenKind::Identifier)
    chunk().define(LabelSpace::Op, labelAt(name.token), chunk().nextOp());
  return lexer.expect(':', {"':' after the name of the sub"}) &&
         lexer.expectEnd("the name of the sub");
}

std::optional<Chunk> parseText(std::string_view text, std::vector<Diagnostic> &diagnostics) {
  return TextReader(text, diagnostics).read();
}

} // namespace fusevm
