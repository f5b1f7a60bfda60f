//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Fused chunks do the same as the chunks that they were made of: on all conformance cases
/// and on generated programs, the same ones each time.

#include "ChunkGenerator.h"
#include "FusionComparison.h"
#include "FusionGenerator.h"

#include "../Analysis/AnalysisTestSupport.h"

#include "fusevm/IR/ConformanceCase.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/File.h"
#include "fusevm/Transforms/Fusion.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <map>

namespace fusevm {
namespace {

using fuzzing::ByteReader;
using fuzzing::randomBytes;

/// Counts what is fused.
class FusedOps {
public:
  void add(const Chunk &chunk) {
    for (const FusedSite &site : findFusions(chunk, analyze(chunk)))
      ++counts[site.fused.opcode()];
  }
  /// Fused ops that \p minimum sites do not have.
  std::vector<std::string_view> rarerThan(unsigned minimum) {
    std::vector<std::string_view> result;
    for (size_t number = 0; number != numOpcodes; ++number) {
      auto opcode = static_cast<Opcode>(number);
      if (opInfo(opcode).section == Section::Fused && counts[opcode] < minimum)
        result.push_back(opName(opcode));
    }
    return result;
  }

private:
  std::map<Opcode, unsigned> counts;
};

void expectSameWhenFused(const Chunk &chunk, const std::string &input = "line\n") {
  auto shared = std::make_shared<const Chunk>(chunk);
  EXPECT_EQ(fuzzing::compareFused(shared, input), std::nullopt)
      << printText(chunk).value_or("") << "fused:\n"
      << printText(fuse(chunk)).value_or("");
}

TEST(FusionProperty, ProgramsMadeForFusionDoTheSame) {
  FusedOps fused;
  unsigned fast = 0;
  constexpr unsigned programs = 4000;
  for (uint64_t seed = 0; seed != programs; ++seed) {
    SCOPED_TRACE(seed);
    std::string bytes = randomBytes(seed, 100 + seed % 300);
    ByteReader reader(bytes);
    Chunk chunk = chunkFrom(fuzzing::generateFusionProgram(reader));
    fast += analyze(chunk).disposition == Disposition::Fast;
    fused.add(chunk);
    expectSameWhenFused(chunk);
    if (HasFailure())
      return;
  }
  EXPECT_GT(fast, programs * 95 / 100);
  EXPECT_THAT(fused.rarerThan(50), testing::IsEmpty());
}

TEST(FusionProperty, GeneratedChunksDoTheSame) {
  for (uint64_t seed = 0; seed != 3000; ++seed) {
    SCOPED_TRACE(seed);
    std::string bytes = randomBytes(seed, 100 + seed % 1500);
    ByteReader reader(bytes);
    expectSameWhenFused(fuzzing::generateChunk(reader));
    if (HasFailure())
      return;
  }
}

TEST(FusionProperty, ConformanceCasesDoTheSame) {
  size_t cases = 0;
  size_t changed = 0;
  for (std::string_view suite : {"core", "collections", "random"}) {
    std::string path = FUSEVM_TEST_DATA_DIR "/conformance/";
    path.append(suite).append(".jsonl");
    std::string text = readFile(path).value();
    for (size_t begin = 0; begin < text.size();) {
      size_t end = text.find('\n', begin);
      auto parsed = parseConformanceCase(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
      ASSERT_TRUE(parsed.ok());
      ++cases;
      changed += !findFusions(parsed->chunk, analyze(parsed->chunk)).empty();
      SCOPED_TRACE(parsed->id);
      expectSameWhenFused(parsed->chunk, parsed->input);
      if (HasFailure())
        return;
    }
  }
  EXPECT_GT(cases, 15'000u);
  EXPECT_GT(changed, 100u);
  RecordProperty("changed", static_cast<int>(changed));
}

} // namespace
} // namespace fusevm
