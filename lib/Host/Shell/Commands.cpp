//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Running commands: builtins, functions, programs.

#include "Builtins.h"
#include "Session.h"

#include "fusevm/Support/StrCat.h"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fusevm::shell {

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

Launched Session::startProgram(Arguments argv, const RedirectionPlan &plan, bool background,
                               const std::optional<std::string> &searchPath) {
  FoundProgram program =
      findProgram(argv[0], searchPath ? *searchPath : variableText("PATH").value_or(""));
  if (program.status != 0)
    return {0, program.status, program.reason};
  LaunchOptions options;
  options.argv = argv;
  options.environment = environment();
  options.descriptors = plan.assignments();
  options.signalMask = signalMask;
  sigemptyset(&options.defaultSignals);
  options.ignoresInterrupts = background;
  Descriptor noInput;
  if (background && !plan.has(STDIN_FILENO)) {
    noInput = openPrivately("/dev/null", O_RDONLY);
    options.descriptors.emplace_back(STDIN_FILENO, noInput.get());
  }
  flush();
  rewindStandardInput();
  return launch(program.path, options);
}

int32_t Session::runProgram(Arguments argv, const RedirectionPlan &plan,
                            const std::optional<std::string> &searchPath) {
  Launched launched = startProgram(argv, plan, /*background=*/false, searchPath);
  if (launched.process != 0)
    return waitForeground({&launched.process, 1}, argv[0]);
  say(plan, argv[0], launched.reason);
  return launched.status;
}

int32_t Session::waitForeground(absl::Span<const pid_t> processes, std::string_view name) {
  int32_t last = 0;
  for (int status : waitForAll(processes)) {
    last = statusOf(status);
    if (!WIFSIGNALED(status))
      continue;
    int signal = WTERMSIG(status);
    if (signal == SIGINT && !traps.isTrapped(SIGINT) && vm)
      vm->interrupt();
    else if (signal != SIGINT && signal != SIGPIPE)
      say(name, strsignal(signal));
  }
  return last;
}

//===----------------------------------------------------------------------===//
// Builtins and functions
//===----------------------------------------------------------------------===//

int32_t Session::runBuiltin(BuiltinCommand builtin, Arguments argv, const RedirectionPlan &plan) {
  AppliedRedirections redirections;
  std::optional<std::string> unread;
  if (absl::Status status = applyHere(plan, redirections, unread); !status.ok()) {
    sayTo(STDERR_FILENO, std::string(status.message()), "");
    return 1;
  }
  keepsRedirections = false;
  int32_t status = builtin(*this, argv);
  if (std::exchange(keepsRedirections, false)) {
    redirections.keep();
    unread.reset();
  }
  undoHere(redirections, unread);
  return status;
}

int32_t Session::runFunction(const std::shared_ptr<const Chunk> &body, Arguments arguments) {
  std::vector<std::string> outer = std::exchange(positional, {arguments.begin(), arguments.end()});
  int32_t status = runNested(body);
  positional = std::move(outer);
  return status;
}

std::optional<int32_t> Session::callFunction(std::string_view name, Arguments arguments) {
  auto function = functions.find(name);
  std::optional<uint64_t> entry;
  if (function == functions.end() && vm)
    if (std::optional<uint16_t> index = vm->findGlobal(name))
      entry = vm->chunk()->findSub(*index);
  if (function == functions.end() && !entry)
    return std::nullopt;
  std::optional<RedirectionPlan> plan = takeRedirections();
  if (!plan || isFrameFailed())
    return 1;
  AppliedRedirections redirections;
  std::optional<std::string> unread;
  if (!applyHere(*plan, redirections, unread).ok())
    return 1;
  int32_t status = entry ? runNested(vm->chunk(), *entry, arguments)
                         : runFunction(std::shared_ptr(function->second), arguments);
  undoHere(redirections, unread);
  closeProcessSubs();
  return status;
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

int32_t Session::exec(Arguments argv) {
  jobs.reap();
  // Whatever the command starts is closed behind it, but not what it opens for later.
  const BuiltinRow *builtin = argv.empty() ? nullptr : findBuiltin(argv[0]);
  bool isFunction = !argv.empty() && functions.find(argv[0]) != functions.end();
  if (isFunction && !(builtin && builtin->isSpecial))
    return *callFunction(argv[0], argv.subspan(1));
  std::optional<RedirectionPlan> plan = takeRedirections();
  int32_t status = 1;
  if (!plan && builtin && builtin->isSpecial)
    requestExit(1);
  else if (!plan || isFrameFailed())
    status = 1;
  else if (argv.empty())
    status = 0;
  else
    status = builtin ? runBuiltin(builtin->function, argv, *plan) : runProgram(argv, *plan);
  closeProcessSubs();
  return status;
}

void Session::runInBackground(Arguments argv, const RedirectionPlan &plan) {
  role = Role::Substitution;
  roleOwner = vm;
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);
  if (!plan.has(STDIN_FILENO))
    useDescriptor(openPrivately("/dev/null", O_RDONLY), STDIN_FILENO);
  AppliedRedirections redirections;
  std::optional<std::string> unread;
  exitChild(applyHere(plan, redirections, unread).ok() ? exec(argv) : 1);
}

int32_t Session::execBg(Arguments argv) {
  jobs.reap();
  std::optional<RedirectionPlan> plan = takeRedirections();
  if (!plan || argv.empty() || isFrameFailed())
    return 0;
  pid_t process = 0;
  if (findBuiltin(argv[0]) || functions.find(argv[0]) != functions.end()) {
    process = forkSubshell();
    if (process == 0)
      runInBackground(argv, *plan);
  } else {
    Launched launched = startProgram(argv, *plan, /*background=*/true);
    process = launched.process;
    if (process == 0)
      say(*plan, argv[0], launched.reason);
  }
  closeProcessSubs();
  if (process <= 0)
    return 0;
  std::string command;
  for (const std::string &argument : argv)
    strAppend(command, command.empty() ? "" : " ", argument);
  jobs.add(process, std::move(command));
  return process;
}

} // namespace fusevm::shell
