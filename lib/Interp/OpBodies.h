//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What ops do to values, wherever these are: the op handlers find them on the canonical
/// stack, the fast loop in its registers. What fails sets the machine's pending error and
/// has no effect.

#ifndef FUSEVM_LIB_INTERP_OPBODIES_H
#define FUSEVM_LIB_INTERP_OPBODIES_H

#include "Machine.h"

namespace fusevm {

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

/// That element of \p array; a shared Undef if there is none.
const Value &elementOf(const Value &array, const Value &index);

/// Whether storing at \p index is possible, or does nothing, as there is no array.
bool mayStoreElement(Machine &machine, const Value &array, const Value &index);
/// Stores \p value in \p array, which grows. Nothing happens if it is no array.
void storeElement(Value &array, const Value &index, Value value);

/// Whether a value may be appended to \p array, or that does nothing.
bool mayPushElement(Machine &machine, const Value &array);

//===----------------------------------------------------------------------===//
// Hashes
//===----------------------------------------------------------------------===//

/// The value under \p key in \p hash; null if there is none, or no hash.
const Value *lookUp(const Value &hash, std::string_view key);
/// The value under \p key in \p hash; a shared Undef if there is none, null on failure.
const Value *findInHash(Machine &machine, const Value &hash, const Value &key);
/// Moves \p value into \p hash, if it is one.
OpStatus setInHash(Machine &machine, Value &hash, const Value &key, Value &value);

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

/// Stores \p left and \p right joined in \p target. When \p target is \p left, or \p left
/// is given up (bit 0 of \p givesUp), a string that nobody else holds grows in place. Bit
/// 1 says that \p right is given up.
OpStatus concatenate(Machine &machine, Value &target, Value &left, const Value &right, int givesUp);

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

/// The value of a line that was read: an empty text if it is no UTF-8.
Value lineValue(std::string_view line);
/// Makes \p line the next line of input if that need not wait, otherwise returns false.
bool readLineAtHand(Machine &machine, Value &line);

//===----------------------------------------------------------------------===//
// Fused loops
//===----------------------------------------------------------------------===//

/// How often a loop runs that counts \p counter up to \p limit.
uint64_t iterationsOf(const Value &counter, int64_t limit);
void accumulateSum(Value &sum, Value &counter, int64_t limit);
OpStatus concatRepeatedly(Machine &machine, Value &text, Value &counter, const Value &piece,
                          int64_t limit);
OpStatus pushIntRange(Machine &machine, Value &array, Value &counter, int64_t limit);

//===----------------------------------------------------------------------===//
// Arithmetic on any kinds
//===----------------------------------------------------------------------===//

/// What the pure op \p opcode makes of \p x and, if it has two operands, \p y. The
/// operands whose bits \p givesUp has become Undef.
Value computeSlowly(Opcode opcode, Value &x, Value &y, int givesUp);
template <typename X, typename Y> Value computeSlowly(Opcode opcode, X &&x, Y &&y, int givesUp) {
  return computeSlowly(opcode, static_cast<Value &>(x), static_cast<Value &>(y), givesUp);
}

/// Compares; \p jump says in its upper bits which operands become Undef.
bool compareSlowly(bool (*compare)(const Value &, const Value &), Value &x, Value &y,
                   uint32_t jump);
template <typename X>
bool compareSlowly(bool (*compare)(const Value &, const Value &), X &&x, Value &&y, uint32_t jump) {
  return compareSlowly(compare, static_cast<Value &>(x), y, jump);
}
inline bool compareSlowly(bool (*compare)(const Value &, const Value &), Value &&x, Value &y,
                          uint32_t jump) {
  return compareSlowly(compare, x, y, jump);
}

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_OPBODIES_H
