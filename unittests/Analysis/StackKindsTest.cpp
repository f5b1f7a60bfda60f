//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/StackKinds.h"

#include "AnalysisTestSupport.h"

#include "gmock/gmock.h"

namespace fusevm {
namespace {

using testing::Each;
using testing::ElementsAre;

/// Returns for each op what is known: "2 Int Any", "?" for a height that is not.
std::vector<std::string> describeKinds(const Chunk &chunk, const CalloutEffects &effects = {}) {
  ChunkAnalysis analysis = analyze(chunk, effects);
  ControlFlowGraph graph(chunk);
  StackKinds kinds(chunk, graph, analysis, effects);
  std::vector<std::string> result;
  for (uint64_t op = 0; op != chunk.ops.size(); ++op) {
    if (!kinds.reached(op)) {
      result.emplace_back("-");
      continue;
    }
    std::optional<uint32_t> height = kinds.height(op);
    std::string text = height ? std::to_string(*height) : "?";
    for (std::optional<Kind> kind : kinds.topKinds(op))
      text += kind ? " " + std::string(kindName(*kind)) : " Any";
    result.push_back(text);
  }
  return result;
}

std::vector<std::string> describeText(std::string_view text, const CalloutEffects &effects = {}) {
  return describeKinds(chunkFrom(text), effects);
}

TEST(StackKindsTest, EmptyChunk) { EXPECT_THAT(describeText(""), ElementsAre()); }

TEST(StackKindsTest, Literals) {
  EXPECT_THAT(describeText("LoadInt 1\nLoadFloat 1\nLoadTrue\nLoadUndef\nLoadConst \"\"\n"
                           "LoadConst [1]\nLoadConst #9\nNop"),
              ElementsAre("0", "1 Int", "2 Int Float", "3 Int Float Bool", "4 Int Float Bool Undef",
                          "5 Int Float Bool Undef Str", "6 Int Float Bool Undef Str Array",
                          "7 Int Float Bool Undef Str Array Undef"));
}

TEST(StackKindsTest, StackOps) {
  EXPECT_THAT(
      describeText("LoadInt 1\nLoadTrue\nLoadConst \"\"\nRot\nSwap\nDup\nPop\nPop\nDup2\nNop"),
      ElementsAre("0", "1 Int", "2 Int Bool", "3 Int Bool Str", "3 Bool Str Int", "3 Bool Int Str",
                  "4 Bool Int Str Str", "3 Bool Int Str", "2 Bool Int", "4 Bool Int Bool Int"));
}

TEST(StackKindsTest, Arithmetic) {
  EXPECT_THAT(
      describeText("LoadInt 1\nLoadInt 2\nAdd\nLoadFloat 2\nMul\nPop\nGetSlot 0\nLoadInt 1\n"
                   "Sub\nLoadConst \"2\"\nMod\nInc\nNegate\nNop"),
      ElementsAre("0", "1 Int", "2 Int Int", "1 Int", "2 Int Float", "1 Float", "0", "1 Any",
                  "2 Any Int", "1 Any", "2 Any Str", "1 Float", "1 Int", "1 Int"));
}

TEST(StackKindsTest, OnlyTheTopIsFollowed) {
  std::string text = "LoadTrue\n";
  for (int i = 0; i != 8; ++i)
    text += "LoadInt 1\n";
  text += "PrintLn 7\nNop";
  EXPECT_EQ(describeText(text)[9], "9 Int Int Int Int Int Int Int Int");
  EXPECT_EQ(describeText(text)[10], "2 Any Int");
}

TEST(StackKindsTest, WaysJoin) {
  EXPECT_THAT(
      describeText("LoadInt 1\nLoadInt 2\nJumpIfTrue b\nLoadInt 3\nJump e\nb:\nLoadFloat 3\n"
                   "e:\nNop"),
      ElementsAre("0", "1 Int", "2 Int Int", "1 Int", "2 Int Int", "1 Int", "2 Int Any"));
  // A loop changes what was known where it begins.
  EXPECT_THAT(describeText("LoadInt 1\na:\nLoadFloat 2\nAdd\nJump a"),
              ElementsAre("0", "1 Any", "2 Any Float", "1 Float"));
  EXPECT_THAT(describeText("LoadInt 1\nJumpIfTrueKeep e\nPop\nLoadInt 2\ne:\nNop"),
              ElementsAre("0", "1 Int", "1 Int", "0", "1 Int"));
}

TEST(StackKindsTest, Calls) {
  EXPECT_THAT(
      describeText("LoadTrue\nLoadInt 1\nLoadConst \"\"\nCall f 2\nNop\nLoadInt 3\nLoadInt 4\n"
                   "Call f 2\nPop\nReturn\nsub f:\nPrint 1\nReturnValue\nsub g:\nCall f 2\n"
                   "Pop"),
      ElementsAre("0", "1 Bool", "2 Bool Int", "3 Bool Int Str", "2 Bool Any", "2 Bool Any",
                  "3 Bool Any Int", "4 Bool Any Int Int", "3 Bool Any Any", "2 Bool Any",
                  "2 Any Any", "1 Any", "?", "?"));
  // A sub that cannot be found leaves nobody knows what behind.
  EXPECT_THAT(describeText("LoadInt 1\nCall nobody 1\nNop"), ElementsAre("0", "1 Int", "?"));
}

TEST(StackKindsTest, Blocks) {
  EXPECT_THAT(
      describeText("LoadInt 1\nLoadConst [1]\nMapBlock m\nSortBlock s\nForEachBlock m\nReturn\n"
                   "block m:\nLoadInt 1\nAdd\nend\nblock s:\nStrCmp\nNop\nend"),
      ElementsAre("0", "1 Int", "2 Int Array", "2 Int Array", "2 Int Array", "1 Int", "1 Any",
                  "2 Any Int", "2 Any Any", "1 Int"));
}

TEST(StackKindsTest, Scopes) {
  EXPECT_THAT(
      describeText("LoadInt 1\nPushFrame\nLoadTrue\nPushFrame\nLoadUndef\nLoadUndef\nPopFrame\n"
                   "Nop\nPopFrame\nNop"),
      ElementsAre("0", "1 Int", "1 Int", "2 Int Bool", "2 Int Bool", "3 Int Bool Undef",
                  "4 Int Bool Undef Undef", "2 Int Bool", "2 Int Bool", "1 Int"));
  EXPECT_THAT(describeText("LoadInt 1\nPushFrame\nPop\nPopFrame\nNop"),
              ElementsAre("0", "1 Int", "1 Int", "0", "0"));
  EXPECT_THAT(describeText("LoadInt 1\nPopFrame\nNop"), ElementsAre("0", "1 Int", "?"));
}

TEST(StackKindsTest, HeightsThatDependOnTheWay) {
  EXPECT_THAT(describeText("LoadTrue\nJumpIfTrue e\nLoadInt 1\ne:\nLoadFloat 2\nDup\nPow\nNop"),
              ElementsAre("0", "1 Bool", "0", "?", "? Float", "?", "? Float"));
}

TEST(StackKindsTest, ShortStacks) {
  EXPECT_THAT(describeText("LoadInt 1\nAdd\nNop"), ElementsAre("0", "1 Int", "?"));
  EXPECT_THAT(describeText("LoadInt 1\nConcat\nNop"), ElementsAre("0", "1 Int", "? Str"));
  EXPECT_THAT(describeText("Pop\nLoadInt 1\nNop"), ElementsAre("0", "?", "? Int"));
  EXPECT_THAT(describeText("MakeHash 3\nNop"), ElementsAre("0", "? Hash"));
  // In a chunk for the baseline loop a block may take what was there before.
  EXPECT_THAT(
      describeText("LoadInt 1\nLoadUndef\nMapBlock b\nNop\nReturn\nblock b:\nPop\nPop\nend"),
      ElementsAre("0", "1 Int", "2 Int Undef", "?", "?", "1 Any", "0"));
}

TEST(StackKindsTest, Callouts) {
  CalloutEffects effects;
  effects.declareBuiltin(1, {.pops = 1, .pushes = 3});
  effects.declareBuiltin(2, {.pops = 0, .pushes = UINT32_MAX});
  // They may change whatever is on the stack.
  EXPECT_THAT(describeText("LoadInt 1\nLoadInt 2\nCallBuiltin 1 0\nCallBuiltin 2 0\nNop", effects),
              ElementsAre("0", "1 Int", "2 Int Int", "4 Any Any Any Any", "?"));
}

TEST(StackKindsTest, GivesUp) {
  // Refused chunks, and functions that cannot be told apart.
  for (std::string_view text :
       {"Nop\nMapBlock #0", "LoadInt 1\nCall f 1\nsub f:\nReturn", "Call f 0\nentry f #9",
        "LoadInt 1\nCall f 1\nCall f 0\nReturn\nsub f:\nReturn"})
    EXPECT_THAT(describeText(text), Each("-")) << text;
}

TEST(StackKindsTest, AMillionOpsInLinearTime) {
  // Nested loops, of which each but the innermost makes another value unknown.
  Chunk chunk;
  constexpr uint64_t size = 1000000;
  for (uint64_t i = 0; i != size / 10; ++i) {
    chunk.ops.push_back(Instruction::LoadInt(1));
    chunk.ops.push_back(i % 2 == 0 ? Instruction::Inc() : Instruction::SqrtFloat());
    for (int j = 0; j != 6; ++j)
      chunk.ops.push_back(Instruction::Rot());
    chunk.ops.push_back(Instruction::SlotIncLtIntJumpBack(0, 1, size - chunk.ops.size()));
    chunk.ops.push_back(Instruction::SlotLtIntJumpIfFalse(0, 1, (i * 7919) % size));
  }
  ControlFlowGraph graph(chunk);
  ChunkAnalysis analysis = analyze(chunk);
  LinearTimeGuard guard;
  StackKinds kinds(chunk, graph, analysis);
  EXPECT_TRUE(kinds.reached(size - 1));
}

} // namespace
} // namespace fusevm
