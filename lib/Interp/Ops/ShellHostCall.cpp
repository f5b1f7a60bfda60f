//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ShellHostCall.h"

namespace fusevm {

void tellShellHostOfEnd(Machine &machine, const RunResult &result) {
  // The run has its result; what the host makes of it cannot change that.
  (void)callShellHost(machine, [&](ShellHost &host) { host.runEnded(result); });
}

} // namespace fusevm
