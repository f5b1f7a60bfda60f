//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Waiting for children and for input, which an interrupt of the calling VM ends.

#include "Session.h"

#include <chrono>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fusevm::shell {

using namespace std::chrono_literals;

namespace {

/// Ends children after an interrupt, gently at first: one from the keyboard has reached
/// them by itself.
class Ending {
public:
  /// Does to \p processes what is due. False if they are to be left alone.
  bool goOn(absl::Span<const pid_t> processes) {
    auto waited = std::chrono::steady_clock::now() - begin;
    if (step < std::size(steps) && waited >= steps[step].after) {
      for (pid_t process : processes)
        kill(process, steps[step].signal);
      ++step;
    }
    return waited < givenUpAfter;
  }

private:
  struct Step {
    std::chrono::milliseconds after;
    int signal;
  };
  static constexpr Step steps[] = {{100ms, SIGINT}, {1000ms, SIGTERM}};
  static constexpr std::chrono::milliseconds givenUpAfter = 2000ms;

  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  size_t step = 0;
};

} // namespace

Descriptor openProcess(pid_t process) {
  return movePrivately(Descriptor(static_cast<int>(syscall(SYS_pidfd_open, process, 0))));
}

/// Whether \p process has ended, and how. One that is not there has.
static bool hasEnded(pid_t process, int &status) {
  pid_t waited = waitpid(process, &status, WNOHANG);
  if (waited < 0)
    status = notFoundStatus << 8;
  return waited != 0;
}

bool Session::isInterrupted() const { return vm && vm->isInterrupted(); }

std::vector<int> Session::waitForAll(absl::Span<const pid_t> processes) {
  // Those that are given up count as ended by the interrupt.
  std::vector<int> statuses(processes.size(), SIGINT);
  std::optional<Ending> ending;
  for (size_t i = 0; i != processes.size(); ++i) {
    Descriptor handle = openProcess(processes[i]);
    int status = 0;
    while (!hasEnded(processes[i], status)) {
      if (isInterrupted() && !ending)
        ending.emplace();
      if (ending && !ending->goOn(processes.subspan(i))) {
        for (pid_t process : processes.subspan(i))
          jobs.addUnattended(process);
        return statuses;
      }
      isReadable(handle.get(), ending || !handle.isOpen() ? 10 : millisecondsBetweenLooks);
    }
    statuses[i] = status;
  }
  return statuses;
}

void Session::interruptStarted(const VM *owner) const {
  for (const Pipeline &pipeline : pipelines)
    if (pipeline.owner == owner)
      for (pid_t process : pipeline.processes)
        kill(process, SIGINT);
  for (const Subshell &subshell : subshells)
    if (subshell.owner == owner && subshell.process > 0)
      kill(subshell.process, SIGINT);
}

bool Session::waitForInput(int descriptor) const {
  while (!isReadable(descriptor, millisecondsBetweenLooks))
    if (isInterrupted())
      return false;
  return true;
}

} // namespace fusevm::shell
