//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <limits>

namespace fusevm {
namespace {

Value str(std::string_view text) { return Value::makeStr(text); }
Value num(double number) { return Value::makeFloat(number); }

TEST(AwkText, SubstrCountsCharacters) {
  auto substr = [](std::string_view text, int64_t start, std::optional<int64_t> count = {}) {
    return toStr(awk::substr(str(text), start, count));
  };
  EXPECT_EQ(substr("hello", 2, 3), "ell");
  EXPECT_EQ(substr("hello", 0, 3), "he");
  EXPECT_EQ(substr("hello", -1, 3), "h");
  EXPECT_EQ(substr("hello", INT64_MIN), "hello");
  EXPECT_EQ(substr("hello", INT64_MIN, -1), "");
  EXPECT_EQ(substr("hello", INT64_MAX, 1), "");
  EXPECT_EQ(substr("hello", 2, INT64_MAX), "ello");
  EXPECT_EQ(substr("h\u00e9llo", 2, 3), "\u00e9ll");
  EXPECT_EQ(substr("a long text of plain characters, \u00e9", 34), "\u00e9");
  // Of ill-formed text each byte counts.
  EXPECT_EQ(substr("a\xff\xc3z", 2, 2), "\xff\xc3");
}

TEST(AwkText, IndexAndLengthCountCharacters) {
  EXPECT_EQ(awk::index(str("caf\u00e9x"), str("x")), 5);
  EXPECT_EQ(awk::index(str(""), str("")), 1);
  EXPECT_EQ(awk::index(str("abc"), str("abcd")), 0);
  Value text = str("h\u00e9llo");
  EXPECT_EQ(awk::length(&text), 5);
  EXPECT_EQ(awk::length(nullptr), 0);
}

TEST(AwkText, CaseConversionIsUnicode) {
  EXPECT_EQ(awk::lowerCase("Mi\u00c9 \u0130"), "mi\u00e9 i\u0307");
  EXPECT_EQ(awk::upperCase("stra\u00dfe \ufb01"), "STRASSE FI");
  EXPECT_EQ(awk::upperCase("\u01c5 \u0149"), "\u01c4 \u02bcN");
  EXPECT_EQ(awk::lowerCase("\u10d50 \U00010d50"), "\u10d50 \U00010d70");
  EXPECT_EQ(awk::lowerCase("A\xff\xc3Z"), "a\xff\xc3z");
}

TEST(AwkText, SigmaIsFinalAtTheEndOfAWord) {
  EXPECT_EQ(awk::lowerCase("\u0391\u03a3"), "\u03b1\u03c2");
  EXPECT_EQ(awk::lowerCase("\u0391\u03a3\u0391"), "\u03b1\u03c3\u03b1");
  EXPECT_EQ(awk::lowerCase("\u03a3"), "\u03c3");
  EXPECT_EQ(awk::lowerCase("\u0391.\u03a3"), "\u03b1.\u03c2");
  EXPECT_EQ(awk::lowerCase("\u0391\u03a3.\u0391"), "\u03b1\u03c3.\u03b1");
  EXPECT_EQ(awk::lowerCase("\u0391\u03a3 \u0391"), "\u03b1\u03c2 \u03b1");
}

TEST(AwkText, CompareTrimsOnlyForTheTest) {
  EXPECT_LT(awk::compare(str(" 10 "), str("9")), 0);
  EXPECT_GT(awk::compare(str("10"), str("9")), 0);
  EXPECT_LT(awk::compare(str("10"), str("9x")), 0);
  EXPECT_EQ(awk::compare(str("nan"), str("5")), 0);
}

TEST(AwkNumbers, Limits) {
  EXPECT_TRUE(identical(awk::integer(num(0x1p63)), Value::makeInt(INT64_MAX)));
  EXPECT_TRUE(identical(awk::integer(num(1e20)), num(1e20)));
  EXPECT_TRUE(identical(awk::intdiv(num(-0x1p63), num(-1)), num(0x1p63)));
  EXPECT_TRUE(awk::intdiv(num(5), num(0.5)).isUndef());
  EXPECT_TRUE(identical(awk::intdiv0(num(5), num(0.5)), num(0)));
  EXPECT_EQ(awk::lshift(num(1), num(-1)), INT64_MIN);
  EXPECT_EQ(awk::rshift(num(-1), num(1)), INT64_MAX);
  double nan = awk::canonicalNaN(-std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(std::bit_cast<uint64_t>(nan), 0x7ff8000000000000u);
}

TEST(AwkNumbers, Strtonum) {
  EXPECT_EQ(awk::strtonum("0x8000000000000000"), 0x1p63);
  EXPECT_EQ(awk::strtonum("0x+5"), 5);
  EXPECT_EQ(awk::strtonum("0x-5"), 0);
  EXPECT_EQ(awk::strtonum("042"), 34);
  EXPECT_EQ(awk::strtonum("08"), 0);
  EXPECT_EQ(awk::strtonum("08.5"), 8.5);
  EXPECT_EQ(awk::strtonum("\u00a0\u300042\u20ac"), 42);
  EXPECT_EQ(awk::strtonum("1e+"), 1);
  EXPECT_EQ(awk::strtonum("+inf x"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(awk::strtonum("+infinity"), 0);
  EXPECT_TRUE(std::signbit(awk::strtonum("-0x10")));
}

TEST(AwkNumbers, RandomSequence) {
  uint64_t seed = 1;
  EXPECT_EQ(awk::rand(seed), 0.51385498046875);
  EXPECT_EQ(awk::rand(seed), 0.17572021484375);
  Value next = num(1e12);
  EXPECT_EQ(awk::srand(seed, &next), static_cast<double>(1217759518843121895u & 0xffffffff));
  EXPECT_EQ(awk::srand(seed, nullptr), 4294967295.0);
  EXPECT_NE(seed, 4294967295u);
}

} // namespace
} // namespace fusevm
