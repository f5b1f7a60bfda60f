//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Numbers, texts and formats of the AWK host.

#include "Host/Awk/Conversions.h"
#include "Host/Awk/Format.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

namespace fusevm::awk {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Value str(std::string_view text) { return Value::makeStr(text); }
Value num(double number) { return Value::makeFloat(number); }

std::string text(double number, std::string_view format = "%.6g") {
  std::string out;
  appendNumber(out, number, format);
  return out;
}

std::string format(std::string_view format, std::vector<Value> operands = {}) {
  std::string out;
  absl::Status status = formatText(out, format, operands, "%.6g", 300);
  return status.ok() ? out : "error: " + std::string(status.message());
}

TEST(AwkConversions, LeadingNumbers) {
  EXPECT_EQ(leadingNumber(" \t\n12abc"), 12);
  EXPECT_EQ(leadingNumber("1e2e"), 100);
  EXPECT_EQ(leadingNumber("1e"), 1);
  EXPECT_EQ(leadingNumber("1e+"), 1);
  EXPECT_EQ(leadingNumber(".5."), 0.5);
  EXPECT_EQ(leadingNumber("5."), 5);
  EXPECT_EQ(leadingNumber("123456789012345678901"), 123456789012345678901.0);
  EXPECT_EQ(leadingNumber("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(leadingNumber("1e400"), infinity);
  EXPECT_EQ(leadingNumber("-1e-400"), 0);
  EXPECT_EQ(leadingNumber("-INFinite"), -infinity);
  EXPECT_TRUE(std::isnan(leadingNumber("+nan")));
  for (const char *none : {"", ".x", "0x11", "+-5", "inf", "nan", "e5", "-", "."})
    EXPECT_EQ(leadingNumber(none), 0) << none;
}

TEST(AwkConversions, WhatLooksNumeric) {
  for (const char *numeric : {"0", " 1 ", "\t-1.5e3\n", "012", "+inf", "-NaN", ".5", "5."})
    EXPECT_TRUE(looksNumeric(numeric)) << numeric;
  for (const char *other :
       {"", " ", ".", "1e", "0x0A", "inf", "nan", "+infinity", "1 2", "1_0", "1a"})
    EXPECT_FALSE(looksNumeric(other)) << other;
}

TEST(AwkConversions, TextsOfNumbers) {
  EXPECT_EQ(text(1e30), "1000000000000000019884624838656");
  EXPECT_EQ(text(-0.0), "0");
  EXPECT_EQ(text(1e15), "1000000000000000");
  EXPECT_EQ(text(0x1p63), "9223372036854775808");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(3.14159265), "3.14159");
  EXPECT_EQ(text(1e-7), "1e-07");
  EXPECT_EQ(text(123456.789), "123457");
  EXPECT_EQ(text(12.7, "%d"), "12");
  EXPECT_EQ(text(3.14159265, "%.2f"), "3.14");
  EXPECT_EQ(text(17, "%.2f"), "17");
  EXPECT_EQ(text(infinity), "+inf");
  EXPECT_EQ(text(-infinity), "-inf");
  EXPECT_EQ(text(-std::numeric_limits<double>::quiet_NaN()), "-nan");
}

TEST(AwkConversions, Truth) {
  EXPECT_FALSE(isTrue(str(" 0 ")));
  EXPECT_FALSE(isTrue(str("")));
  EXPECT_FALSE(isTrue(Value()));
  EXPECT_TRUE(isTrue(str("0x")));
  EXPECT_TRUE(isTrue(str(" ")));
  EXPECT_FALSE(isTrue(num(-0.0)));
}

TEST(AwkFormat, Integers) {
  EXPECT_EQ(format("%5.3d|%.0d|%05d|%+d|% d", {num(7), num(0), num(-12), num(3), num(3)}),
            "  007||-0012|+3| 3");
  EXPECT_EQ(format("%d", {num(1e30)}), "1000000000000000019884624838656");
  EXPECT_EQ(format("%d %i", {num(-3.9), str("3x")}), "-3 3");
  EXPECT_EQ(format("%d %x", {num(infinity), num(-infinity)}), "+inf -inf");
  EXPECT_EQ(format("%x %u %o", {num(-1), num(-1), num(8)}),
            "ffffffffffffffff 18446744073709551615 10");
  EXPECT_EQ(format("%#x %#o %#x %#X", {num(255), num(8), num(0), num(255)}), "0xff 010 0 0XFF");
  EXPECT_EQ(format("%08x|%-8x|%#08x", {num(255), num(255), num(255)}),
            "000000ff|ff      |0x0000ff");
  EXPECT_EQ(format("%x", {num(1e30)}), "1e+30");
  EXPECT_EQ(format("%.5d|%8.5d|%-8.5d|", {num(42), num(42), num(42)}), "00042|   00042|00042   |");
  EXPECT_EQ(format("%ld %hd %lld", {num(1), num(2), num(3)}), "1 2 3");
}

TEST(AwkFormat, Floats) {
  EXPECT_EQ(format("%f %.2f %e %.0e", {num(1.5), num(2.345), num(12345.678), num(15000)}),
            "1.500000 2.35 1.234568e+04 2e+04");
  EXPECT_EQ(format("%g %g %G %.3g", {num(1e10), num(0.0001), num(1e-10), num(1234)}),
            "1e+10 0.0001 1E-10 1.23e+03");
  EXPECT_EQ(format("%#g %#.0f %#.3g", {num(1), num(2), num(1e10)}), "1.00000 2. 1.00e+10");
  EXPECT_EQ(format("%08.2f|%-8.2f|%+.1f|% .1f", {num(-1.5), num(1.5), num(1), num(1)}),
            "-0001.50|1.50    |+1.0| 1.0");
  EXPECT_EQ(format("%g %f %06f", {num(-0.0), num(-0.0), num(infinity)}), "-0 -0.000000   +inf");
  EXPECT_EQ(format("%a %A", {num(1.5), num(1.5)}), "0x1.8p+0 0X1.8P+0");
}

TEST(AwkFormat, TextAndCharacters) {
  EXPECT_EQ(format("%5s|%-5s|%.2s|%5.1s|", {str("é"), str("é"), str("éàb"), str("xyz")}),
            "    é|é    |éà|    x|");
  EXPECT_EQ(format("%05s", {str("a")}), "    a");
  EXPECT_EQ(format("%s %s", {num(0.1 + 0.2), num(42)}), "0.3 42");
  EXPECT_EQ(format("%c%c%c", {num(233), str("éa"), str("65")}), "ééA");
  EXPECT_EQ(format("%c", {str("")}), std::string(1, '\0'));
  EXPECT_EQ(format("%c", {num(0)}), std::string(1, '\0'));
}

TEST(AwkFormat, WidthsPositionsAndTheRest) {
  EXPECT_EQ(format("%*d|%-*d|%*d|%.*f",
                   {num(5), num(42), num(5), num(42), num(-5), num(42), num(2), num(3.14159)}),
            "   42|42   |42   |3.14");
  EXPECT_EQ(format("%2$s %1$s", {str("a"), str("b")}), "b a");
  EXPECT_EQ(format("100%% %5% %z %"), "100% % %z %");
  EXPECT_EQ(format("%s %s", {str("a")}), "error: not enough arguments to satisfy format string");
  EXPECT_EQ(format("%3$s", {str("a")}), "error: not enough arguments to satisfy format string");
  EXPECT_EQ(format("x", {str("extra")}), "x");
  EXPECT_EQ(format("%300s", {str("a")}).size(), 300u);
  for (std::string_view tooLarge : {"%301s", "%300s%%", "%300s+", "%299s%s%s%s"})
    EXPECT_EQ(format(tooLarge, std::vector<Value>(4, str("a"))),
              "error: string too large: more than 300 bytes");
  EXPECT_EQ(format(std::string_view("a\0b", 3)), std::string("a\0b", 3));
}

} // namespace
} // namespace fusevm::awk
