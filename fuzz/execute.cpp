//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Makes a chunk from the input, runs it in both loops and compares all that can be seen.

#include "ChunkGenerator.h"
#include "LoopComparison.h"

#include "fusevm/IR/TextFormat.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace fusevm;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size);
  // The settings come first and have a size of their own, so that a change of either part
  // leaves the other one as it is.
  size_t settingsSize = std::min<size_t>(size / 4, 64);
  fuzzing::ByteReader settings(input.substr(0, settingsSize));
  fuzzing::ByteReader bytes(input.substr(settingsSize));
  auto chunk = std::make_shared<const Chunk>(fuzzing::generateChunk(bytes));
  std::optional<std::string> difference = fuzzing::compareLoops(chunk, settings);
  if (!difference)
    return 0;
  std::fprintf(stderr, "%s\n%s\n", printText(*chunk).value_or("").c_str(), difference->c_str());
  std::abort();
}
