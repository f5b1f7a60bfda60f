//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Native code that is running: the way between its state and the canonical one.

#ifndef FUSEVM_LIB_NATIVE_ACTIVATION_H
#define FUSEVM_LIB_NATIVE_ACTIVATION_H

#include "../Interp/Machine.h"

#include "fusevm/Native/Engine.h"

#include <memory>

namespace fusevm {

/// One entry of a unit. While it is there its code is.
struct Activation {
  Activation(Machine &machine, std::shared_ptr<const NativeUnit> unit, uint64_t failingGuard);
  Activation(const Activation &) = delete;

  /// Runs the unit from ip. Returns the snapshot at which it was left, which has been
  /// applied; null if the machine's state says it all.
  const FusevmSnapshot *run();

  /// How the unit was left by an op that the host executed.
  TierExit exit = TierExit::Switch;
  uint64_t hostCalls = 0;

  /// For all native code.
  static const FusevmHelpers helpers;

private:
  static uint32_t runOp(FusevmNativeContext *context, uint32_t snapshot);

  uint32_t execute(const FusevmSnapshot &snapshot);
  void apply(const FusevmSnapshot &snapshot);
  void refresh();
  void sync(uint64_t nextOp);
  void readMeter();

  FusevmNativeContext context{};
  Machine &machine;
  std::shared_ptr<const NativeUnit> unit;
  std::shared_ptr<const PreparedChunk> prepared;
  std::shared_ptr<const Chunk> chunk;
  const FunctionInfo &function;
  size_t frameCount;
  size_t blockCount;
  size_t stackStart; ///< index of stack position 0
  uint64_t counted = 0;
  uint64_t smallBuffer[64];
  std::unique_ptr<uint64_t[]> largeBuffer;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_ACTIVATION_H
