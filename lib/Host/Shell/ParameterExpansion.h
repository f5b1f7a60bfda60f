//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the modifiers of a parameter expansion make of a value. Which value that is, is not
/// known here.

#ifndef FUSEVM_LIB_HOST_SHELL_PARAMETEREXPANSION_H
#define FUSEVM_LIB_HOST_SHELL_PARAMETEREXPANSION_H

#include "fusevm/Interp/ShellConstants.h"
#include "fusevm/Runtime/Value.h"

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include <string>
#include <string_view>

namespace fusevm::shell {

/// Whether \p modifier makes a text of each value by itself: the strips, substitutions,
/// changes of case and slices.
bool isTextModifier(ParamModifier modifier);

/// Applies such a \p modifier with its \p arguments to \p text. OutOfRange for a slice that
/// ends before it begins.
absl::StatusOr<std::string> modifyText(std::string_view text, ParamModifier modifier,
                                       absl::Span<const Value> arguments);

/// Replaces the first or every longest match of \p pattern, which may begin with `#` or `%`
/// to match at an end only.
std::string substitute(std::string_view text, std::string_view pattern,
                       std::string_view replacement, bool all);

/// A part of a sequence of \p size elements.
struct SliceBounds {
  size_t start;
  size_t end;
};
/// What the offset and length of \p arguments, the latter of which may be Undef, select.
/// OutOfRange if it ends before it begins.
absl::StatusOr<SliceBounds> sliceBounds(size_t size, absl::Span<const Value> arguments);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_PARAMETEREXPANSION_H
