//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the handlers of the fast loop do with single values.

#ifndef FUSEVM_LIB_INTERP_FASTVALUES_H
#define FUSEVM_LIB_INTERP_FASTVALUES_H

#include "OpBodies.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Runtime/Value.h"

#include <bit>
#include <cassert>
#include <cstdint>
#include <new>
#include <utility>

namespace fusevm {

/// Assigns. What is overwritten is a scalar most of the time, so that is the straight way.
FUSEVM_ALWAYS_INLINE void overwrite(Value &target, Value &&value) {
  if (target.isHeap()) [[unlikely]]
    target = Value();
  new (&target) Value(std::move(value));
}

/// A stack position that an instruction writes. An operand there that is given up must
/// have been released.
FUSEVM_ALWAYS_INLINE Value &unused(Value &position) {
  assert((!position.isHeap()) && "a value is lost");
  return position;
}

/// Releases the slots from \p slot up to \p end.
FUSEVM_ALWAYS_INLINE void releaseSlots(Value *slot, const Value *end) {
  for (; slot < end; ++slot)
    if (slot->isHeap())
      *slot = Value();
}

/// Makes the slots from \p slot up to \p end Undef; they hold nothing to be released.
FUSEVM_ALWAYS_INLINE void clearSlots(Value *slot, const Value *end) {
  for (; slot != end; ++slot)
    new (&unused(*slot)) Value();
}

/// The result of an instruction for the next one, which gets it sooner than from memory.
struct Accumulator {
  Kind kind;
  /// Of a float, too: this can stay in a register across all handlers, while no floating-point
  /// register survives the calls that some of them make.
  uint64_t bits;

  bool isInt() const { return kind == Kind::Int; }
  bool isFloat() const { return kind == Kind::Float; }
  int64_t asInt() const { return static_cast<int64_t>(bits); }
  double asFloat() const { return std::bit_cast<double>(bits); }
  Value value() const { return Value::makeScalar(kind, bits); }
  FUSEVM_ALWAYS_INLINE void set(const Value &value) {
    kind = value.kind();
    bits = value.scalarBits();
  }
};

/// The entry of \p key, if \p hash is a hash and has it where it was last found.
FUSEVM_ALWAYS_INLINE Hash::Entry *findAgain(const Value &hash, const Value &key) {
  return hash.isHash() && key.isStr() ? hash.asHash().findAgain(key.stringObject()) : nullptr;
}

// findInHash and setInHash, without a call where the key was last found.
FUSEVM_ALWAYS_INLINE const Value *findQuickly(Machine &machine, const Value &hash,
                                              const Value &key) {
  const Hash::Entry *entry = findAgain(hash, key);
  return entry ? &entry->value : findInHash(machine, hash, key);
}
FUSEVM_ALWAYS_INLINE OpStatus setQuickly(Machine &machine, Value &hash, const Value &key,
                                         Value &value) {
  Hash::Entry *entry = findAgain(hash, key);
  if (!entry || !hash.isUnique())
    return setInHash(machine, hash, key, value);
  overwrite(entry->value, std::move(value));
  return OpStatus::Continue;
}

// What the general ways take.
inline Value &operand(Value &value) { return value; }
inline Value operand(Value &&value) { return std::move(value); }
inline Value operand(const Accumulator &accumulator) { return accumulator.value(); }

/// An element at any index, which becomes Undef if it is given up.
inline Value elementSlowly(const Value &array, Value &index, int givesUp) {
  Value element = elementOf(array, index);
  if (givesUp)
    index = Value();
  return element;
}

/// Whether a value of any kind counts as true; it becomes Undef if it is given up.
[[gnu::noinline]] inline bool truthySlowly(Value &value, bool givesUp) {
  bool isTrue = truthy(value);
  if (givesUp)
    value = Value();
  return isTrue;
}

inline void giveUpIndex(Value &index, bool isGivenUp) {
  if (isGivenUp)
    index = Value();
}
inline void giveUpIndex(Value &&, bool) {}

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_FASTVALUES_H
