//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/ShellBuiltins.h"

#include "gtest/gtest.h"

#include <set>

namespace fusevm {
namespace {

TEST(ShellBuiltins, AreFoundByName) {
  EXPECT_EQ(shellBuiltinId("cd"), 0);
  EXPECT_EQ(shellBuiltinId("chdir"), 0);
  EXPECT_EQ(shellBuiltinId("."), 7);        // not Dot
  EXPECT_EQ(shellBuiltinId("declare"), 22); // not Declare
  EXPECT_EQ(shellBuiltinId("["), 12);
  EXPECT_EQ(shellBuiltinId(":"), 13);
  EXPECT_EQ(shellBuiltinId("readarray"), 31);
  EXPECT_EQ(shellBuiltinId("bind"), 142);
  EXPECT_EQ(shellBuiltinId("mktemp"), 262);
  for (const char *name : {"", "CD", " cd", "cd ", "[[", "]", "ls", "grep", "sed", "awk", "dot"})
    EXPECT_FALSE(isShellBuiltin(name)) << name;
  EXPECT_FALSE(isShellBuiltin(std::string_view("cd\0", 3)));
}

TEST(ShellBuiltins, AreAsManyAsThereShouldBe) {
  std::set<uint16_t> ids;
#define FUSEVM_SHELL_BUILTIN(Name, Id) ids.insert(Id);
#include "fusevm/Interp/ShellBuiltins.def"
  EXPECT_EQ(ids.size(), 139u);
  size_t names = 0;
#define FUSEVM_SHELL_BUILTIN_NAME(Text, Name)                                                      \
  ++names;                                                                                         \
  EXPECT_EQ(shellBuiltinId(Text), static_cast<uint16_t>(ShellBuiltin::Name));
#include "fusevm/Interp/ShellBuiltins.def"
  EXPECT_EQ(names, 145u);
}

} // namespace
} // namespace fusevm
