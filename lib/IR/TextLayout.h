//===- TextLayout.h - Where statements stand in a text ----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_TEXTLAYOUT_H
#define FUSEVM_LIB_IR_TEXTLAYOUT_H

#include "fusevm/IR/Chunk.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// Decides how the names, subs, blocks and jump targets of a chunk are written.
///
/// Entries of the lists of subs and blocks get their numbers from the order of the
/// statements. Those that are in the order of the ops become `sub` and `block` statements
/// in front of their op; the others are written with explicit places, right behind the
/// statement they must follow.
class TextLayout {
public:
  /// \p chunk must outlive the layout.
  explicit TextLayout(const Chunk &chunk);

  struct Statement {
    uint64_t position; ///< the op it stands in front of
    bool isMarked;     ///< `sub` or `block`, not `entry` or `range`
  };
  /// In the order of the chunk's lists; positions ascend.
  const std::vector<Statement> &subs() const { return subStatements; }
  const std::vector<Statement> &blocks() const { return blockStatements; }

  /// Whether name \p index can be written as its text: it is short, and no earlier entry
  /// of the pool is equal.
  bool isNameInline(size_t index) const { return inlineNames[index]; }

  /// Whether a label statement is needed in front of op \p position.
  bool hasLabel(uint64_t position) const { return targets[position].number != 0; }
  /// Whether a jump from \p start or an op behind it goes forward to \p position.
  bool isReachedFrom(uint64_t start, uint64_t position) const {
    return targets[position].lastSource != noSource && targets[position].lastSource >= start;
  }

  /// Appends the label of op \p position, or the number of an op that is not there.
  void appendTarget(std::string &out, uint64_t position) const;

private:
  static constexpr uint64_t noSource = ~uint64_t(0);

  /// What is known about a place to which something refers.
  struct Target {
    uint32_t number = 0; ///< of its label L1, L2, ...; 0 if it has none
    bool isUsed = false;
    uint64_t lastSource = noSource; ///< last op in front of it that jumps to it
  };

  void planNames();
  void planSubs();
  void planBlocks();
  void collectTargets();
  void numberLabels();
  bool isMarkable(const SubEntry &sub) const;
  void addTarget(uint64_t position);

  const Chunk &chunk;
  std::vector<bool> inlineNames;
  std::vector<Statement> subStatements;
  std::vector<Statement> blockStatements;
  std::vector<Target> targets; ///< one for each op and one for the end
  /// Labels that `sub` statements make, and the first of them at each op.
  absl::flat_hash_set<std::string_view> subLabels;
  absl::flat_hash_map<uint64_t, std::string_view> subLabelAt;
};

} // namespace fusevm

#endif // FUSEVM_LIB_IR_TEXTLAYOUT_H
