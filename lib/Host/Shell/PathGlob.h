//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_PATHGLOB_H
#define FUSEVM_LIB_HOST_SHELL_PATHGLOB_H

#include <string>
#include <string_view>
#include <vector>

namespace fusevm::shell {

/// Returns the paths that match \p pattern, sorted by their bytes; none if there are none.
/// Wildcards match no slash and no dot at the front of a component. If \p recursive, a
/// component `**` stands for any directories below, neither hidden nor reached by links.
std::vector<std::string> globPaths(std::string_view pattern, bool recursive);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_PATHGLOB_H
