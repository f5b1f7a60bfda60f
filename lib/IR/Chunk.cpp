//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/Chunk.h"

#include "fusevm/Runtime/ValueHash.h"

#include <algorithm>

namespace fusevm {

DerivedData::~DerivedData() = default;

DerivedSlot &DerivedSlot::operator=(const DerivedSlot &) {
  std::lock_guard<std::mutex> lock(mutex);
  isMade.store(false, std::memory_order_relaxed);
  data.reset();
  return *this;
}

Chunk::Chunk() = default;
Chunk::Chunk(const Chunk &) = default;
Chunk::Chunk(Chunk &&other) noexcept { *this = std::move(other); }
Chunk &Chunk::operator=(const Chunk &) = default;

Chunk &Chunk::operator=(Chunk &&other) noexcept {
  ops = std::move(other.ops);
  constants = std::move(other.constants);
  names = std::move(other.names);
  lines = std::move(other.lines);
  subEntries = std::move(other.subEntries);
  blockRanges = std::move(other.blockRanges);
  subChunks = std::move(other.subChunks);
  source = std::move(other.source);
  opHash = other.opHash;
  derived = DerivedSlot();
  other.derived = DerivedSlot();
  return *this;
}

Chunk::~Chunk() {
  // Nested chunks are as deep as the builder made them: take them apart level by level
  // instead of recursing.
  std::vector<Chunk> pending = std::move(subChunks);
  while (!pending.empty()) {
    Chunk chunk = std::move(pending.back());
    pending.pop_back();
    for (Chunk &nested : chunk.subChunks)
      pending.push_back(std::move(nested));
    chunk.subChunks.clear();
  }
}

std::optional<uint64_t> Chunk::findSub(uint16_t name) const {
  for (const SubEntry &entry : subEntries)
    if (entry.name == name)
      return entry.op;
  return std::nullopt;
}

absl::flat_hash_map<uint16_t, uint64_t> Chunk::subEntriesByName() const {
  absl::flat_hash_map<uint16_t, uint64_t> entries;
  entries.reserve(std::min<size_t>(subEntries.size(), UINT16_MAX + 1));
  for (const SubEntry &entry : subEntries)
    entries.try_emplace(entry.name, entry.op);
  return entries;
}

std::string_view Chunk::nameOr(uint16_t index, std::string_view missing) const {
  return index < names.size() ? std::string_view(names[index]) : missing;
}

uint64_t Chunk::computeOpHash() const {
  SipHasher13 hasher;
  hasher.addInteger<uint64_t>(ops.size());
  for (const Instruction &instruction : ops) {
    const OpInfo &info = instruction.info();
    hasher.addInteger<uint64_t>(static_cast<uint64_t>(instruction.opcode()));
    for (size_t i = 0; i != info.operands.size(); ++i) {
      uint64_t bits = instruction.operand(i);
      switch (operandType(info.operands[i].kind)) {
      case OperandType::U8:
        hasher.addInteger(static_cast<uint8_t>(bits));
        break;
      case OperandType::U16:
        hasher.addInteger(static_cast<uint16_t>(bits));
        break;
      case OperandType::I32:
        hasher.addInteger(static_cast<uint32_t>(bits));
        break;
      case OperandType::I64:
      case OperandType::U64:
      case OperandType::F64:
        hasher.addInteger(bits);
        break;
      }
    }
  }
  hasher.addInteger<uint64_t>(constants.size());
  for (const Value &constant : constants)
    addValue(hasher, constant);
  return hasher.finish();
}

static bool sameFields(const Chunk &lhs, const Chunk &rhs) {
  if (lhs.ops.size() != rhs.ops.size() || lhs.constants.size() != rhs.constants.size())
    return false;
  for (size_t i = 0; i != lhs.ops.size(); ++i)
    if (!lhs.ops[i].identical(rhs.ops[i]))
      return false;
  for (size_t i = 0; i != lhs.constants.size(); ++i)
    if (!identical(lhs.constants[i], rhs.constants[i]))
      return false;
  return lhs.names == rhs.names && lhs.lines == rhs.lines && lhs.subEntries == rhs.subEntries &&
         lhs.blockRanges == rhs.blockRanges && lhs.source == rhs.source &&
         lhs.subChunks.size() == rhs.subChunks.size();
}

bool identical(const Chunk &lhs, const Chunk &rhs) {
  std::vector<std::pair<const Chunk *, const Chunk *>> pending{{&lhs, &rhs}};
  while (!pending.empty()) {
    auto [left, right] = pending.back();
    pending.pop_back();
    if (!sameFields(*left, *right))
      return false;
    for (size_t i = 0; i != left->subChunks.size(); ++i)
      pending.emplace_back(&left->subChunks[i], &right->subChunks[i]);
  }
  return true;
}

} // namespace fusevm
