//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// AWK's extended regular expressions in the syntax of RE2.

#ifndef FUSEVM_LIB_HOST_AWK_ERETRANSLATOR_H
#define FUSEVM_LIB_HOST_AWK_ERETRANSLATOR_H

#include <optional>
#include <string>
#include <string_view>

namespace fusevm::awk {

/// Returns \p ere in RE2's own syntax. What RE2 has not, \< and \>, becomes \b. Ill-formed
/// expressions are left for RE2 to refuse.
std::string translateEre(std::string_view ere);

/// If \p ere has no operators, sets \p literal to the text that it matches.
bool isLiteralEre(std::string_view ere, std::string &literal);

/// If \p ere matches one of some ASCII characters, as `[:;]` does, or with \p repeats a run of
/// them, as `[0-9]+`, returns the expression of one in RE2's syntax.
std::optional<std::string> asciiOperand(std::string_view ere, bool &repeats);

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_ERETRANSLATOR_H
