//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Which slots never hold a value on the heap.

#ifndef FUSEVM_LIB_INTERP_SCALARSLOTS_H
#define FUSEVM_LIB_INTERP_SCALARSLOTS_H

#include "fusevm/Analysis/Verifier.h"

#include <cstdint>
#include <vector>

namespace fusevm {

/// One bit a slot, for the first slots of a function.
using SlotMask = uint64_t;

constexpr SlotMask maskOf(uint32_t slot) { return slot < 64 ? SlotMask(1) << slot : 0; }

/// Returns for each function of \p chunk, to which \p analysis belongs, the slots that its
/// ops, and blocks wherever they are, only store scalars in. \p leaders are the ops that
/// jumps go to.
///
/// What was there before, and what callbacks store, is for the caller to look at: a slot of
/// the main program counts only if its first use is a store. Time and space are linear in
/// the size of the chunk.
std::vector<SlotMask> findScalarSlots(const Chunk &chunk, const ChunkAnalysis &analysis,
                                      const std::vector<bool> &leaders);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_SCALARSLOTS_H
