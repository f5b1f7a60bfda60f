//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_TILDEEXPAND_H
#define FUSEVM_LIB_HOST_SHELL_TILDEEXPAND_H

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fusevm::shell {

/// Returns the value of a variable; nothing if it is unset.
using VariableLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Replaces `~`, `~user`, `~+` and `~-` at the front of \p text, up to the first slash.
/// \p variable gives HOME, PWD and OLDPWD.
std::string expandTilde(std::string_view text, const VariableLookup &variable);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_TILDEEXPAND_H
