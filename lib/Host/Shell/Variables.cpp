//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Variables.h"

#include <algorithm>
#include <unistd.h>

namespace fusevm::shell {

bool isVariableName(std::string_view text) {
  auto isLetter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && isLetter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

/// The search path for when there is none.
std::string systemPath() {
  std::string path(confstr(_CS_PATH, nullptr, 0), '\0');
  confstr(_CS_PATH, path.data(), path.size());
  if (!path.empty())
    path.pop_back(); // the zero byte
  return path;
}

Variables Variables::fromEnvironment() {
  Variables variables;
  for (char **entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals == std::string_view::npos)
      continue;
    Variable &variable = variables.get(text.substr(0, equals));
    variable.value = Value::makeStr(text.substr(equals + 1));
    variable.isExported = true;
  }
  // A separator from outside would change what the program means.
  variables.get("IFS") = {Value::makeStr(" \t\n"), false, false};
  std::string directory(4096, '\0');
  if (getcwd(directory.data(), directory.size()))
    variables.get("PWD").value = Value::makeStr(directory.c_str());
  if (const Variable *path = variables.find("PATH"); !path || path->value.isUndef())
    variables.get("PATH").value = Value::makeStr(systemPath());
  return variables;
}

const Variable *Variables::find(std::string_view name) const {
  auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

Variable &Variables::get(std::string_view name) {
  auto found = table.find(name);
  if (found == table.end())
    found = table.emplace(name, Variable()).first;
  return found->second;
}

void Variables::erase(std::string_view name) {
  auto found = table.find(name);
  if (found != table.end())
    table.erase(found);
}

std::vector<std::string> Variables::exportedNames() const {
  std::vector<std::string> names;
  for (const auto &[name, variable] : table)
    if (variable.isExported)
      names.push_back(name);
  return names;
}

} // namespace fusevm::shell
