//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops that the fast loop runs in one go, as one of the loop ops would.

#ifndef FUSEVM_LIB_INTERP_COUNTEDLOOP_H
#define FUSEVM_LIB_INTERP_COUNTEDLOOP_H

#include "fusevm/Transforms/Fusion.h"

#include <cstdint>

namespace fusevm {

class Machine;
class Value;

/// A loop of plain ops, and where in prepared code its values are.
struct CountedLoop {
  FusedSite site;
  uint32_t firstSlot; ///< register of slot 0 in the scope of the loop
};

/// Does all that \p loop does, with slots in the window at \p base, and sets \p ops to the
/// number of ops that it executes. False, with nothing done, if a value is not of the kind
/// that it must be, or if \p meter or a limit would stop the loop on its way.
bool runCountedLoop(Machine &machine, const CountedLoop &loop, Value *base, uint64_t meter,
                    uint64_t &ops);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_COUNTEDLOOP_H
