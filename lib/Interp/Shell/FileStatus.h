//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_INTERP_SHELL_FILESTATUS_H
#define FUSEVM_LIB_INTERP_SHELL_FILESTATUS_H

#include <cstdint>
#include <string_view>

namespace fusevm {

/// Whether file test \p test, a FileTest, holds for \p path. False for any other number and
/// for a path that cannot be looked up.
bool fileTestHolds(uint8_t test, std::string_view path);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_SHELL_FILESTATUS_H
