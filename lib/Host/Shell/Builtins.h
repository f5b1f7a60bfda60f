//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_BUILTINS_H
#define FUSEVM_LIB_HOST_SHELL_BUILTINS_H

#include "Session.h"

namespace fusevm::shell {

/// A command that runs in the shell's process. Gets its name as the first argument and
/// returns its status; redirections are in force.
using BuiltinCommand = int32_t (*)(Session &session, Arguments argv);

struct BuiltinRow {
  std::string_view name;
  BuiltinCommand function;
  bool isSpecial; ///< found before functions; a redirection that fails ends the program
};

/// The builtin called \p name; null if there is none.
const BuiltinRow *findBuiltin(std::string_view name);

/// Says why \p argv is not a proper command and returns the status, 2.
int32_t reject(Session &session, Arguments argv, std::string_view reason);
/// Prints \p text at once and returns the status: a full disk or a closed pipe is an error.
int32_t print(Session &session, std::string_view text);

// Commands, by the files they are in.

int32_t commandCommand(Session &session, Arguments argv); // CommandLookup.cpp
int32_t hashCommand(Session &session, Arguments argv);
int32_t typeCommand(Session &session, Arguments argv);

int32_t getoptsCommand(Session &session, Arguments argv); // Getopts.cpp

int32_t jobControlCommand(Session &session, Arguments argv); // JobCommands.cpp
int32_t jobsCommand(Session &session, Arguments argv);
int32_t killCommand(Session &session, Arguments argv);
int32_t trapCommand(Session &session, Arguments argv);
int32_t waitCommand(Session &session, Arguments argv);

int32_t evalCommand(Session &session, Arguments argv); // NestedCommands.cpp
int32_t returnCommand(Session &session, Arguments argv);
int32_t sourceCommand(Session &session, Arguments argv);

int32_t printfCommand(Session &session, Arguments argv); // Printf.cpp

int32_t readCommand(Session &session, Arguments argv); // ReadCommand.cpp

int32_t timesCommand(Session &session, Arguments argv); // ResourceCommands.cpp
int32_t ulimitCommand(Session &session, Arguments argv);

/// `test` and `[`: 0 for true, 1 for false, 2 for a malformed expression.
int32_t testCommand(Session &session, Arguments argv); // TestCommand.cpp

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_BUILTINS_H
