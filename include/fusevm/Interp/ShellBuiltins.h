//===- ShellBuiltins.h - Numbers of shell builtins --------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The numbers under which shell frontends register their builtins and with which
/// CallBuiltin calls them. They are part of what a stored chunk means. fusevm itself
/// registers none.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_SHELLBUILTINS_H
#define FUSEVM_INTERP_SHELLBUILTINS_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace fusevm {

enum class ShellBuiltin : uint16_t {
#define FUSEVM_SHELL_BUILTIN(Name, Id) Name = Id,
#include "fusevm/Interp/ShellBuiltins.def"
};

/// Every number is below this.
inline constexpr uint16_t shellBuiltinLimit = 280;

/// Returns the number of the builtin called \p name; nothing if there is none.
std::optional<uint16_t> shellBuiltinId(std::string_view name);

/// Whether there is a builtin called \p name.
inline bool isShellBuiltin(std::string_view name) { return shellBuiltinId(name).has_value(); }

} // namespace fusevm

#endif // FUSEVM_INTERP_SHELLBUILTINS_H
