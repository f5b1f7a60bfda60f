//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/Utf8.h"

#include "gtest/gtest.h"

namespace fusevm {
namespace {

TEST(Utf8, AcceptsTheEndsOfEachRange) {
  for (std::string_view text :
       {"", "a\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "aπ→😀b"})
    EXPECT_EQ(validUtf8Prefix(text), text.size()) << text;
  EXPECT_EQ(validUtf8Prefix(std::string_view("\0a", 2)), 2u);
}

TEST(Utf8, StopsBeforeAnIllFormedSequence) {
  for (std::string_view bad :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf",
        "\xe1\x80", "\xe1\x80\xc0", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf1\x80\x80",
        "\xf1\x80\x80z", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    std::string text = "π";
    text += bad;
    EXPECT_EQ(validUtf8Prefix(text), 2u) << text;
    EXPECT_EQ(validUtf8Prefix(bad), 0u) << text;
  }
}

} // namespace
} // namespace fusevm
