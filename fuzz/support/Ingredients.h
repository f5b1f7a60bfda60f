//===- Ingredients.h - Values and operands from fuzzer input ----*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What generated chunks are made of. Ops are chosen and filled in from the op table, so
/// that a new op is fuzzed the day it is added.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_INGREDIENTS_H
#define FUSEVM_FUZZ_SUPPORT_INGREDIENTS_H

#include "ByteReader.h"

#include "fusevm/IR/Instruction.h"
#include "fusevm/Runtime/Value.h"

#include <string>
#include <vector>

namespace fusevm::fuzzing {

/// Ids of builtins and extension ops that mean something to Callbacks.h.
inline constexpr size_t calloutIds = 32;
/// Those of them that do to the stack what the analysis takes for granted.
inline constexpr size_t balancedCalloutIds = 20;
/// Those of them that set a slot or a global.
inline constexpr uint16_t firstSettingCallout = 7;
inline constexpr uint16_t lastSettingCallout = 8;

/// Integers and floats: mostly small, sometimes at an edge, sometimes anything.
int64_t makeInteger(ByteReader &bytes);
double makeFloat(ByteReader &bytes);

/// A short text: often a number or nearly one, sometimes not UTF-8.
std::string makeText(ByteReader &bytes);

/// A value of any kind, containers up to \p depth levels deep.
Value makeValue(ByteReader &bytes, unsigned depth = 3);

/// What operands may refer to.
struct OperandBounds {
  size_t ops = 0;
  size_t constants = 0;
  size_t names = 0;
  size_t slots = 8;
  size_t blocks = 0;
  size_t subChunks = 0;
  size_t callouts = balancedCalloutIds;
  /// Percentage of operands that are anything the field can hold.
  unsigned nonsense = 0;
};

/// Makes \p opcode with operands within \p bounds.
Instruction makeInstruction(Opcode opcode, const OperandBounds &bounds, ByteReader &bytes);

/// The ops of the table, by what a generator can do with them.
struct OpLists {
  std::vector<Opcode> core;         ///< all but those of the shell and AWK
  std::vector<Opcode> hosted;       ///< those of the shell and AWK
  std::vector<Opcode> leaves;       ///< pop nothing, push one value
  std::vector<Opcode> computations; ///< pop values, push one
  std::vector<Opcode> numeric;      ///< those of them that combine two numbers
  std::vector<Opcode> comparisons;  ///< those of them that compare two numbers
  std::vector<Opcode> chained;      ///< those of them that compute scalars from scalars
  std::vector<Opcode> awkChained;   ///< ops of AWK that do so, and need no host
  std::vector<Opcode> shuffles;     ///< push several values
  std::vector<Opcode> statements;   ///< push nothing
  std::vector<Opcode> callouts;     ///< call the embedder
  std::vector<Opcode> branches;
  std::vector<Opcode> blockValues;     ///< block ops that push a value
  std::vector<Opcode> blockStatements; ///< block ops that do not
};

const OpLists &opLists();

/// Whether the op does the same whenever it is run. Others are never generated.
bool isReproducible(Opcode opcode);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_INGREDIENTS_H
