//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "BoxedActivation.h"

#include "Activation.h"

#include <optional>
#include <utility>

namespace fusevm {

BoxedActivation::BoxedActivation(Machine &machine, std::shared_ptr<const NativeUnit> unitToRun,
                                 JitCoverage *coverage)
    : machine(machine), unit(std::move(unitToRun)), prepared(machine.prepared),
      chunk(machine.chunk), coverage(coverage), generation(machine.generation),
      frameCount(machine.frames.size()), blockCount(machine.blocks.size()) {
  context.helpers = &Activation::helpers;
  context.machine = &machine;
  context.unit = this;
}

TierExit BoxedActivation::run() {
  context.entryOp = settle(/*hasMoved=*/false);
  if (context.entryOp != FUSEVM_NO_OP)
    unit->entry()(&context);
  return exit;
}

uint64_t BoxedActivation::step(FusevmNativeContext *context, uint64_t op) {
  return static_cast<BoxedActivation *>(const_cast<void *>(context->unit))->execute(op);
}

uint64_t BoxedActivation::leave(TierExit how) {
  exit = how;
  return FUSEVM_NO_OP;
}

/// Executes the op at \p op, for which all has been looked at.
uint64_t BoxedActivation::execute(uint64_t op) {
  ++steps;
  const Instruction &instruction = chunk->ops[op];
  if (coverage)
    ++coverage->boxed[static_cast<size_t>(instruction.opcode())];
  if (!machine.charge(instruction, op))
    return leave(TierExit::Failed);
  ++machine.ip;
  OpStatus status = machine.perform(instruction);
  if (status != OpStatus::Continue)
    return leave(exitAfter(status));
  return settle(/*hasMoved=*/true);
}

/// Does what the baseline loop does between two ops; returns the next one.
uint64_t BoxedActivation::settle(bool hasMoved) {
  if (std::optional<LoopExit> end = machine.settle())
    return leave(*end == LoopExit::Finished ? TierExit::Finished : TierExit::Failed);
  // Whoever waits for the end of a call or block began it before this activation.
  if (machine.generation != generation || machine.prepared != prepared ||
      machine.frames.size() < frameCount || machine.blocks.size() < blockCount ||
      (hasMoved && machine.tier && machine.tier->wants(machine)))
    return leave(TierExit::Switch);
  if (machine.ip >= chunk->ops.size())
    return leave(TierExit::Finished);
  return machine.ip;
}

} // namespace fusevm
