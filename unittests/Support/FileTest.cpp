//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/File.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace fusevm;
using testing::HasSubstr;

namespace {

std::string temporaryPath(std::string_view name) {
  return testing::TempDir() + "fusevm-FileTest-" + std::to_string(::getpid()) + "-" +
         std::string(name);
}

std::string messageOf(const absl::Status &status) { return std::string(status.message()); }

TEST(FileTest, readsWhatWasWritten) {
  std::string path = temporaryPath("roundtrip");
  std::string contents("one\0two\r\n\xff", 10);
  for (const std::string &text : {contents, std::string(), std::string(200000, 'x')}) {
    ASSERT_TRUE(writeFile(path, text).ok());
    absl::StatusOr<std::string> read = readFile(path);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, text);
  }
  ::unlink(path.c_str());
}

TEST(FileTest, readsFilesWithoutASize) {
  absl::StatusOr<std::string> read = readFile("/proc/self/status");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(*read, HasSubstr("Pid:"));
}

TEST(FileTest, readsPipesOfAnyLength) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  std::string sent(300000, 'y');
  std::thread writer([&] {
    EXPECT_TRUE(writeDescriptor(ends[1], sent).ok());
    ::close(ends[1]);
  });
  absl::StatusOr<std::string> read = readFile("/dev/fd/" + std::to_string(ends[0]));
  writer.join();
  ::close(ends[0]);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, sent);
}

TEST(FileTest, waitsForNonBlockingDescriptors) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  std::string sent(300000, 'z');
  std::thread writer([&] {
    EXPECT_TRUE(writeDescriptor(ends[1], sent).ok());
    ::close(ends[1]);
  });
  int savedInput = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  absl::StatusOr<std::string> read = readFile("-");
  ::dup2(savedInput, STDIN_FILENO);
  ::close(savedInput);
  writer.join();
  ::close(ends[0]);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, sent);
}

TEST(FileTest, namesPathAndReasonWhenReadingFails) {
  absl::Status missing = readFile("/nonexistent/a.fvm").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(messageOf(missing), "cannot read '/nonexistent/a.fvm': No such file or directory");
  EXPECT_EQ(messageOf(readFile("/").status()), "cannot read '/': Is a directory");
  EXPECT_EQ(messageOf(readFile("").status()), "cannot read '': No such file or directory");
}

TEST(FileTest, namesPathAndReasonWhenWritingFails) {
  EXPECT_EQ(messageOf(writeFile("/nonexistent/a.txt", "x")),
            "cannot write '/nonexistent/a.txt': No such file or directory");
  EXPECT_EQ(messageOf(writeFile("/dev/full", "x")),
            "cannot write '/dev/full': No space left on device");
  EXPECT_EQ(messageOf(writeDescriptor(-1, "x")),
            "cannot write to descriptor -1: Bad file descriptor");
}

TEST(FileTest, replacesLongerFiles) {
  std::string path = temporaryPath("replace");
  ASSERT_TRUE(writeFile(path, "a long text").ok());
  ASSERT_TRUE(writeFile(path, "short").ok());
  EXPECT_EQ(*readFile(path), "short");
  ::unlink(path.c_str());
}

TEST(FileTest, quotesPaths) {
  EXPECT_EQ(quotedPath("a b", "standard input"), "'a b'");
  EXPECT_EQ(quotedPath("-", "standard input"), "standard input");
}

} // namespace
