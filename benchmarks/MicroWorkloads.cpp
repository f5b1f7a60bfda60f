//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// One op, or a few that belong together, over and over.
///
/// These are also measured as a list of ops without pools, which LoadConst finds empty.

#include "Workload.h"

#include "fusevm/Support/StrCat.h"

namespace fusevm::benchmarks {

using Emit = std::function<void(ChunkBuilder &)>;

/// Adds a workload that runs \p ops ops and gives \p expected with pools and without.
static void add(std::string name, uint64_t ops, Value expected, const Emit &emit) {
  addOpsWorkload({std::move(name), buildChunk(emit), expected, ops}, expected);
}

/// Adds a workload with a name or constant that counts.
static void add(std::string name, uint64_t ops, Value expected, Value withoutPools,
                const Emit &emit) {
  addOpsWorkload({std::move(name), buildChunk(emit), std::move(expected), ops},
                 std::move(withoutPools));
}

static void repeat(int count, const std::function<void(int)> &body) {
  for (int i = 0; i != count; ++i)
    body(i);
}

static void addArithmetic() {
  add("int_add_1k", 2001, Value::makeInt(1000), [](ChunkBuilder &b) {
    b.LoadInt(0);
    repeat(1000, [&](int) {
      b.LoadInt(1);
      b.Add();
    });
  });
  add("float_add_1k", 2001, Value::makeFloat(1500.0), [](ChunkBuilder &b) {
    b.LoadFloat(0.0);
    repeat(1000, [&](int) {
      b.LoadFloat(1.5);
      b.Add();
    });
  });
  add("mixed_arith_100", 601, Value::makeInt(8000564114328143193), [](ChunkBuilder &b) {
    b.LoadInt(1);
    repeat(100, [&](int) {
      b.LoadInt(3);
      b.Mul();
      b.LoadInt(7);
      b.Add();
      b.LoadInt(2);
      b.Sub();
    });
  });
  add("int_cmp_1k", 4001, Value::makeInt(1), [](ChunkBuilder &b) {
    repeat(1000, [&](int i) {
      b.LoadInt(i);
      b.LoadInt(i + 1);
      b.NumLt();
      b.Pop();
    });
    b.LoadInt(1);
  });
}

static void addLoops() {
  Workload fused = sumFused("fused_accum_sum_10k", 10000);
  Value sum = fused.expected;
  addOpsWorkload(std::move(fused), sum);
  addOpsWorkload(sumUnfused("unfused_sum_loop_10k", 10000), sum);
  addOpsWorkload(stringBuild("fused_concat_const_1k", 1000), Value::makeStr(""));
  add("fused_slot_inc_10k", 20004, Value::makeInt(10000), [](ChunkBuilder &b) {
    Label loop = b.newLabel();
    b.PushFrame();
    b.LoadInt(0);
    b.SetSlot(0);
    b.bind(loop);
    b.Nop();
    b.emitJump(Instruction::SlotIncLtIntJumpBack(0, 10000, 0), loop);
    b.GetSlot(0);
  });
  add("fused_push_range_10k", 10006, Value::makeInt(10000), [](ChunkBuilder &b) {
    uint16_t array = b.name("array");
    b.DeclareArray(array);
    b.PushFrame();
    b.LoadInt(0);
    b.SetSlot(0);
    b.PushIntRangeLoop(array, 0, 10000);
    b.ArrayLen(array);
  });
  add("jump_loop_10k", 30003, Value::makeInt(10000), [](ChunkBuilder &b) {
    Label loop = b.newLabel(), end = b.newLabel();
    b.PushFrame();
    b.LoadInt(0);
    b.SetSlot(0);
    b.bind(loop);
    b.PreIncSlotVoid(0);
    b.emitJump(Instruction::SlotLtIntJumpIfFalse(0, 10000, 0), end);
    b.emitJump(Instruction::Jump(0), loop);
    b.bind(end);
    b.GetSlot(0);
  });
}

static void addStrings() {
  add("concat_1k", 1999, Value::makeStr(std::string(1000, 'x')), Value::makeStr(""),
      [](ChunkBuilder &b) {
        uint16_t x = b.constant(Value::makeStr("x"));
        b.LoadConst(x);
        repeat(999, [&](int) {
          b.LoadConst(x);
          b.Concat();
        });
      });
  add("str_eq_1k", 4003, Value::makeBool(true), [](ChunkBuilder &b) {
    uint16_t left = b.constant(Value::makeStr("hello world"));
    uint16_t right = b.constant(Value::makeStr("hello world"));
    repeat(1000, [&](int) {
      b.LoadConst(left);
      b.LoadConst(right);
      b.StrEq();
      b.Pop();
    });
    b.LoadConst(left);
    b.LoadConst(right);
    b.StrEq();
  });
}

static void addConstant(std::string name, const Value &value) {
  add(std::move(name), 2001, value, Value(), [&value](ChunkBuilder &b) {
    uint16_t constant = b.constant(value);
    repeat(1000, [&](int) {
      b.LoadConst(constant);
      b.Pop();
    });
    b.LoadConst(constant);
  });
}

static void addArrays() {
  auto fill = [](ChunkBuilder &b) {
    uint16_t array = b.name("array");
    b.DeclareArray(array);
    repeat(1000, [&](int i) {
      b.LoadInt(i);
      b.ArrayPush(array);
    });
    return array;
  };
  add("array_push_pop_1k", 4002, Value::makeInt(0), [fill](ChunkBuilder &b) {
    uint16_t array = fill(b);
    repeat(1000, [&](int) {
      b.ArrayPop(array);
      b.Pop();
    });
    b.ArrayLen(array);
  });
  add("array_index_1k", 5002, Value::makeInt(1000), [fill](ChunkBuilder &b) {
    uint16_t array = fill(b);
    repeat(1000, [&](int i) {
      b.LoadInt(i);
      b.ArrayGet(array);
      b.Pop();
    });
    b.ArrayLen(array);
  });
  Array range;
  for (int i = 0; i != 10000; ++i)
    range.push(Value::makeInt(i));
  add("range_10k", 3, Value::makeArray(std::move(range)), [](ChunkBuilder &b) {
    b.LoadInt(0);
    b.LoadInt(9999);
    b.Range();
  });
}

static void addHashes() {
  add("hash_set_get_1k", 3302, Value::makeInt(0), [](ChunkBuilder &b) {
    uint16_t hash = b.name("hash");
    std::vector<uint16_t> keys;
    for (int k = 0; k != 100; ++k)
      keys.push_back(b.constant(Value::makeStr(strCat("key_", k))));
    b.DeclareHash(hash);
    for (int k = 0; k != 100; ++k) {
      b.LoadInt(k);
      b.LoadConst(keys[k]);
      b.HashSet(hash);
    }
    repeat(10, [&](int) {
      for (uint16_t key : keys) {
        b.LoadConst(key);
        b.HashGet(hash);
        b.Pop();
      }
    });
    b.LoadInt(0);
  });
  Hash hundred;
  for (int i = 0; i != 100; ++i)
    hundred.set(strCat(i), Value::makeInt(i * 100));
  add("make_hash_100", 201, Value::makeHash(std::move(hundred)), [](ChunkBuilder &b) {
    repeat(100, [&](int i) {
      b.LoadInt(i);
      b.LoadInt(i * 100);
    });
    b.MakeHash(200);
  });
}

static void addVariables() {
  add("stack_dup_swap_rot_1k", 4003, Value::makeInt(3), [](ChunkBuilder &b) {
    b.LoadInt(1);
    b.LoadInt(2);
    b.LoadInt(3);
    repeat(1000, [&](int) {
      b.Rot();
      b.Swap();
      b.Dup();
      b.Pop();
    });
  });
  add("slot_read_write_10k", 40006, Value::makeInt(0), [](ChunkBuilder &b) {
    b.PushFrame();
    b.LoadInt(0);
    b.SetSlot(0);
    b.LoadInt(0);
    b.SetSlot(1);
    repeat(10000, [&](int) {
      b.GetSlot(0);
      b.GetSlot(1);
      b.Add();
      b.SetSlot(0);
    });
    b.GetSlot(0);
  });
  add("global_var_rw_1k", 4003, Value::makeInt(1000), [](ChunkBuilder &b) {
    uint16_t global = b.name("global");
    b.LoadInt(0);
    b.SetVar(global);
    repeat(1000, [&](int) {
      b.GetVar(global);
      b.LoadInt(1);
      b.Add();
      b.SetVar(global);
    });
    b.GetVar(global);
  });
}

static void addCalls() {
  Chunk chunk = buildChunk([](ChunkBuilder &b) {
    uint16_t inc = b.name("inc");
    Label end = b.newLabel();
    b.LoadInt(0);
    repeat(1000, [&](int) { b.Call(inc, 1); });
    b.emitJump(Instruction::Jump(0), end);
    b.addSubEntry(inc, b.currentPos());
    b.Inc();
    b.ReturnValue();
    b.bind(end);
  });
  addWorkload({"function_call_1k", std::move(chunk), Value::makeInt(1000), 3002});
}

void addMicroWorkloads() {
  addArithmetic();
  addLoops();
  addStrings();
  addConstant("load_const_int_1k", Value::makeInt(42));
  addConstant("load_const_str_1k", Value::makeStr("hello world"));
  addArrays();
  addHashes();
  addVariables();
  addCalls();
}

} // namespace fusevm::benchmarks
