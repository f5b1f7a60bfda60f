//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// FusedExpansions.def as data.

#ifndef FUSEVM_LIB_TRANSFORMS_SPELLINGS_H
#define FUSEVM_LIB_TRANSFORMS_SPELLINGS_H

#include "fusevm/IR/Instruction.h"
#include "fusevm/Runtime/Value.h"

#include "absl/types/span.h"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace fusevm {

/// What an operand of an op of a spelling must be.
struct OperandPattern {
  bool isLiteral;
  int8_t literal;
  uint8_t bound; ///< operand of the fused op that it is,
  int8_t offset; ///< plus this
};

/// A list with room for a few elements, so that making the table needs no memory for each.
template <typename T, size_t Capacity> class FewOf {
public:
  void push(const T &element) {
    assert(count != Capacity && "too many elements");
    elements[count++] = element;
  }
  void clear() { count = 0; }
  size_t size() const { return count; }
  T *begin() { return elements.data(); }
  T *end() { return elements.data() + count; }
  const T *begin() const { return elements.data(); }
  const T *end() const { return elements.data() + count; }
  const T &operator[](size_t index) const { return elements[index]; }

private:
  std::array<T, Capacity> elements{};
  uint8_t count = 0;
};

/// An op of a spelling.
struct OpPattern {
  Opcode opcode;
  FewOf<OperandPattern, 3> operands;
};

/// A kind that a slot or global, given by an operand of the fused op, must have.
struct NeedPattern {
  Kind kind;
  OperandPattern operand;
};

/// A sequence of ops that are found as they are: a row of the table, with one of the
/// spellings in place of each fused op.
struct Spelling {
  Opcode fused;
  bool isLoopBody;
  FewOf<NeedPattern, 4> needs;
  FewOf<OpPattern, 10> ops;
  Opcode firstPattern; ///< what the row begins with,
  uint8_t secondPart;  ///< and the number of ops that spell it
  uint32_t nextEnd;    ///< one more than the next spelling of the same opcodes
};

/// All spellings and loop bodies, arranged by their opcodes.
class SpellingTable {
public:
  /// The table, made when it is first needed.
  static const SpellingTable &get();

  /// Calls \p visit with each spelling whose opcodes are those of the ops from \p op on, the
  /// shorter ones first.
  template <typename Visit>
  void forEachCandidate(absl::Span<const Instruction> ops, uint64_t op, Visit visit) const {
    if (op >= ops.size())
      return;
    for (uint32_t node = first[static_cast<size_t>(ops[op].opcode())]; node != 0;) {
      for (uint32_t end = nodes[node].firstEnd; end != 0; end = spellings[end - 1].nextEnd)
        visit(spellings[end - 1]);
      node = ++op < ops.size() ? childOf(node, ops[op].opcode()) : 0;
    }
  }

private:
  /// A prefix of spellings. No prefix leads to the first node, the empty one.
  struct Node {
    Opcode opcode = Opcode::Nop; ///< the last of the prefix
    uint32_t child = 0;          ///< the first prefix that is longer by one op
    uint32_t sibling = 0;        ///< the next one that differs in the last op
    uint32_t firstEnd = 0;       ///< one more than the first spelling that is this prefix
  };

  SpellingTable();
  void insert(const Spelling &spelling);
  uint32_t childOf(uint32_t node, Opcode opcode) const {
    uint32_t child = nodes[node].child;
    while (child != 0 && nodes[child].opcode != opcode)
      child = nodes[child].sibling;
    return child;
  }

  std::vector<Spelling> spellings;
  std::vector<Node> nodes;
  std::array<uint32_t, numOpcodes> first{}; ///< children of the first node
};

} // namespace fusevm

#endif // FUSEVM_LIB_TRANSFORMS_SPELLINGS_H
