//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Runtime/Coercions.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <limits>

namespace fusevm {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quietNaN = std::numeric_limits<double>::quiet_NaN();

std::string floatText(double value) {
  std::string text;
  appendFloatText(text, value);
  return text;
}

TEST(FloatText, IsShortestWithoutExponent) {
  EXPECT_EQ(floatText(1.0), "1");
  EXPECT_EQ(floatText(-1.0), "-1");
  EXPECT_EQ(floatText(100.0), "100");
  EXPECT_EQ(floatText(1.5), "1.5");
  EXPECT_EQ(floatText(0.1), "0.1");
  EXPECT_EQ(floatText(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(floatText(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(floatText(2.0 / 3), "0.6666666666666666");
  EXPECT_EQ(floatText(1e15), "1" + std::string(15, '0'));
  EXPECT_EQ(floatText(1e16), "1" + std::string(16, '0'));
  EXPECT_EQ(floatText(1e21), "1" + std::string(21, '0'));
  EXPECT_EQ(floatText(1e23), "1" + std::string(23, '0'));
  EXPECT_EQ(floatText(1e-5), "0.00001");
  EXPECT_EQ(floatText(1e-7), "0.0000001");
  EXPECT_EQ(floatText(123456789012345680.0), "123456789012345680");
  EXPECT_EQ(floatText(1.23456e-18), "0.00000000000000000123456");
  EXPECT_EQ(floatText(1000000000000000.5), "1000000000000000.5");
  EXPECT_EQ(floatText(123456789.125), "123456789.125");
}

TEST(FloatText, PadsLargeNumbersWithZeros) {
  EXPECT_EQ(floatText(0x1p53), "9007199254740992");
  EXPECT_EQ(floatText(0x1p60), "1152921504606847000");
  EXPECT_EQ(floatText(0x1p63), "9223372036854776000");
  EXPECT_EQ(floatText(0x1p64), "18446744073709552000");
  EXPECT_EQ(floatText(0x1p70), "1180591620717411300000");
  EXPECT_EQ(floatText(std::numeric_limits<double>::max()),
            "17976931348623157" + std::string(292, '0'));
}

TEST(FloatText, TinyNumbers) {
  EXPECT_EQ(floatText(0x1p-52), "0.0000000000000002220446049250313");
  EXPECT_EQ(floatText(0x1p-44), "0.00000000000005684341886080802");
  EXPECT_EQ(floatText(std::numeric_limits<double>::min()),
            "0." + std::string(307, '0') + "22250738585072014");
  EXPECT_EQ(floatText(std::numeric_limits<double>::denorm_min()),
            "0." + std::string(323, '0') + "5");
}

TEST(FloatText, BreaksTiesAwayFromZero) {
  EXPECT_EQ(floatText(0x1p-25), "0.000000029802322387695313");
  EXPECT_EQ(floatText(-0x1p-25), "-0.000000029802322387695313");
  EXPECT_EQ(floatText(562949953421312.25), "562949953421312.3");
  EXPECT_EQ(floatText(562949953421312.75), "562949953421312.8");
}

TEST(FloatText, SpecialNumbers) {
  EXPECT_EQ(floatText(0.0), "0");
  EXPECT_EQ(floatText(-0.0), "-0");
  EXPECT_EQ(floatText(infinity), "inf");
  EXPECT_EQ(floatText(-infinity), "-inf");
  EXPECT_EQ(floatText(quietNaN), "NaN");
  EXPECT_EQ(floatText(-quietNaN), "NaN");
}

TEST(FloatText, ReadsBackForRandomBits) {
  uint64_t state = 88172645463325252;
  for (int i = 0; i != 20000; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    double value = std::bit_cast<double>(state);
    if (!std::isfinite(value))
      continue;
    std::optional<double> back = parseFloat(floatText(value));
    ASSERT_TRUE(back);
    ASSERT_EQ(std::bit_cast<uint64_t>(*back), std::bit_cast<uint64_t>(value));
  }
}

TEST(ShortestDigits, EvenTiesForJson) {
  DecimalDigits digits = shortestDigits(0x1p-25, TieRule::ToEven);
  EXPECT_EQ(std::string(digits.digits, digits.count), "29802322387695312");
  EXPECT_EQ(digits.exponent, -8);
}

TEST(ParseInt, TakesDigitsOnly) {
  EXPECT_EQ(parseInt("42"), 42);
  EXPECT_EQ(parseInt("+42"), 42);
  EXPECT_EQ(parseInt("-7"), -7);
  EXPECT_EQ(parseInt("-007"), -7);
  EXPECT_EQ(parseInt("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parseInt("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parseInt("00000000000000000000000000005"), 5);
  for (const char *text :
       {"", "+", "-", "+-5", "-+5", "--5", " 5", "5 ", "\t5", "5\n", "0x10", "1_000", "5abc",
        "9223372036854775808", "-9223372036854775809", "3.0", "1e3", "3.", "inf"})
    EXPECT_FALSE(parseInt(text)) << text;
  EXPECT_FALSE(parseInt(std::string_view("5\0", 2)));
}

TEST(ParseFloat, Accepts) {
  EXPECT_EQ(parseFloat("1."), 1.0);
  EXPECT_EQ(parseFloat("1.e5"), 100000.0);
  EXPECT_EQ(parseFloat(".5"), 0.5);
  EXPECT_EQ(parseFloat("-.5"), -0.5);
  EXPECT_EQ(parseFloat("+.5"), 0.5);
  EXPECT_EQ(parseFloat(".5e1"), 5.0);
  EXPECT_EQ(parseFloat("1E5"), 1e5);
  EXPECT_EQ(parseFloat("1e+5"), 1e5);
  EXPECT_EQ(parseFloat("1e05"), 1e5);
  EXPECT_EQ(parseFloat("-1.5e2"), -150.0);
  EXPECT_EQ(parseFloat("INF"), infinity);
  EXPECT_EQ(parseFloat("iNfInItY"), infinity);
  EXPECT_EQ(parseFloat("-infinity"), -infinity);
  EXPECT_TRUE(std::isnan(*parseFloat("nan")));
  EXPECT_TRUE(std::isnan(*parseFloat("-NaN")));
}

TEST(ParseFloat, OverflowsAndUnderflows) {
  EXPECT_EQ(parseFloat("1e400"), infinity);
  EXPECT_EQ(parseFloat("-1e400"), -infinity);
  EXPECT_EQ(parseFloat("1.7976931348623159e308"), infinity);
  EXPECT_EQ(parseFloat("3e-324"), 5e-324);
  EXPECT_EQ(parseFloat("2e-324"), 0.0);
  EXPECT_EQ(parseFloat("1e99999999999999999999"), infinity);
  EXPECT_EQ(parseFloat("1e-99999999999999999999"), 0.0);
  EXPECT_EQ(parseFloat("0e99999999999999999999"), 0.0);
  EXPECT_TRUE(std::signbit(*parseFloat("-1e-400")));
  EXPECT_TRUE(std::signbit(*parseFloat("-0")));
  std::string longText = "0." + std::string(400, '0') + "1";
  EXPECT_EQ(parseFloat(longText), 0.0);
  EXPECT_EQ(parseFloat("1" + std::string(400, '0')), infinity);
  EXPECT_EQ(parseFloat("1" + std::string(400, '0') + "e-400"), 1.0);
}

TEST(ParseFloat, Rejects) {
  for (const char *text :
       {"",      ".",     "+.",   "-.",        ".e5",  "e5",     "1e",   "1e+",  "1e-",   "1e5.0",
        "1.2.3", "infin", "info", "infinityx", "nanx", "nan(1)", " 1.5", "1.5 ", "1.5\n", "0x10",
        "0x1p3", "1_0.5", "1f",   "1d5",       "1,5",  "--5",    "+-5",  "true", "5abc"})
    EXPECT_FALSE(parseFloat(text)) << text;
}

/// A row of the table of coercions.
struct CoercionCase {
  const char *name;
  Value value;
  bool truth;
  int64_t integer;
  double number;
  const char *text;
  size_t length;
};

TEST(Coercions, EveryKind) {
  Value mixed = Value::makeArray({Value::makeInt(1), Value(), Value::makeStr("x")});
  Hash one;
  one.set("k", Value::makeInt(1));
  const CoercionCase cases[] = {
      {"undef", Value(), false, 0, 0.0, "", 0},
      {"true", Value::makeBool(true), true, 1, 1.0, "1", 1},
      {"false", Value::makeBool(false), false, 0, 0.0, "", 0},
      {"int", Value::makeInt(-42), true, -42, -42.0, "-42", 3},
      {"zero", Value::makeInt(0), false, 0, 0.0, "0", 1},
      {"float", Value::makeFloat(3.25), true, 3, 3.25, "3.25", 4},
      {"negative zero", Value::makeFloat(-0.0), false, 0, -0.0, "-0", 2},
      {"inf", Value::makeFloat(infinity), true, INT64_MAX, infinity, "inf", 3},
      {"-inf", Value::makeFloat(-infinity), true, INT64_MIN, -infinity, "-inf", 4},
      {"empty text", Value::makeStr(""), false, 0, 0.0, "", 0},
      {"text 0", Value::makeStr("0"), false, 0, 0.0, "0", 1},
      {"text 0.0", Value::makeStr("0.0"), true, 0, 0.0, "0.0", 3},
      {"text 3.5", Value::makeStr("3.5"), true, 0, 3.5, "3.5", 3},
      {"text 12", Value::makeStr("12"), true, 12, 12.0, "12", 2},
      {"array", mixed, true, 3, 0.0, "1  x", 3},
      {"empty array", Value::makeArray(), false, 0, 0.0, "", 0},
      {"hash", Value::makeHash(one), true, 0, 0.0, "(hash)", 1},
      {"empty hash", Value::makeHash(), false, 0, 0.0, "(hash)", 0},
      {"status 0", Value::makeStatus(0), true, 0, 0.0, "0", 1},
      {"status -1", Value::makeStatus(-1), false, -1, -1.0, "-1", 2},
      {"ref", Value::makeRef(Value::makeInt(7)), true, 0, 0.0, "(ref)", 5},
      {"native", Value::makeNativeFn(42), true, 0, 0.0, "(builtin:42)", 12},
  };
  for (const CoercionCase &test : cases) {
    SCOPED_TRACE(test.name);
    EXPECT_EQ(truthy(test.value), test.truth);
    EXPECT_EQ(toInt(test.value), test.integer);
    EXPECT_EQ(std::bit_cast<uint64_t>(toFloat(test.value)), std::bit_cast<uint64_t>(test.number));
    EXPECT_EQ(toStr(test.value), test.text);
    EXPECT_EQ(length(test.value), test.length);
  }
  EXPECT_TRUE(truthy(Value::makeFloat(quietNaN)));
  EXPECT_EQ(toInt(Value::makeFloat(quietNaN)), 0);
}

TEST(Coercions, NestedArraysFlattenInText) {
  Value inner = Value::makeArray({Value::makeInt(1), Value::makeInt(2)});
  EXPECT_EQ(toStr(Value::makeArray({inner, Value::makeInt(3)})), "1 2 3");
  EXPECT_EQ(toStr(Value::makeArray({Value::makeArray(), Value::makeArray()})), " ");
}

TEST(Coercions, ExponentialTextStopsAtTheLimit) {
  Value value = Value::makeArray({Value::makeStr("x")});
  for (int i = 0; i != 60; ++i)
    value = Value::makeArray({value, value});
  std::string text;
  EXPECT_FALSE(appendText(text, value, 1000));
  EXPECT_TRUE(Text(value, 1000).tooLarge());
  Value empty = Value::makeArray();
  for (int i = 0; i != 60; ++i)
    empty = Value::makeArray({empty});
  EXPECT_EQ(toStr(empty), "");
}

} // namespace
} // namespace fusevm
