//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The elements of an AWK array. Unlike those of a Hash the keys lie beside the values, and
/// all of them in one piece of memory: large arrays are looked up at the price of few cache
/// misses.

#ifndef FUSEVM_LIB_HOST_AWK_ELEMENTTABLE_H
#define FUSEVM_LIB_HOST_AWK_ELEMENTTABLE_H

#include "fusevm/Runtime/Value.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace fusevm::awk {

/// A map from subscripts to values that keeps insertion order.
class ElementTable {
public:
  ElementTable() = default;
  ElementTable(const ElementTable &) = delete;
  ElementTable &operator=(const ElementTable &) = delete;
  ~ElementTable() { clear(); }

  size_t size() const { return count; }
  /// The memory that the elements have.
  size_t bytes() const { return capacity; }

  /// Returns the value under \p key, or null. Valid until the next element is made or erased,
  /// like what operator[] returns.
  Value *find(std::string_view key);
  /// Returns the value under \p key, made as Undef if there is none.
  Value &operator[](std::string_view key);
  void erase(std::string_view key);
  void clear();

  /// Calls \p visit with key and value of each element, in the order in which they were made.
  template <typename Visit> void forEach(Visit visit) const {
    for (const Element *element = first(); element != end(); element = element->next())
      if (!element->isErased)
        visit(element->key(), element->value);
  }

private:
  /// An element; its key follows it in memory.
  struct Element {
    Value value;
    uint64_t keySize : 63;
    uint64_t isErased : 1;

    std::string_view key() const { return {reinterpret_cast<const char *>(this + 1), keySize}; }
    const Element *next() const {
      return reinterpret_cast<const Element *>(reinterpret_cast<const char *>(this) +
                                               sizeOf(keySize));
    }
  };

  /// Elements are found by their distance from the beginning, in units of their alignment.
  static constexpr size_t unit = alignof(Element);
  static constexpr size_t sizeOf(size_t keySize) {
    return (sizeof(Element) + keySize + unit - 1) / unit * unit;
  }

  struct Slot {
    uint32_t position = 0; ///< of an element, counted from 1; 0 if the slot is free
    uint32_t hash = 0;
  };

  Element *at(size_t offset) const { return reinterpret_cast<Element *>(memory.get() + offset); }
  Element *elementOf(const Slot &slot) const { return at(size_t(slot.position - 1) * unit); }
  const Element *first() const { return at(0); }
  const Element *end() const { return at(used); }

  /// The slot of \p key, or the free one where it would be.
  Slot &slotOf(std::string_view key, uint32_t hash);
  /// Puts \p slot where it belongs in \p slots, which has room for it.
  static void place(std::vector<Slot> &slots, Slot slot);
  Element *append(std::string_view key);
  void makeRoom(size_t size);
  void growSlots();
  /// Closes the gaps that erased elements have left.
  void compact();

  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };
  std::vector<Slot> slots; ///< a power of two of them, or none
  std::unique_ptr<char, Free> memory;
  size_t used = 0;     ///< bytes of elements, erased ones included
  size_t erased = 0;   ///< bytes of erased ones
  size_t capacity = 0; ///< bytes that there are
  size_t count = 0;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_ELEMENTTABLE_H
