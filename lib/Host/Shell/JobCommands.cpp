//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Commands that deal with processes and signals: `jobs`, `kill`, `trap`, `wait`, and those
/// that would need job control.

#include "Builtins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <cerrno>
#include <cstring>
#include <poll.h>

namespace fusevm::shell {

//===----------------------------------------------------------------------===//
// wait
//===----------------------------------------------------------------------===//

/// Waits for \p process, or a trapped signal, whose status is returned then.
static int32_t waitForJob(Session &session, pid_t process) {
  if (!session.jobs.knows(process))
    return notFoundStatus;
  Descriptor handle = openProcess(process);
  int milliseconds = handle.isOpen() ? millisecondsBetweenLooks : 10;
  timespec pause = {0, milliseconds * 1'000'000L};
  // Signals are let in only while it sleeps, so that none is missed in between.
  sigset_t all, outer;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &outer);
  std::optional<int32_t> status;
  while (!(status = session.jobs.takeStatus(process))) {
    int signal = session.isInterrupted() ? SIGINT : session.traps.firstPending();
    if (signal != 0) {
      status = 128 + signal;
      break;
    }
    pollfd event = {handle.get(), POLLIN, 0};
    ppoll(&event, 1, &pause, &outer);
  }
  pthread_sigmask(SIG_SETMASK, &outer, nullptr);
  return *status;
}

static int32_t waitForAllJobs(Session &session) {
  std::vector<pid_t> processes;
  for (const Job &job : session.jobs.all())
    if (!job.isUnattended())
      processes.push_back(job.process);
  for (pid_t process : processes) {
    int32_t status = waitForJob(session, process);
    if (session.traps.isPending() || session.isInterrupted())
      return status;
  }
  return 0;
}

int32_t waitCommand(Session &session, Arguments argv) {
  if (argv.size() == 1)
    return waitForAllJobs(session);
  int32_t status = 0;
  for (const std::string &argument : argv.subspan(1)) {
    std::optional<pid_t> process = session.jobs.processNamed(argument);
    if (!process && !argument.starts_with('%'))
      return reject(session, argv, strCat(argument, ": not a process id"));
    status = process ? waitForJob(session, *process) : notFoundStatus;
  }
  return status;
}

//===----------------------------------------------------------------------===//
// jobs, fg, bg
//===----------------------------------------------------------------------===//

static std::string stateOf(const Job &job) {
  if (!job.status)
    return "Running";
  return *job.status == 0 ? "Done" : strCat("Done(", *job.status, ")");
}

int32_t jobsCommand(Session &session, Arguments argv) {
  bool onlyProcesses = argv.size() == 2 && argv[1] == "-p";
  bool withProcesses = argv.size() == 2 && argv[1] == "-l";
  if (argv.size() > 1 && !onlyProcesses && !withProcesses)
    return reject(session, argv, "expected -l or -p or nothing");
  session.jobs.reap();
  std::vector<Job> jobs = session.jobs.all();
  std::erase_if(jobs, [](const Job &job) { return job.isUnattended(); });
  std::string text;
  for (size_t i = 0; i != jobs.size(); ++i) {
    const Job &job = jobs[i];
    const char *mark = i + 1 == jobs.size() ? "+" : i + 2 == jobs.size() ? "-" : " ";
    if (onlyProcesses)
      strAppend(text, job.process, "\n");
    else
      strAppend(text, "[", job.number, "] ", mark, " ",
                withProcesses ? strCat(job.process, " ") : "", stateOf(job), " ", job.command,
                "\n");
    // Whoever has been told knows it.
    if (job.status && !onlyProcesses)
      session.jobs.takeStatus(job.process);
  }
  return print(session, text);
}

int32_t jobControlCommand(Session &session, Arguments argv) {
  session.say(argv[0], "no job control");
  return 1;
}

//===----------------------------------------------------------------------===//
// kill
//===----------------------------------------------------------------------===//

/// `kill -l`: all names, or those of some numbers or statuses.
static int32_t listSignals(Session &session, Arguments argv) {
  std::string text;
  if (argv.size() == 2)
    for (int signal = 1; signal != NSIG; ++signal)
      if (const char *name = sigabbrev_np(signal))
        strAppend(text, name, "\n");
  for (const std::string &argument : argv.subspan(2)) {
    std::optional<int64_t> number = parseInt(argument);
    if (number && *number > 128)
      *number -= 128;
    bool isSignal = number && *number > 0 && *number < NSIG;
    const char *name = isSignal ? sigabbrev_np(static_cast<int>(*number)) : nullptr;
    if (!name)
      return reject(session, argv, strCat(argument, ": invalid signal"));
    strAppend(text, name, "\n");
  }
  return print(session, text);
}

int32_t killCommand(Session &session, Arguments argv) {
  if (argv.size() > 1 && argv[1] == "-l")
    return listSignals(session, argv);
  size_t first = 1;
  std::string_view name = "TERM";
  if (argv.size() > 2 && argv[1] == "-s") {
    name = argv[2];
    first = 3;
  } else if (argv.size() > 1 && argv[1].size() > 1 && argv[1][0] == '-' && argv[1] != "--") {
    name = std::string_view(argv[1]).substr(1);
    first = 2;
  }
  std::optional<int> signal = signalNumber(name);
  if (!signal)
    return reject(session, argv, strCat(name, ": invalid signal"));
  first += first < argv.size() && argv[first] == "--";
  if (first >= argv.size())
    return reject(session, argv, "expected a process id");
  session.flush();
  int32_t status = 0;
  for (const std::string &argument : argv.subspan(first)) {
    std::optional<pid_t> process = session.jobs.processNamed(argument);
    if (process && kill(*process, *signal) == 0)
      continue;
    session.say(strCat("kill: ", argument),
                process ? std::strerror(errno) : "not a process id or job");
    status = 1;
  }
  return status;
}

//===----------------------------------------------------------------------===//
// trap
//===----------------------------------------------------------------------===//

/// What the op TrapSet cannot say: `trap - NAME…` and `trap '' NAME…`.
int32_t trapCommand(Session &session, Arguments argv) {
  if (argv.size() < 3 || !(argv[1].empty() || argv[1] == "-"))
    return reject(session, argv, "expected '' or -, and names of signals");
  for (const std::string &name : argv.subspan(2)) {
    std::optional<int> signal = signalNumber(name);
    if (!signal || (argv[1].empty() && !session.traps.set(*signal, std::make_shared<Chunk>())))
      return reject(session, argv, strCat(name, ": cannot be trapped")), 1;
    if (argv[1] == "-")
      session.traps.reset(*signal);
  }
  return 0;
}

} // namespace fusevm::shell
