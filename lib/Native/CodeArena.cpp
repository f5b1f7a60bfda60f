//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CodeArena.h"

#include "ForkWatch.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <sys/mman.h>
#include <unistd.h>

// Since Linux 6.3; before that such memory could always be executed.
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace fusevm {

namespace {

constexpr size_t roundUp(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

absl::Status failed(std::string_view what) {
  return absl::ErrnoToStatus(errno, strCat("cannot ", what));
}

/// Returns a descriptor of memory without a name, or -1 with errno set.
int makeMemory(size_t size) {
  int descriptor = ::memfd_create("fusevm-code", MFD_CLOEXEC | MFD_EXEC);
  if (descriptor < 0 && errno == EINVAL)
    descriptor = ::memfd_create("fusevm-code", MFD_CLOEXEC);
  if (descriptor >= 0 && ::ftruncate(descriptor, static_cast<off_t>(size)) != 0) {
    int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
  }
  return descriptor;
}

/// Returns null, with errno set, if that fails.
std::byte *map(int descriptor, size_t size, int protection) {
  void *memory = ::mmap(nullptr, size, protection, MAP_SHARED, descriptor, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::byte *>(memory);
}

/// What free memory holds: on x86-64 a trap, elsewhere an instruction that does not exist.
#ifdef __x86_64__
constexpr int noCode = 0xCC;
#else
constexpr int noCode = 0;
#endif

} // namespace

absl::StatusOr<std::unique_ptr<CodeArena>> CodeArena::create(size_t limit) {
  watchForks();
  limit = roundUp(std::max(limit, alignment), static_cast<size_t>(::sysconf(_SC_PAGESIZE)));
  int descriptor = makeMemory(limit);
  if (descriptor < 0)
    return failed("make memory for native code");
  std::byte *writable = map(descriptor, limit, PROT_READ | PROT_WRITE);
  std::byte *executable = writable ? map(descriptor, limit, PROT_READ | PROT_EXEC) : nullptr;
  absl::Status status = executable ? absl::OkStatus() : failed("map memory for native code");
  ::close(descriptor);
  if (!status.ok()) {
    if (writable)
      ::munmap(writable, limit);
    return status;
  }
  return std::unique_ptr<CodeArena>(new CodeArena(writable, executable, limit));
}

CodeArena::CodeArena(std::byte *writable, std::byte *executable, size_t limit)
    : writable(writable), executable(executable), limit(limit), madeAtDepth(processDepth()) {
  // Something is always in front of a function: the sanitizers look there.
  freeBlocks.emplace(alignment, limit - alignment);
}

CodeArena::~CodeArena() {
  ::munmap(writable, limit);
  ::munmap(executable, limit);
}

bool CodeArena::isForkedChild() const { return processDepth() != madeAtDepth; }

absl::StatusOr<CodeRange> CodeArena::add(absl::Span<const std::byte> code) {
  // Asked before anything else: another thread of the parent may have held the mutex.
  if (isForkedChild())
    return absl::FailedPreconditionError("a forked process adds no native code");
  size_t size = roundUp(std::max<size_t>(code.size(), 1), alignment);
  std::lock_guard lock(mutex);
  auto block = std::find_if(freeBlocks.begin(), freeBlocks.end(),
                            [&](const auto &candidate) { return candidate.second >= size; });
  if (block == freeBlocks.end())
    return absl::ResourceExhaustedError(strCat("the memory for native code is full: ", used, " of ",
                                               limit, " bytes are used, and ", size,
                                               " more do not fit"));
  auto [offset, room] = *block;
  freeBlocks.erase(block);
  if (room > size)
    freeBlocks.emplace(offset + size, room - size);
  used += size;

  std::memcpy(writable + offset, code.data(), code.size());
  std::memset(writable + offset + code.size(), noCode, size - code.size());
  std::byte *begin = executable + offset;
  __builtin___clear_cache(reinterpret_cast<char *>(begin), reinterpret_cast<char *>(begin + size));
  return CodeRange{begin, size, forkCount()};
}

void CodeArena::free(const CodeRange &range) {
  if (isForkedChild())
    return;
  size_t offset = static_cast<size_t>(range.begin - executable);
  size_t size = range.size;
  assert(range.begin >= executable && offset + size <= limit && "code of another arena");
  std::lock_guard lock(mutex);
  used -= size;
  if (range.forksBefore != forkCount()) {
    pinned += size;
    return;
  }
  std::memset(writable + offset, noCode, size);

  auto next = freeBlocks.lower_bound(offset);
  if (next != freeBlocks.end() && offset + size == next->first) {
    size += next->second;
    next = freeBlocks.erase(next);
  }
  if (next != freeBlocks.begin()) {
    auto previous = std::prev(next);
    if (previous->first + previous->second == offset) {
      previous->second += size;
      return;
    }
  }
  freeBlocks.emplace_hint(next, offset, size);
}

CodeArena::Usage CodeArena::usage() const {
  if (isForkedChild())
    return {used, pinned, limit};
  std::lock_guard lock(mutex);
  return {used, pinned, limit};
}

} // namespace fusevm
