//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "NativeStack.h"

#include <algorithm>
#include <cstdint>
#include <pthread.h>

namespace fusevm {

/// The lowest address of this thread's stack; the highest of all if that is not known.
static uintptr_t findStackEnd() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0)
    return UINTPTR_MAX;
  void *address = nullptr;
  size_t size = 0;
  int failed = pthread_attr_getstack(&attributes, &address, &size);
  pthread_attr_destroy(&attributes);
  return failed ? UINTPTR_MAX : reinterpret_cast<uintptr_t>(address);
}

size_t nativeStackLeft() {
  // Ops that the host executes for a callee, and the guard pages.
  constexpr size_t kept = size_t(256) << 10;
  // A stack without a limit is not used up all the same.
  constexpr size_t most = size_t(64) << 20;
  thread_local uintptr_t end = findStackEnd();
  auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (here < end || here - end < kept)
    return 0;
  return std::min(here - end - kept, most);
}

} // namespace fusevm
