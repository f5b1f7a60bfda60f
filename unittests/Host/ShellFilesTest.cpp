//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Path patterns, with and without a host, in a tree of files made for it.

#include "Host/Shell/PathGlob.h"
#include "Interp/Shell/DefaultGlob.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace fusevm {
namespace {

using Words = std::vector<std::string>;
namespace fs = std::filesystem;

class ShellFilesTest : public testing::Test {
protected:
  ShellFilesTest() : outer(fs::current_path()) {
    folder = fs::temp_directory_path() / ("fusevm-files-" + std::to_string(getpid()));
    fs::create_directories(folder / "d" / "s");
    fs::current_path(folder);
    for (const char *name : {"a.t", "b.t", ".h.t", "B", "x[1]", "w x", "d/e.t", "d/.q", "d/s/f.t"})
      std::ofstream(name).flush();
    fs::create_symlink("d", "l");
    fs::create_symlink("none", "z");
  }
  ~ShellFilesTest() override {
    fs::current_path(outer);
    fs::remove_all(folder);
  }

  fs::path outer;
  fs::path folder;
};

struct GlobRow {
  const char *pattern;
  Words without; ///< a host
  Words posix;
};

TEST_F(ShellFilesTest, PlainPatterns) {
  const GlobRow rows[] = {
      {"*",
       {".h.t", "B", "a.t", "b.t", "d", "l", "w x", "x[1]", "z"},
       {"B", "a.t", "b.t", "d", "l", "w x", "x[1]", "z"}},
      {"*.t", {".h.t", "a.t", "b.t"}, {"a.t", "b.t"}},
      {"[!a].t", {"b.t"}, {"b.t"}},
      {"[^a].t", {"a.t"}, {"b.t"}},
      {"[a-].t", {"a.t"}, {"a.t"}},
      {"[b-a].t", {}, {}},
      {"[[:alpha:]].t", {}, {"a.t", "b.t"}},
      {".*", {"./..", "./.", ".h.t"}, {".h.t"}},
      {".*.t", {".h.t"}, {".h.t"}},
      {"./*.t", {".h.t", "a.t", "b.t"}, {"./a.t", "./b.t"}},
      {"././*.t", {".h.t", "a.t", "b.t"}, {"././a.t", "././b.t"}},
      {"d/*", {"d/.q", "d/e.t", "d/s"}, {"d/e.t", "d/s"}},
      {"d/.*", {"d/..", "d/.", "d/.q"}, {"d/.q"}},
      {"*/", {"d", "l"}, {"d/", "l/"}},
      {"d/", {"d"}, {"d/"}},
      {"d//e.t", {"d/e.t"}, {"d//e.t"}},
      {"./d/../*.t", {"d/../.h.t", "d/../a.t", "d/../b.t"}, {"./d/../a.t", "./d/../b.t"}},
      {"*/.", {"d/.", "l/."}, {"d/.", "l/."}},
      {"**", {"d", "d/s", "l", "l/s"}, {"B", "a.t", "b.t", "d", "l", "w x", "x[1]", "z"}},
      {"**/*.t",
       {".h.t", "a.t", "b.t", "d/e.t", "d/s/f.t", "l/e.t", "l/s/f.t"},
       {"d/e.t", "l/e.t"}},
      {"x[[]1]", {"x[1]"}, {"x[1]"}},
      {"x\\[1]", {}, {"x[1]"}},
      {"w\\ x", {}, {"w x"}},
      {"z", {"z"}, {"z"}},
      {"z/", {}, {}},
      {"a.t/", {}, {}},
      {"a.t/x", {}, {}},
      {"nope", {}, {}},
      {"{a,b}.t", {}, {}},
      {"~", {}, {}},
      {"/", {"/"}, {"/"}},
      {"***", {}, {"B", "a.t", "b.t", "d", "l", "w x", "x[1]", "z"}},
      {"d/**a", {}, {}},
      {"[", {}, {}},
      {"[]", {}, {}},
      {"[!]", {}, {}},
      {"[!]]", {"B", "d", "l", "z"}, {"B", "d", "l", "z"}},
      {"", {}, {}},
  };
  for (const GlobRow &row : rows) {
    EXPECT_EQ(defaultGlob(row.pattern), row.without) << row.pattern;
    EXPECT_EQ(shell::globPaths(row.pattern, /*recursive=*/false), row.posix) << row.pattern;
  }
  EXPECT_EQ(defaultGlob("//"), Words{"/"});
}

TEST_F(ShellFilesTest, RecursivePatterns) {
  auto glob = [](const char *pattern) { return shell::globPaths(pattern, /*recursive=*/true); };
  EXPECT_EQ(glob("**/*.t"), (Words{"a.t", "b.t", "d/e.t", "d/s/f.t"}));
  EXPECT_EQ(glob("d/**"), (Words{"d/", "d/e.t", "d/s", "d/s/f.t"}));
  EXPECT_EQ(glob("**/"), (Words{"d/", "d/s/"}));
  EXPECT_EQ(glob("**/**/f.t"), Words{"d/s/f.t"});
  EXPECT_EQ(glob("d/**/e.t"), Words{"d/e.t"});
}

TEST_F(ShellFilesTest, LinksInCirclesEnd) {
  fs::create_symlink(".", "d/up1");
  fs::create_symlink("..", "d/up2");
  EXPECT_LT(defaultGlob("**/*.t").size(), 200u);
  EXPECT_EQ(shell::globPaths("**/e.t", /*recursive=*/true), Words{"d/e.t"});
}

} // namespace
} // namespace fusevm
