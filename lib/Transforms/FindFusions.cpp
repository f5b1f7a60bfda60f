//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CountedLoops.h"

#include "fusevm/Analysis/ControlFlowGraph.h"

#include <algorithm>

namespace fusevm {

namespace {

/// Chooses the sites of a chunk, whole loops first.
class FusionFinder {
public:
  explicit FusionFinder(const Chunk &chunk)
      : chunk(chunk), graph(chunk), kinds(chunk, graph), matcher(chunk), entrances(chunk),
        loops(CountedLoopFinder(chunk, matcher, entrances).run()), nextLoop(loops.begin()) {}

  std::vector<FusedSite> run() && {
    kinds.forEachOp([this](uint64_t op, const VariableKinds::Known &known) {
      if (sites.empty() || op >= sites.back().end)
        visit(op, Facts{kinds, known});
    });
    return std::move(sites);
  }

private:
  void visit(uint64_t op, const Facts &facts) {
    while (nextLoop != loops.end() && nextLoop->start < op)
      ++nextLoop;
    if (nextLoop != loops.end() && nextLoop->start == op && isSure(*nextLoop, facts))
      sites.push_back(*nextLoop);
    else
      visitSequence(op, facts);
  }

  void visitSequence(uint64_t op, const Facts &facts) {
    uint64_t end = chunk.ops.size();
    if (nextLoop != loops.end())
      end = nextLoop->start == op ? nextLoop->end : nextLoop->start;
    std::optional<SpellingMatch> match = findSequence(op, end, facts);
    bool mayStep = match ? match->fused.opcode() == Opcode::PreIncSlotVoid
                         : chunk.ops[op].opcode() == Opcode::PreIncSlotVoid;
    if (std::optional<FusedSite> site = mayStep ? findBackEdge(op, facts) : std::nullopt)
      sites.push_back(*site);
    else if (match)
      sites.push_back(makeSite(op, *match));
  }

  FusedSite makeSite(uint64_t op, const SpellingMatch &match) const {
    FusedSite site{
        .start = op, .end = match.end, .fused = match.fused, .next = match.end, .blamed = op};
    for (uint64_t at = op; at != match.end; ++at)
      if (chunk.ops[at].info().has(WritesSlots))
        site.blamed = at;
    return site;
  }

  std::optional<SpellingMatch> findSequence(uint64_t op, uint64_t end, const Facts &facts) const {
    std::optional<SpellingMatch> match = matcher.findAny(op, end, &facts);
    // What reads the counter again may be the beginning of something better.
    if (match && chunk.ops[match->end - 1].opcode() == Opcode::GetSlot &&
        matcher.findAny(match->end - 1, end, nullptr))
      match = matcher.findAny(op, match->end - 1, &facts);
    if (match && !entrances.isClosed(op, match->end))
      return std::nullopt;
    return match;
  }

  /// The step of a loop, the jump to its test and the test: if the test goes round the jump
  /// when it fails, the step can make it at once.
  std::optional<FusedSite> findBackEdge(uint64_t op, const Facts &facts) const {
    auto step = matcher.find(Opcode::PreIncSlotVoid, op, &facts);
    if (!step || step->end >= chunk.ops.size() || chunk.ops[step->end].opcode() != Opcode::Jump ||
        !entrances.isClosed(op, step->end + 1))
      return std::nullopt;
    uint64_t top = chunk.ops[step->end].target();
    uint64_t end = step->end + 1;
    if (top >= op)
      return std::nullopt;
    // The step leaves an integer, whatever is known at the top.
    auto test = matcher.find(Opcode::SlotLtIntJumpIfFalse, top, nullptr);
    if (!test || test->fused.a() != step->fused.a() || test->fused.target() != end ||
        isInSite(test->end))
      return std::nullopt;
    SpellingMatch match = *step;
    match.fused =
        Instruction::SlotIncLtIntJumpBack(step->fused.a(), test->fused.limit(), test->end);
    match.end = end;
    return makeSite(op, match);
  }

  /// Whether \p op is in a site, but not the first op of one.
  bool isInSite(uint64_t op) const {
    auto behind = std::partition_point(sites.begin(), sites.end(),
                                       [op](const FusedSite &site) { return site.end <= op; });
    return behind != sites.end() && behind->start < op;
  }

  bool isSure(const FusedSite &loop, const Facts &facts) const {
    for (const KindNeed &need : absl::MakeConstSpan(loop.needs).first(loop.numNeeds))
      if (!facts.meet(need))
        return false;
    return !loop.needsIteration || startsBelowLimit(loop);
  }

  /// Whether the ops in front of \p loop, and nobody else, go there, and give its counter a
  /// literal below the limit.
  bool startsBelowLimit(const FusedSite &loop) const {
    constexpr uint64_t looksBack = 16;
    uint64_t first = loop.start - std::min(loop.start, looksBack);
    if (entrances.count(loop.start) != 1) // its own jump
      return false;
    for (uint64_t op = loop.start; op-- != first;) {
      const Instruction &instruction = chunk.ops[op];
      if (instruction.info().control != ControlKind::Next || instruction.info().has(CallsOut))
        return false;
      if (instruction.info().has(WritesSlots) && instruction.a() == loop.counter)
        return instruction.opcode() == Opcode::SetSlot && op != 0 && entrances.count(op) == 0 &&
               chunk.ops[op - 1].opcode() == Opcode::LoadInt &&
               static_cast<int64_t>(chunk.ops[op - 1].wide()) < loop.fused.limit();
      // Fused ops may write several slots.
      if (instruction.info().section == Section::Fused || entrances.count(op) != 0)
        return false;
    }
    return false;
  }

  const Chunk &chunk;
  ControlFlowGraph graph;
  VariableKinds kinds;
  SpellingMatcher matcher;
  Entrances entrances;
  std::vector<FusedSite> loops;
  std::vector<FusedSite>::const_iterator nextLoop;
  std::vector<FusedSite> sites;
};

} // namespace

std::vector<FusedSite> findFusions(const Chunk &chunk, const ChunkAnalysis &analysis) {
  if (analysis.disposition != Disposition::Fast)
    return {};
  return FusionFinder(chunk).run();
}

} // namespace fusevm
