//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Operations over whole value graphs. All keep their own stack: values may be nested
/// millions deep.

#include "fusevm/Runtime/Value.h"
#include "fusevm/Runtime/ValueHash.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace fusevm {

namespace {

using Pair = std::pair<const Value *, const Value *>;

/// How two values are compared.
enum class Comparison { Equal, Identical };

bool sameFloat(double lhs, double rhs, Comparison comparison) {
  if (comparison == Comparison::Equal)
    return lhs == rhs;
  return std::bit_cast<uint64_t>(lhs) == std::bit_cast<uint64_t>(rhs);
}

/// Queues the entries of two hashes of the same size; false if the keys differ.
bool pairEntries(const Hash &lhs, const Hash &rhs, Comparison comparison,
                 std::vector<Pair> &pending) {
  auto other = rhs.begin();
  for (const Hash::Entry &entry : lhs) {
    const Value *match = nullptr;
    if (comparison == Comparison::Equal) {
      match = rhs.find(entry.key.asStr());
    } else {
      if (other->key.asStr() == entry.key.asStr())
        match = &other->value;
      ++other;
    }
    if (!match)
      return false;
    pending.emplace_back(&entry.value, match);
  }
  return true;
}

/// Compares all but the parts of two values, which it queues.
bool sameNode(const Value &lhs, const Value &rhs, Comparison comparison,
              std::vector<Pair> &pending) {
  if (lhs.kind() != rhs.kind())
    return false;
  switch (lhs.kind()) {
  case Kind::Undef:
    return true;
  case Kind::Bool:
    return lhs.asBool() == rhs.asBool();
  case Kind::Int:
    return lhs.asInt() == rhs.asInt();
  case Kind::Float:
    return sameFloat(lhs.asFloat(), rhs.asFloat(), comparison);
  case Kind::Status:
    return lhs.asStatus() == rhs.asStatus();
  case Kind::NativeFn:
    return lhs.asNativeFn() == rhs.asNativeFn();
  case Kind::Str:
    return lhs.asStr() == rhs.asStr();
  case Kind::Array: {
    const Array &left = lhs.asArray();
    const Array &right = rhs.asArray();
    if (left.size() != right.size())
      return false;
    for (size_t i = 0; i != left.size(); ++i)
      pending.emplace_back(&left[i], &right[i]);
    return true;
  }
  case Kind::Hash:
    return lhs.asHash().size() == rhs.asHash().size() &&
           pairEntries(lhs.asHash(), rhs.asHash(), comparison, pending);
  case Kind::Ref:
    pending.emplace_back(&lhs.asRef(), &rhs.asRef());
    return true;
  }
  return false;
}

bool compare(const Value &lhs, const Value &rhs, Comparison comparison) {
  std::vector<Pair> pending{{&lhs, &rhs}};
  while (!pending.empty()) {
    auto [left, right] = pending.back();
    pending.pop_back();
    if (!sameNode(*left, *right, comparison, pending))
      return false;
  }
  return true;
}

} // namespace

bool operator==(const Value &lhs, const Value &rhs) { return compare(lhs, rhs, Comparison::Equal); }

bool identical(const Value &lhs, const Value &rhs) {
  return compare(lhs, rhs, Comparison::Identical);
}

Value Value::deepCopy() const {
  // Each container is made with Undef in place of its parts; the parts are filled in
  // through pointers, which stay valid because no copy changes size.
  struct Task {
    const Value *from;
    Value *to;
  };
  Value result;
  std::vector<Task> pending{{this, &result}};
  while (!pending.empty()) {
    Task task = pending.back();
    pending.pop_back();
    const Value &from = *task.from;
    Value &to = *task.to;
    switch (from.kind()) {
    case Kind::Undef:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Float:
    case Kind::Status:
    case Kind::NativeFn:
      to = from;
      break;
    case Kind::Str:
      to = makeStr(from.asStr());
      break;
    case Kind::Array: {
      Array copy;
      copy.reserve(from.asArray().size());
      for (const Value &element : from.asArray())
        copy.push(element.isHeap() ? Value() : element);
      to = makeArray(std::move(copy));
      Array &array = to.mutableArray();
      for (size_t i = 0; i != array.size(); ++i)
        if (from.asArray()[i].isHeap())
          pending.push_back({&from.asArray()[i], &array[i]});
      break;
    }
    case Kind::Hash: {
      to = makeHash();
      Hash &hash = to.mutableHash();
      for (const Hash::Entry &entry : from.asHash())
        hash.set(entry.key.asStr(), Value());
      for (const Hash::Entry &entry : from.asHash())
        pending.push_back({&entry.value, hash.find(entry.key.asStr())});
      break;
    }
    case Kind::Ref:
      to = makeRef(Value());
      pending.push_back({&from.asRef(), &static_cast<RefObject *>(to.payload.object)->held});
      break;
    }
  }
  return result;
}

void SipHasher13::round() {
  v0 += v1;
  v1 = std::rotl(v1, 13) ^ v0;
  v0 = std::rotl(v0, 32);
  v2 += v3;
  v3 = std::rotl(v3, 16) ^ v2;
  v0 += v3;
  v3 = std::rotl(v3, 21) ^ v0;
  v2 += v1;
  v1 = std::rotl(v1, 17) ^ v2;
  v2 = std::rotl(v2, 32);
}

void SipHasher13::compress(uint64_t word) {
  v3 ^= word;
  round();
  v0 ^= word;
}

void SipHasher13::addBytes(std::string_view bytes) {
  if constexpr (std::endian::native == std::endian::little)
    for (uint64_t word; total % sizeof(word) == 0 && bytes.size() >= sizeof(word);
         bytes.remove_prefix(sizeof(word))) {
      std::memcpy(&word, bytes.data(), sizeof(word));
      compress(word);
      total += sizeof(word);
    }
  for (char byte : bytes)
    addByte(static_cast<uint8_t>(byte));
}

uint64_t SipHasher13::finish() {
  compress(tail | (total & 0xff) << 56);
  v2 ^= 0xff;
  round();
  round();
  round();
  return v0 ^ v1 ^ v2 ^ v3;
}

static uint64_t floatBits(double value) {
  constexpr uint64_t canonicalNaN = 0x7ff8000000000000;
  return std::isnan(value) ? canonicalNaN : std::bit_cast<uint64_t>(value);
}

void addValue(SipHasher13 &hasher, const Value &value) {
  // Visited in pre-order; an entry of a hash brings its key along.
  struct Item {
    const Value *value;
    const Value *key;
  };
  std::vector<Item> pending{{&value, nullptr}};
  while (!pending.empty()) {
    auto [current, key] = pending.back();
    pending.pop_back();
    if (key) {
      hasher.addBytes(key->asStr());
      hasher.addInteger<uint8_t>(0xff);
    }
    hasher.addInteger<uint64_t>(kindNumber(current->kind()));
    size_t mark = pending.size();
    switch (current->kind()) {
    case Kind::Undef:
      break;
    case Kind::Bool:
      hasher.addInteger<uint8_t>(current->asBool());
      break;
    case Kind::Int:
      hasher.addInteger(static_cast<uint64_t>(current->asInt()));
      break;
    case Kind::Float:
      hasher.addInteger(floatBits(current->asFloat()));
      break;
    case Kind::Status:
      hasher.addInteger(static_cast<uint32_t>(current->asStatus()));
      break;
    case Kind::NativeFn:
      hasher.addInteger(current->asNativeFn());
      break;
    case Kind::Str:
      hasher.addBytes(current->asStr());
      hasher.addInteger<uint8_t>(0xff);
      break;
    case Kind::Array:
      hasher.addInteger<uint64_t>(current->asArray().size());
      for (const Value &element : current->asArray())
        pending.push_back({&element, nullptr});
      break;
    case Kind::Hash:
      hasher.addInteger<uint64_t>(current->asHash().size());
      for (const Hash::Entry &entry : current->asHash())
        pending.push_back({&entry.value, &entry.key});
      break;
    case Kind::Ref:
      pending.push_back({&current->asRef(), nullptr});
      break;
    }
    std::reverse(pending.begin() + static_cast<ptrdiff_t>(mark), pending.end());
  }
}

} // namespace fusevm
