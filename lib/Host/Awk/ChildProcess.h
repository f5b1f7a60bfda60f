//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Commands run by the shell.

#ifndef FUSEVM_LIB_HOST_AWK_CHILDPROCESS_H
#define FUSEVM_LIB_HOST_AWK_CHILDPROCESS_H

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fusevm::awk {

/// Which end of a pipe this process keeps.
enum class PipeEnd : uint8_t { None, Reading, Writing };

/// A command that was started.
struct ChildProcess {
  pid_t pid = -1;
  int descriptor = -1; ///< this process's end of the pipe
};

/// Starts "sh -c" with \p command. \p environment holds "name=value" entries. Returns the
/// error number, 0 if it was started.
int startCommand(std::string_view command, PipeEnd end, const std::vector<std::string> &environment,
                 ChildProcess &child);

/// Waits until \p pid has ended. Returns its exit status, or 256 and the number of the signal
/// that killed it, 512 if there is a core file.
int waitFor(pid_t pid);

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_CHILDPROCESS_H
