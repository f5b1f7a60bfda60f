//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What verifying and preparing cost, by the size of the chunk, and the memory they take.

#include "Workload.h"

#include "PreparedChunk.h"

#include "fusevm/Support/StrCat.h"

#include <malloc.h>

namespace fusevm::benchmarks {

constexpr size_t opsOfFunction = 20;

/// A function with a loop, a condition and arithmetic on its argument.
static void emitFunction(ChunkBuilder &b) {
  Label loop = b.newLabel(), even = b.newLabel(), end = b.newLabel();
  b.SetSlot(0);
  b.bind(loop);
  b.GetSlot(0);
  b.LoadInt(1000);
  b.NumLt();
  b.emitJump(Instruction::JumpIfFalse(0), end);
  b.GetSlot(0);
  b.LoadInt(2);
  b.Mod();
  b.emitJump(Instruction::JumpIfFalse(0), even);
  b.GetSlot(0);
  b.LoadInt(3);
  b.Mul();
  b.SetSlot(0);
  b.bind(even);
  b.GetSlot(0);
  b.LoadInt(1);
  b.Add();
  b.SetSlot(0);
  b.emitJump(Instruction::Jump(0), loop);
  b.bind(end);
  b.GetSlot(0);
  b.ReturnValue();
}

/// A chunk of a little less than \p ops ops: functions and calls of each.
static Chunk chunkOfSize(size_t ops) {
  return buildChunk([ops](ChunkBuilder &b) {
    constexpr size_t opsOfCall = 3;
    size_t functions = ops / (opsOfFunction + opsOfCall);
    Label end = b.newLabel();
    for (size_t i = 0; i != functions; ++i) {
      b.LoadInt(1);
      b.Call(b.name(strCat("f", i)), 1);
      b.Pop();
    }
    b.emitJump(Instruction::Jump(0), end);
    for (size_t i = 0; i != functions; ++i) {
      b.addSubEntry(b.name(strCat("f", i)), b.currentPos());
      emitFunction(b);
    }
    b.bind(end);
    b.LoadInt(1);
  });
}

static size_t heapInUse() {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static void verifyChunk(benchmark::State &state) {
  Chunk chunk = chunkOfSize(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    ChunkAnalysis analysis = analyze(chunk);
    if (analysis.disposition != Disposition::Fast)
      return fail(state, "not for the fast loop");
  }
  setPerItem(state, "time/op", chunk.ops.size());
}

/// What of \p prepared does not lie on the heap.
static size_t largeBlocksOf(const PreparedChunk &prepared) {
  auto sizeOf = [](const auto &vector) {
    size_t size = vector.capacity() * sizeof(vector[0]);
    return size < heap::largeBlock ? 0 : size;
  };
  return sizeOf(prepared.code) + sizeOf(prepared.entries);
}

static void prepareChunk(benchmark::State &state) {
  Chunk chunk = chunkOfSize(static_cast<size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(prepare(chunk, CalloutEffects()));
  setPerItem(state, "time/op", chunk.ops.size());
  // Many at a time, as what the allocator has put aside counts as used.
  size_t copies = 100000 / chunk.ops.size() + 1;
  std::vector<std::shared_ptr<const PreparedChunk>> kept;
  size_t before = heapInUse();
  while (kept.size() != copies)
    kept.push_back(prepare(chunk, CalloutEffects()));
  size_t bytes = heapInUse() - before;
  for (const auto &prepared : kept)
    bytes += largeBlocksOf(*prepared);
  state.counters["bytes/op"] = double(bytes) / double(copies * chunk.ops.size());
}

void addPreparationBenchmarks() {
  for (int64_t ops : {100, 10000, 1000000}) {
    benchmark::RegisterBenchmark("verification", verifyChunk)->Arg(ops);
    benchmark::RegisterBenchmark("preparation", prepareChunk)->Arg(ops);
  }
}

} // namespace fusevm::benchmarks
