//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_BRACEEXPAND_H
#define FUSEVM_LIB_HOST_SHELL_BRACEEXPAND_H

#include "absl/status/statusor.h"

#include <string>
#include <string_view>
#include <vector>

namespace fusevm::shell {

/// The most words that one text may expand to.
inline constexpr size_t maxBraceWords = size_t(1) << 22;
/// The most bytes that they may have together.
inline constexpr size_t maxBraceBytes = size_t(1) << 30;

/// Expands `{a,b}` and `{1..3}` in \p text, nested or not. ResourceExhausted if there would
/// be too many words.
absl::StatusOr<std::vector<std::string>> expandBraces(std::string_view text);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_BRACEEXPAND_H
