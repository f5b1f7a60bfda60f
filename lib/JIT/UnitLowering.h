//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// From a compile request to a module.

#ifndef FUSEVM_LIB_JIT_UNITLOWERING_H
#define FUSEVM_LIB_JIT_UNITLOWERING_H

#include "fusevm/Native/JitPlugin.h"

#include "llvm/IR/Module.h"

#include <string>
#include <vector>

namespace fusevm::jit {

/// What was found out about a unit besides its code.
struct LoweredUnit {
  std::string refusal;      ///< empty if the module holds the function
  std::string symbol;       ///< of the only function with external linkage, a FusevmNativeEntry
  bool hasCalls = false;    ///< native ones
  bool usesWindows = false; ///< see FusevmJitAnswer
  bool readsMemory = false; ///< behind its entry, other than its context
  std::vector<FusevmSnapshot> snapshots;
  std::vector<FusevmSnapshotValue> snapshotValues;
  size_t bufferSize = 0;
  size_t nativeOps = 0;
  size_t hostOps = 0;
};

/// Makes the function of \p request in \p module, which has its data layout already. It
/// reaches everything through its argument: no relocations.
LoweredUnit lowerUnit(const FusevmJitRequest &request, llvm::Module &module);

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_UNITLOWERING_H
