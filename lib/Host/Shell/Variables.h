//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_VARIABLES_H
#define FUSEVM_LIB_HOST_SHELL_VARIABLES_H

#include "fusevm/Runtime/Value.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm::shell {

/// A variable of the shell. It may have flags without having a value.
struct Variable {
  Value value; ///< Undef if it is unset
  bool isExported = false;
  bool isReadOnly = false;
};

/// Variables of the shell that the program does not keep as globals, and the flags of all.
class Variables {
public:
  /// Makes the variables of this process's environment, with IFS, PWD and PATH set.
  static Variables fromEnvironment();

  /// The variable \p name; null if nothing is known of it.
  const Variable *find(std::string_view name) const;
  /// The variable \p name, made if need be.
  Variable &get(std::string_view name);
  void erase(std::string_view name);

  /// The names of exported variables, in order.
  std::vector<std::string> exportedNames() const;

private:
  std::map<std::string, Variable, std::less<>> table;
};

/// Whether \p text can be the name of a variable.
/// The search path with which the standard commands are found.
std::string systemPath();

bool isVariableName(std::string_view text);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_VARIABLES_H
