//===- Chunk.h - A unit of bytecode -----------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The container a frontend fills and a VM runs: code, pools, entries, line table.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_CHUNK_H
#define FUSEVM_IR_CHUNK_H

#include "fusevm/IR/Instruction.h"
#include "fusevm/Runtime/Value.h"

#include "absl/container/flat_hash_map.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// Where a sub is entered.
struct SubEntry {
  uint16_t name; ///< index into the name pool
  uint64_t op;   ///< op index

  friend bool operator==(const SubEntry &, const SubEntry &) = default;
};

/// A range of ops run by the block ops: start up to but not including end.
struct BlockRange {
  uint64_t start;
  uint64_t end;

  friend bool operator==(const BlockRange &, const BlockRange &) = default;
};

/// Base of what a later stage computes once for a chunk and keeps with it.
class DerivedData {
public:
  virtual ~DerivedData();
};

/// Holds one DerivedData. Copying or moving a chunk leaves the copy's slot empty.
/// Thread-safe.
class DerivedSlot {
public:
  DerivedSlot() = default;
  DerivedSlot(const DerivedSlot &) {}
  DerivedSlot &operator=(const DerivedSlot &);

  /// Returns the data, made by \p make on first use.
  template <typename Make> std::shared_ptr<const DerivedData> getOrMake(Make &&make) const {
    // Once made it stays as it is.
    if (isMade.load(std::memory_order_acquire))
      return data;
    std::lock_guard<std::mutex> lock(mutex);
    if (!data)
      data = make();
    isMade.store(true, std::memory_order_release);
    return data;
  }

private:
  mutable std::mutex mutex;
  mutable std::atomic<bool> isMade{false};
  mutable std::shared_ptr<const DerivedData> data;
};

/// A unit of bytecode. A plain record: fields may be edited freely until the chunk is
/// handed to a VM as a `std::shared_ptr<const Chunk>`; from then on it is immutable and
/// may be shared by VMs on many threads.
///
/// No field is checked against another here; the verifier does that (Analysis).
struct Chunk {
  /// The code. The position of an op is its op index.
  std::vector<Instruction> ops;
  std::vector<Value> constants;
  /// Names of globals and subs alike; the index is the index of the global.
  std::vector<std::string> names;
  /// Source line of each op. May be shorter or longer than ops; a missing line is 0.
  std::vector<uint32_t> lines;
  std::vector<SubEntry> subEntries;
  std::vector<BlockRange> blockRanges;
  std::vector<Chunk> subChunks;
  /// Name of the source file, for messages.
  std::string source;
  /// Computed by ChunkBuilder::build(); 0 in a chunk that was read from a file.
  uint64_t opHash = 0;

  /// Verification result and prepared code, made on demand.
  DerivedSlot derived;

  Chunk();
  Chunk(const Chunk &);
  Chunk(Chunk &&) noexcept;
  Chunk &operator=(const Chunk &);
  Chunk &operator=(Chunk &&) noexcept;
  ~Chunk();

  /// Returns the entry of the sub called by name index \p name: the first one
  /// registered. Looks through all subs; for many calls take subEntriesByName().
  std::optional<uint64_t> findSub(uint16_t name) const;

  /// Returns the entries of all subs by name index, of several of a name the first one.
  absl::flat_hash_map<uint16_t, uint64_t> subEntriesByName() const;

  /// Returns the text of name \p index, or "?" if the pool has no such entry.
  std::string_view nameOr(uint16_t index, std::string_view missing = "?") const;

  /// Returns the source line of \p op, 0 if unknown.
  uint32_t lineOf(uint64_t op) const { return op < lines.size() ? lines[op] : 0; }

  /// Computes the op hash: SipHash-1-3 over ops and constants, compatible with other
  /// implementations except that the operand of AwkGetFieldNum counts too.
  uint64_t computeOpHash() const;
};

/// Whether two chunks have identical fields, floats compared bit for bit. Derived
/// data and the op hash do not count.
bool identical(const Chunk &lhs, const Chunk &rhs);

} // namespace fusevm

#endif // FUSEVM_IR_CHUNK_H
