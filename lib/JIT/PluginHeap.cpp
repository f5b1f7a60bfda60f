//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// operator new and delete of the plugin. For every unit LLVM allocates some hundreds of blocks
/// that live for microseconds, which takes an eighth of the time with malloc; and the system gives
/// malloc of a new thread its memory page by page, of which the program's thread is told each time.
///
/// Free blocks wait in a list by size. Each thread has its own lists and needs no locks; what one
/// allocates and another frees stays with that one. Blocks that are large, or for which there is no
/// room, are malloc's.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

namespace {

constexpr size_t granule = 16; ///< of sizes and alignment
constexpr size_t largestBlock = size_t(512) << 10;
constexpr size_t chunkBytes = size_t(1) << 20;
/// What a very large unit needs more than this goes back to the system.
constexpr size_t mostChunks = 16;
/// Four classes from a power of two to the next.
constexpr size_t classCount = 4 * std::bit_width(largestBlock / granule);
constexpr size_t noClass = classCount;

struct alignas(granule) Block {
  size_t sizeClass;
};
/// In a free block, behind its Block.
struct FreeBlock {
  Block *next;
};

struct Heap {
  Block *freeBlocks[classCount];
  char *room;
  char *roomEnd;
  size_t chunks;

  bool addChunk();
  void *allocate(size_t size);
  void release(void *payload);
};
thread_local Heap heap;

/// The class of blocks of so many granules, and how many these have.
size_t classOf(size_t &granules) {
  if (granules < 4)
    return granules;
  int shift = std::bit_width(granules) - 3;
  size_t quarters = ((granules - 1) >> shift) + 1; // 4 to 8
  granules = quarters << shift;
  return 4 * static_cast<size_t>(shift) + quarters;
}

void *payloadOf(Block *block) { return block + 1; }

Block *ofSystem(size_t size) {
  auto *block = static_cast<Block *>(std::malloc(sizeof(Block) + size));
  // LLVM is built without exceptions, too.
  if (!block)
    std::abort();
  block->sizeClass = noClass;
  return block;
}

bool Heap::addChunk() {
  if (chunks == mostChunks)
    return false;
  // All at once: a fault for each page costs more than the page. A huge page costs more, too.
  void *chunk = ::mmap(nullptr, chunkBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (chunk == MAP_FAILED)
    return false;
  ++chunks;
  room = static_cast<char *>(chunk);
  roomEnd = room + chunkBytes;
  return true;
}

void *Heap::allocate(size_t size) {
  // A free block has room for a FreeBlock, also one of size 0.
  size = std::max(size, sizeof(FreeBlock));
  size_t granules = (sizeof(Block) + size + granule - 1) / granule;
  if (size > largestBlock - sizeof(Block))
    return payloadOf(ofSystem(size));
  size_t sizeClass = classOf(granules);
  Block *&first = freeBlocks[sizeClass];
  if (Block *block = first) {
    first = static_cast<FreeBlock *>(payloadOf(block))->next;
    return payloadOf(block);
  }
  size_t bytes = granules * granule;
  if (static_cast<size_t>(roomEnd - room) < bytes && !addChunk())
    return payloadOf(ofSystem(size));
  auto *block = new (room) Block{sizeClass};
  room += bytes;
  return payloadOf(block);
}

void Heap::release(void *payload) {
  if (!payload)
    return;
  Block *block = static_cast<Block *>(payload) - 1;
  if (block->sizeClass == noClass)
    return std::free(block);
  new (payload) FreeBlock{freeBlocks[block->sizeClass]};
  freeBlocks[block->sizeClass] = block;
}

bool isOfSystem(std::align_val_t alignment) { return static_cast<size_t>(alignment) > granule; }

} // namespace

void *operator new(size_t size) { return heap.allocate(size); }
void *operator new(size_t size, const std::nothrow_t &) noexcept { return heap.allocate(size); }
void *operator new(size_t size, std::align_val_t alignment) {
  if (!isOfSystem(alignment))
    return heap.allocate(size);
  auto multiple = static_cast<size_t>(alignment);
  void *block = std::aligned_alloc(multiple, (size + multiple - 1) / multiple * multiple);
  if (!block)
    std::abort();
  return block;
}
void operator delete(void *block) noexcept { heap.release(block); }
void operator delete(void *block, size_t) noexcept { heap.release(block); }
void operator delete(void *block, std::align_val_t alignment) noexcept {
  isOfSystem(alignment) ? std::free(block) : heap.release(block);
}
void operator delete(void *block, size_t, std::align_val_t alignment) noexcept {
  operator delete(block, alignment);
}
