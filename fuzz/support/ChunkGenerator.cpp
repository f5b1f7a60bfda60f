//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ChunkGenerator.h"

#include "FusionGenerator.h"

#include "fusevm/IR/TextFormat.h"

#include <cstdlib>

namespace fusevm::fuzzing {

Chunk generateFusionChunk(ByteReader &bytes) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = parseText(generateFusionProgram(bytes), diagnostics);
  if (!chunk)
    std::abort(); // a mistake of the generator
  return *std::move(chunk);
}

Chunk generateChunk(ByteReader &bytes) {
  size_t choice = bytes.below(100);
  if (choice < 10)
    return generateFusionChunk(bytes);
  return choice < 70 ? generateStructuredChunk(bytes) : generateWildChunk(bytes);
}

} // namespace fusevm::fuzzing
