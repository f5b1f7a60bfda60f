//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CompileThread.h"

#include "ForkWatch.h"

#include "fusevm/Support/StrCat.h"

#include <csignal>
#include <cstring>
#include <pthread.h>
#include <utility>

namespace fusevm {

namespace {

/// LLVM recurses over what it compiles. Memory is used only when it is touched.
constexpr size_t stackBytes = size_t(64) << 20;

} // namespace

CompileThread &CompileThread::get() {
  static CompileThread *thread = new CompileThread;
  return *thread;
}

absl::Status CompileThread::add(Job job, Urgency urgency) {
  watchForks();
  int64_t owner = depth.load(std::memory_order_acquire);
  if (owner >= 0 && owner != processDepth())
    return absl::FailedPreconditionError("a forked process compiles nothing");
  {
    std::lock_guard lock(mutex);
    if (isStopping)
      return absl::FailedPreconditionError("the process is ending");
    if (!hasBegun)
      if (absl::Status status = begin(); !status.ok())
        return status;
    if (urgency == Urgency::Urgent)
      jobs.push_front(std::move(job));
    else
      jobs.push_back(std::move(job));
  }
  changed.notify_one();
  return absl::OkStatus();
}

/// Has the thread begin on another processor than this one, which runs the program: left to itself,
/// the system begins it here every other time, and the program waits for milliseconds.
void CompileThread::beginElsewhere(pthread_attr_t &attributes) {
  CPU_ZERO(&processors);
  if (::sched_getaffinity(0, sizeof(processors), &processors) != 0)
    return;
  cpu_set_t others = processors;
  CPU_CLR(::sched_getcpu(), &others);
  if (CPU_COUNT(&others) != 0)
    ::pthread_attr_setaffinity_np(&attributes, sizeof(others), &others);
}

absl::Status CompileThread::begin() {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  ::pthread_attr_setstacksize(&attributes, stackBytes);
  beginElsewhere(attributes);
  // Signals are for the program's own threads; a new thread takes the mask of its maker.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int error = ::pthread_create(&thread, &attributes, main, this);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (error)
    return absl::ResourceExhaustedError(strCat("no compile thread: ", std::strerror(error)));
  hasBegun = true;
  depth.store(processDepth(), std::memory_order_release);
  return absl::OkStatus();
}

void *CompileThread::main(void *thread) {
  ::pthread_setname_np(::pthread_self(), "fusevm-compile");
  static_cast<CompileThread *>(thread)->run();
  return nullptr;
}

void CompileThread::run() {
  std::unique_lock lock(mutex);
  if (CPU_COUNT(&processors) != 0)
    ::sched_setaffinity(0, sizeof(processors), &processors);
  for (;;) {
    changed.wait(lock, [&] { return !jobs.empty() || isStopping; });
    if (isStopping)
      return;
    Job job = std::move(jobs.front());
    jobs.pop_front();
    isRunningJob = true;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    isRunningJob = false;
    changed.notify_all();
  }
}

void CompileThread::stop() {
  if (depth.load(std::memory_order_acquire) != processDepth())
    return;
  std::unique_lock lock(mutex);
  isStopping = true;
  changed.notify_all();
  changed.wait(lock, [&] { return !isRunningJob; });
}

} // namespace fusevm
