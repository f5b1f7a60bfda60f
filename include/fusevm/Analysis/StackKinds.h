//===- StackKinds.h - What is on the stack at each op -----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds, for people who read a chunk, how many values are on the stack before each op
/// and which kinds the top ones have.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_ANALYSIS_STACKKINDS_H
#define FUSEVM_ANALYSIS_STACKKINDS_H

#include "fusevm/Analysis/ControlFlowGraph.h"
#include "fusevm/Analysis/Verifier.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace fusevm {

/// Stack heights and kinds of stack values at each op of a chunk.
///
/// Unlike the verifier's heights they exist for blocks too, and, as far as they can be
/// known, for chunks that run in the baseline loop. What is in slots, globals and
/// containers is not followed.
class StackKinds {
public:
  /// So many values from the top are followed, and stacks are up to so high.
  static constexpr size_t trackedValues = 8;
  static constexpr uint32_t maxHeight = 1 << 20;

  /// Analyses \p chunk, to which \p graph and \p analysis belong. Time and space are
  /// linear in its size.
  StackKinds(const Chunk &chunk, const ControlFlowGraph &graph, const ChunkAnalysis &analysis,
             const CalloutEffects &effects = {});

  /// Whether op \p op can be reached. If the chunk is refused, or its functions cannot be
  /// told apart, nothing is known of any op, and this is false.
  bool reached(uint64_t op) const { return states[op].isReached; }

  /// Returns the number of values before op \p op, counted from the base of the function's
  /// frame, or in a block from the height to which its op cuts the stack. Nothing if that
  /// depends on the way to the op, or is above maxHeight.
  std::optional<uint32_t> height(uint64_t op) const {
    if (states[op].height == unknownHeight)
      return std::nullopt;
    return static_cast<uint32_t>(states[op].height);
  }

  /// Returns what is known of the top values before op \p op, the topmost last: their
  /// kinds, nothing for a value that may be of any kind. Has at most trackedValues
  /// elements; where the height is not known, the lowest one is of a known kind.
  std::vector<std::optional<Kind>> topKinds(uint64_t op) const;

private:
  friend class StackKindsFinder;

  static constexpr int32_t unknownHeight = -1;
  static constexpr uint8_t anyKind = 0xff;
  static constexpr uint32_t unknownScope = ~uint32_t(0);

  /// Everything in it only ever goes from known to unknown.
  struct State {
    int32_t height = 0;
    /// One more than the op that opened the innermost scope of the function; 0 if none.
    uint32_t scope = 0;
    /// The topmost first.
    std::array<uint8_t, trackedValues> kinds{anyKind, anyKind, anyKind, anyKind,
                                             anyKind, anyKind, anyKind, anyKind};
    bool isReached = false;

    friend bool operator==(const State &, const State &) = default;
  };

  std::vector<State> states; ///< before each op
};

} // namespace fusevm

#endif // FUSEVM_ANALYSIS_STACKKINDS_H
