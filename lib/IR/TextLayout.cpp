//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "TextLayout.h"

#include "TextLexer.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cassert>

namespace fusevm {

/// Bytes of a name that may be written again at each use.
static constexpr size_t maxInlineName = 120;

TextLayout::TextLayout(const Chunk &chunk) : chunk(chunk), targets(chunk.ops.size() + 1) {
  planNames();
  planSubs();
  planBlocks();
  collectTargets();
  numberLabels();
}

void TextLayout::planNames() {
  absl::flat_hash_set<std::string_view> seen;
  inlineNames.reserve(chunk.names.size());
  for (const std::string &name : chunk.names) {
    bool isFirst = seen.insert(name).second;
    inlineNames.push_back(isFirst && name.size() <= maxInlineName);
  }
}

/// Whether a `sub` statement can stand for \p sub: its label must be new.
bool TextLayout::isMarkable(const SubEntry &sub) const {
  return sub.name >= chunk.names.size() || !subLabels.contains(chunk.names[sub.name]);
}

void TextLayout::planSubs() {
  uint64_t position = 0;
  for (const SubEntry &sub : chunk.subEntries) {
    bool isMarked = sub.op >= position && sub.op <= chunk.ops.size() && isMarkable(sub);
    if (isMarked)
      position = sub.op;
    subStatements.push_back({position, isMarked});
    bool hasName = sub.name < chunk.names.size() && inlineNames[sub.name];
    if (!isMarked || !hasName || !isIdentifier(chunk.names[sub.name]))
      continue;
    subLabels.insert(chunk.names[sub.name]);
    subLabelAt.try_emplace(position, chunk.names[sub.name]);
  }
}

void TextLayout::planBlocks() {
  std::vector<uint64_t> openEnds; // of the blocks around, the inner ones last
  uint64_t position = 0;
  for (const BlockRange &range : chunk.blockRanges) {
    // Blocks that end in front of this one stay in the list until it is decided whether its
    // place counts.
    auto isOpen = [&](uint64_t end) { return end > range.start; };
    auto around = std::partition_point(openEnds.begin(), openEnds.end(), isOpen);
    bool isInside = around == openEnds.begin() || range.end <= around[-1];
    bool isMarked = isInside && range.start >= position && range.start <= range.end &&
                    range.end <= chunk.ops.size();
    if (isMarked) {
      position = range.start;
      openEnds.erase(around, openEnds.end());
      openEnds.push_back(range.end);
    }
    blockStatements.push_back({position, isMarked});
  }
}

void TextLayout::addTarget(uint64_t position) {
  if (position < targets.size())
    targets[position].isUsed = true;
}

void TextLayout::collectTargets() {
  for (size_t op = 0; op != chunk.ops.size(); ++op) {
    if (chunk.ops[op].targetOperand() < 0)
      continue;
    uint64_t target = chunk.ops[op].target();
    addTarget(target);
    if (target > op && target < targets.size())
      targets[target].lastSource = op;
  }
  for (size_t i = 0; i != chunk.subEntries.size(); ++i)
    if (!subStatements[i].isMarked)
      addTarget(chunk.subEntries[i].op);
  for (size_t i = 0; i != chunk.blockRanges.size(); ++i) {
    if (blockStatements[i].isMarked)
      continue;
    addTarget(chunk.blockRanges[i].start);
    addTarget(chunk.blockRanges[i].end);
  }
}

static std::string labelText(uint32_t number) { return strCat("L", number); }

void TextLayout::numberLabels() {
  uint32_t number = 0;
  for (uint64_t position = 0; position != targets.size(); ++position) {
    if (!targets[position].isUsed || subLabelAt.contains(position))
      continue;
    do
      ++number;
    while (subLabels.contains(labelText(number)));
    targets[position].number = number;
  }
}

void TextLayout::appendTarget(std::string &out, uint64_t position) const {
  if (position >= targets.size()) {
    strAppend(out, "#", position);
    return;
  }
  assert(targets[position].isUsed && "a target that was not collected");
  auto sub = subLabelAt.find(position);
  if (sub != subLabelAt.end())
    out += sub->second;
  else
    out += labelText(targets[position].number);
}

} // namespace fusevm
