//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Memory of heap payloads, counted per thread for statistics.

#ifndef FUSEVM_LIB_RUNTIME_HEAPMEMORY_H
#define FUSEVM_LIB_RUNTIME_HEAPMEMORY_H

#include "fusevm/Runtime/Value.h"

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fusevm::heap {

inline void count(int64_t bytes) {
  HeapStatistics &statistics = heapStatistics();
  statistics.liveBytes += bytes;
  if (statistics.liveBytes > statistics.peakBytes)
    statistics.peakBytes = statistics.liveBytes;
}

/// The limits of a VM keep requests in bounds; when the machine has less than they
/// allow there is nothing left to run on.
[[noreturn]] inline void outOfMemory(size_t size) {
  std::fprintf(stderr, "fusevm: out of memory allocating %zu bytes\n", size);
  std::exit(1);
}

/// Blocks from this size on lie in pages of their own, huge ones where the system has them:
/// filling and visiting a large array then costs a fraction of the page faults and of the
/// misses in the address translation. The sanitizer is to see all blocks.
#ifdef __SANITIZE_ADDRESS__
inline constexpr size_t largeBlock = SIZE_MAX;
#else
inline constexpr size_t largeBlock = size_t(1) << 20;
#endif

// Large blocks; see HeapMemory.cpp. Null if there is no memory left.
void *allocateLarge(size_t size);
void *growLarge(void *memory, size_t oldSize, size_t newSize);
void releaseLarge(void *memory, size_t size);

// Blocks of any size, not counted.
inline void *allocateBlock(size_t size) {
  void *memory = size < largeBlock ? std::malloc(size) : allocateLarge(size);
  if (!memory)
    outOfMemory(size);
  return memory;
}
inline void releaseBlock(void *memory, size_t size) {
  if (size < largeBlock)
    std::free(memory);
  else
    releaseLarge(memory, size);
}

inline void *allocate(size_t size) {
  void *memory = allocateBlock(size);
  count(static_cast<int64_t>(size));
  return memory;
}

inline void release(void *memory, size_t size) {
  releaseBlock(memory, size);
  count(-static_cast<int64_t>(size));
}

/// Makes a block larger.
inline void *reallocate(void *memory, size_t oldSize, size_t newSize) {
  assert(oldSize <= newSize && "blocks do not shrink");
  if (oldSize < largeBlock && newSize >= largeBlock) {
    void *moved = allocate(newSize);
    std::memcpy(moved, memory, oldSize);
    release(memory, oldSize);
    return moved;
  }
  void *moved =
      newSize < largeBlock ? std::realloc(memory, newSize) : growLarge(memory, oldSize, newSize);
  if (!moved)
    outOfMemory(newSize);
  count(static_cast<int64_t>(newSize) - static_cast<int64_t>(oldSize));
  return moved;
}

} // namespace fusevm::heap

#endif // FUSEVM_LIB_RUNTIME_HEAPMEMORY_H
