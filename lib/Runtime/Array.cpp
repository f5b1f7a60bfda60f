//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "HeapMemory.h"

#include "fusevm/Runtime/Value.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace fusevm {

// Values are moved with memcpy: a value holds no pointer into itself.

Array::Array(std::initializer_list<Value> elements) {
  reserve(elements.size());
  for (const Value &element : elements)
    push(element);
}

Array::Array(const Array &other) : HeapObject() {
  reserve(other.count);
  std::uninitialized_copy(other.begin(), other.end(), first);
  count = other.count;
  kinds = other.kinds;
  if (kinds >= scalarKinds)
    findKinds();
}

Array::Array(Array &&other) noexcept
    : HeapObject(), first(std::exchange(other.first, nullptr)),
      count(std::exchange(other.count, 0)), capacity(std::exchange(other.capacity, 0)),
      headroom(std::exchange(other.headroom, 0)), kinds(std::exchange(other.kinds, noKind)) {}

Array &Array::operator=(Array other) noexcept {
  std::swap(first, other.first);
  std::swap(count, other.count);
  std::swap(capacity, other.capacity);
  std::swap(headroom, other.headroom);
  std::swap(kinds, other.kinds);
  return *this;
}

Array::~Array() {
  if (kinds == anyKinds)
    std::destroy(begin(), end());
  if (first)
    heap::release(first - headroom, (headroom + capacity) * sizeof(Value));
}

/// Finds out what elements are now.
void Array::findKinds() {
  kinds = noKind;
  for (size_t i = 0; i != count && kinds != anyKinds; ++i)
    note(first[i]);
}

void Array::reserve(size_t minimum) {
  if (minimum <= capacity)
    return;
  size_t bytes = minimum * sizeof(Value);
  if (headroom == 0) {
    first = static_cast<Value *>(first ? heap::reallocate(first, capacity * sizeof(Value), bytes)
                                       : heap::allocate(bytes));
  } else {
    auto *moved = static_cast<Value *>(heap::allocate(bytes));
    std::memcpy(static_cast<void *>(moved), static_cast<const void *>(first),
                count * sizeof(Value));
    heap::release(first - headroom, (headroom + capacity) * sizeof(Value));
    first = moved;
    headroom = 0;
  }
  capacity = minimum;
}

void Array::grow(size_t minimum) {
  // Room freed by shift() is used again once it is at least as large as what is left.
  if (headroom >= count && headroom + capacity >= minimum + count / 2) {
    Value *start = first - headroom;
    std::memmove(static_cast<void *>(start), static_cast<const void *>(first),
                 count * sizeof(Value));
    first = start;
    capacity += headroom;
    headroom = 0;
    return;
  }
  reserve(std::max({minimum, size_t(4), count + count / 2}));
}

Value Array::pop() {
  assert(count != 0 && "pop from an empty array");
  Value &last = first[--count];
  Value result = std::move(last);
  std::destroy_at(&last);
  return result;
}

Value Array::shift() {
  assert(count != 0 && "shift from an empty array");
  Value result = std::move(*first);
  std::destroy_at(first);
  ++first;
  ++headroom;
  --count;
  --capacity;
  return result;
}

void Array::resize(size_t size) {
  if (size < count) {
    std::destroy(first + size, first + count);
  } else {
    if (size > capacity)
      grow(size);
    std::uninitialized_default_construct(first + count, first + size);
    if (size != count)
      note(first[count]);
  }
  count = size;
}

} // namespace fusevm
