//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The errors that reading a text reports.

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <string>

namespace fusevm {
namespace {

using ::testing::HasSubstr;

/// The errors in \p text, each as "LINE:COLUMN+LENGTH: MESSAGE" on a line of its own.
std::string errorsOf(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = parseText(text, diagnostics);
  EXPECT_EQ(chunk.has_value(), diagnostics.empty());
  std::string out;
  for (const Diagnostic &diagnostic : diagnostics) {
    EXPECT_EQ(diagnostic.severity, Severity::Error);
    strAppend(out, diagnostic.line, ":", diagnostic.column, "+", diagnostic.length, ": ",
              diagnostic.message, "\n");
  }
  return out;
}

std::string repeat(std::string_view text, size_t count) {
  std::string result;
  while (count-- != 0)
    result += text;
  return result;
}

TEST(TextErrors, UnknownWords) {
  EXPECT_EQ(errorsOf("Nop\n  LoadIntt 5"),
            "2:3+8: unknown op 'LoadIntt'; did you mean 'LoadInt'?\n");
  EXPECT_EQ(errorsOf("soruce 1"),
            "1:1+6: unknown op or directive 'soruce'; did you mean 'source'?\n");
  EXPECT_EQ(errorsOf("getslot 1"),
            "1:1+7: unknown op or directive 'getslot'; did you mean 'GetSlot'?\n");
  EXPECT_EQ(errorsOf("again"), "1:1+5: unknown op or directive 'again'; a label needs a ':'\n");
  EXPECT_EQ(errorsOf("whatever 1 2"), "1:1+8: unknown op or directive 'whatever'\n");
  EXPECT_EQ(errorsOf("a: 5"), "1:4+1: expected an op, a directive or a label, found '5'\n");
  EXPECT_EQ(errorsOf("\"Nop\""), "1:1+5: expected an op, a directive or a label, found a string\n");
}

TEST(TextErrors, UnexpectedCharacters) {
  EXPECT_EQ(errorsOf("Nop @"), "1:5+1: unexpected character '@'\n");
  EXPECT_EQ(errorsOf("Nop é"), "1:5+2: unexpected character 'é'\n");
  EXPECT_EQ(errorsOf("Nop \x01"), "1:5+1: a control character is not allowed here\n");
  EXPECT_EQ(errorsOf("Nop\rNop"), "1:4+1: a control character is not allowed here\n");
  EXPECT_EQ(errorsOf("Nop ; \xff"),
            "1:7+1: the text is not UTF-8; in a string, write this byte as an escape: \\xHH\n");
  EXPECT_EQ(errorsOf("Jump #"), "1:6+1: expected an index after '#'\n");
  EXPECT_EQ(errorsOf("LoadConst $"), "1:11+1: expected a name after '$'\n");
  EXPECT_EQ(errorsOf("LoadConst $1"), "1:11+2: expected a name after '$'\n");
  EXPECT_EQ(errorsOf("GetVar foo-bar ; x"),
            "1:8+7: a name that has more than letters, digits and '_' must be in quotes\n");
  EXPECT_EQ(errorsOf("#!interpreter\n#!again"), "2:1+1: expected an index after '#'\n");
}

TEST(TextErrors, Operands) {
  EXPECT_EQ(errorsOf("Call f"), "1:7+1: expected a count for 'argc', found the end of the line\n");
  EXPECT_EQ(errorsOf("Call f 256"),
            "1:8+3: expected a count for 'argc' from 0 to 255, found '256'\n");
  EXPECT_EQ(errorsOf("Call f, 1"), "1:7+1: expected a count for 'argc', found ','\n");
  EXPECT_EQ(errorsOf("Call 5 1"), "1:6+1: expected a name for 'name', found '5'\n");
  EXPECT_EQ(errorsOf("Call #65536 1"),
            "1:6+6: expected an index for 'name' from 0 to 65535, found '#65536'\n");
  EXPECT_EQ(errorsOf("Add 1"),
            "1:5+1: expected the end of the line after 'Add', which has no operands, found '1'\n");
  EXPECT_EQ(errorsOf("LoadInt 1 2"),
            "1:11+1: expected the end of the line after the operand of 'LoadInt', found '2'\n");
  EXPECT_EQ(errorsOf("Call f 1 2"),
            "1:10+1: expected the end of the line after the 2 operands of 'Call', found '2'\n");
  EXPECT_EQ(errorsOf("LoadInt 1.5"), "1:9+3: expected an integer for 'value', found '1.5'\n");
  EXPECT_EQ(errorsOf("LoadInt 5x"), "1:9+2: expected an integer for 'value', found '5x'\n");
  EXPECT_EQ(errorsOf("LoadInt 9223372036854775808"),
            "1:9+19: expected an integer for 'value' from -9223372036854775808 to "
            "9223372036854775807, found '9223372036854775808'\n");
  EXPECT_EQ(errorsOf("LoadInt 0xffffffffffffffffff").substr(0, 6), "1:9+20");
  EXPECT_EQ(errorsOf("MakeArray -1"),
            "1:11+2: expected a count for 'count' from 0 to 65535, found '-1'\n");
  EXPECT_EQ(errorsOf("GetSlot \"a\""), "1:9+3: expected a slot for 'slot', found a string\n");
}

TEST(TextErrors, Floats) {
  EXPECT_EQ(errorsOf("LoadFloat x"), "1:11+1: expected a number for 'value', found 'x'\n");
  for (std::string_view text : {"1.", "1e", "1.2.3", "-infinity", "-", "0x1.8", "1_0"})
    EXPECT_THAT(errorsOf(strCat("LoadFloat ", text)),
                HasSubstr(strCat("1:11+", text.size(), ": expected a number for 'value', found '",
                                 text, "'")));
  EXPECT_EQ(errorsOf("LoadFloat -1e309"),
            "1:11+6: '-1e309' is too large for a float; infinity is 'inf'\n");
  EXPECT_EQ(errorsOf("LoadFloat nan(0x7ff0000000000000)"),
            "1:15+18: expected the 64 bits of a NaN, found '0x7ff0000000000000'\n");
  EXPECT_EQ(errorsOf("LoadFloat nan(0x7ff8000000000000"),
            "1:33+1: expected ')' after the bits of a NaN, found the end of the line\n");
}

TEST(TextErrors, Labels) {
  EXPECT_EQ(errorsOf("loop: Jump lop"), "1:12+3: undefined label 'lop'; did you mean 'loop'?\n");
  EXPECT_EQ(errorsOf("a:\n\na: Nop"), "3:1+1: label 'a' is already defined in line 1\n");
  EXPECT_EQ(errorsOf("f:\nsub f:"), "2:5+1: label 'f' is already defined in line 1\n");
  EXPECT_EQ(errorsOf("Jump 12"),
            "1:6+2: expected a label for 'target', found '12'; an index is written '#12'\n");
  EXPECT_EQ(errorsOf("block b:\nend\nMapBlock a"), "3:10+1: undefined block 'a'\n");
  EXPECT_EQ(errorsOf("block b:\nend\nblock b:\nend"),
            "3:7+1: block 'b' is already defined in line 1\n");
  EXPECT_EQ(errorsOf("CmdSubst c"), "1:10+1: undefined chunk 'c'\n");
  EXPECT_EQ(errorsOf("LoadConst $c"), "1:11+2: undefined constant 'c'\n");
  EXPECT_EQ(errorsOf("const $a = 1\nconst $a = 2"),
            "2:7+2: constant 'a' is already defined in line 1\n");
  // Each label is reported once, and chunks do not see each other's.
  EXPECT_EQ(errorsOf("a: Jump x\nJump x\nchunk c {\nJump a\n}"), "1:9+1: undefined label 'x'\n"
                                                                 "4:6+1: undefined label 'a'\n");
}

TEST(TextErrors, Slots) {
  EXPECT_EQ(errorsOf("slots sum\nGetSlot sums"),
            "2:9+4: slot 'sums' is not declared in this sub; did you mean 'sum'?\n");
  EXPECT_EQ(errorsOf("slots a\nsub f:\nGetSlot a"),
            "3:9+1: slot 'a' is not declared in this sub\n");
  EXPECT_EQ(errorsOf("slots a b a"), "1:11+1: slot 'a' is already declared in this sub\n");
  EXPECT_EQ(errorsOf("slot a = 65535\nslots b"), "2:7+1: there is no free slot for 'b'\n");
  EXPECT_EQ(errorsOf("slot a = 65536"), "1:10+5: expected a slot from 0 to 65535, found '65536'\n");
  EXPECT_EQ(errorsOf("slot a 1"), "1:8+1: expected '=' after the name of the slot, found '1'\n");
  EXPECT_EQ(errorsOf("slots"), "1:6+1: expected the name of a slot, found the end of the line\n");
}

TEST(TextErrors, Values) {
  EXPECT_EQ(errorsOf("const hello"),
            "1:7+5: expected a value, found 'hello'; a text is written in quotes\n");
  EXPECT_EQ(errorsOf("const tru"), "1:7+3: expected a value, found 'tru'; did you mean 'true'?\n");
  EXPECT_EQ(errorsOf("const [1 2]"), "1:10+1: expected ',' or ']' after an element, found '2'\n");
  EXPECT_EQ(errorsOf("const [1,]"), "1:10+1: expected a value, found ']'\n");
  EXPECT_EQ(errorsOf("const {a 1}"), "1:10+1: expected ':' after the key, found '1'\n");
  EXPECT_EQ(errorsOf("const {1: 1}"), "1:8+1: expected a key, found '1'\n");
  EXPECT_EQ(errorsOf("const {a: 1 b: 2}"),
            "1:13+1: expected ',' or '}' after an entry, found 'b'\n");
  EXPECT_EQ(errorsOf("const {a: 1, \"a\": 2}"), "1:14+3: the hash has this key already\n");
  EXPECT_EQ(errorsOf("const status 2"), "1:14+1: expected '(' after 'status', found '2'\n");
  EXPECT_EQ(errorsOf("const status(2147483648)"),
            "1:14+10: expected a status from -2147483648 to 2147483647, found '2147483648'\n");
  EXPECT_EQ(errorsOf("const native(-1)"),
            "1:14+2: expected a function number from 0 to 65535, found '-1'\n");
  EXPECT_EQ(errorsOf("const ref(1"),
            "1:12+1: expected ')' to close 'ref(', found the end of the line\n");
  EXPECT_EQ(errorsOf("const 1 2"),
            "1:9+1: expected the end of the line after the value, found '2'\n");
}

TEST(TextErrors, NestingOfValues) {
  EXPECT_EQ(errorsOf(strCat("const ", repeat("[", maxTextNesting), repeat("]", maxTextNesting))),
            "");
  EXPECT_EQ(errorsOf(strCat("const ", repeat("[", 1000000))),
            "1:207+1: values are nested more than 200 levels deep\n");
  EXPECT_EQ(errorsOf(strCat("const ", repeat("ref([{a:", 1000000))),
            "1:540+1: values are nested more than 200 levels deep\n");
}

TEST(TextErrors, Strings) {
  EXPECT_EQ(errorsOf("const \"abc"), "1:7+4: the string has no closing quote on this line\n");
  EXPECT_EQ(errorsOf("const \"abc\\\""), "1:7+6: the string has no closing quote on this line\n");
  EXPECT_EQ(errorsOf("const \"abc\\"), "1:7+5: the string has no closing quote on this line\n");
  EXPECT_EQ(errorsOf("const \"a\\q\""), "1:9+2: unknown escape; known are \\n \\t \\r \\0 \\\" "
                                        "\\\\ \\e \\xHH and \\u{H}\n");
  for (std::string_view escape : {"\\x", "\\xg0", "\\x0", "\\x0\"\n\""})
    EXPECT_THAT(errorsOf(strCat("const \"", escape, "\"")),
                HasSubstr("1:8+2: expected two hexadecimal digits after '\\x'"));
  for (std::string_view escape :
       {"\\u", "\\u41", "\\u{}", "\\u{g}", "\\u{41", "\\u{0000041}", "\\u{d800}", "\\u{110000}"})
    EXPECT_EQ(errorsOf(strCat("const \"", escape, "\"")),
              "1:8+2: expected a character number such as '{1F600}' after '\\u'\n");
  EXPECT_EQ(errorsOf("const \"a\x01\""),
            "1:9+1: a control character in a string must be an escape: \\xHH\n");
  EXPECT_EQ(errorsOf("const \"\xe2\x82\""),
            "1:8+1: the text is not UTF-8; in a string, write this byte as an escape: \\xHH\n");
}

TEST(TextErrors, Blocks) {
  EXPECT_EQ(errorsOf("end"), "1:1+3: 'end' without a block that it could end\n");
  EXPECT_EQ(errorsOf("block a:\nblock b:\nend"), "1:7+1: the block has no 'end'\n");
  EXPECT_EQ(errorsOf("block a"),
            "1:7+1: the block has no 'end'\n"
            "1:8+1: expected ':' after the label of the block, found the end of the line\n");
  // The wrong line still begins a block.
  EXPECT_EQ(errorsOf("block 5:\nend"), "1:7+1: expected the label of the block, found '5'\n");
  EXPECT_EQ(errorsOf("block a: Nop\nend"),
            "1:10+3: expected the end of the line after the label of the block, found 'Nop'\n");
  EXPECT_EQ(errorsOf("range #1"),
            "1:9+1: expected the label of the end, found the end of the line\n");
}

TEST(TextErrors, Chunks) {
  EXPECT_EQ(errorsOf("}"), "1:1+1: '}' without a chunk that it could end\n");
  EXPECT_EQ(errorsOf("chunk a {\nchunk b {\n}"), "1:1+5: the chunk has no '}'\n");
  EXPECT_EQ(errorsOf("chunk a {\n} Nop"),
            "2:3+3: expected the end of the line after '}', found 'Nop'\n");
  EXPECT_EQ(errorsOf("chunk {\n}"), "1:7+1: expected the label of the chunk, found '{'\n");
  EXPECT_EQ(errorsOf("chunk a {\n}\nchunk a {\n}"),
            "3:7+1: chunk 'a' is already defined in line 1\n");
  std::string open = repeat("chunk a {\n", maxTextNesting);
  std::string close = repeat("}\n", maxTextNesting);
  EXPECT_EQ(errorsOf(open + close), "");
  EXPECT_EQ(errorsOf(strCat(open, "chunk a {\n}\n", close)),
            "201:1+5: chunks are nested more than 200 levels deep\n");
  EXPECT_THAT(errorsOf(repeat("chunk a {\n", 100000)), HasSubstr("201:1+5"));
}

TEST(TextErrors, SourcesAndLines) {
  EXPECT_EQ(errorsOf("source a"),
            "1:8+1: expected the name of the source file, in quotes, found 'a'\n");
  EXPECT_EQ(errorsOf("source \"a\"\nsource \"a\""),
            "2:1+6: the source of this chunk is given already\n");
  EXPECT_EQ(errorsOf("line -1"),
            "1:6+2: expected a line number from 0 to 4294967295, found '-1'\n");
  EXPECT_EQ(errorsOf("lines []\nline 1"),
            "2:1+4: the lines of this chunk are given by 'lines' already\n");
  EXPECT_EQ(errorsOf("line 1\nlines []"), "2:1+5: the lines of this chunk are given already\n");
  EXPECT_EQ(errorsOf("lines []\nlines []"), "2:1+5: the lines of this chunk are given already\n");
  EXPECT_EQ(errorsOf("lines 1"), "1:7+1: expected '[' in front of the line table, found '1'\n");
  EXPECT_EQ(errorsOf("lines [1 2]"),
            "1:10+1: expected ',' or ']' after a line number, found '2'\n");
  EXPECT_EQ(errorsOf("lines [1*-1]").substr(0, 43), "1:10+2: expected how often the line is repe");
  // The limit is one for the whole text.
  EXPECT_EQ(errorsOf("lines [1*16777216]\nchunk c {\nlines [1]\n}\n"),
            "3:8+1: the line tables have more than 16777216 entries in all\n");
  EXPECT_EQ(errorsOf("lines [1*18446744073709551615]"),
            "1:8+1: the line tables have more than 16777216 entries in all\n");
}

TEST(TextErrors, FullPools) {
  std::string pool = repeat("const 1\nname a\n", 65535);
  EXPECT_EQ(errorsOf(pool + "GetVar b\nLoadConst 2\nGetVar b\nLoadConst 2\n"), "");
  EXPECT_EQ(errorsOf(pool + "GetVar b\nLoadConst 2\nGetVar c\nLoadConst 3\n"),
            "131073:8+1: the name pool is full: no operand can hold an index of 65536 or more\n"
            "131074:11+1: the constant pool is full: no operand can hold an index of 65536 or "
            "more\n");
  EXPECT_EQ(errorsOf(pool + "const 2\nconst $x = 3\nLoadConst $x\n"),
            "131073:11+2: constant 'x' has the index 65536, which no operand can hold\n");
}

TEST(TextErrors, AreReportedInOrderWithoutConsequences) {
  EXPECT_EQ(errorsOf("Jump away\n"
                     "here: LoadInt x\n"
                     "a: b: Foo\n"
                     "Jump a\n"
                     "sub 7:\n"
                     "SetSlot i\n"),
            "1:6+4: undefined label 'away'\n"
            "2:15+1: expected an integer for 'value', found 'x'\n"
            "3:7+3: unknown op 'Foo'; a label needs a ':'\n"
            "5:5+1: expected the name of the sub, found '7'\n"
            "6:9+1: slot 'i' is not declared in this sub\n");
}

TEST(TextErrors, StopAfterTwenty) {
  std::vector<Diagnostic> diagnostics(3);
  EXPECT_FALSE(parseText(repeat("Foo\n", 1000), diagnostics));
  ASSERT_EQ(diagnostics.size(), 3 + maxTextErrors);
  EXPECT_EQ(diagnostics[2].line, 0u);
  EXPECT_EQ(diagnostics[3].line, 1u);
  EXPECT_EQ(diagnostics.back().line, maxTextErrors);
  std::string undefined;
  for (int i = 0; i != 100; ++i)
    strAppend(undefined, "Jump x", i, "\n");
  diagnostics.clear();
  EXPECT_FALSE(parseText(undefined, diagnostics));
  EXPECT_EQ(diagnostics.size(), maxTextErrors);
}

} // namespace
} // namespace fusevm
