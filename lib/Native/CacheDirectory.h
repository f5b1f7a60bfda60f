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

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fusevm {

/// A folder for native code.
class CacheDirectory {
public:
  /// \p mostBytes: how many there may be of files; 0: any number.
  explicit CacheDirectory(std::string path, uint64_t mostBytes = 0)
      : path(std::move(path)), mostBytes(mostBytes) {}
  /// What jitCacheDir() says, and how many bytes there may be; nothing if no code is kept. Not for
  /// a child that a process with several threads has forked.
  static std::optional<CacheDirectory> find();

  /// The contents of the file called \p name; empty if there is none, or if somebody else could
  /// have changed it.
  std::string read(std::string_view name) const;
  /// Replaces that file, so that who reads it sees all of it or the one before. Does nothing if
  /// that is not possible.
  void write(std::string_view name, std::string_view bytes) const;

  uint64_t size() const;
  uint64_t prune() const;
  uint64_t clear() const;

private:
  std::string path;
  uint64_t mostBytes;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_CACHEDIRECTORY_H
