//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ElementTable.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>

namespace fusevm::awk {

ElementTable::Slot &ElementTable::slotOf(std::string_view key, uint32_t hash) {
  size_t mask = slots.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot &slot = slots[i];
    if (slot.position == 0 || (slot.hash == hash && elementOf(slot)->key() == key))
      return slot;
  }
}

Value *ElementTable::find(std::string_view key) {
  if (slots.empty())
    return nullptr;
  const Slot &slot = slotOf(key, hashOfText(key));
  return slot.position != 0 ? &elementOf(slot)->value : nullptr;
}

Value &ElementTable::operator[](std::string_view key) {
  uint32_t hash = hashOfText(key);
  if (!slots.empty())
    if (const Slot &slot = slotOf(key, hash); slot.position != 0)
      return elementOf(slot)->value;
  // Two thirds at most are taken.
  if (count + count / 2 >= slots.size())
    growSlots();
  Element *element = append(key);
  auto offset = static_cast<size_t>(reinterpret_cast<char *>(element) - memory.get());
  slotOf(key, hash) = {static_cast<uint32_t>(offset / unit + 1), hash};
  ++count;
  return element->value;
}

void ElementTable::place(std::vector<Slot> &slots, Slot slot) {
  size_t mask = slots.size() - 1;
  size_t i = slot.hash & mask;
  while (slots[i].position != 0)
    i = (i + 1) & mask;
  slots[i] = slot;
}

void ElementTable::growSlots() {
  std::vector<Slot> larger(slots.empty() ? 8 : slots.size() * 2);
  for (const Slot &slot : slots)
    if (slot.position != 0)
      place(larger, slot);
  slots = std::move(larger);
}

ElementTable::Element *ElementTable::append(std::string_view key) {
  size_t size = sizeOf(key.size());
  if (capacity - used < size)
    makeRoom(size);
  auto *element = new (memory.get() + used) Element{{}, key.size(), false};
  std::memcpy(static_cast<void *>(element + 1), key.data(), key.size());
  used += size;
  return element;
}

void ElementTable::makeRoom(size_t size) {
  // A queue, whose elements come and go, stays as large as it is.
  if (erased > used / 2)
    compact();
  if (capacity - used >= size)
    return;
  constexpr size_t mostBytes = size_t(std::numeric_limits<uint32_t>::max()) * unit;
  size_t wanted = std::max(used + size, std::min(capacity * 2, mostBytes));
  // Values may be moved about as bytes: nothing points at them.
  void *larger = wanted > mostBytes ? nullptr : std::realloc(memory.release(), wanted);
  if (!larger) {
    std::fprintf(stderr, "fusevm: out of memory allocating %zu bytes\n", wanted);
    std::exit(1);
  }
  memory.reset(static_cast<char *>(larger));
  capacity = wanted;
}

void ElementTable::compact() {
  std::fill(slots.begin(), slots.end(), Slot());
  size_t kept = 0;
  size_t size = 0;
  for (size_t offset = 0; offset != used; offset += size) {
    Element *element = at(offset);
    size = sizeOf(element->keySize);
    if (element->isErased)
      continue;
    uint32_t hash = hashOfText(element->key());
    std::memmove(memory.get() + kept, memory.get() + offset, size);
    place(slots, {static_cast<uint32_t>(kept / unit + 1), hash});
    kept += size;
  }
  used = kept;
  erased = 0;
}

void ElementTable::erase(std::string_view key) {
  if (slots.empty())
    return;
  Slot *slot = &slotOf(key, hashOfText(key));
  if (slot->position == 0)
    return;
  Element *element = elementOf(*slot);
  element->value = Value();
  element->isErased = true;
  erased += sizeOf(element->keySize);
  --count;
  // Close the gap: what was pushed beyond it moves back.
  size_t mask = slots.size() - 1;
  auto gap = static_cast<size_t>(slot - slots.data());
  for (size_t i = (gap + 1) & mask; slots[i].position != 0; i = (i + 1) & mask)
    if (((i - slots[i].hash) & mask) >= ((i - gap) & mask)) {
      slots[gap] = slots[i];
      gap = i;
    }
  slots[gap] = {};
}

void ElementTable::clear() {
  size_t size = 0;
  for (size_t offset = 0; offset != used; offset += size) {
    size = sizeOf(at(offset)->keySize);
    std::destroy_at(at(offset));
  }
  // An array that is filled for each record keeps its memory.
  constexpr size_t mostKept = size_t(1) << 16;
  if (capacity > mostKept) {
    slots.clear();
    memory.reset();
    capacity = 0;
  }
  std::fill(slots.begin(), slots.end(), Slot());
  used = erased = count = 0;
}

} // namespace fusevm::awk
