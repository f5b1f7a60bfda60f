//===- OpShape.h - What is asked of every op of a chunk ---------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The part of an op's row that whoever walks a whole chunk asks for, in eight bytes and
/// without a call. The rest is in OpInfo.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_OPSHAPE_H
#define FUSEVM_IR_OPSHAPE_H

#include "fusevm/IR/Opcode.h"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace fusevm {

/// Where an operand lies in an instruction.
enum class Field : uint8_t { A, B, C, Wide, BC };

/// What an op takes, leaves and where it goes, and where its operands lie.
struct OpShape {
  int8_t pops = 0;   ///< number, or a StackCount
  int8_t pushes = 0; ///< number, or a StackCount
  ControlKind control = ControlKind::Next;
  uint8_t effects = Pure; ///< Effect bits
  int8_t target = -1;     ///< index of the operand of kind Target, or -1
  uint8_t slotFields = 0; ///< bit n: Field n holds a slot
  uint16_t fields = 0;    ///< three bits an operand

  constexpr bool has(Effect effect) const { return (effects & effect) != 0; }

  /// Returns where operand \p index lies.
  constexpr Field field(size_t index) const { return static_cast<Field>(fields >> 3 * index & 7); }

  /// Whether there is a slot among the operands that lie in \p field.
  constexpr bool hasSlotIn(Field field) const {
    return (slotFields & 1U << static_cast<unsigned>(field)) != 0;
  }
};

static_assert(sizeof(OpShape) == 8);

namespace detail {

constexpr bool isWide(OperandType type) {
  return type == OperandType::I64 || type == OperandType::U64 || type == OperandType::F64;
}

/// Lays \p operands out: see Instruction.
constexpr OpShape makeOpShape(int pops, int pushes, ControlKind control, int effects,
                              std::initializer_list<OperandKind> operands) {
  OpShape shape;
  shape.pops = static_cast<int8_t>(pops);
  shape.pushes = static_cast<int8_t>(pushes);
  shape.control = control;
  shape.effects = static_cast<uint8_t>(effects);
  bool hasWide = false;
  for (OperandKind kind : operands)
    hasWide |= isWide(operandType(kind));
  int index = 0;
  unsigned narrow = 0;
  for (OperandKind kind : operands) {
    OperandType type = operandType(kind);
    unsigned field = narrow;
    if (isWide(type))
      field = static_cast<unsigned>(Field::Wide);
    else if (type == OperandType::I32)
      field = static_cast<unsigned>(hasWide ? Field::BC : Field::Wide);
    else
      ++narrow;
    shape.fields = static_cast<uint16_t>(shape.fields | field << 3 * index);
    if (kind == OperandKind::Slot)
      shape.slotFields = static_cast<uint8_t>(shape.slotFields | 1U << field);
    if (kind == OperandKind::Target)
      shape.target = static_cast<int8_t>(index);
    ++index;
  }
  return shape;
}

constexpr std::array<OpShape, numOpcodes> makeOpShapes() {
  // Spellings that only the table uses.
  constexpr int8_t O0 = CountFromOperand0;
  constexpr int8_t O1 = CountFromOperand1;
  constexpr int8_t V = CountVaries;
  std::array<OpShape, numOpcodes> shapes;
#define FUSEVM_SHAPE(Number, Operands, Pops, Pushes, Short, Control, Effects, ...)                 \
  shapes[Number] = makeOpShape(Pops, Pushes, ControlKind::Control, Effects, {FUSEVM_LIST Operands});
#define FUSEVM_LIST(...) __VA_ARGS__
#define FUSEVM_OP0(Name, Number, Section, ...) FUSEVM_SHAPE(Number, (), __VA_ARGS__)
#define FUSEVM_OP1(Name, Number, Section, K0, N0, ...)                                             \
  FUSEVM_SHAPE(Number, (OperandKind::K0), __VA_ARGS__)
#define FUSEVM_OP2(Name, Number, Section, K0, N0, K1, N1, ...)                                     \
  FUSEVM_SHAPE(Number, (OperandKind::K0, OperandKind::K1), __VA_ARGS__)
#define FUSEVM_OP3(Name, Number, Section, K0, N0, K1, N1, K2, N2, ...)                             \
  FUSEVM_SHAPE(Number, (OperandKind::K0, OperandKind::K1, OperandKind::K2), __VA_ARGS__)
#define FUSEVM_OP4(Name, Number, Section, K0, N0, K1, N1, K2, N2, K3, N3, ...)                     \
  FUSEVM_SHAPE(Number, (OperandKind::K0, OperandKind::K1, OperandKind::K2, OperandKind::K3),       \
               __VA_ARGS__)
#include "fusevm/IR/Ops.def"
#undef FUSEVM_LIST
#undef FUSEVM_SHAPE
  return shapes;
}

inline constexpr std::array<OpShape, numOpcodes> opShapes = makeOpShapes();

} // namespace detail

/// Returns the shape of \p opcode.
inline OpShape opShape(Opcode opcode) {
  assert(static_cast<size_t>(opcode) < numOpcodes && "not an op");
  return detail::opShapes[static_cast<size_t>(opcode)];
}

} // namespace fusevm

#endif // FUSEVM_IR_OPSHAPE_H
