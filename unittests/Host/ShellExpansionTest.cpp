//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The expansions of the POSIX shell host that need no process.

#include "Host/Shell/BraceExpand.h"
#include "Host/Shell/ParameterExpansion.h"
#include "Host/Shell/Pattern.h"
#include "Host/Shell/Printf.h"
#include "Host/Shell/Regex.h"
#include "Host/Shell/TildeExpand.h"
#include "Host/Shell/WordSplit.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fusevm::shell {
namespace {

using testing::ElementsAre;
using Words = std::vector<std::string>;

//===----------------------------------------------------------------------===//
// WordSplit
//===----------------------------------------------------------------------===//

struct SplitRow {
  const char *separators; ///< null: unset
  const char *text;
  Words fields;
};

TEST(WordSplit, FollowsItsTable) {
  const SplitRow rows[] = {
      {nullptr, "  a  b c ", {"a", "b", "c"}},
      {" \t\n", "  a  b c ", {"a", "b", "c"}},
      {" \t\n", "", {}},
      {" \t\n", " \t\n ", {}},
      {" \t\n", "a\u00a0b\v\r", {"a\u00a0b\v\r"}},
      {":", "a:b::c:", {"a", "b", "", "c"}},
      {":", ":a", {"", "a"}},
      {":", ":", {""}},
      {":", "::", {"", ""}},
      {": ", " a : b::c : ", {"a", "b", "", "c"}},
      {": ", "a b:c", {"a", "b", "c"}},
      {": ", " : a", {"", "a"}},
      {", ", "a , , b ,", {"a", "", "b"}},
      {",", "a,,b,", {"a", "", "b"}},
      {"x", "axxb", {"a", "", "b"}},
      {"", "a b", {"a b"}},
      {"", "", {}},
      {"ü", "aübüc", {"a", "b", "c"}},
      {":", "a\\:b", {"a\\", "b"}},
  };
  for (const SplitRow &row : rows) {
    std::optional<std::string_view> separators;
    if (row.separators)
      separators = row.separators;
    EXPECT_EQ(splitWords(row.text, separators), row.fields) << row.text;
  }
}

//===----------------------------------------------------------------------===//
// BraceExpand
//===----------------------------------------------------------------------===//

TEST(BraceExpand, FollowsItsTable) {
  const std::pair<const char *, Words> rows[] = {
      {"x{a,b}y", {"xay", "xby"}},
      {"{a,b}{1,2}", {"a1", "a2", "b1", "b2"}},
      {"{a,{b,c}}", {"a", "b", "c"}},
      {"{{a,b},c}", {"a", "b", "c"}},
      {"a{,b}", {"a", "ab"}},
      {"{a}", {"{a}"}},
      {"{}", {"{}"}},
      {"{a,b", {"{a,b"}},
      {"a,b}", {"a,b}"}},
      {"{a..1}", {"{a..1}"}},
      {"{1..}", {"{1..}"}},
      {"{{a}}", {"{{a}}"}},
      {"{1.5..3}", {"{1.5..3}"}},
      {"{a,b}{}", {"a{}", "b{}"}},
      {"{{1..2}}", {"{1}", "{2}"}},
      {"{1..10..3}", {"1", "4", "7", "10"}},
      {"{1..10..-3}", {"1", "4", "7", "10"}},
      {"{10..1..3}", {"10", "7", "4", "1"}},
      {"{01..03}", {"01", "02", "03"}},
      {"{1..03}", {"01", "02", "03"}},
      {"{-01..1}", {"-01", "000", "001"}},
      {"{e..a..2}", {"e", "c", "a"}},
      {"{1..0}", {"1", "0"}},
      {"{1..2..0}", {"1", "2"}},
      {"{a\\,b,c}", {"a\\,b", "c"}},
      {"${a,b}{c,d}", {"${a,b}c", "${a,b}d"}},
      {"{a,{b,c}", {"{a,b", "{a,c"}},
      {"", {""}},
      {"{9223372036854775806..9223372036854775807}",
       {"9223372036854775806", "9223372036854775807"}},
  };
  for (const auto &[text, words] : rows) {
    absl::StatusOr<Words> expanded = expandBraces(text);
    ASSERT_TRUE(expanded.ok()) << text;
    EXPECT_EQ(*expanded, words) << text;
  }
}

TEST(BraceExpand, RefusesWhatIsTooMuch) {
  EXPECT_FALSE(expandBraces("{1..99999999}").ok());
  EXPECT_FALSE(expandBraces("{1..5000}{1..5000}").ok());
  EXPECT_FALSE(expandBraces("{-9223372036854775808..9223372036854775807}").ok());
  std::string deep;
  for (int i = 0; i != 100'000; ++i)
    deep += "{a,";
  EXPECT_TRUE(expandBraces(deep).ok()); // not closed
  EXPECT_FALSE(expandBraces(deep + std::string(100'000, '}')).ok());
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

TEST(Pattern, Matches) {
  const std::pair<const char *, const char *> matching[] = {
      {"", ""},
      {"*", ""},
      {"*", ".x"},
      {"a*b", "a/b"},
      {"a?c", "aüc"},
      {"[a-c]", "b"},
      {"[!a-c]", "d"},
      {"[^a-c]", "d"},
      {"[]a]", "]"},
      {"[!]]", "a"},
      {"[a-]", "-"},
      {"[[:alpha:]]", "ü"},
      {"\\*", "*"},
      {"[\\]]", "]"},
      {"[", "["},
      {"[a", "[a"},
      {"*a*b*", "xaxxb"},
      {"a**b", "ab"},
      {"[[:digit:]x]", "x"},
      {"?", "\xff"},
      {"[[.-.]]", "-"},
      {"[[:nope:]a]", "a"},
  };
  for (auto [pattern, text] : matching)
    EXPECT_TRUE(Pattern(pattern).matches(text)) << pattern << " " << text;
  const std::pair<const char *, const char *> differing[] = {
      {"a", "A"},     {"a", ""},    {"", "a"},      {"?", "ab"},  {"[a-c]", "d"},      {"a\\", "a"},
      {"a\\", "a\\"}, {"[!a]", ""}, {"[b-a]", "a"}, {"*a", "ab"}, {"[[:nope:]]", "a"}, {"\\*", "a"},
  };
  for (auto [pattern, text] : differing)
    EXPECT_FALSE(Pattern(pattern).matches(text)) << pattern << " " << text;
}

TEST(Pattern, TakesNoExponentialTime) {
  std::string pattern, text(20'000, 'a');
  for (int i = 0; i != 50; ++i)
    pattern += "*a";
  EXPECT_FALSE(Pattern(pattern + "b").matches(text));
  EXPECT_EQ(Pattern(pattern + "b").longestSuffix(text), std::nullopt);
}

//===----------------------------------------------------------------------===//
// ParameterExpansion
//===----------------------------------------------------------------------===//

std::string modified(std::string_view text, ParamModifier modifier, const char *first = "",
                     const char *second = "") {
  Value arguments[] = {Value::makeStr(first), Value::makeStr(second)};
  absl::StatusOr<std::string> result = modifyText(text, modifier, arguments);
  return result.ok() ? *result : "error: " + std::string(result.status().message());
}

TEST(ParameterExpansion, Strips) {
  constexpr std::string_view path = "/usr/local/lib/lib.so.1";
  EXPECT_EQ(modified(path, ParamModifier::StripShort, "*/"), "usr/local/lib/lib.so.1");
  EXPECT_EQ(modified(path, ParamModifier::StripLong, "*/"), "lib.so.1");
  EXPECT_EQ(modified(path, ParamModifier::RStripShort, ".*"), "/usr/local/lib/lib.so");
  EXPECT_EQ(modified(path, ParamModifier::RStripLong, ".*"), "/usr/local/lib/lib");
  EXPECT_EQ(modified(path, ParamModifier::StripShort, "zzz"), path);
  EXPECT_EQ(modified(path, ParamModifier::StripShort, ""), path);
  EXPECT_EQ(modified("aüb", ParamModifier::RStripShort, "?b"), "a");
  EXPECT_EQ(modified("a\xc3", ParamModifier::RStripShort, "?"), "a");
}

TEST(ParameterExpansion, Substitutes) {
  auto first = ParamModifier::SubstFirst, all = ParamModifier::SubstAll;
  EXPECT_EQ(modified("abcabc", first, "b", "X"), "aXcabc");
  EXPECT_EQ(modified("abcabc", all, "b", "X"), "aXcaXc");
  EXPECT_EQ(modified("abcabc", first, "a*c", "X"), "X");
  EXPECT_EQ(modified("abcabc", all, "*", "X"), "X");
  EXPECT_EQ(modified("abcabc", first, "#a", "X"), "Xbcabc");
  EXPECT_EQ(modified("abcabc", first, "%c", "X"), "abcabX");
  EXPECT_EQ(modified("abcabc", all, "[ab]", "_"), "__c__c");
  EXPECT_EQ(modified("abcabc", all, "", "_"), "abcabc");
  EXPECT_EQ(modified("", first, "*", "X"), "X");
  EXPECT_EQ(modified("", all, "x", "y"), "");
}

TEST(ParameterExpansion, Slices) {
  auto slice = [](std::string_view text, int64_t offset, std::optional<int64_t> length) {
    Value arguments[] = {Value::makeInt(offset), length ? Value::makeInt(*length) : Value()};
    absl::StatusOr<std::string> result = modifyText(text, ParamModifier::Slice, arguments);
    return result.ok() ? *result : "error: " + std::string(result.status().message());
  };
  constexpr std::string_view digits = "0123456789";
  EXPECT_EQ(slice(digits, 3, std::nullopt), "3456789");
  EXPECT_EQ(slice(digits, 3, 2), "34");
  EXPECT_EQ(slice(digits, -3, std::nullopt), "789");
  EXPECT_EQ(slice(digits, -3, 2), "78");
  EXPECT_EQ(slice(digits, 2, -3), "23456");
  EXPECT_EQ(slice(digits, 20, std::nullopt), "");
  EXPECT_EQ(slice(digits, 10, std::nullopt), "");
  EXPECT_EQ(slice(digits, 0, 0), "");
  EXPECT_EQ(slice(digits, -20, 3), "");
  EXPECT_EQ(slice(digits, 5, 100), "56789");
  EXPECT_EQ(slice(digits, 3, -9), "error: substring expression < 0");
  EXPECT_EQ(slice(digits, INT64_MIN, INT64_MIN), "");
  EXPECT_EQ(slice("aüb", 1, 1), "ü");
}

TEST(ParameterExpansion, ChangesCase) {
  EXPECT_EQ(modified("hello wOrld", ParamModifier::UpperFirst), "Hello wOrld");
  EXPECT_EQ(modified("hello wOrld", ParamModifier::Upper), "HELLO WORLD");
  EXPECT_EQ(modified("hello wOrld", ParamModifier::Lower), "hello world");
  EXPECT_EQ(modified("ÄB\xff", ParamModifier::LowerFirst), "äB\xff");
}

//===----------------------------------------------------------------------===//
// Tilde, regular expressions
//===----------------------------------------------------------------------===//

TEST(TildeExpand, ReplacesThePrefixOnly) {
  auto variable = [](std::string_view name) -> std::optional<std::string> {
    if (name == "HOME")
      return "/h/";
    if (name == "PWD")
      return "/p";
    return std::nullopt;
  };
  EXPECT_EQ(expandTilde("~", variable), "/h/");
  EXPECT_EQ(expandTilde("~/x", variable), "/h//x");
  EXPECT_EQ(expandTilde("~+/x", variable), "/p/x");
  EXPECT_EQ(expandTilde("~-/x", variable), "~-/x");
  EXPECT_EQ(expandTilde("x~", variable), "x~");
  EXPECT_EQ(expandTilde("~no-such-user-here/x", variable), "~no-such-user-here/x");
  EXPECT_EQ(expandTilde("~root", variable), "/root");
}

TEST(Regex, IsExtendedAndUnanchored) {
  absl::StatusOr<RegexGroups> groups = matchRegex("xaüb", "a(.)(q)?b");
  ASSERT_TRUE(groups.ok());
  EXPECT_THAT(*groups, ElementsAre("aüb", "ü", ""));
  EXPECT_TRUE(matchRegex("abc", "^b")->empty());
  EXPECT_THAT(*matchRegex("abcd", "b|bcd"), ElementsAre("bcd"));
  for (const char *malformed : {"(", "[", "*a", "a{2,1}", "a|*b"})
    EXPECT_FALSE(matchRegex("a", malformed).ok()) << malformed;
}

TEST(Printf, StopsAtItsLimit) {
  std::string ones[] = {"1", "1", "1"};
  PrintfOutput output = formatArguments("%100d", ones, 150);
  EXPECT_EQ(output.text.size(), 200u);
  ASSERT_EQ(output.complaints.size(), 1u);
  EXPECT_EQ(output.complaints[0].second, "too long");
}

} // namespace
} // namespace fusevm::shell
