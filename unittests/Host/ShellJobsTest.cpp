//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Host/Shell/Jobs.h"

#include "gtest/gtest.h"

namespace fusevm::shell {
namespace {

/// Numbers that no process has: such jobs have ended as far as anyone can tell.
constexpr pid_t nobody = 1 << 23;

TEST(JobTable, FindsProcessesByTheirNames) {
  JobTable jobs;
  EXPECT_EQ(jobs.processNamed("%%"), std::nullopt);
  jobs.add(nobody, "a");
  EXPECT_EQ(jobs.processNamed("%-"), nobody);
  jobs.addUnattended(nobody + 1);
  jobs.add(nobody + 2, "b");
  EXPECT_EQ(jobs.processNamed("12"), 12);
  EXPECT_EQ(jobs.processNamed("-1"), -1);
  EXPECT_EQ(jobs.processNamed("%1"), nobody);
  EXPECT_EQ(jobs.processNamed("%2"), nobody + 2);
  EXPECT_EQ(jobs.processNamed("%"), nobody + 2);
  EXPECT_EQ(jobs.processNamed("%+"), nobody + 2);
  EXPECT_EQ(jobs.processNamed("%-"), nobody);
  for (const char *text : {"%3", "%0", "%x", "x", "", "99999999999"})
    EXPECT_EQ(jobs.processNamed(text), std::nullopt) << text;
  EXPECT_EQ(jobs.last(), nobody + 2);
  EXPECT_FALSE(jobs.knows(nobody + 1));
}

TEST(JobTable, GivesAStatusOnce) {
  JobTable jobs;
  jobs.add(nobody, "a");
  EXPECT_EQ(jobs.takeStatus(nobody), 127);
  EXPECT_FALSE(jobs.knows(nobody));
  EXPECT_EQ(jobs.takeStatus(nobody), std::nullopt);
}

TEST(JobTable, DoesNotGrowForEver) {
  JobTable jobs;
  for (pid_t i = 0; i != 5000; ++i)
    jobs.add(nobody + i, "a");
  jobs.addUnattended(nobody - 1);
  jobs.reap();
  EXPECT_EQ(jobs.all().size(), 4096u);
  EXPECT_FALSE(jobs.knows(nobody)) << "the oldest are forgotten first";
  EXPECT_TRUE(jobs.knows(nobody + 4999));
}

TEST(JobTable, AProcessNumberComesBack) {
  JobTable jobs;
  jobs.add(nobody, "a");
  jobs.add(nobody, "b");
  ASSERT_EQ(jobs.all().size(), 1u);
  EXPECT_EQ(jobs.all()[0].command, "b");
}

} // namespace
} // namespace fusevm::shell
