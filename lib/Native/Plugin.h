//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Opening the compiler plugin.

#ifndef FUSEVM_LIB_NATIVE_PLUGIN_H
#define FUSEVM_LIB_NATIVE_PLUGIN_H

#include "fusevm/Native/JitPlugin.h"

#include "absl/status/statusor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fusevm {

/// The file name of the plugin.
inline constexpr const char *pluginFileName = "libfusevm-jit.so";

/// Returns the paths where the plugin is looked for, in this order. \p configured, if not
/// empty, is the only one, and the environment variable FUSEVM_JIT_PLUGIN replaces it,
/// except in a setuid program.
std::vector<std::string> pluginPaths(const std::string &configured);

/// Opens the first of \p paths that exists and checks that it belongs to this library. The
/// plugin is never closed.
absl::StatusOr<const FusevmJitPlugin *> openPlugin(const std::vector<std::string> &paths);

/// Returns a number for the plugin that would be opened, and the kind of processor that it makes
/// code for: another one if the file has been replaced since. Nothing if there is none.
std::optional<uint64_t> identifyPlugin(const std::vector<std::string> &paths);

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_PLUGIN_H
