//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "OpBodies.h"

#include "fusevm/Runtime/Semantics.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace fusevm {

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

const Value &elementOf(const Value &array, const Value &index) {
  int64_t position = toInt(index);
  bool found =
      array.isArray() && position >= 0 && static_cast<uint64_t>(position) < array.asArray().size();
  return found ? array.asArray()[static_cast<size_t>(position)] : Machine::undef();
}

bool mayStoreElement(Machine &machine, const Value &array, const Value &index) {
  if (!array.isArray())
    return true;
  int64_t position = toInt(index);
  if (position < 0) {
    machine.fail(ErrorKind::Runtime, strCat("array index out of range: ", position));
    return false;
  }
  auto size = static_cast<size_t>(position);
  if (size >= array.asArray().size() && size >= machine.limits.maxContainerSize) {
    machine.failTooLarge("array", static_cast<unsigned __int128>(position) + 1, "elements");
    return false;
  }
  return true;
}

void storeElement(Value &array, const Value &index, Value value) {
  if (!array.isArray())
    return;
  auto position = static_cast<size_t>(toInt(index));
  Array &elements = array.mutableArray();
  if (position == elements.size())
    return elements.push(std::move(value));
  if (position > elements.size())
    elements.resize(position + 1);
  elements.set(position, std::move(value));
}

bool mayPushElement(Machine &machine, const Value &array) {
  if (!array.isArray() || array.asArray().size() < machine.limits.maxContainerSize)
    return true;
  machine.failTooLarge("array", array.asArray().size() + 1, "elements");
  return false;
}

//===----------------------------------------------------------------------===//
// Hashes
//===----------------------------------------------------------------------===//

const Value *lookUp(const Value &hash, std::string_view key) {
  return hash.isHash() ? hash.asHash().find(key) : nullptr;
}

/// Calls \p use with the text of \p key, unless that is too large.
template <typename Use> static OpStatus withKeyText(Machine &machine, const Value &key, Use use) {
  size_t limit = machine.limits.maxStringBytes;
  std::array<char, 20> digits;
  if (key.isInt() && digits.size() <= limit) {
    const char *end = std::to_chars(digits.begin(), digits.end(), key.asInt()).ptr;
    return use(std::string_view(digits.data(), static_cast<size_t>(end - digits.data())));
  }
  Text text(key, limit);
  return text.tooLarge() ? machine.failTextTooLarge() : use(text.view());
}

const Value *findInHash(Machine &machine, const Value &hash, const Value &key) {
  const Value *found = nullptr;
  if (key.isStr()) {
    found = hash.isHash() ? hash.asHash().find(key) : nullptr;
  } else {
    OpStatus status = withKeyText(machine, key, [&](std::string_view text) {
      found = lookUp(hash, text);
      return OpStatus::Continue;
    });
    if (status != OpStatus::Continue)
      return nullptr;
  }
  return found ? found : &Machine::undef();
}

OpStatus setInHash(Machine &machine, Value &hash, const Value &key, Value &value) {
  if (!hash.isHash()) {
    value = Value();
    return OpStatus::Continue;
  }
  size_t size = hash.asHash().size();
  bool isFull = size >= machine.limits.maxContainerSize;
  if (key.isStr() && !isFull) {
    hash.mutableHash().set(key, std::move(value));
    return OpStatus::Continue;
  }
  return withKeyText(machine, key, [&](std::string_view text) {
    if (isFull && !hash.asHash().find(text))
      return machine.failTooLarge("hash", size + 1, "entries");
    hash.mutableHash().set(text, std::move(value));
    return OpStatus::Continue;
  });
}

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

OpStatus concatenate(Machine &machine, Value &target, Value &left, const Value &right,
                     int givesUp) {
  size_t limit = machine.limits.maxStringBytes;
  bool leftIsGivenUp = (givesUp & 1) != 0;
  bool rightIsGivenUp = (givesUp & 2) != 0;
  bool leftMayGrow = left.isStr() && (&target == &left || leftIsGivenUp);
  Text rightText(right, limit);
  if (rightText.tooLarge())
    return machine.failTextTooLarge();
  Text leftText(left, limit);
  if (leftText.tooLarge())
    return machine.failTextTooLarge();
  size_t size = leftText.view().size() + rightText.view().size();
  if (size > limit)
    return machine.failTooLarge("string", size, "bytes");
  if (leftMayGrow) {
    left.appendStr(rightText.view());
    if (rightIsGivenUp)
      const_cast<Value &>(right) = Value();
    if (&target != &left)
      target = std::move(left);
    return OpStatus::Continue;
  }
  StringObject *joined = StringObject::allocate(size);
  leftText.view().copy(joined->data(), leftText.view().size());
  rightText.view().copy(joined->data() + leftText.view().size(), rightText.view().size());
  if (leftIsGivenUp)
    left = Value();
  if (rightIsGivenUp)
    const_cast<Value &>(right) = Value();
  target = Value::adoptStr(joined);
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

Value lineValue(std::string_view line) {
  return Value::makeStr(validUtf8Prefix(line) == line.size() ? line : "");
}

bool readLineAtHand(Machine &machine, Value &line) {
  return machine.input->takeLineAtHand([&line](std::string_view text) { line = lineValue(text); });
}

//===----------------------------------------------------------------------===//
// Fused loops
//===----------------------------------------------------------------------===//

uint64_t iterationsOf(const Value &counter, int64_t limit) {
  int64_t i = toInt(counter);
  return i < limit ? static_cast<uint64_t>(limit) - static_cast<uint64_t>(i) : 0;
}

void accumulateSum(Value &sum, Value &counter, int64_t limit) {
  int64_t total = toInt(sum);
  int64_t i = toInt(counter);
  if (i < limit) {
    // i + (i+1) + … + (limit-1), modulo 2^64. The halved product needs one bit more than
    // the modulus.
    auto first = static_cast<unsigned __int128>(static_cast<__int128>(i));
    auto count = static_cast<unsigned __int128>(static_cast<__int128>(limit) - i);
    unsigned __int128 added = count * first + count * (count - 1) / 2;
    total = semantics::wrappingAdd(total, static_cast<int64_t>(static_cast<uint64_t>(added)));
    i = limit;
  }
  sum = Value::makeInt(total);
  counter = Value::makeInt(i);
}

OpStatus concatRepeatedly(Machine &machine, Value &text, Value &counter, const Value &piece,
                          int64_t limit) {
  size_t maxBytes = machine.limits.maxStringBytes;
  Text pieceText(piece, maxBytes);
  Text oldText(text, maxBytes);
  if (pieceText.tooLarge() || oldText.tooLarge() || oldText.view().size() > maxBytes)
    return machine.failTextTooLarge();
  uint64_t times = iterationsOf(counter, limit);
  unsigned __int128 size =
      oldText.view().size() + static_cast<unsigned __int128>(times) * pieceText.view().size();
  if (times != 0 && size > maxBytes)
    return machine.failTooLarge("string", size, "bytes");
  // The counter may be the text.
  int64_t end = std::max(toInt(counter), limit);
  if (!text.isStr())
    text = Value::makeStr(oldText.view());
  text.appendStr(pieceText.view(), times);
  counter = Value::makeInt(end);
  return OpStatus::Continue;
}

OpStatus pushIntRange(Machine &machine, Value &array, Value &counter, int64_t limit) {
  int64_t i = toInt(counter);
  size_t size = array.isArray() ? array.asArray().size() : 0;
  unsigned __int128 total = static_cast<unsigned __int128>(iterationsOf(counter, limit)) + size;
  if (i < limit && total > machine.limits.maxContainerSize)
    return machine.failTooLarge("array", total, "elements");
  counter = Value::makeInt(std::max(i, limit));
  if (!array.isArray())
    array = Value::makeArray();
  Array &elements = array.mutableArray();
  for (; i < limit; ++i)
    elements.push(Value::makeInt(i));
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Arithmetic on any kinds
//===----------------------------------------------------------------------===//

static Value compute(Opcode opcode, const Value &x, const Value &y) {
  switch (opcode) {
#define FUSEVM_BINARY(Name)                                                                        \
  case Opcode::Name:                                                                               \
    return semantics::Name(x, y);
#define FUSEVM_UNARY(Name)                                                                         \
  case Opcode::Name:                                                                               \
    return semantics::Name(x);
    FUSEVM_BINARY(Add)
    FUSEVM_BINARY(Sub)
    FUSEVM_BINARY(Mul)
    FUSEVM_BINARY(Div)
    FUSEVM_BINARY(Mod)
    FUSEVM_BINARY(BitAnd)
    FUSEVM_BINARY(BitOr)
    FUSEVM_BINARY(BitXor)
    FUSEVM_BINARY(Shl)
    FUSEVM_BINARY(Shr)
    FUSEVM_BINARY(NumEq)
    FUSEVM_BINARY(NumNe)
    FUSEVM_BINARY(NumLt)
    FUSEVM_BINARY(NumGt)
    FUSEVM_BINARY(NumLe)
    FUSEVM_BINARY(NumGe)
    FUSEVM_UNARY(Negate)
    FUSEVM_UNARY(Inc)
    FUSEVM_UNARY(Dec)
    FUSEVM_UNARY(LogNot)
    FUSEVM_UNARY(SqrtFloat)
    FUSEVM_UNARY(AbsFloat)
    FUSEVM_UNARY(FloorFloat)
    FUSEVM_UNARY(TruncInt)
    FUSEVM_UNARY(StringLen)
#undef FUSEVM_BINARY
#undef FUSEVM_UNARY
  default:
    assert(false && "not an op with a handler for arithmetic");
    return Value();
  }
}

[[gnu::noinline]] Value computeSlowly(Opcode opcode, Value &x, Value &y, int givesUp) {
  Value result = compute(opcode, x, y);
  if (givesUp & 1)
    x = Value();
  if (givesUp & 2)
    y = Value();
  return result;
}

[[gnu::noinline]] bool compareSlowly(bool (*compare)(const Value &, const Value &), Value &x,
                                     Value &y, uint32_t jump) {
  bool result = compare(x, y);
  if (jump & givesUpLeft)
    x = Value();
  if (jump & givesUpRight)
    y = Value();
  return result;
}

} // namespace fusevm
