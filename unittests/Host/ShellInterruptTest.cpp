//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Interrupts while the shell host waits, and forks beside threads that prepare chunks.

#include "fusevm/Host/PosixShellHost.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/VM.h"

#include "gtest/gtest.h"

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace fusevm {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::shared_ptr<const Chunk> parse(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = parseText(text, diagnostics);
  EXPECT_TRUE(chunk) << (diagnostics.empty() ? "" : diagnostics.front().message);
  return std::make_shared<const Chunk>(chunk ? *std::move(chunk) : Chunk());
}

bool hasChildren() {
  siginfo_t info = {};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// Interrupts \p vm, which runs, after a while.
RunResult runInterrupted(VM &vm) {
  std::thread interrupter([&vm] {
    std::this_thread::sleep_for(200ms);
    vm.interrupt();
  });
  RunResult result = vm.run();
  interrupter.join();
  return result;
}

class ShellInterruptTest : public testing::TestWithParam<LoopChoice> {
protected:
  /// Runs \p text, which would not end, and expects that an interrupt ends it soon. Returns
  /// the last status.
  int32_t interrupt(std::string_view text) {
    VM vm(parse(text));
    vm.setLoop(GetParam());
    vm.setShellHost(host);
    Clock::time_point start = Clock::now();
    RunResult result = runInterrupted(vm);
    EXPECT_LT(Clock::now() - start, 8s) << text;
    EXPECT_TRUE(result.isError()) << text;
    if (result.isError()) {
      EXPECT_EQ(result.error().kind, ErrorKind::Interrupt) << result.error().message;
    }
    return vm.lastStatus();
  }

  std::shared_ptr<PosixShellHost> host = std::make_shared<PosixShellHost>();
};

INSTANTIATE_TEST_SUITE_P(Loops, ShellInterruptTest,
                         testing::Values(LoopChoice::Automatic, LoopChoice::Baseline));

TEST_P(ShellInterruptTest, ReachesAProgram) {
  EXPECT_EQ(interrupt("LoadConst \"sleep\"\nLoadConst \"30\"\nExec 2\nPop\nNop\n"), 130);
  EXPECT_FALSE(hasChildren());
}

TEST_P(ShellInterruptTest, ReachesAProgramThatIgnoresInterrupts) {
  EXPECT_EQ(interrupt("LoadConst \"sh\"\nLoadConst \"-c\"\n"
                      "LoadConst \"trap '' INT; while :; do sleep 0.1; done\"\nExec 3\nPop\nNop\n"),
            143);
  EXPECT_FALSE(hasChildren());
}

TEST_P(ShellInterruptTest, LeavesAProgramThatIgnoresAllToItself) {
  EXPECT_EQ(interrupt("LoadConst \"sh\"\nLoadConst \"-c\"\n"
                      "LoadConst \"trap '' INT TERM; sleep 3\"\nExec 3\nPop\nNop\n"),
            130);
  while (hasChildren()) {
    VM vm(parse("LoadConst \"sleep\"\nLoadConst \"0.1\"\nExec 2\n"));
    vm.setShellHost(host);
    EXPECT_TRUE(vm.run().isOk());
  }
}

TEST_P(ShellInterruptTest, ReachesStagesAndTheirChildren) {
  // What holds the write end of the pipe open is seen below.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  interrupt("PipelineBegin 2\nLoadConst \"sleep\"\nLoadConst \"31\"\nExec 2\nPop\nPipelineStage\n"
            "SubshellBegin\nLoadConst \"sleep\"\nLoadConst \"32\"\nExec 2\nPop\nSubshellEnd\n"
            "PipelineEnd\nPop\nNop\n");
  EXPECT_FALSE(hasChildren());
  close(ends[1]);
  char byte;
  EXPECT_EQ(read(ends[0], &byte, 1), 0) << "no grandchild is left";
  close(ends[0]);
}

TEST_P(ShellInterruptTest, ReachesASubstitution) {
  interrupt("CmdSubst s\nPop\nNop\nchunk s {\nLoadConst \"sleep\"\nLoadConst \"30\"\nExec 2\n}\n");
  EXPECT_FALSE(hasChildren());
  interrupt("CmdSubst s\nPop\nNop\nchunk s {\nagain:\nJump again\n}\n");
  EXPECT_FALSE(hasChildren());
}

TEST_P(ShellInterruptTest, ReachesAFunction) {
  host->defineFunction("f", parse("again:\nJump again\n"));
  interrupt("LoadConst \"f\"\nExec 1\nPop\nNop\n");
  host->defineFunction("g", parse("LoadConst \"f\"\nExec 1\n"));
  interrupt("LoadConst \"g\"\nExec 1\nPop\nNop\n");
}

TEST_P(ShellInterruptTest, ReachesATrap) {
  interrupt("LoadConst \"USR1\"\nTrapSet s\nLoadConst \"kill\"\nLoadConst \"-USR1\"\n"
            "LoadConst \"$\"\nLoadConst \"\"\nExpandParam 0\nExec 3\nPop\nTrapCheck\nNop\n"
            "chunk s {\nagain:\nJump again\n}\n");
}

TEST_P(ShellInterruptTest, EndsWait) {
  EXPECT_EQ(interrupt("LoadConst \"sleep\"\nLoadConst \"5\"\nExecBg 2\nPop\nLoadConst \"wait\"\n"
                      "Exec 1\nPop\nNop\n"),
            130);
  VM vm(parse("LoadConst \"kill\"\nLoadConst \"%1\"\nExec 2\nPop\nLoadConst \"wait\"\nExec 1\n"));
  vm.setShellHost(host);
  EXPECT_EQ(vm.run().value(), Value::makeStatus(0));
}

TEST_P(ShellInterruptTest, EndsRead) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  int outer = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  EXPECT_EQ(interrupt("LoadConst \"read\"\nLoadConst \"x\"\nExec 2\nPop\nNop\n"), 130);
  dup2(outer, STDIN_FILENO);
  for (int descriptor : {outer, ends[0], ends[1]})
    close(descriptor);
}

TEST_P(ShellInterruptTest, TheProgramGoesOnBehindTheCommand) {
  VM vm(parse("LoadConst \"sleep\"\nLoadConst \"30\"\nExec 2\nPop\nLoadInt 7\n"));
  vm.setLoop(GetParam());
  vm.setShellHost(host);
  EXPECT_TRUE(runInterrupted(vm).isError());
  EXPECT_EQ(vm.run().value(), Value::makeInt(7));
}

TEST_P(ShellInterruptTest, FuelThatRunsOutInAFunctionEndsTheProgram) {
  host->defineFunction("f", parse("again:\nJump again\n"));
  VM vm(parse("LoadConst \"f\"\nExec 1\nPop\nLoadInt 1\n"));
  vm.setLoop(GetParam());
  vm.setShellHost(host);
  vm.setFuel(10'000);
  RunResult result = vm.run();
  ASSERT_TRUE(result.isError());
  EXPECT_EQ(result.error().kind, ErrorKind::Fuel);
  EXPECT_EQ(vm.fuel(), 0u);
}

TEST(ShellForkTest, AChildNeedNotWaitForOneThatPrepares) {
  // A chunk whose preparation takes a while.
  std::string text = "CmdSubst s\nchunk s {\nLoadConst \"x\"\nPrintLn 1\nReturn\n";
  for (int i = 0; i != 50'000; ++i)
    text += "GetVar a\nGetVar b\nAdd\nSetVar c\n";
  text += "}\n";
  for (int round = 0; round != 3; ++round) {
    std::shared_ptr<const Chunk> chunk = parse(text);
    std::atomic<bool> begins = false;
    std::thread other([&] {
      begins = true;
      prepareChunk(chunk->subChunks[0]);
    });
    while (!begins)
      std::this_thread::yield();
    VM vm(chunk);
    vm.setShellHost(std::make_shared<PosixShellHost>());
    EXPECT_EQ(vm.run().value(), Value::makeStr("x"));
    other.join();
  }
}

} // namespace
} // namespace fusevm
