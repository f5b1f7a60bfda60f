//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ExecutedOps.h"

#include "Callbacks.h"

#include "fusevm/Analysis/Verifier.h"
#include "fusevm/Interp/VM.h"

#include <bitset>

namespace fusevm::fuzzing {

void ExecutedOps::add(const std::shared_ptr<const Chunk> &chunk) {
  constexpr unsigned maxSteps = 2000;
  Limits limits;
  limits.maxContainerSize = limits.maxStringBytes = 10'000;
  VM vm(chunk, limits);
  StringOutput output;
  StringInput input("line\n");
  vm.setOutput(output);
  vm.setInput(input);
  vm.setShellHost(makeHarmlessShellHost());
  // In the fast loop every op up to the first that leaves it would be run.
  bool isFast = analyze(*chunk).disposition == Disposition::Fast;
  std::bitset<numOpcodes> seen;
  std::bitset<numOpcodes> seenFast;
  for (unsigned steps = 0; steps != maxSteps && vm.ip() < chunk->ops.size(); ++steps) {
    Opcode opcode = chunk->ops[vm.ip()].opcode();
    vm.setFuel(opInfo(opcode).fuel == FuelCharge::One ? 1 : 1000);
    uint64_t before = vm.statistics().ops;
    RunResult result = vm.run();
    if (vm.statistics().ops == before)
      break;
    seen.set(static_cast<size_t>(opcode));
    if (isFast)
      seenFast.set(static_cast<size_t>(opcode));
    isFast &= opInfo(opcode).control != ControlKind::Block && !opInfo(opcode).has(CallsOut);
    if (!result.isError() || result.error().kind != ErrorKind::Fuel)
      break;
  }
  for (size_t number = 0; number != numOpcodes; ++number) {
    executed[number] += seen[number];
    executedFast[number] += seenFast[number];
  }
}

} // namespace fusevm::fuzzing
