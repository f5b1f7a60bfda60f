//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The commands that have to run in the shell's process, or that need not be programs.

#include "Builtins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fusevm::shell {

static int32_t reject(Session &session, Arguments argv, std::string_view reason) {
  session.say(argv[0], reason);
  return 2;
}

/// Prints \p text at once and returns the status: a full disk or a closed pipe is an error.
static int32_t print(Session &session, std::string_view text) {
  if (session.vm && &session.vm->output() != &standardOutput()) {
    session.vm->output().write(text);
    return 0;
  }
  standardOutput().flush();
  absl::Status status = writeDescriptor(STDOUT_FILENO, text);
  if (!status.ok())
    session.say("write error", std::string(status.message()));
  return status.ok() ? 0 : 1;
}

//===----------------------------------------------------------------------===//
// Constants, output
//===----------------------------------------------------------------------===//

static int32_t succeed(Session &, Arguments) { return 0; }
static int32_t fail(Session &, Arguments) { return 1; }

static int32_t echo(Session &session, Arguments argv) {
  std::string line;
  for (size_t i = 1; i < argv.size(); ++i)
    strAppend(line, i == 1 ? "" : " ", argv[i]);
  return print(session, line + "\n");
}

//===----------------------------------------------------------------------===//
// Directories, the process
//===----------------------------------------------------------------------===//

static std::string currentDirectory() {
  std::string path(4096, '\0');
  return getcwd(path.data(), path.size()) ? path.c_str() : "";
}

static int32_t pwd(Session &session, Arguments) {
  return print(session, currentDirectory() + "\n");
}

static int32_t cd(Session &session, Arguments argv) {
  if (argv.size() > 2)
    return reject(session, argv, "too many arguments");
  bool goesBack = argv.size() == 2 && argv[1] == "-";
  std::string target = argv.size() == 2 && !goesBack
                           ? argv[1]
                           : session.variableText(goesBack ? "OLDPWD" : "HOME").value_or("");
  if (target.empty())
    return reject(session, argv, goesBack ? "OLDPWD is not set" : "HOME is not set");
  std::string old = currentDirectory();
  if (chdir(target.c_str()) != 0) {
    session.say(strCat("cd: ", target), std::strerror(errno));
    return 1;
  }
  session.assign("OLDPWD", Value::makeStr(old));
  session.assign("PWD", Value::makeStr(currentDirectory()));
  return goesBack ? pwd(session, argv) : 0;
}

static int32_t umaskCommand(Session &session, Arguments argv) {
  if (argv.size() == 1) {
    mode_t mask = umask(0);
    umask(mask);
    char text[8];
    std::snprintf(text, sizeof(text), "%04o\n", mask);
    return print(session, text);
  }
  unsigned mask = 0;
  for (char digit : argv[1]) {
    if (digit < '0' || digit > '7' || mask > 0777)
      return reject(session, argv, strCat(argv[1], ": invalid mask"));
    mask = mask * 8 + static_cast<unsigned>(digit - '0');
  }
  umask(mask & 0777);
  return 0;
}

static int32_t exitCommand(Session &session, Arguments argv) {
  int32_t status = session.vm ? session.vm->lastStatus() : 0;
  if (argv.size() > 1) {
    std::optional<int64_t> number = parseInt(argv[1]);
    if (!number)
      session.say(strCat("exit: ", argv[1]), "numeric argument required");
    status = number ? static_cast<int32_t>(*number & 255) : 2;
  }
  session.requestExit(status);
  return status & 255;
}

static int32_t execCommand(Session &session, Arguments argv) {
  if (argv.size() == 1) {
    session.keepsRedirections = true;
    return 0;
  }
  // The rest of the program is not run, whether the command could be started or not.
  int32_t status = session.runProgram(argv.subspan(1), RedirectionPlan());
  session.requestExit(status);
  return status;
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

/// Does \p mark to each variable named by an argument, after the assignment that may come
/// with it.
template <typename Mark> static int32_t declare(Session &session, Arguments argv, Mark mark) {
  int32_t status = 0;
  for (const std::string &argument : argv.subspan(1)) {
    size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    if (!isVariableName(name)) {
      session.say(strCat(argv[0], ": ", argument), "not a valid identifier");
      status = 1;
      continue;
    }
    if (equals != std::string::npos &&
        !session.assign(name, Value::makeStr(std::string_view(argument).substr(equals + 1))))
      status = 1;
    else
      mark(session.variables.get(name));
  }
  return status;
}

static int32_t exportCommand(Session &session, Arguments argv) {
  if (argv.size() == 1) {
    for (const std::string &line : session.environment())
      print(session, strCat("export ", line, "\n"));
    return 0;
  }
  return declare(session, argv, [](Variable &variable) { variable.isExported = true; });
}

static int32_t readonly(Session &session, Arguments argv) {
  return declare(session, argv, [](Variable &variable) { variable.isReadOnly = true; });
}

static int32_t unset(Session &session, Arguments argv) {
  int32_t status = 0;
  bool functions = argv.size() > 1 && argv[1] == "-f";
  bool hasOption = functions || (argv.size() > 1 && argv[1] == "-v");
  for (const std::string &name : argv.subspan(hasOption ? 2 : 1)) {
    if (functions)
      session.functions.erase(name);
    else if (!session.unset(name))
      status = 1;
  }
  return status;
}

static int32_t set(Session &session, Arguments argv) {
  size_t i = 1;
  for (; i < argv.size() && argv[i].size() == 2 && (argv[i][0] == '-' || argv[i][0] == '+'); ++i) {
    if (argv[i] == "--")
      break;
    bool on = argv[i][0] == '-';
    if (argv[i][1] == 'C')
      session.noClobber = on;
    else if (argv[i][1] == 'f')
      session.noGlob = on;
    else
      return reject(session, argv, strCat(argv[i], ": invalid option"));
  }
  bool replaces = i < argv.size();
  i += replaces && argv[i] == "--";
  if (replaces)
    session.positional.assign(argv.begin() + static_cast<ptrdiff_t>(i), argv.end());
  return 0;
}

static int32_t shift(Session &session, Arguments argv) {
  std::optional<int64_t> count = argv.size() > 1 ? parseInt(argv[1]) : 1;
  auto size = static_cast<int64_t>(session.positional.size());
  if (!count || *count < 0 || *count > size)
    return reject(session, argv, "shift count out of range"), 1;
  session.positional.erase(session.positional.begin(),
                           session.positional.begin() + static_cast<ptrdiff_t>(*count));
  return 0;
}

/// Reads a line a byte at a time, lest bytes be taken from those who read later.
static bool readLine(Session &session, std::string &line) {
  if (session.vm && &session.vm->input() != &standardInput())
    return session.vm->input().readLine(line);
  std::string unread = exchangeStandardInput("");
  size_t newline = unread.find('\n');
  line = unread.substr(0, newline);
  if (newline != std::string::npos) {
    exchangeStandardInput(unread.substr(newline + 1));
    return true;
  }
  for (;;) {
    char byte;
    ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    if (byte == '\n')
      return true;
    line += byte;
  }
}

/// Takes off what backslashes quote; true if the last one quotes the newline.
static bool unquote(std::string &line) {
  std::string result;
  bool continues = false;
  for (size_t i = 0; i != line.size(); ++i) {
    if (line[i] != '\\')
      result += line[i];
    else if (i + 1 == line.size())
      continues = true;
    else
      result += line[++i];
  }
  line = std::move(result);
  return continues;
}

static int32_t readCommand(Session &session, Arguments argv) {
  bool raw = argv.size() > 1 && argv[1] == "-r";
  Arguments names = argv.subspan(raw ? 2 : 1);
  std::string line;
  bool complete = readLine(session, line);
  if (!raw) {
    std::string more;
    while (complete && unquote(line)) {
      complete = readLine(session, more);
      line += more;
    }
  }
  std::string separators = session.variableText("IFS").value_or(" \t\n");
  std::string blanks;
  for (char c : separators)
    if (c == ' ' || c == '\t' || c == '\n')
      blanks += c;
  std::string_view rest = line;
  auto skipBlanks = [&] {
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  };
  skipBlanks();
  int32_t status = complete ? 0 : 1;
  for (size_t i = 0; i != names.size(); ++i) {
    bool isLast = i + 1 == names.size();
    size_t end = isLast ? rest.find_last_not_of(blanks) + 1
                        : std::min(rest.find_first_of(separators), rest.size());
    if (!session.assign(names[i], Value::makeStr(rest.substr(0, end))))
      status = 2;
    rest.remove_prefix(end);
    skipBlanks();
    bool isDelimiter =
        !isLast && !rest.empty() && separators.find(rest.front()) != std::string::npos;
    if (isDelimiter && (end == 0 || blanks.find(rest.front()) == std::string::npos))
      rest.remove_prefix(1);
    skipBlanks();
  }
  return status;
}

//===----------------------------------------------------------------------===//
// Jobs, traps
//===----------------------------------------------------------------------===//

/// Waits for \p process, or a trapped signal, whose status is returned then.
static int32_t waitForJob(Session &session, pid_t process) {
  if (!session.jobs.knows(process))
    return notFoundStatus;
  Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  // Signals are let in only while it sleeps, so that none is missed in between.
  sigset_t all, outer;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &outer);
  std::optional<int32_t> status;
  while (!(status = session.jobs.takeStatus(process))) {
    if (int signal = session.traps.firstPending()) {
      status = 128 + signal;
      break;
    }
    pollfd event = {handle.get(), POLLIN, 0};
    timespec pause = {0, handle.isOpen() ? 0 : 10'000'000};
    ppoll(&event, handle.isOpen() ? 1 : 0, handle.isOpen() ? nullptr : &pause, &outer);
  }
  pthread_sigmask(SIG_SETMASK, &outer, nullptr);
  return *status;
}

static int32_t wait(Session &session, Arguments argv) {
  int32_t status = 0;
  if (argv.size() == 1) {
    for (pid_t process : session.jobs.processes())
      if (status = waitForJob(session, process); session.traps.isPending())
        return status;
    return 0;
  }
  for (const std::string &argument : argv.subspan(1)) {
    std::optional<int64_t> process = parseInt(argument);
    if (!process)
      return reject(session, argv, strCat(argument, ": not a process id"));
    status = waitForJob(session, static_cast<pid_t>(*process));
  }
  return status;
}

/// What the op TrapSet cannot say: `trap - NAME…` and `trap '' NAME…`.
static int32_t trap(Session &session, Arguments argv) {
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

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

const BuiltinRow *findBuiltin(std::string_view name) {
  static constexpr BuiltinRow rows[] = {
      {":", succeed, true},
      {"[", testCommand, false},
      {"bye", exitCommand, true},
      {"cd", cd, false},
      {"chdir", cd, false},
      {"echo", echo, false},
      {"exec", execCommand, true},
      {"exit", exitCommand, true},
      {"export", exportCommand, true},
      {"false", fail, false},
      {"logout", exitCommand, true},
      {"pwd", pwd, false},
      {"read", readCommand, false},
      {"readonly", readonly, true},
      {"set", set, true},
      {"shift", shift, true},
      {"test", testCommand, false},
      {"trap", trap, true},
      {"true", succeed, false},
      {"umask", umaskCommand, false},
      {"unset", unset, true},
      {"wait", wait, false},
  };
  const auto *row = std::find_if(std::begin(rows), std::end(rows),
                                 [name](const BuiltinRow &row) { return row.name == name; });
  return row == std::end(rows) ? nullptr : row;
}

} // namespace fusevm::shell
