//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Compares both loops, and programs with and without fusion, on as many generated programs
/// as wanted, and prints what these covered.
///
/// usage: differential [PROGRAMS [FIRST-SEED]]

#include "ChunkGenerator.h"
#include "FusionComparison.h"
#include "LoopComparison.h"
#include "Survey.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"

#include <cstdio>
#include <cstdlib>

using namespace fusevm;

/// Program \p seed: of every fourth the fusion pass can make something.
static Chunk makeProgram(uint64_t seed) {
  std::string bytes = fuzzing::randomBytes(seed, 100 + seed % 1500);
  fuzzing::ByteReader reader(bytes);
  return seed % 4 == 0 ? fuzzing::generateFusionChunk(reader) : fuzzing::generateChunk(reader);
}

/// Returns the first difference in words.
static std::optional<std::string> compare(const std::shared_ptr<const Chunk> &chunk,
                                          uint64_t seed) {
  std::string settings = fuzzing::randomBytes(~seed, 64);
  if (auto difference = fuzzing::compareLoops(chunk, fuzzing::ByteReader(settings)))
    return strCat("both loops: ", *difference);
  if (auto difference = fuzzing::compareFused(chunk))
    return strCat("fusion: ", *difference);
  return std::nullopt;
}

int main(int argc, char **argv) {
  uint64_t programs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
  uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  fuzzing::Survey survey;
  uint64_t differences = 0;
  for (uint64_t seed = first; survey.accepted() < programs; ++seed) {
    auto chunk = std::make_shared<const Chunk>(makeProgram(seed));
    if (std::optional<std::string> difference = compare(chunk, seed)) {
      ++differences;
      std::fprintf(stderr, "seed %llu\n%s\n%s\n", static_cast<unsigned long long>(seed),
                   printText(*chunk).value_or("").c_str(), difference->c_str());
    }
    survey.add(chunk);
  }
  survey.print();
  std::printf("\n%llu differences\n", static_cast<unsigned long long>(differences));
  return differences == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
