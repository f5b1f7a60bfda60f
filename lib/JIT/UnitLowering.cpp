//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "UnitLowering.h"

namespace fusevm::jit {

LoweredUnit lowerUnit(const FusevmJitRequest &, llvm::Module &) {
  LoweredUnit unit;
  unit.refusal = "nothing is lowered yet";
  return unit;
}

} // namespace fusevm::jit
