//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Host/AwkProgram.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/RunReport.h"

#include "gtest/gtest.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace fusevm {
namespace {

/// Programs over files of a folder of their own.
class AwkProgramTest : public testing::TestWithParam<LoopChoice> {
protected:
  AwkProgramTest() {
    char name[] = "/tmp/fusevm-awk-XXXXXX";
    folder = mkdtemp(name);
    options.outputDescriptor = dup(STDOUT_FILENO);
    FILE *file = std::fopen(path("out").c_str(), "w");
    dup2(fileno(file), options.outputDescriptor);
    std::fclose(file);
  }
  ~AwkProgramTest() override {
    close(options.outputDescriptor);
    std::system(("rm -r " + folder).c_str());
  }

  std::string path(std::string_view name) const { return folder + "/" + std::string(name); }
  void write(std::string_view name, std::string_view text) {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string read(std::string_view name) {
    std::ostringstream text;
    text << std::ifstream(path(name), std::ios::binary).rdbuf();
    return text.str();
  }

  AwkOutcome run(std::string_view program, std::vector<std::string> operands = {}) {
    std::vector<Diagnostic> diagnostics;
    std::optional<Chunk> chunk = parseText(program, diagnostics);
    EXPECT_TRUE(chunk) << renderDiagnostics("program", program, diagnostics);
    vm = std::make_unique<VM>(*std::move(chunk));
    vm->setLoop(GetParam());
    host = std::make_shared<RecordAwkHost>(options);
    std::vector<std::string_view> views(operands.begin(), operands.end());
    host->setOperands("test", views);
    return runAwkProgram(*vm, host);
  }

  std::string folder;
  AwkHostOptions options;
  std::unique_ptr<VM> vm;
  std::shared_ptr<RecordAwkHost> host;
};

INSTANTIATE_TEST_SUITE_P(Loops, AwkProgramTest,
                         testing::Values(LoopChoice::Automatic, LoopChoice::Baseline));

TEST_P(AwkProgramTest, PartsShareGlobalsOnly) {
  write("in", "a\nb\n");
  AwkOutcome outcome = run("LoadInt 1\nSetVar g\nLoadInt 5\nSetSlot 3\nLoadInt 6\nReturn\n"
                           "sub RECORD:\nGetSlot 3\nGetVar g\nInc\nSetVar g\nAwkPrint 1\n"
                           "LoadInt 2\nSetSlot 3\nLoadInt 9\nReturnValue\n"
                           "sub END:\nGetVar g\nMakeArray 1\n",
                           {path("in")});
  EXPECT_EQ(resultAsText(outcome.result).value(), "[3]");
  EXPECT_EQ(outcome.exitStatus, 0);
  EXPECT_EQ(read("out"), "\n\n");
}

TEST_P(AwkProgramTest, PrintAndAwkPrintKeepTheirOrder) {
  write("in", "a\nb\n");
  run("Return\nsub RECORD:\nAwkPrint 0\nLoadInt 1\nPrintLn 1\nReturn\n", {path("in")});
  EXPECT_EQ(read("out"), "a\n1\nb\n1\n");
}

TEST_P(AwkProgramTest, TheLastRecordStaysForEnd) {
  write("one", "a b\n");
  write("two", "");
  run("Return\nsub END:\nLoadInt 2\nAwkFieldGet\nAwkNf\nAwkSpecialGet FILENAME\nAwkPrint 3\n"
      "Return\n",
      {path("one"), path("two")});
  EXPECT_EQ(read("out"), "b 2 " + path("two") + "\n");
}

TEST_P(AwkProgramTest, GetlineInBeginTakesFromTheMainInput) {
  write("in", "a\nb\nc\n");
  run("Return\nsub BEGIN:\nAwkGetline 0\nPop\nAwkPrint 0\nAwkSpecialGet FILENAME\nAwkPrint 1\n"
      "Return\nsub RECORD:\nAwkPrint 0\nReturn\n",
      {path("in")});
  EXPECT_EQ(read("out"), "a\n" + path("in") + "\nb\nc\n");
}

TEST_P(AwkProgramTest, GetlineOfAVariableLeavesTheRecordAlone) {
  // Longer than a block, so that the buffer moves.
  std::string text = "first record\n";
  for (int i = 0; i != 30000; ++i)
    text += "filler\n";
  write("in", text);
  run("Return\nsub RECORD:\nloop:\nAwkGetline 1\nLoadInt 0\nNumGt\nJumpIfTrue loop\n"
      "AwkPrint 0\nAwkSpecialGet NR\nAwkPrint 1\nReturn\n",
      {path("in")});
  EXPECT_EQ(read("out"), "first record\n30001\n");
}

TEST_P(AwkProgramTest, FilesThatAreReadAndWritten) {
  write("table", "1\n2\n");
  AwkOutcome outcome =
      run("loop:\nGetVar f\nAwkGetline 3\nLoadInt 0\nNumGt\nJumpIfFalse done\n"
          "AwkSpecialGet \"<getline>\"\nGetVar g\nExtendedWide 40100 0\nPop\nAwkPrint 1\n"
          "Jump loop\ndone:\nGetVar f\nExtendedWide 40101 0\nGetVar g\nExtendedWide 40101 0\n"
          "MakeArray 2\nReturnValue\nsub RECORD:\nReturn\n",
          {"f=x"});
  // Without the assignment's turn having come there is no file.
  EXPECT_TRUE(outcome.result.isError());
  EXPECT_EQ(outcome.exitStatus, 2);
  EXPECT_EQ(outcome.result.error().message, "expression for `<' redirection has null string value");
}

TEST_P(AwkProgramTest, AssignmentsAreReported) {
  write("in", "a\n");
  std::vector<std::string> seen;
  std::vector<Diagnostic> diagnostics;
  VM program(*parseText("Return\nsub END:\nAwkSpecialGet x\nAwkPrint 1\nReturn\n", diagnostics));
  auto own = std::make_shared<RecordAwkHost>(options);
  std::string file = path("in");
  std::string_view operands[] = {"x=1", file, "x=a\\tb", "1v=3"};
  own->setOperands("test", operands);
  own->setAssignmentHandler(
      [](std::string_view name, const Value &value, void *user) {
        static_cast<std::vector<std::string> *>(user)->push_back(std::string(name) + "=" +
                                                                 std::string(value.asStr()));
      },
      &seen);
  AwkOutcome outcome = runAwkProgram(program, own);
  EXPECT_EQ(seen, (std::vector<std::string>{"x=1", "x=a\tb"}));
  EXPECT_EQ(outcome.exitStatus, 2);
  EXPECT_EQ(outcome.result.error().message,
            "cannot open file `1v=3' for reading: No such file or directory");
}

TEST_P(AwkProgramTest, AnErrorSkipsEndAndALimitIsToldApart) {
  write("in", "a\n");
  AwkOutcome outcome = run("Return\nsub RECORD:\nLoadInt 1\nLoadInt 0\nAwkDiv\nReturn\n"
                           "sub END:\nLoadInt 1\nAwkPrint 1\nReturn\n",
                           {path("in")});
  EXPECT_EQ(outcome.exitStatus, 2);
  EXPECT_EQ(outcome.result.error().message, "division by zero attempted");
  EXPECT_EQ(read("out"), "");
}

TEST_P(AwkProgramTest, DescriptorsAndProcessesAreGone) {
  auto openDescriptors = [] {
    int count = 0;
    for (int descriptor = 0; descriptor != 200; ++descriptor)
      count += fcntl(descriptor, F_GETFD) >= 0;
    return count;
  };
  write("in", "a\nb\n");
  int before = openDescriptors();
  for (int round = 0; round != 20; ++round)
    run("Return\nsub RECORD:\nLoadConst \"yes\"\nAwkGetline 5\nPop\nLoadInt 1\n"
        "LoadConst \"cat > /dev/null\"\nExtendedWide 40100 2\nPop\nAwkPrint 1\nReturn\n",
        {path("in")});
  EXPECT_EQ(openDescriptors(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(RecordAwkHost, WithoutADriver) {
  RecordAwkHost host;
  host.setRecord(Value::makeStr("3 apples"));
  EXPECT_EQ(host.fieldNumber(1), 3);
  EXPECT_EQ(host.nf(), 2);
  EXPECT_EQ(host.gsub(Value::makeStr("p"), Value::makeStr("b"), AwkLvalue::field(2)), 2);
  EXPECT_EQ(host.fieldGet(0).asStr(), "3 abbles");
  EXPECT_EQ(host.sub(Value::makeStr("x"), Value::makeStr("y"), AwkLvalue::element("a", "k")), 0);
  EXPECT_TRUE(host.arrayExists("a", Value::makeStr("k")));
  EXPECT_EQ(host.compare(Value::makeStr("10"), Value::makeInt(9)), AwkOrder::Greater);
  host.fieldGet(-1);
  EXPECT_EQ(host.takeFailure(), "attempt to access field -1");
  EXPECT_EQ(host.takeFailure(), std::nullopt);
}

} // namespace
} // namespace fusevm
