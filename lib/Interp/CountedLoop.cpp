//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CountedLoop.h"

#include "Machine.h"
#include "OpBodies.h"

namespace fusevm {

namespace {

class LoopRun {
public:
  LoopRun(Machine &machine, const CountedLoop &loop, Value *base)
      : machine(machine), site(loop.site), slots(base + loop.firstSlot),
        iterations(iterationsOf(slots[site.counter], site.fused.limit())) {}

  bool needsAreMet() const {
    for (size_t i = 0; i != site.numNeeds; ++i) {
      const KindNeed &need = site.needs[i];
      const Value &value = need.isGlobal ? machine.global(need.index) : slots[need.index];
      if (value.kind() != need.kind)
        return false;
    }
    return iterations != 0 || !site.needsIteration;
  }

  /// How many ops it executes, if that is less than \p most.
  std::optional<uint64_t> opCount(uint64_t most) const {
    if (iterations > most / site.opsPerIteration)
      return std::nullopt;
    uint64_t ops = site.opsOnce + iterations * site.opsPerIteration;
    return ops < most ? std::optional(ops) : std::nullopt;
  }

  /// False if something would become too large.
  bool run() {
    const Instruction &fused = site.fused;
    int32_t limit = fused.limit();
    switch (fused.opcode()) {
    case Opcode::AccumSumLoop:
      accumulateSum(slots[fused.a()], slots[fused.b()], limit);
      return true;
    case Opcode::ConcatConstLoop: {
      const Value &piece = machine.constant(fused.a());
      Value &text = slots[fused.b()];
      if (!piece.isStr() ||
          !fits(text.asStr().size(), piece.asStr().size(), machine.limits.maxStringBytes))
        return false;
      return concatRepeatedly(machine, text, slots[fused.c()], piece, limit) == OpStatus::Continue;
    }
    case Opcode::PushIntRangeLoop: {
      Value &array = machine.globals[fused.a()];
      if (!fits(array.asArray().size(), 1, machine.limits.maxContainerSize))
        return false;
      return pushIntRange(machine, array, slots[fused.b()], limit) == OpStatus::Continue;
    }
    default:
      assert(false && "not a loop op");
      return false;
    }
  }

private:
  bool fits(uint64_t size, uint64_t added, uint64_t most) const {
    return size + static_cast<unsigned __int128>(iterations) * added <= most;
  }

  Machine &machine;
  const FusedSite &site;
  Value *slots;
  uint64_t iterations;
};

} // namespace

bool runCountedLoop(Machine &machine, const CountedLoop &loop, Value *base, uint64_t meter,
                    uint64_t &ops) {
  uint64_t floor = machine.bulkFloor();
  if (!machine.fusesLoops || meter < floor)
    return false;
  LoopRun run(machine, loop, base);
  if (!run.needsAreMet())
    return false;
  std::optional<uint64_t> count = run.opCount(meter - floor);
  if (!count || !run.run())
    return false;
  ops = *count;
  return true;
}

} // namespace fusevm
