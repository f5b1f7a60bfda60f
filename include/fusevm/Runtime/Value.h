//===- Value.h - The tagged value -------------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The value every op works on: sixteen bytes, a kind and a payload. Strings, arrays,
/// hashes and refs live on the heap behind an intrusive, non-atomic reference count.
///
/// Arrays and hashes have value semantics: copying a Value shares the container, and
/// the mutable accessors give the caller a container of its own first. A value graph
/// belongs to one thread at a time; use deepCopy() to give another thread its own.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_RUNTIME_VALUE_H
#define FUSEVM_RUNTIME_VALUE_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace fusevm {

class Array;
class Hash;
class Value;

/// For what the interpreter does several times an op; the compilers give up on inlining in
/// a function as large as its loop.
#define FUSEVM_ALWAYS_INLINE [[gnu::always_inline]] inline

/// What a value is. Kinds on the heap come last, so that one comparison tells them.
enum class Kind : uint32_t {
  Undef,
  Bool,
  Int,
  Float,
  Status,
  NativeFn,
  Str,
  Array,
  Hash,
  Ref,
};

inline constexpr Kind firstHeapKind = Kind::Str;
static_assert(Kind::Str < Kind::Array && Kind::Array < Kind::Hash && Kind::Hash < Kind::Ref &&
                  Kind::NativeFn < firstHeapKind,
              "heap kinds must come last");

/// Returns the name of \p kind as in JSON and in messages: "Int".
std::string_view kindName(Kind kind);

/// Returns the variant number of \p kind in value hashes.
unsigned kindNumber(Kind kind);

/// What every heap payload begins with.
struct HeapObject {
  uint64_t references = 1;
};

/// Returns the hash of \p text under which hash tables have it; never 0. Another process may
/// have another one.
uint32_t hashOfText(std::string_view text);

/// Whether the \p size bytes at \p lhs are those at \p rhs; short ones are compared without
/// a call.
FUSEVM_ALWAYS_INLINE bool sameBytes(const char *lhs, const char *rhs, size_t size) {
  auto sameWord = [lhs, rhs](auto word, size_t offset) {
    auto other = word;
    std::memcpy(&word, lhs + offset, sizeof(word));
    std::memcpy(&other, rhs + offset, sizeof(word));
    return word == other;
  };
  if (size < 4)
    return size == 0 ||
           (lhs[0] == rhs[0] && lhs[size / 2] == rhs[size / 2] && lhs[size - 1] == rhs[size - 1]);
  // Two words that may overlap cover everything between one word and two.
  if (size < 8)
    return sameWord(uint32_t(), 0) && sameWord(uint32_t(), size - 4);
  if (size <= 16)
    return sameWord(uint64_t(), 0) && sameWord(uint64_t(), size - 8);
  return std::memcmp(lhs, rhs, size) == 0;
}

/// The payload of a Str: bytes behind the header, usually but not necessarily UTF-8.
/// Never changed while shared.
struct StringObject : HeapObject {
  size_t size;
  size_t capacity;
  /// The hash of the bytes; 0 until somebody asks for it.
  mutable uint32_t knownHash;
  /// The number of the entry where a hash last had it: a guess.
  mutable uint32_t lastEntry;

  char *data() { return reinterpret_cast<char *>(this + 1); }
  const char *data() const { return reinterpret_cast<const char *>(this + 1); }
  std::string_view view() const { return {data(), size}; }

  /// Returns hashOfText(view()), which is computed once.
  uint32_t hash() const {
    if (knownHash == 0)
      knownHash = hashOfText(view());
    return knownHash;
  }

  FUSEVM_ALWAYS_INLINE bool hasSameText(const StringObject &other) const {
    return this == &other || (size == other.size && sameBytes(data(), other.data(), size));
  }

  /// Returns a string of \p size bytes for the caller to fill.
  static StringObject *allocate(size_t size);
};

/// A value of any kind.
class Value {
public:
  /// Makes Undef.
  Value() = default;
  FUSEVM_ALWAYS_INLINE Value(const Value &other) : tag(other.tag), payload(other.payload) {
    if (isHeap())
      ++payload.object->references;
  }
  FUSEVM_ALWAYS_INLINE Value(Value &&other) noexcept : tag(other.tag), payload(other.payload) {
    other.tag = Kind::Undef;
  }
  Value &operator=(const Value &other) {
    Value copy(other);
    swap(copy);
    return *this;
  }
  FUSEVM_ALWAYS_INLINE Value &operator=(Value &&other) noexcept {
    assert(this != &other && "a value moved onto itself is lost");
    Kind oldTag = tag;
    HeapObject *oldObject = payload.object;
    tag = other.tag;
    payload = other.payload;
    other.tag = Kind::Undef;
    if (oldTag >= firstHeapKind && --oldObject->references == 0)
      destroy(oldTag, oldObject);
    return *this;
  }
  FUSEVM_ALWAYS_INLINE ~Value() {
    if (isHeap() && --payload.object->references == 0)
      destroy(tag, payload.object);
  }

  void swap(Value &other) noexcept {
    std::swap(tag, other.tag);
    std::swap(payload, other.payload);
  }

  static Value makeBool(bool value) { return Value(Kind::Bool, int64_t(value)); }
  static Value makeInt(int64_t value) { return Value(Kind::Int, value); }
  /// Keeps the bit pattern: -0.0 and NaN payloads survive.
  static Value makeFloat(double value) {
    Value result;
    result.tag = Kind::Float;
    result.payload.number = value;
    return result;
  }
  static Value makeStatus(int32_t code) { return Value(Kind::Status, int64_t(code)); }
  static Value makeNativeFn(uint16_t id) { return Value(Kind::NativeFn, int64_t(id)); }
  /// Makes a value of a kind that is not on the heap from its payload's bits.
  static Value makeScalar(Kind kind, uint64_t bits) {
    assert(kind < firstHeapKind && "not a scalar kind");
    return Value(kind, static_cast<int64_t>(bits));
  }
  /// The payload's bits of such a value.
  uint64_t scalarBits() const { return assert(!isHeap()), static_cast<uint64_t>(payload.integer); }
  /// Copies \p text.
  static Value makeStr(std::string_view text);
  /// Takes over the caller's reference to \p object.
  static Value adoptStr(StringObject *object) { return Value(Kind::Str, object); }
  /// Makes an empty array, or one that takes over \p elements.
  static Value makeArray();
  static Value makeArray(Array elements);
  /// Makes an empty hash, or one that takes over \p entries.
  static Value makeHash();
  static Value makeHash(Hash entries);
  /// Boxes \p held.
  static Value makeRef(Value held);

  Kind kind() const { return tag; }
  bool isUndef() const { return tag == Kind::Undef; }
  bool isBool() const { return tag == Kind::Bool; }
  bool isInt() const { return tag == Kind::Int; }
  bool isFloat() const { return tag == Kind::Float; }
  bool isStatus() const { return tag == Kind::Status; }
  bool isNativeFn() const { return tag == Kind::NativeFn; }
  bool isStr() const { return tag == Kind::Str; }
  bool isArray() const { return tag == Kind::Array; }
  bool isHash() const { return tag == Kind::Hash; }
  bool isRef() const { return tag == Kind::Ref; }
  /// Whether the payload is a counted heap object.
  bool isHeap() const { return tag >= firstHeapKind; }

  // Payload accessors; the kind must match.
  bool asBool() const { return assert(isBool()), payload.integer != 0; }
  int64_t asInt() const { return assert(isInt()), payload.integer; }
  double asFloat() const { return assert(isFloat()), payload.number; }
  int32_t asStatus() const { return assert(isStatus()), static_cast<int32_t>(payload.integer); }
  uint16_t asNativeFn() const {
    return assert(isNativeFn()), static_cast<uint16_t>(payload.integer);
  }
  std::string_view asStr() const { return stringObject().view(); }
  const StringObject &stringObject() const {
    return assert(isStr()), *static_cast<const StringObject *>(payload.object);
  }
  inline const Array &asArray() const;
  inline const Hash &asHash() const;
  inline const Value &asRef() const;

  /// The container, unshared first if other values share it. The reference is valid
  /// until the value is copied or assigned.
  inline Array &mutableArray();
  inline Hash &mutableHash();

  /// Whether this value alone holds its heap payload.
  bool isUnique() const { return assert(isHeap()), payload.object->references == 1; }

  /// Appends \p text to this Str \p times times, in place when it is not shared: amortised
  /// O(1) for each byte.
  void appendStr(std::string_view text, size_t times = 1);

  /// Returns a copy that shares nothing with this value. Reads no reference count that
  /// another thread may be changing.
  Value deepCopy() const;

private:
  Value(Kind kind, int64_t integer) : tag(kind) { payload.integer = integer; }
  Value(Kind kind, HeapObject *object) : tag(kind) { payload.object = object; }

  /// Frees \p object and what it alone holds, without recursion.
  static void destroy(Kind kind, HeapObject *object);
  void unshareArray();
  void unshareHash();

  Kind tag = Kind::Undef;
  union {
    int64_t integer;
    double number;
    HeapObject *object;
  } payload = {0};
};

static_assert(sizeof(Value) == 16, "a value is sixteen bytes");

/// Structural, typed equality: no coercion, floats as IEEE numbers (a value that
/// contains a NaN differs from itself), hashes by content whatever their order.
bool operator==(const Value &lhs, const Value &rhs);

/// Structural identity: floats bit for bit, any NaN equal to any NaN only if their bits
/// are, hashes with the same entries in the same order.
bool identical(const Value &lhs, const Value &rhs);

/// Bytes of heap that values of the calling thread hold, for statistics. A graph that
/// was handed to another thread counts where it was made.
struct HeapStatistics {
  int64_t liveBytes = 0;
  int64_t peakBytes = 0;
};

/// Returns the calling thread's statistics, which may be reset by assignment.
HeapStatistics &heapStatistics();

} // namespace fusevm

#include "fusevm/Runtime/Containers.h"

#endif // FUSEVM_RUNTIME_VALUE_H
