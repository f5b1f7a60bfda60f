//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The part of a chunk that can be run natively alone.

#include "fusevm/Native/Jit.h"
#include "fusevm/Support/StrCat.h"

#include "absl/status/status.h"

#include <algorithm>

namespace fusevm {

/// A region with fewer ops is not worth a call.
static constexpr uint64_t minRegionOps = 4;

/// Whether a jump in \p range leads out of it.
static bool isLeft(const Chunk &chunk, const BlockRange &range) {
  return std::any_of(chunk.ops.begin() + range.start, chunk.ops.begin() + range.end,
                     [&range](const Instruction &instruction) {
                       return instruction.targetOperand() >= 0 &&
                              (instruction.target() < range.start ||
                               instruction.target() >= range.end);
                     });
}

std::optional<BlockRange> JitCompiler::findJitRegion(const Chunk &chunk) {
  BlockRange longest{.start = 0, .end = 0};
  for (uint64_t start = 0; start < chunk.ops.size(); ++start) {
    uint64_t end = start;
    while (end != chunk.ops.size() && isBlockOp(chunk.ops[end]))
      ++end;
    if (end - start > longest.end - longest.start)
      longest = {.start = start, .end = end};
    start = end;
  }
  if (longest.end - longest.start < minRegionOps || isLeft(chunk, longest) ||
      !nativeEngine.open().ok())
    return std::nullopt;
  return longest;
}

absl::StatusOr<Chunk> extractRegion(const Chunk &chunk, const BlockRange &range) {
  if (range.start > range.end || range.end > chunk.ops.size())
    return absl::OutOfRangeError(strCat("no region from op ", range.start, " to op ", range.end,
                                        " in a chunk of ", chunk.ops.size(), " ops"));
  Chunk region;
  region.constants = chunk.constants;
  region.names = chunk.names;
  region.source = chunk.source;
  for (uint64_t op = range.start; op != range.end; ++op) {
    Instruction instruction = chunk.ops[op];
    if (instruction.targetOperand() >= 0) {
      if (instruction.target() < range.start)
        return absl::InvalidArgumentError(
            strCat("op ", op, " ", opName(instruction.opcode()), " jumps to op ",
                   instruction.target(), ", before the region, which begins at op ", range.start));
      instruction.setTarget(std::min(instruction.target(), range.end) - range.start);
    }
    region.ops.push_back(instruction);
    region.lines.push_back(chunk.lineOf(op));
  }
  region.opHash = region.computeOpHash();
  return region;
}

} // namespace fusevm
