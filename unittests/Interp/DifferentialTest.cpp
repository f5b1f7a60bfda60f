//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Both loops on generated programs, the same ones each time. The fuzzer does this with
/// programs of its own choice; see docs/fuzzing.md.

#include "ChunkGenerator.h"
#include "ExecutedOps.h"
#include "Handlers.h"
#include "Ingredients.h"
#include "LoopComparison.h"

#include "fusevm/Analysis/Verifier.h"
#include "fusevm/IR/TextFormat.h"

#include "gtest/gtest.h"

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

/// Every other program has what native code must take back.
std::shared_ptr<const Chunk> makeProgramForNativeCode(uint64_t seed) {
  if (seed % 2 == 0)
    return makeProgram(seed);
  std::string bytes = randomBytes(seed, 100 + seed % 1500);
  ByteReader reader(bytes);
  return std::make_shared<const Chunk>(fuzzing::generateSpeculativeChunk(reader));
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

TEST(Differential, NativeCodeAgreesOnGeneratedPrograms) {
  constexpr uint64_t nativePrograms = 150;
  for (JitTier tier : {JitTier::Block, JitTier::Automatic}) {
    uint64_t entries = 0;
    fuzzing::NativeRun native;
    for (uint64_t seed = 0; seed != nativePrograms; ++seed) {
      std::shared_ptr<const Chunk> chunk = makeProgramForNativeCode(seed);
      std::string settings = randomBytes(~seed, 64);
      std::optional<std::string> difference =
          fuzzing::compareTier(chunk, ByteReader(settings), tier, native);
      ASSERT_EQ(difference, std::nullopt) << "seed " << seed << "\n"
                                          << printText(*chunk).value_or("");
      entries += native.counts.entries;
    }
    // Without the plugin the interpreter has been compared with itself.
    if (FUSEVM_HAS_PLUGIN) {
      EXPECT_GT(entries, tier == JitTier::Block ? nativePrograms : 5);
    }
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

TEST(Differential, GeneratedProgramsExecuteEveryCoreOpInBothLoops) {
  fuzzing::ExecutedOps executed;
  for (uint64_t seed = 0; seed != programCount; ++seed)
    executed.add(makeProgram(seed));
  for (Opcode opcode : fuzzing::opLists().core) {
    EXPECT_GT(executed.programs(opcode), 0u) << opName(opcode);
    EXPECT_GT(executed.fastPrograms(opcode), 0u) << opName(opcode);
  }
}

TEST(Differential, GeneratedProgramsHaveEveryInstructionOfTheFastLoop) {
  constexpr uint64_t mostPrograms = 60'000; // 20,000 are enough
  absl::Span<const std::string_view> names = fuzzing::handlerNames();
  std::vector<bool> found(names.size());
  size_t missing = found.size();
  for (uint64_t seed = 0; seed != mostPrograms && missing != 0; ++seed)
    for (uint16_t handler : fuzzing::handlersOf(*makeProgram(seed))) {
      missing -= !found[handler];
      found[handler] = true;
    }
  for (size_t handler = 0; handler != found.size(); ++handler)
    EXPECT_TRUE(found[handler]) << names[handler];
}

} // namespace
} // namespace fusevm
