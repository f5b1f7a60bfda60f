//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Runtime/Value.h"

#include "HeapMemory.h"

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <vector>

namespace fusevm {

HeapStatistics &heapStatistics() {
  thread_local HeapStatistics statistics;
  return statistics;
}

std::string_view kindName(Kind kind) {
  switch (kind) {
  case Kind::Undef:
    return "Undef";
  case Kind::Bool:
    return "Bool";
  case Kind::Int:
    return "Int";
  case Kind::Float:
    return "Float";
  case Kind::Status:
    return "Status";
  case Kind::NativeFn:
    return "NativeFn";
  case Kind::Str:
    return "Str";
  case Kind::Array:
    return "Array";
  case Kind::Hash:
    return "Hash";
  case Kind::Ref:
    return "Ref";
  }
  return "";
}

unsigned kindNumber(Kind kind) {
  switch (kind) {
  case Kind::Undef:
    return 0;
  case Kind::Bool:
    return 1;
  case Kind::Int:
    return 2;
  case Kind::Float:
    return 3;
  case Kind::Str:
    return 4;
  case Kind::Array:
    return 5;
  case Kind::Hash:
    return 6;
  case Kind::Status:
    return 7;
  case Kind::Ref:
    return 8;
  case Kind::NativeFn:
    return 9;
  }
  return 0;
}

uint32_t hashOfText(std::string_view text) {
  // Where the standard's string_view is not Abseil's, that hashes it in a slower way.
  absl::string_view bytes(text.data(), text.size());
  auto hash = static_cast<uint32_t>(absl::Hash<absl::string_view>()(bytes));
  return hash != 0 ? hash : 1;
}

static size_t stringBytes(size_t capacity) { return sizeof(StringObject) + capacity; }

StringObject *StringObject::allocate(size_t size) {
  auto *object = static_cast<StringObject *>(heap::allocate(stringBytes(size)));
  object->references = 1;
  object->size = size;
  object->capacity = size;
  object->knownHash = 0;
  object->lastEntry = ~uint32_t(0);
  return object;
}

/// Makes a counted object of type T.
template <typename T, typename... Args> static T *makeObject(Args &&...args) {
  return new (heap::allocate(sizeof(T))) T(std::forward<Args>(args)...);
}

template <typename T> static void freeObject(T *object) {
  object->~T();
  heap::release(object, sizeof(T));
}

Value Value::makeStr(std::string_view text) {
  StringObject *object = StringObject::allocate(text.size());
  if (!text.empty())
    std::memcpy(object->data(), text.data(), text.size());
  return adoptStr(object);
}

Value Value::makeArray() { return Value(Kind::Array, makeObject<Array>()); }
Value Value::makeArray(Array elements) {
  return Value(Kind::Array, makeObject<Array>(std::move(elements)));
}
Value Value::makeHash() { return Value(Kind::Hash, makeObject<Hash>()); }
Value Value::makeHash(Hash entries) {
  return Value(Kind::Hash, makeObject<Hash>(std::move(entries)));
}
Value Value::makeRef(Value held) {
  return Value(Kind::Ref, makeObject<RefObject>(std::move(held)));
}

void Value::unshareArray() { *this = makeArray(Array(asArray())); }
void Value::unshareHash() { *this = makeHash(Hash(asHash())); }

/// Fills \p size bytes, a multiple of \p piece, with copies of it.
static inline void fillWith(std::string_view piece, char *bytes, size_t size) {
  std::memcpy(bytes, piece.data(), piece.size());
  // What is there is doubled.
  for (size_t done = piece.size(), step; done != size; done += step) {
    step = std::min(done, size - done);
    std::memcpy(bytes + done, bytes, step);
  }
}

void Value::appendStr(std::string_view text, size_t times) {
  assert(isStr());
  size_t added = text.size() * times;
  if (added == 0)
    return;
  auto *object = static_cast<StringObject *>(payload.object);
  size_t size = object->size + added;
  // The appended text may lie inside the string that is about to move.
  bool inside = text.data() >= object->data() && text.data() <= object->data() + object->size;
  if (object->references != 1 || (inside && size > object->capacity)) {
    StringObject *grown = StringObject::allocate(size + size / 2);
    std::memcpy(grown->data(), object->data(), object->size);
    fillWith(text, grown->data() + object->size, added);
    grown->size = size;
    *this = adoptStr(grown);
    return;
  }
  if (size > object->capacity) {
    size_t capacity = std::max(size, object->capacity + object->capacity / 2);
    object = static_cast<StringObject *>(
        heap::reallocate(object, stringBytes(object->capacity), stringBytes(capacity)));
    object->capacity = capacity;
    payload.object = object;
  }
  fillWith(text, object->data() + object->size, added);
  object->size = size;
  object->knownHash = 0;
}

void Value::destroy(Kind kind, HeapObject *object) {
  // Nested containers are queued, not recursed into: they may be nested millions deep.
  std::vector<std::pair<Kind, HeapObject *>> pending;
  auto drop = [&pending](Value &value) {
    if (value.isHeap() && --value.payload.object->references == 0)
      pending.emplace_back(value.tag, value.payload.object);
    value.tag = Kind::Undef;
  };
  for (;;) {
    switch (kind) {
    case Kind::Str: {
      auto *string = static_cast<StringObject *>(object);
      heap::release(string, stringBytes(string->capacity));
      break;
    }
    case Kind::Array: {
      auto *array = static_cast<Array *>(object);
      if (array->kinds == Array::anyKinds)
        for (Value &element : *array)
          drop(element);
      freeObject(array);
      break;
    }
    case Kind::Hash: {
      auto *hash = static_cast<Hash *>(object);
      for (size_t i = 0; i != hash->used; ++i) {
        drop(hash->entries[i].key);
        drop(hash->entries[i].value);
      }
      freeObject(hash);
      break;
    }
    case Kind::Ref: {
      auto *ref = static_cast<RefObject *>(object);
      drop(ref->held);
      freeObject(ref);
      break;
    }
    case Kind::Undef:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Float:
    case Kind::Status:
    case Kind::NativeFn:
      assert(false && "not a heap kind");
      break;
    }
    if (pending.empty())
      return;
    std::tie(kind, object) = pending.back();
    pending.pop_back();
  }
}

} // namespace fusevm
