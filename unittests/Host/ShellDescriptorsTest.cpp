//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Descriptors and redirections of this process.

#include "Host/Shell/Descriptors.h"
#include "Host/Shell/Redirections.h"

#include "fusevm/Interp/ShellConstants.h"

#include "gtest/gtest.h"

#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <set>
#include <unistd.h>

namespace fusevm::shell {
namespace {

std::set<int> openDescriptors() {
  std::set<int> result;
  std::unique_ptr<DIR, int (*)(DIR *)> directory(opendir("/proc/self/fd"), closedir);
  while (const dirent *entry = readdir(directory.get()))
    if (int number = atoi(entry->d_name);
        entry->d_name[0] != '.' && number != dirfd(directory.get()))
      result.insert(number);
  return result;
}

Redirection to(uint8_t descriptor, RedirectMode mode, std::string target) {
  return {descriptor, static_cast<uint8_t>(mode), false, std::move(target)};
}

class ShellDescriptorsTest : public testing::Test {
protected:
  ShellDescriptorsTest() {
    path = std::filesystem::temp_directory_path() / ("fusevm-redirect-" + std::to_string(getpid()));
    std::filesystem::remove(path);
  }
  ~ShellDescriptorsTest() override { std::filesystem::remove(path); }

  std::string path;
};

TEST_F(ShellDescriptorsTest, AreClosedOnExecAndOutOfTheWay) {
  std::set<int> before = openDescriptors();
  {
    Pipe pipe = makePipe();
    Descriptor file = makeMemoryFile("text");
    for (int number : {pipe.read.get(), pipe.write.get(), file.get()}) {
      EXPECT_GE(number, firstPrivateDescriptor);
      EXPECT_EQ(fcntl(number, F_GETFD), FD_CLOEXEC);
    }
    std::string text;
    EXPECT_TRUE(readToEnd(file.get(), text, 100, [] { return true; }));
    EXPECT_EQ(text, "text");
  }
  EXPECT_EQ(openDescriptors(), before);
}

TEST_F(ShellDescriptorsTest, ARedirectionIsUndone) {
  std::set<int> before = openDescriptors();
  {
    absl::StatusOr<RedirectionPlan> plan = RedirectionPlan::make(
        {to(77, RedirectMode::Write, path), to(78, RedirectMode::DupWrite, "77"),
         to(0, RedirectMode::DupRead, "-")},
        /*noClobber=*/false);
    ASSERT_TRUE(plan.ok()) << plan.status();
    AppliedRedirections applied;
    ASSERT_TRUE(applied.apply(*plan).ok());
    EXPECT_EQ(write(78, "ab", 2), 2);
    EXPECT_EQ(write(77, "c", 1), 1);
    EXPECT_EQ(fcntl(0, F_GETFD), -1);
  }
  EXPECT_EQ(openDescriptors(), before);
  EXPECT_EQ(std::filesystem::file_size(path), 3u);
}

TEST_F(ShellDescriptorsTest, TheOrderOfTwoMatters) {
  std::set<int> before = openDescriptors();
  // 80 is where 81 was before, as in `80>&81 81>file`.
  absl::StatusOr<RedirectionPlan> plan = RedirectionPlan::make(
      {to(81, RedirectMode::Write, "/dev/null"), to(80, RedirectMode::DupWrite, "81"),
       to(81, RedirectMode::Write, path)},
      /*noClobber=*/false);
  ASSERT_TRUE(plan.ok());
  AppliedRedirections applied;
  ASSERT_TRUE(applied.apply(*plan).ok());
  EXPECT_EQ(write(80, "lost", 4), 4);
  applied.restore();
  EXPECT_EQ(std::filesystem::file_size(path), 0u);
  plan = RedirectionPlan();
  EXPECT_EQ(openDescriptors(), before);
}

TEST_F(ShellDescriptorsTest, FailuresSayWhy) {
  auto reason = [](std::vector<Redirection> list, bool noClobber = false) {
    absl::StatusOr<RedirectionPlan> plan = RedirectionPlan::make(list, noClobber);
    return plan.ok() ? "" : std::string(plan.status().message());
  };
  std::set<int> before = openDescriptors();
  EXPECT_EQ(reason({to(1, RedirectMode::Read, "/no/such")}), "/no/such: No such file or directory");
  EXPECT_EQ(reason({to(1, RedirectMode::Write, "")}), ": No such file or directory");
  EXPECT_EQ(reason({to(1, RedirectMode::DupWrite, "99")}), "99: Bad file descriptor");
  EXPECT_EQ(reason({to(1, RedirectMode::DupWrite, "x")}), "x: ambiguous redirect");
  EXPECT_EQ(reason({to(1, static_cast<RedirectMode>(200), "x")}), "x: unknown redirection");
  EXPECT_EQ(reason({to(90, RedirectMode::Read, "/dev/null"), to(1, RedirectMode::DupWrite, "90")}),
            "90: Bad file descriptor");
  EXPECT_EQ(reason({to(1, RedirectMode::Write, path)}), "");
  EXPECT_EQ(reason({to(1, RedirectMode::Write, path)}, /*noClobber=*/true),
            path + ": cannot overwrite existing file");
  EXPECT_EQ(reason({to(1, RedirectMode::Clobber, path)}, /*noClobber=*/true), "");
  EXPECT_EQ(reason({to(1, RedirectMode::Write, "/dev/null")}, /*noClobber=*/true), "");
  EXPECT_EQ(openDescriptors(), before);
}

} // namespace
} // namespace fusevm::shell
