//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Annotation.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>

namespace fusevm {

/// Stack values, and jumps to an op, that are listed.
static constexpr size_t maxListed = 4;

Annotation::Annotation(const Chunk &chunk)
    : chunk(chunk), analysis(analyze(chunk)), graph(chunk), kinds(chunk, graph, analysis) {
  for (uint64_t op = 0; op != chunk.ops.size(); ++op)
    if (chunk.ops[op].targetOperand() >= 0)
      jumpsTo[chunk.ops[op].target()].push_back(op);
}

std::string Annotation::comment(uint64_t op) const {
  std::string text = strCat(op, ":");
  appendStack(text, op);
  appendJumps(text, op);
  return text;
}

void Annotation::appendStack(std::string &out, uint64_t op) const {
  if (!kinds.reached(op)) {
    // Where nothing at all is known, not even op 0 counts as reached.
    if (kinds.reached(0))
      out += " unreachable";
    return;
  }
  uint32_t region = graph.basicBlocks()[graph.basicBlockOf(op)].region;
  bool isInBlock = region != noRegion && graph.regions()[region].kind == CodeRegion::Kind::Block;
  std::optional<uint32_t> height = kinds.height(op);
  strAppend(out, " h=", isInBlock ? "+" : "", height ? strCat(*height) : "?", " [");
  std::vector<std::optional<Kind>> top = kinds.topKinds(op);
  size_t first = top.size() - std::min(top.size(), maxListed);
  if (!height || *height > top.size() - first)
    out += top.size() == first ? "..." : "..., ";
  for (size_t i = first; i != top.size(); ++i)
    strAppend(out, i == first ? "" : ", ", top[i] ? kindName(*top[i]) : "Any");
  out += "]";
}

void Annotation::appendJumps(std::string &out, uint64_t op) const {
  if (chunk.ops[op].targetOperand() >= 0)
    strAppend(out, " -> ", chunk.ops[op].target());
  auto incoming = jumpsTo.find(op);
  if (incoming == jumpsTo.end())
    return;
  const std::vector<uint64_t> &sources = incoming->second;
  for (size_t i = 0; i != std::min(sources.size(), maxListed); ++i)
    strAppend(out, i == 0 ? " <- " : ", ", sources[i]);
  if (sources.size() > maxListed)
    out += ", ...";
}

} // namespace fusevm
