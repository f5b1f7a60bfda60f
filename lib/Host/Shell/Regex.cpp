//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Regex.h"

#include "TextLocale.h"

#include <memory>
#include <regex.h>

namespace fusevm::shell {

static absl::Status describe(int code, const regex_t &compiled) {
  char text[128];
  regerror(code, &compiled, text, sizeof(text));
  return absl::InvalidArgumentError(text);
}

/// Whether \p regex begins an expression or a branch with a repetition, which has no
/// meaning although the C library takes it.
static bool repeatsNothing(std::string_view regex) {
  bool atStart = true;
  for (size_t i = 0; i != regex.size(); ++i) {
    char character = regex[i];
    if (atStart && (character == '*' || character == '+' || character == '?'))
      return true;
    atStart = character == '(' || character == '|';
    if (character == '\\' && i + 1 != regex.size())
      ++i;
    if (character == '[') {
      size_t end = i + 1;
      end += end < regex.size() && regex[end] == '^';
      end = regex.find(']', end + 1);
      i = end == std::string_view::npos ? regex.size() - 1 : end;
    }
  }
  return false;
}

absl::StatusOr<RegexGroups> matchRegex(std::string_view text, std::string_view regex) {
  TextLocaleScope scope;
  // The constructor drops what is behind a zero byte.
  std::string expression = std::string(regex).c_str();
  std::string subject = std::string(text).c_str();
  if (repeatsNothing(expression))
    return absl::InvalidArgumentError("Invalid preceding regular expression");
  regex_t compiled;
  if (int code = regcomp(&compiled, expression.c_str(), REG_EXTENDED))
    return describe(code, compiled);
  std::unique_ptr<regex_t, void (*)(regex_t *)> owner(&compiled, regfree);
  std::vector<regmatch_t> places(compiled.re_nsub + 1);
  RegexGroups groups;
  int code = regexec(&compiled, subject.c_str(), places.size(), places.data(), 0);
  if (code == REG_NOMATCH)
    return groups;
  if (code != 0)
    return describe(code, compiled);
  for (const regmatch_t &place : places) {
    if (place.rm_so < 0)
      groups.emplace_back();
    else
      groups.push_back(subject.substr(static_cast<size_t>(place.rm_so),
                                      static_cast<size_t>(place.rm_eo - place.rm_so)));
  }
  return groups;
}

} // namespace fusevm::shell
