//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Regular expressions, substitutions and field separation of the AWK host.

#include "Host/Awk/FieldSeparator.h"
#include "Host/Awk/Regex.h"
#include "Host/Awk/Substitution.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fusevm::awk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Words = std::vector<std::string>;

/// Where the match is and how long, in bytes; "none" or an error otherwise.
std::string find(std::string_view ere, std::string_view text, bool ignoreCase = false) {
  auto regex = Regex::compile(ere, ignoreCase);
  if (!regex.ok())
    return "error: " + std::string(regex.status().message());
  Match match;
  if (!(*regex)->search(text, 0, {&match, 1}))
    return "none";
  return std::to_string(match.data() - text.data()) + "+" + std::to_string(match.size());
}

TEST(AwkRegex, LongestOfTheLeftmost) {
  EXPECT_EQ(find("(abc)*|xab", "xabcabcy"), "0+3");
  EXPECT_EQ(find("ab|abcd", "abcd"), "0+4");
  EXPECT_EQ(find("x*", "abc"), "0+0");
  EXPECT_EQ(find("(a|ab)(c|bcd)", "abcd"), "0+4");
}

TEST(AwkRegex, AnchorsAreOfTheWholeText) {
  EXPECT_EQ(find("a.b", "a\nb"), "0+3");
  EXPECT_EQ(find("^b", "a\nb"), "none");
  EXPECT_EQ(find("a$", "a\nb"), "none");
  EXPECT_EQ(find("^a|b$", "xb"), "1+1");
  EXPECT_EQ(find("(^a)", "a"), "0+1");
  EXPECT_EQ(find("x^", "x"), "none");
  EXPECT_EQ(find("^*a", "*a"), "0+2");
}

TEST(AwkRegex, OperatorsThatAreLiteral) {
  EXPECT_EQ(find("{", "a{"), "1+1");
  EXPECT_EQ(find("a{,2}b", "aab"), "0+3");
  EXPECT_EQ(find("a{b", "a{b"), "0+3");
  EXPECT_EQ(find("^a{2,}b$", "aab"), "0+3");
  EXPECT_EQ(find("*a", "*a"), "0+2");
  EXPECT_EQ(find("(+)", "+"), "0+1");
  EXPECT_EQ(find("a|*b", "*b"), "0+2");
  EXPECT_EQ(find("a)", "a)"), "0+2");
  EXPECT_EQ(find("a**", "aaa"), "0+3");
  EXPECT_EQ(find("a+?", "aaa"), "0+3");
  EXPECT_EQ(find("(a|b)*+c", "abc"), "0+3");
  EXPECT_EQ(find("a{2}{2}", "aaaaa"), "0+4");
  EXPECT_EQ(find("()", "a"), "0+0");
  EXPECT_EQ(find("", "a"), "0+0");
}

TEST(AwkRegex, Brackets) {
  EXPECT_EQ(find("[]]", "]"), "0+1");
  EXPECT_EQ(find("[^]a]", "]ab"), "2+1");
  EXPECT_EQ(find("[a-]", "-"), "0+1");
  EXPECT_EQ(find("[a\\]b]+", "]b"), "0+2");
  EXPECT_EQ(find("[\\/]", "/"), "0+1");
  EXPECT_EQ(find("[[:alpha:]_]+", "1aé_2"), "1+4");
  EXPECT_EQ(find("[[:digit:][:space:]]+", "a1 2"), "1+3");
  EXPECT_EQ(find("[[.-.][=a=]]+", "x-a"), "1+2");
  EXPECT_EQ(find("[\\101-\\103]+", "xABCD"), "1+3");
  EXPECT_EQ(find("[+--]+", "+,-."), "0+3");
  EXPECT_EQ(find("[é-ü]", "xú"), "1+2");
  EXPECT_EQ(find("[$^.*]+", ".*^$"), "0+4");
}

TEST(AwkRegex, ClassesAreThoseOfUnicode) {
  EXPECT_EQ(find("^[[:upper:]][[:lower:]]$", "Éé"), "0+4");
  EXPECT_EQ(find("[[:punct:]]", "a„b"), "1+3");
  EXPECT_EQ(find("[[:punct:]]+", "a$+<=>^`|~!\"#%&'()*,-./:;?@[\\]_{}b"), "1+32");
  EXPECT_EQ(find("[^[:space:]]+", " ab\xe2\x80\x83 c"), "1+2");
  EXPECT_EQ(find("[[:space:]]", "\xc2\xa0"), "none"); // a no-break space
  EXPECT_EQ(find("[[:blank:]]+", "\n\t\xe3\x80\x80"), "1+4");
  EXPECT_EQ(find("[[:print:]]+", "\x1f äß€\x7f"), "1+8");
  EXPECT_EQ(find("[[:graph:]]+", " äß€ "), "1+7");
  EXPECT_EQ(find("[[:cntrl:]]", "ä\xc2\x85"), "2+2");
  EXPECT_EQ(find("[[:digit:]]", "\xd9\xa3"), "none");
}

TEST(AwkRegex, SetsOfCharactersMatchAsPrograms) {
  // A group keeps an expression from being taken for a set.
  for (std::string_view ere : {"[0-9]",
                               "[0-9]+",
                               "[]:]",
                               "[a\\]b]+",
                               "[\\101-\\103]+",
                               "[[:digit:]x]+",
                               "[[:space:]]+",
                               "[\\/]",
                               "a+",
                               "\\.+",
                               "\\t",
                               "\\w+",
                               "\\s",
                               "\\S+",
                               "[-+]",
                               "[.]+",
                               "é+",
                               "[é]",
                               "[^a]+",
                               "[\\x7f]",
                               "[\\x80]",
                               "\\y",
                               "\\B",
                               "[a-é]+",
                               "[[:alpha:]]+",
                               "[b-a]",
                               "\\B+",
                               "\\`",
                               "[\\001-\\177]+",
                               "[\\1-\\377]+"})
    for (std::string_view text :
         {"", "a", "xaab 12:]\\/", "\t\t.. .a", "\x7f\xc2\x80", "ABC é-+ééab",
          "\xff\xfe"
          "a\xff"
          "aé",
          "_w\n9"}) {
      std::string group = "(" + std::string(ere) + ")";
      std::string expected = find(group, text);
      if (expected.starts_with("error"))
        EXPECT_THAT(find(ere, text), testing::StartsWith("error")) << ere;
      else
        EXPECT_EQ(find(ere, text), expected) << ere << " in " << text;
    }
}

TEST(AwkRegex, Escapes) {
  EXPECT_EQ(find("\\.", "a."), "1+1");
  EXPECT_EQ(find("\\/\\\"\\&", "/\"&"), "0+3");
  EXPECT_EQ(find("a\\tb", "a\tb"), "0+3");
  EXPECT_EQ(find("\\x41\\102", "AB"), "0+2");
  EXPECT_EQ(find("(a)\\1", "aa"), "none");
  EXPECT_EQ(find("\\Bbar", "foobar"), "3+3");
  EXPECT_EQ(find("\\yfoo\\y", "a foo b"), "2+3");
  EXPECT_EQ(find("\\<b", "ab b"), "3+1");
  EXPECT_EQ(find("\\w+\\s\\S", "ab c"), "0+4");
  EXPECT_EQ(find("\\`a\\'", "a"), "0+1");
  EXPECT_EQ(find("\\q", "q"), "0+1");
  EXPECT_EQ(find("a\\", "a\\"), "0+2");
}

TEST(AwkRegex, CaseErrorsAndOddTexts) {
  EXPECT_EQ(find("ABC", "xabc", /*ignoreCase=*/true), "1+3");
  EXPECT_THAT(find("(a", "a"), testing::StartsWith("error: invalid regular expression /(a/: "));
  EXPECT_THAT(find("[a", "a"), testing::StartsWith("error: "));
  EXPECT_THAT(find("[[:nope:]]", "a"), testing::StartsWith("error: "));
  EXPECT_EQ(find("b", std::string_view("a\0b", 3)), "2+1");
  EXPECT_EQ(find("b+", "\xff\xfe"
                       "bb\xc3"),
            "2+2");
  EXPECT_EQ(find("^.$", "é"), "0+2");
}

std::string gsub(std::string_view ere, std::string_view replacement, std::string_view text) {
  auto regex = Regex::compile(ere, false).value();
  std::string out(text);
  uint64_t count =
      *substitute(*regex, text, replacement, ReplacementStyle::Sub, Occurrences::all(), 100, out);
  return std::to_string(count) + " " + out;
}

TEST(AwkSubstitution, EmptyMatches) {
  EXPECT_EQ(gsub("x*", "-", "abc"), "4 -a-b-c-");
  EXPECT_EQ(gsub("x*", "-", "abxc"), "4 -a-b-c-");
  EXPECT_EQ(gsub("x*", "-", ""), "1 -");
  EXPECT_EQ(gsub("x*", "-", "xxx"), "1 -");
  EXPECT_EQ(gsub("l*", "L", "hello"), "4 LhLeLoL");
  EXPECT_EQ(gsub(" */", "_", "a b"), "0 a b");
  EXPECT_EQ(gsub(" *", "_", "a b c"), "4 _a_b_c_");
  EXPECT_EQ(gsub("$", "!", "abc"), "1 abc!");
  EXPECT_EQ(gsub("^", "!", "abc"), "1 !abc");
  EXPECT_EQ(gsub("^a", "-", "aaa"), "1 -aa");
  EXPECT_EQ(gsub("z*", "-", "é"), "2 -é-");
}

TEST(AwkSubstitution, Backslashes) {
  auto replaced = [](std::string_view replacement) {
    return gsub("b", replacement, "b").substr(2);
  };
  EXPECT_EQ(replaced("&"), "b");
  EXPECT_EQ(replaced("\\&"), "&");
  EXPECT_EQ(replaced("\\\\&"), "\\b");
  EXPECT_EQ(replaced("&&"), "bb");
  EXPECT_EQ(replaced("\\\\\\&"), "\\&");
  EXPECT_EQ(replaced("\\\\\\\\&"), "\\\\b");
  EXPECT_EQ(replaced("\\q"), "\\q");
  EXPECT_EQ(replaced("\\"), "\\");
  EXPECT_EQ(replaced("\\\\"), "\\\\");
}

TEST(AwkSubstitution, Gensub) {
  auto gensub = [](std::string_view ere, std::string_view replacement, uint64_t number,
                   std::string_view text) {
    std::string out(text);
    EXPECT_TRUE(substitute(*Regex::compile(ere, false).value(), text, replacement,
                           ReplacementStyle::Gensub, {number}, 100, out)
                    .ok());
    return out;
  };
  EXPECT_EQ(gensub("x*", "-", 2, "abc"), "a-bc");
  EXPECT_EQ(gensub("(a)(x)?", "<\\1\\2\\3\\0&\\&\\\\\\q>", 0, "ab"), "<aaa&\\q>b");
  EXPECT_EQ(gensub("a", "b", 3, "aa"), "aa");
  EXPECT_EQ(gensub("a", "b", 2, "aaa"), "aba");
}

TEST(AwkSubstitution, LimitOfTheResult) {
  auto regex = Regex::compile("a", false).value();
  for (ReplacementStyle style : {ReplacementStyle::Sub, ReplacementStyle::Gensub})
    for (std::string_view replacement : {"xyz", "x&z", "&&&"}) {
      std::string out;
      EXPECT_EQ(*substitute(*regex, "aba", replacement, style, Occurrences::all(), 7, out), 2u);
      EXPECT_EQ(substitute(*regex, "aba", replacement, style, Occurrences::all(), 6, out)
                    .status()
                    .message(),
                "string too large: more than 6 bytes");
    }
}

RegexCache cache;

Words split(std::string_view separator, std::string_view text, bool newlineToo = false) {
  auto rule = FieldSeparator::fromText(separator, newlineToo, false, cache).value();
  Words words;
  FieldSeparator::Cursor cursor;
  for (std::string_view field; rule->next(text, cursor, field);)
    words.emplace_back(field);
  return words;
}

TEST(AwkFieldSeparator, Kinds) {
  EXPECT_THAT(split(" ", " a  b\t\nc "), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split(" ", "  "), IsEmpty());
  EXPECT_THAT(split("[ ]", " a  b "), ElementsAre("", "a", "", "b", ""));
  EXPECT_THAT(split(" +", " a  b "), ElementsAre("", "a", "b", ""));
  EXPECT_THAT(split("\t", "a\t\tb c"), ElementsAre("a", "", "b c"));
  EXPECT_THAT(split(":", ":"), ElementsAre("", ""));
  EXPECT_THAT(split(":", ""), IsEmpty());
  EXPECT_THAT(split("|", "a|b"), ElementsAre("a", "b"));
  EXPECT_THAT(split("^", "a^b"), ElementsAre("a", "b"));
  EXPECT_THAT(split("\\", "a\\b"), ElementsAre("a", "b"));
  EXPECT_THAT(split("é", "aébéc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split("x*", "abc"), ElementsAre("abc"));
  EXPECT_THAT(split("x*", "axxb"), ElementsAre("a", "b"));
  EXPECT_THAT(split("^a", "aba"), ElementsAre("", "ba"));
  EXPECT_THAT(split("", "aéb"), ElementsAre("a", "é", "b"));
  EXPECT_THAT(split(":", "a:b\nc", /*newlineToo=*/true), ElementsAre("a", "b", "c"));
}

TEST(AwkFieldSeparator, WidthsAndPatterns) {
  auto fields = [](const FieldSeparator &rule, std::string_view text) {
    Words words;
    FieldSeparator::Cursor cursor;
    for (std::string_view field; rule.next(text, cursor, field);)
      words.emplace_back(field);
    return words;
  };
  EXPECT_THAT(fields(**FieldSeparator::fromWidths("2 1:3 *"), "éab123rest"),
              ElementsAre("éa", "123", "rest"));
  EXPECT_THAT(fields(**FieldSeparator::fromWidths("2 3"), "abc"), ElementsAre("ab", "c"));
  for (const char *widths : {"2 x", "2 0 1", "1:0", "2 * 3"})
    EXPECT_FALSE(FieldSeparator::fromWidths(widths).ok()) << widths;
  auto pattern = FieldSeparator::fromPattern(Regex::compile("[^,]*|\"[^\"]*\"", false).value());
  EXPECT_THAT(fields(*pattern, "a,\"b,c\",,d"), ElementsAre("a", "\"b,c\"", "", "d"));
}

} // namespace
} // namespace fusevm::awk
