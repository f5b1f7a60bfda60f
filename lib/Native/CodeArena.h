//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The memory of native code.
///
/// The same pages are mapped twice, once to be written and once to be executed, so that no
/// page is ever both and adding code takes no system call. The addresses of the writable
/// view stay in here.

#ifndef FUSEVM_LIB_NATIVE_CODEARENA_H
#define FUSEVM_LIB_NATIVE_CODEARENA_H

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace fusevm {

/// Code in an arena, from when it was added until it is freed.
struct CodeRange {
  /// In the executable view.
  const std::byte *begin = nullptr;
  size_t size = 0;
  /// forkCount() when it was added.
  uint64_t forksBefore = 0;
};

/// Safe to use from many threads. A forked child shares the pages with its parent: it can
/// go on to execute what was there when it was forked, and add and free do nothing there.
class CodeArena {
public:
  /// Where code begins in it, in bytes: what blobs may rely on.
  static constexpr size_t alignment = 64;

  /// Reserves addresses for \p limit bytes; memory is used only for what is added. Fails
  /// where the system does not let memory be executed.
  static absl::StatusOr<std::unique_ptr<CodeArena>> create(size_t limit);

  CodeArena(const CodeArena &) = delete;
  CodeArena &operator=(const CodeArena &) = delete;
  ~CodeArena();

  /// Copies \p code, which does not depend on its address, to where it can be executed.
  /// Fails when there is no room left, and in a forked child.
  absl::StatusOr<CodeRange> add(absl::Span<const std::byte> code);

  /// Gives the memory of \p range back. Nobody may be executing it. What was there before
  /// a fork is not used again, because the child may be executing it.
  void free(const CodeRange &range);

  struct Usage {
    /// Bytes of code that was added and not freed.
    size_t used;
    /// Bytes that were freed but belong to forked children.
    size_t pinned;
    size_t limit;
  };
  Usage usage() const;

private:
  CodeArena(std::byte *writable, std::byte *executable, size_t limit);

  bool isForkedChild() const;

  std::byte *const writable;
  std::byte *const executable;
  const size_t limit;
  /// processDepth() of the process that made it.
  const uint32_t madeAtDepth;

  mutable std::mutex mutex;
  /// Sizes by offset; neighbours are merged.
  std::map<size_t, size_t> freeBlocks;
  size_t used = 0;
  size_t pinned = 0;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_CODEARENA_H
