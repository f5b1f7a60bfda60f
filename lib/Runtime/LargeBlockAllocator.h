//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// An allocator for vectors that may become large.

#ifndef FUSEVM_LIB_RUNTIME_LARGEBLOCKALLOCATOR_H
#define FUSEVM_LIB_RUNTIME_LARGEBLOCKALLOCATOR_H

#include "HeapMemory.h"

#include <cstddef>
#include <vector>

namespace fusevm {

/// Puts large vectors where large values lie, see heap::largeBlock, but does not count them
/// among these. Elements must not need more alignment than malloc() gives.
template <typename T> struct LargeBlockAllocator {
  using value_type = T;

  LargeBlockAllocator() = default;
  template <typename U> LargeBlockAllocator(const LargeBlockAllocator<U> &) {}

  T *allocate(size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    size_t size = count * sizeof(T);
    void *memory = size < heap::largeBlock ? std::malloc(size) : heap::allocateLarge(size);
    if (!memory)
      heap::outOfMemory(size);
    return static_cast<T *>(memory);
  }
  void deallocate(T *memory, size_t count) {
    size_t size = count * sizeof(T);
    if (size < heap::largeBlock)
      std::free(memory);
    else
      heap::releaseLarge(memory, size);
  }
  friend bool operator==(LargeBlockAllocator, LargeBlockAllocator) { return true; }
};

template <typename T> using LargeVector = std::vector<T, LargeBlockAllocator<T>>;

} // namespace fusevm

#endif // FUSEVM_LIB_RUNTIME_LARGEBLOCKALLOCATOR_H
