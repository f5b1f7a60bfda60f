//===- SpellingText.h - Spellings of fused ops as text ----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The rows of FusedExpansions.def, with operands filled in.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_SPELLINGTEXT_H
#define FUSEVM_FUZZ_SUPPORT_SPELLINGTEXT_H

#include "fusevm/IR/Opcode.h"

#include "absl/types/span.h"

#include <map>
#include <string>
#include <string_view>

namespace fusevm::fuzzing {

/// A row of the table, as it is written there.
struct SpellingRow {
  Opcode fused;
  std::string_view needs; ///< nothing for an expansion
  std::string_view ops;
};

absl::Span<const SpellingRow> expansionRows();
absl::Span<const SpellingRow> spellingRows();
absl::Span<const SpellingRow> loopBodyRows();

/// The texts of operands, by name.
using OperandTexts = std::map<std::string, std::string, std::less<>>;

/// Returns \p ops in the text format, an op a line, with \p operands in place of names.
/// Labels get \p labelSuffix. For "limit-1" the limit must be a number.
std::string instantiate(std::string_view ops, const OperandTexts &operands,
                        std::string_view labelSuffix = "");

/// Returns the op \p fused with its operands, as the only element of a row.
std::string fusedOpText(Opcode fused);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_SPELLINGTEXT_H
