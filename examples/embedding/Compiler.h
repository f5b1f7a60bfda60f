//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The language calc, compiled to a chunk:
///
///   program    = { [ statement ] newline }
///   statement  = "let" name "=" expression | "print" expression { "," expression }
///   expression = term { ( "+" | "-" | "~" ) term }       a ~ b is the distance of a and b
///   term       = factor { ( "*" | "/" ) factor }
///   factor     = number | text | name | name "(" [ expression { "," expression } ] ")"
///              | "-" factor | "(" expression ")"

#ifndef CALC_COMPILER_H
#define CALC_COMPILER_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/Support/Diagnostic.h"

#include <optional>
#include <string_view>
#include <vector>

namespace calc {

/// The extension op behind `~`: takes two numbers, leaves one.
inline constexpr uint16_t distanceExtension = 1;

/// A function of the language, implemented as a builtin of the VM.
struct Function {
  std::string_view name;
  uint16_t builtin;
};
inline constexpr Function functions[] = {{"max", 0}, {"sqrt", 1}};

/// Compiles \p source. Without a chunk, \p diagnostics says what is wrong with it.
std::optional<fusevm::Chunk> compile(std::string_view fileName, std::string_view source,
                                     std::vector<fusevm::Diagnostic> &diagnostics);

} // namespace calc

#endif // CALC_COMPILER_H
