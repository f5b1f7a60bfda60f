//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Spawn.h"

#include "Descriptors.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/Process.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fusevm::shell {

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

static FoundProgram cannotRun(int32_t status, std::string_view reason) {
  return {"", status, std::string(reason)};
}

/// Whether the program at \p path can be run; an empty path with a status of 0 means that
/// there is nothing at all.
static FoundProgram check(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0)
    return {};
  if (S_ISDIR(status.st_mode))
    return cannotRun(cannotRunStatus, "Is a directory");
  if (faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0)
    return cannotRun(cannotRunStatus, "Permission denied");
  return {path, 0, ""};
}

FoundProgram findProgram(const std::string &name, std::string_view searchPath) {
  if (name.empty())
    return cannotRun(notFoundStatus, "command not found");
  if (name.find('\0') != std::string::npos)
    return cannotRun(cannotRunStatus, "invalid argument");
  if (name.find('/') != std::string::npos) {
    FoundProgram found = check(name);
    if (found.status != 0 || !found.path.empty())
      return found;
    int code = errno;
    return cannotRun(code == EACCES ? cannotRunStatus : notFoundStatus,
                     code == EACCES ? "Permission denied" : "No such file or directory");
  }
  FoundProgram unusable = cannotRun(notFoundStatus, "command not found");
  for (;;) {
    size_t end = std::min(searchPath.find(':'), searchPath.size());
    std::string folder(searchPath.substr(0, end));
    FoundProgram found = check(strCat(folder.empty() ? "." : folder, "/", name));
    if (!found.path.empty())
      return found;
    if (found.status != 0 && unusable.status == notFoundStatus)
      unusable = found;
    if (end == searchPath.size())
      return unusable;
    searchPath.remove_prefix(end + 1);
  }
}

//===----------------------------------------------------------------------===//
// Starting
//===----------------------------------------------------------------------===//

namespace {

/// Texts as the system wants them. Does not own them.
class PointerList {
public:
  explicit PointerList(absl::Span<const std::string> texts) {
    for (const std::string &text : texts)
      pointers.push_back(const_cast<char *>(text.c_str()));
    pointers.push_back(nullptr);
  }
  void pushFront(const char *text) { pointers.insert(pointers.begin(), const_cast<char *>(text)); }
  void replaceFront(const char *text) { pointers[0] = const_cast<char *>(text); }
  char *const *get() const { return pointers.data(); }

private:
  std::vector<char *> pointers;
};

/// Starts a child with posix_spawn(); returns an error number.
int spawnChild(const char *path, const PointerList &arguments, const PointerList &environment,
               const LaunchOptions &options, pid_t &process) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &options.signalMask);
  posix_spawnattr_setsigdefault(&attributes, &options.defaultSignals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (auto [target, source] : options.descriptors) {
    if (source < 0)
      posix_spawn_file_actions_addclose(&actions, target);
    else
      posix_spawn_file_actions_adddup2(&actions, source, target);
  }
  int code = posix_spawn(&process, path, &actions, &attributes, arguments.get(), environment.get());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return code;
}

/// What the child of fork() does; only calls that are safe between fork() and exec().
[[noreturn]] void becomeProgram(const char *path, const PointerList &arguments,
                                const PointerList &environment, const LaunchOptions &options,
                                int report) {
  for (int signal = 1; signal != NSIG; ++signal)
    if (sigismember(&options.defaultSignals, signal) == 1)
      ::signal(signal, SIG_DFL);
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);
  for (auto [target, source] : options.descriptors) {
    if (source < 0)
      close(target);
    else
      dup2(source, target);
  }
  sigprocmask(SIG_SETMASK, &options.signalMask, nullptr);
  execve(path, arguments.get(), environment.get());
  int code = errno;
  [[maybe_unused]] ssize_t written = write(report, &code, sizeof(code));
  _exit(notFoundStatus);
}

/// Starts a child that ignores interrupts, which posix_spawn() cannot; returns an error
/// number.
int forkChild(const char *path, const PointerList &arguments, const PointerList &environment,
              const LaunchOptions &options, pid_t &process) {
  Pipe report = makePipe();
  if (!report.read.isOpen())
    return errno;
  process = fork();
  if (process < 0)
    return errno;
  if (process == 0)
    becomeProgram(path, arguments, environment, options, report.write.get());
  report.write.reset();
  int code = 0;
  if (readOnce(report.read.get(), &code, sizeof(code)) != sizeof(code))
    return 0;
  waitForProcess(process);
  return code;
}

int startChild(const char *path, const PointerList &arguments, const PointerList &environment,
               const LaunchOptions &options, pid_t &process) {
  return options.ignoresInterrupts ? forkChild(path, arguments, environment, options, process)
                                   : spawnChild(path, arguments, environment, options, process);
}

/// Whether the first line of the file at \p path has no zero byte.
bool looksLikeText(const std::string &path) {
  Descriptor file = openPrivately(path, O_RDONLY);
  char buffer[512];
  ssize_t count = file.isOpen() ? read(file.get(), buffer, sizeof(buffer)) : -1;
  if (count < 0)
    return false;
  std::string_view start(buffer, static_cast<size_t>(count));
  return start.substr(0, start.find('\n')).find('\0') == std::string_view::npos;
}

Launched describeFailure(int code) {
  switch (code) {
  case ENOENT: // the interpreter that the file names
  case ENOTDIR:
    return {0, notFoundStatus, "No such file or directory"};
  case EACCES:
    return {0, cannotRunStatus, "Permission denied"};
  case ENOEXEC:
    return {0, cannotRunStatus, "cannot execute binary file"};
  default:
    return {0, cannotRunStatus, std::strerror(code)};
  }
}

} // namespace

Launched launch(const std::string &path, const LaunchOptions &options) {
  for (const std::string &argument : options.argv)
    if (argument.find('\0') != std::string::npos)
      return {0, cannotRunStatus, "invalid argument"};
  PointerList arguments(options.argv);
  PointerList environment(options.environment);
  Launched result;
  int code = startChild(path.c_str(), arguments, environment, options, result.process);
  if (code == ENOEXEC && looksLikeText(path)) {
    arguments.replaceFront(path.c_str());
    arguments.pushFront("sh");
    code = startChild("/bin/sh", arguments, environment, options, result.process);
  }
  return code == 0 ? result : describeFailure(code);
}

int32_t statusOf(int waitStatus) {
  if (WIFEXITED(waitStatus))
    return WEXITSTATUS(waitStatus);
  return WIFSIGNALED(waitStatus) ? 128 + WTERMSIG(waitStatus) : 128;
}

} // namespace fusevm::shell
