//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "HeapMemory.h"

#include "fusevm/Runtime/Value.h"

#include "absl/hash/hash.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace fusevm {

static size_t hashOf(std::string_view key) { return absl::Hash<std::string_view>()(key); }

Hash::Hash(const Hash &other) : HeapObject() {
  if (other.live == 0)
    return;
  rebuild(other.live);
  for (const Entry &entry : other)
    append(entry.key, entry.hash, entry.value);
}

Hash::Hash(Hash &&other) noexcept
    : HeapObject(), entries(std::exchange(other.entries, nullptr)),
      table(std::exchange(other.table, nullptr)), used(std::exchange(other.used, 0)),
      live(std::exchange(other.live, 0)), capacity(std::exchange(other.capacity, 0)),
      tableMask(std::exchange(other.tableMask, 0)) {}

Hash &Hash::operator=(Hash other) noexcept {
  std::swap(entries, other.entries);
  std::swap(table, other.table);
  std::swap(used, other.used);
  std::swap(live, other.live);
  std::swap(capacity, other.capacity);
  std::swap(tableMask, other.tableMask);
  return *this;
}

Hash::~Hash() {
  std::destroy(entries, entries + used);
  if (entries) {
    heap::release(entries, capacity * sizeof(Entry));
    heap::release(table, (tableMask + 1) * sizeof(uint32_t));
  }
}

Hash::Entry *Hash::findEntry(std::string_view key, size_t hash) const {
  if (!table)
    return nullptr;
  for (size_t slot = hash & tableMask;; slot = (slot + 1) & tableMask) {
    uint32_t index = table[slot];
    if (index == emptySlot)
      return nullptr;
    Entry &entry = entries[index];
    if (entry.hash == hash && entry.key.isStr() && entry.key.asStr() == key)
      return &entry;
  }
}

const Value *Hash::find(std::string_view key) const {
  const Entry *entry = findEntry(key, hashOf(key));
  return entry ? &entry->value : nullptr;
}

void Hash::set(std::string_view key, Value value) {
  size_t hash = hashOf(key);
  if (Entry *entry = findEntry(key, hash))
    entry->value = std::move(value);
  else
    append(Value::makeStr(key), hash, std::move(value));
}

void Hash::set(const Value &key, Value value) {
  size_t hash = hashOf(key.asStr());
  if (Entry *entry = findEntry(key.asStr(), hash))
    entry->value = std::move(value);
  else
    append(key, hash, std::move(value));
}

Value Hash::erase(std::string_view key) {
  Entry *entry = findEntry(key, hashOf(key));
  if (!entry)
    return Value();
  Value result = std::move(entry->value);
  entry->key = Value();
  --live;
  // A hash used as a queue must not accumulate dead entries at its front.
  if (live < used / 4)
    rebuild(live);
  return result;
}

void Hash::append(Value key, size_t hash, Value value) {
  if (used == capacity)
    rebuild(live + 1);
  new (&entries[used]) Entry{std::move(key), std::move(value), hash};
  size_t slot = hash & tableMask;
  while (table[slot] != emptySlot)
    slot = (slot + 1) & tableMask;
  table[slot] = static_cast<uint32_t>(used);
  ++used;
  ++live;
}

void Hash::rebuild(size_t minimum) {
  // The table has at least 4/3 slots for an entry, and entries twice what is needed, so
  // that the work is paid for by the insertions until the next time.
  size_t tableSize = 8;
  while (tableSize / 4 * 3 < minimum * 2)
    tableSize *= 2;
  size_t newCapacity = tableSize / 4 * 3;
  auto *newEntries = static_cast<Entry *>(heap::allocate(newCapacity * sizeof(Entry)));
  auto *newTable = static_cast<uint32_t *>(heap::allocate(tableSize * sizeof(uint32_t)));
  std::fill_n(newTable, tableSize, emptySlot);
  size_t count = 0;
  for (size_t i = 0; i != used; ++i) {
    Entry &entry = entries[i];
    if (!entry.key.isUndef()) {
      size_t slot = entry.hash & (tableSize - 1);
      while (newTable[slot] != emptySlot)
        slot = (slot + 1) & (tableSize - 1);
      newTable[slot] = static_cast<uint32_t>(count);
      new (&newEntries[count++]) Entry(std::move(entry));
    }
    std::destroy_at(&entry);
  }
  if (entries) {
    heap::release(entries, capacity * sizeof(Entry));
    heap::release(table, (tableMask + 1) * sizeof(uint32_t));
  }
  entries = newEntries;
  table = newTable;
  used = live = count;
  capacity = newCapacity;
  tableMask = tableSize - 1;
}

} // namespace fusevm
