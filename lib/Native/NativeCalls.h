//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Which subs native code may call without the host.

#ifndef FUSEVM_LIB_NATIVE_NATIVECALLS_H
#define FUSEVM_LIB_NATIVE_NATIVECALLS_H

#include "fusevm/Analysis/Verifier.h"
#include "fusevm/IR/Chunk.h"

#include <optional>
#include <vector>

namespace fusevm {

/// The function that \p call calls; nothing if there is none.
std::optional<uint32_t> calleeOf(const ChunkAnalysis &analysis, const Instruction &call);

/// Whether each function of \p chunk, whose disposition is Fast, may be called natively:
/// while it runs, no op looks at the frames below its own, and neither is it too large, with
/// all that it calls, to be compiled with each unit that calls it.
std::vector<bool> findNativeFunctions(const Chunk &chunk, const ChunkAnalysis &analysis);

/// Ops that may be compiled with a unit because it calls them, and slots of a function that
/// may be called natively.
inline constexpr size_t maxCalledOps = 1000;
inline constexpr uint32_t maxCalleeSlots = 64;

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_NATIVECALLS_H
