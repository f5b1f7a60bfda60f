//===- Opcode.h - Opcodes and what is known about them ----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The Opcode enum and the per-op description, both expanded from Ops.def.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_OPCODE_H
#define FUSEVM_IR_OPCODE_H

#include "absl/types/span.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fusevm {

/// An op. The numeric value is its wire number.
enum class Opcode : uint16_t {
#define FUSEVM_OP(Name, Number, ...) Name = Number,
#include "fusevm/IR/Ops.def"
};

/// How many ops there are. Opcodes are dense: 0 … numOpcodes - 1.
inline constexpr size_t numOpcodes = 0
#define FUSEVM_OP(...) +1
#include "fusevm/IR/Ops.def"
    ;

/// What an operand means. The kind fixes the operand's width.
enum class OperandKind : uint8_t {
  Int64,       ///< i64 literal
  Float64,     ///< f64 literal
  Const,       ///< u16 index into the constant pool
  Name,        ///< u16 index into the name pool, and of the global
  Slot,        ///< u16 frame slot
  Block,       ///< u16 index of a block range
  SubChunk,    ///< u16 index of a sub-chunk
  Target,      ///< u64 op index
  Count8,      ///< u8 number of stack values
  Count16,     ///< u16 number of stack values
  Argc,        ///< u8 number of arguments
  BuiltinId,   ///< u16 builtin number
  ExtensionId, ///< u16 extension number
  Byte,        ///< u8 selector
  Limit,       ///< i32 loop limit
  Payload,     ///< u64 handed to an extension
  Field,       ///< u16 record field
};

/// The machine type in which an operand of a kind is written.
enum class OperandType : uint8_t { U8, U16, I32, I64, U64, F64 };

/// Returns the type of operands of kind \p K.
constexpr OperandType operandType(OperandKind kind) {
  switch (kind) {
  case OperandKind::Int64:
    return OperandType::I64;
  case OperandKind::Float64:
    return OperandType::F64;
  case OperandKind::Target:
  case OperandKind::Payload:
    return OperandType::U64;
  case OperandKind::Limit:
    return OperandType::I32;
  case OperandKind::Count8:
  case OperandKind::Argc:
  case OperandKind::Byte:
    return OperandType::U8;
  case OperandKind::Const:
  case OperandKind::Name:
  case OperandKind::Slot:
  case OperandKind::Block:
  case OperandKind::SubChunk:
  case OperandKind::Count16:
  case OperandKind::BuiltinId:
  case OperandKind::ExtensionId:
  case OperandKind::Field:
    return OperandType::U16;
  }
  return OperandType::U64;
}

/// Returns the spelling of \p type used in messages and docs: "u16".
std::string_view operandTypeName(OperandType type);

/// A group of ops, in the docs and in the tests.
enum class Section : uint8_t {
  Constants,
  Stack,
  Variables,
  Arrays,
  Hashes,
  Arithmetic,
  Strings,
  NumericComparison,
  StringComparison,
  Logic,
  ControlFlow,
  Functions,
  Scope,
  IO,
  Collections,
  Blocks,
  Fused,
  Builtins,
  Extensions,
  Math,
  Shell,
  Awk,
};

/// What an op does when the stack holds fewer values than it pops.
enum class Shortfall : uint8_t {
  None,      ///< it pops nothing
  Nothing,   ///< it does nothing
  Lenient,   ///< each missing value is read as Undef
  Guarded,   ///< it does nothing at all: nothing is popped or pushed (Call: an error)
  Available, ///< it takes the values that are there
  Peek,      ///< the missing value is read as Undef; nothing is pushed
  Dup,       ///< it pushes one Undef
};

/// Where execution goes after an op.
enum class ControlKind : uint8_t {
  Next,      ///< to the following op
  Jump,      ///< to the target
  Branch,    ///< to the target or the following op
  Call,      ///< into a sub, later back to the following op
  Return,    ///< out of the function
  PushScope, ///< to the following op, in a new scope frame
  PopScope,  ///< to the following op, with the top frame gone
  Block,     ///< through a block any number of times, then to the following op
  Halt,      ///< nowhere: the run ends
};

/// What an op touches besides the value stack; a bit set.
enum Effect : uint8_t {
  Pure = 0,
  ReadsGlobals = 1 << 0,
  WritesGlobals = 1 << 1,
  ReadsSlots = 1 << 2,
  WritesSlots = 1 << 3,
  IO = 1 << 4,       ///< the world outside the VM
  CallsOut = 1 << 5, ///< may run code of the embedder or a host
  MayFail = 1 << 6,  ///< may end the run with an error
};

/// What an op charges against a fuel limit.
enum class FuelCharge : uint8_t {
  One,
  Iterations, ///< one, plus one for each iteration of its loop
};

/// Name and kind of an operand.
struct OperandInfo {
  OperandKind kind;
  std::string_view name;
};

/// A stack count that is not a plain number.
enum StackCount : int8_t {
  CountFromOperand0 = -1, ///< the value of operand 0
  CountFromOperand1 = -2, ///< the value of operand 1
  CountVaries = -3,       ///< see stackEffect()
};

/// The table row of an op.
struct OpInfo {
  Opcode opcode;
  std::string_view name;
  Section section;
  absl::Span<const OperandInfo> operands;
  int8_t pops;   ///< number, or a StackCount
  int8_t pushes; ///< number, or a StackCount
  Shortfall shortfall;
  ControlKind control;
  uint8_t effects; ///< Effect bits
  FuelCharge fuel;
  std::string_view summary;

  bool has(Effect effect) const { return (effects & effect) != 0; }
};

namespace detail {
extern const OpInfo opInfos[numOpcodes]; // by wire number
} // namespace detail

/// Returns the row of \p opcode.
inline const OpInfo &opInfo(Opcode opcode) {
  assert(static_cast<size_t>(opcode) < numOpcodes && "not an op");
  return detail::opInfos[static_cast<size_t>(opcode)];
}

/// Returns the name of \p opcode, as in the table.
inline std::string_view opName(Opcode opcode) { return opInfo(opcode).name; }

/// Returns the op called \p name, which is case-sensitive.
std::optional<Opcode> findOpcode(std::string_view name);

/// Returns the op with wire number \p number.
inline std::optional<Opcode> opcodeFromNumber(uint64_t number) {
  return number < numOpcodes ? std::optional(static_cast<Opcode>(number)) : std::nullopt;
}

/// Returns the title of \p section as the docs print it: "Numeric comparison".
std::string_view sectionTitle(Section section);

} // namespace fusevm

#endif // FUSEVM_IR_OPCODE_H
