//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Fuzz target: what the fusion pass makes of a program must do what the program does. See
/// docs/fuzzing.md.

#include "ChunkGenerator.h"
#include "FusionComparison.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Transforms/Fusion.h"

#include <cstdio>
#include <cstdlib>

using namespace fusevm;

/// Makes a program for fusion, or seldom any chunk.
static Chunk makeChunk(fuzzing::ByteReader &bytes) {
  return bytes.chance(20) ? fuzzing::generateChunk(bytes) : fuzzing::generateFusionChunk(bytes);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzzing::ByteReader bytes(std::string_view(reinterpret_cast<const char *>(data), size));
  auto chunk = std::make_shared<const Chunk>(makeChunk(bytes));
  std::optional<std::string> difference = fuzzing::compareFused(chunk);
  if (!difference)
    return 0;
  std::fprintf(stderr, "%s\nfused:\n%s\n%s\n", printText(*chunk).value_or("").c_str(),
               printText(fuse(*chunk)).value_or("").c_str(), difference->c_str());
  std::abort();
}
