//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/ShellBuiltins.h"

#include <algorithm>

namespace fusevm {

namespace {

struct NamedBuiltin {
  std::string_view name;
  ShellBuiltin builtin;
};

constexpr NamedBuiltin namedBuiltins[] = {
#define FUSEVM_SHELL_BUILTIN_NAME(Text, Name) {Text, ShellBuiltin::Name},
#include "fusevm/Interp/ShellBuiltins.def"
};

#define FUSEVM_SHELL_BUILTIN(Name, Id) static_assert((Id) < shellBuiltinLimit);
#include "fusevm/Interp/ShellBuiltins.def"

} // namespace

std::optional<uint16_t> shellBuiltinId(std::string_view name) {
  const auto *found = std::find_if(std::begin(namedBuiltins), std::end(namedBuiltins),
                                   [name](const NamedBuiltin &row) { return row.name == name; });
  if (found == std::end(namedBuiltins))
    return std::nullopt;
  return static_cast<uint16_t>(found->builtin);
}

} // namespace fusevm
