//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Ingredients.h"

#include "fusevm/Interp/VM.h"

#include <bit>
#include <limits>

namespace fusevm::fuzzing {

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

int64_t makeInteger(ByteReader &bytes) {
  static constexpr int64_t edges[] = {
      std::numeric_limits<int64_t>::max(),
      std::numeric_limits<int64_t>::min(),
      std::numeric_limits<int64_t>::min() + 1,
      std::numeric_limits<int32_t>::max(),
      std::numeric_limits<int32_t>::min(),
      (int64_t(1) << 53) + 1,
      int64_t(1) << 62,
      3037000500, // its square is more than 63 bits
      -1,
      63,
      64,
      255,
      256,
      1000,
      65536,
  };
  size_t choice = bytes.byte();
  if (choice < 216)
    return static_cast<int64_t>(choice % 24) - 4;
  return choice < 246 ? bytes.pick(edges) : static_cast<int64_t>(bytes.number(8));
}

double makeFloat(ByteReader &bytes) {
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr double edges[] = {
      0.0,
      -0.0,
      0.5,
      -1.5,
      2.5,
      0.1,
      3.0,
      1e15,
      1e21,
      1e300,
      -1e-7,
      std::numeric_limits<double>::denorm_min(),
      std::numeric_limits<double>::max(),
      infinity,
      -infinity,
      std::numeric_limits<double>::quiet_NaN(),
      0x1p63,
      -0x1p63,
      0x1p53,
  };
  if (bytes.chance(85))
    return bytes.pick(edges);
  return std::bit_cast<double>(bytes.number(8));
}

std::string makeText(ByteReader &bytes) {
  static constexpr std::string_view samples[] = {
      "",         "0",
      "1",        "12",
      "-3",       "+4",
      "007",      " 7",
      "1.5",      "-0",
      "1e3",      ".5",
      "inf",      "nan",
      "abc",      "_",
      "a",        "b",
      "ab",       "\n",
      "\xc3\xa9", "\xff",
      "0x10",     "9223372036854775807",
      "1 2",      "true",
      "\t",       "\\\"",
      "\xe2\x82", "lorem ipsum dolor sit amet",
      "_key",     std::string_view("nul\0byte", 8),
  };
  if (bytes.chance(80))
    return std::string(bytes.pick(samples));
  if (bytes.chance(10))
    return std::string(bytes.below(300), 'x');
  size_t size = bytes.below(9);
  return std::string(bytes.take(size));
}

static Value makeContainer(ByteReader &bytes, unsigned depth, Kind kind) {
  if (kind == Kind::Ref)
    return Value::makeRef(makeValue(bytes, depth - 1));
  size_t size = bytes.below(5);
  if (kind == Kind::Array) {
    Array elements;
    for (size_t i = 0; i != size; ++i)
      elements.push(makeValue(bytes, depth - 1));
    return Value::makeArray(std::move(elements));
  }
  Hash entries;
  for (size_t i = 0; i != size; ++i)
    entries.set(makeText(bytes), makeValue(bytes, depth - 1));
  return Value::makeHash(std::move(entries));
}

Value makeValue(ByteReader &bytes, unsigned depth) {
  static constexpr Kind kinds[] = {
      Kind::Int,    Kind::Float,    Kind::Str,   Kind::Array, Kind::Hash, Kind::Bool,
      Kind::Status, Kind::NativeFn, Kind::Undef, Kind::Ref,   Kind::Str,  Kind::Array,
  };
  Kind kind = bytes.pick(kinds);
  switch (kind) {
  case Kind::Undef:
    return Value();
  case Kind::Bool:
    return Value::makeBool(bytes.chance(50));
  case Kind::Int:
    return Value::makeInt(makeInteger(bytes));
  case Kind::Float:
    return Value::makeFloat(makeFloat(bytes));
  case Kind::Status:
    return Value::makeStatus(static_cast<int32_t>(makeInteger(bytes)));
  case Kind::NativeFn:
    return Value::makeNativeFn(static_cast<uint16_t>(bytes.below(300)));
  case Kind::Str:
    return Value::makeStr(makeText(bytes));
  case Kind::Array:
  case Kind::Hash:
  case Kind::Ref:
    return depth == 0 ? Value() : makeContainer(bytes, depth, kind);
  }
  return Value();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Anything that the field can hold.
static uint64_t makeNonsense(OperandType type, ByteReader &bytes) {
  switch (type) {
  case OperandType::U8:
    return bytes.number(1);
  case OperandType::U16:
    return bytes.number(2);
  case OperandType::I32:
    return static_cast<uint64_t>(int64_t{static_cast<int32_t>(bytes.number(4))});
  case OperandType::I64:
  case OperandType::U64:
  case OperandType::F64:
    return bytes.number(8);
  }
  return 0;
}

/// An index into a pool of \p size entries, sometimes just past its end.
static uint64_t makeIndex(size_t size, const OperandBounds &bounds, ByteReader &bytes) {
  return bytes.below(size + (size == 0 || bounds.nonsense != 0));
}

static uint64_t makeOperand(OperandKind kind, const OperandBounds &bounds, ByteReader &bytes) {
  if (bounds.nonsense != 0 && bytes.chance(bounds.nonsense))
    return makeNonsense(operandType(kind), bytes);
  switch (kind) {
  case OperandKind::Int64:
    return static_cast<uint64_t>(makeInteger(bytes));
  case OperandKind::Float64:
    return std::bit_cast<uint64_t>(makeFloat(bytes));
  case OperandKind::Const:
    return makeIndex(bounds.constants, bounds, bytes);
  case OperandKind::Name:
    return makeIndex(bounds.names, bounds, bytes);
  case OperandKind::Slot:
    return makeIndex(bounds.slots, bounds, bytes);
  case OperandKind::Block:
    return makeIndex(bounds.blocks, bounds, bytes);
  case OperandKind::SubChunk:
    return makeIndex(bounds.subChunks, bounds, bytes);
  case OperandKind::Target:
    return bytes.below(bounds.ops + 2);
  case OperandKind::Count8:
  case OperandKind::Count16:
  case OperandKind::Argc:
    return bytes.below(5);
  case OperandKind::BuiltinId:
    return bytes.below(bounds.callouts);
  case OperandKind::ExtensionId:
    return bytes.below(bounds.callouts);
  case OperandKind::Byte:
  case OperandKind::Field:
    return bytes.below(24);
  case OperandKind::Limit:
    return static_cast<uint64_t>(static_cast<int64_t>(bytes.below(28)) - 4);
  case OperandKind::Payload:
    return bytes.number(2);
  }
  return 0;
}

Instruction makeInstruction(Opcode opcode, const OperandBounds &bounds, ByteReader &bytes) {
  Instruction instruction(opcode);
  for (size_t i = 0; i != instruction.info().operands.size(); ++i)
    instruction.setOperand(i, makeOperand(instruction.info().operands[i].kind, bounds, bytes));
  return instruction;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

bool isReproducible(Opcode opcode) {
  return opcode != Opcode::TimeInt && opcode != Opcode::AwkSystime &&
         opcode != Opcode::AwkStrftime && opcode != Opcode::AwkSrand;
}

static void classifyPlainOp(OpLists &lists, const OpInfo &info) {
  if (info.has(CallsOut))
    lists.callouts.push_back(info.opcode);
  else if (info.pushes == 0)
    lists.statements.push_back(info.opcode);
  else if (info.pushes != 1)
    lists.shuffles.push_back(info.opcode);
  else if (info.pops == 0)
    lists.leaves.push_back(info.opcode);
  else
    lists.computations.push_back(info.opcode);
  bool compares = info.section == Section::NumericComparison;
  if ((compares || info.section == Section::Arithmetic) && info.pops == 2)
    lists.numeric.push_back(info.opcode);
  if (compares)
    lists.comparisons.push_back(info.opcode);
  bool computes = compares || info.section == Section::Arithmetic ||
                  info.section == Section::Logic || info.section == Section::Math;
  if (computes && info.pushes == 1 && (info.pops == 1 || info.pops == 2))
    lists.chained.push_back(info.opcode);
}

static void classify(OpLists &lists, const OpInfo &info) {
  if (info.section == Section::Shell || info.section == Section::Awk) {
    if (info.section == Section::Awk && !info.has(CallsOut) && info.pushes == 1 && info.pops > 0)
      lists.awkChained.push_back(info.opcode);
    lists.hosted.push_back(info.opcode);
    return;
  }
  lists.core.push_back(info.opcode);
  switch (info.control) {
  case ControlKind::Next:
    return classifyPlainOp(lists, info);
  case ControlKind::Branch:
    return lists.branches.push_back(info.opcode);
  case ControlKind::Block:
    return (info.pushes == 0 ? lists.blockStatements : lists.blockValues).push_back(info.opcode);
  case ControlKind::Jump:
  case ControlKind::Call:
  case ControlKind::Return:
  case ControlKind::PushScope:
  case ControlKind::PopScope:
  case ControlKind::Halt:
    return; // each needs a production of its own
  }
}

const OpLists &opLists() {
  static const OpLists lists = [] {
    OpLists result;
    for (size_t i = 0; i != numOpcodes; ++i)
      if (auto opcode = static_cast<Opcode>(i); isReproducible(opcode))
        classify(result, opInfo(opcode));
    return result;
  }();
  return lists;
}

} // namespace fusevm::fuzzing
