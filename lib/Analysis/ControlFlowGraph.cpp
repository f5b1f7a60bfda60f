//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/ControlFlowGraph.h"

#include "fusevm/Support/StrCat.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include <optional>
#include <utility>

namespace fusevm {

std::string regionName(const Chunk &chunk, const CodeRegion &region) {
  switch (region.kind) {
  case CodeRegion::Kind::Main:
    return "main";
  case CodeRegion::Kind::Sub:
    return std::string(chunk.nameOr(chunk.subEntries[region.index].name));
  case CodeRegion::Kind::Block:
    return strCat("block ", region.index);
  }
  return "";
}

/// Whether the op behind one of this kind begins a basic block.
static bool endsBasicBlock(ControlKind control) {
  switch (control) {
  case ControlKind::Next:
  case ControlKind::PushScope:
  case ControlKind::PopScope:
    return false;
  case ControlKind::Jump:
  case ControlKind::Branch:
  case ControlKind::Call:
  case ControlKind::Return:
  case ControlKind::Block:
  case ControlKind::Halt:
    return true;
  }
  return true;
}

/// Makes a ControlFlowGraph.
class ControlFlowGraphBuilder {
public:
  ControlFlowGraphBuilder(const Chunk &chunk, ControlFlowGraph &graph)
      : chunk(chunk), graph(graph), isLeader(chunk.ops.size() + 1),
        subEntries(chunk.subEntriesByName()) {}

  void run() {
    findRegions();
    findLeaders();
    cutBasicBlocks();
    for (uint32_t region = 0; region != graph.codeRegions.size(); ++region)
      claim(region);
    makeEdges();
  }

private:
  std::optional<BlockRange> rangeOf(const Instruction &instruction) const {
    if (instruction.a() >= chunk.blockRanges.size())
      return std::nullopt;
    BlockRange range = chunk.blockRanges[instruction.a()];
    if (range.start > range.end || range.end > chunk.ops.size())
      return std::nullopt;
    return range;
  }

  void findRegions() {
    graph.codeRegions.push_back({CodeRegion::Kind::Main, 0, 0, chunk.ops.size()});
    absl::flat_hash_set<uint64_t> entries{0};
    for (uint32_t i = 0; i != chunk.subEntries.size(); ++i) {
      const SubEntry &sub = chunk.subEntries[i];
      if (subEntries.at(sub.name) == sub.op && entries.insert(sub.op).second)
        graph.codeRegions.push_back({CodeRegion::Kind::Sub, i, sub.op, chunk.ops.size()});
    }
    absl::flat_hash_set<std::pair<uint64_t, uint64_t>> ranges;
    for (const Instruction &instruction : chunk.ops) {
      if (instruction.info().control != ControlKind::Block)
        continue;
      std::optional<BlockRange> range = rangeOf(instruction);
      if (range && ranges.insert({range->start, range->end}).second)
        graph.codeRegions.push_back(
            {CodeRegion::Kind::Block, instruction.a(), range->start, range->end});
    }
  }

  void markLeader(uint64_t op) {
    if (op < isLeader.size())
      isLeader[op] = true;
  }

  void findLeaders() {
    for (const CodeRegion &region : graph.codeRegions) {
      markLeader(region.entry);
      markLeader(region.end);
    }
    for (uint64_t op = 0; op != chunk.ops.size(); ++op) {
      const Instruction &instruction = chunk.ops[op];
      if (instruction.targetOperand() >= 0)
        markLeader(instruction.target());
      if (endsBasicBlock(instruction.info().control))
        markLeader(op + 1);
    }
  }

  void cutBasicBlocks() {
    graph.blockOfOp.reserve(chunk.ops.size());
    for (uint64_t op = 0; op != chunk.ops.size(); ++op) {
      if (isLeader[op])
        graph.blocks.push_back({op, op, noRegion});
      ++graph.blocks.back().end;
      graph.blockOfOp.push_back(static_cast<uint32_t>(graph.blocks.size() - 1));
    }
  }

  /// Gives the basic blocks that are reached in \p region to it.
  void claim(uint32_t region) {
    const CodeRegion &code = graph.codeRegions[region];
    std::vector<uint32_t> pending;
    auto reach = [&](uint32_t block) {
      if (block >= graph.blocks.size() || graph.blocks[block].region != noRegion)
        return;
      graph.blocks[block].region = region;
      pending.push_back(block);
    };
    reach(resolve(code.entry, code));
    while (!pending.empty()) {
      uint32_t block = pending.back();
      pending.pop_back();
      forEachSuccessor(graph.blocks[block], code, [&](ControlFlowEdge edge) {
        if (edge.kind != EdgeKind::Call && edge.kind != EdgeKind::Iterate)
          reach(edge.target);
      });
    }
  }

  uint32_t resolve(uint64_t op, const CodeRegion &region) const {
    if (region.kind == CodeRegion::Kind::Block && op == region.end)
      return ControlFlowEdge::blockEnd;
    return op < chunk.ops.size() ? graph.blockOfOp[op] : ControlFlowEdge::chunkEnd;
  }

  /// Calls \p visit with each way out of \p block, were it part of \p region.
  template <typename Visit>
  void forEachSuccessor(const BasicBlock &block, const CodeRegion &region, Visit visit) const {
    const Instruction &last = chunk.ops[block.end - 1];
    uint32_t next = resolve(block.end, region);
    switch (last.info().control) {
    case ControlKind::Next:
    case ControlKind::PushScope:
    case ControlKind::PopScope:
      return visit(ControlFlowEdge{EdgeKind::Next, next});
    case ControlKind::Jump:
      return visit(ControlFlowEdge{EdgeKind::Jump, resolve(last.target(), region)});
    case ControlKind::Branch:
      visit(ControlFlowEdge{EdgeKind::Taken, resolve(last.target(), region)});
      return visit(ControlFlowEdge{EdgeKind::NotTaken, next});
    case ControlKind::Call:
      if (auto entry = subEntries.find(last.a()); entry != subEntries.end())
        visit(ControlFlowEdge{EdgeKind::Call, resolve(entry->second, graph.codeRegions[0])});
      return visit(ControlFlowEdge{EdgeKind::Return, next});
    case ControlKind::Block:
      if (std::optional<BlockRange> range = rangeOf(last))
        visit(ControlFlowEdge{EdgeKind::Iterate, range->start == range->end
                                                     ? ControlFlowEdge::blockEnd
                                                     : graph.blockOfOp[range->start]});
      return visit(ControlFlowEdge{EdgeKind::Done, next});
    case ControlKind::Return:
    case ControlKind::Halt:
      return;
    }
  }

  void makeEdges() {
    for (const BasicBlock &block : graph.blocks) {
      graph.firstEdge.push_back(static_cast<uint32_t>(graph.edges.size()));
      forEachSuccessor(block, graph.codeRegions[block.region == noRegion ? 0 : block.region],
                       [this](ControlFlowEdge edge) { graph.edges.push_back(edge); });
    }
    graph.firstEdge.push_back(static_cast<uint32_t>(graph.edges.size()));
  }

  const Chunk &chunk;
  ControlFlowGraph &graph;
  std::vector<bool> isLeader;
  const absl::flat_hash_map<uint16_t, uint64_t> subEntries;
};

ControlFlowGraph::ControlFlowGraph(const Chunk &chunk) {
  ControlFlowGraphBuilder(chunk, *this).run();
}

} // namespace fusevm
