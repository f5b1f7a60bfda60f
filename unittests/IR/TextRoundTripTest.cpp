//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Writes random chunks as text and reads them back.

#include "fusevm/IR/TextFormat.h"

#include "gtest/gtest.h"

#include <array>
#include <bit>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

namespace fusevm {
namespace {

/// Makes chunks in which indices and targets often fit, and often do not.
class RandomChunks {
public:
  explicit RandomChunks(uint64_t seed) : random(seed) {}

  Chunk make(size_t depth = 0) {
    Chunk chunk;
    fillPools(chunk);
    size_t count = below(oneIn(20) ? 300 : 30);
    for (size_t i = 0; i != count; ++i)
      chunk.ops.push_back(makeOp());
    fillEntries(chunk);
    fillLines(chunk);
    if (oneIn(4))
      chunk.source = text();
    if (depth < 3 && oneIn(3))
      for (size_t i = below(4); i != 0; --i)
        chunk.subChunks.push_back(make(depth + 1));
    for (Instruction &instruction : chunk.ops)
      fillOperands(instruction, chunk);
    return chunk;
  }

private:
  uint64_t below(uint64_t limit) { return random() % limit; }
  bool oneIn(uint64_t count) { return below(count) == 0; }

  template <typename T> T pick(std::initializer_list<T> choices) {
    return choices.begin()[below(choices.size())];
  }

  uint64_t integer() {
    switch (below(4)) {
    case 0:
      return below(10);
    case 1:
      return uint64_t(0) - below(10);
    case 2:
      return uint64_t(1) << below(64);
    default:
      return random() >> below(64);
    }
  }

  double number() {
    switch (below(4)) {
    case 0:
      return std::bit_cast<double>(random());
    case 1:
      // Infinities and NaNs of both signs.
      return std::bit_cast<double>((uint64_t(0x7ff) << 52) | (random() << 63) |
                                   (oneIn(2) ? 0 : integer() >> 12));
    case 2:
      return static_cast<double>(static_cast<int64_t>(integer())) / pick({1.0, 8.0, 10.0, 1e10});
    default:
      return pick({0.0, -0.0, 1.0, 1e16, 1e17, 1e-5, 1e-6, 5e-324, 1.7976931348623157e308});
    }
  }

  std::string text() {
    std::string result;
    for (size_t i = below(oneIn(10) ? 200 : 6); i != 0; --i)
      switch (below(4)) {
      case 0:
        result += static_cast<char>(below(256));
        break;
      case 1:
        result += pick<std::string_view>({"é", "…", "😀", "\u202e", "\u0085", "\xed\xa0\x80",
                                          "\xc0\x80", "\xe2\x82", "\xf4\x90\x80\x80"});
        break;
      default:
        result += static_cast<char>('a' + below(26));
      }
    return result;
  }

  std::string name() {
    if (oneIn(3))
      return text();
    return pick<std::string>(
        {"f", "g", "x", "L1", "L2", "L3", "end", "Add", "nan", "_", "b0", "c0"});
  }

  Value value(size_t depth = 0) {
    switch (below(depth < 4 ? 12 : 7)) {
    case 0:
      return Value();
    case 1:
      return Value::makeBool(oneIn(2));
    case 2:
      return Value::makeFloat(number());
    case 3:
      return Value::makeStatus(static_cast<int32_t>(integer()));
    case 4:
      return Value::makeNativeFn(static_cast<uint16_t>(integer()));
    case 5:
    case 6:
      return oneIn(2) ? Value::makeInt(static_cast<int64_t>(integer())) : Value::makeStr(text());
    case 7:
      return Value::makeRef(value(depth + 1));
    case 8:
    case 9:
      return array(depth);
    default:
      return hash(depth);
    }
  }

  Value array(size_t depth) {
    Array elements;
    for (size_t i = below(5); i != 0; --i)
      elements.push(value(depth + 1));
    return Value::makeArray(std::move(elements));
  }

  Value hash(size_t depth) {
    Hash entries;
    for (size_t i = below(5); i != 0; --i)
      entries.set(name(), value(depth + 1));
    if (oneIn(2))
      entries.erase("f");
    return Value::makeHash(std::move(entries));
  }

  void fillPools(Chunk &chunk) {
    for (size_t i = below(8); i != 0; --i) {
      bool again = !chunk.constants.empty() && oneIn(4);
      chunk.constants.push_back(again ? Value(chunk.constants[below(chunk.constants.size())])
                                      : value());
    }
    for (size_t i = below(8); i != 0; --i)
      chunk.names.push_back(name());
  }

  /// An op index, or something near it, or anything.
  uint64_t place(const Chunk &chunk) { return oneIn(20) ? integer() : below(chunk.ops.size() + 3); }

  void fillEntries(Chunk &chunk) {
    bool isOrdered = oneIn(2);
    uint64_t op = 0;
    for (size_t i = below(5); i != 0; --i) {
      op = isOrdered ? op + below(4) : place(chunk);
      chunk.subEntries.push_back({poolIndex(chunk.names.size()), op});
    }
    for (size_t i = below(6); i != 0; --i) {
      uint64_t start = place(chunk);
      uint64_t end = oneIn(6) ? place(chunk) : start + below(6);
      if (isOrdered && !chunk.blockRanges.empty() && oneIn(2)) {
        start = chunk.blockRanges.back().start + below(3);
        end = chunk.blockRanges.back().end - below(2);
      }
      chunk.blockRanges.push_back({start, end});
    }
  }

  void fillLines(Chunk &chunk) {
    size_t count = oneIn(5) ? below(40) : chunk.ops.size();
    for (size_t i = 0; i != count; ++i)
      chunk.lines.push_back(i != 0 && oneIn(2) ? chunk.lines.back()
                                               : static_cast<uint32_t>(integer()));
  }

  Instruction makeOp() {
    // Half of them are ops whose operands have special forms.
    if (oneIn(2))
      return Instruction(static_cast<Opcode>(below(numOpcodes)));
    return Instruction(pick({Opcode::LoadConst, Opcode::LoadFloat, Opcode::GetVar, Opcode::Jump,
                             Opcode::JumpIfFalse, Opcode::MapBlock, Opcode::CmdSubst, Opcode::Call,
                             Opcode::SlotLtIntJumpIfFalse, Opcode::ExtendedWide}));
  }

  uint16_t poolIndex(size_t size) {
    return static_cast<uint16_t>(oneIn(20) ? integer() : below(size + 1));
  }

  void fillOperands(Instruction &instruction, const Chunk &chunk) {
    absl::Span<const OperandInfo> operands = instruction.info().operands;
    for (size_t i = 0; i != operands.size(); ++i)
      instruction.setOperand(i, operandBits(operands[i].kind, chunk));
  }

  uint64_t operandBits(OperandKind kind, const Chunk &chunk) {
    switch (kind) {
    case OperandKind::Const:
      return poolIndex(chunk.constants.size());
    case OperandKind::Name:
      return poolIndex(chunk.names.size());
    case OperandKind::Block:
      return poolIndex(chunk.blockRanges.size());
    case OperandKind::SubChunk:
      return poolIndex(chunk.subChunks.size());
    case OperandKind::Target:
      return place(chunk);
    case OperandKind::Float64:
      return std::bit_cast<uint64_t>(number());
    case OperandKind::Limit:
      return static_cast<uint64_t>(int64_t{static_cast<int32_t>(integer())});
    case OperandKind::Count8:
    case OperandKind::Argc:
    case OperandKind::Byte:
      return static_cast<uint8_t>(integer());
    case OperandKind::Int64:
    case OperandKind::Payload:
      return integer();
    case OperandKind::Slot:
    case OperandKind::Count16:
    case OperandKind::BuiltinId:
    case OperandKind::ExtensionId:
    case OperandKind::Field:
      return static_cast<uint16_t>(integer());
    }
    return 0;
  }

  std::mt19937_64 random;
};

/// Reads \p text; a chunk that nothing is identical to if there are errors.
Chunk parse(const std::string &text) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = parseText(text, diagnostics);
  EXPECT_TRUE(chunk.has_value()) << renderDiagnostics("printed", text, diagnostics);
  return chunk ? *std::move(chunk) : Chunk();
}

TEST(TextRoundTrip, RandomChunks) {
  PrintOptions withComments;
  withComments.comment = [](const Chunk &, size_t op) { return "\"; " + std::to_string(op); };
  for (uint64_t seed = 0; seed != 4000; ++seed) {
    Chunk chunk = RandomChunks(seed).make();
    absl::StatusOr<std::string> text = printText(chunk);
    ASSERT_TRUE(text.ok()) << "seed " << seed << ": " << text.status();
    Chunk again = parse(*text);
    ASSERT_TRUE(identical(chunk, again)) << "seed " << seed << "\n" << *text;
    ASSERT_EQ(*printText(again), *text) << "seed " << seed;
    ASSERT_TRUE(identical(chunk, parse(*printText(chunk, withComments)))) << "seed " << seed;
  }
}

/// Every op, with the operands at both ends of their ranges.
TEST(TextRoundTrip, EveryOp) {
  Chunk chunk;
  for (uint64_t bits : {uint64_t(0), uint64_t(1), ~uint64_t(0)})
    for (size_t number = 0; number != numOpcodes; ++number) {
      Instruction instruction(static_cast<Opcode>(number));
      for (size_t i = 0; i != instruction.info().operands.size(); ++i) {
        bool isByte = operandType(instruction.info().operands[i].kind) == OperandType::U8;
        instruction.setOperand(i, isByte ? bits & 0xff : bits);
      }
      chunk.ops.push_back(instruction);
      chunk.lines.push_back(static_cast<uint32_t>(number));
    }
  EXPECT_TRUE(identical(chunk, parse(*printText(chunk))));
}

TEST(TextRoundTrip, PoolsBeyondTheReachOfOperands) {
  Chunk chunk;
  for (int i = 0; i != 70000; ++i) {
    chunk.constants.push_back(Value::makeInt(i / 2));
    chunk.names.push_back("n" + std::to_string(i / 2));
  }
  chunk.blockRanges.assign(70000, {0, 0});
  chunk.subChunks.resize(70000);
  chunk.ops = {Instruction::LoadConst(65535), Instruction::LoadConst(65534),
               Instruction::GetVar(65535),    Instruction::GetVar(65534),
               Instruction::MapBlock(65535),  Instruction::CmdSubst(65535)};
  EXPECT_TRUE(identical(chunk, parse(*printText(chunk))));
}

/// Anything that is quadratic in one of these sizes would take minutes.
TEST(TextRoundTrip, LargeChunks) {
  constexpr size_t count = 200000;
  Chunk chunk;
  chunk.names = {std::string(100000, 'n'), "f"};
  chunk.constants = {Value::makeStr(std::string(100000, 'x')), Value::makeInt(1)};
  for (size_t i = 0; i != count; ++i) {
    chunk.ops.push_back(i % 3 == 0   ? Instruction::LoadConst(i % 2)
                        : i % 3 == 1 ? Instruction::GetVar(i % 2)
                                     : Instruction::Jump(count - i));
    chunk.lines.push_back(static_cast<uint32_t>(i / 2));
    chunk.subEntries.push_back({1, i % 2 == 0 ? i : count - i});
    chunk.blockRanges.push_back(i % 2 == 0 ? BlockRange{i / 2, count - i / 2}
                                           : BlockRange{i, count + 1});
  }
  EXPECT_TRUE(identical(chunk, parse(*printText(chunk))));
}

} // namespace
} // namespace fusevm
