//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_REGEX_H
#define FUSEVM_LIB_HOST_SHELL_REGEX_H

#include "absl/status/statusor.h"

#include <string>
#include <string_view>
#include <vector>

namespace fusevm::shell {

/// What a regular expression matched: the whole match, then its groups; those that took no
/// part are empty.
using RegexGroups = std::vector<std::string>;

/// Matches the POSIX extended regular expression \p regex anywhere in \p text, both up to
/// the first zero byte. Empty groups mean no match. InvalidArgument if the expression is
/// malformed.
absl::StatusOr<RegexGroups> matchRegex(std::string_view text, std::string_view regex);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_REGEX_H
