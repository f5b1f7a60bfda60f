//===- Fusion.h - Fused ops in place of plain ones --------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds sequences of ops, and whole counted loops, that mean the same as one of the fused
/// ops, and replaces them. FusedExpansions.def lists the sequences; docs/fusion.md explains
/// when they mean the same.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_TRANSFORMS_FUSION_H
#define FUSEVM_TRANSFORMS_FUSION_H

#include "fusevm/Analysis/Verifier.h"
#include "fusevm/IR/Chunk.h"

#include "absl/types/span.h"

#include <array>
#include <cstdint>
#include <vector>

namespace fusevm {

/// A slot or global that must hold a value of some kind.
struct KindNeed {
  Kind kind;
  bool isGlobal;
  uint16_t index; ///< of the slot of the top frame, or of the global

  friend bool operator==(const KindNeed &, const KindNeed &) = default;
};

/// Ops that a fused op can stand for. All op indices are those of the chunk as it is.
///
/// No op of it but the first is entered from elsewhere: by a jump, as a sub, as a block. It
/// needs nothing of the value stack and leaves there what the fused op leaves.
struct FusedSite {
  uint64_t start; ///< the first op
  uint64_t end;   ///< one past the last op
  Instruction fused;
  /// The op behind the fused one: end, but for a loop that leaves to somewhere else.
  uint64_t next;
  /// The op of the sequence to whose source line an error of the fused op belongs.
  uint64_t blamed;

  /// What must be so at the start, in the first numNeeds elements.
  std::array<KindNeed, 2> needs{};
  uint8_t numNeeds = 0;
  /// For a loop that is tested at its bottom only: the counter must be below the limit.
  bool needsIteration = false;

  /// Of a whole loop: started with counter i it executes
  ///   opsOnce + max(limit - i, 0) * opsPerIteration
  /// ops, and leaves the counter at max(limit, i). If that would exceed a limit (fuel, the
  /// size of a text or an array) the plain ops stop on the way, in a state that the fused op
  /// cannot make: they must be run instead. Otherwise opsPerIteration is 0.
  uint32_t opsOnce = 0;
  uint32_t opsPerIteration = 0;
  uint16_t counter = 0; ///< slot

  bool isLoop() const { return opsPerIteration != 0; }
};

/// Ops of the longest counted loop that is found.
inline constexpr uint64_t maxCountedLoopOps = 32;

/// Returns the counted loops of \p chunk, which is not refused, that a fused op can stand
/// for as a whole, in the order of their ops. Their needs are the caller's business: it may
/// check them when it gets to the loop. Time and space are linear in the size of the chunk.
std::vector<FusedSite> findCountedLoops(const Chunk &chunk);

/// Returns where fused ops can stand in \p chunk, to which \p analysis belongs: sites whose
/// needs are sure to be met under the conditions of fuse(). In the order of the ops, not
/// overlapping; none unless the disposition is Fast. Time and space are linear in the size
/// of the chunk.
std::vector<FusedSite> findFusions(const Chunk &chunk, const ChunkAnalysis &analysis);

/// Returns \p chunk with fused ops at \p sites, which findFusions() found in it. Jump
/// targets, sub entries, block ranges and lines are those of the remaining ops; targets and
/// entries behind the end stay as they are. Sub-chunks are left out.
Chunk replaceSites(const Chunk &chunk, absl::Span<const FusedSite> sites);

/// Returns \p chunk, and nested however deep its sub-chunks, with fused ops wherever they
/// can stand. Chunks that are refused or run in the baseline loop are left as they are.
///
/// The result has the same results, output and final state, given that
/// - the program begins with a frame, and only its ops and callbacks write slots and globals
///   while it runs;
/// - callbacks leave the frames alone and do not speak of op indices;
/// - no run is continued after an error that an op has raised.
///
/// It has fewer ops, so indices of ops, fuel and statistics differ, and it may need less room
/// on the stack. A loop that would make a text or an array too large fails before its first
/// iteration instead of in its last.
Chunk fuse(const Chunk &chunk, const CalloutEffects &effects = {});

} // namespace fusevm

#endif // FUSEVM_TRANSFORMS_FUSION_H
