//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What texts mean and how chunks are written. The errors of the reader are in
/// TextErrorsTest.cpp, round trips of random chunks in TextRoundTripTest.cpp.

#include "fusevm/IR/TextFormat.h"

#include "fusevm/IR/ChunkBuilder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>

namespace fusevm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Chunk parse(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = parseText(text, diagnostics);
  EXPECT_TRUE(chunk.has_value()) << renderDiagnostics("test", text, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  return chunk ? *std::move(chunk) : Chunk();
}

/// Prints \p chunk and expects that its text reads back.
std::string print(const Chunk &chunk, const PrintOptions &options = {}) {
  absl::StatusOr<std::string> text = printText(chunk, options);
  EXPECT_TRUE(text.ok()) << text.status();
  if (!text.ok())
    return "";
  Chunk again = parse(*text);
  EXPECT_TRUE(!options.lines || identical(chunk, again)) << *text;
  EXPECT_EQ(*printText(again, options), *text);
  return *text;
}

/// Prints without source lines.
std::string printOps(const Chunk &chunk) {
  PrintOptions options;
  options.lines = false;
  EXPECT_NE(print(chunk), "");
  return print(chunk, options);
}

/// Reads a chunk and writes it without source lines.
std::string reprint(std::string_view text) { return printOps(parse(text)); }

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

TEST(ParseText, ReadsTheExampleOfTheDocumentation) {
  Chunk chunk = parse("; prints the sum of the numbers 1..10\n"
                      "slots i sum\n"
                      "\n"
                      "  LoadInt 0\n"
                      "  SetSlot sum\n"
                      "  LoadInt 1\n"
                      "  SetSlot i\n"
                      "loop:\n"
                      "  PreIncSlotVoid i\n"
                      "  JumpIfTrue loop\n"
                      "  LoadConst \"sum = \"\n"
                      "  PrintLn 2\n"
                      "  Jump done\n"
                      "\n"
                      "sub double:            ; Call double 1\n"
                      "slots x\n"
                      "  SetSlot x\n"
                      "  ReturnValue\n"
                      "done:\n");
  ChunkBuilder b;
  b.setLine(4), b.LoadInt(0);
  b.setLine(5), b.SetSlot(1);
  b.setLine(6), b.LoadInt(1);
  b.setLine(7), b.SetSlot(0);
  b.setLine(9), b.PreIncSlotVoid(0);
  b.setLine(10), b.JumpIfTrue(4);
  b.setLine(11), b.LoadConst(b.constant(Value::makeStr("sum = ")));
  b.setLine(12), b.PrintLn(2);
  b.setLine(13), b.Jump(11);
  b.addSubEntry(b.name("double"), 9);
  b.setLine(17), b.SetSlot(0);
  b.setLine(18), b.ReturnValue();
  EXPECT_TRUE(identical(chunk, *b.build())) << *printText(chunk);
  EXPECT_EQ(chunk.opHash, 0u);
}

TEST(ParseText, ToleratesAnyLayout) {
  EXPECT_TRUE(identical(parse(""), Chunk()));
  EXPECT_TRUE(identical(parse("\n \t\r\n; nothing\n;"), Chunk()));
  EXPECT_TRUE(identical(parse("#!/usr/bin/env fusevm-run\n"), Chunk()));
  Chunk chunk = parse("a:b:\tAdd;comment\r\n  c : Jump\ta\r\nJump\tc");
  ASSERT_EQ(chunk.ops.size(), 3u);
  EXPECT_EQ(chunk.ops[1].target(), 0u);
  EXPECT_EQ(chunk.ops[2].target(), 1u);
  EXPECT_THAT(chunk.lines, ElementsAre(1, 2, 3));
}

TEST(ParseText, ReadsOperandsOfEachKind) {
  auto read = [](std::string_view text) { return parse(text).ops.at(0); };
  EXPECT_EQ(read("LoadInt -9223372036854775808"), Instruction::LoadInt(INT64_MIN));
  EXPECT_EQ(read("LoadInt 0x7fffffffffffffff"), Instruction::LoadInt(INT64_MAX));
  EXPECT_EQ(read("LoadInt -0xff"), Instruction::LoadInt(-255));
  EXPECT_EQ(read("GetSlot 65535"), Instruction::GetSlot(65535));
  EXPECT_EQ(read("GetSlot #7"), Instruction::GetSlot(7));
  EXPECT_EQ(read("GetVar #9"), Instruction::GetVar(9));
  EXPECT_EQ(read("LoadConst #9"), Instruction::LoadConst(9));
  EXPECT_EQ(read("MapBlock #9"), Instruction::MapBlock(9));
  EXPECT_EQ(read("CmdSubst #0x9"), Instruction::CmdSubst(9));
  EXPECT_EQ(read("Jump #18446744073709551615"), Instruction::Jump(UINT64_MAX));
  EXPECT_EQ(read("Call f 255"), Instruction::Call(0, 255));
  EXPECT_EQ(read("SlotLtIntJumpIfFalse 1 -2147483648 #3"),
            Instruction::SlotLtIntJumpIfFalse(1, INT32_MIN, 3));
  EXPECT_EQ(read("ExtendedWide 65535 0xffffffffffffffff"),
            Instruction::ExtendedWide(65535, UINT64_MAX));
}

TEST(ParseText, ReadsFloats) {
  auto bits = [](std::string_view text) {
    return std::bit_cast<uint64_t>(parse("LoadFloat " + std::string(text)).ops.at(0).floatValue());
  };
  auto bitsOf = [](double value) { return std::bit_cast<uint64_t>(value); };
  EXPECT_EQ(bits("1.5"), bitsOf(1.5));
  EXPECT_EQ(bits("2"), bitsOf(2));
  EXPECT_EQ(bits("0x10"), bitsOf(16));
  EXPECT_EQ(bits("-0x0"), bitsOf(-0.0));
  EXPECT_EQ(bits("-0"), bitsOf(-0.0));
  EXPECT_EQ(bits("1e21"), bitsOf(1e21));
  EXPECT_EQ(bits("1E+21"), bitsOf(1e21));
  EXPECT_EQ(bits("5e-324"), 1u);
  EXPECT_EQ(bits("1e-999"), 0u);
  EXPECT_EQ(bits("100000000000000000000"), bitsOf(1e20));
  EXPECT_EQ(bits("inf"), bitsOf(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(bits("-inf"), bitsOf(-std::numeric_limits<double>::infinity()));
  EXPECT_EQ(bits("nan"), 0x7ff8000000000000u);
  EXPECT_EQ(bits("-nan"), 0xfff8000000000000u);
  EXPECT_EQ(bits("nan(0xfff0000000000001)"), 0xfff0000000000001u);
}

TEST(ParseText, ReadsStrings) {
  Chunk chunk = parse("source \"a\\n\\t\\r\\0\\\"\\\\\\e\\x80\\xfF\\u{1F600}\\u{41}é\t;\"");
  EXPECT_EQ(chunk.source, std::string("a\n\t\r\0\"\\\x1b\x80\xff😀Aé\t;", 19));
}

TEST(ParseText, SharesInlineConstantsThatAreIdentical) {
  Chunk chunk = parse("LoadConst 1\n"
                      "LoadConst 1.0\n"
                      "LoadConst 1\n"
                      "LoadConst -0.0\n"
                      "LoadConst 0.0\n"
                      "LoadConst {a: 1, b: 2}\n"
                      "LoadConst {b: 2, a: 1}\n"
                      "LoadConst {\"a\": 1, b: 2}\n");
  std::vector<uint64_t> indices;
  for (const Instruction &instruction : chunk.ops)
    indices.push_back(instruction.a());
  EXPECT_THAT(indices, ElementsAre(0, 1, 0, 2, 3, 4, 5, 4));
  EXPECT_EQ(chunk.constants.size(), 6u);
}

TEST(ParseText, AppendsDirectivesToPoolsAsTheyAre) {
  Chunk chunk = parse("const 1\nconst 1\nconst $two = 2\nLoadConst 1\nLoadConst $two\n"
                      "LoadConst $three\nconst $three = 1\nname f\nname f\nGetVar f\n");
  EXPECT_EQ(chunk.constants.size(), 4u);
  EXPECT_EQ(chunk.ops[0], Instruction::LoadConst(0));
  EXPECT_EQ(chunk.ops[1], Instruction::LoadConst(2));
  EXPECT_EQ(chunk.ops[2], Instruction::LoadConst(3));
  EXPECT_EQ(chunk.ops[3], Instruction::GetVar(0));
  EXPECT_THAT(chunk.names, ElementsAre("f", "f"));
}

TEST(ParseText, ScopesSlotNamesToTheirSub) {
  Chunk chunk = parse("slots a b\nslot c = 7\nslots d\nslot e = 3\nslots f\n"
                      "GetSlot b\nGetSlot c\nGetSlot d\nGetSlot e\nGetSlot f\n"
                      "sub s:\nslots b a\nGetSlot b\nGetSlot a\n");
  std::vector<uint64_t> slots;
  for (const Instruction &instruction : chunk.ops)
    slots.push_back(instruction.a());
  EXPECT_THAT(slots, ElementsAre(1, 7, 8, 3, 9, 0, 1));
}

TEST(ParseText, ReadsSubsAndEntries) {
  Chunk chunk = parse("Nop\nsub f:\nNop\nsub \"a b\":\nsub #9:\nentry f end\nentry g #77\nNop\n"
                      "end:\nJump f\n");
  EXPECT_THAT(chunk.names, ElementsAre("f", "a b", "g"));
  EXPECT_THAT(chunk.subEntries, ElementsAre(SubEntry{0, 1}, SubEntry{1, 2}, SubEntry{9, 2},
                                            SubEntry{0, 3}, SubEntry{2, 77}));
  EXPECT_EQ(chunk.ops[3].target(), 1u);
}

TEST(ParseText, ReadsBlocksAndRanges) {
  Chunk chunk = parse("MapBlock inner\nblock outer:\nNop\nblock inner:\nNop\nend\nend\n"
                      "range #9 #1\nrange a b\na:\nNop\nb:\nMapBlock outer\n");
  EXPECT_THAT(chunk.blockRanges,
              ElementsAre(BlockRange{1, 3}, BlockRange{2, 3}, BlockRange{9, 1}, BlockRange{3, 4}));
  EXPECT_EQ(chunk.ops[0], Instruction::MapBlock(1));
  EXPECT_EQ(chunk.ops[4], Instruction::MapBlock(0));
}

TEST(ParseText, ReadsNestedChunks) {
  Chunk chunk = parse("a: CmdSubst two\nslots x\n"
                      "chunk one {\n  name n\n  a: Jump a\n  chunk deep {\n  }\n}\n"
                      "chunk two {\n}\n"
                      "GetSlot x\n");
  ASSERT_EQ(chunk.subChunks.size(), 2u);
  EXPECT_EQ(chunk.ops[0], Instruction::CmdSubst(1));
  EXPECT_EQ(chunk.subChunks[0].ops.size(), 1u);
  EXPECT_EQ(chunk.subChunks[0].subChunks.size(), 1u);
  EXPECT_THAT(chunk.subChunks[0].lines, ElementsAre(5));
  EXPECT_TRUE(chunk.names.empty());
}

TEST(ParseText, TakesLinesFromDirectivesOrFromTheText) {
  EXPECT_THAT(parse("\nNop\n\nNop\n").lines, ElementsAre(2, 4));
  EXPECT_THAT(parse("\nNop\nline 9\nNop\nNop\nline 4294967295\nNop").lines,
              ElementsAre(0, 9, 9, 4294967295));
  EXPECT_THAT(parse("Nop\nlines [1, 3*4, 0*5, 7]\nNop\n").lines,
              ElementsAre(1, 3, 3, 3, 3, 0, 0, 0, 0, 0, 7));
  EXPECT_THAT(parse("lines []\nNop\n").lines, ElementsAre());
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

TEST(PrintText, UsesLabelsAndNames) {
  EXPECT_EQ(reprint("LoadInt 1\nx: SetVar i\nJumpIfTrue out\nJump x\nout: GetVar \"a b\"\n"),
            "  LoadInt 1\n"
            "L1:\n"
            "  SetVar i\n"
            "  JumpIfTrue L2\n"
            "  Jump L1\n"
            "L2:\n"
            "  GetVar \"a b\"\n");
}

TEST(PrintText, WritesSourceAndLines) {
  Chunk chunk = parse("source \"prog.awk\"\nline 0\nNop\nline 7\nNop\nNop\nline 8\nNop\n");
  EXPECT_EQ(print(chunk), "source \"prog.awk\"\n"
                          "line 0\n  Nop\nline 7\n  Nop\n  Nop\nline 8\n  Nop\n");
}

TEST(PrintText, WritesOddLineTables) {
  Chunk chunk = parse("Nop\nNop\n");
  chunk.lines = {};
  EXPECT_EQ(print(chunk), "lines []\n  Nop\n  Nop\n");
  chunk.lines = {3, 3, 3, 1, 2, 2};
  EXPECT_EQ(print(chunk), "lines [3*3, 1, 2*2]\n  Nop\n  Nop\n");
  EXPECT_EQ(printOps(chunk), "  Nop\n  Nop\n");
  chunk.lines.assign(maxTextLineEntries + 1, 1);
  EXPECT_EQ(printText(chunk).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(PrintText, WritesSubsInFrontOfTheirOps) {
  EXPECT_EQ(reprint("Call f 0\nJump f\nsub f:\nNop\nsub \"g h\":\nx: Jump x\n"), "  Call f 0\n"
                                                                                 "  Jump f\n"
                                                                                 "\nsub f:\n"
                                                                                 "  Nop\n"
                                                                                 "\nsub \"g h\":\n"
                                                                                 "L1:\n"
                                                                                 "  Jump L1\n");
}

TEST(PrintText, WritesSubsThatAreOutOfOrderAsEntries) {
  Chunk chunk = parse("Nop\nNop\nNop\n");
  chunk.names = {"f", "g", "f"};
  chunk.subEntries = {{0, 1}, {1, 0}, {0, 2}, {2, 2}, {7, 3}, {1, 99}};
  EXPECT_EQ(printOps(chunk), "L1:\n"
                             "  Nop\n"
                             "\nsub f:\n"
                             "entry g L1\n"
                             "entry f L2\n"
                             "name f\n"
                             "entry #2 L2\n"
                             "  Nop\n"
                             "L2:\n"
                             "  Nop\n"
                             "\nsub #7:\n"
                             "entry g #99\n");
}

TEST(PrintText, KeepsGeneratedLabelsApartFromSubs) {
  EXPECT_EQ(reprint("a: Jump a\nsub L1:\nb: Jump b\nJump c\nc: Nop\n"), "L2:\n"
                                                                        "  Jump L2\n"
                                                                        "\nsub L1:\n"
                                                                        "  Jump L1\n"
                                                                        "  Jump L3\n"
                                                                        "L3:\n"
                                                                        "  Nop\n");
}

TEST(PrintText, WritesNestedBlocks) {
  std::string_view text = "  MapBlock b1\n"
                          "block b0:\n"
                          "block b1:\n"
                          "  Nop\n"
                          "end\n"
                          "block b2:\n"
                          "end\n"
                          "  Nop\n"
                          "end\n";
  EXPECT_EQ(reprint(text), text);
}

TEST(PrintText, WritesALabelInsideOfTheBlockThatUsesIt) {
  std::string_view text = "  Jump L2\n"
                          "block b0:\n"
                          "  JumpIfTrue L1\n"
                          "  Nop\n"
                          "L1:\n"
                          "end\n"
                          "  Jump L2\n"
                          "block b1:\n"
                          "  Nop\n"
                          "end\n"
                          "L2:\n"
                          "  Nop\n";
  EXPECT_EQ(reprint(text), text);
}

TEST(PrintText, WritesBlocksThatDoNotNestAsRanges) {
  Chunk chunk = parse("Nop\nNop\nNop\nMapBlock #1\nMapBlock #2\n");
  chunk.blockRanges = {{0, 2}, {1, 3}, {1, 1}, {3, 2}, {0, 99}};
  EXPECT_EQ(printOps(chunk), "L1:\n"
                             "block b0:\n"
                             "range L2 L4\n"
                             "  Nop\n"
                             "L2:\n"
                             "block b2:\n"
                             "range L4 L3\n"
                             "range L1 #99\n"
                             "end\n"
                             "  Nop\n"
                             "end\n"
                             "L3:\n"
                             "  Nop\n"
                             "L4:\n"
                             "  MapBlock #1\n"
                             "  MapBlock b2\n");
}

TEST(PrintText, DoesNotCloseABlockForARangeThatIsNotMarked) {
  Chunk chunk = parse("Nop\nNop\nNop\nNop\nNop\nNop\n");
  chunk.blockRanges = {{0, 4}, {0, 2}, {3, 5}, {1, 3}};
  print(chunk);
  chunk.blockRanges = {{0, 6}, {2, 2}, {2, 3}, {2, 2}, {3, 3}, {6, 6}, {6, 6}};
  print(chunk);
}

TEST(PrintText, WritesConstantsWhereTheyAreUsed) {
  EXPECT_EQ(reprint("LoadConst \"a\"\nLoadConst [1, 2.0]\nLoadConst \"a\"\nconst 5\n"),
            "  LoadConst \"a\"\n"
            "  LoadConst [1, 2.0]\n"
            "  LoadConst \"a\"\n"
            "const 5\n");
}

TEST(PrintText, WritesPoolsInAnyOrder) {
  Chunk chunk = parse("LoadConst #2\nLoadConst #0\nLoadConst #3\nLoadConst #9\n"
                      "GetVar #2\nGetVar #0\nGetVar #3\nGetVar #9\n");
  chunk.constants = {Value::makeInt(1), Value::makeStr("x"), Value::makeInt(2), Value::makeInt(1)};
  chunk.names = {"a", "x", "b", "a"};
  EXPECT_EQ(printOps(chunk), "const 1\n"
                             "const \"x\"\n"
                             "  LoadConst 2\n"
                             "  LoadConst 1\n"
                             "const $c3 = 1\n"
                             "  LoadConst $c3\n"
                             "  LoadConst #9\n"
                             "name a\n"
                             "name x\n"
                             "  GetVar b\n"
                             "  GetVar a\n"
                             "name a\n"
                             "  GetVar #3\n"
                             "  GetVar #9\n");
}

TEST(PrintText, WritesALongConstantOnce) {
  std::string text = std::string(100, 'x');
  ChunkBuilder b;
  b.LoadConst(b.constant(Value::makeStr(text)));
  EXPECT_EQ(printOps(*b.build()), "  LoadConst \"" + text + "\"\n");
  uint16_t constant = b.constant(Value::makeStr(text));
  b.LoadConst(constant);
  b.LoadConst(constant);
  EXPECT_EQ(printOps(*b.build()), "const $c0 = \"" + text +
                                      "\"\n"
                                      "  LoadConst $c0\n"
                                      "  LoadConst $c0\n");
  b.GetVar(b.name(text + text));
  EXPECT_EQ(printOps(*b.build()), "name " + text + text + "\n  GetVar #0\n");
}

TEST(PrintText, WritesNestedChunks) {
  std::string_view text = "  CmdSubst c1\n"
                          "  CmdSubst #2\n"
                          "\n"
                          "chunk c0 {\n"
                          "  L1:\n"
                          "    Jump L1\n"
                          "\n"
                          "  sub f:\n"
                          "    Return\n"
                          "}\n"
                          "\n"
                          "chunk c1 {\n"
                          "  chunk c0 {\n"
                          "  }\n"
                          "}\n";
  EXPECT_EQ(reprint(text), text);
}

TEST(PrintText, AppendsComments) {
  PrintOptions options;
  options.lines = false;
  options.comment = [](const Chunk &chunk, size_t op) {
    return op == 1 ? "" : "op " + std::to_string(op) + " of " + std::to_string(chunk.ops.size());
  };
  Chunk chunk = parse("LoadConst \"é\"\nAdd\nLoadConst \"a text that is longer than most\"\n"
                      "chunk c {\n  Nop\n}\n");
  EXPECT_EQ(print(chunk, options), "  LoadConst \"é\"                 ; op 0 of 3\n"
                                   "  Add\n"
                                   "  LoadConst \"a text that is longer than most\" ; op 2 of 3\n"
                                   "\n"
                                   "chunk c0 {\n"
                                   "    Nop                         ; op 0 of 1\n"
                                   "}\n");
}

TEST(PrintText, LimitsItsSize) {
  Chunk chunk = parse("LoadConst \"0123456789\"\nLoadInt 5\n");
  PrintOptions options;
  options.lines = false;
  std::string text = *printText(chunk, options);
  options.maxBytes = text.size();
  EXPECT_TRUE(printText(chunk, options).ok());
  while (options.maxBytes-- != 0) {
    EXPECT_EQ(printText(chunk, options).status().code(), absl::StatusCode::kResourceExhausted);
  }
}

Chunk nestedChunk(size_t levels) {
  Chunk chunk;
  for (size_t i = 0; i != levels; ++i) {
    Chunk around;
    around.subChunks.push_back(std::move(chunk));
    chunk = std::move(around);
  }
  return chunk;
}

TEST(PrintText, LimitsTheNestingOfChunks) {
  print(nestedChunk(maxTextNesting));
  absl::Status status = printText(nestedChunk(maxTextNesting + 1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "chunks are nested more than 200 levels deep");
  EXPECT_FALSE(printText(nestedChunk(100000)).ok());
}

//===----------------------------------------------------------------------===//
// Value literals
//===----------------------------------------------------------------------===//

std::string literal(const Value &value) {
  std::string text = "prefix ";
  absl::Status status = appendValueLiteral(text, value);
  EXPECT_TRUE(status.ok()) << status;
  return text.substr(7);
}

/// The literal of a value, after expecting that it reads back.
std::string checkedLiteral(const Value &value) {
  std::string text = literal(value);
  Chunk chunk = parse("const " + text);
  EXPECT_TRUE(chunk.constants.size() == 1 && identical(chunk.constants[0], value)) << text;
  return text;
}

TEST(ValueLiteral, WritesEachKind) {
  EXPECT_EQ(checkedLiteral(Value()), "undef");
  EXPECT_EQ(checkedLiteral(Value::makeBool(true)), "true");
  EXPECT_EQ(checkedLiteral(Value::makeBool(false)), "false");
  EXPECT_EQ(checkedLiteral(Value::makeInt(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(checkedLiteral(Value::makeStatus(-2)), "status(-2)");
  EXPECT_EQ(checkedLiteral(Value::makeNativeFn(65535)), "native(65535)");
  EXPECT_EQ(checkedLiteral(Value::makeRef(Value::makeRef(Value()))), "ref(ref(undef))");
  EXPECT_EQ(checkedLiteral(Value::makeArray()), "[]");
  EXPECT_EQ(checkedLiteral(Value::makeHash()), "{}");
  Hash hash;
  hash.set("k", Value::makeInt(1));
  hash.set("gone", Value());
  hash.set("", Value::makeArray({Value::makeInt(1), Value::makeFloat(2), Value::makeStr("x")}));
  hash.erase("gone");
  EXPECT_EQ(checkedLiteral(Value::makeHash(hash)), "{\"k\": 1, \"\": [1, 2.0, \"x\"]}");
}

TEST(ValueLiteral, WritesFloats) {
  auto text = [](double value) { return checkedLiteral(Value::makeFloat(value)); };
  EXPECT_EQ(text(0), "0.0");
  EXPECT_EQ(text(-0.0), "-0.0");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(1e6), "1000000.0");
  EXPECT_EQ(text(1e16), "10000000000000000.0");
  EXPECT_EQ(text(1e17), "1e17");
  EXPECT_EQ(text(-1.5e300), "-1.5e300");
  EXPECT_EQ(text(1e-5), "0.00001");
  EXPECT_EQ(text(1e-6), "1e-6");
  EXPECT_EQ(text(5e-324), "5e-324");
  EXPECT_EQ(text(1.7976931348623157e308), "1.7976931348623157e308");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(text(std::bit_cast<double>(0x7ff8000000000000)), "nan");
  EXPECT_EQ(text(std::bit_cast<double>(0xfff8000000000000)), "-nan");
  EXPECT_EQ(text(std::bit_cast<double>(0x7ff0000000000001)), "nan(0x7ff0000000000001)");
}

TEST(ValueLiteral, WritesStrings) {
  auto text = [](std::string_view bytes) { return checkedLiteral(Value::makeStr(bytes)); };
  EXPECT_EQ(text("é 😀 'x'"), "\"é 😀 'x'\"");
  EXPECT_EQ(text(std::string_view("\n\t\r\0\"\\\x1b\x01\x7f", 9)),
            "\"\\n\\t\\r\\0\\\"\\\\\\e\\x01\\x7f\"");
  EXPECT_EQ(text(std::string_view("\0001", 2)), "\"\\01\"");
  // Ill-formed UTF-8: a lone byte, an overlong form, a surrogate, a cut sequence.
  EXPECT_EQ(text("\xff\xc0\x80\xed\xa0\x80\xe2\x82"),
            "\"\\xff\\xc0\\x80\\xed\\xa0\\x80\\xe2\\x82\"");
  // Invisible characters and such that change the direction of the text.
  EXPECT_EQ(text("\u0085\u200b\u202e\ufeff\U000e0001"),
            "\"\\u{85}\\u{200b}\\u{202e}\\u{feff}\\u{e0001}\"");
}

Value nestedArray(size_t levels) {
  Value value = Value::makeInt(1);
  for (size_t i = 0; i != levels; ++i)
    value = Value::makeArray({value});
  return value;
}

TEST(ValueLiteral, LimitsNesting) {
  checkedLiteral(nestedArray(maxTextNesting));
  std::string out = "before";
  absl::Status status = appendValueLiteral(out, nestedArray(maxTextNesting + 1));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "values are nested more than 200 levels deep");
  EXPECT_EQ(out, "before");
  EXPECT_FALSE(appendValueLiteral(out, nestedArray(1000000)).ok());

  Chunk chunk;
  chunk.constants = {Value(), nestedArray(maxTextNesting + 1)};
  EXPECT_THAT(std::string(printText(chunk).status().message()), HasSubstr("constant 1: values"));
}

TEST(ValueLiteral, LimitsSize) {
  Value value = Value::makeStr("x");
  for (int i = 0; i != 100; ++i)
    value = Value::makeArray({value, value});
  std::string out = "before";
  EXPECT_EQ(appendValueLiteral(out, value).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(out, "before");
  EXPECT_TRUE(appendValueLiteral(out, Value::makeInt(123), 3).ok());
  EXPECT_FALSE(appendValueLiteral(out, Value::makeInt(1234), 3).ok());
  EXPECT_EQ(out, "before123");
}

} // namespace
} // namespace fusevm
