//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Interp/ScalarSlots.h"

#include "../Analysis/AnalysisTestSupport.h"
#include "../Transforms/FusionTestSupport.h"

#include "fusevm/IR/ChunkBuilder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fusevm {
namespace {

using testing::ElementsAre;

std::vector<SlotMask> findIn(const Chunk &chunk) {
  std::vector<bool> leaders(chunk.ops.size());
  for (const Instruction &instruction : chunk.ops)
    if (instruction.targetOperand() >= 0 && instruction.target() < leaders.size())
      leaders[instruction.target()] = true;
  return findScalarSlots(chunk, analyze(chunk), leaders);
}

/// Which of the first eight slots of a function, the main program or the \p function th sub
/// that is called, may hold something else than scalars.
std::vector<unsigned> heapSlots(std::string_view text, size_t function = 0) {
  Chunk chunk = chunkFrom(text);
  EXPECT_EQ(analyze(chunk).disposition, Disposition::Fast) << text;
  SlotMask scalars = findIn(chunk).at(function);
  std::vector<unsigned> slots;
  for (unsigned slot = 0; slot != 8; ++slot)
    if ((scalars & maskOf(slot)) == 0)
      slots.push_back(slot);
  return slots;
}

TEST(ScalarSlots, AreThoseInWhichOnlyScalarsAreStored) {
  EXPECT_THAT(heapSlots(R"(
  LoadInt 1
  SetSlot 0
  LoadConst "text"
  SetSlot 1
  LoadConst 2.5
  SetSlot 2
  GetSlot 0
  GetSlot 1
  Add
  SetSlot 3
  GetSlot 0
  GetSlot 1
  Concat
  SetSlot 4
  LoadInt 1
  SetSlot 5
  MakeArray 0
  SetSlot 5
)"),
              ElementsAre(1, 4, 5));
}

// Whatever the conditions, a store in either place may be the one that was made.
TEST(ScalarSlots, WhereAnotherWayMeetsAStoreItMayStoreAnything) {
  EXPECT_THAT(heapSlots(R"(
  LoadConst "text"
  LoadTrue
  JumpIfTrue store
  Pop
  LoadInt 1
store:
  SetSlot 0
  LoadInt 1
  SetSlot 1
)"),
              ElementsAre(0));
}

TEST(ScalarSlots, ThoseThatMainReadsFirstMayHoldAnything) {
  EXPECT_THAT(heapSlots(R"(
  GetSlot 0
  Pop
  LoadInt 1
  SetSlot 0
  LoadInt 1
  SetSlot 1
  GetSlot 1
  Pop
  LoadInt 0
  SlotArrayGet 2
  Pop
  LoadInt 7
  LoadInt 0
  SlotArraySet 3
  LoadInt 1
  SetSlot 2
  LoadInt 1
  SetSlot 3
)"),
              ElementsAre(0, 2, 3));
}

TEST(ScalarSlots, ArgumentsMayBeAnything) {
  constexpr std::string_view text = R"(
  LoadInt 1
  LoadInt 2
  Call f 2
  Jump end
sub f:
  SetSlot 1
  SetSlot 0
  GetSlot 2
  GetSlot 0
  Mul
  SetSlot 3
  GetSlot 0
  SetSlot 4
  GetSlot 4
  ReturnValue
end:
)";
  EXPECT_THAT(heapSlots(text, 0), ElementsAre());
  EXPECT_THAT(heapSlots(text, 1), ElementsAre(0, 1, 4));
}

TEST(ScalarSlots, FunctionsHaveTheirOwn) {
  constexpr std::string_view text = R"(
  LoadConst "text"
  SetSlot 0
  LoadInt 1
  SetSlot 1
  Call f 0
  Jump end
sub f:
  LoadInt 1
  SetSlot 0
  LoadConst "text"
  SetSlot 1
  Return
end:
)";
  EXPECT_THAT(heapSlots(text, 0), ElementsAre(0));
  EXPECT_THAT(heapSlots(text, 1), ElementsAre(1));
}

TEST(ScalarSlots, CopiesAreWhatTheyAreCopiedFrom) {
  // Each copy comes before the one that it depends on.
  EXPECT_THAT(heapSlots(R"(
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 1
  LoadInt 0
  SetSlot 2
  GetSlot 1
  SetSlot 0
  GetSlot 2
  SetSlot 1
  GetSlot 3
  SetSlot 2
  LoadConst "text"
  SetSlot 3
)"),
              ElementsAre(0, 1, 2, 3));
  // Round and round go scalars only.
  EXPECT_THAT(heapSlots(R"(
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 1
  GetSlot 0
  SetSlot 1
  GetSlot 1
  SetSlot 0
)"),
              ElementsAre());
}

TEST(ScalarSlots, NothingIsKnownOfSlotsWithHighNumbers) {
  EXPECT_EQ(maskOf(64), 0u);
  EXPECT_THAT(heapSlots(R"(
  LoadInt 0
  SetSlot 64
  GetSlot 64
  SetSlot 0
  LoadInt 0
  SetSlot 1
)"),
              ElementsAre(0));
}

TEST(ScalarSlots, BlocksStoreInTheSlotsOfAnyFunction) {
  constexpr std::string_view text = R"(
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 1
  LoadInt 1
  LoadInt 2
  Range
  ForEachBlock body
  Call f 0
  Jump end
block body:
  SetSlot 0
  LoadInt 1
  SetSlot 1
end
sub f:
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 1
  Return
end:
)";
  EXPECT_THAT(heapSlots(text, 0), ElementsAre(0));
  EXPECT_THAT(heapSlots(text, 1), ElementsAre(0));
}

TEST(ScalarSlots, LoopOpsMakeTexts) {
  EXPECT_THAT(heapSlots(R"(
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 1
  ConcatConstLoop "x" 0 1 5
)"),
              ElementsAre(0));
}

/// The ops that take nothing but values from the stack, and leave one.
std::vector<Instruction> plainOps() {
  std::vector<Instruction> result;
  for (size_t number = 0; number != numOpcodes; ++number) {
    Instruction instruction(static_cast<Opcode>(number));
    const OpInfo &info = instruction.info();
    bool isPlain = info.control == ControlKind::Next && !info.has(CallsOut) && !info.has(IO);
    if (isPlain && info.pushes == 1 && info.pops >= 0 && info.pops <= 2)
      result.push_back(instruction);
  }
  return result;
}

// The list of ops that make scalars must be right, whatever their operands are.
TEST(ScalarSlots, OpsThatAreSaidToMakeScalarsDo) {
  constexpr uint16_t resultSlot = 8;
  std::vector<Value> grid = valueGrid();
  unsigned scalarOps = 0;
  for (const Instruction &instruction : plainOps()) {
    auto pops = static_cast<uint16_t>(instruction.info().pops);
    ChunkBuilder builder;
    (void)builder.addConstant(Value::makeStr("constant"));
    (void)builder.name("global");
    // Slot 0 is an operand of ops that name one.
    for (uint16_t operand = 0; operand != pops; ++operand)
      builder.GetSlot(static_cast<uint16_t>(operand + 1));
    builder.emit(instruction);
    builder.SetSlot(resultSlot);
    auto chunk = std::make_shared<const Chunk>(builder.build().value());
    if ((findIn(*chunk).at(0) & maskOf(resultSlot)) == 0)
      continue;
    ++scalarOps;
    for (const Value &left : grid)
      for (const Value &right : grid) {
        RunVM run(chunk, {.slots = {left, left, right}, .global = right});
        EXPECT_FALSE(run.vm.getSlot(resultSlot).isHeap())
            << opName(instruction.opcode()) << " of " << kindName(left.kind()) << " and "
            << kindName(right.kind());
      }
  }
  EXPECT_GT(scalarOps, 35u);
}

// Rounds follow the longest chain of copies, which has no more links than there are bits.
TEST(ScalarSlots, AreFoundInLinearTime) {
  constexpr unsigned slots = 64;
  ChunkBuilder builder;
  for (unsigned round = 0; round != 5000; ++round)
    for (uint16_t slot = 0; slot != slots; ++slot) {
      builder.GetSlot(static_cast<uint16_t>(slot + 1));
      builder.SetSlot(slot);
    }
  Chunk chunk = builder.build().value();
  ChunkAnalysis analysis = analyze(chunk);
  std::vector<bool> leaders(chunk.ops.size());
  LinearTimeGuard guard;
  EXPECT_EQ(findScalarSlots(chunk, analysis, leaders).at(0), 0u);
}

} // namespace
} // namespace fusevm
