//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The hosts in a process whose locale has a decimal comma: nothing changes.

#include "Host/Awk/Conversions.h"
#include "Host/Awk/Format.h"
#include "Host/Shell/ParameterExpansion.h"
#include "Host/Shell/Printf.h"

#include "fusevm/Host/RecordAwkHost.h"
#include "fusevm/Runtime/Coercions.h"

#include "gtest/gtest.h"

#include <clocale>
#include <cstdlib>

namespace fusevm {
namespace {

/// Makes a German locale in a folder of its own, for there may be none on the machine.
class LocaleTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    char name[] = "/tmp/fusevm-locale-XXXXXX";
    folder = mkdtemp(name);
    std::system(("localedef -i de_DE -f UTF-8 " + folder + "/de_DE.UTF-8 2> /dev/null").c_str());
  }
  static void TearDownTestSuite() { std::system(("rm -r " + folder).c_str()); }

  void SetUp() override {
    setenv("LOCPATH", folder.c_str(), /*overwrite=*/1);
    const char *chosen = std::setlocale(LC_ALL, "de_DE.UTF-8");
    unsetenv("LOCPATH");
    if (!chosen)
      GTEST_SKIP() << "localedef makes no German locale here";
    ASSERT_STREQ(std::localeconv()->decimal_point, ",");
  }
  void TearDown() override { std::setlocale(LC_ALL, "C"); }

private:
  static inline std::string folder;
};

TEST_F(LocaleTest, NumbersHaveADecimalPoint) {
  EXPECT_EQ(toStr(Value::makeFloat(0.1)), "0.1");
  // The digits of this one are a tie, which is looked into more closely.
  EXPECT_EQ(toStr(Value::makeFloat(5e-324)).substr(0, 4), "0.00");
  EXPECT_EQ(toFloat(Value::makeStr("2.5")), 2.5);
  EXPECT_EQ(toFloat(Value::makeStr("2,5")), 0.0);
}

TEST_F(LocaleTest, AwkFormatsAndReadsWithADecimalPoint) {
  Value operands[] = {Value::makeFloat(2.5), Value::makeStr("3.25x"), Value::makeInt(1234567)};
  std::string out;
  ASSERT_TRUE(awk::formatText(out, "%.2f %s %g %'d %a",
                              {operands[0], operands[0], operands[1], operands[2], operands[0]},
                              "%.6g", 100)
                  .ok());
  EXPECT_EQ(out, "2.50 2.5 3.25 1234567 0x1.4p+1");
  EXPECT_EQ(awk::leadingNumber("2.5"), 2.5);
  EXPECT_EQ(awk::leadingNumber("2,5"), 2.0);
  EXPECT_TRUE(awk::looksNumeric(" 2.5 "));
  EXPECT_FALSE(awk::looksNumeric("2,5"));
  RecordAwkHost host;
  host.lshift(Value::makeFloat(-1.5), Value::makeInt(1));
  EXPECT_EQ(host.takeFailure(), "lshift(-1.500000, 1.000000): negative values are not allowed");
  EXPECT_EQ(host.compare(Value::makeStr("Z"), Value::makeStr("a")), AwkOrder::Less);
  EXPECT_EQ(host.strftime({Value::makeStr("%A %B"), Value::makeInt(0), Value::makeBool(true)}),
            Value::makeStr("Thursday January"));
}

TEST_F(LocaleTest, TheShellFormatsAndReadsWithADecimalPoint) {
  std::string words[] = {"2.5", "1234567"};
  shell::PrintfOutput output = shell::formatArguments("%.2f %d", words, 1000);
  EXPECT_EQ(output.text, "2.50 1234567");
  EXPECT_TRUE(output.complaints.empty());
  EXPECT_EQ(shell::modifyText("äi", ParamModifier::Upper, {}).value(), "ÄI");
}

} // namespace
} // namespace fusevm
