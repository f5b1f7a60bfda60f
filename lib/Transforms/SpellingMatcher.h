//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Recognises spellings of fused ops.

#ifndef FUSEVM_LIB_TRANSFORMS_SPELLINGMATCHER_H
#define FUSEVM_LIB_TRANSFORMS_SPELLINGMATCHER_H

#include "Spellings.h"

#include "fusevm/Analysis/VariableKinds.h"
#include "fusevm/IR/Chunk.h"
#include "fusevm/Transforms/Fusion.h"

#include <optional>

namespace fusevm {

/// What is known where a spelling begins.
struct Facts {
  const VariableKinds &kinds;
  const VariableKinds::Known &known;

  bool meet(const KindNeed &need) const;
};

/// Ops that mean the same as a fused op.
struct SpellingMatch {
  Instruction fused;
  uint64_t end; ///< one past the last of them
  /// Null for the fused op itself.
  const Spelling *spelling;
};

class SpellingMatcher {
public:
  explicit SpellingMatcher(const Chunk &chunk) : chunk(chunk), table(SpellingTable::get()) {}

  /// Returns the longest spelling of \p fused at \p op, or \p fused itself there. With
  /// \p facts, only if they meet its needs.
  std::optional<SpellingMatch> find(Opcode fused, uint64_t op, const Facts *facts) const;

  /// Returns the longest spelling of any fused op that begins at \p op and ends at \p end
  /// or before.
  std::optional<SpellingMatch> findAny(uint64_t op, uint64_t end, const Facts *facts) const;

  /// Returns the body of a counted loop that begins at \p op. Operands of its op that do not
  /// occur in the body are 0.
  std::optional<SpellingMatch> findLoopBody(uint64_t op) const;

private:
  template <typename Accept>
  std::optional<SpellingMatch> findLongest(uint64_t op, const Facts *facts, Accept accept) const;
  std::optional<Instruction> match(const Spelling &spelling, uint64_t op, const Facts *facts) const;

  const Chunk &chunk;
  const SpellingTable &table;
};

/// Returns what \p need asks for where \p fused is to stand.
KindNeed resolveNeed(const NeedPattern &need, const Instruction &fused);

} // namespace fusevm

#endif // FUSEVM_LIB_TRANSFORMS_SPELLINGMATCHER_H
