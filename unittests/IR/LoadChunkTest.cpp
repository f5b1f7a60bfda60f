//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/LoadChunk.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace fusevm;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

constexpr std::string_view textSource = "  LoadInt 7\n";
constexpr std::string_view jsonSource =
    R"({"ops":[{"LoadInt":7}],"constants":[],"names":[],"lines":[1],"sub_entries":[],)"
    R"("block_ranges":[],"sub_chunks":[],"source":""})";

std::string errorOf(std::string_view name, std::string_view text) {
  absl::StatusOr<Chunk> chunk = loadChunk(name, text);
  return chunk.ok() ? "no error" : std::string(chunk.status().message());
}

TEST(LoadChunkTest, suffixDecidesTheFormat) {
  EXPECT_EQ(findChunkFormat("a.fvm", "{"), ChunkFormat::Text);
  EXPECT_EQ(findChunkFormat("a.json", "LoadInt 1"), ChunkFormat::Json);
}

TEST(LoadChunkTest, contentsDecideForOtherNames) {
  for (std::string_view name : {"-", "a.txt", "", "a.FVM", "json"}) {
    EXPECT_EQ(findChunkFormat(name, ""), ChunkFormat::Text);
    EXPECT_EQ(findChunkFormat(name, " \n"), ChunkFormat::Text);
    EXPECT_EQ(findChunkFormat(name, "; {"), ChunkFormat::Text);
    EXPECT_EQ(findChunkFormat(name, "#!/usr/bin/env fusevm-run\n"), ChunkFormat::Text);
    EXPECT_EQ(findChunkFormat(name, " \t\r\n{"), ChunkFormat::Json);
    EXPECT_EQ(findChunkFormat(name, "["), ChunkFormat::Json);
  }
}

TEST(LoadChunkTest, readsBothFormats) {
  for (std::string_view source : {textSource, jsonSource}) {
    absl::StatusOr<Chunk> chunk = loadChunk("-", source);
    ASSERT_TRUE(chunk.ok()) << chunk.status();
    ASSERT_EQ(chunk->ops.size(), 1u);
    EXPECT_TRUE(chunk->ops[0].identical(Instruction::LoadInt(7)));
    EXPECT_EQ(chunk->source, "");
  }
}

TEST(LoadChunkTest, errorsInTextShowTheirPlaces) {
  std::string message = errorOf("a.fvm", "  LoadInt 1\n  LodInt 2\n  LoadInt x\n");
  EXPECT_THAT(message, StartsWith("a.fvm:2:3: error: "));
  EXPECT_THAT(message, HasSubstr("\n  LodInt 2\n  ^~~~~~\n"));
  EXPECT_THAT(message, HasSubstr("\na.fvm:3:11: error: "));
  EXPECT_FALSE(message.ends_with('\n'));
}

TEST(LoadChunkTest, errorsInJsonShowTheirPlaces) {
  std::string syntax = errorOf("a.json", "{\n  \"ops\": [,]\n}");
  EXPECT_THAT(syntax, StartsWith("a.json:2:11: error: "));
  std::string shape(jsonSource);
  shape.replace(shape.find("LoadInt"), 7, "LodInt");
  EXPECT_THAT(errorOf("a.json", shape), StartsWith("a.json: error: $.ops[0]"));
  EXPECT_THAT(errorOf("a.json", shape), HasSubstr("LodInt"));
}

} // namespace
