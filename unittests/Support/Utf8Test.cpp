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

TEST(Utf8, CountsCharacters) {
  EXPECT_EQ(countCharacters(""), 0u);
  EXPECT_EQ(countCharacters("plain ASCII text"), 16u);
  EXPECT_EQ(countCharacters("aπ→😀b, and more text"), 20u);
  EXPECT_EQ(countCharacters("\xff\xc3z"), 3u);
}

TEST(Utf8, FindsCharacters) {
  std::string_view text = "plain text, aπ→😀b";
  EXPECT_EQ(characterOffset(text, 0), 0u);
  EXPECT_EQ(characterOffset(text, 9), 9u);
  EXPECT_EQ(characterOffset(text, 14), 15u);
  EXPECT_EQ(characterOffset(text, 16), 22u);
  EXPECT_EQ(characterOffset(text, 99), text.size());
}

TEST(Utf8, EncodesWhatItDecodes) {
  for (char32_t code : {0x0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff}) {
    std::string text;
    appendUtf8(text, code);
    Utf8Character character = firstCharacter(text);
    EXPECT_EQ(character.codePoint, code);
    EXPECT_EQ(character.size, text.size());
    EXPECT_TRUE(character.wellFormed);
  }
  EXPECT_FALSE(isUnicodeScalar(0xd800));
  EXPECT_FALSE(isUnicodeScalar(0x110000));
}

} // namespace
} // namespace fusevm
