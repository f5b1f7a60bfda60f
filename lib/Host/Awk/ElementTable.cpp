//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ElementTable.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace fusevm::awk {

using Element = ElementTable::Element;

static size_t hashOf(std::string_view key) { return std::hash<std::string_view>()(key); }

static Element *makeElement(std::string_view key, size_t hash) {
  void *memory = std::malloc(sizeof(Element) + key.size());
  if (!memory) {
    std::fprintf(stderr, "fusevm: out of memory allocating %zu bytes\n",
                 sizeof(Element) + key.size());
    std::exit(1);
  }
  auto *element = new (memory) Element{nullptr, nullptr, hash, {}, key.size()};
  std::memcpy(static_cast<void *>(element + 1), key.data(), key.size());
  return element;
}

static void freeElement(Element *element) {
  std::destroy_at(element);
  std::free(static_cast<void *>(element));
}

ElementTable::Slot &ElementTable::slotOf(std::string_view key, size_t hash) {
  size_t mask = slots.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot &slot = slots[i];
    if (!slot.element || (slot.hash == hash && slot.element->key() == key))
      return slot;
  }
}

Value *ElementTable::find(std::string_view key) {
  if (slots.empty())
    return nullptr;
  Element *element = slotOf(key, hashOf(key)).element;
  return element ? &element->value : nullptr;
}

Value &ElementTable::operator[](std::string_view key) {
  // Two thirds at most are taken.
  if (count + count / 2 >= slots.size())
    grow();
  size_t hash = hashOf(key);
  Slot &slot = slotOf(key, hash);
  if (slot.element)
    return slot.element->value;
  slot = {makeElement(key, hash), hash};
  slot.element->previous = tail;
  (tail ? tail->next : head) = slot.element;
  tail = slot.element;
  ++count;
  return slot.element->value;
}

void ElementTable::grow() {
  std::vector<Slot> larger(slots.empty() ? 8 : slots.size() * 2);
  size_t mask = larger.size() - 1;
  for (Element *element = head; element; element = element->next) {
    size_t i = element->hash & mask;
    while (larger[i].element)
      i = (i + 1) & mask;
    larger[i] = {element, element->hash};
  }
  slots = std::move(larger);
}

void ElementTable::erase(std::string_view key) {
  if (slots.empty())
    return;
  Slot *slot = &slotOf(key, hashOf(key));
  Element *element = slot->element;
  if (!element)
    return;
  (element->previous ? element->previous->next : head) = element->next;
  (element->next ? element->next->previous : tail) = element->previous;
  freeElement(element);
  --count;
  // Close the gap: what was pushed beyond it moves back.
  size_t mask = slots.size() - 1;
  auto gap = static_cast<size_t>(slot - slots.data());
  for (size_t i = (gap + 1) & mask; slots[i].element; i = (i + 1) & mask)
    if (((i - slots[i].hash) & mask) >= ((i - gap) & mask)) {
      slots[gap] = slots[i];
      gap = i;
    }
  slots[gap] = {};
}

void ElementTable::clear() {
  for (Element *element = head; element;)
    freeElement(std::exchange(element, element->next));
  slots.clear();
  head = tail = nullptr;
  count = 0;
}

} // namespace fusevm::awk
