//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Arithmetic without jumps, on a slot or on constants.

#include "Workload.h"

#include "fusevm/Support/StrCat.h"

namespace fusevm::benchmarks {

static void emitIntAdd(ChunkBuilder &b) {
  b.LoadInt(1);
  b.Add();
}

static void emitMixed(ChunkBuilder &b) {
  b.LoadInt(3);
  b.Mul();
  b.LoadInt(7);
  b.Add();
  b.LoadInt(2);
  b.Sub();
}

static void emitBitwise(ChunkBuilder &b) {
  b.LoadInt(255);
  b.BitAnd();
  b.LoadInt(3);
  b.Shl();
  b.LoadInt(4660);
  b.BitXor();
}

static void emitFloat(ChunkBuilder &b) {
  b.LoadFloat(0.1);
  b.Add();
  b.LoadFloat(1.001);
  b.Mul();
}

using EmitBody = void (*)(ChunkBuilder &);

/// A workload whose chunk works \p count times on slot 0, which is \p input.
static Workload onSlot(std::string name, EmitBody emitBody, int count, int64_t input,
                       Value expected) {
  Chunk chunk = buildChunk([=](ChunkBuilder &b) {
    b.GetSlot(0);
    for (int i = 0; i != count; ++i)
      emitBody(b);
  });
  uint64_t ops = chunk.ops.size();
  return {std::move(name),         std::move(chunk),  std::move(expected), ops,
          {Value::makeInt(input)}, StartFrame::Second};
}

/// A workload whose chunk works \p count times on the constant \p input.
static Workload onConstant(std::string name, EmitBody emitBody, int count, int64_t input,
                           int64_t expected) {
  Chunk chunk = buildChunk([=](ChunkBuilder &b) {
    b.LoadInt(input);
    for (int i = 0; i != count; ++i)
      emitBody(b);
  });
  uint64_t ops = chunk.ops.size();
  return {strCat(name, "/", count), std::move(chunk), Value::makeInt(expected), ops};
}

void addStraightLineWorkloads() {
  addWorkload(onSlot("slot_add_100", emitIntAdd, 100, 42, Value::makeInt(142)));
  addWorkload(onSlot("slot_add_1000", emitIntAdd, 1000, 42, Value::makeInt(1042)));
  addWorkload(onSlot("slot_mixed_100", emitMixed, 100, 42, Value::makeInt(-3688508110453902894)));
  addWorkload(onSlot("slot_bitwise_200", emitBitwise, 200, 3735928559, Value::makeInt(5780)));
  addWorkload(onSlot("slot_float_200", emitFloat, 200, 1, Value::makeFloat(0x1.75f1944a2e548p+4)));
  for (int count : {10, 50, 100, 500, 1000, 5000, 10000})
    addWorkload(onConstant("int_add_crossover", emitIntAdd, count, 0, count));
  for (int count : {10, 50, 100, 500, 1000, 5000})
    addWorkload(onConstant("bitwise_crossover", emitBitwise, count, 3735928559, 5780));
}

} // namespace fusevm::benchmarks
