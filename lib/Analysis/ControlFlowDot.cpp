//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Control-flow graphs in the language of Graphviz.

#include "fusevm/Analysis/ControlFlowGraph.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <bit>

namespace fusevm {

/// Bytes of a literal that may stand in a node.
static constexpr size_t maxLiteral = 60;

/// Appends \p value, entry \p index of a pool, as a literal if that is not long.
static void appendLiteral(std::string &out, const Value &value, uint64_t index) {
  if (!appendValueLiteral(out, value, maxLiteral).ok())
    strAppend(out, "#", index);
}

static bool isIdentifier(std::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char byte) { return absl::ascii_isalnum(byte) || byte == '_'; });
}

static void appendName(std::string &out, std::string_view name, uint64_t index) {
  if (isIdentifier(name) && name.size() <= maxLiteral)
    out += name;
  else
    appendLiteral(out, Value::makeStr(name), index);
}

static void appendOperand(std::string &out, const Chunk &chunk, const Instruction &instruction,
                          size_t index) {
  uint64_t bits = instruction.operand(index);
  switch (instruction.info().operands[index].kind) {
  case OperandKind::Int64:
  case OperandKind::Limit:
    strAppend(out, static_cast<int64_t>(bits));
    return;
  case OperandKind::Float64:
    appendLiteral(out, Value::makeFloat(std::bit_cast<double>(bits)), bits);
    return;
  case OperandKind::Const:
    if (bits < chunk.constants.size())
      return appendLiteral(out, chunk.constants[bits], bits);
    break;
  case OperandKind::Name:
    if (bits < chunk.names.size())
      return appendName(out, chunk.names[bits], bits);
    break;
  case OperandKind::Block:
  case OperandKind::SubChunk:
    break;
  case OperandKind::Target:
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
  strAppend(out, "#", bits);
}

/// Appends \p text to a quoted string. The texts that get here are printable.
static void appendEscaped(std::string &out, std::string_view text) {
  for (char byte : text) {
    if (byte == '"' || byte == '\\')
      out += '\\';
    out += byte;
    if (byte == '&') // Graphviz knows the character entities of HTML
      out += "amp;";
  }
}

/// Appends any text to a quoted string.
static void appendQuotable(std::string &out, std::string_view text) {
  bool isPrintable = validUtf8Prefix(text) == text.size() &&
                     std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
  if (isPrintable)
    return appendEscaped(out, text);
  std::string literal;
  if (!appendValueLiteral(literal, Value::makeStr(text)).ok())
    return;
  appendEscaped(out, std::string_view(literal).substr(1, literal.size() - 2));
}

/// Whether a branch goes to its target when its condition is true.
static bool branchesOnTrue(Opcode opcode) {
  return opcode != Opcode::JumpIfFalse && opcode != Opcode::JumpIfFalseKeep &&
         opcode != Opcode::SlotLtIntJumpIfFalse;
}

static std::string_view edgeAttributes(EdgeKind kind, Opcode opcode) {
  switch (kind) {
  case EdgeKind::Next:
  case EdgeKind::Jump:
  case EdgeKind::Return:
    return "";
  case EdgeKind::Taken:
    return branchesOnTrue(opcode) ? " [label=\"true\"]" : " [label=\"false\"]";
  case EdgeKind::NotTaken:
    return branchesOnTrue(opcode) ? " [label=\"false\"]" : " [label=\"true\"]";
  case EdgeKind::Call:
    return " [label=\"call\", style=dashed]";
  case EdgeKind::Iterate:
    return " [label=\"each\", style=dashed]";
  case EdgeKind::Done:
    return " [label=\"done\"]";
  }
  return "";
}

namespace {

class DotPrinter {
public:
  DotPrinter(const Chunk &chunk, const ControlFlowGraph &graph) : chunk(chunk), graph(graph) {}

  std::string print(std::string_view title) {
    out = "digraph \"";
    appendQuotable(out, title);
    out += "\" {\n  label=\"";
    appendQuotable(out, title);
    out += "\";\n  node [shape=box, fontname=\"monospace\"];\n";
    printNodes();
    for (uint32_t block = 0; block != graph.basicBlocks().size(); ++block)
      for (ControlFlowEdge edge : graph.successors(block))
        printEdge(block, edge);
    out += "}\n";
    return std::move(out);
  }

private:
  void printNodes() {
    std::vector<std::vector<uint32_t>> blocksOf(graph.regions().size());
    bool endsChunk = false;
    for (uint32_t block = 0; block != graph.basicBlocks().size(); ++block) {
      uint32_t region = graph.basicBlocks()[block].region;
      if (region == noRegion)
        printNode(block, "  ", ", style=dotted");
      else
        blocksOf[region].push_back(block);
      for (ControlFlowEdge edge : graph.successors(block))
        endsChunk |= edge.target == ControlFlowEdge::chunkEnd;
    }
    for (uint32_t region = 0; region != blocksOf.size(); ++region)
      printCluster(region, blocksOf[region]);
    if (endsChunk)
      out += "  end [label=\"end\", shape=ellipse];\n";
  }

  void printCluster(uint32_t region, const std::vector<uint32_t> &blocks) {
    const CodeRegion &code = graph.regions()[region];
    strAppend(out, "  subgraph cluster_", region, " {\n    label=\"");
    appendQuotable(out, regionName(chunk, code));
    out += "\";\n";
    for (uint32_t block : blocks)
      printNode(block, "    ", "");
    if (code.kind == CodeRegion::Kind::Block)
      strAppend(out, "    end", region, " [label=\"result\", shape=ellipse];\n");
    out += "  }\n";
  }

  void printNode(uint32_t block, std::string_view indent, std::string_view attributes) {
    strAppend(out, indent, "b", block, " [label=\"");
    std::string line;
    for (uint64_t op = graph.basicBlocks()[block].start; op != graph.basicBlocks()[block].end;
         ++op) {
      const Instruction &instruction = chunk.ops[op];
      line = strCat(op, ": ", opName(instruction.opcode()));
      for (size_t i = 0; i != instruction.info().operands.size(); ++i) {
        line += ' ';
        appendOperand(line, chunk, instruction, i);
      }
      appendEscaped(out, line);
      out += "\\l"; // a line that ends here, on the left
    }
    strAppend(out, "\"", attributes, "];\n");
  }

  void printEdge(uint32_t block, ControlFlowEdge edge) {
    const BasicBlock &from = graph.basicBlocks()[block];
    strAppend(out, "  b", block, " -> ");
    if (edge.target == ControlFlowEdge::chunkEnd)
      out += "end";
    else if (edge.target != ControlFlowEdge::blockEnd)
      strAppend(out, "b", edge.target);
    else if (edge.kind == EdgeKind::Iterate) // the block is empty
      strAppend(out, "b", block);
    else
      strAppend(out, "end", from.region);
    strAppend(out, edgeAttributes(edge.kind, chunk.ops[from.end - 1].opcode()), ";\n");
  }

  const Chunk &chunk;
  const ControlFlowGraph &graph;
  std::string out;
};

} // namespace

std::string toDot(const Chunk &chunk, const ControlFlowGraph &graph, std::string_view title) {
  return DotPrinter(chunk, graph).print(title);
}

} // namespace fusevm
