//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Native calls: whatever ends them, the state is what it would be without native code.

#include "Native/NativeCalls.h"

#include "NativeTestSupport.h"

#include "gmock/gmock.h"

using namespace fusevm;
using namespace fusevm::fuzzing;
using testing::HasSubstr;

namespace {

class NativeCallsTest : public fuzzing::NativeTest {};

constexpr std::string_view fib = R"(
  LoadInt 9
  Call fib 1
  Jump done
sub fib:
slots n
  SetSlot n
  GetSlot n
  LoadInt 2
  NumLt
  JumpIfFalse more
  GetSlot n
  ReturnValue
more:
  GetSlot n
  LoadInt 1
  Sub
  Call fib 1
  GetSlot n
  LoadInt 2
  Sub
  Call fib 1
  Add
  ReturnValue
done:
)";

/// Three calls deep the global x is added; the caller keeps a string on its stack and in a
/// slot. Each time around x has another kind.
constexpr std::string_view kinds = R"(
slots i
  LoadInt 0
  SetSlot i
  LoadInt 1
  SetVar x
again:
  GetSlot i
  Call outer 1
  Pop
  GetVar x
  LoadInt 2
  Div
  SetVar x
  GetSlot i
  LoadInt 1
  Add
  SetSlot i
  GetSlot i
  LoadInt 12
  NumLt
  JumpIfTrue again
  LoadConst "text"
  SetVar x
  GetSlot i
  Call outer 1
  Jump done
sub outer:
slots a name
  SetSlot a
  LoadConst "outer"
  SetSlot name
  GetSlot name
  GetSlot a
  Call middle 1
  Concat
  ReturnValue
sub middle:
slots b
  SetSlot b
  GetSlot b
  GetSlot b
  Call inner 1
  Add
  ReturnValue
sub inner:
  GetVar x
  Add
  ReturnValue
done:
)";

TEST_F(NativeCallsTest, callsAreNative) {
  Pair pair(load(fib));
  EXPECT_EQ(pair.run().value().asInt(), 34);
  // The main program has the sub with it.
  EXPECT_EQ(pair.native.jitStatistics().entries, 1u);
  EXPECT_EQ(pair.native.jitStatistics().hostCalls, 0u);
}

TEST_F(NativeCallsTest, framesAreMadeWhenAGuardFails) {
  std::shared_ptr<const Chunk> chunk = load(kinds);
  for (uint64_t guard = 1; guard != 40; ++guard) {
    SCOPED_TRACE(guard);
    Pair pair(chunk, {}, guard, guard % 2 ? FUSEVM_QUALITY_QUICK : FUSEVM_QUALITY_FULL);
    pair.run();
  }
}

TEST_F(NativeCallsTest, resultsMayChangeTheirKind) {
  Pair pair(load(R"(
slots i sum
  LoadInt 0
  SetSlot i
  LoadInt 0
  SetSlot sum
again:
  GetSlot sum
  GetSlot i
  Call pick 1
  Add
  SetSlot sum
  PreIncSlotVoid i
  GetSlot i
  LoadInt 40
  NumLt
  JumpIfTrue again
  GetSlot sum
  Jump done
sub pick:
slots n
  SetSlot n
  GetSlot n
  LoadInt 20
  NumLt
  JumpIfFalse later
  GetSlot n
  ReturnValue
later:
  GetSlot n
  LoadInt 30
  NumLt
  JumpIfFalse latest
  GetSlot n
  LoadFloat 0.5
  Mul
  ReturnValue
latest:
  LoadConst "7 and more"
  ReturnValue
done:
)"));
  pair.run();
}

TEST_F(NativeCallsTest, fuelIsExact) {
  std::shared_ptr<const Chunk> chunk = load(fib);
  for (uint64_t fuel = 0; fuel < 900; fuel += 97) {
    SCOPED_TRACE(fuel);
    Pair pair(chunk);
    RunResult result = RunResult::makeHalted();
    do {
      pair.setFuel(fuel + 60);
      result = pair.run();
    } while (result.isError() && !testing::Test::HasFailure());
  }
}

TEST_F(NativeCallsTest, theFrameLimitIsTheInterpreters) {
  std::shared_ptr<const Chunk> chunk = load(R"(
  LoadInt 0
  Call deeper 1
  Jump done
sub deeper:
slots n
  SetSlot n
  GetSlot n
  LoadInt 1
  Add
  Call deeper 1
  LoadInt 1
  Add
  ReturnValue
done:
)");
  for (size_t maxFrames : {1, 2, 3, 100, 5000}) {
    SCOPED_TRACE(maxFrames);
    Limits limits;
    limits.maxFrames = maxFrames;
    Pair pair(chunk, limits);
    RunResult result = pair.run();
    ASSERT_TRUE(result.isError());
    EXPECT_THAT(result.error().message, HasSubstr("call stack overflow"));
  }
  Limits limits;
  limits.maxStackValues = 300;
  Pair pair(chunk, limits);
  EXPECT_TRUE(pair.run().isError());
}

TEST_F(NativeCallsTest, recursionDeeperThanTheNativeStack) {
  Pair pair(load(R"(
  LoadInt 400000
  Call down 1
  Jump done
sub down:
slots n
  SetSlot n
  GetSlot n
  JumpIfFalse end
  GetSlot n
  LoadInt 1
  Sub
  Call down 1
  LoadInt 1
  Add
  ReturnValue
end:
  LoadInt 0
  ReturnValue
done:
)"));
  EXPECT_EQ(pair.run().value().asInt(), 400000);
}

TEST_F(NativeCallsTest, errorsInCalleesHaveABacktrace) {
  Limits limits;
  limits.maxContainerSize = 5;
  Pair pair(load(R"(
slots i
  DeclareArray list
  LoadInt 0
  SetSlot i
again:
  GetSlot i
  Call outer 1
  PreIncSlotVoid i
  Jump again
sub outer:
slots a
  SetSlot a
  LoadConst "kept"
  GetSlot a
  Call inner 1
  Pop
  Return
sub inner:
slots b
  SetSlot b
  GetSlot b
  ArrayPush list
  Return
)"),
            limits);
  RunResult result = pair.run();
  ASSERT_TRUE(result.isError());
  ASSERT_EQ(result.error().callStack.size(), 3u);
  EXPECT_EQ(result.error().callStack[0].function, "inner");
  EXPECT_EQ(result.error().callStack[1].function, "outer");
  // The op failed in native code, which had made the calls.
  EXPECT_EQ(pair.native.jitStatistics().interpretedOps, 0u);
  // It goes on behind the op that failed.
  pair.setFuel(50);
  pair.run();
}

TEST_F(NativeCallsTest, globalsAreSeenByCallees) {
  Pair pair(load(R"(
slots i
  LoadInt 0
  SetVar total
  LoadInt 0
  SetSlot i
again:
  GetVar total
  LoadInt 1
  Add
  SetVar total
  GetVar total
  Call twice 0
  GetVar total
  Add
  SetVar total
  PreIncSlotVoid i
  GetSlot i
  LoadInt 10
  NumLt
  JumpIfTrue again
  GetVar total
  Jump done
sub twice:
  GetVar total
  LoadInt 2
  Mul
  SetVar total
  Return
done:
)"));
  pair.run();
}

TEST(NativeFunctionsTest, whatLooksAtOtherFramesIsNotCalledNatively) {
  std::shared_ptr<const Chunk> chunk = load(R"(
  Call plain 0
  Call builtin 0
  Call caller 0
  Jump done
sub plain:
  LoadInt 1
  ReturnValue
sub builtin:
  CallBuiltin 7 0
  ReturnValue
sub caller:
  Call plain 0
  Call builtin 0
  ReturnValue
done:
)");
  ChunkAnalysis analysis = analyze(*chunk);
  std::vector<bool> native = findNativeFunctions(*chunk, analysis);
  auto isNative = [&](size_t call) { return bool(native[*calleeOf(analysis, chunk->ops[call])]); };
  EXPECT_TRUE(isNative(0));
  EXPECT_FALSE(isNative(1));
  EXPECT_FALSE(isNative(2));
  EXPECT_FALSE(native[0]);
}

} // namespace
