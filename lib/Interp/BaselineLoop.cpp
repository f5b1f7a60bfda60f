//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The baseline loop: one op of the chunk at a time, on the canonical state, with every
/// check. It can be entered at any op.

#include "Machine.h"
#include "OpHandlers.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>

namespace fusevm {

LoopExit Machine::runBaselineLoop() {
  // Entered for blocks, it hands back to the fast loop once they are done.
  bool inBlocks = !blocks.empty();
  bool hasMoved = false;
  uint64_t startGeneration = generation;
  const PreparedChunk *startPrepared = prepared.get();
  for (;;) {
    if (std::optional<LoopExit> end = settle())
      return *end;
    if (generation != startGeneration || prepared.get() != startPrepared ||
        (inBlocks && blocks.empty()) || (hasMoved && seeksEntry && canHandOver()) ||
        isInnerOver() || (tier && hasMoved && tier->wants(*this)))
      return LoopExit::Switch;
    hasMoved = true;
    inBlocks |= !blocks.empty();
    if (ip >= chunk->ops.size())
      return LoopExit::Finished;
    // A copy: the handler may reset the VM, which drops the chunk.
    const Instruction instruction = chunk->ops[ip];
    if (tier)
      tier->observe(*this);
    if (!charge(instruction, ip))
      return LoopExit::Failed;
    ++ip;
    OpStatus status = perform(instruction);
    if (status != OpStatus::Continue)
      return status == OpStatus::Finished ? LoopExit::Finished : LoopExit::Failed;
  }
}

} // namespace fusevm
