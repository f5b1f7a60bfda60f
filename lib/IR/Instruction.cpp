//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/Instruction.h"

#include "fusevm/IR/AwkIds.h"

namespace fusevm {

void Instruction::setOperand(size_t index, uint64_t bits) {
  assert(index < info().operands.size() && "no such operand");
  switch (opShape(op).field(index)) {
  case Field::A:
    fieldA = static_cast<uint16_t>(bits);
    return;
  case Field::B:
    fieldB = static_cast<uint16_t>(bits);
    return;
  case Field::C:
    fieldC = static_cast<uint16_t>(bits);
    return;
  case Field::Wide:
    fieldWide = bits;
    return;
  case Field::BC:
    fieldB = static_cast<uint16_t>(bits);
    fieldC = static_cast<uint16_t>(bits >> 16);
    return;
  }
}

StackEffect stackEffect(const Instruction &instruction) {
  const OpInfo &info = instruction.info();
  auto resolve = [&](int8_t count) -> uint32_t {
    if (count == CountFromOperand0)
      return static_cast<uint32_t>(instruction.operand(0));
    if (count == CountFromOperand1)
      return static_cast<uint32_t>(instruction.operand(1));
    return count < 0 ? 0 : static_cast<uint32_t>(count);
  };
  StackEffect effect{resolve(info.pops), resolve(info.pushes)};
  // The rows whose count depends on what an operand means.
  switch (instruction.opcode()) {
  case Opcode::AwkLength:
  case Opcode::AwkSrand:
    effect.pops = instruction.a() == 0 ? 0 : 1;
    break;
  case Opcode::ExtendedWide:
    if (isAwkId(instruction.a()))
      effect = awkStackEffect(instruction.a(), instruction.wide());
    break;
  case Opcode::AwkGetline:
    effect.pops = instruction.a() >= 2 && instruction.a() <= 5 ? 1 : 0;
    break;
  case Opcode::ExpandParam: {
    uint16_t modifier = instruction.a();
    bool two = modifier == 9 || modifier == 10 || modifier == 17;
    bool one = modifier <= 8 && modifier != 4;
    effect.pops = 1 + (two ? 2 : one ? 1 : 0);
    break;
  }
  default: // every other row says it itself
    break;
  }
  return effect;
}

} // namespace fusevm
