//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Spellings.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <optional>
#include <string_view>

namespace fusevm {

namespace {

/// A row as it is written.
struct Row {
  bool isLoopBody;
  Opcode fused;
  const char *needs;
  const char *ops;
};

constexpr Row rows[] = {
#define FUSEVM_SPELLING(Name, Needs, Ops) {false, Opcode::Name, Needs, Ops},
#define FUSEVM_LOOP_BODY(Name, Needs, Ops) {true, Opcode::Name, Needs, Ops},
#include "fusevm/IR/FusedExpansions.def"
};

/// Takes the text up to \p separator, or all that is left, off \p text.
std::string_view takeUntil(std::string_view &text, std::string_view separator) {
  size_t end = text.find(separator);
  std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
  return taken;
}

uint8_t findOperand(Opcode fused, std::string_view name) {
  absl::Span<const OperandInfo> operands = opInfo(fused).operands;
  auto found = std::find_if(operands.begin(), operands.end(),
                            [&](const OperandInfo &operand) { return operand.name == name; });
  assert(found != operands.end() && "the fused op has no such operand");
  return static_cast<uint8_t>(found - operands.begin());
}

OperandPattern parseOperand(Opcode fused, std::string_view word) {
  OperandPattern pattern{};
  const char *end = word.data() + word.size();
  auto [last, error] = std::from_chars(word.data(), end, pattern.literal);
  pattern.isLiteral = error == std::errc() && last == end;
  if (pattern.isLiteral)
    return pattern;
  constexpr std::string_view lessOne = "-1";
  if (word.ends_with(lessOne)) {
    pattern.offset = -1;
    word.remove_suffix(lessOne.size());
  }
  pattern.bound = findOperand(fused, word);
  return pattern;
}

OpPattern parseOp(Opcode fused, std::string_view text) {
  std::optional<Opcode> opcode = findOpcode(takeUntil(text, " "));
  assert(opcode && "no such op");
  OpPattern pattern{*opcode, {}};
  while (!text.empty())
    pattern.operands.push(parseOperand(fused, takeUntil(text, " ")));
  assert(pattern.operands.size() == opInfo(*opcode).operands.size() && "wrong operands");
  return pattern;
}

NeedPattern parseNeed(Opcode fused, std::string_view text) {
  std::string_view name = takeUntil(text, " ");
  Kind kind = Kind::Undef;
  for (Kind candidate : {Kind::Int, Kind::Str, Kind::Array})
    if (kindName(candidate) == name)
      kind = candidate;
  assert(kind != Kind::Undef && "a kind that nobody follows");
  return {kind, parseOperand(fused, text)};
}

Spelling parseRow(const Row &row) {
  Spelling spelling{row.fused, row.isLoopBody, {}, {}, Opcode::Nop, 0, 0};
  for (std::string_view ops = row.ops; !ops.empty();)
    spelling.ops.push(parseOp(row.fused, takeUntil(ops, "; ")));
  for (std::string_view needs = row.needs; !needs.empty();)
    spelling.needs.push(parseNeed(row.fused, takeUntil(needs, ", ")));
  return spelling;
}

std::vector<Spelling> parseRows() {
  std::vector<Spelling> result;
  result.reserve(std::size(rows));
  for (const Row &row : rows)
    result.push_back(parseRow(row));
  return result;
}

/// Returns what \p pattern means where a fused op with the operands \p actual stands.
OperandPattern substitute(const OperandPattern &pattern, const FewOf<OperandPattern, 3> &actual) {
  if (pattern.isLiteral)
    return pattern;
  OperandPattern result = actual[pattern.bound];
  assert(!result.isLiteral && "nothing is fused with a literal");
  result.offset = static_cast<int8_t>(result.offset + pattern.offset);
  return result;
}

/// Appends \p ops and \p needs of \p inner, spelling \p pattern, to \p outer.
void append(Spelling &outer, const OpPattern &pattern, const Spelling &inner) {
  for (OpPattern op : inner.ops) {
    for (OperandPattern &operand : op.operands)
      operand = substitute(operand, pattern.operands);
    outer.ops.push(op);
  }
  for (NeedPattern need : inner.needs) {
    need.operand = substitute(need.operand, pattern.operands);
    outer.needs.push(need);
  }
}

/// Calls \p visit with every way to spell the rest of \p row, from pattern \p next on, behind
/// \p begun.
template <typename Visit>
void spellOut(const std::vector<Spelling> &table, const Spelling &row, size_t next,
              const Spelling &begun, Visit &visit) {
  if (next == row.ops.size())
    return visit(begun);
  const OpPattern &pattern = row.ops[next];
  auto goOn = [&](Spelling &longer) {
    if (next == 0)
      longer.secondPart = static_cast<uint8_t>(longer.ops.size());
    spellOut(table, row, next + 1, longer, visit);
  };
  Spelling asItIs = begun;
  asItIs.ops.push(pattern);
  goOn(asItIs);
  for (const Spelling &inner : table) {
    if (inner.fused != pattern.opcode || inner.isLoopBody)
      continue;
    Spelling inOtherWords = begun;
    append(inOtherWords, pattern, inner);
    goOn(inOtherWords);
  }
}

} // namespace

SpellingTable::SpellingTable() {
  std::vector<Spelling> table = parseRows();
  spellings.reserve(4 * table.size());
  nodes.reserve(16 * table.size());
  nodes.emplace_back();
  auto visit = [this](const Spelling &spelling) { insert(spelling); };
  for (const Spelling &row : table) {
    Spelling empty = row;
    empty.ops.clear();
    empty.firstPattern = row.ops[0].opcode;
    spellOut(table, row, 0, empty, visit);
  }
}

const SpellingTable &SpellingTable::get() {
  static const auto *table = new SpellingTable();
  return *table;
}

void SpellingTable::insert(const Spelling &spelling) {
  uint32_t node = 0;
  for (const OpPattern &op : spelling.ops) {
    uint32_t child = childOf(node, op.opcode);
    if (child == 0) {
      child = static_cast<uint32_t>(nodes.size());
      nodes.push_back({.opcode = op.opcode, .sibling = nodes[node].child});
      nodes[node].child = child;
      if (node == 0)
        first[static_cast<size_t>(op.opcode)] = child;
    }
    node = child;
  }
  spellings.push_back(spelling);
  // Of several the first in the table comes first.
  uint32_t *end = &nodes[node].firstEnd;
  while (*end != 0)
    end = &spellings[*end - 1].nextEnd;
  *end = static_cast<uint32_t>(spellings.size());
}

} // namespace fusevm
