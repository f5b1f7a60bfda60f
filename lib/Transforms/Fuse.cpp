//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Transforms/Fusion.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace fusevm {

namespace {

/// Makes the chunk with fused ops.
class SiteReplacer {
public:
  SiteReplacer(const Chunk &chunk, absl::Span<const FusedSite> sites)
      : chunk(chunk), sites(sites) {}

  Chunk run() && {
    result.constants = chunk.constants;
    result.names = chunk.names;
    result.source = chunk.source;
    emitOps();
    emitLines();
    retarget();
    if (chunk.opHash != 0)
      result.opHash = sites.empty() ? chunk.opHash : result.computeOpHash();
    return std::move(result);
  }

private:
  void emitOps() {
    newIndex.reserve(chunk.ops.size() + 1);
    auto site = sites.begin();
    for (uint64_t op = 0; op != chunk.ops.size();) {
      if (site == sites.end() || site->start != op) {
        emit(chunk.ops[op], op, op);
        newIndex.push_back(result.ops.size() - 1);
        ++op;
        continue;
      }
      emit(site->fused, op, site->blamed);
      newIndex.resize(site->end, result.ops.size() - 1);
      if (site->next != site->end)
        emit(Instruction::Jump(site->next), site->end - 1, site->end - 1);
      op = site->end;
      ++site;
    }
    newIndex.push_back(result.ops.size());
    assert(site == sites.end() && "sites overlap or are not in the order of their ops");
  }

  /// Appends an op in place of \p first, whose line is that of \p blamed.
  void emit(const Instruction &instruction, uint64_t first, uint64_t blamed) {
    result.ops.push_back(instruction);
    // The table may end anywhere.
    if (first < chunk.lines.size())
      result.lines.push_back(chunk.lineOf(blamed));
  }

  /// Keeps the lines of ops that the chunk does not have.
  void emitLines() {
    if (chunk.lines.size() > chunk.ops.size())
      result.lines.insert(result.lines.end(),
                          chunk.lines.begin() + static_cast<ptrdiff_t>(chunk.ops.size()),
                          chunk.lines.end());
  }

  /// Returns where \p op is now. What is behind the end stays there, where it can be seen.
  uint64_t remap(uint64_t op) const { return op < newIndex.size() ? newIndex[op] : op; }

  void retarget() {
    for (Instruction &instruction : result.ops)
      if (instruction.targetOperand() >= 0)
        instruction.setTarget(remap(instruction.target()));
    for (SubEntry entry : chunk.subEntries)
      result.subEntries.push_back({entry.name, remap(entry.op)});
    for (BlockRange range : chunk.blockRanges)
      result.blockRanges.push_back({remap(range.start), remap(range.end)});
  }

  const Chunk &chunk;
  absl::Span<const FusedSite> sites;
  Chunk result;
  std::vector<uint64_t> newIndex; ///< of each op, and of the end
};

} // namespace

Chunk replaceSites(const Chunk &chunk, absl::Span<const FusedSite> sites) {
  return SiteReplacer(chunk, sites).run();
}

Chunk fuse(const Chunk &chunk, const CalloutEffects &effects) {
  Chunk result;
  // Chunks may be nested deeper than the stack of this thread is high.
  std::vector<std::pair<const Chunk *, Chunk *>> pending{{&chunk, &result}};
  while (!pending.empty()) {
    auto [from, to] = pending.back();
    pending.pop_back();
    *to = replaceSites(*from, findFusions(*from, analyze(*from, effects)));
    to->subChunks.resize(from->subChunks.size());
    for (size_t i = 0; i != from->subChunks.size(); ++i)
      pending.emplace_back(&from->subChunks[i], &to->subChunks[i]);
  }
  return result;
}

} // namespace fusevm
