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
#include <sys/stat.h>
#include <unistd.h>

namespace fusevm::shell {

int32_t reject(Session &session, Arguments argv, std::string_view reason) {
  session.say(argv[0], reason);
  return 2;
}

int32_t print(Session &session, std::string_view text) {
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
  bool isName = target.find('\0') == std::string::npos;
  if (!isName || chdir(target.c_str()) != 0) {
    session.say(strCat("cd: ", target.c_str()),
                isName ? std::strerror(errno) : "invalid file name");
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

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

const BuiltinRow *findBuiltin(std::string_view name) {
  static constexpr BuiltinRow rows[] = {
      {".", sourceCommand, true},
      {":", succeed, true},
      {"[", testCommand, false},
      {"bg", jobControlCommand, false},
      {"bye", exitCommand, true},
      {"cd", cd, false},
      {"chdir", cd, false},
      {"command", commandCommand, false},
      {"echo", echo, false},
      {"eval", evalCommand, true},
      {"exec", execCommand, true},
      {"exit", exitCommand, true},
      {"export", exportCommand, true},
      {"false", fail, false},
      {"fg", jobControlCommand, false},
      {"getopts", getoptsCommand, false},
      {"hash", hashCommand, false},
      {"jobs", jobsCommand, false},
      {"kill", killCommand, false},
      {"logout", exitCommand, true},
      {"printf", printfCommand, false},
      {"pwd", pwd, false},
      {"read", readCommand, false},
      {"readonly", readonly, true},
      {"return", returnCommand, true},
      {"set", set, true},
      {"shift", shift, true},
      {"source", sourceCommand, true},
      {"test", testCommand, false},
      {"times", timesCommand, true},
      {"trap", trapCommand, true},
      {"true", succeed, false},
      {"type", typeCommand, false},
      {"ulimit", ulimitCommand, false},
      {"umask", umaskCommand, false},
      {"unset", unset, true},
      {"wait", waitCommand, false},
  };
  const auto *row = std::find_if(std::begin(rows), std::end(rows),
                                 [name](const BuiltinRow &row) { return row.name == name; });
  return row == std::end(rows) ? nullptr : row;
}

} // namespace fusevm::shell
