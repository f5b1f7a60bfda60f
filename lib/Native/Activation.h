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

#include "fusevm/Native/Jit.h"

#include <memory>
#include <vector>

namespace fusevm {

/// The most that the frame of a native call takes of the value stack and of the slots.
struct CallWindow {
  size_t height = 0;
  size_t slots = 0;
};

/// Where control is behind an op that ended with \p status, if native code does not go on.
inline TierExit exitAfter(OpStatus status) {
  switch (status) {
  case OpStatus::Continue:
    return TierExit::Switch;
  case OpStatus::Finished:
    return TierExit::Finished;
  case OpStatus::Failed:
    return TierExit::Failed;
  }
  return TierExit::Failed;
}

/// One entry of a unit.
struct Activation {
  /// The code is left at a jump back when it has executed \p budget ops, unless that is 0.
  Activation(Machine &machine, const NativeUnit &unit, CallWindow window, uint64_t budget,
             const JitConfig &config);
  Activation(const Activation &) = delete;

  /// Runs the unit from ip. Returns the snapshot at which it was left, which has been
  /// applied; null if the machine's state says it all.
  const FusevmSnapshot *run();

  /// How the unit was left by an op that the host executed.
  TierExit exit = TierExit::Switch;
  uint64_t hostCalls = 0;
  /// Whether the unit was left because there is little in it but ops that the host executes.
  bool isMostlyHost = false;
  /// Whether the guard that failed was made to.
  bool hasFailedOnPurpose() const { return context.guardsLeft == 0; }

  /// For all native code.
  static const FusevmHelpers helpers;

private:
  /// A frame of native code that is being left. Without a snapshot all its values are in
  /// memory already.
  struct LeftFrame {
    const FusevmSnapshot *snapshot;
    size_t firstValue;  ///< in leftValues
    size_t stackHeight; ///< of the machine, without a snapshot
  };

  /// The activation that native code runs for.
  static Activation &of(FusevmNativeContext *context) {
    return *static_cast<Activation *>(const_cast<void *>(context->unit));
  }
  static uint32_t runOp(FusevmNativeContext *context, uint32_t snapshot);
  static uint32_t runOpInCall(FusevmNativeContext *context, uint32_t snapshot, FusevmValue *slots,
                              FusevmValue *stack);
  static uint32_t runSimpleOp(FusevmNativeContext *context, uint64_t op, FusevmValue *stackEnd);
  static uint32_t runSimpleOpInCall(FusevmNativeContext *context, uint64_t op,
                                    FusevmValue *stackEnd, FusevmValue *slots);
  static void unwind(FusevmNativeContext *context, uint32_t snapshot);
  static uint32_t deepen(FusevmNativeContext *context, uint64_t framesLeft);

  uint32_t execute(const FusevmSnapshot &snapshot);
  uint32_t executeInCall(const FusevmSnapshot &snapshot, FusevmValue *slots, FusevmValue *stack);
  uint32_t executeSimply(uint64_t op, FusevmValue *stackEnd);
  size_t pushCalleeFrame(uint64_t op, FusevmValue *slots, size_t stackBase);
  void popCalleeFrame(size_t outerSlots);
  const FusevmSnapshot *leaveAt(const FusevmSnapshot &snapshot);
  bool beginOp(const Instruction &current, uint64_t op);
  void apply(const FusevmSnapshot &snapshot, FusevmValue *slots, FusevmValue *stack,
             const uint64_t *values);
  void makeFrames();
  void allowCalls();
  void refresh();
  void sync(uint64_t nextOp);
  void readMeter();
  void cover(const Instruction &instruction);

  FusevmNativeContext context{};
  Machine &machine;
  // Whoever makes an activation sees to it that they are there.
  const NativeUnit *unit;
  const PreparedChunk *prepared;
  const Chunk *chunk;
  const FunctionInfo &function;
  CallWindow window;
  const JitConfig &config;
  uint64_t lastOp; ///< by machine.opsExecuted
  JitCoverage *coverage;
  uint64_t opsBefore; ///< executed before this entry
  uint64_t generation;
  size_t frameCount;
  size_t blockCount;
  size_t stackStart; ///< index of stack position 0
  uint64_t counted = 0;
  size_t takenByFailure = 0;   ///< operands of the simple op that has failed
  std::vector<LeftFrame> left; ///< the innermost first
  std::vector<uint64_t> leftValues;
  uint64_t smallBuffer[64];
  std::unique_ptr<uint64_t[]> largeBuffer;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_ACTIVATION_H
