//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Where native code is kept on disk, and what becomes of it.

#include "fusevm/Native/CodeCache.h"

#include "CacheFolder.h"

#include "Native/CacheDirectory.h"

#include "fusevm/Support/StrCat.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>

using namespace fusevm;
using testing::IsEmpty;

namespace {

/// Sets an environment variable, or removes it, for as long as it lives.
class Variable {
public:
  Variable(const char *name, const char *value) : name(name) {
    if (const char *current = ::getenv(name))
      before = current;
    set(value);
  }
  Variable(const Variable &) = delete;
  Variable &operator=(const Variable &) = delete;
  ~Variable() { set(before ? before->c_str() : nullptr); }

private:
  void set(const char *value) {
    if (value)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  }

  const char *name;
  std::optional<std::string> before;
};

TEST(CodeCacheDirectoryTest, whatIsSetComesBeforeTheEnvironment) {
  Variable directory("FUSEVM_JIT_CACHE_DIR", "off");
  EXPECT_EQ(jitCacheDir(), std::nullopt);
  setJitCacheDir("/set");
  EXPECT_EQ(jitCacheDir(), "/set");
  setJitCacheDir(std::nullopt);
  EXPECT_EQ(jitCacheDir(), std::nullopt);
}

TEST(CodeCacheDirectoryTest, theEnvironmentNamesItOrAFolderOfCaches) {
  Variable temporary("TMPDIR", "/temporary");
  Variable home("HOME", "/home");
  Variable caches("XDG_CACHE_HOME", "/caches");
  Variable directory("FUSEVM_JIT_CACHE_DIR", " here ");
  EXPECT_EQ(jitCacheDir(), " here ");
  for (const char *off : {"", " ", "off", "0", "no", "NONE", "False", " disabled\n"}) {
    Variable none("FUSEVM_JIT_CACHE_DIR", off);
    EXPECT_EQ(jitCacheDir(), std::nullopt) << "'" << off << "'";
    EXPECT_EQ(jitCacheSizeBytes(), std::nullopt);
    EXPECT_EQ(pruneJitCache(), 0u);
    EXPECT_EQ(clearJitCache(), 0u);
  }
  Variable unset("FUSEVM_JIT_CACHE_DIR", nullptr);
  EXPECT_EQ(jitCacheDir(), "/caches/fusevm-jit");
  Variable empty("XDG_CACHE_HOME", "");
  EXPECT_EQ(jitCacheDir(), "/home/.cache/fusevm-jit");
  Variable homeless("HOME", nullptr);
  EXPECT_EQ(jitCacheDir(), "/temporary/fusevm-jit");
}

class CodeCacheTest : public testing::Test {
protected:
  /// Writes ten files, the first one the oldest.
  void writeFiles(size_t bytes = 100) {
    for (int i = 0; i != 10; ++i) {
      std::string path = folder.write(strCat(i, ".fjit"), std::string(bytes, 'x'));
      timespec times[2] = {{1000 + i, 0}, {1000 + i, 0}};
      ::utimensat(AT_FDCWD, path.c_str(), times, 0);
    }
  }

  static CacheDirectory directory() { return *CacheDirectory::find(); }

  fuzzing::CacheFolder folder;
};

TEST_F(CodeCacheTest, whatIsWrittenIsRead) {
  EXPECT_THAT(directory().read("a"), IsEmpty());
  directory().write("a", "first");
  directory().write("a", "second");
  EXPECT_EQ(directory().read("a"), "second");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.fjit"});
  EXPECT_EQ(jitCacheSizeBytes(), 6u);
}

TEST_F(CodeCacheTest, foldersAreMadeForTheUserAlone) {
  std::string path = strCat(folder.path(), "/x/y");
  setJitCacheDir(path);
  directory().write("a", "text");
  struct stat status;
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat(strCat(path, "/a.fjit").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(CodeCacheTest, whatOthersMayChangeIsNeitherReadNorWritten) {
  directory().write("a", "text");
  ::chmod(strCat(folder.path(), "/a.fjit").c_str(), 0620);
  EXPECT_THAT(directory().read("a"), IsEmpty());
  directory().write("c", "text");
  EXPECT_EQ(directory().read("c"), "text");
  ::chmod(folder.path().c_str(), 0777);
  EXPECT_THAT(directory().read("c"), IsEmpty());
  directory().write("b", "text");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a.fjit", "c.fjit"}));
}

TEST_F(CodeCacheTest, whatCannotBeWrittenIsNotKept) {
  folder.write("file", "");
  setJitCacheDir(strCat(folder.path(), "/file"));
  directory().write("a", "text");
  EXPECT_THAT(directory().read("a"), IsEmpty());
  setJitCacheDir(folder.path());
  ::mkdir(strCat(folder.path(), "/b.fjit").c_str(), 0700);
  directory().write("b", "text");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"b.fjit", "file"}));
  EXPECT_THAT(directory().read("b"), IsEmpty());
}

TEST_F(CodeCacheTest, pruningRemovesTheOldestFiles) {
  writeFiles();
  setJitCacheMaxBytes(1000);
  EXPECT_EQ(pruneJitCache(), 0u);
  setJitCacheMaxBytes(0);
  EXPECT_EQ(pruneJitCache(), 0u);
  setJitCacheMaxBytes(500);
  EXPECT_EQ(pruneJitCache(), 600u);
  EXPECT_EQ(jitCacheSizeBytes(), 400u);
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"6.fjit", "7.fjit", "8.fjit", "9.fjit"}));
}

TEST_F(CodeCacheTest, theEnvironmentSaysHowManyBytesThereMayBe) {
  setJitCacheMaxBytes(std::nullopt);
  auto bytesLeftWith = [&](const char *text) {
    writeFiles(200);
    Variable most("FUSEVM_JIT_CACHE_MAX_BYTES", text);
    pruneJitCache();
    return *jitCacheSizeBytes();
  };
  for (const char *text : {"500", " +500 ", "500\n"})
    EXPECT_EQ(bytesLeftWith(text), 400u) << text;
  for (const char *text : {"1k", "1 K", "+1k\t"})
    EXPECT_EQ(bytesLeftWith(text), 800u) << text;
  // Enough, unlimited, and what is no number, for which the default stands.
  for (const char *text : {"1m", "1G", "99999999999999999g", "0", "0k", "off", "None", " unlimited",
                           "", "5.0", "500b", "0.1k", "-500", "++5", "k", "+", "1 0"})
    EXPECT_EQ(bytesLeftWith(text), 2000u) << text;
}

TEST_F(CodeCacheTest, clearingLeavesOtherFiles) {
  writeFiles();
  folder.write("notes.txt", "text");
  EXPECT_EQ(clearJitCache(), 10u);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"notes.txt"});
}

TEST_F(CodeCacheTest, pruningRemovesWhatWasLeftHalfWrittenLongAgo) {
  timespec longAgo[2] = {{1000, 0}, {1000, 0}};
  for (const char *name :
       {"0123456789abcdef.0123456789abcdef.blk.12.3.tmp", "mine.tmp", "a.b.c.d.e.tmp"})
    ::utimensat(AT_FDCWD, folder.write(name, "text").c_str(), longAgo, 0);
  folder.write("0123456789abcdef.0123456789abcdef.blk.12.4.tmp", "text");
  pruneJitCache();
  EXPECT_EQ(folder.names(),
            (std::vector<std::string>{"0123456789abcdef.0123456789abcdef.blk.12.4.tmp",
                                      "a.b.c.d.e.tmp", "mine.tmp"}));
  EXPECT_EQ(jitCacheSizeBytes(), 0u);
}

TEST_F(CodeCacheTest, writingPrunesNowAndThen) {
  writeFiles();
  setJitCacheMaxBytes(500);
  for (int i = 0; i != 128; ++i)
    directory().write("new", "text");
  EXPECT_LE(*jitCacheSizeBytes(), 404u);
}

} // namespace
