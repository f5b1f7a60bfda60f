//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Native/Jit.h"
#include "fusevm/Support/StrCat.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"

#include <cstdlib>

namespace fusevm {

absl::StatusOr<JitConfig> JitConfig::fromEnvironment() {
  constexpr const char *variable = "FUSEVM_JIT_BLOCK_THRESHOLD";
  JitConfig config;
  const char *text = std::getenv(variable);
  if (!text)
    return config;
  uint32_t threshold = 0;
  if (!absl::SimpleAtoi(text, &threshold))
    return absl::InvalidArgumentError(
        strCat(variable, " is not a number from 0 to 4294967295: '", text, "'"));
  config.callThreshold = config.loopThreshold = threshold;
  config.opsToFirstLook = 0;
  config.millisecondsToFirstLook = 0;
  return config;
}

} // namespace fusevm
