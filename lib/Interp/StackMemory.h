//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Memory of the stacks, which move when they grow.

#ifndef FUSEVM_LIB_INTERP_STACKMEMORY_H
#define FUSEVM_LIB_INTERP_STACKMEMORY_H

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fusevm {

/// Moves a stack of \p old to memory for \p count elements, byte by byte. Limits bound the
/// stacks; when even that much is not there nothing can go on: the process ends with a
/// message about \p purpose.
template <typename T> T *reallocateStack(T *old, size_t count, std::string_view purpose) {
  void *memory = std::realloc(static_cast<void *>(old), count * sizeof(T));
  if (!memory) {
    std::fprintf(stderr, "fusevm: out of memory allocating %zu bytes for %.*s\n", count * sizeof(T),
                 static_cast<int>(purpose.size()), purpose.data());
    std::exit(1);
  }
  return static_cast<T *>(memory);
}

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_STACKMEMORY_H
