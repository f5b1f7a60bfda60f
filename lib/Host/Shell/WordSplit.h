//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_WORDSPLIT_H
#define FUSEVM_LIB_HOST_SHELL_WORDSPLIT_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm::shell {

/// Splits \p text into fields at the characters of \p separators, the value of IFS; nothing
/// if that is unset. Space, tab and newline separate in runs; any other character ends a
/// field each time.
std::vector<std::string> splitWords(std::string_view text,
                                    std::optional<std::string_view> separators);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_WORDSPLIT_H
