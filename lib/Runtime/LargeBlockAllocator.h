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
    return static_cast<T *>(heap::allocateBlock(count * sizeof(T)));
  }
  void deallocate(T *memory, size_t count) { heap::releaseBlock(memory, count * sizeof(T)); }
  friend bool operator==(LargeBlockAllocator, LargeBlockAllocator) { return true; }
};

template <typename T> using LargeVector = std::vector<T, LargeBlockAllocator<T>>;

} // namespace fusevm

#endif // FUSEVM_LIB_RUNTIME_LARGEBLOCKALLOCATOR_H
