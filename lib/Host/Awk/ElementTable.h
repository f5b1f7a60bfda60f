//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The elements of an AWK array. Unlike those of a Hash the keys lie beside the values: large
/// arrays are looked up at the price of two cache misses.

#ifndef FUSEVM_LIB_HOST_AWK_ELEMENTTABLE_H
#define FUSEVM_LIB_HOST_AWK_ELEMENTTABLE_H

#include "fusevm/Runtime/Value.h"

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

  /// An element; its key follows it in memory. Stays where it is until it is erased.
  struct Element {
    Element *previous;
    Element *next;
    size_t hash;
    Value value;
    size_t keySize;

    std::string_view key() const { return {reinterpret_cast<const char *>(this + 1), keySize}; }
  };

  size_t size() const { return count; }
  /// The elements in the order in which they were made, by Element::next.
  const Element *front() const { return head; }

  /// Returns the value under \p key, or null.
  Value *find(std::string_view key);
  /// Returns the value under \p key, made as Undef if there is none.
  Value &operator[](std::string_view key);
  void erase(std::string_view key);
  void clear();

private:
  struct Slot {
    Element *element = nullptr;
    size_t hash = 0;
  };

  /// The slot of \p key, or the free one where it would be.
  Slot &slotOf(std::string_view key, size_t hash);
  void grow();

  std::vector<Slot> slots; ///< a power of two of them, or none
  Element *head = nullptr;
  Element *tail = nullptr;
  size_t count = 0;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_ELEMENTTABLE_H
