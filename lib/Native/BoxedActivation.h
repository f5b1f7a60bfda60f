//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Boxed code that is running: native code that has the host execute each op. The machine's
/// state is the canonical one all the time.

#ifndef FUSEVM_LIB_NATIVE_BOXEDACTIVATION_H
#define FUSEVM_LIB_NATIVE_BOXEDACTIVATION_H

#include "../Interp/Machine.h"

#include "fusevm/Native/Jit.h"

#include <memory>

namespace fusevm {

/// One entry of a boxed unit. While it is there its code is.
struct BoxedActivation {
  /// \p coverage may be null.
  BoxedActivation(Machine &machine, std::shared_ptr<const NativeUnit> unit, JitCoverage *coverage);
  BoxedActivation(const BoxedActivation &) = delete;

  /// Runs the unit from ip.
  TierExit run();

  /// FusevmHelpers::step.
  static uint64_t step(FusevmNativeContext *context, uint64_t op);

  uint64_t steps = 0; ///< ops that were executed

private:
  uint64_t execute(uint64_t op);
  uint64_t settle(bool hasMoved);
  uint64_t leave(TierExit how);

  FusevmNativeContext context{};
  Machine &machine;
  std::shared_ptr<const NativeUnit> unit;
  std::shared_ptr<const PreparedChunk> prepared;
  std::shared_ptr<const Chunk> chunk;
  JitCoverage *coverage;
  uint64_t generation;
  size_t frameCount;
  size_t blockCount;
  TierExit exit = TierExit::Switch;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_BOXEDACTIVATION_H
