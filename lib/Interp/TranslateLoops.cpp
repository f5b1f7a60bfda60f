//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops that one instruction runs in one go. It stands where a loop is come to from the op
/// before; whatever it is not made for it leaves to the loop behind it.

#include "Translator.h"

#include <algorithm>

namespace fusevm {

/// Whether counted loops consist of such ops: those of the spellings in FusedExpansions.def.
static bool isInCountedLoops(Opcode opcode) {
  switch (opcode) {
  case Opcode::Add:
  case Opcode::AddAssignSlotVoid:
  case Opcode::ArrayPush:
  case Opcode::Concat:
  case Opcode::Dup:
  case Opcode::GetSlot:
  case Opcode::Inc:
  case Opcode::Jump:
  case Opcode::JumpIfFalse:
  case Opcode::JumpIfTrue:
  case Opcode::LoadConst:
  case Opcode::LoadInt:
  case Opcode::LogNot:
  case Opcode::NumGe:
  case Opcode::NumGt:
  case Opcode::NumLe:
  case Opcode::NumLt:
  case Opcode::Pop:
  case Opcode::PostIncSlot:
  case Opcode::PreIncSlot:
  case Opcode::PreIncSlotVoid:
  case Opcode::SetSlot:
  case Opcode::SlotIncLtIntJumpBack:
  case Opcode::SlotLtIntJumpIfFalse:
  case Opcode::Sub:
  case Opcode::Swap:
    return true;
  default:
    return false;
  }
}

/// Whether the jump at \p jump may end a counted loop: most chunks have none, and finding
/// them takes a table that is better not made.
bool Translator::mayEndCountedLoop(uint64_t jump) const {
  uint64_t target = chunk.ops[jump].target();
  if (target >= jump || jump - target > maxCountedLoopOps)
    return false;
  auto begin = chunk.ops.begin() + static_cast<ptrdiff_t>(target);
  auto end = chunk.ops.begin() + static_cast<ptrdiff_t>(jump);
  return std::all_of(begin, end, [](const Instruction &instruction) {
    return isInCountedLoops(instruction.opcode());
  });
}

void Translator::findLoops() {
  if (!mayHaveCountedLoops)
    return;
  countedLoops = findCountedLoops(chunk);
  std::sort(countedLoops.begin(), countedLoops.end(),
            [](const FusedSite &a, const FusedSite &b) { return a.start > b.start; });
  for (const FusedSite &site : countedLoops)
    if (site.next < chunk.ops.size())
      leaders[site.next] = true;
}

/// Puts the instruction for a loop that begins at \p op, if there is one, in front of it.
void Translator::shortenLoop(uint64_t op) {
  while (!countedLoops.empty() && countedLoops.back().start < op)
    countedLoops.pop_back();
  if (countedLoops.empty() || countedLoops.back().start != op || !reachable)
    return;
  scopeDepth = analysis.scopeDepth(analysis.scopes[op]);
  writeOutAll();
  const FusedSite &site = countedLoops.back();
  emit(FastCountedLoop, 0).a = static_cast<int32_t>(result.countedLoops.size());
  result.countedLoops.push_back({site, scopeDepth * layout->slots});
  jumpTo(site.next, op - 1);
}

} // namespace fusevm
