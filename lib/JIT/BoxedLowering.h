//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// From a compile request to boxed code.

#ifndef FUSEVM_LIB_JIT_BOXEDLOWERING_H
#define FUSEVM_LIB_JIT_BOXEDLOWERING_H

#include "UnitLowering.h"

namespace fusevm::jit {

/// Makes the function of \p request, which is for a boxed unit, in \p module. It reaches
/// everything through its argument: no relocations.
LoweredUnit lowerBoxedUnit(const FusevmJitRequest &request, llvm::Module &module);

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_BOXEDLOWERING_H
