//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/ChunkBuilder.h"

#include "gtest/gtest.h"

#include <limits>
#include <string>

namespace fusevm {
namespace {

uint64_t hashOf(ChunkBuilder &builder) { return builder.build().value().opHash; }

TEST(OpHash, GoldenValues) {
  ChunkBuilder b;
  EXPECT_EQ(hashOf(b), 0x76be999e3e25b2a0u);
  b.Nop();
  EXPECT_EQ(hashOf(b), 0x280c652ff8bf2ec8u);
  b.LoadInt(7);
  EXPECT_EQ(hashOf(b), 0xfdd80f59381310c0u);
  b.LoadInt(1);
  b.LoadInt(2);
  b.Add();
  EXPECT_EQ(hashOf(b), 0x9409a42ecfa37100u);
  b.LoadConst(b.constant(Value::makeStr("hi")));
  EXPECT_EQ(hashOf(b), 0xeae89ccbb2d49f06u);
  b.LoadInt(42);
  b.LoadConst(b.constant(Value::makeStr("hello")));
  b.Concat();
  EXPECT_EQ(hashOf(b), 0x2ab411de49b63b49u);
  Hash hash;
  hash.set("a", Value::makeInt(1));
  b.constant(Value::makeHash(hash));
  EXPECT_EQ(hashOf(b), 0x2c288f8651b5b7d0u);
}

TEST(OpHash, CoversEveryOperandWidthAndKind) {
  ChunkBuilder b;
  b.Call(258, 3);
  b.SlotLtIntJumpIfFalse(1, -5, 70000);
  b.LoadFloat(1.5);
  b.AwkSignal(2);
  b.constant(Value());
  b.constant(Value::makeBool(true));
  b.constant(Value::makeInt(-1));
  b.constant(Value::makeFloat(-0.0));
  b.constant(Value::makeStr("é"));
  b.constant(Value::makeArray({Value::makeInt(1), Value::makeStr("")}));
  b.constant(Value::makeHash());
  b.constant(Value::makeStatus(-2));
  b.constant(Value::makeRef(Value::makeInt(3)));
  b.constant(Value::makeNativeFn(513));
  EXPECT_EQ(hashOf(b), 0xbff8906d2dbd36bdu);
}

TEST(OpHash, CoversTheFieldOfAwkGetFieldNum) {
  ChunkBuilder b;
  b.AwkGetFieldNum(1);
  uint64_t one = hashOf(b);
  b.AwkGetFieldNum(2);
  EXPECT_NE(one, hashOf(b));
}

TEST(ChunkBuilder, InternsNamesButNotConstants) {
  ChunkBuilder b;
  EXPECT_EQ(*b.addName("x"), 0);
  EXPECT_EQ(*b.addName(""), 1);
  EXPECT_EQ(*b.addName("x"), 0);
  EXPECT_EQ(*b.addConstant(Value::makeInt(1)), 0);
  EXPECT_EQ(*b.addConstant(Value::makeInt(1)), 1);
}

TEST(ChunkBuilder, RefusesFullPools) {
  ChunkBuilder b;
  for (size_t i = 0; i != maxPoolEntries; ++i) {
    ASSERT_TRUE(b.addName(std::to_string(i)).ok());
    ASSERT_TRUE(b.addConstant(Value()).ok());
    ASSERT_TRUE(b.addBlockRange(0, 0).ok());
  }
  EXPECT_EQ(*b.addName("65535"), 65535);
  EXPECT_EQ(b.addName("new").status().message(),
            "name pool is full at 65536 entries: a u16 operand cannot address another");
  EXPECT_EQ(b.addConstant(Value()).status().message(),
            "constant pool is full at 65536 entries: a u16 operand cannot address another");
  EXPECT_FALSE(b.addBlockRange(0, 0).ok());
  EXPECT_EQ(b.build().status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(ChunkBuilder, PatchesJumpsOnly) {
  ChunkBuilder b;
  size_t jump = b.Jump(0);
  size_t nop = b.Nop();
  size_t fused = b.SlotLtIntJumpIfFalse(0, 1, 2);
  EXPECT_TRUE(b.patchJump(jump, 99).ok());
  EXPECT_EQ(b.patchJump(nop, 0).message(), "patch_jump on non-jump op at 1");
  EXPECT_FALSE(b.patchJump(fused, 0).ok());
  EXPECT_EQ(b.patchJump(17, 0).code(), absl::StatusCode::kOutOfRange);
  Chunk chunk = b.build().value();
  EXPECT_EQ(chunk.ops[0].target(), 99u);
}

TEST(ChunkBuilder, BindsLabels) {
  ChunkBuilder b;
  Label end = b.newLabel();
  Label start = b.newLabel();
  b.bind(start);
  b.emitJump(Instruction::JumpIfTrue(0), end);
  b.emitJump(Instruction::SlotIncLtIntJumpBack(0, -7, 0), start);
  b.bind(end);
  Chunk chunk = b.build().value();
  EXPECT_EQ(chunk.ops[0].target(), 2u);
  EXPECT_EQ(chunk.ops[1].target(), 0u);
  EXPECT_EQ(chunk.ops[1].limit(), -7);
}

TEST(ChunkBuilder, ReportsLabelsThatWereNeverBound) {
  ChunkBuilder b;
  b.emitJump(Instruction::Jump(0), b.newLabel());
  EXPECT_EQ(b.build().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(b.build().ok());
}

TEST(Chunk, FindsTheFirstSubOfAName) {
  ChunkBuilder b;
  b.addSubEntry(3, 7);
  b.addSubEntry(3, 8);
  Chunk chunk = b.build().value();
  EXPECT_EQ(chunk.findSub(3), 7u);
  EXPECT_EQ(chunk.findSub(4), std::nullopt);
  EXPECT_EQ(chunk.subEntriesByName().size(), 1u);
  EXPECT_EQ(chunk.subEntriesByName().at(3), 7u);
  EXPECT_EQ(chunk.nameOr(3), "?");
  EXPECT_EQ(chunk.lineOf(3), 0u);
}

TEST(Chunk, NestsDeeply) {
  Chunk chunk;
  for (int i = 0; i != 100000; ++i) {
    Chunk outer;
    outer.subChunks.push_back(std::move(chunk));
    chunk = std::move(outer);
  }
  EXPECT_EQ(chunk.subChunks.size(), 1u);
}

TEST(Instruction, OperandsRoundTripForEveryOp) {
  for (size_t number = 0; number != numOpcodes; ++number) {
    Instruction instruction(static_cast<Opcode>(number));
    absl::Span<const OperandInfo> operands = instruction.info().operands;
    std::vector<uint64_t> expected;
    for (size_t i = 0; i != operands.size(); ++i) {
      uint64_t bits = 0;
      switch (operandType(operands[i].kind)) {
      case OperandType::U8:
        bits = 200 + i;
        break;
      case OperandType::U16:
        bits = 60000 + i;
        break;
      case OperandType::I32:
        bits = static_cast<uint64_t>(int64_t{-70000});
        break;
      case OperandType::I64:
      case OperandType::U64:
      case OperandType::F64:
        bits = 0x8000000000000001u;
        break;
      }
      expected.push_back(bits);
      instruction.setOperand(i, bits);
    }
    for (size_t i = 0; i != operands.size(); ++i)
      EXPECT_EQ(instruction.operand(i), expected[i]) << instruction.info().name << " operand " << i;
  }
}

TEST(Instruction, ComparesFloatsAsNumbers) {
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(Instruction::LoadFloat(0.0) == Instruction::LoadFloat(-0.0));
  EXPECT_FALSE(Instruction::LoadFloat(0.0).identical(Instruction::LoadFloat(-0.0)));
  EXPECT_FALSE(Instruction::LoadFloat(nan) == Instruction::LoadFloat(nan));
  EXPECT_FALSE(Instruction::LoadInt(1) == Instruction::LoadInt(2));
}

TEST(Opcode, TableIsComplete) {
  EXPECT_EQ(numOpcodes, 224u);
  EXPECT_EQ(findOpcode("AwkSignal"), Opcode::AwkSignal);
  EXPECT_EQ(findOpcode("awksignal"), std::nullopt);
  EXPECT_EQ(opcodeFromNumber(224), std::nullopt);
  EXPECT_EQ(opcodeFromNumber(106), Opcode::Extended);
}

} // namespace
} // namespace fusevm
