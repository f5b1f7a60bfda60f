//===- AwkBuiltins.h - AWK builtins without a host --------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the AWK ops compute when no host is attached, and what an AwkHost computes unless
/// it does otherwise. Operands are coerced like those of the core ops, not as AWK does.
/// All are total; only the time functions depend on anything but their operands, none on
/// the locale.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_RUNTIME_AWKBUILTINS_H
#define FUSEVM_RUNTIME_AWKBUILTINS_H

#include "fusevm/Runtime/Value.h"

#include "absl/types/span.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fusevm::awk {

//===----------------------------------------------------------------------===//
// Text; positions and lengths count characters
//===----------------------------------------------------------------------===//

/// The length of the text of \p value; 0 for null.
int64_t length(const Value *value);

/// Characters \p start to \p start + \p count - 1 of the text of \p value, as far as there
/// are any; all from \p start on without a count.
Value substr(const Value &value, int64_t start, std::optional<int64_t> count);

/// The position, from 1, at which the text of \p needle first occurs in that of \p text; 0
/// if nowhere, 1 for an empty needle.
int64_t index(const Value &text, const Value &needle);

/// Full Unicode case conversion, which may change the length. Ill-formed bytes stay.
Value toLower(const Value &value);
Value toUpper(const Value &value);
std::string lowerCase(std::string_view text);
std::string upperCase(std::string_view text);

/// Below, equal to or above zero: the order of two values, as floats if the texts of both
/// are numbers or blank (a NaN equals every number), otherwise by the bytes of the texts.
int compare(const Value &a, const Value &b);

/// The code point, as a Float, of the first character; 0 for an empty text.
Value ord(const Value &value);
/// The character of a code point; an empty text if there is none.
Value chr(const Value &value);

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Truncated toward zero: an Int where it is one of 64 bits, otherwise a Float.
Value integer(const Value &value);

/// \p number, or the positive quiet NaN for any NaN.
double canonicalNaN(double number);

Value sqrt(const Value &x);
Value sin(const Value &x);
Value cos(const Value &x);
Value exp(const Value &x);
Value log(const Value &x);
Value atan2(const Value &y, const Value &x);

/// 1.0 for a true value, else 0.0.
Value mkbool(const Value &value);

/// The quotient of the truncated operands, truncated, as a Float. intdiv gives Undef for a
/// divisor that is or truncates to zero, intdiv0 gives 0.0.
Value intdiv(const Value &dividend, const Value &divisor);
Value intdiv0(const Value &dividend, const Value &divisor);

// Bits. Operands are truncated, saturating, by way of a float.
int64_t foldAnd(absl::Span<const Value> operands);
int64_t foldOr(absl::Span<const Value> operands);
int64_t foldXor(absl::Span<const Value> operands);
int64_t compl_(const Value &value);
/// Shifts by the low 6 bits of \p count; to the right zeros come in.
int64_t lshift(const Value &value, const Value &count);
int64_t rshift(const Value &value, const Value &count);

/// The number that \p text is, or else begins with: decimal; or, as a whole, hexadecimal
/// after 0x and octal after 0. 0.0 for what is none.
double strtonum(std::string_view text);

//===----------------------------------------------------------------------===//
// Random numbers
//===----------------------------------------------------------------------===//

/// The next number in [0, 1); moves \p seed on.
double rand(uint64_t &seed);
/// Sets \p seed, from the clock if \p newSeed is null; returns the low 32 bits of the
/// previous one.
double srand(uint64_t &seed, const Value *newSeed);

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

/// Seconds since the Unix epoch, with a fraction; 0 before it.
double systime();

/// Formats a time; operands: format, seconds since the epoch, whether in UTC. What is no
/// conversion is copied. Names are English.
Value strftime(absl::Span<const Value> operands);

/// Seconds since the epoch of "YYYY MM DD HH MM SS", as a Float; operands: text, whether in
/// UTC. -1.0 for what is no time, or not exactly one in the local zone.
Value mktime(absl::Span<const Value> operands);

} // namespace fusevm::awk

#endif // FUSEVM_RUNTIME_AWKBUILTINS_H
