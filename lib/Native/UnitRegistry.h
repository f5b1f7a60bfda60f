//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Which units there are, so that each is compiled once for all VMs that run a chunk.

#ifndef FUSEVM_LIB_NATIVE_UNITREGISTRY_H
#define FUSEVM_LIB_NATIVE_UNITREGISTRY_H

#include "UnitRequest.h"

#include "absl/container/flat_hash_map.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace fusevm {

/// What must be the same for two VMs to run the same unit. Profiles need not be: whatever a
/// unit takes from one it guards.
struct UnitKey {
  const PreparedChunk *chunk = nullptr;
  uint64_t op = 0; ///< FUSEVM_NO_OP: the boxed unit
  EntryKinds kinds;
  std::vector<uint64_t> anyKindOps; ///< whose guards have failed too often
  std::vector<uint64_t> missingOps; ///< whose keys were not where they were expected
  FusevmQuality quality = FUSEVM_QUALITY_QUICK;
  uint8_t options = 0; ///< those of the request that change the code

  auto fields() const {
    return std::tie(chunk, op, kinds.slots, kinds.globals, kinds.stack, anyKindOps, missingOps,
                    quality, options);
  }
  friend bool operator==(const UnitKey &a, const UnitKey &b) { return a.fields() == b.fields(); }
  template <typename Hash> friend Hash AbslHashValue(Hash hash, const UnitKey &key) {
    return Hash::combine(std::move(hash), key.fields());
  }
};

/// Safe to use from many threads.
class UnitRegistry {
public:
  /// One of them at most: a unit, or one that is being compiled.
  struct Found {
    std::shared_ptr<const NativeUnit> unit;
    std::shared_ptr<PendingUnit> pending;
  };
  Found find(const UnitKey &key);

  /// Both are for as long as \p chunk, which \p key names, is there.
  void add(const UnitKey &key, const std::shared_ptr<const PreparedChunk> &chunk,
           const std::shared_ptr<PendingUnit> &pending);
  void add(const UnitKey &key, const std::shared_ptr<const PreparedChunk> &chunk,
           std::shared_ptr<const NativeUnit> unit);

  /// Whether nobody has asked this of \p chunk and \p file before.
  bool isNew(const std::shared_ptr<const PreparedChunk> &chunk, const std::string &file);
  /// Adds to \p profile what other VMs have seen of \p chunk, and keeps what it has seen for them:
  /// what runs natively from the beginning is seen by none.
  void exchange(const std::shared_ptr<const PreparedChunk> &chunk, std::vector<OpProfile> &profile);
  /// The ops at which there are units for \p chunk, or will be.
  std::vector<uint64_t> opsOf(const PreparedChunk *chunk);
  /// The same of those that have been compiled.
  bool hasUnit(const PreparedChunk *chunk);

  /// Forgets the units that no VM has, so that their code can be freed.
  void dropUnused();

private:
  struct Entry {
    std::weak_ptr<const PreparedChunk> chunk;
    std::shared_ptr<const NativeUnit> unit;
    /// Weak, so that what nobody waits for any more is not compiled.
    std::weak_ptr<PendingUnit> pending;
  };

  /// What is known of a chunk, units apart.
  struct ChunkEntry {
    std::weak_ptr<const PreparedChunk> chunk;
    std::vector<std::string> files; ///< that were asked for
    std::vector<OpProfile> profile;
  };

  ChunkEntry &entryOf(const std::shared_ptr<const PreparedChunk> &chunk);
  Entry &entryOf(const UnitKey &key, const std::shared_ptr<const PreparedChunk> &chunk);

  std::mutex mutex;
  absl::flat_hash_map<UnitKey, Entry> entries;
  absl::flat_hash_map<const PreparedChunk *, ChunkEntry> chunks;
  /// Where there are more, those of chunks that are gone are removed.
  static constexpr size_t fewEntries = 64;
  size_t entriesToPurge = fewEntries;
  size_t chunksToPurge = fewEntries;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_UNITREGISTRY_H
