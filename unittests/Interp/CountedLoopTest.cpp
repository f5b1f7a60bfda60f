//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops of plain ops that the fast loop runs in one go: it does so whenever it may, and
/// nobody can tell.

#include "../Transforms/FusionTestSupport.h"

#include "fusevm/Interp/PreparedCode.h"
#include "fusevm/Interp/VM.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <optional>

namespace fusevm {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A loop that adds its counter, slot 0, to slot 1.
std::string sumLoop(int32_t limit) {
  return strCat("loop:\n  GetSlot 0\n  LoadInt ", limit, R"(
  NumLt
  JumpIfFalse out
  GetSlot 1
  GetSlot 0
  Add
  SetSlot 1
  GetSlot 0
  Inc
  SetSlot 0
  Jump loop
out:
)");
}

/// A loop that appends to the text in slot 1.
std::string textLoop(int32_t limit) {
  return strCat("loop:\n  GetSlot 1\n  LoadConst \"ab\"\n  Concat\n  SetSlot 1\n"
                "  SlotIncLtIntJumpBack 0 ",
                limit, " loop\n");
}

/// A loop that pushes its counter.
std::string pushLoop(int32_t limit) {
  return strCat("loop:\n  SlotLtIntJumpIfFalse 0 ", limit,
                " out\n  GetSlot 0\n  ArrayPush list\n  PreIncSlotVoid 0\n  Jump loop\nout:\n");
}

std::string assign(std::string_view load, unsigned slot) {
  return strCat("  ", load, "\n  SetSlot ", slot, "\n");
}

/// A VM that has run a program.
struct LoopRun {
  LoopRun(const std::shared_ptr<const Chunk> &chunk, LoopChoice loop, bool fuses,
          const Limits &limits = {}, std::optional<uint64_t> fuel = std::nullopt)
      : vm(chunk, limits) {
    vm.setLoop(loop);
    vm.setFusion(fuses);
    vm.setFuel(fuel);
    result = vm.run();
  }

  VM vm;
  RunResult result = RunResult::makeHalted();
};

std::shared_ptr<const Chunk> makeChunk(std::string_view text) {
  auto chunk = std::make_shared<const Chunk>(chunkFrom(text));
  EXPECT_THAT(printPreparedCode(*chunk), HasSubstr("CountedLoop")) << text;
  return chunk;
}

void expectSame(LoopRun &left, LoopRun &right, std::string_view text) {
  EXPECT_EQ(fuzzing::compareResults(left.result, right.result), std::nullopt) << text;
  EXPECT_EQ(fuzzing::compareStates(left.vm, right.vm), std::nullopt) << text;
  EXPECT_EQ(left.vm.statistics().ops, right.vm.statistics().ops) << text;
}

/// Expects that the run is the same with the loop done in one go, op by op, and in the
/// baseline loop, and that it goes on in the same way.
void expectNobodyCanTell(std::string_view text, const Limits &limits = {},
                         std::optional<uint64_t> fuel = std::nullopt) {
  std::shared_ptr<const Chunk> chunk = makeChunk(text);
  LoopRun whole(chunk, LoopChoice::Automatic, /*fuses=*/true, limits, fuel);
  LoopRun stepwise(chunk, LoopChoice::Automatic, /*fuses=*/false, limits, fuel);
  LoopRun baseline(chunk, LoopChoice::Baseline, /*fuses=*/true, limits, fuel);
  for (unsigned again = 0; again != 2; ++again) {
    expectSame(whole, stepwise, text);
    expectSame(whole, baseline, text);
    for (LoopRun *run : {&whole, &stepwise, &baseline}) {
      run->vm.setFuel(1000);
      run->result = run->vm.run();
    }
  }
}

// Op by op it would take years.
TEST(CountedLoop, RunsInOneGo) {
  constexpr int64_t start = -400'000'000'000'000'000;
  std::string text = strCat(assign(strCat("LoadInt ", start), 0), assign("LoadInt 5", 1),
                            sumLoop(3), "  GetSlot 1\n");
  LoopRun run(makeChunk(text), LoopChoice::Automatic, /*fuses=*/true);
  // The sum is what AccumSumLoop says.
  LoopRun closed(std::make_shared<const Chunk>(
                     chunkFrom(strCat(assign(strCat("LoadInt ", start), 0), assign("LoadInt 5", 1),
                                      "  AccumSumLoop 1 0 3\n  GetSlot 1\n  ReturnValue\n"))),
                 LoopChoice::Baseline, /*fuses=*/true);
  EXPECT_EQ(run.result.value(), closed.result.value());
  EXPECT_EQ(run.vm.getSlot(0), Value::makeInt(3));
  EXPECT_EQ(run.vm.statistics().ops, 4 + 4 + 12 * (3 - uint64_t(start)) + 1);
}

TEST(CountedLoop, DoesWhatItsOpsDo) {
  for (int64_t start : {-3, 0, 4, 5, 6, 90}) {
    std::string counter = assign(strCat("LoadInt ", start), 0);
    expectNobodyCanTell(counter + assign("LoadInt 100", 1) + sumLoop(5));
    expectNobodyCanTell(counter + assign("LoadConst \"x\"", 1) + textLoop(5));
    expectNobodyCanTell("  DeclareArray list\n" + counter + pushLoop(5));
  }
}

TEST(CountedLoop, LeavesOtherKindsToItsOps) {
  for (std::string_view counter :
       {"LoadFloat 1.5", "LoadConst \"2\"", "LoadUndef", "LoadTrue", "MakeArray 0"}) {
    expectNobodyCanTell(assign(counter, 0) + assign("LoadInt 100", 1) + sumLoop(5));
    expectNobodyCanTell(assign(counter, 0) + assign("LoadConst \"x\"", 1) + textLoop(5));
    expectNobodyCanTell("  DeclareArray list\n" + assign(counter, 0) + pushLoop(5));
  }
  for (std::string_view sum : {"LoadFloat 1.5", "LoadConst \"2\"", "LoadUndef", "MakeArray 0"}) {
    expectNobodyCanTell(assign("LoadInt 1", 0) + assign(sum, 1) + sumLoop(5));
    expectNobodyCanTell(assign("LoadInt 1", 0) + assign(sum, 1) + textLoop(5));
  }
  expectNobodyCanTell("  DeclareHash list\n" + assign("LoadInt 1", 0) + pushLoop(5));
  expectNobodyCanTell("  GetVar list\n  Pop\n" + assign("LoadInt 1", 0) + pushLoop(5));
}

TEST(CountedLoop, StopsWhereItsOpsWould) {
  for (uint64_t fuel = 0; fuel != 80; ++fuel) {
    expectNobodyCanTell(assign("LoadInt 0", 0) + assign("LoadInt 100", 1) + sumLoop(5), {}, fuel);
    expectNobodyCanTell(assign("LoadInt 0", 0) + assign("LoadConst \"x\"", 1) + textLoop(5), {},
                        fuel);
    expectNobodyCanTell("  DeclareArray list\n" + assign("LoadInt 0", 0) + pushLoop(5), {}, fuel);
  }
}

TEST(CountedLoop, FailsWhereItsOpsWould) {
  for (size_t most = 0; most != 14; ++most) {
    Limits limits;
    limits.maxStringBytes = limits.maxContainerSize = most;
    expectNobodyCanTell(assign("LoadInt 0", 0) + assign("LoadConst \"x\"", 1) + textLoop(5),
                        limits);
    expectNobodyCanTell("  DeclareArray list\n" + assign("LoadInt 0", 0) + pushLoop(5), limits);
  }
}

TEST(CountedLoop, WorksOnTheSlotsOfItsScope) {
  expectNobodyCanTell(strCat(assign("LoadInt 7", 0), assign("LoadInt 8", 1), "  PushFrame\n",
                             assign("LoadInt 1", 0), assign("LoadInt 2", 1), sumLoop(5),
                             "  GetSlot 1\n  SetVar inner\n  PopFrame\n"
                             "  GetSlot 1\n  SetVar outer\n"));
}

TEST(CountedLoop, KeepsWhatIsOnTheStack) {
  expectNobodyCanTell(strCat(assign("LoadInt 1", 0), assign("LoadInt 2", 1),
                             "  GetSlot 1\n  LoadConst \"below\"\n", sumLoop(5),
                             "  GetSlot 1\n  MakeArray 3\n"));
}

// Somebody else may hold the text or the array.
TEST(CountedLoop, ChangesNobodysCopy) {
  expectNobodyCanTell(strCat(assign("LoadInt 0", 0), assign("LoadConst \"x\"", 1),
                             "  GetSlot 1\n  LoadConst \"y\"\n  Concat\n  SetSlot 1\n"
                             "  GetSlot 1\n  SetSlot 2\n",
                             textLoop(5), "  GetSlot 2\n"));
  expectNobodyCanTell(strCat("  DeclareArray list\n  LoadInt 9\n  ArrayPush list\n"
                             "  GetArray list\n  SetVar copy\n",
                             assign("LoadInt 0", 0), pushLoop(5), "  GetVar copy\n"));
}

TEST(CountedLoop, AnInterruptEndsTheRunBeforeIt) {
  std::shared_ptr<const Chunk> chunk =
      makeChunk(assign("LoadInt 0", 0) + assign("LoadInt 0", 1) + sumLoop(10'000));
  for (LoopChoice loop : {LoopChoice::Automatic, LoopChoice::Baseline}) {
    VM vm(chunk);
    vm.setLoop(loop);
    vm.interrupt();
    EXPECT_EQ(vm.run().error().kind, ErrorKind::Interrupt);
    EXPECT_EQ(vm.ip(), 0u);
    EXPECT_FALSE(vm.run().isError());
    EXPECT_EQ(vm.getSlot(1), Value::makeInt(49'995'000));
  }
}

TEST(CountedLoop, IsNotEnteredInItsMidst) {
  std::string text = strCat(assign("LoadInt 0", 0), assign("LoadInt 0", 1), sumLoop(5));
  for (uint64_t ip = 4; ip != 16; ++ip) {
    std::shared_ptr<const Chunk> chunk = makeChunk(text);
    VM whole(chunk);
    VM baseline(chunk);
    baseline.setLoop(LoopChoice::Baseline);
    for (VM *vm : {&whole, &baseline}) {
      vm->setSlot(0, Value::makeInt(2));
      vm->setSlot(1, Value::makeInt(10));
      vm->setIp(ip);
      (void)vm->run();
    }
    EXPECT_EQ(fuzzing::compareStates(whole, baseline), std::nullopt) << "from op " << ip;
  }
}

TEST(CountedLoop, IsOneOnlyIfNobodyJumpsIntoIt) {
  EXPECT_THAT(printPreparedCode(chunkFrom(R"(
  LoadTrue
  JumpIfTrue body
loop:
  GetSlot 0
  LoadInt 5
  NumLt
  JumpIfFalse out
body:
  GetSlot 1
  GetSlot 0
  Add
  SetSlot 1
  PreIncSlotVoid 0
  Jump loop
out:
)")),
              Not(HasSubstr("CountedLoop")));
}

} // namespace
} // namespace fusevm
