//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The lit tests of the ops are complete; see docs/testing.md.

#include "fusevm/IR/Opcode.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/ascii.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fusevm {
namespace {

struct TableRow {
  std::string_view op;
  std::string_view section;
};

constexpr TableRow tableRows[] = {
#define FUSEVM_OP(Name, Number, Section, ...) {#Name, #Section},
#include "fusevm/IR/Ops.def"
};

/// The folder of a section: "control-flow" for ControlFlow.
std::string folderOf(std::string_view section) {
  std::string folder;
  for (size_t i = 0; i != section.size(); ++i) {
    if (i != 0 && absl::ascii_isupper(static_cast<unsigned char>(section[i])) &&
        absl::ascii_islower(static_cast<unsigned char>(section[i - 1])))
      folder += '-';
    folder += absl::ascii_tolower(static_cast<unsigned char>(section[i]));
  }
  return folder;
}

TEST(OpTestFiles, EveryOpHasOneWithSeveralCases) {
  EXPECT_EQ(std::size(tableRows), numOpcodes);
  for (const TableRow &row : tableRows) {
    std::string path =
        strCat(FUSEVM_TEST_DATA_DIR "/", folderOf(row.section), "/", row.op, ".test");
    absl::StatusOr<std::string> text = readFile(path);
    ASSERT_TRUE(text.ok()) << path;
    EXPECT_THAT(*text, testing::HasSubstr("RUN: %run-cases")) << path;
    EXPECT_THAT(*text, testing::HasSubstr(row.op)) << path;
    size_t first = text->find(";; case:");
    EXPECT_NE(text->find(";; case:", first + 1), std::string::npos) << path;
  }
}

} // namespace
} // namespace fusevm
