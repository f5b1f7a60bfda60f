//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "SpellingText.h"

#include "fusevm/Support/StrCat.h"

#include "absl/strings/str_split.h"

#include <vector>

namespace fusevm::fuzzing {

absl::Span<const SpellingRow> expansionRows() {
  static constexpr SpellingRow rows[] = {
#define FUSEVM_EXPANSION(Name, Ops) {Opcode::Name, "", Ops},
#include "fusevm/IR/FusedExpansions.def"
  };
  return rows;
}

absl::Span<const SpellingRow> spellingRows() {
  static constexpr SpellingRow rows[] = {
#define FUSEVM_SPELLING(Name, Needs, Ops) {Opcode::Name, Needs, Ops},
#include "fusevm/IR/FusedExpansions.def"
  };
  return rows;
}

absl::Span<const SpellingRow> loopBodyRows() {
  static constexpr SpellingRow rows[] = {
#define FUSEVM_LOOP_BODY(Name, Needs, Ops) {Opcode::Name, Needs, Ops},
#include "fusevm/IR/FusedExpansions.def"
  };
  return rows;
}

static std::string instantiateWord(std::string_view word, const OperandTexts &operands,
                                   std::string_view labelSuffix) {
  if (auto operand = operands.find(word); operand != operands.end())
    return operand->second;
  if (word == "limit-1")
    return strCat(std::stoll(operands.find("limit")->second) - 1);
  if (word.ends_with(':'))
    return strCat(word.substr(0, word.size() - 1), labelSuffix, ":");
  bool isLabel = word == "loop" || word == "done" || word == "array" || word == "begin";
  return strCat(word, isLabel ? labelSuffix : "");
}

std::string instantiate(std::string_view ops, const OperandTexts &operands,
                        std::string_view labelSuffix) {
  std::string text;
  std::vector<std::string> rows = absl::StrSplit(absl::string_view(ops.data(), ops.size()), "; ");
  for (const std::string &row : rows) {
    std::vector<std::string> words = absl::StrSplit(row, ' ');
    for (const std::string &word : words)
      strAppend(text, "  ", instantiateWord(word, operands, labelSuffix));
    text += '\n';
  }
  return text;
}

std::string fusedOpText(Opcode fused) {
  std::string text(opName(fused));
  for (const OperandInfo &operand : opInfo(fused).operands)
    strAppend(text, " ", operand.name);
  return text;
}

} // namespace fusevm::fuzzing
