//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/VM.h"
#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/Interp/VMPool.h"
#include "fusevm/Runtime/Coercions.h"

#include "gtest/gtest.h"

#include <csignal>
#include <stdexcept>
#include <sys/time.h>
#include <thread>

namespace fusevm {
namespace {

/// Every test runs in both loops.
class VMTest : public testing::TestWithParam<LoopChoice> {
protected:
  std::unique_ptr<VM> make(ChunkBuilder &builder) {
    auto vm = std::make_unique<VM>(builder.build().value());
    vm->setLoop(GetParam());
    vm->setOutput(output);
    return vm;
  }

  ChunkBuilder b;
  StringOutput output;
};

INSTANTIATE_TEST_SUITE_P(Loops, VMTest,
                         testing::Values(LoopChoice::Automatic, LoopChoice::Baseline),
                         [](const testing::TestParamInfo<LoopChoice> &info) {
                           return info.param == LoopChoice::Baseline ? "Baseline" : "Automatic";
                         });

/// Emits a loop that counts slot 0 up to \p count.
void emitCountingLoop(ChunkBuilder &b, int64_t count) {
  b.LoadInt(0);
  b.SetSlot(0);
  Label loop = b.newLabel();
  b.bind(loop);
  b.GetSlot(0);
  b.Inc();
  b.SetSlot(0);
  b.GetSlot(0);
  b.LoadInt(count);
  b.NumLt();
  b.emitJump(Instruction::JumpIfTrue(0), loop);
  b.GetSlot(0);
}

TEST_P(VMTest, AnswersFortyTwo) {
  b.LoadInt(40);
  b.LoadInt(2);
  b.Add();
  RunResult result = make(b)->run();
  ASSERT_TRUE(result.isOk());
  EXPECT_EQ(result.value().asInt(), 42);
}

TEST_P(VMTest, EmptyProgramHalts) { EXPECT_TRUE(make(b)->run().isHalted()); }

TEST_P(VMTest, FurtherRunsPopWhatIsLeft) {
  b.LoadInt(3);
  b.LoadInt(2);
  auto vm = make(b);
  EXPECT_EQ(vm->run().value().asInt(), 2);
  EXPECT_EQ(vm->run().value().asInt(), 3);
  EXPECT_TRUE(vm->run().isHalted());
}

TEST_P(VMTest, GoesOnAfterAnError) {
  b.LoadInt(3);
  b.Call(7, 0);
  b.LoadInt(2);
  auto vm = make(b);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().message, "undefined function: ?");
  EXPECT_EQ(result.error().op, 1u);
  EXPECT_EQ(vm->ip(), 2u);
  EXPECT_FALSE(vm->isHalted());
  EXPECT_EQ(vm->run().value().asInt(), 2);
  EXPECT_EQ(vm->run().value().asInt(), 3);
  EXPECT_TRUE(vm->run().isHalted());
}

TEST_P(VMTest, ValuesOutliveChunkAndVM) {
  b.LoadConst(b.constant(Value::makeArray({Value::makeStr("kept")})));
  Value kept = make(b)->run().value();
  EXPECT_EQ(kept.asArray()[0].asStr(), "kept");
  EXPECT_TRUE(kept.isUnique());
}

TEST_P(VMTest, HonoursWhatTheEmbedderSetUp) {
  b.LoadInt(99);
  b.GetSlot(3);
  b.Add();
  b.GetVar(b.name("g"));
  b.Add();
  auto vm = make(b);
  vm->push(Value::makeInt(1));
  vm->setSlot(3, Value::makeInt(10));
  vm->setGlobal(*vm->findGlobal("g"), Value::makeInt(100));
  vm->setIp(1);
  EXPECT_EQ(vm->run().value().asInt(), 111);
  EXPECT_EQ(vm->findGlobal("h"), std::nullopt);
}

TEST_P(VMTest, ReturnAtTheTopEndsTheRunOnce) {
  b.GetVar(b.name("g"));
  b.Inc();
  b.SetVar(b.name("g"));
  b.LoadInt(5);
  b.ReturnValue();
  b.LoadInt(99);
  auto vm = make(b);
  EXPECT_EQ(vm->run().value().asInt(), 5);
  EXPECT_EQ(vm->getGlobal(0).asInt(), 1);
  EXPECT_EQ(vm->frameCount(), 0u);
  EXPECT_TRUE(vm->run().isHalted());
}

TEST_P(VMTest, ReturnInsideAScopeLeavesTheFunction) {
  uint16_t f = b.name("f");
  uint16_t g = b.name("g");
  b.Call(f, 0);
  Label end = b.newLabel();
  b.emitJump(Instruction::Jump(0), end);
  b.addSubEntry(f, b.currentPos());
  b.PushFrame();
  b.PushFrame();
  b.GetVar(g);
  b.Inc();
  b.SetVar(g);
  b.LoadInt(7);
  b.ReturnValue();
  b.bind(end);
  auto vm = make(b);
  EXPECT_EQ(vm->run().value().asInt(), 7);
  EXPECT_EQ(vm->getGlobal(g).asInt(), 1);
  EXPECT_EQ(vm->frameCount(), 1u);
}

TEST_P(VMTest, ErrorsCarryLineAndCallStack) {
  uint16_t f = b.name("f");
  b.setSource("demo.lang");
  b.setLine(1);
  b.Call(f, 0);
  Label end = b.newLabel();
  b.emitJump(Instruction::Jump(0), end);
  b.addSubEntry(f, b.currentPos());
  b.setLine(5);
  b.DeclareArray(b.name("a"));
  b.LoadInt(1);
  b.LoadInt(-1);
  b.setLine(6);
  b.ArraySet(b.name("a"));
  b.Return();
  b.bind(end);
  auto vm = make(b);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  const RunError &error = result.error();
  EXPECT_EQ(error.message, "array index out of range: -1");
  EXPECT_EQ(error.source, "demo.lang");
  EXPECT_EQ(error.line, 6u);
  EXPECT_EQ(error.op, 5u);
  ASSERT_EQ(error.callStack.size(), 2u);
  EXPECT_EQ(error.callStack[0].function, "f");
  EXPECT_EQ(error.callStack[0].line, 6u);
  EXPECT_EQ(error.callStack[1].function, "main");
  EXPECT_EQ(error.callStack[1].op, 0u);
  // The op had no effect.
  EXPECT_EQ(vm->stack().size(), 2u);
  EXPECT_EQ(vm->frameCount(), 2u);
  EXPECT_EQ(vm->frame(1).returnIp, 1u);
}

TEST_P(VMTest, DeepRecursionKeepsTheEndsOfTheCallStack) {
  uint16_t f = b.name("f");
  b.addSubEntry(f, 0);
  b.Call(f, 0);
  auto vm = make(b);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Limit);
  EXPECT_EQ(result.error().message, "call stack overflow: 1048577 frames");
  EXPECT_EQ(result.error().callStack.size(), 64u);
  EXPECT_EQ(result.error().omittedCalls, (size_t(1) << 20) - 64);
}

TEST_P(VMTest, MillionFramesFit) {
  uint16_t f = b.name("f");
  b.LoadInt(1'000'000);
  b.Call(f, 1);
  Label end = b.newLabel();
  b.emitJump(Instruction::Jump(0), end);
  b.addSubEntry(f, b.currentPos());
  b.SetSlot(0);
  b.GetSlot(0);
  Label base = b.newLabel();
  b.emitJump(Instruction::JumpIfFalse(0), base);
  b.GetSlot(0);
  b.Dec();
  b.Call(f, 1);
  b.ReturnValue();
  b.bind(base);
  b.LoadInt(77);
  b.ReturnValue();
  b.bind(end);
  EXPECT_EQ(make(b)->run().value().asInt(), 77);
}

//===----------------------------------------------------------------------===//
// Fuel, interrupts, limits
//===----------------------------------------------------------------------===//

TEST_P(VMTest, FuelStopsAtTheSameOpAndTheRunGoesOn) {
  emitCountingLoop(b, 1000);
  auto vm = make(b);
  for (uint64_t quantum : {1, 2, 3, 5, 8, 100, 1001}) {
    vm->setFuel(quantum);
    uint64_t before = vm->statistics().ops;
    RunResult result = vm->run();
    ASSERT_TRUE(result.isError());
    EXPECT_EQ(result.error().kind, ErrorKind::Fuel);
    EXPECT_EQ(vm->fuel(), 0u);
    EXPECT_EQ(vm->statistics().ops, before + quantum);
    // Two ops before the loop, seven in it.
    uint64_t ops = vm->statistics().ops;
    EXPECT_EQ(vm->ip(), ops < 2 ? ops : 2 + (ops - 2) % 7);
    EXPECT_EQ(result.error().op, vm->ip());
  }
  vm->setFuel(std::nullopt);
  EXPECT_EQ(vm->run().value().asInt(), 1000);
  EXPECT_EQ(vm->statistics().ops, 2u + 7000 + 1);
}

TEST_P(VMTest, LoopOpsCostTheirIterations) {
  b.AccumSumLoop(0, 1, 1000);
  b.GetSlot(0);
  auto vm = make(b);
  vm->setFuel(1000);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Fuel);
  EXPECT_EQ(vm->ip(), 0u);
  EXPECT_TRUE(vm->getSlot(0).isUndef());
  vm->setFuel(1002);
  EXPECT_EQ(vm->run().value().asInt(), 499500);
  EXPECT_EQ(vm->fuel(), 0u);
}

VM *signalled = nullptr;
void onAlarm(int) { signalled->interrupt(); }

TEST_P(VMTest, ASignalHandlerStopsAnEndlessLoop) {
  Label loop = b.newLabel();
  b.bind(loop);
  b.emitJump(Instruction::Jump(0), loop);
  auto vm = make(b);
  signalled = vm.get();
  std::signal(SIGALRM, onAlarm);
  itimerval timer = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &timer, nullptr);
  RunResult result = vm->run();
  std::signal(SIGALRM, SIG_DFL);
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Interrupt);
  EXPECT_EQ(vm->ip(), 0u);
}

TEST_P(VMTest, AnotherThreadInterruptsAndTheRunGoesOn) {
  emitCountingLoop(b, 3'000'000);
  auto vm = make(b);
  std::thread other([&vm] { vm->interrupt(); });
  RunResult result = vm->run();
  other.join();
  while (result.isError()) {
    EXPECT_EQ(result.error().kind, ErrorKind::Interrupt);
    result = vm->run();
  }
  EXPECT_EQ(result.value().asInt(), 3'000'000);
}

TEST_P(VMTest, LimitsAreConfigurable) {
  Label loop = b.newLabel();
  b.bind(loop);
  b.LoadInt(1);
  b.emitJump(Instruction::Jump(0), loop);
  auto vm = make(b);
  Limits limits;
  limits.maxStackValues = 1000;
  vm->setLimits(limits);
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().message, "value stack overflow: 1001 values");
  EXPECT_EQ(vm->stack().size(), 1000u);
}

//===----------------------------------------------------------------------===//
// Callbacks
//===----------------------------------------------------------------------===//

Value addUp(VM &vm, uint8_t argc, void *user) {
  int64_t sum = *static_cast<int64_t *>(user);
  for (uint8_t i = 0; i != argc; ++i)
    sum += toInt(vm.pop());
  return Value::makeInt(sum);
}

TEST_P(VMTest, BuiltinsTakeArgumentsAndUserData) {
  b.LoadInt(1);
  b.LoadInt(2);
  b.CallBuiltin(5, 2);
  b.LoadInt(100);
  b.Add();
  auto vm = make(b);
  int64_t start = 1000;
  vm->registerBuiltin(5, addUp, &start);
  EXPECT_EQ(vm->run().value().asInt(), 1103);
}

TEST_P(VMTest, UnregisteredBuiltinsAndExtensionsDoNothing) {
  b.LoadInt(1);
  b.CallBuiltin(5, 1);
  b.Extended(1, 2);
  b.ExtendedWide(1, 2);
  auto vm = make(b);
  EXPECT_EQ(vm->run().value().asInt(), 1);
  EXPECT_TRUE(vm->run().isHalted());
}

TEST_P(VMTest, ExtensionsMayChangeTheStackUndeclared) {
  b.LoadInt(6);
  b.LoadInt(7);
  b.Extended(1, 3);
  b.LoadInt(1);
  b.Add();
  auto vm = make(b);
  vm->setExtensionHandler([](VM &vm, uint16_t id, uint8_t arg, void *) {
    int64_t y = toInt(vm.pop());
    int64_t x = toInt(vm.pop());
    vm.push(Value::makeInt(x * y + id + arg));
  });
  EXPECT_EQ(vm->run().value().asInt(), 47);
}

TEST_P(VMTest, DeclaredExtensionsAreCheckedToo) {
  b.LoadInt(6);
  b.LoadInt(7);
  b.ExtendedWide(9, UINT64_MAX);
  b.LoadInt(1);
  b.Add();
  for (uint32_t declaredPops : {2, 1}) {
    ChunkBuilder copy = b;
    auto vm = make(copy);
    vm->declareWideExtension(9, {.pops = declaredPops, .pushes = 1});
    vm->setWideExtensionHandler([](VM &vm, uint16_t, uint64_t payload, void *) {
      int64_t y = toInt(vm.pop());
      vm.push(Value::makeInt(y * toInt(vm.pop()) + static_cast<int64_t>(payload)));
    });
    EXPECT_EQ(vm->run().value().asInt(), 42);
    EXPECT_TRUE(vm->run().isHalted());
  }
}

TEST_P(VMTest, AwkIdsNeverReachTheWideHandler) {
  b.ExtendedWide(40000, 0);
  auto vm = make(b);
  bool called = false;
  vm->setWideExtensionHandler(
      [](VM &, uint16_t, uint64_t, void *user) { *static_cast<bool *>(user) = true; }, &called);
  EXPECT_EQ(vm->run().value().asStr(), "");
  EXPECT_FALSE(called);
}

TEST_P(VMTest, ExceptionsBecomeErrorsAndTheVMStaysUsable) {
  b.LoadInt(1);
  b.Extended(0, 0);
  b.LoadInt(2);
  auto vm = make(b);
  vm->setExtensionHandler(
      [](VM &, uint16_t, uint8_t, void *) { throw std::runtime_error("no such table"); });
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Callback);
  EXPECT_EQ(result.error().message, "no such table");
  EXPECT_EQ(result.error().op, 1u);
  EXPECT_EQ(vm->run().value().asInt(), 2);
  vm->setExtensionHandler([](VM &, uint16_t, uint8_t, void *) { throw 3; });
  vm->setIp(1);
  EXPECT_TRUE(vm->run().isError());
}

TEST_P(VMTest, CallbacksReportErrors) {
  b.CallBuiltin(0, 0);
  auto vm = make(b);
  vm->registerBuiltin(0, [](VM &vm, uint8_t, void *) {
    vm.fail("bad argument");
    return Value();
  });
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().message, "bad argument");
  EXPECT_TRUE(vm->run().isHalted());
}

TEST_P(VMTest, CallbacksMayJumpAndHalt) {
  b.Extended(0, 0);
  b.LoadInt(1);
  b.LoadInt(2);
  b.Extended(1, 0);
  b.LoadInt(3);
  auto vm = make(b);
  vm->setExtensionHandler([](VM &vm, uint16_t id, uint8_t, void *) {
    if (id == 0)
      vm.setIp(2);
    else
      vm.requestHalt();
  });
  EXPECT_EQ(vm->run().value().asInt(), 2);
  EXPECT_TRUE(vm->isHalted());
  EXPECT_TRUE(vm->run().isHalted());
}

TEST_P(VMTest, CallbacksMayRunTheVM) {
  b.LoadInt(1);
  b.Extended(0, 0);
  b.LoadInt(2);
  b.Extended(0, 0);
  auto vm = make(b);
  int depth = 0;
  vm->setExtensionHandler(
      [](VM &vm, uint16_t, uint8_t, void *user) {
        ++*static_cast<int *>(user);
        RunResult inner = vm.run();
        EXPECT_EQ(inner.value().asInt(), 2);
      },
      &depth);
  EXPECT_EQ(vm->run().value().asInt(), 1);
  // The handler is detached while it runs.
  EXPECT_EQ(depth, 1);
}

TEST_P(VMTest, EndlessNestingOfRunsIsAnError) {
  Label loop = b.newLabel();
  b.bind(loop);
  b.CallBuiltin(0, 0);
  b.emitJump(Instruction::Jump(0), loop);
  auto vm = make(b);
  vm->registerBuiltin(0, [](VM &vm, uint8_t, void *) {
    RunResult inner = vm.run();
    if (inner.isError())
      vm.fail(inner.error().message);
    return Value();
  });
  RunResult result = vm->run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().message, "run() nested deeper than 64 levels");
}

TEST_P(VMTest, CallbacksMayResetTheVM) {
  ChunkBuilder other;
  other.LoadInt(5);
  other.Add();
  auto next = std::make_shared<const Chunk>(other.build().value());
  b.LoadInt(1);
  b.CallBuiltin(0, 0);
  b.LoadInt(3);
  auto vm = make(b);
  vm->registerBuiltin(
      0,
      [](VM &vm, uint8_t, void *user) {
        vm.reset(*static_cast<std::shared_ptr<const Chunk> *>(user));
        return Value::makeInt(2);
      },
      &next);
  EXPECT_EQ(vm->run().value().asInt(), 7);
}

TEST_P(VMTest, CallbacksMayChangeFrames) {
  b.LoadInt(1);
  b.Extended(0, 0);
  b.LoadInt(2);
  b.ReturnValue();
  b.LoadInt(40);
  b.Add();
  auto vm = make(b);
  vm->setExtensionHandler([](VM &vm, uint16_t, uint8_t, void *) {
    vm.pushFrame(/*returnIp=*/4, /*stackBase=*/1, /*isScope=*/false);
  });
  EXPECT_EQ(vm->run().value().asInt(), 42);
  EXPECT_EQ(vm->run().value().asInt(), 1);
}

TEST_P(VMTest, HandlersInstalledByARunningHandlerAreLost) {
  b.Extended(0, 0);
  b.Extended(0, 0);
  auto vm = make(b);
  int calls = 0;
  vm->setExtensionHandler(
      [](VM &vm, uint16_t, uint8_t, void *user) {
        ++*static_cast<int *>(user);
        vm.setExtensionHandler(nullptr);
      },
      &calls);
  vm->run();
  EXPECT_EQ(calls, 2);
}

//===----------------------------------------------------------------------===//
// Reset, pool, chunks
//===----------------------------------------------------------------------===//

TEST_P(VMTest, ResetForgetsStateAndKeepsCallbacks) {
  b.CallBuiltin(0, 0);
  auto vm = make(b);
  int64_t start = 5;
  vm->registerBuiltin(0, addUp, &start);
  vm->setLastStatus(3);
  vm->push(Value());
  vm->requestHalt();
  EXPECT_TRUE(vm->run().isOk());
  vm->reset(vm->chunk());
  EXPECT_EQ(vm->lastStatus(), 0);
  EXPECT_FALSE(vm->isHalted());
  EXPECT_EQ(vm->run().value().asInt(), 5);
  EXPECT_EQ(vm->statistics().ops, 1u);
}

TEST(VMPool, RecyclesTheVMReleasedLast) {
  VMPool pool;
  ChunkBuilder b;
  b.LoadInt(1);
  auto chunk = std::make_shared<const Chunk>(b.build().value());
  EXPECT_TRUE(pool.empty());
  std::unique_ptr<VM> first = pool.acquire(chunk);
  std::unique_ptr<VM> second = pool.acquire(chunk);
  VM *last = second.get();
  pool.release(std::move(first));
  pool.release(std::move(second));
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(pool.with(chunk,
                      [last](VM &vm) {
                        EXPECT_EQ(&vm, last);
                        return vm.run().value().asInt();
                      }),
            1);
  EXPECT_THROW(pool.with(chunk, [](VM &) { throw 1; }), int);
  EXPECT_EQ(pool.size(), 1u);
}

TEST(Chunk, IsSharedByThreads) {
  ChunkBuilder b;
  b.LoadConst(b.constant(Value::makeArray({Value::makeStr("x")})));
  b.SetVar(b.name("a"));
  b.LoadConst(0);
  b.ArrayPush(b.name("a"));
  b.ArrayLen(b.name("a"));
  auto chunk = std::make_shared<const Chunk>(b.build().value());
  std::vector<std::thread> threads;
  for (int i = 0; i != 4; ++i)
    threads.emplace_back([chunk] {
      for (int run = 0; run != 200; ++run)
        EXPECT_EQ(VM(chunk).run().value().asInt(), 2);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(VM, RefusesChunksThatCannotMeanAnything) {
  ChunkBuilder b;
  b.MapBlock(0);
  VM vm(b.build().value());
  RunResult result = vm.run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Verify);
  EXPECT_NE(result.error().message.find("V3"), std::string::npos);
}

//===----------------------------------------------------------------------===//
// Blocks and errors
//===----------------------------------------------------------------------===//

TEST_P(VMTest, AnErrorInABlockRestoresGlobalsAndGoesOnBehindIt) {
  uint16_t it = b.name("_");
  b.LoadInt(9);
  b.SetVar(it);
  b.LoadInt(1);
  b.LoadInt(3);
  b.Range();
  b.MapBlock(0);
  b.GetVar(it);
  Label end = b.newLabel();
  b.emitJump(Instruction::Jump(0), end);
  size_t start = b.currentPos();
  b.Call(b.name("nowhere"), 0);
  b.bind(end);
  (void)*b.addBlockRange(start, b.currentPos());
  auto vm = make(b);
  EXPECT_TRUE(vm->run().isError());
  EXPECT_EQ(vm->getGlobal(it).asInt(), 9);
  EXPECT_EQ(vm->ip(), 6u);
  EXPECT_EQ(vm->run().value().asInt(), 9);
}

TEST_P(VMTest, FuelStopsInsideABlockAndTheRunGoesOn) {
  b.LoadInt(1);
  b.LoadInt(100);
  b.Range();
  b.MapBlock(0);
  Label end = b.newLabel();
  b.emitJump(Instruction::Jump(0), end);
  size_t start = b.currentPos();
  b.LoadInt(2);
  b.Mul();
  (void)*b.addBlockRange(start, b.currentPos());
  b.bind(end);
  auto vm = make(b);
  int stops = 0;
  RunResult result = RunResult::makeHalted();
  do {
    vm->setFuel(7);
    result = vm->run();
    ++stops;
  } while (result.isError());
  EXPECT_EQ(stops, 30);
  EXPECT_EQ(result.value().asArray()[99].asInt(), 200);
  EXPECT_EQ(vm->statistics().ops, 205u);
}

} // namespace
} // namespace fusevm
