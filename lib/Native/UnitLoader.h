//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// From the plugin's answer to a unit that can be called.

#ifndef FUSEVM_LIB_NATIVE_UNITLOADER_H
#define FUSEVM_LIB_NATIVE_UNITLOADER_H

#include "CodeArena.h"

#include "fusevm/Native/Engine.h"

#include <memory>
#include <mutex>

namespace fusevm {

/// Safe to use from many threads.
class UnitLoader {
public:
  /// \p config must live as long as the loader.
  explicit UnitLoader(const NativeConfig &config) : config(config) {}

  /// Copies what \p answer, which is no refusal, points at. Says nothing about times and
  /// listings if it has none.
  absl::StatusOr<std::shared_ptr<const NativeUnit>> load(const FusevmJitAnswer &answer);

  /// Bytes of code that are there now.
  size_t liveCodeBytes() const;

private:
  absl::StatusOr<std::shared_ptr<CodeArena>> getArena();

  const NativeConfig &config;
  mutable std::mutex mutex;
  std::shared_ptr<CodeArena> arena;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_UNITLOADER_H
