//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/RunReport.h"

#include "gtest/gtest.h"

using namespace fusevm;

namespace {

RunError makeError(ErrorKind kind = ErrorKind::Runtime) {
  RunError error;
  error.kind = kind;
  error.message = "undefined function: nope";
  error.op = 1;
  error.line = 12;
  error.callStack = {{"fib", 1, 12}, {"main", 0, 0}};
  return error;
}

Chunk makeChunk() {
  Chunk chunk;
  chunk.ops = {Instruction::Nop(), Instruction::Call(0, 0)};
  return chunk;
}

TEST(RunReportTest, resultAsText) {
  EXPECT_EQ(*resultAsText(RunResult::makeOk(Value::makeInt(42))), "42");
  EXPECT_EQ(*resultAsText(RunResult::makeOk(Value::makeStr("a\n"))), "\"a\\n\"");
  EXPECT_EQ(*resultAsText(RunResult::makeOk(Value())), "undef");
  EXPECT_EQ(*resultAsText(RunResult::makeHalted()), "halted");
  EXPECT_EQ(*resultAsText(RunResult::makeError(makeError())), "error: undefined function: nope");
}

TEST(RunReportTest, resultAsJson) {
  EXPECT_EQ(*resultAsJson(RunResult::makeOk(Value::makeInt(42))), "{\"Ok\":{\"Int\":42}}");
  EXPECT_EQ(*resultAsJson(RunResult::makeHalted()), "\"Halted\"");
  RunError error = makeError();
  error.message = "say \"Str\"\n";
  EXPECT_EQ(*resultAsJson(RunResult::makeError(error)), R"({"Error":"say \"Str\"\n"})");
}

TEST(RunReportTest, resultThatIsNestedTooDeep) {
  Value value;
  for (int i = 0; i != 1000; ++i)
    value = Value::makeRef(std::move(value));
  RunResult result = RunResult::makeOk(std::move(value));
  EXPECT_EQ(resultAsText(result).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(resultAsJson(result).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RunReportTest, resultThatJsonCannotExpress) {
  absl::StatusOr<std::string> text = resultAsJson(RunResult::makeOk(Value::makeStr("\xff")));
  EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RunReportTest, errorWithCallStack) {
  EXPECT_EQ(describeError(makeError(), makeChunk(), "prog.fvm"),
            "prog.fvm:12: error: undefined function: nope\n"
            "  in fib at op 1 (Call), line 12\n"
            "  in main at op 0 (Nop)\n");
}

TEST(RunReportTest, errorOfAChunkThatNamesItsSource) {
  RunError error = makeError();
  error.source = "script.pl";
  error.line = 0;
  error.callStack.clear();
  EXPECT_EQ(describeError(error, makeChunk(), "prog.fvm"),
            "script.pl: error: undefined function: nope\n");
}

TEST(RunReportTest, errorBehindTheLastOp) {
  RunError error = makeError();
  error.callStack = {{"main", 2, 0}};
  EXPECT_EQ(describeError(error, makeChunk(), "prog.fvm"),
            "prog.fvm:12: error: undefined function: nope\n"
            "  in main at op 2\n");
}

TEST(RunReportTest, errorInADeepRecursion) {
  RunError error = makeError();
  error.callStack.insert(error.callStack.begin() + 1, {{"fib", 1, 0}, {"fib", 1, 0}});
  error.omittedCalls = 5000;
  EXPECT_EQ(describeError(error, makeChunk(), "prog.fvm"),
            "prog.fvm:12: error: undefined function: nope\n"
            "  in fib at op 1 (Call), line 12\n"
            "  in fib at op 1 (Call)\n"
            "  ... 5000 calls left out\n"
            "  in fib at op 1 (Call)\n"
            "  in main at op 0 (Nop)\n");
}

TEST(RunReportTest, refusedChunkHasNoCallStack) {
  EXPECT_EQ(describeError(makeError(ErrorKind::Verify), makeChunk(), "prog.fvm"),
            "prog.fvm:12: error: undefined function: nope\n");
}

TEST(RunReportTest, exitStatusOfResults) {
  auto statusOf = [](Value value) { return exitStatus(RunResult::makeOk(std::move(value)), 7); };
  EXPECT_EQ(statusOf(Value::makeStatus(3)), 3);
  EXPECT_EQ(statusOf(Value::makeStatus(0)), 0);
  EXPECT_EQ(statusOf(Value::makeStatus(256 + 5)), 5);
  EXPECT_EQ(statusOf(Value::makeStatus(-1)), 255);
  EXPECT_EQ(statusOf(Value::makeInt(3)), 7);
  EXPECT_EQ(exitStatus(RunResult::makeHalted(), 7), 7);
  EXPECT_EQ(exitStatus(RunResult::makeHalted(), 0x1ff), 255);
}

TEST(RunReportTest, exitStatusOfErrors) {
  auto statusOf = [](ErrorKind kind) {
    return exitStatus(RunResult::makeError(makeError(kind)), 7);
  };
  for (ErrorKind kind : {ErrorKind::Runtime, ErrorKind::Callback, ErrorKind::Verify})
    EXPECT_EQ(statusOf(kind), 1);
  for (ErrorKind kind : {ErrorKind::Limit, ErrorKind::Fuel, ErrorKind::Interrupt})
    EXPECT_EQ(statusOf(kind), 124);
}

} // namespace
