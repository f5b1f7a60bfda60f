//===- Utf8.h - Checking UTF-8 ----------------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_SUPPORT_UTF8_H
#define FUSEVM_SUPPORT_UTF8_H

#include <cstddef>
#include <string_view>

namespace fusevm {

/// Returns how many bytes at the front of \p text are whole, well-formed UTF-8 sequences
/// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF); the size of
/// \p text if all of it is valid.
size_t validUtf8Prefix(std::string_view text);

} // namespace fusevm

#endif // FUSEVM_SUPPORT_UTF8_H
