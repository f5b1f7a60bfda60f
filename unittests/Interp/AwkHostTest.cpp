//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/AwkHost.h"

#include "fusevm/IR/AwkIds.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/RunReport.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include "gtest/gtest.h"

#include <stdexcept>

namespace fusevm {
namespace {

/// Writes down what it is asked.
class RecordingHost final : public AwkHost {
public:
  Value fieldGet(int64_t index) override { return note(strCat("fieldGet ", index)); }
  void fieldSet(int64_t index, Value value) override {
    note(strCat("fieldSet ", index, " ", toStr(value)));
  }
  void print(absl::Span<const Value> values) override { note(strCat("print", list(values))); }
  void printf(std::string_view format, absl::Span<const Value> values) override {
    note(strCat("printf ", format, list(values)));
  }
  int64_t getline(uint64_t kind, std::optional<std::string_view> operand,
                  std::optional<std::string_view> variable) override {
    note(strCat("getline ", kind, " ", operand.value_or("none"), variable ? " variable" : ""));
    return 1;
  }
  int64_t sub(const Value &regex, const Value &replacement, const AwkLvalue &target) override {
    bool isRecord = target == AwkLvalue::field(0);
    note(strCat("sub ", toStr(regex), " ", toStr(replacement), " ",
                isRecord ? "record" : target.name));
    return 2;
  }
  int64_t split(const Value &text, std::string_view array, const Value *separator) override {
    note(strCat("split ", toStr(text), " ", array, " ", separator ? toStr(*separator) : "none"));
    return 3;
  }
  Value specialGet(std::string_view name) override {
    if (name == "throw")
      throw std::runtime_error("thrown");
    if (name == "fail")
      fail("reported");
    return note(strCat("specialGet '", name, "'"));
  }
  void arraySet(std::string_view array, const Value &key, Value value) override {
    note(strCat("arraySet ", array, " ", toStr(key), " ", toStr(value)));
  }
  uint64_t extensionOperands(uint16_t, uint64_t payload) override { return payload; }
  Value extension(uint16_t id, uint64_t, absl::Span<const Value> operands) override {
    return note(strCat("extension ", id, list(operands)));
  }

  std::string text;

private:
  static std::string list(absl::Span<const Value> values) {
    std::string result;
    for (const Value &value : values)
      strAppend(result, " ", value.isUndef() ? "undef" : toStr(value));
    return result;
  }
  Value note(std::string entry) {
    text += entry + "\n";
    return Value::makeStr("R");
  }
};

class AwkHostTest : public testing::TestWithParam<LoopChoice> {
protected:
  /// Returns the calls, and the stack that is left behind or the error.
  std::string run(std::string_view program) {
    std::vector<Diagnostic> diagnostics;
    std::optional<Chunk> chunk = parseText(program, diagnostics);
    EXPECT_TRUE(chunk) << program;
    vm = std::make_unique<VM>(*std::move(chunk));
    vm->setLoop(GetParam());
    vm->setAwkHost(host);
    RunResult result = vm->run();
    EXPECT_EQ(vm->awkHost(), host);
    std::string text = std::exchange(recording->text, "");
    return text + resultAsText(result).value();
  }

  std::shared_ptr<RecordingHost> recording = std::make_shared<RecordingHost>();
  std::shared_ptr<AwkHost> host = recording;
  std::unique_ptr<VM> vm;
};

INSTANTIATE_TEST_SUITE_P(Loops, AwkHostTest,
                         testing::Values(LoopChoice::Automatic, LoopChoice::Baseline));

TEST_P(AwkHostTest, GetsOperandsInOrder) {
  EXPECT_EQ(run("LoadFloat 2.9\nAwkFieldGet"), "fieldGet 2\n\"R\"");
  EXPECT_EQ(run("LoadConst \"v\"\nLoadInt -3\nAwkFieldSet"), "fieldSet -3 v\nhalted");
  EXPECT_EQ(run("LoadInt 1\nLoadInt 2\nAwkPrint 2"), "print 1 2\nhalted");
  EXPECT_EQ(run("LoadInt 1\nAwkPrint 3"), "print undef undef 1\nhalted");
  EXPECT_EQ(run("AwkPrint 0"), "print\nhalted");
  EXPECT_EQ(run("LoadConst \"f\"\nLoadInt 2\nAwkPrintf 2"), "printf f 2\nhalted");
  EXPECT_EQ(run("AwkPrintf 0"), "printf \nhalted");
  EXPECT_EQ(run("LoadConst \"v\"\nLoadConst \"k\"\nAwkArraySet a"), "arraySet a k v\nhalted");
}

TEST_P(AwkHostTest, GetlineKinds) {
  EXPECT_EQ(run("LoadConst \"f\"\nAwkGetline 1\nMakeArray 2"), "getline 1 none\n[\"f\", 1]");
  EXPECT_EQ(run("LoadConst \"f\"\nAwkGetline 5\nMakeArray 1"), "getline 5 f\n[1]");
  EXPECT_EQ(run("LoadConst \"f\"\nAwkGetline 6\nMakeArray 2"), "getline 6 none\n[\"f\", 1]");
}

TEST_P(AwkHostTest, SubstitutionTargets) {
  EXPECT_EQ(run("LoadConst \"x\"\nLoadConst \"y\"\nAwkSub 2"), "sub x y record\n2");
  EXPECT_EQ(run("LoadConst \"x\"\nLoadConst \"y\"\nLoadConst \"v\"\nLoadInt 9\nAwkSub 4"),
            "sub x y v\n2");
  EXPECT_EQ(run("LoadConst \"x\"\nLoadConst \"a\"\nAwkSplit 2"), "split x a none\n3");
}

TEST_P(AwkHostTest, NamesBeyondThePoolAreEmpty) {
  EXPECT_EQ(run("AwkSpecialGet #9"), "specialGet ''\n\"R\"");
  EXPECT_EQ(run("ExtendedWide 40004 70000"), "specialGet ''\n\"R\"");
}

TEST_P(AwkHostTest, FailuresEndTheRun) {
  EXPECT_EQ(run("LoadInt 1\nAwkSpecialGet throw\nLoadInt 2"), "error: thrown");
  EXPECT_EQ(vm->run().value().asInt(), 2);
  EXPECT_EQ(run("LoadInt 1\nAwkSpecialGet fail"), "specialGet 'fail'\nerror: reported");
  EXPECT_EQ(vm->run().value().asInt(), 1);
}

TEST_P(AwkHostTest, WideIds) {
  EXPECT_EQ(run("LoadInt 1\nLoadInt 2\nExtendedWide 40016 2"), "print 1 2\nhalted");
  EXPECT_EQ(run("LoadInt 7\nExtendedWide 40999 1"), "extension 40999 7\n\"R\"");
  std::string many = run("LoadInt 7\nExtendedWide 40016 1000000000000");
  EXPECT_EQ(many, "error: too few operands: 1000000000000 wanted, 1 is on the stack");
  // A smaller excess works like one of an op.
  EXPECT_EQ(run("LoadInt 7\nExtendedWide 40033 1000"), "\"\"");
}

TEST_P(AwkHostTest, UnassignedIds) {
  host = nullptr;
  EXPECT_EQ(run("LoadInt 7\nExtendedWide 40500 1"), "7");
  host = std::make_shared<AwkHost>();
  EXPECT_EQ(run("LoadInt 7\nExtendedWide 40500 1\nMakeArray 2"), "[7, undef]");
}

TEST_P(AwkHostTest, Signals) {
  EXPECT_EQ(run("Call f 0\nsub f:\nLoadInt 3\nAwkSignal 200\nLoadInt 4"), "3");
  EXPECT_EQ(vm->awkSignal(), 200);
  EXPECT_EQ(vm->frameCount(), 2u);
  vm->reset(vm->chunk());
  EXPECT_EQ(vm->awkSignal(), 200);
  vm->restartAt(3);
  EXPECT_FALSE(vm->isHalted());
  EXPECT_EQ(vm->run().value().asInt(), 4);
  EXPECT_EQ(vm->awkSignal(), std::nullopt);
}

TEST_P(AwkHostTest, OperandsOfAFailedDivisionAreGone) {
  EXPECT_EQ(run("LoadInt 1\nLoadInt 2\nLoadInt 0\nAwkDiv\nLoadInt 5\nMakeArray 2"),
            "error: division by zero attempted");
  EXPECT_EQ(vm->stack().size(), 1u);
  EXPECT_EQ(vm->ip(), 4u);
  EXPECT_EQ(vm->run().value().asArray().size(), 2u);
}

TEST_P(AwkHostTest, SeedsBelongToTheVM) {
  EXPECT_EQ(run("AwkRand"), "0.51385498046875");
  vm->restartAt(0);
  EXPECT_EQ(vm->run().value().asFloat(), 0.17572021484375);
  vm->reset(vm->chunk());
  EXPECT_EQ(vm->run().value().asFloat(), 0.51385498046875);
}

TEST_P(AwkHostTest, FieldNumberHook) {
  EXPECT_EQ(run("AwkGetFieldNum 7"), "0.0");
  setAwkFieldNumHook([](int64_t field, void *) -> double {
    if (field == 8)
      throw std::runtime_error("no field 8");
    return static_cast<double>(field) + 0.5;
  });
  EXPECT_EQ(run("AwkGetFieldNum 65535"), "65535.5");
  EXPECT_EQ(run("AwkGetFieldNum 8"), "error: no field 8");
  setAwkFieldNumHook(nullptr);
}

TEST(AwkIds, StackEffects) {
  EXPECT_EQ(awkStackEffect(40016, 3).pops, 3u);
  EXPECT_EQ(awkStackEffect(40024, 5).pops, 1u);
  EXPECT_EQ(awkStackEffect(40024, 6).pops, 0u);
  EXPECT_EQ(awkStackEffect(40032, 9).pops, 1u);
  EXPECT_EQ(awkStackEffect(40105, 0).pops, 2u);
  EXPECT_EQ(awkStackEffect(40500, 9).pushes, 0u);
  EXPECT_EQ(awkOpcode(40071), Opcode::AwkGensub);
  EXPECT_EQ(awkOpcode(40100), std::nullopt);
}

} // namespace
} // namespace fusevm
