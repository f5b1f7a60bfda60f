//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Unicode white space.

#ifndef FUSEVM_LIB_RUNTIME_AWK_WHITESPACE_H
#define FUSEVM_LIB_RUNTIME_AWK_WHITESPACE_H

#include <string_view>

namespace fusevm::awk {

/// Returns \p text without the white space at both ends.
std::string_view trimWhiteSpace(std::string_view text);

/// Takes the next piece without white space off \p text; empty at the end.
std::string_view takeWord(std::string_view &text);

} // namespace fusevm::awk

#endif // FUSEVM_LIB_RUNTIME_AWK_WHITESPACE_H
