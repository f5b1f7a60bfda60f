//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "HeapMemory.h"

#include "fusevm/Runtime/Value.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace fusevm {

Hash::Hash(const Hash &other) : HeapObject() {
  if (other.live == 0)
    return;
  resize(other.live);
  for (const Entry &entry : other)
    append(entry.key, entry.value);
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
    heap::release(table, (tableMask + 1) * sizeof(Slot));
  }
}

template <typename IsKey> Hash::Entry *Hash::findEntry(uint32_t hash, IsKey isKey) const {
  if (!table)
    return nullptr;
  for (size_t position = hash & tableMask;; position = (position + 1) & tableMask) {
    Slot slot = table[position];
    if (slot.index == emptySlot)
      return nullptr;
    if (slot.hash != hash)
      continue;
    Entry &entry = entries[slot.index];
    if (entry.key.isStr() && isKey(entry.key.stringObject()))
      return &entry;
  }
}

Hash::Entry *Hash::findEntry(std::string_view key, uint32_t hash) const {
  return findEntry(hash, [key](const StringObject &other) {
    return other.size == key.size() && sameBytes(other.data(), key.data(), key.size());
  });
}

Hash::Entry *Hash::findEntry(const StringObject &key) const {
  // It is the key of that entry, or an equal text has been looked for before.
  if (key.lastEntry < used)
    if (Entry &known = entries[key.lastEntry];
        known.key.isStr() && known.key.stringObject().hasSameText(key))
      return &known;
  Entry *entry =
      findEntry(key.hash(), [&key](const StringObject &other) { return other.hasSameText(key); });
  if (entry)
    key.lastEntry = static_cast<uint32_t>(entry - entries);
  return entry;
}

const Value *Hash::find(std::string_view key) const {
  const Entry *entry = findEntry(key, hashOfText(key));
  return entry ? &entry->value : nullptr;
}

const Value *Hash::find(const Value &key) const {
  const Entry *entry = findEntry(key.stringObject());
  return entry ? &entry->value : nullptr;
}

void Hash::set(std::string_view key, Value value) {
  uint32_t hash = hashOfText(key);
  if (Entry *entry = findEntry(key, hash)) {
    entry->value = std::move(value);
    return;
  }
  Value newKey = Value::makeStr(key);
  newKey.stringObject().knownHash = hash;
  append(std::move(newKey), std::move(value));
}

void Hash::set(const Value &key, Value value) { findOrAdd(key) = std::move(value); }

Value &Hash::findOrAdd(const Value &key) {
  if (Entry *entry = findEntry(key.stringObject()))
    return entry->value;
  append(key, Value());
  return entries[used - 1].value;
}

Value Hash::erase(std::string_view key) {
  Entry *entry = findEntry(key, hashOfText(key));
  if (!entry)
    return Value();
  Value result = std::move(entry->value);
  entry->key = Value();
  --live;
  // A hash used as a queue must not accumulate dead entries at its front.
  if (live < used / 4)
    resize(live);
  return result;
}

void Hash::append(Value key, Value value) {
  if (used == capacity)
    resize(live + 1);
  uint32_t hash = key.stringObject().hash();
  key.stringObject().lastEntry = static_cast<uint32_t>(used);
  new (&entries[used]) Entry{std::move(key), std::move(value)};
  addSlot(hash, used);
  ++used;
  ++live;
}

void Hash::addSlot(uint32_t hash, size_t index) {
  size_t position = hash & tableMask;
  while (table[position].index != emptySlot)
    position = (position + 1) & tableMask;
  table[position] = {hash, static_cast<uint32_t>(index)};
}

void Hash::resize(size_t minimum) {
  // The table has at least 4/3 slots for an entry, and entries twice what is needed, so
  // that the work is paid for by the insertions until the next time.
  size_t tableSize = 8;
  while (tableSize / 4 * 3 < minimum * 2)
    tableSize *= 2;
  size_t newCapacity = tableSize / 4 * 3;
  auto *newEntries = static_cast<Entry *>(heap::allocate(newCapacity * sizeof(Entry)));
  size_t count = 0;
  for (size_t i = 0; i != used; ++i)
    if (!entries[i].key.isUndef())
      new (&newEntries[count++]) Entry(std::move(entries[i]));

  Entry *oldEntries = std::exchange(entries, newEntries);
  size_t oldCapacity = std::exchange(capacity, newCapacity);
  bool hasDead = std::exchange(used, count) != count;
  size_t oldTableSize = table ? tableMask + 1 : 0;
  Slot *oldTable =
      std::exchange(table, static_cast<Slot *>(heap::allocate(tableSize * sizeof(Slot))));
  tableMask = tableSize - 1;
  std::fill_n(table, tableSize, Slot{0, emptySlot});
  // The old table is in the order of the new one, the entries are not.
  if (hasDead) {
    for (size_t i = 0; i != used; ++i)
      addSlot(entries[i].key.stringObject().hash(), i);
  } else {
    for (size_t i = 0; i != oldTableSize; ++i)
      if (oldTable[i].index != emptySlot)
        addSlot(oldTable[i].hash, oldTable[i].index);
  }
  if (oldEntries) {
    heap::release(oldEntries, oldCapacity * sizeof(Entry));
    heap::release(oldTable, oldTableSize * sizeof(Slot));
  }
}

} // namespace fusevm
