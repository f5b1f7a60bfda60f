//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ChildProcess.h"

#include "fusevm/Support/Process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fusevm::awk {

int startCommand(std::string_view command, PipeEnd end, const std::vector<std::string> &environment,
                 ChildProcess &child) {
  // Both ends are closed in the children that are started later.
  int ends[2] = {-1, -1};
  if (end != PipeEnd::None && pipe2(ends, O_CLOEXEC) != 0)
    return errno;
  int ours = end == PipeEnd::Reading ? ends[0] : ends[1];
  int theirs = end == PipeEnd::Reading ? ends[1] : ends[0];

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (end != PipeEnd::None)
    posix_spawn_file_actions_adddup2(&actions, theirs,
                                     end == PipeEnd::Reading ? STDOUT_FILENO : STDIN_FILENO);
  // A signal that is ignored here is not ignored by what the command runs.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  std::string text(command);
  std::string words[] = {"sh", "-c"};
  char *argv[] = {words[0].data(), words[1].data(), text.data(), nullptr};
  std::vector<char *> envp;
  for (const std::string &entry : environment)
    envp.push_back(const_cast<char *>(entry.c_str()));
  envp.push_back(nullptr);
  int error = posix_spawn(&child.pid, "/bin/sh", &actions, &attributes, argv, envp.data());

  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (end != PipeEnd::None) {
    ::close(theirs);
    if (error != 0)
      ::close(ours);
    else
      child.descriptor = ours;
  }
  return error;
}

int waitFor(pid_t pid) {
  std::optional<int> status = waitForProcess(pid);
  if (!status)
    return -1;
  if (WIFSIGNALED(*status))
    return (WCOREDUMP(*status) ? 512 : 256) + WTERMSIG(*status);
  return WEXITSTATUS(*status);
}

} // namespace fusevm::awk
