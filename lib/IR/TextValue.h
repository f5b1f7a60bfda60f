//===- TextValue.h - Literals of the text format ----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_TEXTVALUE_H
#define FUSEVM_LIB_IR_TEXTVALUE_H

#include "TextLexer.h"

#include "fusevm/Runtime/Value.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace fusevm {

/// The integers that are allowed somewhere.
struct IntegerRange {
  int64_t low;
  uint64_t high;

  /// The range of an integer type of at most 64 bits.
  template <typename Integer> static constexpr IntegerRange of() {
    return {static_cast<int64_t>(std::numeric_limits<Integer>::min()),
            static_cast<uint64_t>(std::numeric_limits<Integer>::max())};
  }
};

// Each of the functions that read takes the tokens of one literal, and returns false after
// reporting an error.

/// Reads an integer; \p bits is its value sign-extended to 64 bits.
bool readInteger(TextLexer &lexer, const Expected &what, IntegerRange range, uint64_t &bits);

/// Reads the integer in \p text, a part of \p token, which was taken already.
bool readInteger(TextLexer &lexer, const Token &token, std::string_view text, const Expected &what,
                 IntegerRange range, uint64_t &bits);

/// Reads a float; an integer is converted.
bool readFloat(TextLexer &lexer, const Expected &what, double &out);

/// Reads a value of any kind.
bool readValue(TextLexer &lexer, const Expected &what, Value &out);

/// Appends a float such that it is no integer: `2.0`, `1e21`, `nan(0x7ff8000000000001)`.
void appendFloatLiteral(std::string &out, double value);

/// Appends \p text in quotes, with escapes for all but printable UTF-8.
void appendStringLiteral(std::string &out, std::string_view text);

/// Appends \p name, in quotes unless it is an identifier.
void appendNameLiteral(std::string &out, std::string_view name);

} // namespace fusevm

#endif // FUSEVM_LIB_IR_TEXTVALUE_H
