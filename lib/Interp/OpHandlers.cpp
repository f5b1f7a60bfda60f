//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "OpHandlers.h"

namespace fusevm {

const OpHandler opHandlers[numOpcodes] = {
#define FUSEVM_OP(Name, ...) exec##Name,
#include "fusevm/IR/Ops.def"
};

} // namespace fusevm
