//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The files of the directory where native code is kept.

#ifndef FUSEVM_LIB_NATIVE_CACHEDIRECTORY_H
#define FUSEVM_LIB_NATIVE_CACHEDIRECTORY_H

#include <string>
#include <string_view>

namespace fusevm {

/// The contents of the file called \p name; empty if there is none, or if somebody else could have
/// changed it.
std::string readCacheFile(std::string_view name);

/// Replaces that file, so that who reads it sees all of it or the one before. Does nothing if that
/// is not possible.
void writeCacheFile(std::string_view name, std::string_view bytes);

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_CACHEDIRECTORY_H
