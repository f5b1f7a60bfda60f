//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Mistakes that the interpreter once made, most of them found by the execute fuzzer. A test
/// stays here for good.

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/Interp/VM.h"

#include "gtest/gtest.h"

namespace fusevm {
namespace {

/// Every test runs in both loops.
class RegressionTest : public testing::TestWithParam<LoopChoice> {
protected:
  std::unique_ptr<VM> make() {
    b.bind(end);
    auto vm = std::make_unique<VM>(b.build().value());
    vm->setLoop(GetParam());
    vm->setOutput(output);
    return vm;
  }

  /// Ends the main program; a sub may follow.
  void beginSub(std::string_view name) {
    b.emitJump(Instruction::Jump(0), end);
    b.addSubEntry(b.name(name), b.currentPos());
  }

  /// Emits the body of the next block.
  template <typename Emit> void addBlock(Emit emit) {
    size_t start = b.currentPos();
    emit();
    (void)b.addBlockRange(start, b.currentPos());
  }

  static constexpr int manyValues = 5000;

  /// Emits ops that need far more stack and slots than others and leave manyValues - 1.
  void emitManyValues() {
    for (int i = 0; i != manyValues; ++i)
      b.LoadInt(i);
    b.SetSlot(20'000);
    for (int i = 1; i != manyValues; ++i)
      b.Pop();
    b.GetSlot(20'000);
  }

  /// Runs the program until \p fuel is used up, then to its end.
  void expectManyValuesAfterStop(uint64_t fuel) {
    auto vm = make();
    vm->setFuel(fuel);
    EXPECT_EQ(vm->run().error().kind, ErrorKind::Fuel);
    vm->setFuel(std::nullopt);
    EXPECT_EQ(vm->run().value().asInt(), manyValues - 1);
  }

  ChunkBuilder b;
  Label end = b.newLabel();
  StringOutput output;
};

INSTANTIATE_TEST_SUITE_P(Loops, RegressionTest,
                         testing::Values(LoopChoice::Automatic, LoopChoice::Baseline),
                         [](const testing::TestParamInfo<LoopChoice> &info) {
                           return info.param == LoopChoice::Baseline ? "Baseline" : "Automatic";
                         });

// Returns out of scopes were not checked against the fuel, and many of them in a row could
// use more than there was.
TEST_P(RegressionTest, FuelRunsOutWhileReturningFromScopes) {
  b.LoadInt(100);
  b.Call(b.name("f"), 1);
  beginSub("f");
  b.SetSlot(0);
  Label go = b.newLabel();
  b.GetSlot(0);
  b.emitJump(Instruction::JumpIfTrue(0), go);
  b.Return();
  b.bind(go);
  b.GetSlot(0);
  b.Dec();
  b.Call(b.name("f"), 1);
  b.PushFrame();
  b.Return();
  auto vm = make();
  // The last two ops of each call are all that is left.
  vm->setFuel(2 + 100 * 6 + 4 + 150);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Fuel);
  EXPECT_EQ(vm->fuel(), 0u);
  EXPECT_EQ(vm->statistics().ops, 2u + 100 * 6 + 4 + 150);
  EXPECT_EQ(vm->frameCount(), 1u + 100 - 75);
}

// A function that the baseline loop had entered got no slots and no room on the stack, but
// the fast loop returned to it.
TEST_P(RegressionTest, FastLoopReturnsToFunctionsThatTheBaselineLoopEntered) {
  b.Call(b.name("f"), 0);
  emitManyValues();
  beginSub("f");
  b.Nop();
  b.Return();
  expectManyValuesAfterStop(2);
}

TEST_P(RegressionTest, FastLoopReturnsToSubsThatTheBaselineLoopEntered) {
  b.Call(b.name("f"), 0);
  beginSub("f");
  b.Call(b.name("g"), 0);
  emitManyValues();
  b.ReturnValue();
  b.addSubEntry(b.name("g"), b.currentPos());
  b.Nop();
  b.Return();
  expectManyValuesAfterStop(3);
}

// The string that Inc finds in the slot was lost when its result took the place.
TEST_P(RegressionTest, ResultsTakeTheSlotOfAnOperandOnTheHeap) {
  int64_t bytesBefore = heapStatistics().liveBytes;
  b.LoadConst(b.constant(Value::makeStr("41")));
  b.SetSlot(3);
  b.GetSlot(3);
  b.Inc();
  b.SetSlot(3);
  b.GetSlot(3);
  {
    auto vm = make();
    EXPECT_EQ(vm->run().value().asInt(), 42);
  }
  EXPECT_EQ(heapStatistics().liveBytes, bytesBefore);
}

// What a callback took off the stack was forgotten once another function was running.
TEST_P(RegressionTest, CallbacksThatTakeTooMuchAreRemembered) {
  b.LoadInt(1);
  b.LoadInt(2);
  b.Call(b.name("f"), 0);
  b.Add();
  beginSub("f");
  b.LoadInt(10);
  b.Extended(0, 0);
  b.Call(b.name("g"), 0);
  b.Pop();
  b.Return();
  b.addSubEntry(b.name("g"), b.currentPos());
  b.Nop();
  b.Return();
  auto vm = make();
  vm->setExtensionHandler([](VM &vm, uint16_t, uint8_t, void *) {
    vm.pop();
    vm.pop();
  });
  vm->setFuel(6);
  EXPECT_EQ(vm->run().error().kind, ErrorKind::Fuel);
  vm->setFuel(1000);
  EXPECT_TRUE(vm->run().isHalted());
}

// So was the same in a block.
TEST_P(RegressionTest, CallbacksThatTakeTooMuchInABlockAreRemembered) {
  b.LoadInt(1);
  b.LoadInt(2);
  b.Call(b.name("f"), 0);
  b.Add();
  beginSub("f");
  b.LoadInt(10);
  b.LoadTrue();
  b.ForEachBlock(0);
  b.Call(b.name("g"), 0);
  b.Pop();
  b.Return();
  b.addSubEntry(b.name("g"), b.currentPos());
  b.LoadTrue();
  b.ForEachBlock(1);
  b.Return();
  addBlock([this] { b.Extended(0, 0); });
  addBlock([this] { b.Nop(); });
  auto vm = make();
  vm->setExtensionHandler([](VM &vm, uint16_t, uint8_t, void *) {
    for (int i = 0; i != 3; ++i)
      vm.pop();
  });
  EXPECT_TRUE(vm->run().isHalted());
}

TEST_P(RegressionTest, BuiltinsThatEmptyTheStackInABlockAreRemembered) {
  b.Call(b.name("f"), 0);
  b.LoadInt(7);
  beginSub("f");
  b.LoadInt(1);
  b.LoadInt(2);
  b.LoadTrue();
  b.ForEachBlock(0);
  b.Call(b.name("g"), 0);
  b.Pop();
  b.Pop();
  b.Return();
  b.addSubEntry(b.name("g"), b.currentPos());
  b.LoadTrue();
  b.ForEachBlock(1);
  b.Return();
  addBlock([this] { b.CallBuiltin(0, 0); });
  addBlock([this] { b.Nop(); });
  auto vm = make();
  vm->registerBuiltin(0, [](VM &vm, uint8_t, void *) {
    while (!vm.stack().empty())
      vm.pop();
    return Value();
  });
  EXPECT_EQ(vm->run().value().asInt(), 7);
}

// What an embedder takes off the stack between two runs belongs to functions that are yet
// to be returned to.
TEST_P(RegressionTest, ValuesOfCallersAreTakenBetweenTwoRuns) {
  b.LoadInt(1);
  b.LoadInt(2);
  b.Call(b.name("f"), 0);
  b.Pop();
  b.Pop();
  b.LoadInt(7);
  beginSub("f");
  b.Call(b.name("g"), 0);
  b.Return();
  b.addSubEntry(b.name("g"), b.currentPos());
  b.Call(b.name("h"), 0);
  b.Return();
  b.addSubEntry(b.name("h"), b.currentPos());
  b.LoadTrue();
  b.ForEachBlock(0);
  b.Return();
  addBlock([this] { b.Nop(); });
  auto vm = make();
  vm->setFuel(4);
  EXPECT_EQ(vm->run().error().kind, ErrorKind::Fuel);
  ASSERT_EQ(vm->frameCount(), 3u);
  vm->pop();
  vm->pop();
  vm->setFuel(std::nullopt);
  EXPECT_EQ(vm->run().value().asInt(), 7);
}

// Frames made before a declaration have no slots for the fast loop.
TEST_P(RegressionTest, EffectsAreDeclaredWhileFramesAreOpen) {
  b.Call(b.name("f"), 0);
  b.LoadInt(7);
  b.SetSlot(30'000);
  b.GetSlot(30'000);
  beginSub("f");
  b.Extended(0, 0);
  b.Extended(1, 0);
  b.Pop();
  b.Return();
  auto vm = make();
  vm->setExtensionHandler([](VM &vm, uint16_t id, uint8_t, void *) {
    if (id == 0)
      vm.declareExtension(1, {0, 1});
    else
      vm.push(Value::makeInt(1));
  });
  EXPECT_EQ(vm->run().value().asInt(), 7);
}

/// A builtin that declares of builtin 1, which leaves one value, that it leaves more.
template <uint32_t Pushes> Value declareBuiltin1(VM &vm, uint8_t, void *) {
  auto leaveOne = [](VM &, uint8_t, void *) { return Value(); };
  vm.registerBuiltin(1, leaveOne, nullptr, StackEffect{0, Pushes});
  return Value();
}

// A builtin that had left one value was declared to leave two: the caller, which had called
// it before, was taken to have both.
TEST_P(RegressionTest, EffectsOfOpsBeforeAnOpenCallAreDeclared) {
  b.CallBuiltin(1, 0);
  b.Call(b.name("f"), 0);
  b.Pop();
  b.Pop();
  b.Pop();
  b.LoadInt(7);
  beginSub("f");
  b.CallBuiltin(0, 0);
  b.ReturnValue();
  auto vm = make();
  vm->registerBuiltin(0, declareBuiltin1<2>);
  EXPECT_EQ(vm->run().value().asInt(), 7);
}

// The same with a builtin that is yet to be called, and that does less than it declares.
TEST_P(RegressionTest, EffectsOfOpsAfterAnOpenCallAreDeclared) {
  b.Call(b.name("f"), 0);
  b.LoadInt(7);
  beginSub("f");
  b.Call(b.name("g"), 0);
  b.CallBuiltin(1, 0);
  for (int i = 0; i != 4; ++i)
    b.Pop();
  b.Return();
  b.addSubEntry(b.name("g"), b.currentPos());
  b.CallBuiltin(0, 0);
  b.Pop();
  b.Return();
  auto vm = make();
  vm->registerBuiltin(0, declareBuiltin1<4>);
  EXPECT_EQ(vm->run().value().asInt(), 7);
}

// The limit of a function was not looked at when the fast loop returned to it.
TEST_P(RegressionTest, StackLimitHoldsAfterAReturn) {
  b.Call(b.name("f"), 0);
  for (int i = 0; i != 40; ++i)
    b.LoadInt(i);
  beginSub("f");
  b.LoadTrue();
  b.ForEachBlock(0);
  b.Return();
  addBlock([this] { b.Nop(); });
  auto vm = make();
  Limits limits;
  limits.maxStackValues = 20;
  vm->setLimits(limits);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().message, "value stack overflow: 21 values");
  EXPECT_EQ(vm->stack().size(), 20u);
}

TEST_P(RegressionTest, StackLimitIsLoweredInACallback) {
  b.CallBuiltin(0, 0);
  for (int i = 0; i != 40; ++i)
    b.LoadInt(i);
  auto vm = make();
  vm->registerBuiltin(0, [](VM &vm, uint8_t, void *) {
    Limits limits;
    limits.maxStackValues = 20;
    vm.setLimits(limits);
    return Value();
  });
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().message, "value stack overflow: 21 values");
}

// The entry of a sub that no reached op calls was used as an index unchecked.
TEST_P(RegressionTest, UnreachedCallsMayGoAnywhere) {
  b.emitJump(Instruction::Jump(0), end);
  b.Call(b.name("f"), 0);
  b.addSubEntry(b.name("f"), 1'000'000'000);
  EXPECT_TRUE(make()->run().isHalted());
}

// An array that was too large already could be written to in the fast loop only.
TEST_P(RegressionTest, ArraysBeyondTheLimitCanBeWrittenTo) {
  Array elements;
  elements.resize(10);
  b.LoadConst(b.constant(Value::makeArray(std::move(elements))));
  b.SetSlot(0);
  b.LoadInt(42);
  b.LoadInt(9);
  b.SlotArraySet(0);
  b.LoadInt(9);
  b.SlotArrayGet(0);
  auto vm = make();
  Limits limits;
  limits.maxContainerSize = 5;
  vm->setLimits(limits);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isOk());
  EXPECT_EQ(result.value().asInt(), 42);
}

// The fast loop looked for an interrupt at jumps only.
TEST_P(RegressionTest, AnInterruptBeforeTheRunStopsItAtOnce) {
  b.LoadInt(1);
  auto vm = make();
  vm->interrupt();
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Interrupt);
  EXPECT_EQ(vm->ip(), 0u);
  EXPECT_EQ(vm->run().value().asInt(), 1);
}

TEST_P(RegressionTest, AnInterruptInACallbackStopsBeforeTheNextOp) {
  b.CallBuiltin(0, 0);
  b.LoadInt(1);
  auto vm = make();
  vm->registerBuiltin(0, [](VM &vm, uint8_t, void *) {
    vm.interrupt();
    return Value();
  });
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Interrupt);
  EXPECT_EQ(vm->ip(), 1u);
}

// The height of the stack behind the last op was looked up, which there is not.
TEST_P(RegressionTest, AnInterruptInTheLastOpStopsBehindIt) {
  b.CallBuiltin(0, 0);
  auto vm = make();
  vm->registerBuiltin(0, [](VM &vm, uint8_t, void *) {
    vm.interrupt();
    return Value::makeInt(7);
  });
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Interrupt);
  EXPECT_EQ(vm->ip(), 1u);
  EXPECT_EQ(vm->run().value().asInt(), 7);
}

TEST_P(RegressionTest, FuelRunsLowInACallThatIsTheLastOp) {
  Label start = b.newLabel();
  b.emitJump(Instruction::Jump(0), start);
  b.addSubEntry(b.name("f"), b.currentPos());
  for (int i = 0; i != 5; ++i)
    b.Nop();
  b.LoadInt(5);
  b.ReturnValue();
  b.bind(start);
  b.LoadInt(0);
  b.SetSlot(0);
  Label again = b.newLabel();
  b.bind(again);
  b.Nop();
  b.emitJump(Instruction::SlotIncLtIntJumpBack(0, 40, 0), again);
  b.Call(b.name("f"), 0);
  auto counting = make();
  EXPECT_EQ(counting->run().value().asInt(), 5);
  uint64_t ops = counting->statistics().ops;
  for (uint64_t fuel = 1; fuel <= 4 * ops; ++fuel) {
    VM vm(counting->chunk());
    vm.setLoop(GetParam());
    vm.setFuel(fuel);
    RunResult result = vm.run();
    EXPECT_EQ(result.isOk(), fuel >= ops) << fuel;
    vm.setFuel(std::nullopt);
    EXPECT_EQ(result.isOk() ? 5 : vm.run().value().asInt(), 5) << fuel;
  }
}

// Undef has a text without an address, which memcpy() must not see.
TEST_P(RegressionTest, TextsOfNothingAreJoined) {
  b.LoadConst(b.constant(Value::makeStr("a")));
  b.LoadUndef();
  b.Concat();
  b.LoadUndef();
  b.LoadUndef();
  b.Concat();
  b.Concat();
  EXPECT_EQ(make()->run().value().asStr(), "a");
}

// The fast loop looked at the counter when it had become a text.
TEST_P(RegressionTest, TheCounterOfALoopIsItsText) {
  b.ConcatConstLoop(b.constant(Value::makeFloat(3.0)), 1, 1, 6);
  b.GetSlot(1);
  EXPECT_EQ(make()->run().value(), Value::makeInt(6));
}

// Of a product whose factor is a sum, the sum was taken for an element of an array.
TEST_P(RegressionTest, ASumOfAProductOfASum) {
  for (uint16_t slot = 0; slot != 4; ++slot) {
    b.LoadInt(slot + 2);
    b.SetSlot(slot);
  }
  b.GetSlot(0);
  b.GetSlot(1);
  b.Add();
  b.GetSlot(2);
  b.Mul();
  b.GetSlot(3);
  b.Add();
  EXPECT_EQ(make()->run().value(), Value::makeInt((2 + 3) * 4 + 5));
}

// A slot that was no operand was taken for one, so that it was overwritten without a look.
TEST_P(RegressionTest, TwoOperationsInOneReleaseWhatTheyReplace) {
  int64_t bytesBefore = heapStatistics().liveBytes;
  {
    for (uint16_t slot = 1; slot != 4; ++slot) {
      b.LoadInt(slot);
      b.SetSlot(slot);
    }
    b.MakeArray(0);
    b.SetSlot(0);
    b.GetSlot(1);
    b.GetSlot(2);
    b.Sub();
    b.GetSlot(3);
    b.Add();
    b.SetSlot(0);
    b.GetSlot(0);
    EXPECT_EQ(make()->run().value(), Value::makeInt(2));
  }
  EXPECT_EQ(heapStatistics().liveBytes, bytesBefore);
}

} // namespace
} // namespace fusevm
