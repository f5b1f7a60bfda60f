// The version of the library; the build system defines FUSEVM_VERSION.
// SPDX-License-Identifier: MIT

#include "fusevm/Support/Version.h"

namespace fusevm {

std::string_view version() { return FUSEVM_VERSION; }

} // namespace fusevm
