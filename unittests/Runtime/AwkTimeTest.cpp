//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace fusevm {
namespace {

/// Runs with another time zone.
class Zone {
public:
  explicit Zone(const char *name) {
    if (const char *old = std::getenv("TZ"))
      previous = old;
    setenv("TZ", name, 1);
  }
  ~Zone() { previous ? setenv("TZ", previous->c_str(), 1) : unsetenv("TZ"); }

private:
  std::optional<std::string> previous;
};

std::string format(std::string_view text, double time, bool utc = true) {
  Value operands[] = {Value::makeStr(text), Value::makeFloat(time), Value::makeBool(utc)};
  return toStr(awk::strftime(operands));
}

double local(std::string_view text) {
  Value operand = Value::makeStr(text);
  return toFloat(awk::mktime({&operand, 1}));
}

double utc(std::string_view text) {
  Value operands[] = {Value::makeStr(text), Value::makeInt(1)};
  return toFloat(awk::mktime(operands));
}

TEST(AwkStrftime, Conversions) {
  EXPECT_EQ(format("%c", 1e9), "Sun Sep  9 01:46:40 2001");
  EXPECT_EQ(format("%+", 1000000000.5), "2001-09-09T01:46:40.500+00:00");
  EXPECT_EQ(format("%U %W %V %G %u %w %j %q", 1325376000), "01 00 52 2011 7 0 001 1");
  EXPECT_EQ(format("%U %W %V %G %u %w %j %q", 1230681600), "52 52 01 2009 3 3 366 4");
  EXPECT_EQ(format("%C %Y %G", 253402300800), "100 +10000 9999");
  EXPECT_EQ(format("%.f|%.3f|%6f|%f", 0.5), ".500|.500|500000|500000000");
  EXPECT_EQ(format("%S%.9f", -0.5), "59.500000000");
  EXPECT_EQ(format("%s.%f", 1.9999999999), "1.999999999");
  EXPECT_EQ(format("%I %l %p %P %Z %z %::z", 46800), "01  1 PM pm UTC +0000 +00:00:00");
}

TEST(AwkStrftime, PadFlags) {
  EXPECT_EQ(format("%-d %_m %0e %0s", -1), "31 12 31 -00000001");
  EXPECT_EQ(format("%_s", 5), "        5");
  EXPECT_EQ(format("%-j|%_j|%-f", 0), "1|  1|0");
}

TEST(AwkStrftime, CopiesWhatIsNoConversion) {
  for (std::string_view text :
       {"%E", "%", "a%", "%-", "%-a", "%:", "%::::z", "%.4f", "%3", "%^a", "%-%", "\u00e9 %\u00e9"})
    EXPECT_EQ(format(text, 0), text);
}

TEST(AwkStrftime, OutsideTheCalendar) {
  EXPECT_EQ(format("%F", 8210266876799), "+262142-12-31");
  EXPECT_EQ(format("%F", 8210266876800), "");
  EXPECT_EQ(format("%F", -8334601228800), "-262143-01-01");
  EXPECT_EQ(format("%F", HUGE_VAL), "");
}

TEST(AwkStrftime, LocalZones) {
  {
    Zone zone("FOO-3:30");
    EXPECT_EQ(format("%H:%M %z %Z %:::z", 0, false), "03:30 +0330 +03:30 +03");
  }
  Zone zone("EST5EDT,M3.2.0,M11.1.0");
  EXPECT_EQ(format("%H %Z", 1625112000, false), "00 -04:00");
  EXPECT_EQ(format("%H %Z", 1609459200, false), "19 -05:00");
}

TEST(AwkMktime, Utc) {
  EXPECT_EQ(utc("2020 01 01 00 00 00"), 1577836800);
  EXPECT_EQ(utc("+2020 +1 +1 +0 +0 +0"), 1577836800);
  EXPECT_EQ(utc("  2020\t1\n1 0 0 0 x y"), 1577836800);
  EXPECT_EQ(utc("-1 1 1 0 0 0"), -62198755200);
  EXPECT_EQ(utc("262142 12 31 23 59 59"), 8210266876799);
  for (const char *bad :
       {"", "2019 2 29 0 0 0", "2020 13 1 0 0 0", "2020 1 1 24 0 0", "2020 1 1 0 0 60",
        "2020 1 1 0 0", "2020 1 1 0 0 -0", "2020 1 1 0 0 0.5", "262143 1 1 0 0 0"})
    EXPECT_EQ(utc(bad), -1) << bad;
}

TEST(AwkMktime, ChangesOfTheLocalClock) {
  for (const char *name : {"America/New_York", "EST5EDT,M3.2.0,M11.1.0"}) {
    Zone zone(name);
    EXPECT_EQ(local("2021 7 1 0 0 0"), 1625112000) << name;
    EXPECT_EQ(local("2021 3 14 2 0 0"), 1615705200) << name;
    EXPECT_EQ(local("2021 3 14 2 0 1"), -1) << name;
    EXPECT_EQ(local("2021 3 14 2 59 59"), -1) << name;
    EXPECT_EQ(local("2021 3 14 3 0 0"), 1615705200) << name;
    EXPECT_EQ(local("2021 11 7 0 59 59"), 1636261199) << name;
    EXPECT_EQ(local("2021 11 7 1 0 0"), -1) << name;
    EXPECT_EQ(local("2021 11 7 2 0 0"), -1) << name;
    EXPECT_EQ(local("2021 11 7 2 0 1"), 1636268401) << name;
  }
}

} // namespace
} // namespace fusevm
