//===- CodeCache.h - Native code on disk ------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where native code is kept between runs of a program, so that it need not be compiled again. All
/// of this is one for the process, and safe to use from many threads. Nothing of it can make a
/// program fail: what cannot be read is compiled, and what cannot be written is not kept.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_NATIVE_CODECACHE_H
#define FUSEVM_NATIVE_CODECACHE_H

#include <cstdint>
#include <optional>
#include <string>

namespace fusevm {

/// Has code kept in \p directory, which is made when there is something to keep, whatever the
/// environment says; nothing: as the environment says.
void setJitCacheDir(std::optional<std::string> directory);

/// Where code is kept: as was set, or else FUSEVM_JIT_CACHE_DIR, or fusevm-jit in XDG_CACHE_HOME,
/// in .cache in HOME, or in the folder for temporary files. Nothing if none is kept, because
/// FUSEVM_JIT_CACHE_DIR is empty or one of off, 0, no, none, false and disabled. A program that
/// runs with other rights than its user's keeps none unless it was set.
std::optional<std::string> jitCacheDir();

/// How many bytes of files there may be before the oldest ones are removed; 0: any number.
/// Nothing: as FUSEVM_JIT_CACHE_MAX_BYTES says, a number with an optional k, m or g, or one of off,
/// none and unlimited; else 256 MiB.
void setJitCacheMaxBytes(std::optional<uint64_t> bytes);

/// The bytes of all files of code; nothing if none is kept.
std::optional<uint64_t> jitCacheSizeBytes();

/// Where there are more bytes than there may be, removes the oldest files until a fifth less than
/// that is left. Returns the number of bytes removed. Happens by itself now and then.
uint64_t pruneJitCache();

/// Removes all files of code. Returns how many.
uint64_t clearJitCache();

} // namespace fusevm

#endif // FUSEVM_NATIVE_CODECACHE_H
