//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops whose test is at the bottom, or at the top as simple frontends write it.

#include "Workload.h"

#include "fusevm/Support/StrCat.h"

namespace fusevm::benchmarks {

static Workload counterLoop(int64_t limit) {
  Chunk chunk = buildChunk([limit](ChunkBuilder &b) {
    Label loop = b.newLabel();
    b.LoadInt(0);
    b.SetSlot(0);
    b.bind(loop);
    b.PreIncSlotVoid(0);
    b.GetSlot(0);
    b.LoadInt(limit);
    b.NumLt();
    b.emitJump(Instruction::JumpIfTrue(0), loop);
    b.GetSlot(0);
  });
  return {strCat("counter_loop/", limit),
          std::move(chunk),
          Value::makeInt(limit),
          uint64_t(5 * limit + 3),
          {Value::makeInt(0)}};
}

static Workload loopWithBranch(int64_t limit) {
  Chunk chunk = buildChunk([limit](ChunkBuilder &b) {
    Label loop = b.newLabel(), next = b.newLabel();
    b.LoadInt(0);
    b.SetSlot(0);
    b.bind(loop);
    b.PreIncSlotVoid(0);
    b.GetSlot(0);
    b.LoadInt(0);
    b.NumGt();
    b.emitJump(Instruction::JumpIfFalse(0), next);
    b.Nop();
    b.bind(next);
    b.GetSlot(0);
    b.LoadInt(limit);
    b.NumLt();
    b.emitJump(Instruction::JumpIfTrue(0), loop);
    b.GetSlot(0);
  });
  return {strCat("loop_with_branch/", limit),
          std::move(chunk),
          Value::makeInt(limit),
          uint64_t(10 * limit + 3),
          {Value::makeInt(0)}};
}

static Workload numericLoop() {
  Chunk chunk = buildChunk([](ChunkBuilder &b) {
    Label loop = b.newLabel(), end = b.newLabel();
    b.LoadInt(0);
    b.SetSlot(0);
    b.LoadInt(0);
    b.SetSlot(1);
    b.bind(loop);
    b.GetSlot(1);
    b.LoadInt(200000);
    b.NumLt();
    b.emitJump(Instruction::JumpIfFalse(0), end);
    b.GetSlot(0);
    b.GetSlot(1);
    b.LoadInt(3);
    b.Mul();
    b.LoadInt(1);
    b.Sub();
    b.Add();
    b.SetSlot(0);
    b.GetSlot(1);
    b.LoadInt(1);
    b.Add();
    b.SetSlot(1);
    b.emitJump(Instruction::Jump(0), loop);
    b.bind(end);
    b.GetSlot(0);
  });
  return {"numeric_loop_200k", std::move(chunk), Value::makeInt(59999500000), 3400009};
}

void addLoopWorkloads() {
  for (int64_t limit : {1000, 10000, 100000})
    addWorkload(counterLoop(limit));
  for (int64_t limit : {1000, 10000, 100000})
    addWorkload(loopWithBranch(limit));
  addWorkload(numericLoop());
}

} // namespace fusevm::benchmarks
