//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CountedLoops.h"

#include <algorithm>

namespace fusevm {

std::vector<FusedSite> CountedLoopFinder::run() const {
  std::vector<FusedSite> sites;
  for (uint64_t op = 0; op != chunk.ops.size(); ++op)
    if (chunk.ops[op].targetOperand() >= 0)
      if (std::optional<FusedSite> site = endingAt(op))
        sites.push_back(*site);
  return sites;
}

std::optional<FusedSite> CountedLoopFinder::endingAt(uint64_t jump) const {
  uint64_t top = chunk.ops[jump].target();
  if (top >= jump || jump - top > maxCountedLoopOps)
    return std::nullopt;
  return chunk.ops[jump].opcode() == Opcode::Jump ? testedAtTop(top, jump)
                                                  : testedAtBottom(top, jump);
}

static bool mentions(const Spelling &spelling, size_t operand) {
  for (const OpPattern &op : spelling.ops)
    for (const OperandPattern &pattern : op.operands)
      if (!pattern.isLiteral && pattern.bound == operand)
        return true;
  return false;
}

/// Gives the fused op of \p body, which has none or one of its own, the counter \p counter.
/// Nothing if that is another one, or if the loop changes it in another way too.
static std::optional<Instruction> withCounter(const SpellingMatch &body, uint16_t counter,
                                              int32_t limit) {
  Instruction fused = body.fused;
  absl::Span<const OperandInfo> operands = fused.info().operands;
  for (size_t i = 0; i != operands.size(); ++i) {
    if (operands[i].kind == OperandKind::Limit)
      fused.setOperand(i, static_cast<uint64_t>(int64_t{limit}));
    if (operands[i].kind != OperandKind::Slot)
      continue;
    bool counts = operands[i].name == "iSlot";
    if (counts && !mentions(*body.spelling, i))
      fused.setOperand(i, counter);
    if ((fused.operand(i) == counter) != counts)
      return std::nullopt;
  }
  return fused;
}

std::optional<FusedSite> CountedLoopFinder::makeSite(uint64_t bodyStart, const SpellingMatch &body,
                                                     Counter counter) const {
  std::optional<Instruction> fused = withCounter(body, counter.slot, counter.limit);
  if (!fused)
    return std::nullopt;
  FusedSite site{.start = bodyStart,
                 .end = body.end,
                 .fused = *fused,
                 .next = body.end,
                 .blamed = bodyStart,
                 .counter = counter.slot};
  for (uint64_t op = bodyStart; op != body.end; ++op)
    if (chunk.ops[op].info().has(MayFail))
      site.blamed = op;
  // Those of the row come first, and say all that those of its parts say.
  for (; site.numNeeds != site.needs.size(); ++site.numNeeds)
    site.needs[site.numNeeds] = resolveNeed(body.spelling->needs[site.numNeeds], *fused);
  return site;
}

std::optional<FusedSite> CountedLoopFinder::testedAtTop(uint64_t top, uint64_t jump) const {
  auto test = matcher.find(Opcode::SlotLtIntJumpIfFalse, top, nullptr);
  auto body = test ? matcher.findLoopBody(test->end) : std::nullopt;
  auto step = body ? matcher.find(Opcode::PreIncSlotVoid, body->end, nullptr) : std::nullopt;
  if (!step || step->end != jump || step->fused.a() != test->fused.a() ||
      !entrances.isClosed(top, jump + 1))
    return std::nullopt;
  uint64_t exit = test->fused.target();
  auto site = makeSite(test->end, *body, {test->fused.a(), test->fused.limit()});
  if (!site || (exit >= top && exit <= jump))
    return std::nullopt;
  site->start = top;
  site->end = jump + 1;
  site->next = exit;
  site->opsOnce = static_cast<uint32_t>(test->end - top);
  site->opsPerIteration = static_cast<uint32_t>(site->end - top);
  return site;
}

std::optional<FusedSite> CountedLoopFinder::testedAtBottom(uint64_t top, uint64_t jump) const {
  auto body = matcher.findLoopBody(top);
  auto bottom =
      body ? matcher.find(Opcode::SlotIncLtIntJumpBack, body->end, nullptr) : std::nullopt;
  if (!bottom || bottom->end != jump + 1 || bottom->fused.target() != top)
    return std::nullopt;
  Counter counter{bottom->fused.a(), bottom->fused.limit()};
  auto site = makeSite(top, *body, counter);
  if (!site)
    return std::nullopt;
  site->end = site->next = bottom->end;
  site->opsPerIteration = static_cast<uint32_t>(site->end - top);
  if (makeRotated(*site, *bottom) || makeInverted(*site, counter))
    return site;
  site->needsIteration = true;
  return entrances.isClosed(top, site->end) ? site : std::nullopt;
}

/// If \p site, which begins with its body, is entered by a jump to its test, moves its start
/// there.
bool CountedLoopFinder::makeRotated(FusedSite &site, const SpellingMatch &bottom) const {
  if (!bottom.spelling || bottom.spelling->firstPattern != Opcode::PreIncSlotVoid)
    return false;
  uint64_t top = site.start;
  uint64_t test = site.end - bottom.spelling->ops.size() + bottom.spelling->secondPart;
  if (top == 0 || chunk.ops[top - 1].opcode() != Opcode::Jump ||
      chunk.ops[top - 1].target() != test)
    return false;
  if (entrances.count(top) != 1 || !entrances.isClosed(top, test) || entrances.count(test) != 1 ||
      !entrances.isClosed(test, site.end))
    return false;
  site.start = top - 1;
  site.opsOnce = static_cast<uint32_t>(1 + site.end - test);
  return true;
}

/// If a test goes round \p site, which begins with its body, moves its start there.
bool CountedLoopFinder::makeInverted(FusedSite &site, Counter counter) const {
  constexpr uint64_t longestTest = 4;
  uint64_t top = site.start;
  if (entrances.count(top) != 1 || !entrances.isClosed(top, site.end))
    return false;
  for (uint64_t length = 1; length <= std::min(longestTest, top); ++length) {
    auto guard = matcher.find(Opcode::SlotLtIntJumpIfFalse, top - length, nullptr);
    if (!guard || guard->end != top || guard->fused.a() != counter.slot ||
        guard->fused.limit() != counter.limit || guard->fused.target() != site.end ||
        !entrances.isClosed(top - length, top))
      continue;
    site.start = top - length;
    site.opsOnce = static_cast<uint32_t>(length);
    return true;
  }
  return false;
}

std::vector<FusedSite> findCountedLoops(const Chunk &chunk) {
  return CountedLoopFinder(chunk, SpellingMatcher(chunk), Entrances(chunk)).run();
}

} // namespace fusevm
