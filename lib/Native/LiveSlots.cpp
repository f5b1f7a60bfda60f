//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "LiveSlots.h"

namespace fusevm {

/// The slots that \p instruction names.
static uint64_t slotsOf(const Instruction &instruction) {
  uint64_t slots = 0;
  const OpInfo &info = instruction.info();
  for (size_t i = 0; i != info.operands.size(); ++i)
    if (info.operands[i].kind == OperandKind::Slot && instruction.operand(i) < 64)
      slots |= uint64_t(1) << instruction.operand(i);
  return slots;
}

/// What is live before \p instruction, given what is behind it and at its target.
static uint64_t liveBefore(const Instruction &instruction, uint64_t behind, uint64_t atTarget) {
  const OpInfo &info = instruction.info();
  uint64_t live = behind;
  switch (info.control) {
  case ControlKind::Next:
  case ControlKind::Call:
    break;
  case ControlKind::Jump:
    live = atTarget;
    break;
  case ControlKind::Branch:
    live |= atTarget;
    break;
  case ControlKind::Return:
  case ControlKind::Halt:
    live = 0;
    break;
  // There are other slots in a scope, and what a block does is not looked at.
  case ControlKind::PushScope:
  case ControlKind::PopScope:
  case ControlKind::Block:
    return UINT64_MAX;
  }
  if (info.has(CallsOut))
    return UINT64_MAX;
  if (info.has(ReadsSlots))
    return live | slotsOf(instruction);
  return info.has(WritesSlots) ? live & ~slotsOf(instruction) : live;
}

std::vector<uint64_t> findLiveSlots(const Chunk &chunk) {
  size_t count = chunk.ops.size();
  // Behind the last op nothing is read.
  std::vector<uint64_t> live(count + 1, 0);
  for (bool hasChanged = true; hasChanged;) {
    hasChanged = false;
    for (size_t op = count; op-- != 0;) {
      const Instruction &instruction = chunk.ops[op];
      bool hasTarget = instruction.targetOperand() >= 0 && instruction.target() < count;
      uint64_t before =
          liveBefore(instruction, live[op + 1], hasTarget ? live[instruction.target()] : 0);
      hasChanged |= before != live[op];
      live[op] = before;
    }
  }
  return live;
}

} // namespace fusevm
