//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Every fused op does what its expansion in FusedExpansions.def does, whatever slots and
/// globals hold.

#include "FusionTestSupport.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <set>

namespace fusevm {
namespace {

using fuzzing::instantiate;
using fuzzing::OperandTexts;
using fuzzing::SpellingRow;

std::shared_ptr<const Chunk> program(std::string_view ops, const OperandTexts &operands) {
  // The global of the ops has number 0.
  return std::make_shared<const Chunk>(
      chunkFrom("  GetVar list\n  Pop\n" + programOf(instantiate(ops, operands))));
}

/// Compares \p row with its op for all values of its slots.
void compareOnGrid(const SpellingRow &row, const OperandTexts &operands, bool hasFrame,
                   size_t &compared) {
  auto plain = program(row.ops, operands);
  auto fused = program(fuzzing::fusedOpText(row.fused), operands);
  std::vector<Value> grid = valueGrid();
  for (const Value &first : grid)
    for (const Value &second : grid)
      for (const Value &global : {Value(), Value::makeInt(1), Value::makeHash(),
                                  Value::makeArray({Value::makeStr("old")})}) {
        if (!global.isUndef() && row.fused != Opcode::PushIntRangeLoop)
          continue;
        Surroundings surroundings{{Value::makeInt(8), first, second}, global, hasFrame};
        ++compared;
        ASSERT_EQ(compareRuns(plain, fused, surroundings), std::nullopt)
            << opName(row.fused) << " with " << describe(surroundings);
      }
}

TEST(Expansion, EveryFusedOpHasOne) {
  std::set<Opcode> expanded;
  for (const SpellingRow &row : fuzzing::expansionRows())
    EXPECT_TRUE(expanded.insert(row.fused).second) << opName(row.fused);
  for (size_t number = 0; number != numOpcodes; ++number) {
    auto opcode = static_cast<Opcode>(number);
    EXPECT_EQ(expanded.count(opcode) != 0, opInfo(opcode).section == Section::Fused)
        << opName(opcode);
  }
}

TEST(Expansion, MeansTheSameForAllKinds) {
  size_t compared = 0;
  for (const SpellingRow &row : fuzzing::expansionRows())
    for (std::string_view limit : {"4", "0", "-2147483648", "2"})
      compareOnGrid(row, someOperands(limit), /*hasFrame=*/true, compared);
  RecordProperty("compared", static_cast<int>(compared));
}

TEST(Expansion, MeansTheSameIfSlotsAreTheSame) {
  size_t compared = 0;
  OperandTexts operands = someOperands("6");
  for (std::string_view name : {"srcSlot", "sumSlot", "sSlot"})
    operands[std::string(name)] = "1";
  for (const SpellingRow &row : fuzzing::expansionRows())
    compareOnGrid(row, operands, /*hasFrame=*/true, compared);
}

TEST(Expansion, MeansTheSameInSlotsThatWereNeverWritten) {
  size_t compared = 0;
  OperandTexts operands = someOperands("2");
  for (std::string_view name : {"slot", "dstSlot", "iSlot"})
    operands[std::string(name)] = "9";
  operands["srcSlot"] = operands["sumSlot"] = operands["sSlot"] = "12";
  for (const SpellingRow &row : fuzzing::expansionRows())
    compareOnGrid(row, operands, /*hasFrame=*/true, compared);
}

TEST(Expansion, MeansTheSameWithoutAFrame) {
  size_t compared = 0;
  for (const SpellingRow &row : fuzzing::expansionRows())
    for (std::string_view limit : {"1", "0", "3"})
      compareOnGrid(row, someOperands(limit), /*hasFrame=*/false, compared);
}

} // namespace
} // namespace fusevm
