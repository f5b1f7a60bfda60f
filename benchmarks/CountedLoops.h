//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops of integer arithmetic on slots, which hold integers before.

#ifndef FUSEVM_BENCHMARKS_COUNTEDLOOPS_H
#define FUSEVM_BENCHMARKS_COUNTEDLOOPS_H

#include "Workload.h"

#include <algorithm>

namespace fusevm::benchmarks {

inline constexpr uint16_t slotCount = 8;

/// A counted loop over \p ops ops of integer arithmetic on the slots.
inline Chunk loopChunk(size_t ops) {
  return buildChunk([ops](ChunkBuilder &b) {
    Label top = b.newLabel();
    b.bind(top);
    for (size_t group = 0; group != std::max<size_t>(ops / 4, 1); ++group) {
      b.GetSlot(static_cast<uint16_t>(group % slotCount));
      b.LoadInt(static_cast<int64_t>(group));
      b.Add();
      b.SetSlot(static_cast<uint16_t>((group + 1) % slotCount));
    }
    b.emitJump(Instruction::SlotIncLtIntJumpBack(0, 1000, 0), top);
  });
}

/// Adds up the numbers below \p limit. Slots 0 and 1 are 0 before.
inline void emitSum(ChunkBuilder &b, int32_t limit) {
  Label loop = b.newLabel(), end = b.newLabel();
  b.bind(loop);
  b.GetSlot(0);
  b.GetSlot(1);
  b.Add();
  b.SetSlot(0);
  b.PreIncSlotVoid(1);
  b.emitJump(Instruction::SlotLtIntJumpIfFalse(1, limit, 0), end);
  b.emitJump(Instruction::Jump(0), loop);
  b.bind(end);
  b.GetSlot(0);
}

/// Adds up the sums of all pairs of numbers below 100. Slots 0 and 1 are 0 before.
inline void emitNestedSum(ChunkBuilder &b) {
  Label outer = b.newLabel(), inner = b.newLabel();
  b.bind(outer);
  b.LoadInt(0);
  b.SetSlot(2);
  b.bind(inner);
  b.GetSlot(0);
  b.GetSlot(1);
  b.GetSlot(2);
  b.Add();
  b.Add();
  b.SetSlot(0);
  b.emitJump(Instruction::SlotIncLtIntJumpBack(2, 100, 0), inner);
  b.emitJump(Instruction::SlotIncLtIntJumpBack(1, 100, 0), outer);
  b.GetSlot(0);
}

/// The loops of sum_1M_unfused and nested_loop_100x100 as chunks of their own.
inline Chunk sumChunk() {
  return buildChunk([](ChunkBuilder &b) { emitSum(b, 1000000); });
}
inline Chunk nestedChunk() { return buildChunk(emitNestedSum); }

} // namespace fusevm::benchmarks

#endif // FUSEVM_BENCHMARKS_COUNTEDLOOPS_H
