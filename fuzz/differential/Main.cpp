//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Compares both loops, and programs with and without fusion, on as many generated programs
/// as wanted, and prints what these covered. With FUSEVM_FUZZ_TIER=block, or another tier, in
/// the environment it compares that tier's native code with the baseline loop.
///
/// usage: differential [--first] [PROGRAMS [FIRST-SEED]]
///        differential --print SEED
///
/// --first  ends with the first difference, and prints nothing else
/// --print  prints the program that has the seed
///
/// An interrupt (^C) ends it early, with the tables of what it has done.

#include "ChunkGenerator.h"
#include "FusionComparison.h"
#include "LoopComparison.h"
#include "NativeSurvey.h"
#include "Survey.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace fusevm;

namespace {

struct Differences {
  std::optional<JitTier> tier = fuzzing::tierUnderTest();
  fuzzing::Survey survey;
  fuzzing::NativeSurvey nativeSurvey;
  uint64_t found = 0;

  Chunk makeProgram(uint64_t seed) const;
  std::optional<std::string> compare(const std::shared_ptr<const Chunk> &chunk, uint64_t seed);
  void look(uint64_t seed, bool surveys);
};

/// Program \p seed: of every fourth the fusion pass can make something, and a fourth is made
/// for native code, or a half if that is what is compared.
Chunk Differences::makeProgram(uint64_t seed) const {
  // Compiling takes long, so most programs for native code are small.
  uint64_t step = seed / 4 % 20;
  uint64_t size = tier ? 180 + step * step * step / 20 : 100 + seed % 1500;
  std::string bytes = fuzzing::randomBytes(seed, size);
  fuzzing::ByteReader reader(bytes);
  if (seed % 4 == 0)
    return fuzzing::generateFusionChunk(reader);
  if (seed % 4 == 1 || (seed % 4 == 2 && tier))
    return fuzzing::generateSpeculativeChunk(reader);
  return fuzzing::generateChunk(reader);
}

/// Returns the first difference in words.
std::optional<std::string> Differences::compare(const std::shared_ptr<const Chunk> &chunk,
                                                uint64_t seed) {
  std::string settings = fuzzing::randomBytes(~seed, 64);
  fuzzing::ByteReader reader(settings);
  if (tier) {
    fuzzing::NativeRun run;
    std::optional<std::string> difference = fuzzing::compareTier(chunk, reader, *tier, run);
    nativeSurvey.add(run);
    return difference;
  }
  if (auto difference = fuzzing::compareLoops(chunk, reader))
    return strCat("both loops: ", *difference);
  if (auto difference = fuzzing::compareFused(chunk))
    return strCat("fusion: ", *difference);
  return std::nullopt;
}

void Differences::look(uint64_t seed, bool surveys) {
  auto chunk = std::make_shared<const Chunk>(makeProgram(seed));
  if (std::optional<std::string> difference = compare(chunk, seed)) {
    ++found;
    std::fprintf(stderr, "seed %llu\n%s\n%s\n", static_cast<unsigned long long>(seed),
                 printText(*chunk).value_or("").c_str(), difference->c_str());
  }
  if (surveys)
    survey.add(chunk);
}

} // namespace

static volatile std::sig_atomic_t isInterrupted = 0;

int main(int argc, char **argv) {
  std::signal(SIGINT, [](int) { isInterrupted = 1; });
  if (argc == 3 && std::string_view(argv[1]) == "--print") {
    Chunk chunk = Differences().makeProgram(std::strtoull(argv[2], nullptr, 10));
    std::puts(printText(chunk).value_or("").c_str());
    return EXIT_SUCCESS;
  }
  bool endsAtFirst = argc > 1 && std::string_view(argv[1]) == "--first";
  if (endsAtFirst) {
    --argc;
    ++argv;
  }
  uint64_t programs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
  uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  Differences differences;
  if (endsAtFirst) {
    for (uint64_t seed = first; seed != first + programs && differences.found == 0; ++seed)
      differences.look(seed, /*surveys=*/false);
    return differences.found == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  for (uint64_t seed = first; differences.survey.accepted() < programs && !isInterrupted; ++seed)
    differences.look(seed, /*surveys=*/true);
  differences.survey.print();
  if (differences.tier)
    differences.nativeSurvey.print();
  std::printf("\n%llu differences\n", static_cast<unsigned long long>(differences.found));
  return differences.found == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
