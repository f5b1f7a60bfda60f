//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Algorithms that everybody measures, by hand as a frontend of its time would emit them.

#include "CountedLoops.h"

namespace fusevm::benchmarks {

static Workload fibIterative() {
  Chunk chunk = buildChunk([](ChunkBuilder &b) {
    uint16_t fib = b.name("fib");
    Label loop = b.newLabel(), done = b.newLabel(), end = b.newLabel();
    b.LoadInt(35);
    b.Call(fib, 1);
    b.emitJump(Instruction::Jump(0), end);
    b.addSubEntry(fib, b.currentPos());
    b.SetSlot(2);
    b.LoadInt(0);
    b.SetSlot(0);
    b.LoadInt(1);
    b.SetSlot(1);
    b.bind(loop);
    b.GetSlot(2);
    b.LoadInt(0);
    b.NumLe();
    b.emitJump(Instruction::JumpIfTrue(0), done);
    b.GetSlot(0);
    b.GetSlot(1);
    b.Add();
    b.SetSlot(3);
    b.GetSlot(1);
    b.SetSlot(0);
    b.GetSlot(3);
    b.SetSlot(1);
    b.GetSlot(2);
    b.Dec();
    b.SetSlot(2);
    b.emitJump(Instruction::Jump(0), loop);
    b.bind(done);
    b.GetSlot(0);
    b.ReturnValue();
    b.bind(end);
  });
  return {"fib_iterative_35", std::move(chunk), Value::makeInt(9227465), 574};
}

static Workload fibRecursive() {
  Chunk chunk = buildChunk([](ChunkBuilder &b) {
    uint16_t fib = b.name("fib");
    Label small = b.newLabel(), end = b.newLabel();
    b.LoadInt(20);
    b.Call(fib, 1);
    b.emitJump(Instruction::Jump(0), end);
    b.addSubEntry(fib, b.currentPos());
    b.SetSlot(0);
    b.GetSlot(0);
    b.LoadInt(1);
    b.NumLe();
    b.emitJump(Instruction::JumpIfTrue(0), small);
    b.GetSlot(0);
    b.Dec();
    b.Call(fib, 1);
    b.GetSlot(0);
    b.LoadInt(2);
    b.Sub();
    b.Call(fib, 1);
    b.Add();
    b.ReturnValue();
    b.bind(small);
    b.GetSlot(0);
    b.ReturnValue();
    b.bind(end);
  });
  return {"fib_recursive_20", std::move(chunk), Value::makeInt(6765), 229855};
}

static Workload ackermann() {
  Chunk chunk = buildChunk([](ChunkBuilder &b) {
    uint16_t ack = b.name("ack");
    Label nIsZero = b.newLabel(), mIsZero = b.newLabel(), end = b.newLabel();
    b.LoadInt(3);
    b.LoadInt(4);
    b.Call(ack, 2);
    b.emitJump(Instruction::Jump(0), end);
    b.addSubEntry(ack, b.currentPos());
    b.SetSlot(1);
    b.SetSlot(0);
    b.GetSlot(0);
    b.LoadInt(0);
    b.NumEq();
    b.emitJump(Instruction::JumpIfTrue(0), mIsZero);
    b.GetSlot(1);
    b.LoadInt(0);
    b.NumEq();
    b.emitJump(Instruction::JumpIfTrue(0), nIsZero);
    b.GetSlot(0);
    b.GetSlot(1);
    b.Dec();
    b.Call(ack, 2);
    b.GetSlot(0);
    b.Dec();
    b.Swap();
    b.Call(ack, 2);
    b.ReturnValue();
    b.bind(nIsZero);
    b.GetSlot(0);
    b.Dec();
    b.LoadInt(1);
    b.Call(ack, 2);
    b.ReturnValue();
    b.bind(mIsZero);
    b.GetSlot(1);
    b.Inc();
    b.ReturnValue();
    b.bind(end);
  });
  return {"ackermann_3_4", std::move(chunk), Value::makeInt(125), 144417};
}

/// Opens a scope with two slots that are 0.
static void openScope(ChunkBuilder &b) {
  b.PushFrame();
  b.LoadInt(0);
  b.SetSlot(0);
  b.LoadInt(0);
  b.SetSlot(1);
}

static Workload nestedLoop() {
  Chunk chunk = buildChunk([](ChunkBuilder &b) {
    openScope(b);
    emitNestedSum(b);
  });
  return {"nested_loop_100x100", std::move(chunk), Value::makeInt(990000), 70306};
}

static Workload dispatchNop() {
  Chunk chunk = buildChunk([](ChunkBuilder &b) {
    for (int i = 0; i != 1000000; ++i)
      b.Nop();
    b.LoadInt(0);
  });
  return {"dispatch_nop_1M", std::move(chunk), Value::makeInt(0), 1000001};
}

Workload sumFused(std::string name, int32_t limit) {
  Chunk chunk = buildChunk([limit](ChunkBuilder &b) {
    openScope(b);
    b.AccumSumLoop(0, 1, limit);
    b.GetSlot(0);
  });
  int64_t n = limit;
  return {std::move(name), std::move(chunk), Value::makeInt(n * (n - 1) / 2), uint64_t(7 + n)};
}

Workload sumUnfused(std::string name, int32_t limit) {
  Chunk chunk = buildChunk([limit](ChunkBuilder &b) {
    openScope(b);
    emitSum(b, limit);
  });
  int64_t n = limit;
  return {std::move(name), std::move(chunk), Value::makeInt(n * (n - 1) / 2), uint64_t(7 * n + 5)};
}

Workload stringBuild(std::string name, int32_t limit) {
  Chunk chunk = buildChunk([limit](ChunkBuilder &b) {
    uint16_t x = b.constant(Value::makeStr("x"));
    b.PushFrame();
    b.LoadConst(x);
    b.SetSlot(0);
    b.LoadInt(0);
    b.SetSlot(1);
    b.ConcatConstLoop(x, 0, 1, limit);
    b.GetSlot(0);
  });
  return {std::move(name), std::move(chunk), Value::makeStr(std::string(size_t(limit) + 1, 'x')),
          uint64_t(7 + limit)};
}

void addClassicWorkloads() {
  addWorkload(fibIterative());
  addWorkload(fibRecursive());
  addWorkload(ackermann());
  addWorkload(sumFused("sum_1M_fused", 1000000));
  addWorkload(sumUnfused("sum_1M_unfused", 1000000));
  addWorkload(nestedLoop());
  addWorkload(dispatchNop());
  addWorkload(stringBuild("string_build_10k", 10000));
}

} // namespace fusevm::benchmarks
