//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/Json.h"

#include "JsonTestSupport.h"

#include "gmock/gmock.h"

namespace fusevm {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

//===----------------------------------------------------------------------===//
// Chunks
//===----------------------------------------------------------------------===//

constexpr std::string_view emptyChunk =
    R"({"ops":[],"constants":[],"names":[],"lines":[],"sub_entries":[],"block_ranges":[],)"
    R"("sub_chunks":[],"source":""})";

constexpr std::string_view workedExample =
    R"({"ops":[{"LoadInt":21},{"Call":[1,1]},{"SetVar":0},{"LoadConst":0},{"GetVar":0},)"
    R"({"PrintLn":2},{"Jump":10},{"LoadFloat":2.0},"Mul","ReturnValue"],)"
    R"("constants":[{"Str":"n=\"π\"\n"},"Undef",{"Array":[{"Int":-1},{"Float":1.0},)"
    R"({"Bool":true},{"Status":2},{"NativeFn":9}]},{"Hash":{"k":{"Ref":"Undef"}}}],)"
    R"("names":["x","double"],"lines":[1,1,1,2,2,2,3,5,5,5],"sub_entries":[[1,7]],)"
    R"("block_ranges":[[7,10]],"sub_chunks":[{"ops":[{"LoadInt":7},"ReturnValue"],)"
    R"("constants":[],"names":[],"lines":[9,9],"sub_entries":[],"block_ranges":[],)"
    R"("sub_chunks":[],"source":"demo.fuse#sub"}],"source":"demo.fuse"})";

TEST(JsonChunk, Empty) {
  EXPECT_EQ(printed(Chunk()), emptyChunk);
  EXPECT_TRUE(identical(chunkOf(emptyChunk), Chunk()));
}

TEST(JsonChunk, WorkedExampleByteForByte) {
  Chunk chunk = chunkOf(workedExample);
  EXPECT_EQ(chunk.opHash, 0u);
  EXPECT_EQ(chunk.subChunks[0].opHash, 0u);
  EXPECT_EQ(chunk.computeOpHash(), 0x002671444efc574eu);
  EXPECT_EQ(chunk.subChunks[0].computeOpHash(), 0x173341ab9cd652e8u);
  EXPECT_EQ(printed(chunk), workedExample);
}

TEST(JsonChunk, WorkedExampleAsBuilt) {
  Chunk inner;
  inner.ops = {Instruction::LoadInt(7), Instruction::ReturnValue()};
  inner.lines = {9, 9};
  inner.source = "demo.fuse#sub";
  Hash hash;
  hash.set("k", Value::makeRef(Value()));
  Chunk chunk;
  chunk.ops = {Instruction::LoadInt(21),  Instruction::Call(1, 1),   Instruction::SetVar(0),
               Instruction::LoadConst(0), Instruction::GetVar(0),    Instruction::PrintLn(2),
               Instruction::Jump(10),     Instruction::LoadFloat(2), Instruction::Mul(),
               Instruction::ReturnValue()};
  chunk.constants = {
      Value::makeStr("n=\"π\"\n"), Value(),
      Value::makeArray({Value::makeInt(-1), Value::makeFloat(1), Value::makeBool(true),
                        Value::makeStatus(2), Value::makeNativeFn(9)}),
      Value::makeHash(hash)};
  chunk.names = {"x", "double"};
  chunk.lines = {1, 1, 1, 2, 2, 2, 3, 5, 5, 5};
  chunk.subEntries = {{1, 7}};
  chunk.blockRanges = {{7, 10}};
  chunk.subChunks = {inner};
  chunk.source = "demo.fuse";
  EXPECT_EQ(printed(chunk), workedExample);
  EXPECT_TRUE(identical(chunkOf(workedExample), chunk));
}

TEST(JsonChunk, AcceptsAnyOrderAndUnknownFields) {
  EXPECT_EQ(chunkOf(R"({"source":"s","op_hash":[{"a":null}],"op_hash":1.5,"lines":[4294967295],)"
                    R"("ops":[],"sub_chunks":[],"names":["n","n"],"constants":[],"x":{},)"
                    R"("block_ranges":[[18446744073709551615,0]],"sub_entries":[[65535,9]]})")
                .names.size(),
            2u);
}

TEST(JsonChunk, AcceptsTheArrayForm) {
  EXPECT_TRUE(identical(chunkOf(R"([[],[],[],[],[],[],[],""])"), Chunk()));
  Chunk chunk = chunkOf(
      R"([["Nop"],["Undef"],["n"],[1,2],[[0,1]],[[2,3]],[[[],[],[],[],[],[],[],"in"]],"out"])");
  EXPECT_EQ(chunk.subEntries, (std::vector<SubEntry>{{0, 1}}));
  EXPECT_EQ(chunk.blockRanges, (std::vector<BlockRange>{{2, 3}}));
  EXPECT_EQ(chunk.subChunks[0].source, "in");
  EXPECT_EQ(chunk.source, "out");
}

TEST(JsonChunk, AcceptsInconsistentChunks) {
  Chunk chunk = chunkOf(R"([[{"LoadConst":9},{"Jump":99}],[],["n","n"],[1],[[7,8],[7,8]],)"
                        R"([[5,2]],[],""])");
  EXPECT_EQ(chunk.ops[1].target(), 99u);
}

TEST(JsonChunk, Rejects) {
  const std::pair<std::string, std::string_view> rows[] = {
      {"{}", "$: missing field `ops`"},
      {R"({"ops":[],"names":[]})", "$: missing field `constants`"},
      {R"({"ops":[],"ops":[]})", "$: duplicate field `ops`"},
      {"1", "$: invalid type: integer `1`, expected struct Chunk"},
      {"null", "$: invalid type: null, expected struct Chunk"},
      {"[[],[],[],[],[],[],[]]", "$: invalid length 7, expected struct Chunk with 8 elements"},
      {R"([[],[],[],[],[],[],[],"",0])",
       "$: invalid length 9, expected struct Chunk with 8 elements"},
      {R"([[],[],[],["x"],[],[],[],""])", "$[3][0]: invalid type: string \"x\", expected u32"},
      {chunkWith("ops", "null"), "$.ops: invalid type: null, expected a sequence"},
      {chunkWith("constants", "null"), "$.constants: invalid type: null, expected a sequence"},
      {chunkWith("names", "null"), "$.names: invalid type: null, expected a sequence"},
      {chunkWith("lines", "null"), "$.lines: invalid type: null, expected a sequence"},
      {chunkWith("sub_entries", "{}"), "$.sub_entries: invalid type: map, expected a sequence"},
      {chunkWith("block_ranges", "1"),
       "$.block_ranges: invalid type: integer `1`, expected a sequence"},
      {chunkWith("sub_chunks", "null"), "$.sub_chunks: invalid type: null, expected a sequence"},
      {chunkWith("source", "null"), "$.source: invalid type: null, expected a string"},
      {chunkWith("names", "[\"a\",1]"), "$.names[1]: invalid type: integer `1`, expected a string"},
      {chunkWith("lines", "[0,4294967296]"),
       "$.lines[1]: invalid value: integer `4294967296`, expected u32"},
      {chunkWith("lines", "[-1]"), "$.lines[0]: invalid value: integer `-1`, expected u32"},
      {chunkWith("sub_entries", "[[1]]"),
       "$.sub_entries[0]: invalid length 1, expected a tuple of size 2"},
      {chunkWith("sub_entries", "[[1,2,3]]"),
       "$.sub_entries[0]: invalid length 3, expected a tuple of size 2"},
      {chunkWith("sub_entries", "[[0,0],[65536,2]]"),
       "$.sub_entries[1][0]: invalid value: integer `65536`, expected u16"},
      {chunkWith("block_ranges", "[{\"0\":1,\"1\":2}]"),
       "$.block_ranges[0]: invalid type: map, expected a tuple of size 2"},
      {chunkWith("block_ranges", "[[1,-2]]"),
       "$.block_ranges[0][1]: invalid value: integer `-2`, expected u64"},
      {chunkWith("sub_chunks", "[" + chunkWith("ops", "[\"Nop\",7]") + "]"),
       "$.sub_chunks[0].ops[1]: invalid type: integer `7`, expected an op: a name or a map with "
       "one member"},
  };
  for (const auto &[json, message] : rows)
    EXPECT_EQ(chunkError(json), message) << json;
}

//===----------------------------------------------------------------------===//
// Documents
//===----------------------------------------------------------------------===//

TEST(JsonDocument, SyntaxErrorsNameLineAndColumn) {
  using namespace std::string_view_literals;
  const std::pair<std::string_view, std::string_view> rows[] = {
      {""sv, "line 1 column 1: unexpected end of input"},
      {" \n \n"sv, "line 3 column 1: unexpected end of input"},
      {"{\n  \"ops\": [,"sv, "line 2 column 11: unexpected ','"},
      {"[1"sv, "line 1 column 3: unexpected end of input"},
      {"[1,]"sv, "line 1 column 4: unexpected ']'"},
      {R"({"a":1,})"sv, "line 1 column 8: unexpected '}'"},
      {R"({"a" 1})"sv, "line 1 column 6: unexpected number literal; expected ':'"},
      {"[1 2]"sv, "line 1 column 4: unexpected number literal"},
      {"[]]"sv, "line 1 column 3: trailing characters"},
      {"[] x"sv, "line 1 column 4: "},
      {"\"Undef\" // no"sv, "line 1 column 9: "},
      {"/* no */ []"sv, "line 1 column 1: "},
      {"\xef\xbb\xbf[]"sv, "line 1 column 1: unexpected byte-order mark"},
      {"[01]"sv, "line 1 column 3: unexpected number literal"},
      {"[+5]"sv, "line 1 column 2: invalid literal"},
      {"[.5]"sv, "line 1 column 2: invalid literal"},
      {"[5.]"sv, "line 1 column 4: invalid number"},
      {"[1e]"sv, "line 1 column 4: invalid number"},
      {"[-]"sv, "line 1 column 3: invalid number"},
      {"[NaN]"sv, "line 1 column 2: invalid literal"},
      {"[Infinity]"sv, "line 1 column 2: invalid literal"},
      {"[1e400]"sv, "line 1 column 6: number out of range"},
      {"[\"a\nb\"]"sv, "line 1 column 4: invalid string: control character"},
      {R"(["\ud800"])"sv, "line 1 column 9: invalid string: surrogate"},
      {R"(["\udc00"])"sv, "line 1 column 8: invalid string: surrogate"},
      {R"(["\x"])"sv, "line 1 column 4: invalid string: forbidden character"},
      {"[\"\xff\"]"sv, "line 1 column 3: invalid string: ill-formed UTF-8 byte"},
      {"[\"\xc3"sv, "line 1 column 4: invalid string"},
      {"[\"\xed\xa0\x80\"]"sv, "line 1 column 4: invalid string: ill-formed UTF-8 byte"},
      {"[1]\0"sv, "line 1 column 4: unexpected NUL byte"},
      {"[1,\0]"sv, "line 1 column 4: unexpected NUL byte"},
      {"[,\0]"sv, "line 1 column 2: unexpected ','"},
      {"[\"a\0b\"]"sv, "line 1 column 4: unexpected NUL byte"},
  };
  for (auto [json, message] : rows)
    EXPECT_THAT(chunkError(json), StartsWith(std::string(message))) << json;
}

TEST(JsonDocument, MessagesStayShortAndPrintable) {
  std::string longText(1000, 'x');
  std::string message = valueError("{\"Int\":\"" + longText + "\"}");
  EXPECT_THAT(message, EndsWith("xxx...\", expected i64"));
  EXPECT_LT(message.size(), 150u);
  EXPECT_THAT(valueError("{\"Int\":\"" + std::string(59, 'x') + "é\"}"), HasSubstr("x...\""));
  EXPECT_THAT(valueError(R"({"Int":"\u001b\"\\é"})"), HasSubstr(R"("\x1b\"\\é")"));
  Value deep = Value::makeStr("\xff");
  for (int i = 0; i != 20; ++i)
    deep = Value::makeArray({deep});
  EXPECT_EQ(printError(deep),
            "$.Array[0].Array[0].Array[0].Array[0] ... [0].Array[0].Array[0].Array[0].Str: a "
            "string that is not UTF-8, at its byte 0: \"\\xff\"");
}

TEST(JsonDocument, ReadsToTheLimitOfNesting) {
  EXPECT_TRUE(valueOf(nested(R"({"Array":[)", R"("Undef")", "]}", 63)).isArray());
  EXPECT_TRUE(valueOf(nested(R"({"Hash":{"k":)", R"("Undef")", "}}", 63)).isHash());
  std::string refs = nested(R"({"Ref":)", R"("Undef")", "}", 127);
  EXPECT_EQ(printed(valueOf(refs)), refs);
  constexpr std::string_view open = "[[],[],[],[],[],[],[";
  std::string chunks = nested(open, "", R"(],""])", 63);
  EXPECT_EQ(printed(chunkOf(printed(chunkOf(chunks)))), printed(chunkOf(chunks)));
}

TEST(JsonDocument, RefusesDeeperNesting) {
  constexpr std::string_view reason = ": more than 127 nested arrays and objects";
  EXPECT_EQ(valueError(nested(R"({"Ref":)", R"("Undef")", "}", 128)),
            "line 1 column " + std::to_string(127 * 7 + 1) + std::string(reason));
  EXPECT_THAT(valueError(nested(R"({"Array":[)", "", "]}", 64)), EndsWith(std::string(reason)));
  EXPECT_THAT(chunkError(nested("[[],[],[],[],[],[],[", "", R"(],""])", 64)),
              EndsWith(std::string(reason)));
  // Brackets in strings and closed ones do not count.
  EXPECT_EQ(valueError("[\"[[\\\"[[\",{},[],\n" + std::string(1'000'000, '[')),
            "line 2 column 127" + std::string(reason));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

TEST(JsonWriter, RefusesTextThatIsNotUtf8) {
  Chunk chunk;
  chunk.constants = {Value(), Value::makeArray({Value::makeStr("ok\x80")})};
  EXPECT_EQ(printError(chunk),
            "$.constants[1].Array[0].Str: a string that is not UTF-8, at its byte 2: \"ok\\x80\"");
  chunk.constants.clear();
  chunk.names = {"fine", "\xc3"};
  EXPECT_EQ(printError(chunk), "$.names[1]: a string that is not UTF-8, at its byte 0: \"\\xc3\"");
  chunk.names.clear();
  chunk.source = "\xff";
  EXPECT_EQ(printError(chunk), "$.source: a string that is not UTF-8, at its byte 0: \"\\xff\"");
  Hash hash;
  hash.set("a\xff", Value());
  EXPECT_EQ(printError(Value::makeHash(hash)),
            "$.Hash[\"a\\xff\"]: a string that is not UTF-8, at its byte 1: \"a\\xff\"");
}

TEST(JsonWriter, RefusesDeepNesting) {
  Value deep;
  for (size_t i = 0; i != maxJsonDepth; ++i)
    deep = Value::makeRef(std::move(deep));
  EXPECT_TRUE(printJsonValue(deep).ok());
  deep = Value::makeRef(std::move(deep));
  EXPECT_TRUE(absl::IsInvalidArgument(printJsonValue(deep).status()));
  for (int i = 0; i != 1'000'000; ++i)
    deep = Value::makeRef(std::move(deep));
  absl::Status status = printJsonValue(deep).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              EndsWith("Ref.Ref: more than 127 nested arrays and objects"));
  Chunk chunk;
  for (int i = 0; i != 64; ++i) {
    Chunk outer;
    outer.subChunks.push_back(std::move(chunk));
    chunk = std::move(outer);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(printJson(chunk).status()));
}

TEST(JsonWriter, RefusesTextBeyondTheLimit) {
  Value shared = Value::makeStr("x");
  for (int i = 0; i != 50; ++i)
    shared = Value::makeArray({shared, shared});
  absl::Status status = printJsonValue(shared, 1 << 20).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), EndsWith("the text is longer than 1048576 bytes"));
  EXPECT_TRUE(printJson(Chunk(), emptyChunk.size()).ok());
  EXPECT_FALSE(printJson(Chunk(), emptyChunk.size() - 1).ok());
}

} // namespace
} // namespace fusevm
