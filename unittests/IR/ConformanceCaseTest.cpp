//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/ConformanceCase.h"

#include "fusevm/IR/Json.h"
#include "fusevm/Support/File.h"

#include "gtest/gtest.h"

#include <cmath>
#include <set>

namespace fusevm {
namespace {

using Outcome = ConformanceCase::Outcome;

std::string caseLine(std::string_view expectation) {
  return std::string(
             R"({"id":"core/Nop/0001","group":"Nop","chunk":[["Nop"],[],[],[1],[],[],[],""])")
      .append(R"(,"expect":)")
      .append(expectation)
      .append("}");
}

ConformanceCase parsed(std::string_view line) {
  absl::StatusOr<ConformanceCase> result = parseConformanceCase(line);
  EXPECT_TRUE(result.ok()) << result.status().message();
  return result.ok() ? *std::move(result) : ConformanceCase();
}

std::string errorOf(std::string_view line) {
  return std::string(parseConformanceCase(line).status().message());
}

TEST(ConformanceCase, ReadsAllParts) {
  ConformanceCase result =
      parsed(R"({"id":"a/b","group":"g","chunk":[["Nop"],[],[],[1],[],[],[],""],"stdin":"in\n",)"
             R"("expect":{"result":{"Ok":{"Int":3}},"stdout":"out\u00e9"}})");
  EXPECT_EQ(result.id, "a/b");
  EXPECT_EQ(result.group, "g");
  EXPECT_EQ(result.chunk.ops.size(), 1u);
  EXPECT_EQ(result.input, "in\n");
  EXPECT_EQ(result.outcome, Outcome::Ok);
  EXPECT_EQ(result.value, Value::makeInt(3));
  EXPECT_EQ(result.output, "outé");
}

TEST(ConformanceCase, ReadsEveryOutcome) {
  EXPECT_EQ(parsed(caseLine(R"({"result":"Halted","stdout":""})")).outcome, Outcome::Halted);
  EXPECT_EQ(parsed(caseLine(R"({"result":"Timeout","stdout":""})")).outcome, Outcome::Timeout);
  ConformanceCase error = parsed(caseLine(R"({"result":{"Error":"no"},"stdout":"x"})"));
  EXPECT_EQ(error.outcome, Outcome::Error);
  EXPECT_EQ(error.text, "no");
  EXPECT_EQ(error.input, "");
  ConformanceCase panic = parsed(caseLine(R"({"result":{"Panic":"oh"},"stdout":""})"));
  EXPECT_EQ(panic.outcome, Outcome::Panic);
  EXPECT_EQ(panic.text, "oh");
  Value nan = parsed(caseLine(R"({"result":{"Ok":{"Float":"NaN"}},"stdout":""})")).value;
  EXPECT_TRUE(std::isnan(nan.asFloat()));
}

TEST(ConformanceCase, NamesThePlaceOfAnError) {
  EXPECT_EQ(errorOf(caseLine(R"({"stdout":""})")), "$.expect: missing field `result`");
  EXPECT_EQ(errorOf(caseLine(R"({"result":"Done","stdout":""})")),
            "$.expect.result: unknown variant \"Done\", expected the name of a result");
  EXPECT_EQ(errorOf(caseLine(R"({"result":"Error","stdout":""})")),
            "$.expect.result: the result Error lacks its payload");
  EXPECT_EQ(errorOf(caseLine(R"({"result":{"Halted":"x"},"stdout":""})")),
            "$.expect.result: the result Halted has no payload");
  EXPECT_EQ(errorOf(caseLine(R"({"result":{"Error":1},"stdout":""})")),
            "$.expect.result.Error: invalid type: integer `1`, expected a string");
  EXPECT_EQ(errorOf(R"({"id":"","group":"","chunk":[],"expect":0})"),
            "$.chunk: invalid length 0, expected struct Chunk with 8 elements");
  EXPECT_EQ(errorOf("{\"id\":"), "line 1 column 7: unexpected end of input; expected '[', '{', or "
                                 "a literal");
  EXPECT_EQ(errorOf("[]"), "$: invalid type: sequence, expected a conformance case");
}

/// Reads each line of a file of cases and checks that chunk and value survive printing.
class ConformanceFile : public testing::TestWithParam<const char *> {};

TEST_P(ConformanceFile, IsReadAndSurvivesPrinting) {
  std::string path = std::string(FUSEVM_TEST_DATA_DIR "/conformance/") + GetParam();
  absl::StatusOr<std::string> text = readFile(path);
  ASSERT_TRUE(text.ok()) << text.status().message();
  std::set<std::string> ids;
  for (std::string_view rest = *text; !rest.empty();) {
    size_t newline = std::min(rest.find('\n'), rest.size() - 1);
    ConformanceCase read = parsed(rest.substr(0, newline));
    EXPECT_TRUE(ids.insert(read.id).second) << read.id;
    absl::StatusOr<std::string> printed = printJson(read.chunk);
    ASSERT_TRUE(printed.ok()) << read.id << printed.status().message();
    absl::StatusOr<Chunk> again = parseJson(*printed);
    ASSERT_TRUE(again.ok()) << read.id << again.status().message();
    EXPECT_TRUE(identical(read.chunk, *again)) << read.id;
    absl::StatusOr<Value> value = parseJsonValue(printJsonValue(read.value).value());
    ASSERT_TRUE(value.ok()) << read.id << value.status().message();
    EXPECT_TRUE(identical(read.value, *value)) << read.id;
    rest.remove_prefix(newline + 1);
  }
  EXPECT_FALSE(ids.empty());
}

INSTANTIATE_TEST_SUITE_P(All, ConformanceFile,
                         testing::Values("core.jsonl", "collections.jsonl", "awk.jsonl",
                                         "shell.jsonl", "random.jsonl", "crashes.jsonl"),
                         [](const auto &info) {
                           std::string_view name = info.param;
                           return std::string(name.substr(0, name.find('.')));
                         });

} // namespace
} // namespace fusevm
