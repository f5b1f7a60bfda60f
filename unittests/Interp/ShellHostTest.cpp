//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the shell ops ask a host, and what they make of its answers.

#include "fusevm/Interp/ShellHost.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <stdexcept>

namespace fusevm {
namespace {

std::string joined(absl::Span<const std::string> words) {
  std::string result;
  for (const std::string &word : words)
    strAppend(result, "<", word, ">");
  return result;
}

/// Writes down what it is asked.
class RecordingHost : public ShellHost {
public:
  int32_t exec(absl::Span<const std::string> argv) override {
    return note("exec ", joined(argv)), 11;
  }
  int32_t execBg(absl::Span<const std::string> argv) override {
    return note("execBg ", joined(argv)), 12;
  }
  std::optional<int32_t> callFunction(std::string_view name,
                                      absl::Span<const std::string> arguments) override {
    note("callFunction ", name, joined(arguments));
    return name == "known" ? std::optional(13) : std::nullopt;
  }
  void pipelineBegin(uint8_t stages) override { note("pipelineBegin ", stages); }
  void pipelineStage() override { note("pipelineStage"); }
  int32_t pipelineEnd() override { return note("pipelineEnd"), INT32_MIN; }
  void subshellBegin() override { note("subshellBegin"); }
  std::optional<int32_t> subshellEnd() override { return note("subshellEnd"), -5; }
  std::string cmdSubst(const Chunk &chunk) override {
    return note("cmdSubst ", chunk.ops.size()), "out\n";
  }
  std::string processSubIn(const Chunk &) override { return note("processSubIn"), "/in"; }
  std::string processSubOut(const Chunk &) override { return note("processSubOut"), "/out"; }
  void redirect(uint8_t descriptor, uint8_t mode, std::string_view target) override {
    note("redirect ", descriptor, " ", mode, " ", target);
  }
  void hereDoc(std::string_view body) override { note("hereDoc ", body); }
  void hereString(std::string_view word) override { note("hereString ", word); }
  void withRedirectsBegin(uint8_t count) override { note("withRedirectsBegin ", count); }
  void withRedirectsEnd() override { note("withRedirectsEnd"); }
  Value expandParam(std::string_view name, uint8_t modifier,
                    absl::Span<const Value> arguments) override {
    note("expandParam ", name, " ", modifier);
    for (const Value &argument : arguments)
      strAppend(log.back(), " ", kindName(argument.kind()), ":", toStr(argument));
    return Value::makeFloat(1.5);
  }
  std::vector<std::string> wordSplit(std::string_view text) override {
    return note("wordSplit ", text), std::vector<std::string>{"w", ""};
  }
  std::vector<std::string> braceExpand(std::string_view text) override {
    return note("braceExpand ", text), std::vector<std::string>{"b"};
  }
  std::string tildeExpand(std::string_view text) override {
    return note("tildeExpand ", text), "t";
  }
  std::vector<std::string> glob(std::string_view pattern, bool recursive) override {
    return note("glob ", pattern, recursive ? " recursive" : ""), std::vector<std::string>{"g"};
  }
  bool strMatch(std::string_view text, std::string_view pattern) override {
    return note("strMatch ", text, " ", pattern), true;
  }
  bool regexMatch(std::string_view text, std::string_view regex) override {
    return note("regexMatch ", text, " ", regex), true;
  }
  bool testFile(uint8_t test, std::string_view path) override {
    return note("testFile ", test, " ", path), true;
  }
  void trapSet(std::string_view signal, const Chunk &) override { note("trapSet ", signal); }
  void trapCheck() override { note("trapCheck"); }
  void runEnded(const RunResult &) override { ++ends; }

  template <typename... Pieces> void note(const Pieces &...pieces) {
    EXPECT_NE(caller(), nullptr);
    log.push_back(strCat(pieces...));
  }

  std::vector<std::string> log;
  unsigned ends = 0;
};

class ShellHostTest : public testing::TestWithParam<LoopChoice> {
protected:
  std::unique_ptr<VM> make(std::string_view text, std::shared_ptr<ShellHost> host) {
    std::vector<Diagnostic> diagnostics;
    std::optional<Chunk> chunk = parseText(text, diagnostics);
    if (!chunk)
      return nullptr;
    auto vm = std::make_unique<VM>(*std::move(chunk));
    vm->setLoop(GetParam());
    vm->setShellHost(std::move(host));
    vm->setOutput(output);
    return vm;
  }

  /// The result of \p text as text.
  std::string run(std::string_view text) {
    std::unique_ptr<VM> vm = make(text, host);
    if (!vm)
      return "not a program";
    RunResult result = vm->run();
    status = vm->lastStatus();
    if (result.isError())
      return strCat("error: ", result.error().message);
    std::string literal;
    if (result.isOk()) {
      EXPECT_TRUE(appendValueLiteral(literal, result.value()).ok());
    }
    return literal;
  }

  std::shared_ptr<RecordingHost> host = std::make_shared<RecordingHost>();
  StringOutput output;
  int32_t status = 0;
};

INSTANTIATE_TEST_SUITE_P(Loops, ShellHostTest,
                         testing::Values(LoopChoice::Automatic, LoopChoice::Baseline));

struct HostRow {
  const char *program;
  const char *question; ///< what the host is asked, or empty
  const char *result;
  int32_t status = 0;
};

TEST_P(ShellHostTest, EachOpAsksOnce) {
  const HostRow rows[] = {
      {"LoadConst \"ls\"\nLoadConst [1, 2]\nExec 2", "exec <ls><1><2>", "status(11)", 11},
      {"LoadConst []\nExec 1", "", "status(0)", 0},
      {"LoadConst \"true\"\nExec 1", "", "status(0)", 0},
      {"LoadConst \"ls\"\nExecBg 1", "execBg <ls>", "status(0)", 0},
      {"LoadInt 1\nCallFunction known 1", "callFunction known<1>", "status(13)", 13},
      {"PipelineBegin 200", "pipelineBegin 200", "", 0},
      {"PipelineStage", "pipelineStage", "", 0},
      {"PipelineEnd", "pipelineEnd", "status(-2147483648)", INT32_MIN},
      {"SubshellBegin", "subshellBegin", "", 0},
      {"SubshellEnd", "subshellEnd", "", -5},
      {"CmdSubst s\nchunk s {\nNop\nNop\n}", "cmdSubst 2", "\"out\\n\"", 0},
      {"CmdSubst #9", "", "\"\"", 0},
      {"ProcessSubIn s\nchunk s {\n}", "processSubIn", "\"/in\"", 0},
      {"ProcessSubOut s\nchunk s {\n}", "processSubOut", "\"/out\"", 0},
      {"LoadInt 5\nRedirect 255 254", "redirect 255 254 5", "", 0},
      {"Redirect 1 2", "redirect 1 2 ", "", 0},
      {"HereDoc 1.0", "hereDoc 1", "", 0},
      {"HereDoc #9", "hereDoc ", "", 0},
      {"LoadInt 3\nLoadConst \"w\"\nHereString", "hereString w", "3", 0},
      {"WithRedirectsBegin 7", "withRedirectsBegin 7", "", 0},
      {"WithRedirectsEnd", "withRedirectsEnd", "", 0},
      {"LoadConst \"n\"\nLoadInt 4\nExpandParam 0", "expandParam n 0 Int:4", "1.5", 0},
      {"LoadConst \"n\"\nExpandParam 9", "expandParam  9 Undef: Str:n", "1.5", 0},
      {"LoadConst \"n\"\nExpandParam 200", "expandParam n 200", "1.5", 0},
      {"LoadConst \"n\"\nWordSplit", "wordSplit n", "[\"w\", \"\"]", 0},
      {"LoadConst \"n\"\nBraceExpand", "braceExpand n", "[\"b\"]", 0},
      {"LoadConst \"n\"\nTildeExpand", "tildeExpand n", "\"t\"", 0},
      {"LoadConst \"n\"\nGlob", "glob n", "[\"g\"]", 0},
      {"LoadConst \"n\"\nGlobRecursive", "glob n recursive", "[\"g\"]", 0},
      {"LoadConst \"s\"\nLoadConst \"p\"\nStrMatch", "strMatch s p", "true", 0},
      {"LoadConst \"s\"\nLoadConst \"p\"\nRegexMatch", "regexMatch s p", "true", 0},
      {"LoadConst \"p\"\nTestFile 3", "testFile 3 p", "true", 0},
      {"LoadConst \"INT\"\nTrapSet s\nchunk s {\n}", "trapSet INT", "", 0},
      {"LoadConst \"INT\"\nTrapSet #4", "", "", 0},
      {"TrapCheck", "trapCheck", "", 0},
  };
  for (const HostRow &row : rows) {
    host->log.clear();
    EXPECT_EQ(run(row.program), row.result) << row.program;
    EXPECT_EQ(status, row.status) << row.program;
    std::vector<std::string> expected;
    if (*row.question)
      expected.push_back(row.question);
    EXPECT_EQ(host->log, expected) << row.program;
  }
  EXPECT_EQ(host->ends, std::size(rows));
}

TEST_P(ShellHostTest, AnUnknownFunctionIsACommand) {
  EXPECT_EQ(run("LoadInt 1\nCallFunction other 1"), "status(11)");
  EXPECT_THAT(host->log, testing::ElementsAre("callFunction other<1>", "exec <other><1>"));
}

TEST_P(ShellHostTest, NothingIsAskedAfterAHalt) {
  std::unique_ptr<VM> vm = make("PipelineEnd", host);
  vm->requestHalt();
  EXPECT_TRUE(vm->run().isHalted());
  EXPECT_TRUE(host->log.empty());
}

class ThrowingHost : public ShellHost {
  std::vector<std::string> wordSplit(std::string_view) override {
    throw std::runtime_error("no words");
  }
  int32_t exec(absl::Span<const std::string>) override { throw 5; }
  bool strMatch(std::string_view, std::string_view) override {
    caller()->fail("refused");
    return true;
  }
};

TEST_P(ShellHostTest, WhatAHostThrowsIsAnErrorWithoutEffect) {
  const std::pair<const char *, const char *> rows[] = {
      {"WordSplit", "no words"},
      {"Exec 2", "the shell host threw something that is no std::exception"},
      {"StrMatch", "refused"},
  };
  for (auto [op, message] : rows) {
    std::unique_ptr<VM> vm =
        make(strCat("LoadConst \"a\"\nLoadConst \"b\"\n", op), std::make_shared<ThrowingHost>());
    RunResult result = vm->run();
    ASSERT_TRUE(result.isError()) << op;
    EXPECT_EQ(result.error().message, message);
    EXPECT_EQ(result.error().kind, ErrorKind::Callback);
    EXPECT_EQ(vm->stack().size(), 2u);
  }
}

/// Resets the VM that calls it, and drops itself from it.
class ResettingHost : public ShellHost {
  std::string tildeExpand(std::string_view) override {
    VM &vm = *caller();
    vm.setShellHost(nullptr);
    vm.reset(std::make_shared<const Chunk>());
    return "lost";
  }
};

TEST_P(ShellHostTest, AHostMayResetTheVm) {
  std::unique_ptr<VM> vm = make("LoadConst \"a\"\nTildeExpand", std::make_shared<ResettingHost>());
  EXPECT_TRUE(vm->run().isHalted());
}

/// The default bodies do as no host does, but for the status of a pipeline.
TEST_P(ShellHostTest, TheDefaultBodiesDoLittle) {
  ShellHost stub;
  EXPECT_EQ(stub.exec({}), 0);
  EXPECT_EQ(stub.exec({"sh", "-c", "exit 300"}), 44);
  EXPECT_EQ(stub.exec({"sh", "-c", "kill -9 $$"}), 1);
  EXPECT_EQ(stub.exec({"/"}), 127);
  EXPECT_EQ(stub.execBg({}), 0);
  EXPECT_EQ(stub.execBg({"no-such-command-x1"}), 0);
  EXPECT_GT(stub.execBg({"true"}), 0);
  EXPECT_EQ(stub.pipelineEnd(), 0);
  EXPECT_EQ(stub.subshellEnd(), std::nullopt);
  EXPECT_EQ(stub.callFunction("f", {}), std::nullopt);
  EXPECT_EQ(stub.expandParam("n", 4, {}), Value::makeStr(""));
  EXPECT_TRUE(stub.arrayIndex("n", Value::makeInt(0)).isUndef());
  EXPECT_TRUE(stub.strMatch("a", "a"));
  EXPECT_FALSE(stub.strMatch("a", "*"));
  EXPECT_FALSE(stub.regexMatch("a", "a"));
  EXPECT_TRUE(stub.testFile(1, "/"));
}

} // namespace
} // namespace fusevm
