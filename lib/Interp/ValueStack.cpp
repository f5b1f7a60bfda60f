//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ValueStack.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace fusevm {

ValueStack::~ValueStack() {
  truncate(0);
  std::free(first);
}

void ValueStack::grow(size_t minimum) {
  size_t count = size();
  size_t newCapacity = std::max({minimum, capacity() * 2, size_t(256)});
  void *memory = std::realloc(static_cast<void *>(first), newCapacity * sizeof(Value));
  if (!memory) {
    // Limits bound the stack; when even that much is not there nothing can go on.
    std::fprintf(stderr, "fusevm: out of memory allocating %zu bytes for the value stack\n",
                 newCapacity * sizeof(Value));
    std::exit(1);
  }
  first = static_cast<Value *>(memory);
  top = first + count;
  last = first + newCapacity;
}

} // namespace fusevm
