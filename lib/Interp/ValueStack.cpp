//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ValueStack.h"

#include "StackMemory.h"

#include <algorithm>

namespace fusevm {

ValueStack::~ValueStack() {
  truncate(0);
  std::free(first);
}

void ValueStack::grow(size_t minimum) {
  size_t count = size();
  size_t newCapacity = std::max({minimum, capacity() * 2, size_t(256)});
  first = reallocateStack(first, newCapacity, "the value stack");
  top = first + count;
  last = first + newCapacity;
}

} // namespace fusevm
