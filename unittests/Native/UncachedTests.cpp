//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Has all tests compile what they run natively, but those that ask for a CacheFolder.

#include <cstdlib>

[[maybe_unused]] static const int isOff = ::setenv("FUSEVM_JIT_CACHE_DIR", "off", 1);
