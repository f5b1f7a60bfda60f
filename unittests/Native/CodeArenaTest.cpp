//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Native/CodeArena.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace fusevm;
using testing::HasSubstr;

namespace {

/// Returns the code of a function that returns \p value.
std::vector<std::byte> returning(int32_t value) {
#if defined(__x86_64__)
  std::vector<uint8_t> bytes = {0xB8, 0, 0, 0, 0, 0xC3}; // mov eax, value; ret
  std::memcpy(&bytes[1], &value, 4);
#elif defined(__aarch64__)
  uint32_t words[] = {0x52800000u | uint32_t(value & 0xFFFF) << 5, 0xD65F03C0u};
  std::vector<uint8_t> bytes(sizeof(words));
  std::memcpy(bytes.data(), words, sizeof(words));
#endif
  std::vector<std::byte> code(bytes.size());
  std::memcpy(code.data(), bytes.data(), bytes.size());
  return code;
}

int call(const CodeRange &range) {
  return reinterpret_cast<int (*)()>(reinterpret_cast<uintptr_t>(range.begin))();
}

std::unique_ptr<CodeArena> makeArena(size_t limit = 1 << 20) {
  absl::StatusOr<std::unique_ptr<CodeArena>> arena = CodeArena::create(limit);
  EXPECT_TRUE(arena.ok()) << arena.status();
  return *std::move(arena);
}

TEST(CodeArenaTest, executesWhatWasAdded) {
  std::unique_ptr<CodeArena> arena = makeArena();
  std::vector<CodeRange> ranges;
  for (int value = 0; value != 1000; ++value)
    ranges.push_back(arena->add(returning(value)).value());
  for (int value = 0; value != 1000; ++value) {
    EXPECT_EQ(call(ranges[value]), value);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(ranges[value].begin) % CodeArena::alignment, 0u);
  }
  EXPECT_EQ(arena->usage().used, 1000 * CodeArena::alignment);
}

/// The memory of all arenas in the process, as /proc/self/maps describes it.
std::vector<std::string> codeMappings() {
  std::vector<std::string> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("fusevm-code") != std::string::npos)
      mappings.push_back(line);
  return mappings;
}

TEST(CodeArenaTest, noPageIsWritableAndExecutable) {
  // Engines of other tests may have arenas.
  size_t before = codeMappings().size();
  std::unique_ptr<CodeArena> arena = makeArena();
  arena->add(returning(1)).value();
  std::vector<std::string> mappings = codeMappings();
  for (const std::string &line : mappings)
    EXPECT_TRUE(line.find(" rw-s ") != std::string::npos ||
                line.find(" r-xs ") != std::string::npos)
        << line;
  EXPECT_EQ(mappings.size(), before + 2);
}

TEST(CodeArenaTest, fullArenaSaysSo) {
  std::unique_ptr<CodeArena> arena = makeArena(4096);
  std::vector<CodeRange> ranges;
  absl::StatusOr<CodeRange> range;
  while ((range = arena->add(returning(7))).ok())
    ranges.push_back(*range);
  EXPECT_EQ(ranges.size(), arena->usage().limit / CodeArena::alignment - 1);
  EXPECT_THAT(std::string(range.status().message()),
              HasSubstr("the memory for native code is full: 4032 of 4096 bytes are used, and 64 "
                        "more do not fit"));
}

TEST(CodeArenaTest, usesFreedMemoryAgainAsOnePiece) {
  std::unique_ptr<CodeArena> arena = makeArena(4096);
  // In each order of freeing three neighbours, room for all of them together comes back.
  std::vector<int> order = {0, 1, 2};
  do {
    std::vector<CodeRange> ranges;
    for (int value = 0; value != 3; ++value)
      ranges.push_back(arena->add(std::vector<std::byte>(1024)).value());
    CodeRange rest = arena->add(std::vector<std::byte>(960)).value();
    EXPECT_FALSE(arena->add(returning(1)).ok());
    for (int index : order)
      arena->free(ranges[index]);
    CodeRange whole = arena->add(std::vector<std::byte>(3072)).value();
    arena->free(rest);
    arena->free(whole);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(arena->usage().used, 0u);
}

TEST(CodeArenaTest, threadsAddAndFree) {
  std::unique_ptr<CodeArena> arena = makeArena();
  std::vector<std::thread> threads;
  for (int thread = 0; thread != 4; ++thread)
    threads.emplace_back([&arena, thread] {
      for (int value = 0; value != 500; ++value) {
        CodeRange range = arena->add(returning(thread * 1000 + value)).value();
        EXPECT_EQ(call(range), thread * 1000 + value);
        arena->free(range);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(arena->usage().used, 0u);
}

/// Runs \p body in a forked child and returns its result.
template <typename Function> int inChild(Function body) {
  pid_t child = ::fork();
  if (child == 0)
    ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << status;
  return WEXITSTATUS(status);
}

TEST(CodeArenaTest, childExecutesButDoesNotWrite) {
  std::unique_ptr<CodeArena> arena = makeArena();
  CodeRange range = arena->add(returning(5)).value();
  EXPECT_EQ(inChild([&] {
              bool refused = !arena->add(returning(6)).ok();
              arena->free(range);
              return refused ? call(range) : 1;
            }),
            5);
  EXPECT_EQ(call(range), 5);
}

TEST(CodeArenaTest, childMakesAnArenaOfItsOwn) {
  std::unique_ptr<CodeArena> arena = makeArena();
  EXPECT_EQ(inChild([&] {
              std::unique_ptr<CodeArena> own = makeArena();
              return call(own->add(returning(6)).value());
            }),
            6);
}

TEST(CodeArenaTest, parentLeavesAloneWhatAChildMayExecute) {
  std::unique_ptr<CodeArena> arena = makeArena(4096);
  CodeRange old = arena->add(returning(5)).value();
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  pid_t child = ::fork();
  if (child == 0) {
    char byte;
    ::_exit(::read(go[0], &byte, 1) == 1 ? call(old) : 1);
  }
  arena->free(old);
  EXPECT_EQ(arena->usage().pinned, CodeArena::alignment);
  while (arena->add(returning(9)).ok())
    continue;
  ASSERT_EQ(::write(go[1], "", 1), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 5);
  ::close(go[0]);
  ::close(go[1]);
}

} // namespace
