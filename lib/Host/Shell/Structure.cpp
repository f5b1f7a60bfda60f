//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Structure.h"

namespace fusevm::shell {

/// Returns the first \p end, or \p alternative, that no \p begin from \p start on comes with.
static std::optional<uint64_t> find(const Chunk &chunk, uint64_t start, Opcode begin, Opcode end,
                                    Opcode alternative) {
  uint64_t depth = 0;
  for (uint64_t op = start; op < chunk.ops.size(); ++op) {
    Opcode opcode = chunk.ops[op].opcode();
    if (depth == 0 && (opcode == end || opcode == alternative))
      return op;
    depth += opcode == begin;
    depth -= opcode == end;
  }
  return std::nullopt;
}

std::optional<uint64_t> nextStage(const Chunk &chunk, uint64_t start) {
  return find(chunk, start, Opcode::PipelineBegin, Opcode::PipelineEnd, Opcode::PipelineStage);
}
std::optional<uint64_t> subshellEnd(const Chunk &chunk, uint64_t start) {
  return find(chunk, start, Opcode::SubshellBegin, Opcode::SubshellEnd, Opcode::SubshellEnd);
}
std::optional<uint64_t> redirectsEnd(const Chunk &chunk, uint64_t start) {
  return find(chunk, start, Opcode::WithRedirectsBegin, Opcode::WithRedirectsEnd,
              Opcode::WithRedirectsEnd);
}

} // namespace fusevm::shell
