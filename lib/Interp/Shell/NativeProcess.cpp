//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "NativeProcess.h"

#include "fusevm/Support/Process.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace fusevm {

namespace {

enum class Outputs : uint8_t { Inherited, Discarded };

std::optional<pid_t> spawn(absl::Span<const std::string> argv, Outputs outputs) {
  std::vector<char *> pointers;
  for (const std::string &argument : argv) {
    if (argument.find('\0') != std::string::npos)
      return std::nullopt;
    pointers.push_back(const_cast<char *>(argument.c_str()));
  }
  pointers.push_back(nullptr);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (outputs == Outputs::Discarded) {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  }

  pid_t process = 0;
  int failed =
      posix_spawnp(&process, argv[0].c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? std::optional(process) : std::nullopt;
}

/// Processes that nobody waits for.
class Unattended {
public:
  void add(pid_t process) {
    std::lock_guard<std::mutex> lock(mutex);
    processes.push_back(process);
  }
  void reap() {
    std::lock_guard<std::mutex> lock(mutex);
    // An error means that somebody else has reaped it.
    std::erase_if(processes, [](pid_t process) { return waitpid(process, nullptr, WNOHANG) != 0; });
  }

private:
  std::mutex mutex;
  std::vector<pid_t> processes;
};

Unattended &unattended() {
  static Unattended processes;
  return processes;
}

} // namespace

int32_t runNativeProcess(absl::Span<const std::string> argv) {
  if (argv.empty())
    return 0;
  reapNativeProcesses();
  std::optional<pid_t> process = spawn(argv, Outputs::Inherited);
  if (!process)
    return notStartedStatus;
  std::optional<int> status = waitForProcess(*process);
  return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : 1;
}

int32_t startNativeProcess(absl::Span<const std::string> argv) {
  if (argv.empty())
    return 0;
  reapNativeProcesses();
  std::optional<pid_t> process = spawn(argv, Outputs::Discarded);
  if (!process)
    return 0;
  unattended().add(*process);
  return *process;
}

void reapNativeProcesses() { unattended().reap(); }

} // namespace fusevm
