//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_INTERP_SHELL_DEFAULTGLOB_H
#define FUSEVM_LIB_INTERP_SHELL_DEFAULTGLOB_H

#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// Returns the paths that match \p pattern in the dialect that the glob ops use without a
/// host: `?`, `*` and sets match a leading dot too, `**` as a whole component stands for
/// any directories, nothing can be escaped. None if the pattern is malformed.
std::vector<std::string> defaultGlob(std::string_view pattern);

/// Whether \p name, of one component, matches \p pattern; false if that is malformed.
bool defaultGlobMatches(std::string_view pattern, std::string_view name);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_SHELL_DEFAULTGLOB_H
