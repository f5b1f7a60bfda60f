//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/Process.h"

#include <cerrno>
#include <sys/wait.h>

namespace fusevm {

std::optional<int> waitForProcess(pid_t process) {
  int status = 0;
  pid_t waited;
  do
    waited = ::waitpid(process, &status, 0);
  while (waited < 0 && errno == EINTR);
  return waited == process ? std::optional(status) : std::nullopt;
}

} // namespace fusevm
