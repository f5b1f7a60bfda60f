//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// A folder for native code, for tests.

#ifndef FUSEVM_UNITTESTS_NATIVE_CACHEFOLDER_H
#define FUSEVM_UNITTESTS_NATIVE_CACHEFOLDER_H

#include "fusevm/Native/CodeCache.h"
#include "fusevm/Support/StrCat.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fusevm::fuzzing {

/// An empty folder where native code is kept as long as it lives, however little room that takes.
class CacheFolder {
public:
  CacheFolder() {
    std::string pattern = testing::TempDir() + "fusevm-cache-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    setJitCacheDir(folder);
  }
  CacheFolder(const CacheFolder &) = delete;
  CacheFolder &operator=(const CacheFolder &) = delete;
  ~CacheFolder() {
    setJitCacheDir(std::nullopt);
    setJitCacheMaxBytes(std::nullopt);
    std::filesystem::remove_all(folder);
  }

  const std::string &path() const { return folder; }

  /// The names of all that is in it, in order.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto &entry : std::filesystem::directory_iterator(folder))
      result.push_back(entry.path().filename());
    std::sort(result.begin(), result.end());
    return result;
  }

  /// Makes a file of this content and returns its path.
  std::string write(const std::string &name, const std::string &content) const {
    std::string path = strCat(folder, "/", name);
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

private:
  std::string folder;
};

} // namespace fusevm::fuzzing

#endif // FUSEVM_UNITTESTS_NATIVE_CACHEFOLDER_H
