//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Chunks that are run natively for their result. Numbers are those of the interpreter.

#include "fusevm/Native/NativeRunner.h"
#include "NativeTestSupport.h"

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/Interp/AwkHost.h"

#include "gmock/gmock.h"

#include <bit>
#include <cmath>
#include <cstdlib>

using namespace fusevm;
using fuzzing::load;

namespace {

/// The sum of the numbers below 101.
constexpr std::string_view sumLoop = R"(
  LoadInt 0
  SetSlot 0
  LoadInt 0
  SetSlot 1
again:
  AddAssignSlotVoid 0 1
  SlotIncLtIntJumpBack 1 101 again
  GetSlot 0
)";

class NativeRunnerTest : public fuzzing::NativeTest {
protected:
  /// The result of \p text, whose slots are Ints.
  Value valueOf(std::string_view text, std::vector<int64_t> words = {}) {
    std::optional<RunResult> result = runner.tryRunBlock(load(text), absl::MakeSpan(words));
    EXPECT_TRUE(result && result->isOk()) << text;
    return result && result->isOk() ? result->value() : Value();
  }
  Value linear(std::string_view text, const std::vector<Value> &slots = {}) {
    std::optional<RunResult> result = runner.tryRunLinear(load(text), slots);
    EXPECT_TRUE(result && result->isOk()) << text;
    return result && result->isOk() ? result->value() : Value();
  }

  std::shared_ptr<JitCompiler> compiler = fuzzing::compiler();
  NativeRunner runner{compiler};
};

JitConfig after(uint32_t calls) {
  JitConfig config;
  config.callThreshold = calls;
  return config;
}

TEST_F(NativeRunnerTest, linearResultsAreTheInterpreters) {
  EXPECT_EQ(linear("LoadInt 40\nLoadInt 2\nAdd"), Value::makeInt(42));
  EXPECT_EQ(linear("LoadInt 10\nLoadInt 3\nSwap\nSub"), Value::makeInt(-7));
  EXPECT_EQ(linear("LoadInt 21\nDup\nAdd"), Value::makeInt(42));
  EXPECT_EQ(linear("LoadInt 17\nLoadInt 5\nMod"), Value::makeInt(2));
  EXPECT_EQ(linear("LoadInt 256\nLoadInt 4\nShr"), Value::makeInt(16));
  EXPECT_EQ(linear("LoadFloat 1.5\nLoadFloat 2.5\nSpaceship"), Value::makeInt(-1));
  EXPECT_EQ(linear("LoadInt 1\nLoadFloat 2.5\nAdd"), Value::makeFloat(3.5));
  EXPECT_EQ(linear("LoadConst 3.14"), Value::makeFloat(3.14));
  EXPECT_EQ(linear("LoadInt 2\nLoadInt 10\nPow"), Value::makeFloat(1024));
  EXPECT_EQ(linear("LoadInt 1\nLoadInt 2\nNumLt"), Value::makeBool(true));
  EXPECT_EQ(linear("LoadTrue\nLoadInt 1\nAdd"), Value::makeFloat(2));
  EXPECT_EQ(linear("LoadInt 7\nLoadInt 2\nDiv"), Value::makeFloat(3.5));
  EXPECT_EQ(linear("LoadInt -9223372036854775808\nLoadInt -1\nDiv"), Value::makeFloat(0x1p63));
  EXPECT_EQ(linear("LoadInt -9223372036854775808\nLoadInt -1\nMod"), Value::makeInt(0));
}

TEST_F(NativeRunnerTest, linearCodeLeavesTheSlotsOfItsCallerAlone) {
  std::vector<Value> slots = {Value::makeInt(100), Value::makeInt(200)};
  EXPECT_EQ(linear("GetSlot 0\nGetSlot 1\nAdd", slots), Value::makeInt(300));
  EXPECT_EQ(linear("PreIncSlot 0", {Value::makeInt(41)}), Value::makeInt(42));
  EXPECT_EQ(linear("LoadInt 7\nSetSlot 0\nGetSlot 0", slots), Value::makeInt(7));
  EXPECT_EQ(slots[0], Value::makeInt(100));
  EXPECT_EQ(runner.tryRunLinear(load("GetSlot 2"), slots), std::nullopt);
}

TEST_F(NativeRunnerTest, linearEligibilityIsOfOpsAndHeights) {
  auto isLinear = [&](std::string_view text) { return compiler->isLinearEligible(*load(text)); };
  EXPECT_TRUE(isLinear("LoadInt 1\nLoadInt 2\nAdd"));
  EXPECT_TRUE(isLinear("AccumSumLoop 0 1 10\nGetSlot 0"));
  EXPECT_FALSE(isLinear(""));
  EXPECT_FALSE(isLinear("LoadInt 1\nLoadInt 2"));
  EXPECT_FALSE(isLinear("LoadInt 1\nPop"));
  EXPECT_FALSE(isLinear("Pop\nLoadInt 1"));
  EXPECT_FALSE(isLinear("LoadInt 1\nLoadInt 2\nConcat"));
  EXPECT_FALSE(isLinear("LoadInt 1\nJump end\nend:"));
  EXPECT_FALSE(isLinear("Extended 1 0\nLoadInt 1"));
  EXPECT_EQ(runner.tryRunLinear(load("LoadConst \"a\"\nLoadConst \"b\"\nConcat")), std::nullopt);
}

TEST_F(NativeRunnerTest, blockResultsAreTheInterpreters) {
  EXPECT_EQ(valueOf(sumLoop, {0, 0, 0, 0}), Value::makeInt(5050));
  EXPECT_EQ(valueOf("LoadInt 0\nSetSlot 0\nLoadInt 0\nSetSlot 1\nAccumSumLoop 0 1 1000\nGetSlot 0",
                    {0, 0}),
            Value::makeInt(499500));
  EXPECT_EQ(valueOf("GetSlot 0\nJumpIfFalse no\nLoadInt 42\nJump end\nno:\nLoadInt 99\nend:", {0}),
            Value::makeInt(99));
  EXPECT_EQ(valueOf("GetSlot 0\nGetSlot 1\nAwkDivJit", {7, 2}), Value::makeFloat(3.5));
  EXPECT_EQ(valueOf("GetSlot 0\nGetSlot 1\nPowFloat", {2, 10}), Value::makeFloat(1024));
  EXPECT_EQ(valueOf("GetSlot 0\nSqrtFloat\nTruncInt", {16}), Value::makeInt(4));
  EXPECT_EQ(valueOf("GetSlot 0\nGetSlot 1\nDiv", {1, 0}), Value());
  // An integer is not what an integral float is, nor is -0.0 that of 0.
  EXPECT_EQ(valueOf("LoadFloat 2.0\nLoadInt 3\nMul"), Value::makeFloat(6));
  EXPECT_TRUE(std::signbit(valueOf("LoadFloat -0.0").asFloat()));
}

TEST_F(NativeRunnerTest, slotsGetWhatTheProgramLeavesInThem) {
  std::vector<Value> slots = {Value::makeInt(0), Value::makeInt(0), Value::makeStr("mine")};
  auto chunk = load("AccumSumLoop 0 1 10\nLoadInt 1\nLoadInt 2\nNumLt\nSetSlot 0");
  std::optional<RunResult> result = runner.tryRunBlock(chunk, absl::MakeSpan(slots));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->isHalted());
  EXPECT_EQ(toBlockNum(*result), BlockNum(int64_t{0}));
  EXPECT_THAT(slots, testing::ElementsAre(Value::makeBool(true), Value::makeInt(10),
                                          Value::makeStr("mine")));
}

TEST_F(NativeRunnerTest, slotsOfAScopeAreNotTheProgramsOwn) {
  std::vector<Value> slots = {Value::makeInt(1)};
  auto chunk = load("PushFrame\nLoadInt 2\nSetSlot 0\nGetSlot 0");
  std::optional<RunResult> result = runner.tryRunBlock(chunk, absl::MakeSpan(slots));
  ASSERT_TRUE(result && result->isOk());
  EXPECT_EQ(result->value(), Value::makeInt(2));
  EXPECT_EQ(slots[0], Value::makeInt(1));
}

TEST_F(NativeRunnerTest, wordsKeepTheirKinds) {
  auto bits = [](double number) { return std::bit_cast<int64_t>(number); };
  constexpr SlotKind kinds[] = {SlotKind::Float, SlotKind::Float};
  std::vector<int64_t> words = {bits(12), bits(10), 3};
  auto chunk = load("GetSlot 0\nGetSlot 1\nAwkAnd 2\nSetSlot 0\nLoadFloat 1e30\nSetSlot 2\n"
                    "GetSlot 0");
  std::optional<RunResult> result = runner.tryRunBlock(chunk, absl::MakeSpan(words), kinds);
  ASSERT_TRUE(result && result->isOk());
  EXPECT_EQ(result->value(), Value::makeInt(8));
  EXPECT_THAT(words, testing::ElementsAre(bits(8), bits(10), INT64_MAX));
  words = {bits(4)};
  result = runner.tryRunBlock(load("GetSlot 0\nLoadFloat 1.5\nMul\nLoadFloat 2\nAdd"),
                              absl::MakeSpan(words), kinds);
  ASSERT_TRUE(result);
  EXPECT_EQ(toBlockNum(*result), BlockNum(8.0));
}

TEST_F(NativeRunnerTest, errorsAreThoseOfTheRun) {
  std::vector<int64_t> words = {1, 0};
  auto chunk = load("LoadInt 5\nSetSlot 0\nGetSlot 0\nGetSlot 1\nAwkDivJit");
  std::optional<RunResult> result = runner.tryRunBlock(chunk, absl::MakeSpan(words));
  ASSERT_TRUE(result && result->isError());
  EXPECT_EQ(result->error().message, "division by zero attempted");
  EXPECT_EQ(result->error().op, 4u);
  EXPECT_EQ(toBlockNum(*result), std::nullopt);
  EXPECT_EQ(words[0], 5);
  // The next run knows nothing of it.
  words[1] = 2;
  result = runner.tryRunBlock(chunk, absl::MakeSpan(words));
  ASSERT_TRUE(result && result->isOk());
  EXPECT_EQ(result->value(), Value::makeFloat(2.5));
}

TEST_F(NativeRunnerTest, callsAreCountedForEachKindsOfSlots) {
  auto chunk = load("GetSlot 0\nLoadInt 1\nAdd");
  NativeRunner counting(compiler, after(1));
  std::vector<Value> integers = {Value::makeInt(1)};
  std::vector<Value> floats = {Value::makeFloat(1)};
  EXPECT_EQ(counting.tryRunBlock(chunk, absl::MakeSpan(integers)), std::nullopt);
  EXPECT_EQ(counting.tryRunBlock(chunk, absl::MakeSpan(floats)), std::nullopt);
  EXPECT_FALSE(compiler->isBlockCompiled(*chunk));
  for (int i = 0; i != 2; ++i) {
    std::optional<RunResult> result = counting.tryRunBlock(chunk, absl::MakeSpan(integers));
    ASSERT_TRUE(result && result->isOk());
    EXPECT_EQ(result->value(), Value::makeInt(2));
    EXPECT_TRUE(compiler->isBlockCompiled(*chunk));
    result = counting.tryRunBlock(chunk, absl::MakeSpan(floats));
    ASSERT_TRUE(result && result->isOk());
    EXPECT_EQ(result->value(), Value::makeFloat(2));
    EXPECT_EQ(counting.vm().jitStatistics().interpretedOps, 0u);
  }
}

TEST_F(NativeRunnerTest, eagerCallsDoNotWait) {
  auto chunk = load(sumLoop);
  NativeRunner counting(compiler, after(UINT32_MAX));
  std::vector<int64_t> words(4);
  EXPECT_EQ(counting.tryRunBlock(chunk, absl::MakeSpan(words)), std::nullopt);
  EXPECT_NE(counting.tryRunBlockEager(chunk, absl::MakeSpan(words)), std::nullopt);
  // What is compiled is used by all.
  EXPECT_NE(counting.tryRunBlock(chunk, absl::MakeSpan(words)), std::nullopt);
}

TEST_F(NativeRunnerTest, theEnvironmentTellsAfterHowManyCalls) {
  auto firstCall = [&](const char *threshold) {
    ::setenv("FUSEVM_JIT_BLOCK_THRESHOLD", threshold, 1);
    absl::StatusOr<JitConfig> config = JitConfig::fromEnvironment();
    ::unsetenv("FUSEVM_JIT_BLOCK_THRESHOLD");
    EXPECT_TRUE(config.ok()) << config.status();
    std::vector<int64_t> words(4);
    return NativeRunner(compiler, *config).tryRunBlock(load(sumLoop), absl::MakeSpan(words));
  };
  std::optional<RunResult> result = firstCall("0");
  ASSERT_TRUE(result && result->isOk());
  EXPECT_EQ(result->value(), Value::makeInt(5050));
  EXPECT_EQ(firstCall("1"), std::nullopt);
}

TEST_F(NativeRunnerTest, chunksAreDeclined) {
  std::vector<Value> slots(1);
  auto isDeclined = [&](std::string_view text) {
    return !runner.tryRunBlock(load(text), absl::MakeSpan(slots));
  };
  EXPECT_TRUE(isDeclined(""));
  EXPECT_TRUE(isDeclined("LoadInt 1\nPrintLn 1"));
  EXPECT_TRUE(isDeclined("LoadUndef"));
  EXPECT_TRUE(isDeclined("GetVar x"));
  EXPECT_TRUE(isDeclined("GetSlot 1"));
  EXPECT_FALSE(isDeclined("GetSlot 0"));
  EXPECT_FALSE(compiler->isBlockEligible(*load("LoadInt 1\nPrintLn 1")));
}

TEST_F(NativeRunnerTest, aChunkWhereAnotherOneWasIsLookedAtAnew) {
  // The allocator gives most of them the place of the one before.
  for (int i = 0; i != 300; ++i) {
    auto chunk = load(i % 2 ? "LoadInt 1\nPrint 1" : "LoadInt 1");
    EXPECT_EQ(runner.tryRunLinear(chunk).has_value(), i % 2 == 0);
    chunk.reset();
    runner.vm().reset(std::make_shared<const Chunk>());
  }
}

TEST_F(NativeRunnerTest, fieldsComeFromTheHook) {
  setAwkFieldNumHook([](int64_t field, void *) { return double(field) * 10; }, nullptr);
  EXPECT_EQ(valueOf("AwkGetFieldNum 3"), Value::makeFloat(30));
  setAwkFieldNumHook(nullptr, nullptr);
  EXPECT_EQ(valueOf("AwkGetFieldNum 3"), Value::makeFloat(0));
}

/// Doubles the operand of Extended 7.
class Doubles : public JitExtension {
public:
  bool canEmit(uint16_t id) const override { return id == 7; }
  bool emit(uint16_t, uint8_t, JitEmitter &emitter) const override {
    JitEmitter::Int operand = *emitter.popInt();
    emitter.push(emitter.operate(FUSEVM_EMIT_ADD, operand, operand));
    return true;
  }
};

TEST_F(NativeRunnerTest, extensionOpsAreEligibleIfSomebodyEmitsThem) {
  auto chunk = load("LoadInt 21\nExtended 7 0");
  EXPECT_FALSE(compiler->isBlockEligible(*chunk));
  EXPECT_FALSE(compiler->isEligible(*chunk));
  auto extended = std::make_shared<JitCompiler>();
  extended->addExtension(std::make_shared<Doubles>());
  EXPECT_TRUE(extended->isBlockEligible(*chunk));
  EXPECT_TRUE(extended->isEligible(*chunk));
  EXPECT_FALSE(extended->isBlockEligible(*load("LoadInt 21\nExtended 8 0")));
  NativeRunner other(extended);
  other.vm().declareExtension(7, {.pops = 1, .pushes = 1});
  std::optional<RunResult> result = other.tryRunBlock(chunk, absl::Span<Value>());
  ASSERT_TRUE(result && result->isOk());
  EXPECT_EQ(result->value(), Value::makeInt(42));
}

TEST_F(NativeRunnerTest, regionsAreFoundAndRun) {
  auto chunk = load("PushFrame\nLoadInt 0\nSetSlot 0\nLoadInt 0\nSetSlot 1\nAccumSumLoop 0 1 100\n"
                    "GetSlot 0\nPrint 1\nGetSlot 0");
  std::optional<BlockRange> range = compiler->findJitRegion(*chunk);
  ASSERT_EQ(range, (BlockRange{.start = 0, .end = 7}));
  absl::StatusOr<Chunk> region = extractRegion(*chunk, *range);
  ASSERT_TRUE(region.ok()) << region.status();
  EXPECT_EQ(region->opHash, region->computeOpHash());
  std::vector<int64_t> words(2);
  std::optional<RunResult> result =
      runner.tryRunBlock(std::make_shared<const Chunk>(*std::move(region)), absl::MakeSpan(words));
  ASSERT_TRUE(result && result->isOk());
  EXPECT_EQ(result->value(), Value::makeInt(4950));
}

TEST_F(NativeRunnerTest, theLongestRegionIsTakenIfNoJumpLeavesIt) {
  auto regionOf = [&](std::string_view text) { return compiler->findJitRegion(*load(text)); };
  EXPECT_EQ(regionOf("LoadInt 1\nPop\nLoadInt 2"), std::nullopt);
  constexpr std::string_view equallyLong =
      "LoadInt 1\nPop\nNop\nNop\nLoadUndef\nLoadInt 1\nPop\nNop\nNop\nLoadUndef";
  EXPECT_EQ(regionOf(equallyLong), (BlockRange{.start = 0, .end = 4}));
  EXPECT_EQ(regionOf("LoadUndef\nNop\nNop\nagain:\nNop\nLoadTrue\nJumpIfFalse again"),
            (BlockRange{.start = 1, .end = 6}));
  EXPECT_EQ(regionOf("LoadUndef\nNop\nNop\nNop\nLoadTrue\nJumpIfFalse end\nend:\nLoadUndef"),
            std::nullopt);
}

TEST(Eligibility, needsNoPlugin) {
  JitCompiler compiler;
  auto isEligible = [&](std::string_view text) { return compiler.isEligible(*load(text)); };
  EXPECT_TRUE(isEligible("LoadInt 1\nLoadInt 2\nAdd"));
  EXPECT_TRUE(isEligible(""));
  EXPECT_TRUE(isEligible("GetVar x\nJumpIfTrueKeep end\nLoadUndef\nend:\nStrCmp"));
  EXPECT_FALSE(isEligible("LoadConst \"*\"\nGlob"));
  EXPECT_FALSE(isEligible("LoadConst \"x\"\nExec 1"));
  EXPECT_FALSE(isEligible("PostIncSlot 0"));
  EXPECT_FALSE(isEligible("Extended 999 0"));
}

TEST(Eligibility, thereIsNoneWithoutAPlugin) {
  if (FUSEVM_HAS_PLUGIN)
    GTEST_SKIP() << "there is one";
  auto compiler = std::make_shared<JitCompiler>();
  auto chunk = load("LoadInt 1\nNop\nNop\nNop");
  EXPECT_FALSE(compiler->isBlockEligible(*chunk));
  EXPECT_FALSE(compiler->isLinearEligible(*chunk));
  EXPECT_EQ(compiler->findJitRegion(*chunk), std::nullopt);
  EXPECT_EQ(NativeRunner(compiler).tryRunLinear(chunk), std::nullopt);
}

TEST(Region, hasItsOwnTargetsAndLines) {
  auto chunk = load("LoadUndef\nPop\nagain:\nNop\nLoadTrue\nJumpIfFalse again\nLoadUndef");
  absl::StatusOr<Chunk> region = extractRegion(*chunk, {.start = 2, .end = 5});
  ASSERT_TRUE(region.ok()) << region.status();
  ASSERT_EQ(region->ops.size(), 3u);
  EXPECT_EQ(region->ops[2].target(), 0u);
  EXPECT_EQ(region->lines,
            (std::vector<uint32_t>(chunk->lines.begin() + 2, chunk->lines.begin() + 5)));
  EXPECT_EQ(extractRegion(*chunk, {.start = 3, .end = 5}).status(),
            absl::InvalidArgumentError(
                "op 4 JumpIfFalse jumps to op 2, before the region, which begins at op 3"));
  EXPECT_EQ(extractRegion(*chunk, {.start = 3, .end = 7}).status(),
            absl::OutOfRangeError("no region from op 3 to op 7 in a chunk of 6 ops"));
}

} // namespace
