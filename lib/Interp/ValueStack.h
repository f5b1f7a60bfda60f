//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Contiguous storage for the value stack and for the slots of all frames.

#ifndef FUSEVM_LIB_INTERP_VALUESTACK_H
#define FUSEVM_LIB_INTERP_VALUESTACK_H

#include "fusevm/Runtime/Value.h"

#include <memory>

namespace fusevm {

/// A stack of values whose parts may be taken out as pointers. Memory above the top is
/// uninitialised. Values are moved by memcpy when it grows.
class ValueStack {
public:
  ValueStack() = default;
  ValueStack(const ValueStack &) = delete;
  ValueStack &operator=(const ValueStack &) = delete;
  ~ValueStack();

  size_t size() const { return static_cast<size_t>(top - first); }
  bool empty() const { return top == first; }
  Value *data() const { return first; }
  /// One past the top value.
  Value *end() const { return top; }
  /// Tells the stack where its top is, after it was moved through end().
  void setEnd(Value *newTop) { top = newTop; }
  /// Values for which there is room in all.
  size_t capacity() const { return static_cast<size_t>(last - first); }

  Value &operator[](size_t index) const { return assert(index < size()), first[index]; }
  /// The value \p depth below the top, 0 being the top.
  Value &fromTop(size_t depth) const { return assert(depth < size()), top[-1 - ptrdiff_t(depth)]; }

  /// Makes room for \p count more values.
  void reserveMore(size_t count) {
    if (static_cast<size_t>(last - top) < count)
      grow(size() + count);
  }
  void push(Value value) {
    reserveMore(1);
    new (top++) Value(std::move(value));
  }
  /// Pops the top value; Undef if there is none.
  Value pop() {
    if (empty())
      return Value();
    --top;
    Value result = std::move(*top);
    std::destroy_at(top);
    return result;
  }
  /// Drops the top \p count values, which must be there.
  void drop(size_t count) { truncate(size() - count); }
  /// Drops values until there are \p size; nothing if there are fewer.
  void truncate(size_t size) {
    while (this->size() > size)
      std::destroy_at(--top);
  }
  /// Pushes Undef until there are \p size values.
  void extend(size_t size) {
    if (size <= this->size())
      return;
    reserveMore(size - this->size());
    while (this->size() < size)
      new (top++) Value();
  }

private:
  void grow(size_t minimum);

  Value *first = nullptr;
  Value *top = nullptr;
  Value *last = nullptr;
};

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_VALUESTACK_H
