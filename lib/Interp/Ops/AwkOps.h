//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The AWK ops that have a wide extension id. \p payload is the op's operand, and may be
/// larger than one.

#ifndef FUSEVM_LIB_INTERP_OPS_AWKOPS_H
#define FUSEVM_LIB_INTERP_OPS_AWKOPS_H

#include "../OpHandlers.h"

namespace fusevm {

#define FUSEVM_AWK_OP(Number, Name) OpStatus run##Name(Machine &machine, uint64_t payload);
#include "fusevm/IR/AwkIds.def"

/// Executes ExtendedWide with an id of AWK.
OpStatus runAwkId(Machine &machine, uint16_t id, uint64_t payload);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_OPS_AWKOPS_H
