//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/VariableKinds.h"

#include "AnalysisTestSupport.h"

#include "fusevm/Support/StrCat.h"

#include "gtest/gtest.h"

namespace fusevm {
namespace {

/// What is known of slot 0 and global 0 at the last Nop of \p text: "Int", "Str", "Array",
/// or several of them.
std::string knownAtNop(std::string_view text) {
  // The name of the global comes first.
  Chunk chunk = chunkFrom(strCat("  GetVar list\n  Pop\n", text));
  // It is followed because somebody pushes to it.
  chunk.ops.push_back(Instruction::Return());
  chunk.ops.push_back(Instruction::LoadUndef());
  chunk.ops.push_back(Instruction::ArrayPush(0));
  ControlFlowGraph graph(chunk);
  VariableKinds kinds(chunk, graph);
  std::string result;
  kinds.forEachOp([&](uint64_t op, const VariableKinds::Known &known) {
    if (chunk.ops[op].opcode() == Opcode::Nop)
      result = strCat(known.isInt(0) ? "Int" : "", known.isStr(0) ? "Str" : "",
                      kinds.isArray(known, 0) ? "Array" : "");
  });
  return result;
}

constexpr std::string_view setInt = "  LoadInt 1\n  SetSlot 0\n";
constexpr std::string_view setArray = "  DeclareArray list\n";

std::string after(std::string_view text) {
  return knownAtNop(strCat(setInt, setArray, text, "  Nop\n"));
}

TEST(VariableKinds, NothingIsKnownAtFirst) { EXPECT_EQ(knownAtNop("  Nop\n"), ""); }

TEST(VariableKinds, FollowsWhatIsStored) {
  EXPECT_EQ(after(""), "IntArray");
  EXPECT_EQ(after("  LoadConst \"s\"\n  SetSlot 0\n"), "StrArray");
  EXPECT_EQ(after("  LoadFloat 1.0\n  SetSlot 0\n"), "Array");
  EXPECT_EQ(after("  GetSlot 0\n  GetSlot 0\n  Mul\n  SetSlot 0\n"), "IntArray");
  EXPECT_EQ(after("  GetSlot 0\n  GetSlot 1\n  Mul\n  SetSlot 0\n"), "Array");
  EXPECT_EQ(after("  GetSlot 0\n  LoadConst \"x\"\n  Concat\n  SetSlot 0\n"), "StrArray");
  EXPECT_EQ(after("  GetSlot 1\n  SetSlot 0\n"), "Array");
  EXPECT_EQ(after("  LoadInt 1\n  SetVar list\n"), "Int");
  EXPECT_EQ(after("  DeclareHash list\n"), "Int");
  EXPECT_EQ(after("  GetVar list\n  SetVar list\n"), "IntArray");
  EXPECT_EQ(after("  LoadInt 1\n  ArrayPush list\n"), "IntArray");
}

TEST(VariableKinds, KnowsFusedOps) {
  EXPECT_EQ(knownAtNop("  PreIncSlotVoid 0\n  Nop\n"), "Int");
  EXPECT_EQ(knownAtNop("  AddAssignSlotVoid 0 1\n  Nop\n"), "Int");
  EXPECT_EQ(knownAtNop("  AddAssignSlotVoid 1 0\n  Nop\n"), "");
  EXPECT_EQ(knownAtNop("  AccumSumLoop 1 0 3\n  Nop\n"), "Int");
  EXPECT_EQ(knownAtNop("  AccumSumLoop 0 1 3\n  Nop\n"), "Int");
  EXPECT_EQ(knownAtNop("  ConcatConstLoop \"x\" 0 1 3\n  Nop\n"), "Str");
  EXPECT_EQ(knownAtNop("  ConcatConstLoop \"x\" 0 0 3\n  Nop\n"), "Int");
  EXPECT_EQ(knownAtNop("  PushIntRangeLoop list 0 3\n  Nop\n"), "IntArray");
  EXPECT_EQ(knownAtNop("  SlotLtIntJumpIfFalse 0 3 out\nout:\n  Nop\n"), "");
}

TEST(VariableKinds, JoinsWays) {
  EXPECT_EQ(after("  GetVar x\n  JumpIfTrue out\n  LoadInt 2\n  SetSlot 0\nout:\n"), "IntArray");
  EXPECT_EQ(after("  GetVar x\n  JumpIfTrue out\n  LoadTrue\n  SetSlot 0\nout:\n"), "Array");
  EXPECT_EQ(after("loop:\n  LoadTrue\n  SetSlot 0\n  GetVar x\n  JumpIfTrue loop\n"), "Array");
  EXPECT_EQ(knownAtNop(strCat(setInt, "loop:\n  Nop\n  LoadTrue\n  SetSlot 0\n  GetVar x\n"
                                      "  JumpIfTrue loop\n")),
            "");
}

TEST(VariableKinds, ScopesHaveSlotsOfTheirOwn) {
  EXPECT_EQ(after("  PushFrame\n"), "Array");
  EXPECT_EQ(after("  PushFrame\n  LoadInt 1\n  SetSlot 0\n  PopFrame\n"), "Array");
}

/// What is known behind \p ops, with \p rest behind the end of the program.
std::string before(std::string_view ops, std::string_view rest) {
  return knownAtNop(strCat(setInt, setArray, ops, "  Nop\n  Return\n", rest));
}

TEST(VariableKinds, CalleesReachGlobalsOnly) {
  EXPECT_EQ(before("  Call f 0\n", "sub f:\n  LoadTrue\n  SetSlot 0\n  Return\n"), "IntArray");
  EXPECT_EQ(before("  Call f 0\n", "sub f:\n  DeclareHash list\n  Return\n"), "Int");
  EXPECT_EQ(before("  Call f 0\n", "sub f:\n  LoadTrue\n  SetVar list\n  Return\n"), "Int");
}

TEST(VariableKinds, CalleesKnowNothing) {
  EXPECT_EQ(knownAtNop(strCat(setInt, setArray, "  Call f 0\n  Return\nsub f:\n  Nop\n  Return\n")),
            "");
}

TEST(VariableKinds, CallbacksReachEverything) {
  EXPECT_EQ(after("  CallBuiltin 1 0\n  Pop\n"), "");
  EXPECT_EQ(before("  Call f 0\n", "sub f:\n  CallBuiltin 1 0\n  Return\n"), "");
}

TEST(VariableKinds, BlocksReachSlots) {
  constexpr std::string_view op = "  MakeArray 0\n  ForEachBlock b\n";
  EXPECT_EQ(before(op, "block b:\n  Pop\nend\n"), "Array");
  EXPECT_EQ(before(op, "block b:\n  SetVar list\nend\n"), "");
  EXPECT_EQ(knownAtNop(strCat(setInt, setArray, op, "  Return\nblock b:\n  Nop\n  Pop\nend\n")),
            "");
}

TEST(VariableKinds, TopicsOfBlocksAreNoArraysForLong) {
  // A block op sets the global `_`.
  Chunk chunk = chunkFrom("  DeclareArray _\n  MakeArray 0\n  ForEachBlock b\n  Nop\n  LoadUndef\n"
                          "  ArrayPush _\n  Return\nblock b:\n  Pop\nend\n");
  ControlFlowGraph graph(chunk);
  VariableKinds kinds(chunk, graph);
  kinds.forEachOp([&](uint64_t op, const VariableKinds::Known &known) {
    if (chunk.ops[op].opcode() == Opcode::Nop) {
      EXPECT_FALSE(kinds.isArray(known, 0));
    }
  });
}

TEST(VariableKinds, ShortStacksLeaveWhatWasThere) {
  // Where no way leads to, nobody has seen to it that there is enough on the stack: the
  // comparison of a single value does nothing at all.
  EXPECT_EQ(knownAtNop("  Return\n  LoadConst \"x\"\n  Spaceship\n  SetSlot 0\n  Nop\n"), "");
}

} // namespace
} // namespace fusevm
