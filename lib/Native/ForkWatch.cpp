//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ForkWatch.h"

#include <atomic>
#include <pthread.h>

namespace fusevm {

namespace {

std::atomic<uint32_t> depth = 0;
std::atomic<uint64_t> forks = 0;

void beforeFork() { forks.fetch_add(1, std::memory_order_relaxed); }
void inChild() { depth.fetch_add(1, std::memory_order_relaxed); }

} // namespace

void watchForks() {
  // Only memory is lacking if this fails, and then fork() would fail as well.
  [[maybe_unused]] static int registered = ::pthread_atfork(beforeFork, nullptr, inChild);
}

uint32_t processDepth() { return depth.load(std::memory_order_relaxed); }
uint64_t forkCount() { return forks.load(std::memory_order_relaxed); }

} // namespace fusevm
