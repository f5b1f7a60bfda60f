//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Runtime/HeapMemory.h"

#include "fusevm/Runtime/Value.h"

#include "gtest/gtest.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

namespace fusevm {
namespace {

constexpr size_t megabyte = size_t(1) << 20;
constexpr size_t hugePage = 2 * megabyte;

bool isAligned(const void *memory) { return reinterpret_cast<uintptr_t>(memory) % hugePage == 0; }

/// Writes a number of its own at the begin of every page.
void fill(void *memory, size_t size) {
  for (size_t i = 0; i + sizeof(i) <= size; i += 4096)
    std::memcpy(static_cast<char *>(memory) + i, &i, sizeof(i));
}

bool isFilled(const void *memory, size_t size) {
  for (size_t i = 0; i + sizeof(i) <= size; i += 4096)
    if (std::memcmp(static_cast<const char *>(memory) + i, &i, sizeof(i)) != 0)
      return false;
  return true;
}

// The large blocks themselves, which a build with the sanitizer does not use.

TEST(LargeBlock, LiesInHugePagesOfItsOwn) {
  for (size_t size : {4 * megabyte, 4 * megabyte + 1, 6 * megabyte - 1, 6 * megabyte}) {
    void *memory = heap::allocateLarge(size);
    ASSERT_NE(memory, nullptr);
    EXPECT_TRUE(isAligned(memory));
    fill(memory, size);
    void *other = heap::allocateLarge(size);
    ASSERT_NE(other, nullptr);
    EXPECT_TRUE(isAligned(other));
    std::memset(other, 0xff, size);
    EXPECT_TRUE(isFilled(memory, size));
    heap::releaseLarge(other, size);
    heap::releaseLarge(memory, size);
  }
}

TEST(LargeBlock, GrowsInPlaceWithinItsPages) {
  size_t size = 4 * megabyte + 1;
  void *memory = heap::allocateLarge(size);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(heap::growLarge(memory, size, 6 * megabyte), memory);
  fill(memory, 6 * megabyte);
  heap::releaseLarge(memory, 6 * megabyte);
}

TEST(LargeBlock, KeepsItsContentWhenItMoves) {
  size_t size = 4 * megabyte;
  void *memory = heap::allocateLarge(size);
  ASSERT_NE(memory, nullptr);
  fill(memory, size);
  // What lies behind it keeps it from growing where it is, some of the time.
  void *fence = heap::allocateLarge(size);
  while (size < 64 * megabyte) {
    size_t grown = size + size / 2 + 12345;
    memory = heap::growLarge(memory, size, grown);
    ASSERT_NE(memory, nullptr);
    EXPECT_TRUE(isFilled(memory, size));
    fill(memory, grown);
    size = grown;
  }
  heap::releaseLarge(fence, 4 * megabyte);
  heap::releaseLarge(memory, size);
}

TEST(LargeBlock, UsesAgainWhatWasReleasedLast) {
  void *memory = heap::allocateLarge(8 * megabyte);
  ASSERT_NE(memory, nullptr);
  heap::releaseLarge(memory, 8 * megabyte);
  void *again = heap::allocateLarge(2 * megabyte);
  EXPECT_EQ(again, memory);
  fill(again, 2 * megabyte);
  EXPECT_EQ(heap::growLarge(again, 2 * megabyte, 6 * megabyte), memory);
  EXPECT_TRUE(isFilled(again, 2 * megabyte));
  heap::releaseLarge(again, 6 * megabyte);
}

TEST(LargeBlock, BlocksNeverShareMemory) {
  struct Block {
    char *memory = nullptr;
    size_t size = 0;
    char mark = 0;
  };
  std::mt19937 random(1);
  auto sizeUpTo = [&](size_t limit) { return megabyte + random() % (limit * megabyte); };
  std::array<Block, 6> blocks;
  for (int step = 0; step != 3000; ++step) {
    Block &block = blocks[random() % blocks.size()];
    auto mark = [&] {
      block.mark = static_cast<char>(random());
      for (size_t i = 0; i < block.size; i += hugePage)
        block.memory[i] = block.mark;
      block.memory[block.size - 1] = block.mark;
    };
    if (!block.memory) {
      block.size = sizeUpTo(20);
      block.memory = static_cast<char *>(heap::allocateLarge(block.size));
      ASSERT_TRUE(isAligned(block.memory));
    } else {
      for (size_t i = 0; i < block.size; i += hugePage)
        ASSERT_EQ(block.memory[i], block.mark);
      ASSERT_EQ(block.memory[block.size - 1], block.mark);
      if (random() % 2) {
        heap::releaseLarge(block.memory, block.size);
        block = {};
        continue;
      }
      size_t grown = block.size + sizeUpTo(10);
      block.memory = static_cast<char *>(heap::growLarge(block.memory, block.size, grown));
      block.size = grown;
    }
    ASSERT_NE(block.memory, nullptr);
    mark();
  }
  for (Block &block : blocks)
    if (block.memory)
      heap::releaseLarge(block.memory, block.size);
}

TEST(LargeBlock, IsRefusedWhenThereIsNoRoom) {
  EXPECT_EQ(heap::allocateLarge(size_t(1) << 60), nullptr);
}

// Blocks as values have them.

TEST(HeapMemory, BlocksBecomeLarge) {
  int64_t before = heapStatistics().liveBytes;
  size_t size = 1000;
  void *memory = heap::allocate(size);
  fill(memory, size);
  while (size < 20 * megabyte) {
    size_t grown = size * 2;
    memory = heap::reallocate(memory, size, grown);
    EXPECT_TRUE(isFilled(memory, size));
    EXPECT_EQ(heapStatistics().liveBytes - before, static_cast<int64_t>(grown));
    fill(memory, grown);
    size = grown;
  }
  EXPECT_EQ(isAligned(memory), heap::largeBlock != SIZE_MAX);
  heap::release(memory, size);
  EXPECT_EQ(heapStatistics().liveBytes, before);
}

TEST(HeapMemory, LargeValuesKeepTheirContents) {
  int64_t before = heapStatistics().liveBytes;
  {
    constexpr int count = 1'000'000;
    Array array;
    Hash hash;
    Value text = Value::makeStr("");
    for (int i = 0; i != count; ++i) {
      array.push(Value::makeInt(i));
      hash.set(std::to_string(i), Value::makeInt(i));
      text.appendStr(std::to_string(i % 10), 10);
    }
    EXPECT_EQ(array.shift().asInt(), 0);
    for (int i = 1; i < count; i += 999) {
      EXPECT_EQ(array[static_cast<size_t>(i) - 1].asInt(), i);
      EXPECT_EQ(hash.find(std::to_string(i))->asInt(), i);
      EXPECT_EQ(text.asStr()[static_cast<size_t>(i) * 10 + 9], '0' + i % 10);
    }
    Array copy(array);
    EXPECT_EQ(copy[copy.size() - 1].asInt(), count - 1);
  }
  EXPECT_EQ(heapStatistics().liveBytes, before);
}

} // namespace
} // namespace fusevm
