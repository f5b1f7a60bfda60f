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

#include <cstdio>
#include <cstdlib>

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

inline void *allocate(size_t size) {
  void *memory = std::malloc(size);
  if (!memory)
    outOfMemory(size);
  count(static_cast<int64_t>(size));
  return memory;
}

inline void *reallocate(void *memory, size_t oldSize, size_t newSize) {
  void *moved = std::realloc(memory, newSize);
  if (!moved)
    outOfMemory(newSize);
  count(static_cast<int64_t>(newSize) - static_cast<int64_t>(oldSize));
  return moved;
}

inline void release(void *memory, size_t size) {
  std::free(memory);
  count(-static_cast<int64_t>(size));
}

} // namespace fusevm::heap

#endif // FUSEVM_LIB_RUNTIME_HEAPMEMORY_H
