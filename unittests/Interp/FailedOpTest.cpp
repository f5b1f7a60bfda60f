//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// An op that fails has had no effect, and the run can go on behind it. What fails, and with
/// which message, the tests of the ops in test/ show.

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Support/StrCat.h"

#include "gtest/gtest.h"

#include <ostream>

namespace fusevm {
namespace {

struct FailedOp {
  const char *name;
  /// Everything the op could change: the stack, the globals a, h and s, slots 0 and 1.
  const char *before;
  const char *op;
  const char *message;
};

void PrintTo(const FailedOp &failed, std::ostream *out) { *out << failed.name; }

const FailedOp failedOps[] = {
    {"SlotArraySetNegative", "LoadConst [1]\nSetSlot 0\nLoadInt 7\nLoadInt -1", "SlotArraySet 0",
     "array index out of range: -1"},
    {"SlotArraySetTooLarge", "LoadConst [1]\nSetSlot 0\nLoadInt 7\nLoadInt 2", "SlotArraySet 0",
     "array too large: 3 elements"},
    {"ArraySetNegative", "LoadConst [1]\nSetVar a\nLoadInt 7\nLoadConst \"-1\"", "ArraySet a",
     "array index out of range: -1"},
    {"ArraySetTooLarge", "LoadConst [1]\nSetVar a\nLoadInt 7\nLoadFloat 2.5", "ArraySet a",
     "array too large: 3 elements"},
    {"ArrayPush", "LoadConst [1, 2]\nSetVar a\nLoadInt 7", "ArrayPush a",
     "array too large: 3 elements"},
    {"MakeArray", "LoadInt 1\nLoadInt 2\nLoadInt 3", "MakeArray 3", "array too large: 3 elements"},
    {"HashSet", "LoadConst {x: 1, y: 2}\nSetVar h\nLoadInt 7\nLoadConst \"z\"", "HashSet h",
     "hash too large: 3 entries"},
    {"HashSetLongKey", "DeclareHash h\nLoadInt 7\nLoadConst [\"12345\", \"67890\"]", "HashSet h",
     "string too large: more than 10 bytes"},
    {"MakeHash", "LoadInt 1\nDup\nLoadInt 2\nDup\nLoadInt 3\nDup", "MakeHash 6",
     "hash too large: 3 entries"},
    {"MakeHashLongKey", "LoadConst [\"12345\", \"67890\"]\nLoadInt 1", "MakeHash 2",
     "string too large: more than 10 bytes"},
    {"Concat", "LoadConst \"123456\"\nDup", "Concat", "string too large: 12 bytes"},
    {"ConcatLongLeft", "LoadConst [\"12345\", \"67890\"]\nLoadInt 1", "Concat",
     "string too large: more than 10 bytes"},
    {"ConcatLongRight", "LoadInt 1\nLoadConst [\"12345\", \"67890\"]", "Concat",
     "string too large: more than 10 bytes"},
    {"StringRepeat", "LoadConst \"ab\"\nLoadInt 6", "StringRepeat", "string too large: 12 bytes"},
    {"StrEq", "LoadConst [\"12345\", \"67890\"]\nLoadInt 1", "StrEq",
     "string too large: more than 10 bytes"},
    {"PrintLn", "LoadInt 1\nLoadConst [\"12345\", \"67890\"]", "PrintLn 2",
     "string too large: more than 10 bytes"},
    {"CallUndefined", "LoadInt 1", "Call s 1", "undefined function: s"},
    {"PushFrame", "LoadInt 1\nPushFrame\nLoadInt 2", "PushFrame", "call stack overflow: 3 frames"},
    {"Range", "LoadInt 1\nLoadInt 3", "Range", "range too large: 3 elements"},
    {"RangeStep", "LoadInt 1\nLoadInt 5\nLoadInt 2", "RangeStep", "range too large: 3 elements"},
    {"ConcatConstLoop", "LoadConst \"x\"\nSetSlot 0\nLoadConst \"0\"\nSetSlot 1",
     "ConcatConstLoop \"abcde\" 0 1 2", "string too large: 11 bytes"},
    {"PushIntRangeLoop", "LoadConst \"0\"\nSetSlot 1", "PushIntRangeLoop s 1 3",
     "array too large: 3 elements"},
    {"ExecLongText", "LoadInt 1\nLoadConst [[\"12345\", \"67890\"]]", "Exec 2",
     "string too large: more than 10 bytes"},
    {"WordSplit", "LoadConst \"a b c\"", "WordSplit", "array too large: 3 elements"},
    {"StrMatchLongText", "LoadConst [\"12345\", \"67890\"]\nLoadInt 1", "StrMatch",
     "string too large: more than 10 bytes"},
    {"SetSlot", "LoadInt 1", "SetSlot 6", "value stack overflow: 7 values"},
    {"PreIncSlot", "LoadInt 1", "PreIncSlot 6", "value stack overflow: 7 values"},
    {"LoadInt", "LoadInt 1\nDup\nDup\nDup\nDup\nDup", "LoadInt 2",
     "value stack overflow: 7 values"},
    {"Dup2", "LoadInt 1\nDup\nDup\nDup\nLoadInt 2", "Dup2", "value stack overflow: 7 values"},
    {"ArrayPop", "LoadConst [8, 9]\nSetVar a\nLoadInt 1\nDup\nDup\nDup\nDup\nDup", "ArrayPop a",
     "value stack overflow: 7 values"},
    {"PostIncSlot", "LoadInt 5\nSetSlot 0\nLoadInt 1\nDup\nDup\nDup\nDup\nDup", "PostIncSlot 0",
     "value stack overflow: 7 values"},
};

class FailedOpTest : public testing::TestWithParam<std::tuple<FailedOp, LoopChoice>> {
protected:
  std::unique_ptr<VM> make(std::string_view op) {
    std::vector<Diagnostic> diagnostics;
    std::string text = strCat("name a\nname h\nname s\nLoadConst \"text\"\nSetVar s\n",
                              std::get<FailedOp>(GetParam()).before, "\n", op, "\n");
    std::optional<Chunk> chunk = parseText(text, diagnostics);
    EXPECT_TRUE(chunk) << text;
    if (!chunk)
      return nullptr;
    Limits limits;
    limits.maxFrames = 2;
    limits.maxStackValues = 6;
    limits.maxContainerSize = 2;
    limits.maxStringBytes = 10;
    auto vm = std::make_unique<VM>(*std::move(chunk), limits);
    vm->setLoop(std::get<LoopChoice>(GetParam()));
    vm->setOutput(output);
    return vm;
  }

  StringOutput output;
};

INSTANTIATE_TEST_SUITE_P(Ops, FailedOpTest,
                         testing::Combine(testing::ValuesIn(failedOps),
                                          testing::Values(LoopChoice::Automatic,
                                                          LoopChoice::Baseline)),
                         [](const testing::TestParamInfo<std::tuple<FailedOp, LoopChoice>> &info) {
                           bool baseline = std::get<LoopChoice>(info.param) == LoopChoice::Baseline;
                           return strCat(std::get<FailedOp>(info.param).name,
                                         baseline ? "Baseline" : "Automatic");
                         });

/// Returns everything a program can see of \p vm, as text.
std::string describeState(const VM &vm) {
  std::string text = strCat("ip ", vm.ip(), ", frames ", vm.frameCount(), "\nstack");
  auto append = [&text](const Value &value) {
    text += ' ';
    EXPECT_TRUE(appendValueLiteral(text, value).ok());
  };
  for (const Value &value : vm.stack())
    append(value);
  text += "\nglobals";
  for (size_t index = 0; index != vm.globalCount(); ++index)
    append(vm.getGlobal(static_cast<uint16_t>(index)));
  text += "\nslots";
  for (uint16_t slot = 0; slot != 8; ++slot)
    append(vm.getSlot(slot));
  return text;
}

TEST_P(FailedOpTest, HasNoEffect) {
  const FailedOp &failed = std::get<FailedOp>(GetParam());
  // What is there when nothing is done instead. The end of a run pops the top value.
  auto untouched = make("Nop");
  RunResult result = untouched->run();
  ASSERT_FALSE(result.isError()) << result.error().message;
  bool hasTop = result.isOk();
  if (hasTop)
    untouched->push(result.value());

  auto vm = make(failed.op);
  RunResult failure = vm->run();
  ASSERT_TRUE(failure.isError());
  EXPECT_EQ(failure.error().message, failed.message);
  EXPECT_EQ(describeState(*vm), describeState(*untouched));
  EXPECT_EQ(output.text, "");
  EXPECT_FALSE(vm->isHalted());

  // The op was the last one, so going on means to end.
  RunResult next = vm->run();
  EXPECT_FALSE(next.isError());
  EXPECT_EQ(next.isOk(), hasTop);
}

} // namespace
} // namespace fusevm
