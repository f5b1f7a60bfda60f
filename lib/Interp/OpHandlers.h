//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// One function for each op, on the canonical state with every check. The baseline loop
/// runs nothing else; the fast loop calls them for what it has no shorter way to do.
///
/// A handler may push at most four values: the loops see to it that there is room.

#ifndef FUSEVM_LIB_INTERP_OPHANDLERS_H
#define FUSEVM_LIB_INTERP_OPHANDLERS_H

#include "Machine.h"

namespace fusevm {

using OpHandler = OpStatus (*)(Machine &machine, const Instruction &instruction);

/// Room that a loop keeps on the value stack for a handler.
inline constexpr size_t handlerStackRoom = 4;

// An op without a handler does not link.
#define FUSEVM_OP(Name, ...) OpStatus exec##Name(Machine &machine, const Instruction &instruction);
#include "fusevm/IR/Ops.def"

/// The handlers by opcode.
extern const OpHandler opHandlers[numOpcodes];

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_OPHANDLERS_H
