//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Every spelling in FusedExpansions.def is found, and does what its fused op does whenever
/// its needs are met.

#include "FusionTestSupport.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Transforms/Fusion.h"

#include "absl/strings/str_split.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fusevm {
namespace {

using fuzzing::instantiate;
using fuzzing::OperandTexts;
using fuzzing::SpellingRow;

/// A slot or global, as an operand's text, and its kind.
using Needs = std::vector<std::pair<std::string, std::string>>;

Needs needsOf(const SpellingRow &row) {
  Needs needs;
  std::vector<std::string> texts = absl::StrSplit(
      absl::string_view(row.needs.data(), row.needs.size()), ", ", absl::SkipEmpty());
  for (const std::string &text : texts) {
    std::vector<std::string> words = absl::StrSplit(text, ' ');
    needs.emplace_back(someOperands().find(words[1])->second, words[0]);
  }
  return needs;
}

/// Ops after which \p needs are met.
std::string prologueFor(const Needs &needs) {
  std::string text;
  for (const auto &[variable, kind] : needs) {
    if (kind == "Int")
      strAppend(text, "  LoadInt 1\n  SetSlot ", variable, "\n");
    if (kind == "Str")
      strAppend(text, "  LoadConst \"s\"\n  SetSlot ", variable, "\n");
    if (kind == "Array")
      strAppend(text, "  DeclareArray ", variable, "\n");
  }
  return text;
}

std::vector<std::string> fusedTextsOf(const Chunk &chunk) {
  std::vector<std::string> texts;
  for (const FusedSite &site : findFusions(chunk, analyze(chunk)))
    texts.emplace_back(opName(site.fused.opcode()));
  return texts;
}

TEST(Spelling, IsFoundWhereItsNeedsAreMet) {
  for (const SpellingRow &row : fuzzing::spellingRows()) {
    std::string ops = programOf(instantiate(row.ops, someOperands()));
    Chunk chunk = chunkFrom(prologueFor(needsOf(row)) + ops);
    EXPECT_THAT(fusedTextsOf(chunk), testing::ElementsAre(std::string(opName(row.fused)))) << ops;
    Chunk expected =
        chunkFrom(prologueFor(needsOf(row)) +
                  programOf(instantiate(fuzzing::fusedOpText(row.fused), someOperands())));
    expected.lines.clear();
    Chunk fused = fuse(chunk);
    fused.lines.clear();
    EXPECT_TRUE(identical(fused, expected)) << printText(fused).value();
  }
}

TEST(Spelling, IsNotFoundWhereNothingIsKnown) {
  for (const SpellingRow &row : fuzzing::spellingRows()) {
    Chunk chunk = chunkFrom(programOf(instantiate(row.ops, someOperands())));
    bool found = !fusedTextsOf(chunk).empty() && fusedTextsOf(chunk)[0] == opName(row.fused);
    EXPECT_EQ(found, row.needs.empty()) << printText(chunk).value();
  }
}

/// Whether what \p needs ask for is in \p surroundings.
bool areMet(const Needs &needs, const Surroundings &surroundings) {
  for (const auto &[variable, kind] : needs)
    if (kindName(surroundings.slots[std::stoul(variable)].kind()) != kind)
      return false;
  return true;
}

/// Compares \p row with its fused op; returns for how many values of its slots.
size_t compareOnGrid(const SpellingRow &row, const OperandTexts &operands) {
  size_t compared = 0;
  auto plain = std::make_shared<const Chunk>(chunkFrom(programOf(instantiate(row.ops, operands))));
  auto fused = std::make_shared<const Chunk>(
      chunkFrom(programOf(instantiate(fuzzing::fusedOpText(row.fused), operands))));
  for (const Value &first : valueGrid())
    for (const Value &second : valueGrid()) {
      Surroundings surroundings{{Value::makeInt(8), first, second}, Value(), true};
      if (!areMet(needsOf(row), surroundings))
        continue;
      ++compared;
      EXPECT_EQ(compareRuns(plain, fused, surroundings), std::nullopt)
          << row.ops << " with " << describe(surroundings);
    }
  return compared;
}

TEST(Spelling, MeansTheSameWhereItsNeedsAreMet) {
  for (const SpellingRow &row : fuzzing::spellingRows())
    for (std::string_view limit : {"4", "0", "2", "2147483647", "-2147483648"})
      EXPECT_GE(compareOnGrid(row, someOperands(limit)), 40u) << row.ops;
}

TEST(Spelling, MeansTheSameIfSlotsAreTheSame) {
  OperandTexts operands = someOperands();
  operands["srcSlot"] = "1";
  for (const SpellingRow &row : fuzzing::spellingRows())
    (void)compareOnGrid(row, operands);
}

} // namespace
} // namespace fusevm
