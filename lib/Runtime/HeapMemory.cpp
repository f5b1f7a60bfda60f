//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "HeapMemory.h"

#include <cstring>
#include <sys/mman.h>
#include <utility>

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

namespace {

/// Memory that a thread has released last, for what it allocates next: a program that makes large
/// arrays again and again would have the system clear their pages each time.
class Spare {
public:
  /// What static objects release after that is kept for ever.
  ~Spare() { unmap(begin, std::exchange(size, 0)); }

  /// Returns \p wanted bytes, or null if there are less.
  char *take(size_t wanted) {
    if (size < wanted)
      return nullptr;
    size -= wanted;
    return std::exchange(begin, begin + wanted);
  }

  /// The same if they are at \p place.
  bool takeAt(const char *place, size_t wanted) { return begin == place && take(wanted); }

  /// Keeps \p released bytes at \p memory, or what was kept before if that is more.
  void put(char *memory, size_t released) {
    if (memory + released == begin) {
      begin = memory;
      size += released;
    } else {
      if (released > size) {
        std::swap(memory, begin);
        std::swap(released, size);
      }
      unmap(memory, released);
    }
    if (size > mostKept)
      unmap(begin + mostKept, std::exchange(size, mostKept) - mostKept);
  }

private:
  static constexpr size_t mostKept = 16 * hugePage;

  static void unmap(char *memory, size_t bytes) {
    if (bytes != 0)
      munmap(memory, bytes);
  }

  char *begin = nullptr;
  size_t size = 0;
};

thread_local Spare spare;

} // namespace

void *allocateLarge(size_t size) {
  if (char *kept = spare.take(roundUp(size)))
    return kept;
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
  if (spare.takeAt(static_cast<char *>(memory) + oldMapped, newMapped - oldMapped) ||
      mremap(memory, oldMapped, newMapped, 0) != MAP_FAILED)
    return memory;
  // A place that is aligned as well lets the system move whole huge pages.
  void *place = mapAligned(newMapped);
  if (!place)
    return nullptr;
  void *moved = mremap(memory, oldMapped, newMapped, MREMAP_MAYMOVE | MREMAP_FIXED, place);
  if (moved != MAP_FAILED)
    return moved;
  // What was put together from parts is not one mapping for the system, perhaps.
  std::memcpy(place, memory, oldSize);
  releaseLarge(memory, oldSize);
  return place;
}

void releaseLarge(void *memory, size_t size) {
  spare.put(static_cast<char *>(memory), roundUp(size));
}

} // namespace fusevm::heap
