//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "HeapMemory.h"

#include <sys/mman.h>

namespace fusevm::heap {

static constexpr size_t hugePage = size_t(2) << 20;

static size_t roundUp(size_t size) { return (size + hugePage - 1) & ~(hugePage - 1); }

/// Reserves \p size bytes, a multiple of the huge page's size, from a multiple of it on.
static void *mapAligned(size_t size) {
  void *mapped = mmap(nullptr, size + hugePage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return nullptr;
  auto *begin = static_cast<char *>(mapped);
  size_t before = roundUp(reinterpret_cast<uintptr_t>(begin)) - reinterpret_cast<uintptr_t>(begin);
  if (before != 0)
    munmap(begin, before);
  if (before != hugePage)
    munmap(begin + before + size, hugePage - before);
  return begin + before;
}

void *allocateLarge(size_t size) {
  void *memory = mapAligned(roundUp(size));
  // It is a wish: without huge pages the others will do.
  if (memory)
    madvise(memory, roundUp(size), MADV_HUGEPAGE);
  return memory;
}

void *growLarge(void *memory, size_t oldSize, size_t newSize) {
  size_t oldMapped = roundUp(oldSize);
  size_t newMapped = roundUp(newSize);
  if (oldMapped == newMapped)
    return memory;
  if (mremap(memory, oldMapped, newMapped, 0) != MAP_FAILED)
    return memory;
  // A place that is aligned as well lets the system move whole huge pages.
  void *place = mapAligned(newMapped);
  if (!place)
    return nullptr;
  void *moved = mremap(memory, oldMapped, newMapped, MREMAP_MAYMOVE | MREMAP_FIXED, place);
  return moved == MAP_FAILED ? nullptr : moved;
}

void releaseLarge(void *memory, size_t size) { munmap(memory, roundUp(size)); }

} // namespace fusevm::heap
