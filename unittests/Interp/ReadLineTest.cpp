//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// ReadLine while nothing comes: an interrupt ends the wait, and nothing is lost.

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/Interp/VM.h"

#include "gtest/gtest.h"

#include <array>
#include <csignal>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace fusevm {
namespace {

/// Every test runs in both loops, with a pipe as standard input.
class ReadLineTest : public testing::TestWithParam<LoopChoice> {
protected:
  void SetUp() override {
    std::array<int, 2> ends;
    ASSERT_EQ(pipe(ends.data()), 0);
    savedInput = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    writeEnd = ends[1];
  }
  void TearDown() override {
    closeWriteEnd();
    dup2(savedInput, STDIN_FILENO);
    close(savedInput);
  }

  void type(std::string_view text) {
    ASSERT_EQ(write(writeEnd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void closeWriteEnd() {
    if (writeEnd >= 0)
      close(writeEnd);
    writeEnd = -1;
  }

  std::unique_ptr<VM> make() {
    auto vm = std::make_unique<VM>(b.build().value());
    vm->setLoop(GetParam());
    return vm;
  }

  /// Runs \p vm, which must wait for input, and interrupts it from a signal handler that
  /// was set up with \p flags.
  static RunResult runUntilAlarm(VM &vm, int flags) {
    signalled = &vm;
    struct sigaction action = {};
    struct sigaction previous = {};
    action.sa_handler = [](int) { signalled->interrupt(); };
    action.sa_flags = flags;
    sigaction(SIGALRM, &action, &previous);
    itimerval timer = {{0, 0}, {0, 20'000}};
    setitimer(ITIMER_REAL, &timer, nullptr);
    RunResult result = vm.run();
    sigaction(SIGALRM, &previous, nullptr);
    return result;
  }

  static void expectInterrupt(const RunResult &result) {
    ASSERT_TRUE(result.isError());
    EXPECT_EQ(result.error().kind, ErrorKind::Interrupt);
    EXPECT_EQ(result.error().message, "interrupted");
  }

  static VM *signalled;
  ChunkBuilder b;
  int savedInput = -1;
  int writeEnd = -1;
};

VM *ReadLineTest::signalled = nullptr;

INSTANTIATE_TEST_SUITE_P(Loops, ReadLineTest,
                         testing::Values(LoopChoice::Automatic, LoopChoice::Baseline),
                         [](const testing::TestParamInfo<LoopChoice> &info) {
                           return info.param == LoopChoice::Baseline ? "Baseline" : "Automatic";
                         });

TEST_P(ReadLineTest, ReadsLineByLine) {
  for (int i = 0; i != 4; ++i)
    b.ReadLine();
  b.MakeArray(4);
  auto vm = make();
  std::string longLine(50'000, 'x');
  type(longLine + "\n\nlast");
  closeWriteEnd();
  Value lines = vm->run().value();
  EXPECT_EQ(lines.asArray()[0].asStr(), longLine);
  EXPECT_EQ(lines.asArray()[1].asStr(), "");
  EXPECT_EQ(lines.asArray()[2].asStr(), "last");
  EXPECT_EQ(lines.asArray()[3].asStr(), "");
}

TEST_P(ReadLineTest, LinesThatAreReadInAreNotWaitedFor) {
  for (int i = 0; i != 4; ++i)
    b.ReadLine();
  b.MakeArray(4);
  auto vm = make();
  // The second line is at hand, and no text; the third one is not all there.
  type("one\n\xff\nthr");
  expectInterrupt(runUntilAlarm(*vm, 0));
  EXPECT_EQ(vm->ip(), 2u);
  type("ee\n\n");
  Value lines = vm->run().value();
  EXPECT_EQ(lines.asArray()[0].asStr(), "one");
  EXPECT_EQ(lines.asArray()[1].asStr(), "");
  EXPECT_EQ(lines.asArray()[2].asStr(), "three");
  EXPECT_EQ(lines.asArray()[3].asStr(), "");
}

TEST_P(ReadLineTest, ASignalHandlerEndsTheWait) {
  for (int flags : {0, SA_RESTART}) {
    ChunkBuilder builder;
    builder.LoadInt(1);
    builder.ReadLine();
    VM vm(builder.build().value());
    vm.setLoop(GetParam());
    vm.setFuel(100);
    expectInterrupt(runUntilAlarm(vm, flags));
    // The op was not executed.
    EXPECT_EQ(vm.ip(), 1u);
    EXPECT_EQ(vm.fuel(), 99u);
    EXPECT_EQ(vm.statistics().ops, 1u);
    EXPECT_EQ(vm.stack().size(), 1u);
    type("line\n");
    EXPECT_EQ(vm.run().value().asStr(), "line");
    EXPECT_EQ(vm.fuel(), 98u);
  }
}

TEST_P(ReadLineTest, TheFirstPartOfALineIsKept) {
  b.ReadLine();
  auto vm = make();
  type("first half, ");
  expectInterrupt(runUntilAlarm(*vm, 0));
  type("second half\n");
  EXPECT_EQ(vm->run().value().asStr(), "first half, second half");
}

TEST_P(ReadLineTest, AnotherThreadEndsTheWait) {
  b.ReadLine();
  auto vm = make();
  std::thread other([&vm] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    vm->interrupt();
  });
  expectInterrupt(vm->run());
  other.join();
  closeWriteEnd();
  EXPECT_EQ(vm->run().value().asStr(), "");
}

TEST_P(ReadLineTest, ABlockGoesOnWhereItWas) {
  b.LoadInt(1);
  b.LoadInt(2);
  b.MakeArray(2);
  b.MapBlock(0);
  Label end = b.newLabel();
  b.emitJump(Instruction::Jump(0), end);
  size_t start = b.currentPos();
  b.ReadLine();
  (void)b.addBlockRange(start, b.currentPos());
  b.bind(end);
  auto vm = make();
  type("one\n");
  expectInterrupt(runUntilAlarm(*vm, 0));
  EXPECT_EQ(vm->ip(), start);
  type("two\n");
  Value lines = vm->run().value();
  ASSERT_EQ(lines.asArray().size(), 2u);
  EXPECT_EQ(lines.asArray()[0].asStr(), "one");
  EXPECT_EQ(lines.asArray()[1].asStr(), "two");
}

/// Has no line before it is asked for the second time.
class LateInput final : public InputSource {
public:
  bool readLine(std::string &line) override {
    line = "late";
    return true;
  }
  bool awaitLine(const std::atomic<bool> &) override { return asked++ != 0; }

private:
  int asked = 0;
};

TEST_P(ReadLineTest, AnInputOfTheEmbedderMayGiveUpWaiting) {
  b.ReadLine();
  auto vm = make();
  LateInput input;
  vm->setInput(input);
  expectInterrupt(vm->run());
  EXPECT_EQ(vm->ip(), 0u);
  EXPECT_EQ(vm->run().value().asStr(), "late");
}

} // namespace
} // namespace fusevm
