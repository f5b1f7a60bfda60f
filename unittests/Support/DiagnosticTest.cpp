//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/Diagnostic.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <string>

namespace fusevm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string render(std::string_view text, const Diagnostic &diagnostic) {
  return renderDiagnostics("f.fvm", text, {diagnostic});
}

/// The lines of \p rendered behind the message.
std::string excerpt(const std::string &rendered) {
  return rendered.substr(rendered.find('\n') + 1);
}

TEST(RenderDiagnostics, ShowsLineAndCaret) {
  EXPECT_EQ(render("Nop\n  Addd 1\nNop\n", {Severity::Error, 2, 3, 4, "unknown op 'Addd'"}),
            "f.fvm:2:3: error: unknown op 'Addd'\n"
            "  Addd 1\n"
            "  ^~~~\n");
}

TEST(RenderDiagnostics, NamesEachSeverity) {
  EXPECT_THAT(render("", {Severity::Error, 1, 1, 1, "m"}), StartsWith("f.fvm:1:1: error: m\n"));
  EXPECT_THAT(render("", {Severity::Warning, 1, 1, 1, "m"}), StartsWith("f.fvm:1:1: warning: m\n"));
  EXPECT_THAT(render("", {Severity::Note, 1, 1, 1, "m"}), StartsWith("f.fvm:1:1: note: m\n"));
}

TEST(RenderDiagnostics, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(render("Nop\n", {Severity::Error, 0, 0, 1, "empty"}), "f.fvm: error: empty\n");
  EXPECT_EQ(render("Nop\n", {Severity::Error, 1, 0, 1, "m"}), "f.fvm:1: error: m\nNop\n");
}

TEST(RenderDiagnostics, KeepsTabsAboveTheCaret) {
  EXPECT_EQ(excerpt(render("\tLoadInt\tx", {Severity::Error, 1, 10, 1, "m"})), "\tLoadInt\tx\n"
                                                                               "\t       \t^\n");
}

TEST(RenderDiagnostics, CountsCharactersNotBytes) {
  EXPECT_EQ(excerpt(render("\"é…\" x", {Severity::Error, 1, 9, 1, "m"})), "\"é…\" x\n"
                                                                          "     ^\n");
  // A place inside of a character has no column of its own.
  EXPECT_EQ(excerpt(render("é x", {Severity::Error, 1, 1, 2, "m"})), "é x\n^\n");
}

TEST(RenderDiagnostics, MarksTheEndOfALine) {
  EXPECT_EQ(excerpt(render("Call\nNop", {Severity::Error, 1, 5, 1, "m"})), "Call\n    ^\n");
  EXPECT_EQ(excerpt(render("Call", {Severity::Error, 1, 500, 1, "m"})), "Call\n    ^\n");
  EXPECT_EQ(excerpt(render("Call", {Severity::Error, 1, 3, 100, "m"})), "Call\n  ^~\n");
}

TEST(RenderDiagnostics, ToleratesPlacesThatDoNotExist) {
  EXPECT_EQ(excerpt(render("Nop\n", {Severity::Error, 7, 3, 1, "m"})), "\n^\n");
  EXPECT_EQ(excerpt(render("", {Severity::Error, 1, 1, 1, "m"})), "\n^\n");
}

TEST(RenderDiagnostics, DropsCarriageReturns) {
  EXPECT_EQ(excerpt(render("a\r\nbc\r\n", {Severity::Error, 2, 1, 2, "m"})), "bc\n^~\n");
}

TEST(RenderDiagnostics, ReplacesWhatATerminalWouldObey) {
  EXPECT_EQ(excerpt(render("a\x1b[2Jb\x80\xff", {Severity::Error, 1, 7, 2, "m"})), "a?[2Jb??\n"
                                                                                   "      ^~\n");
}

TEST(RenderDiagnostics, CutsWideLines) {
  std::string line = std::string(500, 'a') + "X" + std::string(500, 'b');
  std::string shown = excerpt(render(line, {Severity::Error, 1, 501, 1, "m"}));
  EXPECT_EQ(shown, "..." + std::string(60, 'a') + "X" + std::string(39, 'b') + "...\n" +
                       std::string(63, ' ') + "^\n");
  shown = excerpt(render(line, {Severity::Error, 1, 1, 1, "m"}));
  EXPECT_EQ(shown, std::string(100, 'a') + "...\n^\n");
  shown = excerpt(render(line, {Severity::Error, 1, 1002, 1000, "m"}));
  EXPECT_EQ(shown, "..." + std::string(60, 'b') + "\n" + std::string(63, ' ') + "^\n");
}

TEST(RenderDiagnostics, CutsBetweenCharacters) {
  std::string line;
  for (int i = 0; i != 200; ++i)
    line += "…";
  for (size_t column = 1; column <= line.size() + 1; ++column) {
    std::string shown = excerpt(render(line, {Severity::Error, 1, column, 1, "m"}));
    EXPECT_THAT(shown, Not(HasSubstr("?"))) << column;
    if ((column - 1) % 3 == 0) {
      EXPECT_THAT(shown, HasSubstr("^")) << column;
    }
  }
}

TEST(RenderDiagnostics, TakesPlacesInAnyOrder) {
  EXPECT_EQ(renderDiagnostics("f", "one\ntwo\nthree",
                              {{Severity::Error, 3, 1, 5, "m3"},
                               {Severity::Note, 1, 1, 3, "m1"},
                               {Severity::Note, 2, 1, 3, "m2"}}),
            "f:3:1: error: m3\nthree\n^~~~~\n"
            "f:1:1: note: m1\none\n^~~\n"
            "f:2:1: note: m2\ntwo\n^~~\n");
  EXPECT_EQ(renderDiagnostics("f", "", {}), "");
}

TEST(ClosestMatch, FindsTypingErrors) {
  EXPECT_EQ(closestMatch("LaodInt", {"LoadInt", "LoadFloat", "Pop"}), "LoadInt");
  EXPECT_EQ(closestMatch("sums", {"sun", "sum", "sumo"}), "sum");
  EXPECT_EQ(closestMatch("Ad", {"Add", "Sub"}), "Add");
  EXPECT_EQ(closestMatch("JumpIfTru", {"JumpIfTrueKeep", "JumpIfTrue"}), "JumpIfTrue");
}

TEST(ClosestMatch, DoesNotCountCase) {
  EXPECT_EQ(closestMatch("preincslotvoid", {"PreIncSlot", "PreIncSlotVoid"}), "PreIncSlotVoid");
  EXPECT_EQ(closestMatch("x", {"y", "X"}), "X");
}

TEST(ClosestMatch, RejectsUnlikeWords) {
  EXPECT_EQ(closestMatch("a", {"b", "ab"}), "");
  EXPECT_EQ(closestMatch("loop", {"done", "lot"}), "");
  EXPECT_EQ(closestMatch("word", {}), "");
  EXPECT_EQ(closestMatch(std::string(100, 'a'), {std::string_view("aaaa")}), "");
}

TEST(ClosestMatch, DoesNotDependOnTheOrderOfCandidates) {
  EXPECT_EQ(closestMatch("slotx", {"slotb", "slota", "slotc"}), "slota");
  EXPECT_EQ(closestMatch("slotx", {"slotc", "slotb", "slota"}), "slota");
}

} // namespace
} // namespace fusevm
