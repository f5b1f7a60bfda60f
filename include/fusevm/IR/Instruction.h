//===- Instruction.h - An op with its operands ------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One element of a chunk's code. Sixteen bytes; operands are packed by a fixed
/// rule, so that generic code can read operand i of any op.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_INSTRUCTION_H
#define FUSEVM_IR_INSTRUCTION_H

#include "fusevm/IR/OpShape.h"

#include <bit>
#include <cassert>
#include <cstdint>

namespace fusevm {

namespace detail {
template <OperandType Type> struct OperandTypeTraits;
template <> struct OperandTypeTraits<OperandType::U8> {
  using type = uint8_t;
};
template <> struct OperandTypeTraits<OperandType::U16> {
  using type = uint16_t;
};
template <> struct OperandTypeTraits<OperandType::I32> {
  using type = int32_t;
};
template <> struct OperandTypeTraits<OperandType::I64> {
  using type = int64_t;
};
template <> struct OperandTypeTraits<OperandType::U64> {
  using type = uint64_t;
};
template <> struct OperandTypeTraits<OperandType::F64> {
  using type = double;
};
} // namespace detail

/// The C++ type of an operand of kind \p Kind.
template <OperandKind Kind>
using Operand = typename detail::OperandTypeTraits<operandType(Kind)>::type;

/// An op with its operands.
///
/// Operands of 8 and 16 bits lie in a, b, c in their order. A 64-bit operand lies
/// in wide. A 32-bit one lies in wide too, sign-extended, or in b and c when wide
/// is taken.
class Instruction {
public:
  /// Makes \p opcode with all operands zero.
  explicit constexpr Instruction(Opcode opcode = Opcode::Nop) : op(opcode) {}

#define FUSEVM_FACTORY(Name, Params, ...)                                                          \
  static Instruction Name Params { return make(Opcode::Name __VA_OPT__(, ) __VA_ARGS__); }
#define FUSEVM_OP0(Name, ...) FUSEVM_FACTORY(Name, ())
#define FUSEVM_OP1(Name, Number, Section, K0, N0, ...)                                             \
  FUSEVM_FACTORY(Name, (Operand<OperandKind::K0> N0), N0)
#define FUSEVM_OP2(Name, Number, Section, K0, N0, K1, N1, ...)                                     \
  FUSEVM_FACTORY(Name, (Operand<OperandKind::K0> N0, Operand<OperandKind::K1> N1), N0, N1)
#define FUSEVM_OP3(Name, Number, Section, K0, N0, K1, N1, K2, N2, ...)                             \
  FUSEVM_FACTORY(                                                                                  \
      Name,                                                                                        \
      (Operand<OperandKind::K0> N0, Operand<OperandKind::K1> N1, Operand<OperandKind::K2> N2), N0, \
      N1, N2)
#define FUSEVM_OP4(Name, Number, Section, K0, N0, K1, N1, K2, N2, K3, N3, ...)                     \
  FUSEVM_FACTORY(Name,                                                                             \
                 (Operand<OperandKind::K0> N0, Operand<OperandKind::K1> N1,                        \
                  Operand<OperandKind::K2> N2, Operand<OperandKind::K3> N3),                       \
                 N0, N1, N2, N3)
#include "fusevm/IR/Ops.def"
#undef FUSEVM_FACTORY

  Opcode opcode() const { return op; }
  const OpInfo &info() const { return opInfo(op); }

  /// The packed fields; what they hold follows from the op's operands.
  uint16_t a() const { return fieldA; }
  uint16_t b() const { return fieldB; }
  uint16_t c() const { return fieldC; }
  uint64_t wide() const { return fieldWide; }

  /// Returns operand \p index: integers sign- or zero-extended to 64 bits, a float
  /// as its bit pattern.
  uint64_t operand(size_t index) const {
    assert(index < info().operands.size() && "no such operand");
    switch (opShape(op).field(index)) {
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

  /// Sets operand \p index; \p bits must fit the operand's type.
  void setOperand(size_t index, uint64_t bits);

  /// Returns the index of the operand of kind Target, or -1.
  int targetOperand() const { return opShape(op).target; }

  /// Returns the jump target of an op that has one.
  uint64_t target() const {
    assert(targetOperand() >= 0 && "op has no jump target");
    return fieldWide;
  }
  void setTarget(uint64_t target) {
    assert(targetOperand() >= 0 && "op has no jump target");
    fieldWide = target;
  }

  /// Returns the loop limit of an op that has one.
  int32_t limit() const {
    if (op == Opcode::SlotLtIntJumpIfFalse || op == Opcode::SlotIncLtIntJumpBack)
      return static_cast<int32_t>(uint32_t(fieldB) | uint32_t(fieldC) << 16);
    return static_cast<int32_t>(fieldWide);
  }

  /// Returns the literal of a LoadFloat.
  double floatValue() const { return std::bit_cast<double>(fieldWide); }

  /// Op and operands are equal; floats compare as IEEE numbers.
  friend bool operator==(const Instruction &lhs, const Instruction &rhs) {
    if (lhs.op == Opcode::LoadFloat && rhs.op == Opcode::LoadFloat)
      return lhs.floatValue() == rhs.floatValue();
    return lhs.identical(rhs);
  }

  /// Op and operands are equal bit for bit.
  bool identical(const Instruction &other) const {
    return op == other.op && fieldA == other.fieldA && fieldB == other.fieldB &&
           fieldC == other.fieldC && fieldWide == other.fieldWide;
  }

private:
  template <typename... Args> static Instruction make(Opcode opcode, Args... args) {
    Instruction instruction(opcode);
    [[maybe_unused]] size_t index = 0;
    (instruction.setOperand(index++, toBits(args)), ...);
    return instruction;
  }
  static uint64_t toBits(double value) { return std::bit_cast<uint64_t>(value); }
  template <typename Integer> static uint64_t toBits(Integer value) {
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  }

  Opcode op;
  uint16_t fieldA = 0;
  uint16_t fieldB = 0;
  uint16_t fieldC = 0;
  uint64_t fieldWide = 0;
};

static_assert(sizeof(Instruction) == 16);

/// The number of values an op takes off the stack and puts on it, when the stack
/// holds enough.
struct StackEffect {
  uint32_t pops = 0;
  uint32_t pushes = 0;
};

/// Returns the stack effect of \p instruction. For a Call these are its arguments and
/// nothing: what the callee leaves is the analysis' business. Extension ops count as
/// having no effect, but for those of AWK.
StackEffect stackEffect(const Instruction &instruction);

} // namespace fusevm

#endif // FUSEVM_IR_INSTRUCTION_H
