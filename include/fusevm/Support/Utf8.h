//===- Utf8.h - UTF-8 -------------------------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_SUPPORT_UTF8_H
#define FUSEVM_SUPPORT_UTF8_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fusevm {

/// Returns how many bytes at the front of \p text are whole, well-formed UTF-8 sequences
/// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF); the size of
/// \p text if all of it is valid.
size_t validUtf8Prefix(std::string_view text);

/// A character at the front of a text. Of an ill-formed sequence each byte is a character
/// of its own.
struct Utf8Character {
  char32_t codePoint; ///< the byte, if it is ill-formed
  uint32_t size;      ///< in bytes
  bool wellFormed;
};

/// Returns the first character of \p text, which must not be empty.
Utf8Character firstCharacter(std::string_view text);

/// Returns how many characters \p text has.
size_t countCharacters(std::string_view text);

/// Returns at which byte of \p text character number \p count, from 0, begins; the size of
/// \p text if it has no more characters than that.
size_t characterOffset(std::string_view text, size_t count);

/// Whether \p codePoint can be encoded: not a surrogate, and at most U+10FFFF.
bool isUnicodeScalar(uint64_t codePoint);

/// Appends \p codePoint, a Unicode scalar value.
void appendUtf8(std::string &out, char32_t codePoint);

} // namespace fusevm

#endif // FUSEVM_SUPPORT_UTF8_H
