//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ChunkAssembler.h"

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"

#include "absl/container/flat_hash_set.h"

#include <limits>

namespace fusevm {

static std::string_view labelNoun(LabelSpace space) {
  switch (space) {
  case LabelSpace::Op:
    return "label";
  case LabelSpace::Block:
    return "block";
  case LabelSpace::Chunk:
    return "chunk";
  case LabelSpace::Constant:
    return "constant";
  }
  return "";
}

Chunk ChunkAssembler::finish() {
  for (const OpenBlock &block : openBlocks)
    errors.add(block.place, "the block has no 'end'");
  absl::flat_hash_set<std::string_view> reported[numLabelSpaces];
  for (const PendingUse &use : pending) {
    const Labels &known = labels[static_cast<size_t>(use.use.space)];
    auto found = known.find(use.label.name);
    if (found != known.end())
      store(use.label, use.use, found->second.value);
    else if (reported[static_cast<size_t>(use.use.space)].insert(use.label.name).second)
      reportUndefined(use);
    if (errors.areEnough())
      break;
  }
  return std::move(chunk);
}

//===----------------------------------------------------------------------===//
// Ops and labels
//===----------------------------------------------------------------------===//

size_t ChunkAssembler::addOp(Opcode opcode, size_t textLine) {
  chunk.ops.push_back(Instruction(opcode));
  switch (lineSource) {
  case LineSource::Text:
    chunk.lines.push_back(static_cast<uint32_t>(textLine));
    break;
  case LineSource::Directives:
    chunk.lines.push_back(currentLine);
    break;
  case LineSource::Table:
    break;
  }
  return chunk.ops.size() - 1;
}

void ChunkAssembler::setOperand(size_t op, size_t operand, uint64_t bits) {
  chunk.ops[op].setOperand(operand, bits);
}

void ChunkAssembler::define(LabelSpace space, const LabelText &label, uint64_t value) {
  auto [entry, isNew] = labels[static_cast<size_t>(space)].try_emplace(
      label.name, Definition{value, label.place.line});
  if (!isNew)
    errors.add(label.place, strCat(labelNoun(space), " '", label.name,
                                   "' is already defined in line ", entry->second.line));
}

void ChunkAssembler::use(const LabelText &label, const LabelUse &use) {
  const Labels &known = labels[static_cast<size_t>(use.space)];
  auto found = known.find(label.name);
  if (found != known.end())
    store(label, use, found->second.value);
  else
    pending.push_back({label, use});
}

void ChunkAssembler::store(const LabelText &label, const LabelUse &use, uint64_t value) {
  if (use.space != LabelSpace::Op && value > std::numeric_limits<uint16_t>::max())
    errors.add(label.place, strCat(labelNoun(use.space), " '", label.name, "' has the index ",
                                   value, ", which no operand can hold"));
  else
    store(use, value);
}

void ChunkAssembler::store(const LabelUse &use, uint64_t value) {
  switch (use.field) {
  case LabelUse::Field::Operand:
    chunk.ops[use.index].setOperand(use.operand, value);
    break;
  case LabelUse::Field::EntryOp:
    chunk.subEntries[use.index].op = value;
    break;
  case LabelUse::Field::RangeStart:
    chunk.blockRanges[use.index].start = value;
    break;
  case LabelUse::Field::RangeEnd:
    chunk.blockRanges[use.index].end = value;
    break;
  }
}

std::string ChunkAssembler::suggestLabel(LabelSpace space, std::string_view name) const {
  std::vector<std::string_view> candidates;
  for (const auto &[candidate, definition] : labels[static_cast<size_t>(space)])
    candidates.push_back(candidate);
  return suggestion(name, candidates);
}

void ChunkAssembler::reportUndefined(const PendingUse &use) {
  errors.add(use.label.place, strCat("undefined ", labelNoun(use.use.space), " '", use.label.name,
                                     "'", suggestLabel(use.use.space, use.label.name)));
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

static std::string constantKey(const Value &value) {
  std::string key;
  // Cannot fail: the value was read from a text.
  appendValueLiteral(key, value, std::numeric_limits<size_t>::max()).IgnoreError();
  return key;
}

static std::optional<uint16_t> asOperand(size_t index) {
  return index < maxPoolEntries ? std::optional(static_cast<uint16_t>(index)) : std::nullopt;
}

void ChunkAssembler::addConstant(Value value) {
  constantIndex.try_emplace(constantKey(value), chunk.constants.size());
  chunk.constants.push_back(std::move(value));
}

std::optional<uint16_t> ChunkAssembler::internConstant(Value value) {
  auto [entry, isNew] = constantIndex.try_emplace(constantKey(value), chunk.constants.size());
  if (isNew)
    chunk.constants.push_back(std::move(value));
  return asOperand(entry->second);
}

void ChunkAssembler::addName(std::string_view text) {
  nameIndex.try_emplace(std::string(text), chunk.names.size());
  chunk.names.emplace_back(text);
}

std::optional<uint16_t> ChunkAssembler::internName(std::string_view text) {
  auto [entry, isNew] = nameIndex.try_emplace(std::string(text), chunk.names.size());
  if (isNew)
    chunk.names.emplace_back(text);
  return asOperand(entry->second);
}

//===----------------------------------------------------------------------===//
// Subs, slots and blocks
//===----------------------------------------------------------------------===//

size_t ChunkAssembler::addSubEntry(uint16_t name) {
  chunk.subEntries.push_back({name, nextOp()});
  return chunk.subEntries.size() - 1;
}

void ChunkAssembler::beginSlots() {
  // Not clear(), which would take as long as the largest sub each time.
  slots = {};
  nextSlot = 0;
}

void ChunkAssembler::declareSlot(const LabelText &slot) {
  if (nextSlot > std::numeric_limits<uint16_t>::max())
    errors.add(slot.place, strCat("there is no free slot for '", slot.name, "'"));
  else
    declareSlot(slot, static_cast<uint16_t>(nextSlot));
}

void ChunkAssembler::declareSlot(const LabelText &slot, uint16_t index) {
  nextSlot = std::max(nextSlot, index + 1u);
  if (!slots.try_emplace(slot.name, index).second)
    errors.add(slot.place, strCat("slot '", slot.name, "' is already declared in this sub"));
}

std::optional<uint16_t> ChunkAssembler::findSlot(const LabelText &slot) {
  auto found = slots.find(slot.name);
  if (found != slots.end())
    return found->second;
  std::vector<std::string_view> candidates;
  for (const auto &[candidate, index] : slots)
    candidates.push_back(candidate);
  errors.add(slot.place, strCat("slot '", slot.name, "' is not declared in this sub",
                                suggestion(slot.name, candidates)));
  return std::nullopt;
}

void ChunkAssembler::openBlock(const LabelText &label) {
  size_t range = addRange();
  openBlocks.push_back({range, label.place});
  if (!label.name.empty())
    define(LabelSpace::Block, label, range);
}

bool ChunkAssembler::closeBlock() {
  if (openBlocks.empty())
    return false;
  chunk.blockRanges[openBlocks.back().range].end = nextOp();
  openBlocks.pop_back();
  return true;
}

size_t ChunkAssembler::addRange() {
  chunk.blockRanges.push_back({nextOp(), nextOp()});
  return chunk.blockRanges.size() - 1;
}

//===----------------------------------------------------------------------===//
// Source
//===----------------------------------------------------------------------===//

bool ChunkAssembler::setSource(std::string text) {
  if (hasSource)
    return false;
  hasSource = true;
  chunk.source = std::move(text);
  return true;
}

bool ChunkAssembler::setLine(uint32_t line) {
  if (lineSource == LineSource::Table)
    return false;
  if (lineSource == LineSource::Text)
    chunk.lines.assign(chunk.lines.size(), 0);
  lineSource = LineSource::Directives;
  currentLine = line;
  return true;
}

bool ChunkAssembler::setLineTable(std::vector<uint32_t> table) {
  if (lineSource != LineSource::Text)
    return false;
  lineSource = LineSource::Table;
  chunk.lines = std::move(table);
  return true;
}

} // namespace fusevm
