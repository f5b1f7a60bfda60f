//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_PRINTF_H
#define FUSEVM_LIB_HOST_SHELL_PRINTF_H

#include "absl/types/span.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fusevm::shell {

struct PrintfOutput {
  std::string text;
  /// What was wrong: a part of the format or an argument, and why.
  std::vector<std::pair<std::string, std::string>> complaints;
};

/// Formats \p arguments as the command `printf` does. Stops with a complaint when there are
/// more than \p limit bytes.
PrintfOutput formatArguments(std::string_view format, absl::Span<const std::string> arguments,
                             size_t limit);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_PRINTF_H
