//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/TextFormat.h"

#include "TextLayout.h"
#include "TextValue.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace fusevm {

/// Bytes of a constant that may be written again at each use.
static constexpr size_t maxInlineConstant = 60;
/// Column behind which comments begin.
static constexpr size_t commentColumn = 32;

namespace {

/// What the printers of a chunk and of those nested in it share.
struct TextOutput {
  const PrintOptions &options;
  std::string text;
  size_t lineEntries = 0; ///< of all line tables

  absl::Status checkSize() const {
    if (text.size() <= options.maxBytes)
      return absl::OkStatus();
    return absl::ResourceExhaustedError(
        strCat("the chunk's text would be longer than ", options.maxBytes, " bytes"));
  }
};

/// Writes one chunk.
class ChunkPrinter {
public:
  ChunkPrinter(const Chunk &chunk, TextOutput &output, size_t depth)
      : chunk(chunk), output(output), indent(2 * depth, ' '), depth(depth), layout(chunk) {}

  absl::Status print();

private:
  absl::Status planConstants();
  absl::Status printLineTable();
  void printOps();
  void printPoolsRest();
  absl::Status printNested();

  void printStatementsAt(uint64_t position);
  void closeBlocks(uint64_t position);
  void printSub(size_t index);
  void printBlock(size_t index);
  void printLabel(uint64_t position);
  void printLineChange(size_t op);
  void printOp(size_t op);

  void appendOperand(std::string &out, const Instruction &instruction, size_t index);
  void appendName(std::string &out, uint64_t index);
  void appendConstant(std::string &out, uint64_t index);
  void appendComment(std::string &out, size_t op) const;
  bool isRepeatable(size_t constant) const;
  void printNamesUpTo(size_t count);
  void printConstantsUpTo(size_t count);
  /// Writes a line of text.
  template <typename... Pieces> void printLine(const Pieces &...pieces) {
    strAppend(output.text, indent, pieces..., "\n");
  }

  /// A constant as it is written.
  struct Literal {
    std::string text;
    bool isFirst = true; ///< no earlier constant is identical
    size_t uses = 0;
  };

  const Chunk &chunk;
  TextOutput &output;
  std::string indent;
  size_t depth;
  TextLayout layout;
  std::vector<Literal> literals;
  // How much of each list has been written.
  size_t numNames = 0;
  size_t numConstants = 0;
  size_t numSubs = 0;
  size_t numBlocks = 0;
  std::vector<BlockRange> openBlocks;
  bool isLabelPrinted = false; ///< that of the current position
  bool hasText = false;        ///< whether there is anything above that a gap could part
  std::string statement;       ///< the one being put together
};

} // namespace

absl::Status ChunkPrinter::print() {
  if (depth > maxTextNesting)
    return absl::InvalidArgumentError(
        strCat("chunks are nested more than ", maxTextNesting, " levels deep"));
  if (absl::Status status = planConstants(); !status.ok())
    return status;
  if (!chunk.source.empty()) {
    statement.clear();
    appendStringLiteral(statement, chunk.source);
    printLine("source ", statement);
  }
  if (absl::Status status = printLineTable(); !status.ok())
    return status;
  printOps();
  printPoolsRest();
  if (absl::Status status = output.checkSize(); !status.ok())
    return status;
  return printNested();
}

//===----------------------------------------------------------------------===//
// Constants and names
//===----------------------------------------------------------------------===//

absl::Status ChunkPrinter::planConstants() {
  literals.resize(chunk.constants.size());
  size_t budget = output.options.maxBytes;
  absl::flat_hash_set<std::string_view> seen;
  for (size_t i = 0; i != literals.size(); ++i) {
    absl::Status status = appendValueLiteral(literals[i].text, chunk.constants[i], budget);
    if (!status.ok())
      return absl::Status(status.code(),
                          strCat("constant ", i, ": ", std::string(status.message())));
    budget -= literals[i].text.size();
    literals[i].isFirst = seen.insert(literals[i].text).second;
  }
  for (const Instruction &instruction : chunk.ops) {
    absl::Span<const OperandInfo> operands = instruction.info().operands;
    for (size_t i = 0; i != operands.size(); ++i)
      if (operands[i].kind == OperandKind::Const && instruction.operand(i) < literals.size())
        ++literals[instruction.operand(i)].uses;
  }
  return absl::OkStatus();
}

void ChunkPrinter::printNamesUpTo(size_t count) {
  for (; numNames < count; ++numNames) {
    std::string name;
    appendNameLiteral(name, chunk.names[numNames]);
    printLine("name ", name);
  }
}

/// Whether the constant can be written as its value at each use.
bool ChunkPrinter::isRepeatable(size_t constant) const {
  return literals[constant].isFirst && literals[constant].text.size() <= maxInlineConstant;
}

void ChunkPrinter::printConstantsUpTo(size_t count) {
  for (; numConstants < count; ++numConstants) {
    const Literal &literal = literals[numConstants];
    if (literal.uses != 0 && !isRepeatable(numConstants))
      printLine("const $c", numConstants, " = ", literal.text);
    else
      printLine("const ", literal.text);
  }
}

void ChunkPrinter::appendName(std::string &out, uint64_t index) {
  bool exists = index < chunk.names.size();
  if (exists && layout.isNameInline(index)) {
    printNamesUpTo(index);
    numNames = std::max<size_t>(numNames, index + 1);
    appendNameLiteral(out, chunk.names[index]);
    return;
  }
  if (exists)
    printNamesUpTo(index + 1);
  strAppend(out, "#", index);
}

void ChunkPrinter::appendConstant(std::string &out, uint64_t index) {
  if (index >= literals.size()) {
    strAppend(out, "#", index);
    return;
  }
  const Literal &literal = literals[index];
  bool isOnlyUse = literal.isFirst && literal.uses == 1 && numConstants <= index;
  if (isOnlyUse || isRepeatable(index)) {
    printConstantsUpTo(index);
    numConstants = std::max<size_t>(numConstants, index + 1);
    out += literal.text;
    return;
  }
  printConstantsUpTo(index + 1);
  strAppend(out, "$c", index);
}

void ChunkPrinter::printPoolsRest() {
  printNamesUpTo(chunk.names.size());
  printConstantsUpTo(literals.size());
}

//===----------------------------------------------------------------------===//
// Source lines
//===----------------------------------------------------------------------===//

absl::Status ChunkPrinter::printLineTable() {
  const std::vector<uint32_t> &lines = chunk.lines;
  if (!output.options.lines || lines.size() == chunk.ops.size())
    return absl::OkStatus();
  if (lines.size() > maxTextLineEntries - output.lineEntries)
    return absl::ResourceExhaustedError(
        strCat("the line tables have more than ", maxTextLineEntries, " entries in all"));
  output.lineEntries += lines.size();
  statement.clear();
  for (auto first = lines.begin(); first != lines.end();) {
    auto last = std::find_if(first, lines.end(), [=](uint32_t line) { return line != *first; });
    strAppend(statement, first == lines.begin() ? "" : ", ", *first);
    if (last - first > 1)
      strAppend(statement, "*", last - first);
    first = last;
  }
  printLine("lines [", statement, "]");
  return absl::OkStatus();
}

void ChunkPrinter::printLineChange(size_t op) {
  const std::vector<uint32_t> &lines = chunk.lines;
  if (!output.options.lines || lines.size() != chunk.ops.size())
    return;
  // The first op always gets one, because without any the lines would be the text's.
  if (op == 0 || lines[op] != lines[op - 1])
    printLine("line ", lines[op]);
}

//===----------------------------------------------------------------------===//
// Subs, blocks and labels
//===----------------------------------------------------------------------===//

void ChunkPrinter::printLabel(uint64_t position) {
  if (isLabelPrinted || !layout.hasLabel(position))
    return;
  isLabelPrinted = true;
  statement.clear();
  layout.appendTarget(statement, position);
  printLine(statement, ":");
}

void ChunkPrinter::closeBlocks(uint64_t position) {
  while (!openBlocks.empty() && openBlocks.back().end <= position) {
    // A label to which the block itself jumps reads better inside.
    if (layout.isReachedFrom(openBlocks.back().start, position))
      printLabel(position);
    printLine("end");
    openBlocks.pop_back();
  }
}

void ChunkPrinter::printSub(size_t index) {
  const SubEntry &sub = chunk.subEntries[index];
  std::string name;
  appendName(name, sub.name);
  if (layout.subs()[index].isMarked) {
    if (hasText)
      output.text += '\n';
    printLine("sub ", name, ":");
    return;
  }
  statement.clear();
  layout.appendTarget(statement, sub.op);
  printLine("entry ", name, " ", statement);
}

void ChunkPrinter::printBlock(size_t index) {
  const BlockRange &range = chunk.blockRanges[index];
  if (layout.blocks()[index].isMarked) {
    closeBlocks(range.start);
    printLine("block b", index, ":");
    openBlocks.push_back(range);
    return;
  }
  statement.clear();
  layout.appendTarget(statement, range.start);
  statement += ' ';
  layout.appendTarget(statement, range.end);
  printLine("range ", statement);
}

void ChunkPrinter::printStatementsAt(uint64_t position) {
  isLabelPrinted = false;
  closeBlocks(position);
  for (; numSubs != layout.subs().size() && layout.subs()[numSubs].position == position; ++numSubs)
    printSub(numSubs);
  printLabel(position);
  for (; numBlocks != layout.blocks().size() && layout.blocks()[numBlocks].position == position;
       ++numBlocks)
    printBlock(numBlocks);
  closeBlocks(position);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void ChunkPrinter::printOps() {
  for (size_t op = 0; op != chunk.ops.size() && output.checkSize().ok(); ++op) {
    printStatementsAt(op);
    printLineChange(op);
    printOp(op);
    hasText = true;
  }
  printStatementsAt(chunk.ops.size());
}

void ChunkPrinter::printOp(size_t op) {
  const Instruction &instruction = chunk.ops[op];
  statement.clear();
  strAppend(statement, indent, "  ", opName(instruction.opcode()));
  for (size_t i = 0; i != instruction.info().operands.size(); ++i) {
    statement += ' ';
    appendOperand(statement, instruction, i);
  }
  if (output.options.comment)
    appendComment(statement, op);
  strAppend(output.text, statement, "\n");
}

void ChunkPrinter::appendOperand(std::string &out, const Instruction &instruction, size_t index) {
  uint64_t bits = instruction.operand(index);
  switch (instruction.info().operands[index].kind) {
  case OperandKind::Int64:
  case OperandKind::Limit:
    strAppend(out, static_cast<int64_t>(bits));
    return;
  case OperandKind::Float64:
    appendFloatLiteral(out, std::bit_cast<double>(bits));
    return;
  case OperandKind::Const:
    appendConstant(out, bits);
    return;
  case OperandKind::Name:
    appendName(out, bits);
    return;
  case OperandKind::Block: {
    bool isMarked = bits < layout.blocks().size() && layout.blocks()[bits].isMarked;
    strAppend(out, isMarked ? "b" : "#", bits);
    return;
  }
  case OperandKind::SubChunk:
    strAppend(out, bits < chunk.subChunks.size() ? "c" : "#", bits);
    return;
  case OperandKind::Target:
    layout.appendTarget(out, bits);
    return;
  case OperandKind::Slot:
  case OperandKind::Count8:
  case OperandKind::Count16:
  case OperandKind::Argc:
  case OperandKind::BuiltinId:
  case OperandKind::ExtensionId:
  case OperandKind::Byte:
  case OperandKind::Payload:
  case OperandKind::Field:
    strAppend(out, bits);
    return;
  }
}

void ChunkPrinter::appendComment(std::string &out, size_t op) const {
  std::string comment = output.options.comment(chunk, op);
  assert(comment.find('\n') == std::string::npos && "a comment is one line");
  if (comment.empty())
    return;
  auto isCharacterStart = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  };
  auto width = static_cast<size_t>(std::count_if(out.begin(), out.end(), isCharacterStart));
  out.append(width < commentColumn ? commentColumn - width : 1, ' ');
  strAppend(out, "; ", comment);
}

absl::Status ChunkPrinter::printNested() {
  for (size_t i = 0; i != chunk.subChunks.size(); ++i) {
    if (hasText)
      output.text += '\n';
    printLine("chunk c", i, " {");
    ChunkPrinter nested(chunk.subChunks[i], output, depth + 1);
    if (absl::Status status = nested.print(); !status.ok())
      return status;
    printLine("}");
    hasText = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> printText(const Chunk &chunk, const PrintOptions &options) {
  TextOutput output{options, ""};
  absl::Status status = ChunkPrinter(chunk, output, 0).print();
  if (status.ok())
    status = output.checkSize();
  if (!status.ok())
    return status;
  return std::move(output.text);
}

} // namespace fusevm
