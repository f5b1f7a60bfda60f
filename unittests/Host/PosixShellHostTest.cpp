//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The POSIX shell host under load, and that it leaves nothing behind.

#include "fusevm/Host/PosixShellHost.h"

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Support/StrCat.h"

#include "gtest/gtest.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <dirent.h>
#include <sys/wait.h>
#include <thread>

namespace fusevm {
namespace {

size_t openDescriptors() {
  std::unique_ptr<DIR, int (*)(DIR *)> directory(opendir("/proc/self/fd"), closedir);
  size_t count = 0;
  while (readdir(directory.get()))
    ++count;
  return count;
}

/// Whether this process has children, dead or alive.
bool hasChildren() {
  siginfo_t info = {};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

class PosixShellHostTest : public testing::Test {
protected:
  PosixShellHostTest() : descriptors(openDescriptors()) {}
  ~PosixShellHostTest() override {
    host.reset();
    EXPECT_EQ(openDescriptors(), descriptors);
    EXPECT_FALSE(hasChildren());
  }

  /// Runs \p text and returns what it printed into memory, then its result.
  std::string run(std::string_view text) {
    std::vector<Diagnostic> diagnostics;
    std::optional<Chunk> chunk = parseText(text, diagnostics);
    if (!chunk)
      return "not a program";
    VM vm(*std::move(chunk));
    vm.setShellHost(host);
    StringOutput output;
    vm.setOutput(output);
    RunResult result = vm.run();
    std::string literal = output.text;
    if (result.isError())
      return strCat("error: ", result.error().message);
    if (result.isOk()) {
      EXPECT_TRUE(appendValueLiteral(literal, result.value()).ok());
    }
    return literal;
  }

  std::shared_ptr<PosixShellHost> host = std::make_shared<PosixShellHost>();
  size_t descriptors;
};

std::string command(std::initializer_list<std::string_view> words) {
  std::string text;
  for (std::string_view word : words)
    strAppend(text, "LoadConst \"", word, "\"\n");
  return strCat(text, "Exec ", words.size(), "\n");
}

std::string repeated(unsigned times, std::string_view body) {
  return strCat("LoadInt 0\nSetSlot 0\nagain:\n", body, "SlotIncLtIntJumpBack 0 ", times,
                " again\n");
}

TEST_F(PosixShellHostTest, RunsTenThousandCommands) {
  EXPECT_EQ(run(repeated(10'000, command({"/bin/true"}) + "Pop\n") + "GetStatus\n"), "status(0)");
}

TEST_F(PosixShellHostTest, RunsTwoHundredAtATime) {
  EXPECT_EQ(run(repeated(200, "LoadConst \"sleep\"\nLoadConst \"0.5\"\nExecBg 2\nPop\n") +
                command({"wait"})),
            "status(0)");
}

TEST_F(PosixShellHostTest, ReapsWhatNobodyWaitsFor) {
  EXPECT_EQ(run(repeated(300, "LoadConst \"true\"\nExecBg 1\nPop\n") + command({"sleep", "0.3"})),
            "status(0)");
  while (hasChildren()) {
    run(command({"sleep", "0.05"}));
  }
}

TEST_F(PosixShellHostTest, LeavesNoDescriptorOpen) {
  EXPECT_EQ(run(repeated(50, "PipelineBegin 2\n" + command({"echo", "x"}) + "Pop\nPipelineStage\n" +
                                 command({"cat"}) +
                                 "Pop\nPipelineEnd\nPop\nLoadConst \"cat\"\nProcessSubIn s\n"
                                 "LoadConst \"/dev/null\"\nRedirect 1 0\nExec 2\nPop\n"
                                 "CmdSubst s\nPop\nLoadConst \"/dev/null\"\nRedirect 1 0\n"
                                 "WithRedirectsBegin 1\nSubshellBegin\nSubshellEnd\n") +
                "chunk s {\n" + command({"echo", "x"}) + "}\n"),
            "");
  // Those left open were put back when the run ended.
  while (hasChildren())
    run(command({"sleep", "0.05"}));
}

TEST_F(PosixShellHostTest, ReadsAHundredMegabytes) {
  EXPECT_EQ(run("CmdSubst s\nStringLen\nchunk s {\n" +
                command({"sh", "-c", "head -c 104857600 /dev/zero | tr '\\\\000' x"}) + "}\n"),
            "104857600");
}

TEST_F(PosixShellHostTest, FeedsTenMegabytes) {
  auto chunk = std::make_shared<Chunk>();
  ChunkBuilder builder;
  builder.HereDoc(builder.constant(Value::makeStr(std::string(10 << 20, 'y'))));
  for (const char *word : {"sh", "-c", "sleep 0.1; test $(wc -c) = 10485760"})
    builder.LoadConst(builder.constant(Value::makeStr(word)));
  builder.Exec(3);
  VM vm(*builder.build());
  vm.setShellHost(host);
  EXPECT_EQ(vm.run().value(), Value::makeStatus(0));
}

TEST_F(PosixShellHostTest, TellsThatADiskIsFull) {
  EXPECT_EQ(run("LoadConst \"/dev/full\"\nRedirect 1 0\n" +
                command({"sh", "-c", "echo x 2>/dev/null"}) + "LoadInt 0\nNumNe\n"),
            "true");
}

TEST_F(PosixShellHostTest, ForksSafelyBesideOtherThreads) {
  std::atomic<bool> ends = false;
  std::thread busy([&ends] {
    std::string text;
    while (!ends) {
      text += std::string(1000, 'x');
      if (text.size() > 1'000'000)
        text.clear();
      standardOutput().flush();
    }
  });
  EXPECT_EQ(run(repeated(300, "CmdSubst s\nPop\nSubshellBegin\nSubshellEnd\n") +
                "GetStatus\nchunk s {\nLoadConst \"x\"\nPrintLn 1\n}\n"),
            "status(0)");
  ends = true;
  busy.join();
}

TEST_F(PosixShellHostTest, PutsSignalActionsBack) {
  struct sigaction before, after;
  sigaction(SIGUSR1, nullptr, &before);
  run("LoadConst \"USR1\"\nTrapSet s\nLoadConst \"TERM\"\nTrapSet e\nchunk s {\nNop\n}\n"
      "chunk e {\n}\n");
  sigaction(SIGTERM, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
  host = std::make_shared<PosixShellHost>();
  sigaction(SIGUSR1, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
  sigaction(SIGTERM, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

TEST_F(PosixShellHostTest, SearchesItsOwnPath) {
  // A folder and a file that cannot be run come before the program, and an empty element.
  EXPECT_EQ(
      run(command({"sh", "-c",
                   "d=/tmp/fusevm-path.$PPID; rm -rf $d; mkdir -p $d/1/prog $d/2 $d/3; "
                   "echo exit 1 > $d/2/prog; echo exit 42 > $d/3/prog; chmod +x $d/3/prog"}) +
          "Pop\nLoadConst \"/tmp/fusevm-path.\"\nLoadConst \"$\"\nLoadConst \"\"\n"
          "ExpandParam 0\nConcat\nSetVar d\n"
          "GetVar d\nLoadConst \"/1::\"\nConcat\nGetVar d\nConcat\nLoadConst \"/2:\"\nConcat\n"
          "GetVar d\nConcat\nLoadConst \"/3\"\nConcat\nSetVar PATH\n" +
          command({"prog"}) +
          "GetVar d\nLoadConst \"/1:\"\nConcat\nGetVar d\nConcat\n"
          "LoadConst \"/2\"\nConcat\nSetVar PATH\n" +
          command({"prog"}) +
          "LoadConst \"/bin:/usr/bin\"\nSetVar PATH\nLoadConst \"rm\"\n"
          "LoadConst \"-rf\"\nGetVar d\nExec 3\nMakeArray 3\n"),
      "[status(42), status(126), status(0)]");
}

TEST_F(PosixShellHostTest, DefinedFunctionsHaveTheirOwnParameters) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> body = parseText(
      "LoadConst \"1\"\nLoadConst \"\"\nExpandParam 0\nSetVar seen\nLoadInt 4\nSetStatus\n",
      diagnostics);
  ASSERT_TRUE(body);
  host->defineFunction("f", std::make_shared<const Chunk>(*std::move(body)));
  host->setPositional("zero", {"outer"});
  EXPECT_EQ(run("LoadConst \"f\"\nLoadConst \"inner\"\nExec 2\nGetVar seen\nLoadConst \"1\"\n"
                "LoadConst \"\"\nExpandParam 0\nMakeArray 3\n"),
            "[status(4), \"inner\", \"outer\"]");
}

} // namespace
} // namespace fusevm
