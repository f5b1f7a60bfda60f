//===- FusionTestSupport.h - Operands for the ops of a table ----*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_UNITTESTS_TRANSFORMS_FUSIONTESTSUPPORT_H
#define FUSEVM_UNITTESTS_TRANSFORMS_FUSIONTESTSUPPORT_H

#include "SpellingText.h"
#include "StateComparison.h"

#include "../Analysis/AnalysisTestSupport.h"

#include "fusevm/Interp/VM.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace fusevm {

/// Values of all kinds, at their edges.
inline std::vector<Value> valueGrid() {
  constexpr auto least = std::numeric_limits<int64_t>::min();
  constexpr auto most = std::numeric_limits<int64_t>::max();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<Value> grid{Value(), Value::makeBool(false), Value::makeBool(true)};
  for (int64_t number : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{3}, most, least, most - 1})
    grid.push_back(Value::makeInt(number));
  for (double number : {0.0, -0.0, 2.5, -0.5, std::nan(""), infinity, -infinity, 1e300, 9.3e18})
    grid.push_back(Value::makeFloat(number));
  for (std::string_view text : {"", "7", "-2", "2.5", "x", "1e3", "9223372036854775808"})
    grid.push_back(Value::makeStr(text));
  grid.push_back(Value::makeStatus(0));
  grid.push_back(Value::makeStatus(4));
  grid.push_back(Value::makeArray({Value::makeInt(1), Value::makeInt(2)}));
  grid.push_back(Value::makeArray());
  grid.push_back(Value::makeHash());
  grid.push_back(Value::makeRef(Value::makeInt(5)));
  return grid;
}

/// What the tests of tables put in place of operands. Programs have the label `away`.
inline fuzzing::OperandTexts someOperands(std::string_view limit = "4") {
  return {{"slot", "1"},          {"dstSlot", "1"}, {"srcSlot", "2"},
          {"sumSlot", "2"},       {"sSlot", "2"},   {"iSlot", "1"},
          {"constant", "\"ab\""}, {"name", "list"}, {"limit", std::string(limit)},
          {"target", "away"}};
}

/// A program that ends in different ways by where \p ops go.
inline std::string programOf(std::string_view ops) {
  return strCat(ops, "  LoadTrue\n  SetVar through\naway:\n  Nop\n");
}

/// Values that a program finds.
struct Surroundings {
  std::vector<Value> slots;
  Value global;
  bool hasFrame = true;
};

/// A VM that was run in \p surroundings.
class RunVM {
public:
  RunVM(const std::shared_ptr<const Chunk> &chunk, const Surroundings &surroundings) : vm(chunk) {
    vm.setLoop(LoopChoice::Baseline);
    vm.setFuel(10'000);
    vm.push(Value::makeStr("below"));
    for (size_t slot = 0; slot != surroundings.slots.size(); ++slot)
      vm.setSlot(static_cast<uint16_t>(slot), surroundings.slots[slot]);
    vm.setGlobal(0, surroundings.global);
    if (!surroundings.hasFrame)
      vm.dropFrame();
    result = vm.run();
  }

  VM vm;
  RunResult result = RunResult::makeHalted();
};

/// Runs both programs in \p surroundings and returns the first difference in words; nothing
/// if the first does not end.
inline std::optional<std::string> compareRuns(const std::shared_ptr<const Chunk> &plain,
                                              const std::shared_ptr<const Chunk> &fused,
                                              const Surroundings &surroundings) {
  RunVM left(plain, surroundings);
  if (left.result.isError())
    return std::nullopt;
  RunVM right(fused, surroundings);
  if (auto difference = fuzzing::compareResults(left.result, right.result))
    return difference;
  return fuzzing::compareData(left.vm, right.vm);
}

inline std::string describe(const Surroundings &surroundings) {
  std::string text;
  for (const Value &slot : surroundings.slots) {
    strAppend(text, kindName(slot.kind()), " ", toStr(slot), ", ");
  }
  return strCat(text, "global ", kindName(surroundings.global.kind()));
}

} // namespace fusevm

#endif // FUSEVM_UNITTESTS_TRANSFORMS_FUSIONTESTSUPPORT_H
