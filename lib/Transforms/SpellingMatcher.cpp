//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "SpellingMatcher.h"

#include <array>
#include <cstdint>
#include <limits>

namespace fusevm {

bool Facts::meet(const KindNeed &need) const {
  if (need.isGlobal)
    return need.kind == Kind::Array && kinds.isArray(known, need.index);
  return need.kind == Kind::Int ? known.isInt(need.index)
                                : need.kind == Kind::Str && known.isStr(need.index);
}

KindNeed resolveNeed(const NeedPattern &need, const Instruction &fused) {
  uint8_t operand = need.operand.bound;
  bool isGlobal = fused.info().operands[operand].kind == OperandKind::Name;
  return {need.kind, isGlobal, static_cast<uint16_t>(fused.operand(operand))};
}

namespace {

/// The operands of a fused op, as far as the ops of a spelling have given them.
class Bindings {
public:
  explicit Bindings(Opcode fused) : fused(fused) {}

  /// Whether \p instruction has the operands that \p pattern wants.
  bool unify(const OpPattern &pattern, const Instruction &instruction) {
    for (size_t i = 0; i != pattern.operands.size(); ++i)
      if (!unify(pattern.operands[i], instruction.operand(i)))
        return false;
    return true;
  }

  const Instruction &result() const { return fused; }

private:
  bool unify(const OperandPattern &pattern, uint64_t bits) {
    auto value = static_cast<int64_t>(bits);
    if (pattern.isLiteral)
      return value == pattern.literal;
    if (__builtin_sub_overflow(value, int64_t{pattern.offset}, &value))
      return false;
    // A limit has fewer bits than the literal of the plain op.
    if (fused.info().operands[pattern.bound].kind == OperandKind::Limit &&
        (value < std::numeric_limits<int32_t>::min() ||
         value > std::numeric_limits<int32_t>::max()))
      return false;
    if (isBound[pattern.bound])
      return fused.operand(pattern.bound) == static_cast<uint64_t>(value);
    isBound[pattern.bound] = true;
    fused.setOperand(pattern.bound, static_cast<uint64_t>(value));
    return true;
  }

  Instruction fused;
  std::array<bool, 4> isBound{};
};

} // namespace

/// Returns the op that \p spelling stands for if the ops from \p op on, which have its
/// opcodes, have operands that fit.
std::optional<Instruction> SpellingMatcher::match(const Spelling &spelling, uint64_t op,
                                                  const Facts *facts) const {
  Bindings bindings(spelling.fused);
  for (const OpPattern &pattern : spelling.ops)
    if (!bindings.unify(pattern, chunk.ops[op++]))
      return std::nullopt;
  if (facts)
    for (const NeedPattern &need : spelling.needs)
      if (!facts->meet(resolveNeed(need, bindings.result())))
        return std::nullopt;
  return bindings.result();
}

/// Returns the longest spelling at \p op that \p accept agrees to; of several the first in
/// the table.
template <typename Accept>
std::optional<SpellingMatch> SpellingMatcher::findLongest(uint64_t op, const Facts *facts,
                                                          Accept accept) const {
  std::optional<SpellingMatch> longest;
  table.forEachCandidate(chunk.ops, op, [&](const Spelling &spelling) {
    uint64_t end = op + spelling.ops.size();
    if ((longest && longest->end == end) || !accept(spelling))
      return;
    if (std::optional<Instruction> fused = match(spelling, op, facts))
      longest = SpellingMatch{*fused, end, &spelling};
  });
  return longest;
}

std::optional<SpellingMatch> SpellingMatcher::find(Opcode fused, uint64_t op,
                                                   const Facts *facts) const {
  if (op < chunk.ops.size() && chunk.ops[op].opcode() == fused)
    return SpellingMatch{chunk.ops[op], op + 1, nullptr};
  return findLongest(op, facts, [fused](const Spelling &spelling) {
    return spelling.fused == fused && !spelling.isLoopBody;
  });
}

std::optional<SpellingMatch> SpellingMatcher::findAny(uint64_t op, uint64_t end,
                                                      const Facts *facts) const {
  return findLongest(op, facts, [op, end](const Spelling &spelling) {
    return !spelling.isLoopBody && op + spelling.ops.size() <= end;
  });
}

std::optional<SpellingMatch> SpellingMatcher::findLoopBody(uint64_t op) const {
  return findLongest(op, nullptr, [](const Spelling &spelling) { return spelling.isLoopBody; });
}

} // namespace fusevm
