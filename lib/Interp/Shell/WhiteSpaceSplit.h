//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_INTERP_SHELL_WHITESPACESPLIT_H
#define FUSEVM_LIB_INTERP_SHELL_WHITESPACESPLIT_H

#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// Returns the pieces of \p text between runs of Unicode white space; none is empty.
std::vector<std::string> splitAtWhiteSpace(std::string_view text);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_SHELL_WHITESPACESPLIT_H
