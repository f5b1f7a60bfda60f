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

/// `test` and `[`: 0 for true, 1 for false, 2 for a malformed expression.
int32_t testCommand(Session &session, Arguments argv);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_BUILTINS_H
