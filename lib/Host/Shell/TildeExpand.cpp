//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "TildeExpand.h"

#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace fusevm::shell {

/// The home directory that the user database has for \p user, or for the user of this
/// process if it is empty.
static std::optional<std::string> homeOf(const std::string &user) {
  std::vector<char> buffer(1024);
  struct passwd entry;
  struct passwd *found = nullptr;
  for (;;) {
    int code = user.empty()
                   ? getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found)
                   : getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (code != ERANGE || buffer.size() > (size_t(1) << 20))
      break;
    buffer.resize(buffer.size() * 2);
  }
  if (!found)
    return std::nullopt;
  return found->pw_dir;
}

static std::optional<std::string> replacement(const std::string &name,
                                              const VariableLookup &variable) {
  if (name == "+")
    return variable("PWD");
  if (name == "-")
    return variable("OLDPWD");
  if (!name.empty())
    return homeOf(name);
  std::optional<std::string> home = variable("HOME");
  return home ? home : homeOf("");
}

std::string expandTilde(std::string_view text, const VariableLookup &variable) {
  if (!text.starts_with('~'))
    return std::string(text);
  std::string name(text.substr(1, text.find('/') - 1));
  std::optional<std::string> home =
      name.find('\0') == std::string::npos ? replacement(name, variable) : std::nullopt;
  if (!home)
    return std::string(text);
  return *home += text.substr(name.size() + 1);
}

} // namespace fusevm::shell
