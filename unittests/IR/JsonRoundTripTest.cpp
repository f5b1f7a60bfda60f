//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonTestSupport.h"

#include <bit>
#include <cmath>
#include <random>

namespace fusevm {
namespace {

/// Makes random chunks that use everything the format has.
class ChunkGenerator {
public:
  explicit ChunkGenerator(uint64_t seed) : random(seed) {}

  Chunk chunk(unsigned depth);

private:
  uint64_t below(uint64_t limit) { return random() % limit; }
  /// Numbers of all magnitudes, so that small and extreme ones are frequent.
  uint64_t bits() { return random() >> below(64); }
  uint64_t operand(OperandType type);
  double number();
  std::string text();
  Instruction op();
  Value value(unsigned depth);

  std::mt19937_64 random;
};

double ChunkGenerator::number() {
  // A NaN's sign and payload are lost, so there is none here.
  double result = std::bit_cast<double>(random());
  if (std::isnan(result) || below(4) == 0)
    result = static_cast<double>(static_cast<int64_t>(bits())) / 8;
  return result;
}

uint64_t ChunkGenerator::operand(OperandType type) {
  uint64_t any = below(2) == 0 ? bits() : ~bits();
  switch (type) {
  case OperandType::U8:
    return static_cast<uint8_t>(any);
  case OperandType::U16:
    return static_cast<uint16_t>(any);
  case OperandType::I32:
    return static_cast<uint64_t>(int64_t{static_cast<int32_t>(any)});
  case OperandType::I64:
  case OperandType::U64:
    return any;
  case OperandType::F64:
    return std::bit_cast<uint64_t>(number());
  }
  return any;
}

std::string ChunkGenerator::text() {
  constexpr std::string_view pieces[] = {"a", "π", "😀", "\"", "\\", "\n", "\x01", "\x7f", "/", ""};
  std::string result;
  for (uint64_t i = below(6); i != 0; --i)
    result += pieces[below(std::size(pieces))];
  if (below(8) == 0)
    result += '\0';
  return result;
}

Instruction ChunkGenerator::op() {
  Instruction instruction(static_cast<Opcode>(below(numOpcodes)));
  absl::Span<const OperandInfo> operands = instruction.info().operands;
  for (size_t i = 0; i != operands.size(); ++i)
    instruction.setOperand(i, operand(operandType(operands[i].kind)));
  return instruction;
}

Value ChunkGenerator::value(unsigned depth) {
  switch (below(depth == 0 ? 7 : 10)) {
  case 0:
    return Value();
  case 1:
    return Value::makeBool(below(2) != 0);
  case 2:
    return Value::makeInt(static_cast<int64_t>(operand(OperandType::I64)));
  case 3:
    return Value::makeFloat(number());
  case 4:
    return Value::makeStatus(static_cast<int32_t>(operand(OperandType::I32)));
  case 5:
    return Value::makeNativeFn(static_cast<uint16_t>(operand(OperandType::U16)));
  case 6:
    return Value::makeStr(text());
  case 7:
    return Value::makeRef(value(depth - 1));
  case 8: {
    Array array;
    for (uint64_t i = below(4); i != 0; --i)
      array.push(value(depth - 1));
    return Value::makeArray(std::move(array));
  }
  }
  Hash hash;
  for (uint64_t i = below(4); i != 0; --i)
    hash.set(text(), value(depth - 1));
  return Value::makeHash(std::move(hash));
}

Chunk ChunkGenerator::chunk(unsigned depth) {
  Chunk result;
  for (uint64_t i = below(20); i != 0; --i)
    result.ops.push_back(op());
  for (uint64_t i = below(5); i != 0; --i)
    result.constants.push_back(value(4));
  for (uint64_t i = below(4); i != 0; --i)
    result.names.push_back(text());
  for (uint64_t i = below(20); i != 0; --i)
    result.lines.push_back(static_cast<uint32_t>(bits()));
  for (uint64_t i = below(3); i != 0; --i)
    result.subEntries.push_back({static_cast<uint16_t>(bits()), bits()});
  for (uint64_t i = below(3); i != 0; --i)
    result.blockRanges.push_back({bits(), bits()});
  for (uint64_t i = depth == 0 ? 0 : below(3); i != 0; --i)
    result.subChunks.push_back(chunk(depth - 1));
  result.source = text();
  return result;
}

TEST(JsonRoundTrip, RandomChunksSurvive) {
  for (uint64_t seed = 0; seed != 500; ++seed) {
    Chunk chunk = ChunkGenerator(seed).chunk(3);
    std::string json = printed(chunk);
    Chunk read = chunkOf(json);
    EXPECT_TRUE(identical(read, chunk)) << "seed " << seed << ": " << json;
    EXPECT_EQ(printed(read), json) << "seed " << seed;
  }
}

TEST(JsonRoundTrip, RandomFloatsSurvive) {
  std::mt19937_64 random(1);
  for (int i = 0; i != 20'000; ++i) {
    Value number = Value::makeFloat(std::bit_cast<double>(random()));
    if (std::isnan(number.asFloat()))
      continue;
    EXPECT_TRUE(identical(valueOf(printed(number)), number)) << printed(number);
  }
}

// Long enough that quadratic time would be noticed.
TEST(JsonRoundTrip, LongChunksSurvive) {
  Chunk chunk;
  chunk.ops.assign(50'000, Instruction::Call(1, 2));
  chunk.lines.assign(50'000, 7);
  Array array;
  Hash hash;
  for (int64_t i = 0; i != 50'000; ++i) {
    array.push(Value::makeInt(i));
    hash.set("key" + std::to_string(i), Value::makeInt(i));
  }
  chunk.constants = {Value::makeArray(std::move(array)), Value::makeHash(std::move(hash))};
  EXPECT_TRUE(identical(chunkOf(printed(chunk)), chunk));
}

} // namespace
} // namespace fusevm
