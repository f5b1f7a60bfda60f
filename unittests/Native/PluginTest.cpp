//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Native/Plugin.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace fusevm;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

TEST(PluginTest, usualPlacesSurroundTheProgram) {
  std::string folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  std::vector<std::string> paths = pluginPaths("");
  EXPECT_EQ(paths.front(), folder + "/libfusevm-jit.so");
  EXPECT_THAT(paths, Contains(folder + "/../lib/fusevm/libfusevm-jit.so"));
}

TEST(PluginTest, configuredPathIsTheOnlyOne) {
  EXPECT_THAT(pluginPaths("/there/it.so"), ElementsAre("/there/it.so"));
}

TEST(PluginTest, environmentComesFirst) {
  ::setenv("FUSEVM_JIT_PLUGIN", "/mine/it.so", 1);
  EXPECT_THAT(pluginPaths("/there/it.so"), ElementsAre("/mine/it.so"));
  ::unsetenv("FUSEVM_JIT_PLUGIN");
}

TEST(PluginTest, whatIsNoPluginIsRefused) {
  std::string path = testing::TempDir() + "fusevm-PluginTest-" + std::to_string(::getpid());
  std::ofstream(path) << "no library";
  EXPECT_THAT(std::string(openPlugin({path}).status().message()),
              HasSubstr("the compiler plugin '" + path + "' cannot be opened: "));
  ::unlink(path.c_str());
  EXPECT_THAT(std::string(openPlugin({"libm.so.6", "/lib/x86_64-linux-gnu/libm.so.6",
                                      "/lib/aarch64-linux-gnu/libm.so.6"})
                              .status()
                              .message()),
              HasSubstr("has no function fusevmJitPlugin"));
}

TEST(PluginTest, missingPluginIsNotFound) {
  EXPECT_EQ(openPlugin({"/nonexistent/it.so"}).status(),
            absl::NotFoundError("there is no compiler plugin /nonexistent/it.so"));
  EXPECT_EQ(openPlugin({"/nonexistent/it.so", "/nonexistent/other.so"}).status(),
            absl::NotFoundError("there is no compiler plugin libfusevm-jit.so"));
}

} // namespace
