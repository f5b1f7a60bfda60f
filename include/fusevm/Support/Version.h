// The version of the library.
// SPDX-License-Identifier: MIT

#ifndef FUSEVM_SUPPORT_VERSION_H
#define FUSEVM_SUPPORT_VERSION_H

#include <string_view>

namespace fusevm {

/// The version of the linked library, such as "0.1.0".
std::string_view version();

} // namespace fusevm

#endif // FUSEVM_SUPPORT_VERSION_H
