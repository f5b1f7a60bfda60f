//===- Containers.h - Arrays and hashes of values ---------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The payloads of Array, Hash and Ref values. Included by Value.h.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_RUNTIME_CONTAINERS_H
#define FUSEVM_RUNTIME_CONTAINERS_H

#include "fusevm/Runtime/Value.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace fusevm {

/// A growable sequence of values; amortised O(1) at the back and for removal at the
/// front.
class Array : public HeapObject {
public:
  Array() = default;
  Array(std::initializer_list<Value> elements);
  Array(const Array &other);
  Array(Array &&other) noexcept;
  Array &operator=(Array other) noexcept;
  ~Array();

  size_t size() const { return count; }
  bool empty() const { return count == 0; }
  // Who can change elements may put anything there.
  Value *begin() { return kinds = count == 0 ? kinds : anyKinds, first; }
  Value *end() { return first + count; }
  const Value *begin() const { return first; }
  const Value *end() const { return first + count; }
  Value &operator[](size_t index) {
    assert(index < count);
    kinds = anyKinds;
    return first[index];
  }
  const Value &operator[](size_t index) const { return assert(index < count), first[index]; }

  /// Makes room for \p capacity elements in all.
  void reserve(size_t capacity);
  void push(Value value) {
    if (count == capacity)
      grow(count + 1);
    note(value);
    new (first + count++) Value(std::move(value));
  }
  /// Overwrites the element at \p index. In an array that has held nothing but scalars the old
  /// one is not even read: in a large array that is a wait for memory.
  void set(size_t index, Value value) {
    assert(index < count);
    Value &element = first[index];
    if (kinds == anyKinds && element.isHeap()) [[unlikely]]
      element = Value();
    note(value);
    new (&element) Value(std::move(value));
  }
  /// The same two for a scalar, of which nothing ever has to be released.
  FUSEVM_ALWAYS_INLINE void pushScalar(Kind kind, uint64_t bits) {
    if (count == capacity) [[unlikely]]
      grow(count + 1);
    if (kinds != static_cast<uint8_t>(kind)) [[unlikely]]
      noteScalar(kind);
    new (first + count++) Value(Value::makeScalar(kind, bits));
  }
  FUSEVM_ALWAYS_INLINE void setScalar(size_t index, Kind kind, uint64_t bits) {
    assert(index < count);
    Value &element = first[index];
    if (kinds != static_cast<uint8_t>(kind)) [[unlikely]] {
      if (kinds == anyKinds && element.isHeap())
        element = Value();
      noteScalar(kind);
    }
    new (&element) Value(Value::makeScalar(kind, bits));
  }
  /// Removes and returns the last or the first element; the array must not be empty.
  Value pop();
  Value shift();
  /// Extends with Undef, or drops elements at the end.
  void resize(size_t size);

private:
  friend class Value;

  void grow(size_t minimum);
  void note(const Value &value) {
    if (value.isHeap())
      kinds = anyKinds;
    else if (kinds != static_cast<uint8_t>(value.kind()))
      noteScalar(value.kind());
  }
  void noteScalar(Kind kind) {
    kinds = count == 0 || kinds == noKind ? static_cast<uint8_t>(kind)
                                          : std::max<uint8_t>(kinds, scalarKinds);
  }
  void findKinds();

  Value *first = nullptr;
  size_t count = 0;
  size_t capacity = 0; ///< elements that fit from first on
  size_t headroom = 0; ///< free elements before first
  /// What elements certainly are: all scalars of one kind, then its number, or one of those below.
  /// Code that knows it looks at no element's kind, and releases none.
  uint8_t kinds = noKind;
  static constexpr uint8_t noKind = 0xfd; ///< there has been none
  static constexpr uint8_t scalarKinds = 0xfe;
  static constexpr uint8_t anyKinds = 0xff;
};

/// A map from strings to values that keeps insertion order. Overwriting a value keeps
/// its place; deleting and inserting again moves it to the end.
class Hash : public HeapObject {
public:
  struct Entry {
    Value key; ///< a Str that knows its hash; Undef marks a deleted entry
    Value value;
  };

  /// Visits live entries in insertion order.
  class const_iterator {
  public:
    const_iterator(const Entry *entry, const Entry *end) : entry(entry), last(end) { skip(); }
    const Entry &operator*() const { return *entry; }
    const Entry *operator->() const { return entry; }
    const_iterator &operator++() {
      ++entry;
      skip();
      return *this;
    }
    bool operator==(const const_iterator &other) const { return entry == other.entry; }

  private:
    void skip() {
      while (entry != last && entry->key.isUndef())
        ++entry;
    }
    const Entry *entry;
    const Entry *last;
  };

  Hash() = default;
  Hash(const Hash &other);
  Hash(Hash &&other) noexcept;
  Hash &operator=(Hash other) noexcept;
  ~Hash();

  size_t size() const { return live; }
  bool empty() const { return live == 0; }
  const_iterator begin() const { return {entries, entries + used}; }
  const_iterator end() const { return {entries + used, entries + used}; }

  /// Returns the value under \p key, or nullptr. Valid until the next change.
  const Value *find(std::string_view key) const;
  Value *find(std::string_view key) { return const_cast<Value *>(std::as_const(*this).find(key)); }
  /// The same. \p key is a Str and remembers its hash and its entry.
  const Value *find(const Value &key) const;
  /// The entry of \p key if it is where it was when it was last looked for, in this hash or in
  /// one with the same keys; the inline cache of accesses with constant keys. Else null.
  FUSEVM_ALWAYS_INLINE Entry *findAgain(const StringObject &key) const {
    if (key.lastEntry >= used)
      return nullptr;
    Entry &entry = entries[key.lastEntry];
    return entry.key.isStr() && &entry.key.stringObject() == &key ? &entry : nullptr;
  }
  /// Inserts or overwrites. The first form makes a new string only for a new key; in
  /// the second \p key is a Str, remembers its hash and is shared.
  void set(std::string_view key, Value value);
  void set(const Value &key, Value value);
  /// The value under \p key, a Str that is shared: an Undef if there was none. Valid until the next
  /// change.
  Value &findOrAdd(const Value &key);
  /// Removes the entry under \p key and returns its value; Undef if there is none.
  Value erase(std::string_view key);

private:
  friend class Value;

  /// What the table has for an entry; a deleted one keeps its slot.
  struct Slot {
    uint32_t hash;
    uint32_t index;
  };
  static constexpr uint32_t emptySlot = ~uint32_t(0);

  template <typename IsKey> Entry *findEntry(uint32_t hash, IsKey isKey) const;
  Entry *findEntry(std::string_view key, uint32_t hash) const;
  Entry *findEntry(const StringObject &key) const;
  void append(Value key, Value value);
  void addSlot(uint32_t hash, size_t index);
  void resize(size_t minimum);

  Entry *entries = nullptr;
  Slot *table = nullptr;
  size_t used = 0; ///< entries, dead ones included
  size_t live = 0;
  size_t capacity = 0;  ///< entries that fit
  size_t tableMask = 0; ///< table size - 1
};

/// The payload of a Ref: one owned value.
struct RefObject : HeapObject {
  explicit RefObject(Value held) : held(std::move(held)) {}
  Value held;
};

const Array &Value::asArray() const {
  return assert(isArray()), *static_cast<const Array *>(payload.object);
}
const Hash &Value::asHash() const {
  return assert(isHash()), *static_cast<const Hash *>(payload.object);
}
const Value &Value::asRef() const {
  return assert(isRef()), static_cast<const RefObject *>(payload.object)->held;
}
FUSEVM_ALWAYS_INLINE Array &Value::mutableArray() {
  assert(isArray());
  if (payload.object->references != 1) [[unlikely]]
    unshareArray();
  return *static_cast<Array *>(payload.object);
}
Hash &Value::mutableHash() {
  assert(isHash());
  if (payload.object->references != 1) [[unlikely]]
    unshareHash();
  return *static_cast<Hash *>(payload.object);
}

} // namespace fusevm

#endif // FUSEVM_RUNTIME_CONTAINERS_H
