//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The thread on which the compiler plugin is opened and used, one a process.

#ifndef FUSEVM_LIB_NATIVE_COMPILETHREAD_H
#define FUSEVM_LIB_NATIVE_COMPILETHREAD_H

#include "absl/status/status.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <sched.h>

namespace fusevm {

/// Runs jobs one after the other. It is never destroyed: it ends with the process, and
/// before the plugin's own objects are destroyed it is made to stop.
class CompileThread {
public:
  /// What is to be done. Destroyed on the thread, whether it was run or not.
  using Job = std::function<void()>;
  enum class Urgency { Normal, Urgent };

  static CompileThread &get();

  /// Queues \p job, and begins the thread if there is none. Urgent jobs come before all
  /// others. Fails in a forked child of a process that had the thread, at the end of the
  /// process, and when no thread can be made.
  absl::Status add(Job job, Urgency urgency);

  /// Waits until the job that runs is over; no other one will. For the end of the process.
  void stop();

private:
  CompileThread() = default;

  absl::Status begin();
  void beginElsewhere(pthread_attr_t &attributes);
  void run();
  static void *main(void *thread);

  /// Those that the thread may use, or none if that is not known.
  cpu_set_t processors;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;
  bool hasBegun = false;
  bool isRunningJob = false;
  bool isStopping = false;
  /// processDepth() of the process that has the thread. Read without the mutex, which a
  /// forked child may find locked for ever.
  std::atomic<int64_t> depth = -1;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_COMPILETHREAD_H
