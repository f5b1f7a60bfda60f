//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Both loops on generated programs, the same ones each time. The fuzzer does this with
/// programs of its own choice; see docs/fuzzing.md.

#include "Callbacks.h"
#include "ChunkGenerator.h"
#include "Ingredients.h"
#include "LoopComparison.h"

#include "fusevm/Analysis/Verifier.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/VM.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <array>

namespace fusevm {
namespace {

using fuzzing::ByteReader;
using fuzzing::randomBytes;

constexpr uint64_t programCount = 3000;

/// Program \p seed as the execute fuzzer would make it.
std::shared_ptr<const Chunk> makeProgram(uint64_t seed) {
  std::string bytes = randomBytes(seed, 100 + seed % 1500);
  ByteReader reader(bytes);
  return std::make_shared<const Chunk>(fuzzing::generateChunk(reader));
}

TEST(Differential, LoopsAgreeOnGeneratedPrograms) {
  for (uint64_t seed = 0; seed != programCount; ++seed) {
    std::shared_ptr<const Chunk> chunk = makeProgram(seed);
    std::string settings = randomBytes(~seed, 64);
    std::optional<std::string> difference = fuzzing::compareLoops(chunk, ByteReader(settings));
    ASSERT_EQ(difference, std::nullopt) << "seed " << seed << "\n"
                                        << printText(*chunk).value_or("");
  }
}

TEST(Differential, MostStructuredProgramsAreFast) {
  unsigned fast = 0;
  unsigned refused = 0;
  for (uint64_t seed = 0; seed != 1000; ++seed) {
    std::string bytes = randomBytes(seed, 600);
    ByteReader reader(bytes);
    Disposition disposition = analyze(fuzzing::generateStructuredChunk(reader)).disposition;
    fast += disposition == Disposition::Fast;
    refused += disposition == Disposition::Refused;
  }
  EXPECT_GT(fast, 850u);
  EXPECT_LT(refused, 20u);
  RecordProperty("fast", static_cast<int>(fast));
}

TEST(Differential, ManyWildChunksAreNotRefused) {
  unsigned accepted = 0;
  for (uint64_t seed = 0; seed != 1000; ++seed) {
    std::string bytes = randomBytes(seed, 300);
    ByteReader reader(bytes);
    Disposition disposition = analyze(fuzzing::generateWildChunk(reader)).disposition;
    accepted += disposition != Disposition::Refused;
  }
  EXPECT_GT(accepted, 600u);
}

/// Marks the ops that \p chunk executes, those of the fast loop apart.
class Coverage {
public:
  void add(const std::shared_ptr<const Chunk> &chunk) {
    Limits limits;
    limits.maxContainerSize = limits.maxStringBytes = 10'000;
    VM vm(chunk, limits);
    StringOutput output;
    StringInput input("line\n");
    vm.setOutput(output);
    vm.setInput(input);
    vm.setShellHost(fuzzing::makeHarmlessShellHost());
    // In the fast loop every op up to the first that leaves it would be run.
    bool isFast = analyze(*chunk).disposition == Disposition::Fast;
    for (unsigned steps = 0; steps != 2000 && vm.ip() < chunk->ops.size(); ++steps) {
      Opcode opcode = chunk->ops[vm.ip()].opcode();
      vm.setFuel(opInfo(opcode).fuel == FuelCharge::One ? 1 : 1000);
      uint64_t before = vm.statistics().ops;
      RunResult result = vm.run();
      if (vm.statistics().ops == before)
        return;
      executed[0][static_cast<size_t>(opcode)] = true;
      if (isFast)
        executed[1][static_cast<size_t>(opcode)] = true;
      isFast &= opInfo(opcode).control != ControlKind::Block && !opInfo(opcode).has(CallsOut);
      if (!result.isError() || result.error().kind != ErrorKind::Fuel)
        return;
    }
  }

  std::vector<std::string_view> missing(bool inFastLoop) const {
    std::vector<std::string_view> result;
    for (Opcode opcode : fuzzing::opLists().core)
      if (!executed[inFastLoop][static_cast<size_t>(opcode)])
        result.push_back(opName(opcode));
    return result;
  }

private:
  std::array<std::array<bool, numOpcodes>, 2> executed{};
};

TEST(Differential, GeneratedProgramsExecuteEveryCoreOpInBothLoops) {
  Coverage coverage;
  for (uint64_t seed = 0; seed != programCount; ++seed)
    coverage.add(makeProgram(seed));
  EXPECT_THAT(coverage.missing(/*inFastLoop=*/false), testing::IsEmpty());
  EXPECT_THAT(coverage.missing(/*inFastLoop=*/true), testing::IsEmpty());
}

} // namespace
} // namespace fusevm
