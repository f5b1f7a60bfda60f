//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/Instruction.h"

#include "fusevm/IR/AwkIds.h"

#include <array>

namespace fusevm {

namespace {

/// Where an operand lies in an instruction.
enum class Field : uint8_t { A, B, C, Wide, BC };

struct Layout {
  std::array<Field, 4> fields{};
  int target = -1;
};

Layout layoutOf(const OpInfo &info) {
  Layout layout;
  bool hasWide = false;
  for (const OperandInfo &operand : info.operands) {
    OperandType type = operandType(operand.kind);
    hasWide |= type == OperandType::I64 || type == OperandType::U64 || type == OperandType::F64;
  }
  unsigned narrow = 0;
  for (size_t i = 0; i != info.operands.size(); ++i) {
    switch (operandType(info.operands[i].kind)) {
    case OperandType::U8:
    case OperandType::U16:
      layout.fields[i] = static_cast<Field>(narrow++);
      break;
    case OperandType::I32:
      layout.fields[i] = hasWide ? Field::BC : Field::Wide;
      break;
    case OperandType::I64:
    case OperandType::U64:
    case OperandType::F64:
      layout.fields[i] = Field::Wide;
      break;
    }
    if (info.operands[i].kind == OperandKind::Target)
      layout.target = static_cast<int>(i);
  }
  return layout;
}

const Layout &layout(Opcode opcode) {
  static const auto layouts = [] {
    std::array<Layout, numOpcodes> result;
    for (size_t i = 0; i != numOpcodes; ++i)
      result[i] = layoutOf(opInfo(static_cast<Opcode>(i)));
    return result;
  }();
  return layouts[static_cast<size_t>(opcode)];
}

} // namespace

uint64_t Instruction::operand(size_t index) const {
  assert(index < info().operands.size() && "no such operand");
  switch (layout(op).fields[index]) {
  case Field::A:
    return fieldA;
  case Field::B:
    return fieldB;
  case Field::C:
    return fieldC;
  case Field::Wide:
    return fieldWide;
  case Field::BC:
    return static_cast<uint64_t>(int64_t{limit()});
  }
  return 0;
}

void Instruction::setOperand(size_t index, uint64_t bits) {
  assert(index < info().operands.size() && "no such operand");
  switch (layout(op).fields[index]) {
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

int Instruction::targetOperand() const { return layout(op).target; }

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
