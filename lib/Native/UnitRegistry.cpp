//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "UnitRegistry.h"

#include "fusevm/Native/Jit.h"

#include <algorithm>

namespace fusevm {

UnitRegistry::Found UnitRegistry::find(const UnitKey &key) {
  std::lock_guard lock(mutex);
  auto found = entries.find(key);
  // Where a chunk was there may be another one now.
  if (found == entries.end() || found->second.chunk.expired())
    return {};
  const Entry &entry = found->second;
  return {entry.unit, entry.unit ? nullptr : entry.pending.lock()};
}

/// The entry of \p key, made or emptied if it is not for \p chunk.
UnitRegistry::Entry &UnitRegistry::entryOf(const UnitKey &key,
                                           const std::shared_ptr<const PreparedChunk> &chunk) {
  if (entries.size() > entriesToPurge) {
    absl::erase_if(entries, [](const auto &entry) { return entry.second.chunk.expired(); });
    entriesToPurge = std::max(fewEntries, 2 * entries.size());
  }
  Entry &entry = entries[key];
  if (entry.chunk.expired())
    entry = {.chunk = chunk, .unit = nullptr, .pending = {}};
  return entry;
}

void UnitRegistry::add(const UnitKey &key, const std::shared_ptr<const PreparedChunk> &chunk,
                       const std::shared_ptr<PendingUnit> &pending) {
  std::lock_guard lock(mutex);
  entryOf(key, chunk).pending = pending;
}

void UnitRegistry::add(const UnitKey &key, const std::shared_ptr<const PreparedChunk> &chunk,
                       std::shared_ptr<const NativeUnit> unit) {
  std::lock_guard lock(mutex);
  entryOf(key, chunk).unit = std::move(unit);
}

/// The entry of \p chunk, made or emptied if it is not of that.
UnitRegistry::ChunkEntry &UnitRegistry::entryOf(const std::shared_ptr<const PreparedChunk> &chunk) {
  if (chunks.size() > chunksToPurge) {
    absl::erase_if(chunks, [](const auto &entry) { return entry.second.chunk.expired(); });
    chunksToPurge = std::max(fewEntries, 2 * chunks.size());
  }
  ChunkEntry &entry = chunks[chunk.get()];
  if (entry.chunk.expired())
    entry = {.chunk = chunk, .files = {}, .profile = {}};
  return entry;
}

bool UnitRegistry::isNew(const std::shared_ptr<const PreparedChunk> &chunk,
                         const std::string &file) {
  std::lock_guard lock(mutex);
  std::vector<std::string> &files = entryOf(chunk).files;
  if (std::find(files.begin(), files.end(), file) != files.end())
    return false;
  files.push_back(file);
  return true;
}

void UnitRegistry::exchange(const std::shared_ptr<const PreparedChunk> &chunk,
                            std::vector<OpProfile> &profile) {
  std::lock_guard lock(mutex);
  std::vector<OpProfile> &known = entryOf(chunk).profile;
  addProfile(known, profile);
  addProfile(profile, known);
}

std::vector<uint64_t> UnitRegistry::opsOf(const PreparedChunk *chunk) {
  std::lock_guard lock(mutex);
  std::vector<uint64_t> ops;
  for (const auto &[key, entry] : entries)
    if (key.chunk == chunk && !entry.chunk.expired())
      ops.push_back(key.op);
  return ops;
}

bool UnitRegistry::hasUnit(const PreparedChunk *chunk) {
  std::lock_guard lock(mutex);
  return std::any_of(entries.begin(), entries.end(), [&](const auto &entry) {
    return entry.first.chunk == chunk && !entry.second.chunk.expired() && entry.second.unit;
  });
}

void UnitRegistry::dropUnused() {
  std::lock_guard lock(mutex);
  absl::erase_if(entries, [](const auto &entry) {
    return entry.second.unit && entry.second.unit.use_count() == 1;
  });
}

//===----------------------------------------------------------------------===//
// JitCompiler
//===----------------------------------------------------------------------===//

JitCompiler::JitCompiler(NativeConfig config)
    : nativeEngine(std::move(config)), unitRegistry(std::make_unique<UnitRegistry>()) {}
JitCompiler::~JitCompiler() = default;

} // namespace fusevm
