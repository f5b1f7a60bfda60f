//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Entrances.h"

namespace fusevm {

Entrances::Entrances(const Chunk &chunk) : counts(chunk.ops.size()) {
  for (const Instruction &instruction : chunk.ops)
    if (instruction.targetOperand() >= 0)
      add(instruction.target());
  for (const SubEntry &entry : chunk.subEntries)
    add(entry.op);
  for (BlockRange range : chunk.blockRanges) {
    add(range.start);
    add(range.end);
  }
}

void Entrances::add(uint64_t op) {
  constexpr uint8_t many = 2;
  if (op < counts.size() && counts[op] != many)
    ++counts[op];
}

bool Entrances::isClosed(uint64_t start, uint64_t end) const {
  for (uint64_t op = start + 1; op < end; ++op)
    if (counts[op] != 0)
      return false;
  return true;
}

} // namespace fusevm
