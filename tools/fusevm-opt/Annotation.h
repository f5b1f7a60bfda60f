//===- Annotation.h - Comments about ops ------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_TOOLS_OPT_ANNOTATION_H
#define FUSEVM_TOOLS_OPT_ANNOTATION_H

#include "fusevm/Analysis/ControlFlowGraph.h"
#include "fusevm/Analysis/StackKinds.h"
#include "fusevm/Analysis/Verifier.h"

#include "absl/container/flat_hash_map.h"

#include <string>
#include <vector>

namespace fusevm {

/// What can be said about each op of a chunk.
class Annotation {
public:
  /// \p chunk must outlive the annotation.
  explicit Annotation(const Chunk &chunk);

  /// Returns what there is to say about op \p op: its number, the height of the stack and
  /// the kinds of its top values, where it jumps and from where it is jumped to:
  /// "5: h=2 [Int, Any] -> 14 <- 3".
  std::string comment(uint64_t op) const;

private:
  void appendStack(std::string &out, uint64_t op) const;
  void appendJumps(std::string &out, uint64_t op) const;

  const Chunk &chunk;
  ChunkAnalysis analysis;
  ControlFlowGraph graph;
  StackKinds kinds;
  absl::flat_hash_map<uint64_t, std::vector<uint64_t>> jumpsTo; ///< by target
};

} // namespace fusevm

#endif // FUSEVM_TOOLS_OPT_ANNOTATION_H
