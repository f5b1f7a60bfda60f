//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Programs as native code, in VMs that share an engine and in those that have one alone.

#include "NativeTestSupport.h"

#include "fusevm/Support/StrCat.h"

#include "gmock/gmock.h"

#include <thread>
#include <vector>

using namespace fusevm;
using fuzzing::load;

namespace {

JitConfig inBlockTier() {
  JitConfig config;
  config.tier = JitTier::Block;
  config.isSynchronous = true;
  return config;
}

/// Sums up the numbers below 1000, after an op that takes what is not there: the chunk has
/// no stack shape.
constexpr std::string_view sumWithoutShape = R"(
  Pop
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 1
again:
  AddAssignSlotVoid 0 1
  SlotIncLtIntJumpBack 1 1000 again
  GetSlot 0
)";

class JitTest : public fuzzing::NativeTest {};

TEST_F(JitTest, codeWithoutStackShapeRunsNativelyFromBeginningToEnd) {
  VM vm(load(sumWithoutShape));
  vm.enableJit(std::make_shared<JitCompiler>(), inBlockTier());
  RunResult result = vm.run();
  ASSERT_TRUE(result.isOk());
  EXPECT_EQ(result.value(), Value::makeInt(499'500));
  EXPECT_EQ(vm.jitStatistics().interpretedOps, 0u);
  EXPECT_EQ(vm.jitStatistics().hostCalls, vm.statistics().ops);
}

TEST_F(JitTest, boxedCodeStopsExactlyWhereTheFuelEndsAndGoesOnThere) {
  auto compiler = std::make_shared<JitCompiler>();
  std::shared_ptr<const Chunk> chunk = load(sumWithoutShape);
  for (uint64_t fuel : {1, 2, 5, 6, 7, 8, 1000}) {
    VM vm(chunk);
    vm.enableJit(compiler, inBlockTier());
    vm.setFuel(fuel);
    RunResult stopped = vm.run();
    ASSERT_TRUE(stopped.isError());
    EXPECT_EQ(stopped.error().kind, ErrorKind::Fuel);
    EXPECT_EQ(vm.statistics().ops, fuel);
    vm.setFuel(std::nullopt);
    RunResult result = vm.run();
    ASSERT_TRUE(result.isOk());
    EXPECT_EQ(result.value(), Value::makeInt(499'500));
  }
}

TEST_F(JitTest, boxedCodeRunsTheBodyOfABlock) {
  VM vm(load(R"(
  LoadConst [1, 2]
  MapBlock tenfold
  Jump done
block tenfold:
  LoadInt 10
  Mul
end
done:
)"));
  vm.enableJit(std::make_shared<JitCompiler>(), inBlockTier());
  RunResult result = vm.run();
  ASSERT_TRUE(result.isOk());
  EXPECT_EQ(result.value(), Value::makeArray({Value::makeInt(10), Value::makeInt(20)}));
  EXPECT_EQ(vm.jitStatistics().interpretedOps, 0u);
}

TEST_F(JitTest, coverageTellsWhatWasExecutedHow) {
  VM vm(load(R"(
  LoadInt 0
  SetSlot 0
again:
  GetVar number
  LoadInt 1
  Add
  SetVar number
  GetSlot 0
  LoadInt 5
  NumEq
  JumpIfFalse goesOn
  LoadFloat 0.5
  SetVar number
  PrintLn 0
goesOn:
  SlotIncLtIntJumpBack 0 10 again
)"));
  StringOutput output;
  vm.setOutput(output);
  JitConfig config = inBlockTier();
  auto coverage = std::make_shared<JitCoverage>();
  config.coverage = coverage;
  vm.enableJit(std::make_shared<JitCompiler>(), config);
  RunResult result = vm.run();
  ASSERT_FALSE(result.isError()) << result.error().message;
  auto count = [](const JitCoverage::ByOp &counts, Opcode opcode) {
    return counts[static_cast<size_t>(opcode)];
  };
  // Now and then a guard fails, and the interpreter goes on to the jump back.
  EXPECT_GT(count(coverage->reached, Opcode::SlotIncLtIntJumpBack), 5u);
  EXPECT_LE(count(coverage->reached, Opcode::SlotIncLtIntJumpBack), 10u);
  EXPECT_EQ(count(coverage->byHost, Opcode::SlotIncLtIntJumpBack), 0u);
  EXPECT_EQ(count(coverage->reached, Opcode::PrintLn), 1u);
  EXPECT_EQ(count(coverage->byHost, Opcode::PrintLn), 1u);
  EXPECT_GT(coverage->atEntry[static_cast<size_t>(Kind::Undef)], 0u);
}

/// A loop in a loop, whose body is executed a million times.
constexpr std::string_view loopInLoop = R"(
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 2
outer:
  LoadInt 0
  SetSlot 1
inner:
  GetSlot 2
  GetSlot 1
  BitXor
  LoadInt 3
  Add
  SetSlot 2
  SlotIncLtIntJumpBack 1 1000 inner
  SlotIncLtIntJumpBack 0 1000 outer
  GetSlot 2
)";

TEST_F(JitTest, whatRunsLongMovesUpWhileItRuns) {
  std::shared_ptr<const Chunk> chunk = load(loopInLoop);
  VM interpreted(chunk);
  Value expected = interpreted.run().value();
  auto run = [&](uint64_t opsToMoveUp) {
    VM vm(chunk);
    JitConfig config;
    config.isSynchronous = true;
    config.opsToMoveUp = opsToMoveUp;
    vm.enableJit(std::make_shared<JitCompiler>(), config);
    RunResult result = vm.run();
    EXPECT_EQ(result.value(), expected);
    EXPECT_EQ(vm.statistics().ops, interpreted.statistics().ops);
    return vm.jitStatistics();
  };
  JitStatistics atOnce = run(0);
  EXPECT_EQ(atOnce.exits["poll"], 0u);
  JitStatistics neverUp = run(1'000'000'000);
  EXPECT_EQ(neverUp.units, 1u);
  EXPECT_EQ(neverUp.exits["poll"], 0u);
  // Quick code for the loop that was met, and the best for the one in which it ran.
  JitStatistics movedUp = run(100'000);
  EXPECT_EQ(movedUp.units, 2u);
  EXPECT_EQ(movedUp.exits["poll"], 1u);
}

/// A loop of 20,000 iterations around \p body.
std::string loopAround(std::string_view body) {
  return "  LoadInt 0\n  SetSlot 0\nagain:\n" + std::string(body) +
         "  SlotIncLtIntJumpBack 0 20000 again\n";
}

JitConfig inAutomaticTier() {
  JitConfig config;
  config.isSynchronous = true;
  config.interval = config.opsToFirstLook = 1000;
  return config;
}

/// Runs \p text in the automatic tier.
JitStatistics runInAutomaticTier(std::string_view text) {
  VM vm(load(text));
  vm.enableJit(std::make_shared<JitCompiler>(), inAutomaticTier());
  StringOutput output;
  vm.setOutput(output);
  EXPECT_FALSE(vm.run().isError());
  return vm.jitStatistics();
}

TEST_F(JitTest, loopsOfWhatTheHostExecutesAreLeftToTheFastLoop) {
  JitStatistics counts = runInAutomaticTier(loopAround("  PushFrame\n  PopFrame\n"));
  EXPECT_EQ(counts.units, 0u);
  EXPECT_EQ(counts.refusals["calls, ops of the host, or no loop"], 1u);
}

TEST_F(JitTest, aLoopThatTurnsOutToBeTheHostsIsLeft) {
  // Most of the loop is never executed.
  std::string body = "  PushFrame\n  PopFrame\n  LoadFalse\n  JumpIfFalse skip\n";
  for (unsigned i = 0; i != 60; ++i)
    body += "  Nop\n";
  JitStatistics counts = runInAutomaticTier(loopAround(body + "skip:\n"));
  EXPECT_EQ(counts.entries, 1u);
  EXPECT_EQ(counts.refusals["mostly ops of the host"], 1u);
  EXPECT_LT(counts.hostCalls, 1000u);
}

TEST_F(JitTest, printingAndContainersNeedNoHostCall) {
  JitStatistics counts = runInAutomaticTier(
      "  DeclareHash h\n  DeclareArray a\n" +
      loopAround("  GetSlot 0\n  PrintLn 1\n  GetSlot 0\n  LoadConst \"k\"\n  HashSet h\n"
                 "  LoadConst \"k\"\n  HashGet h\n  ArrayPush a\n"));
  EXPECT_GE(counts.entries, 1u);
  EXPECT_EQ(counts.hostCalls, 0u);
}

TEST_F(JitTest, keysOfNewHashesAreNotExpected) {
  std::string body = "  DeclareHash h\n";
  for (unsigned i = 0; i != 12; ++i)
    body += strCat("  GetSlot 0\n  LoadConst \"", i, "\"\n  HashSet h\n");
  std::string text = loopAround(body);
  JitStatistics watched = runInAutomaticTier(text);
  EXPECT_GT(watched.entries, 0u);
  EXPECT_EQ(watched.exits["guard"], 0u);
  // What nobody has watched is found out once.
  VM vm(load(text));
  vm.enableJit(std::make_shared<JitCompiler>(), inBlockTier());
  EXPECT_FALSE(vm.run().isError());
  EXPECT_EQ(vm.jitStatistics().exits["guard"], 1u);
  EXPECT_TRUE(vm.jitStatistics().refusals.empty());
}

TEST_F(JitTest, anExpectedEntryOfASharedHashIsNotOverwritten) {
  VM vm(load("  MakeHash 0\n  SetVar h\n  LoadInt 0\n  LoadConst \"x\"\n  HashSet h\n" +
             loopAround(R"(
  GetSlot 0
  LoadConst "x"
  HashSet h
  GetSlot 0
  LoadInt 15000
  NumEq
  JumpIfFalse next
  GetHash h
  SetVar copy
next:
)") + "  LoadConst \"x\"\n  HashGet copy\n"));
  vm.enableJit(std::make_shared<JitCompiler>(), inAutomaticTier());
  RunResult result = vm.run();
  ASSERT_TRUE(result.isOk());
  EXPECT_EQ(result.value(), Value::makeInt(15000));
  EXPECT_GT(vm.jitStatistics().exits["guard"], 0u);
}

TEST_F(JitTest, quickCodeOfALoopLeavesOutMuchThatIsBehindIt) {
  auto exits = [](unsigned opsBehind) {
    std::string text = loopAround("  GetSlot 0\n  SetSlot 1\n");
    for (unsigned i = 0; i != opsBehind; ++i)
      text += "  Nop\n";
    JitStatistics counts = runInAutomaticTier(text + "  GetSlot 1\n");
    EXPECT_EQ(counts.entries, 1u);
    return counts.exits["not part of the unit"];
  };
  EXPECT_EQ(exits(20), 0u);
  EXPECT_EQ(exits(80), 1u);
}

TEST_F(JitTest, whatIsStoredAtUnknownStepsIsPrefetched) {
  // array[i] = 1 while i is less than 20,000, which goes up by step.
  auto assemblyFor = [](std::string_view step) {
    VM vm(load("  MakeArray 0\n  SetSlot 2\n  LoadInt 1\n  LoadInt 19999\n  SlotArraySet 2\n"
               "  LoadInt 0\n  SetSlot 0\nagain:\n"
               "  LoadInt 1\n  GetSlot 0\n  SlotArraySet 2\n  GetSlot 0\n" +
               std::string(step) +
               "  Add\n  SetSlot 0\n  GetSlot 0\n  LoadInt 20000\n  NumLt\n  JumpIfTrue again\n"));
    if (std::optional<uint16_t> global = vm.findGlobal("step"))
      vm.setGlobal(*global, Value::makeInt(3));
    JitConfig config = inBlockTier();
    config.wantsAssembly = true;
    std::string listing;
    config.showListing = [&](std::string_view text) { listing += text; };
    vm.enableJit(std::make_shared<JitCompiler>(), config);
    EXPECT_FALSE(vm.run().isError());
    return listing;
  };
  EXPECT_THAT(assemblyFor("  GetVar step\n"), testing::HasSubstr("prefetch"));
  EXPECT_THAT(assemblyFor("  LoadInt 3\n"), testing::Not(testing::HasSubstr("prefetch")));
}

TEST_F(JitTest, aLoopThatHasNotRunIsCompiledWhenItRuns) {
  // Both loops for themselves, the second one as soon as the first one is over.
  std::string second =
      "  LoadInt 0\n  SetSlot 1\nagain2:\n  GetSlot 0\n  GetSlot 1\n  Add\n  SetSlot 2\n"
      "  SlotIncLtIntJumpBack 1 20000 again2\n";
  std::string first = loopAround("  GetSlot 0\n  SetSlot 1\n");
  JitStatistics counts = runInAutomaticTier(first + second);
  EXPECT_EQ(counts.exits["not part of the unit"], 1u);
  EXPECT_EQ(counts.units, 2u);
  EXPECT_EQ(counts.entries, 2u);
  // Without a second loop there is nothing to wait for.
  EXPECT_EQ(runInAutomaticTier(first + "  GetSlot 1\n").exits["not part of the unit"], 0u);
}

TEST_F(JitTest, remaindersByConstantsAreThoseOfTheInterpreter) {
  for (int64_t divisor : {int64_t{2}, int64_t{7}, int64_t{1000003}, int64_t{INT32_MAX},
                          int64_t{INT32_MAX} + 1, int64_t{-7}, int64_t{1}, int64_t{0}}) {
    // Dividends of both signs and all sizes, and such around 32 bits: each is the one before,
    // times a large number.
    std::string text = R"(
  LoadInt 1
  SetSlot 1
  LoadInt 0
  SetSlot 2
again:
  GetSlot 1
  LoadInt DIVISOR
  Mod
  GetSlot 1
  LoadInt 8589934591
  BitAnd
  LoadInt DIVISOR
  Mod
  Add
  GetSlot 2
  LoadInt 31
  Mul
  Add
  SetSlot 2
  GetSlot 1
  LoadInt -40503
  Mul
  LoadInt 4294967295
  Add
  SetSlot 1
  SlotIncLtIntJumpBack 0 5000 again
  GetSlot 2
)";
    for (size_t at; (at = text.find("DIVISOR")) != std::string::npos;)
      text.replace(at, 7, std::to_string(divisor));
    std::shared_ptr<const Chunk> chunk = load(text);
    VM interpreted(chunk);
    interpreted.setLoop(LoopChoice::Baseline);
    Value expected = interpreted.run().value();
    ASSERT_TRUE(expected.isInt());
    for (FusevmQuality quality : {FUSEVM_QUALITY_QUICK, FUSEVM_QUALITY_FULL}) {
      VM native(chunk);
      JitConfig config = inBlockTier();
      config.quality = quality;
      native.enableJit(std::make_shared<JitCompiler>(), config);
      EXPECT_EQ(native.run().value(), expected) << divisor;
      EXPECT_GT(native.jitStatistics().entries, 0u);
    }
  }
}

TEST_F(JitTest, aUnitIsCompiledOnceForAllMachines) {
  std::shared_ptr<const Chunk> chunk = load(loopInLoop);
  std::shared_ptr<JitCompiler> compiler;
  auto run = [&](const std::shared_ptr<const Chunk> &what, JitTier tier) {
    VM vm(what);
    JitConfig config;
    config.tier = tier;
    config.isSynchronous = true;
    vm.enableJit(compiler, config);
    EXPECT_TRUE(vm.run().value().isInt());
    return vm.jitStatistics();
  };
  for (JitTier tier : {JitTier::Block, JitTier::Automatic}) {
    compiler = std::make_shared<JitCompiler>();
    JitStatistics first = run(chunk, tier);
    EXPECT_GT(first.units, 0u);
    EXPECT_EQ(first.shared, 0u);
    uint64_t compiled = compiler->engine().statistics().units;
    JitStatistics second = run(chunk, tier);
    EXPECT_GT(second.entries, 0u);
    EXPECT_EQ(second.shared, second.units);
    EXPECT_EQ(compiler->engine().statistics().units, compiled);
    // An equal chunk is another one.
    EXPECT_EQ(run(load(loopInLoop), tier).shared, 0u);
  }
}

TEST_F(JitTest, callbacksMaySwitchNativeCodeOffAndOn) {
  // In a loop, so that native code goes on behind the callback.
  constexpr std::string_view loop = R"(
again:
  CallBuiltin 0 0
  GetSlot 1
  Add
  SetSlot 1
  SlotIncLtIntJumpBack 0 10 again
  GetSlot 1
)";
  struct Callback {
    std::shared_ptr<JitCompiler> compiler = std::make_shared<JitCompiler>();
    int calls = 0;
  };
  for (bool hasStackShape : {true, false}) {
    Callback callback;
    VM vm(load(std::string(hasStackShape ? "" : "Pop") + std::string(loop)));
    vm.enableJit(callback.compiler, inBlockTier());
    vm.registerBuiltin(
        0,
        [](VM &vm, uint8_t, void *user) {
          auto &callback = *static_cast<Callback *>(user);
          if (callback.calls++ % 3 == 1)
            vm.disableJit();
          else
            vm.enableJit(callback.compiler, inBlockTier());
          return Value::makeInt(callback.calls);
        },
        &callback);
    vm.setSlot(1, Value::makeInt(0));
    EXPECT_EQ(vm.run().value(), Value::makeInt(55));
    EXPECT_EQ(callback.calls, 10);
  }
}

/// Native code looks at limits where it is entered.
TEST_F(JitTest, limitsThatACallbackLowersHold) {
  std::shared_ptr<const Chunk> chunk = load(R"(
again:
  CallBuiltin 0 0
  LoadInt 1
  LoadInt 2
  LoadInt 3
  Add
  Add
  Add
  Pop
  SlotIncLtIntJumpBack 0 10 again
)");
  std::string problems[2];
  for (bool isNative : {false, true}) {
    VM vm(chunk);
    if (isNative)
      vm.enableJit(std::make_shared<JitCompiler>(), inBlockTier());
    vm.registerBuiltin(
        0,
        [](VM &vm, uint8_t, void *) {
          Limits limits = vm.limits();
          if (vm.frame(0).slots[0] == Value::makeInt(5))
            limits.maxStackValues = 3;
          vm.setLimits(limits);
          return Value::makeInt(1);
        },
        nullptr);
    vm.setSlot(0, Value::makeInt(0));
    RunResult result = vm.run();
    ASSERT_TRUE(result.isError());
    problems[isNative] = result.error().message + " at " + std::to_string(result.error().op);
  }
  EXPECT_EQ(problems[1], problems[0]);
}

TEST_F(JitTest, unitsThatNobodyHasGiveWay) {
  NativeConfig small;
  small.codeBytes = 1; // as little as there can be
  auto compiler = std::make_shared<JitCompiler>(small);
  std::vector<std::shared_ptr<const Chunk>> chunks;
  uint64_t bytes = 0;
  for (int i = 0; i != 2000; ++i) {
    chunks.push_back(load("LoadInt " + std::to_string(i) + "\nSetSlot 0\nGetSlot 0\nInc"));
    VM vm(chunks.back());
    vm.enableJit(compiler, inBlockTier());
    EXPECT_EQ(vm.run().value(), Value::makeInt(i + 1));
    ASSERT_EQ(vm.jitStatistics().units, 1u) << i;
    bytes = compiler->engine().statistics().codeBytes;
  }
  EXPECT_GT(bytes, 4 * compiler->engine().statistics().liveCodeBytes);
}

TEST_F(JitTest, eightThreadsShareAnEngine) {
  // With and without a stack shape: units with guards, and boxed ones.
  std::string_view withoutPop = sumWithoutShape.substr(sumWithoutShape.find("LoadInt"));
  std::shared_ptr<const Chunk> chunks[] = {load(withoutPop), load(sumWithoutShape)};
  auto compiler = std::make_shared<JitCompiler>();
  std::vector<std::thread> threads;
  std::vector<uint64_t> right(8);
  for (unsigned number = 0; number != 8; ++number)
    threads.emplace_back([&, number] {
      for (unsigned run = 0; run != 50; ++run) {
        VM vm(chunks[run % 2]);
        JitConfig config = inBlockTier();
        config.isSynchronous = run % 4 == number % 4;
        vm.enableJit(compiler, config);
        RunResult result = vm.run();
        right[number] += result.isOk() && result.value() == Value::makeInt(499'500);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  for (uint64_t count : right)
    EXPECT_EQ(count, 50u);
  EXPECT_GT(compiler->engine().statistics().units, 0u);
}

} // namespace
