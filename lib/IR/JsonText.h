//===- JsonText.h - Strings and numbers as JSON -----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_JSONTEXT_H
#define FUSEVM_LIB_IR_JSONTEXT_H

#include <string>
#include <string_view>

namespace fusevm {

// JSON has no numbers for these; strings stand in their place.
inline constexpr std::string_view jsonNaN = "NaN";
inline constexpr std::string_view jsonInfinity = "inf";
inline constexpr std::string_view jsonNegativeInfinity = "-inf";

/// Appends the shortest number that reads back as \p value, always with a point or an
/// exponent; one of the strings above if \p value is not finite.
void appendJsonFloat(std::string &out, double value);

/// Appends \p text, which must be UTF-8, in double quotes.
void appendJsonString(std::string &out, std::string_view text);

} // namespace fusevm

#endif // FUSEVM_LIB_IR_JSONTEXT_H
