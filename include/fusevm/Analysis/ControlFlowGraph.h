//===- ControlFlowGraph.h - Basic blocks of a chunk -------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The basic blocks of a chunk, the ways between them, and which of them belong to the
/// main program, to which sub and to the body of which block.
///
/// The graph is made of the ops alone and exists for every chunk, whether it runs in the
/// fast loop or not. A "block" is what a block op such as MapBlock runs; a basic block is
/// always called that.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_ANALYSIS_CONTROLFLOWGRAPH_H
#define FUSEVM_ANALYSIS_CONTROLFLOWGRAPH_H

#include "fusevm/IR/Chunk.h"

#include "absl/types/span.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// Why control goes from one basic block to another.
enum class EdgeKind : uint8_t {
  Next,     ///< the next basic block begins at a target or an entry
  Jump,     ///< by a Jump
  Taken,    ///< the target of a branch
  NotTaken, ///< the op behind a branch
  Call,     ///< into a sub
  Return,   ///< the op behind a call, once the sub returns
  Iterate,  ///< into a block, for an element
  Done,     ///< the op behind a block op, once there are no more elements
};

/// A way out of a basic block.
struct ControlFlowEdge {
  /// In place of a basic block: the run ends, behind the last op.
  static constexpr uint32_t chunkEnd = ~uint32_t(0);
  /// In place of a basic block: the block op takes the result of this iteration.
  static constexpr uint32_t blockEnd = chunkEnd - 1;

  EdgeKind kind;
  uint32_t target; ///< index of a basic block, chunkEnd or blockEnd
};

/// Ops that run one after the other: none but the first is entered from elsewhere, and
/// none but the last goes elsewhere.
struct BasicBlock {
  uint64_t start;
  uint64_t end;    ///< one past the last op
  uint32_t region; ///< index into regions(); noRegion if no way leads here
};

/// The region of unreachable basic blocks.
inline constexpr uint32_t noRegion = ~uint32_t(0);

/// The main program, a sub, or a block that is used.
struct CodeRegion {
  enum class Kind : uint8_t { Main, Sub, Block };

  Kind kind;
  uint32_t index; ///< of the sub in subEntries, or of the block in blockRanges
  uint64_t entry; ///< op index; may be behind the last op
  uint64_t end;   ///< where an iteration of a block ends; otherwise the number of ops
};

/// Returns what \p region is called: "main", the name of the sub, "block 2".
std::string regionName(const Chunk &chunk, const CodeRegion &region);

/// The control-flow graph of a chunk, without its sub-chunks. Does not refer to the chunk
/// once it is made.
class ControlFlowGraph {
public:
  /// Makes the graph of any chunk whose opcodes are in the op table. Block ops without a
  /// valid range have no Iterate edge, and calls of unknown subs no Call edge. Time and
  /// space are linear in the size of the chunk.
  explicit ControlFlowGraph(const Chunk &chunk);

  /// In the order of their ops. Every op is in one.
  absl::Span<const BasicBlock> basicBlocks() const { return blocks; }

  /// The main program, then the subs in the order of their entries, then the blocks in the
  /// order of their first use. A basic block that several of them reach belongs to the
  /// first; an entry behind the last op makes a region without basic blocks. Only the
  /// first entry of a name and the first name of an op count.
  absl::Span<const CodeRegion> regions() const { return codeRegions; }

  /// Returns the ways out of basic block \p index.
  absl::Span<const ControlFlowEdge> successors(uint32_t index) const {
    return absl::MakeConstSpan(edges).subspan(firstEdge[index],
                                              firstEdge[index + 1] - firstEdge[index]);
  }

  /// Returns the basic block of op \p op, which must exist.
  uint32_t basicBlockOf(uint64_t op) const { return blockOfOp[op]; }

private:
  friend class ControlFlowGraphBuilder;

  std::vector<BasicBlock> blocks;
  std::vector<CodeRegion> codeRegions;
  std::vector<ControlFlowEdge> edges; ///< of all basic blocks, one after the other
  std::vector<uint32_t> firstEdge;    ///< of each basic block, and the number of edges
  std::vector<uint32_t> blockOfOp;
};

/// Returns \p graph, that of \p chunk, in the language of Graphviz: a cluster for each
/// region, nodes that list their ops, and edges with their conditions. \p title becomes
/// the title of the graph.
std::string toDot(const Chunk &chunk, const ControlFlowGraph &graph,
                  std::string_view title = "main");

} // namespace fusevm

#endif // FUSEVM_ANALYSIS_CONTROLFLOWGRAPH_H
