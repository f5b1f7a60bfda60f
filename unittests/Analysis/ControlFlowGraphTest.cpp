//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/ControlFlowGraph.h"

#include "AnalysisTestSupport.h"

#include "gmock/gmock.h"

namespace fusevm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string kindText(EdgeKind kind) {
  switch (kind) {
  case EdgeKind::Next:
    return "next";
  case EdgeKind::Jump:
    return "jump";
  case EdgeKind::Taken:
    return "taken";
  case EdgeKind::NotTaken:
    return "not taken";
  case EdgeKind::Call:
    return "call";
  case EdgeKind::Return:
    return "return";
  case EdgeKind::Iterate:
    return "iterate";
  case EdgeKind::Done:
    return "done";
  }
  return "";
}

/// Returns a line for each basic block: "0-2 main: taken 1, not taken 2".
std::vector<std::string> describeGraph(const Chunk &chunk, const ControlFlowGraph &graph) {
  std::vector<std::string> lines;
  for (uint32_t i = 0; i != graph.basicBlocks().size(); ++i) {
    const BasicBlock &block = graph.basicBlocks()[i];
    std::string region =
        block.region == noRegion ? "-" : regionName(chunk, graph.regions()[block.region]);
    std::string line =
        std::to_string(block.start) + "-" + std::to_string(block.end) + " " + region + ":";
    for (ControlFlowEdge edge : graph.successors(i)) {
      std::string target = edge.target == ControlFlowEdge::chunkEnd   ? "end"
                           : edge.target == ControlFlowEdge::blockEnd ? "result"
                                                                      : std::to_string(edge.target);
      line += (line.back() == ':' ? " " : ", ") + kindText(edge.kind) + " " + target;
    }
    lines.push_back(line);
    for (uint64_t op = block.start; op != block.end; ++op)
      EXPECT_EQ(graph.basicBlockOf(op), i);
  }
  return lines;
}

std::vector<std::string> describeText(std::string_view text) {
  Chunk chunk = chunkFrom(text);
  return describeGraph(chunk, ControlFlowGraph(chunk));
}

TEST(ControlFlowGraphTest, EmptyChunk) {
  Chunk chunk;
  ControlFlowGraph graph(chunk);
  EXPECT_THAT(graph.basicBlocks(), IsEmpty());
  ASSERT_EQ(graph.regions().size(), 1u);
  EXPECT_EQ(regionName(chunk, graph.regions()[0]), "main");
  EXPECT_THAT(toDot(chunk, graph), HasSubstr("digraph \"main\" {"));
}

TEST(ControlFlowGraphTest, StraightLine) {
  EXPECT_THAT(describeText("Nop\nPushFrame\nLoadInt 1\nPopFrame"),
              ElementsAre("0-4 main: next end"));
}

TEST(ControlFlowGraphTest, JumpsAndBranches) {
  EXPECT_THAT(describeText("loop:\nGetSlot 0\nJumpIfTrue done\nNop\nJump loop\nNop\ndone:\n"
                           "SlotIncLtIntJumpBack 0 3 #77\nAwkSignal 1\nNop"),
              ElementsAre("0-2 main: taken 3, not taken 1", "2-4 main: jump 0", "4-5 -: next 3",
                          "5-6 main: taken end, not taken 4", "6-7 main:", "7-8 -: next end"));
}

TEST(ControlFlowGraphTest, Subs) {
  EXPECT_THAT(describeText("Call f 0\nCall nobody 0\nReturn\nsub f:\nNop\nsub g:\nCall g 0\n"
                           "ReturnValue\nentry f #0\nentry behind #99"),
              ElementsAre("0-1 main: call 3, return 1", "1-2 main: return 2",
                          "2-3 main:", "3-4 f: next 4", "4-5 f: call 4, return 5", "5-6 f:"));
  Chunk chunk = chunkFrom("entry g #1\nentry f #1\nentry main #0\nNop\nNop");
  ControlFlowGraph graph(chunk);
  ASSERT_EQ(graph.regions().size(), 2u);
  EXPECT_EQ(regionName(chunk, graph.regions()[1]), "g");
}

TEST(ControlFlowGraphTest, Blocks) {
  EXPECT_THAT(describeText("LoadUndef\nMapBlock b\nForEachBlock empty\nReturn\n"
                           "block b:\nDup\nJumpIfTrue e\nNop\ne:\nend\nblock empty:\nend\n"
                           "block unused:\nNop\nend\nNop"),
              ElementsAre("0-2 main: iterate 3, done 1", "2-3 main: iterate result, done 2",
                          "3-4 main:", "4-6 block 0: taken result, not taken 4",
                          "6-7 block 0: next result", "7-9 -: next end"));
}

TEST(ControlFlowGraphTest, ABlockMayAlsoBeReachedOtherwise) {
  EXPECT_THAT(describeText("LoadUndef\nMapBlock b\nblock b:\nNop\nend\nNop"),
              ElementsAre("0-2 main: iterate 1, done 1", "2-3 main: next 2", "3-4 main: next end"));
}

TEST(ControlFlowGraphTest, BlocksWithoutValidRange) {
  EXPECT_THAT(describeText("MapBlock #0\nMapBlock #1\nMapBlock #9\nrange #2 #1\nrange #0 #4"),
              ElementsAre("0-1 main: done 1", "1-2 main: done 2", "2-3 main: done end"));
}

TEST(ControlFlowGraphTest, BlocksOfOneRangeAreOne) {
  Chunk chunk =
      chunkFrom("LoadUndef\nMapBlock #1\nMapBlock #0\nReturn\nNop\nrange #4 #5\nrange #4 #5");
  ControlFlowGraph graph(chunk);
  ASSERT_EQ(graph.regions().size(), 2u);
  EXPECT_EQ(regionName(chunk, graph.regions()[1]), "block 1");
}

TEST(ControlFlowGraphTest, DotEscapesTexts) {
  Chunk chunk = chunkFrom("source \"not used\"\nLoadConst \"a\\\"\\\\\\n&lt;\\xff\"\n"
                          "GetVar \"odd \\xfe\"\nLoadConst \"" +
                          std::string(100, 'x') +
                          "\"\nLoadConst #8\nGetVar #8\nLoadFloat nan\n"
                          "sub \"s\\xfd\\n\\\"\":\nNop");
  std::string dot = toDot(chunk, ControlFlowGraph(chunk), "t\"i\\t\nle");
  EXPECT_THAT(dot, HasSubstr("digraph \"t\\\\\\\"i\\\\\\\\t\\\\nle\" {"));
  EXPECT_THAT(dot, HasSubstr(R"(0: LoadConst \"a\\\"\\\\\\n&amp;lt;\\xff\"\l)"));
  EXPECT_THAT(dot, HasSubstr(R"(1: GetVar \"odd \\xfe\"\l)"));
  EXPECT_THAT(dot,
              HasSubstr(R"(2: LoadConst #1\l3: LoadConst #8\l4: GetVar #8\l5: LoadFloat nan\l")"));
  EXPECT_THAT(dot, HasSubstr(R"(label="s\\xfd\\n\\\"";)"));
  for (char byte : dot)
    EXPECT_TRUE(byte == '\n' || (byte >= ' ' && byte <= '~'));
}

TEST(ControlFlowGraphTest, DotDrawsAnEndOnlyIfItIsReached) {
  Chunk chunk = chunkFrom("Return");
  EXPECT_THAT(toDot(chunk, ControlFlowGraph(chunk)), Not(HasSubstr("end")));
}

TEST(ControlFlowGraphTest, AMillionOpsInLinearTime) {
  Chunk chunk;
  for (uint64_t i = 0; i != 250000; ++i) {
    chunk.ops.push_back(Instruction::LoadUndef());
    chunk.ops.push_back(Instruction::ForEachBlock(static_cast<uint16_t>(i)));
    chunk.ops.push_back(Instruction::Call(static_cast<uint16_t>(i), 0));
    chunk.ops.push_back(Instruction::SlotIncLtIntJumpBack(0, 5, 4 * (250000 - i) - 1));
  }
  for (uint64_t i = 0; i != 65536; ++i) {
    chunk.blockRanges.push_back({i, 1000000 - i});
    chunk.subEntries.push_back({static_cast<uint16_t>(i), 1000000 - 3 * i});
  }
  LinearTimeGuard guard;
  ControlFlowGraph graph(chunk);
  EXPECT_GT(graph.basicBlocks().size(), 500000u);
  EXPECT_GT(toDot(chunk, graph).size(), 1000000u);
}

} // namespace
} // namespace fusevm
