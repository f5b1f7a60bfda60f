//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/Verifier.h"

#include "AnalysisTestSupport.h"

#include "fusevm/IR/ChunkBuilder.h"

#include "gmock/gmock.h"

#include <fstream>
#include <sstream>

namespace fusevm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ChunkAnalysis analyzeText(std::string_view text, const CalloutEffects &effects = {}) {
  return analyze(chunkFrom(text), effects);
}

//===----------------------------------------------------------------------===//
// Each invariant
//===----------------------------------------------------------------------===//

/// Two chunks that differ in little but that one violates an invariant.
struct InvariantCase {
  Invariant invariant;
  std::string_view good;
  std::string_view bad;
  uint64_t op; ///< where the violation is found
};

// V1 would take more memory than there is; V2 is below, as no text says such a thing.
constexpr InvariantCase cases[] = {
    {Invariant::NoSuchBlock, "LoadUndef\nMapBlock b\nJump e\nblock b:\nend\ne:",
     "LoadUndef\nMapBlock #1\nJump e\nblock b:\nend\ne:", 1},
    {Invariant::NoSuchBlock, "Nop", "Return\nForEachBlock #0", 1},
    {Invariant::BlockOutOfChunk, "LoadUndef\nMapBlock #0\nrange #2 #2",
     "LoadUndef\nMapBlock #0\nrange #2 #3", 1},
    {Invariant::BlockOutOfChunk, "LoadUndef\nMapBlock #0\nReturn\nrange #3 #3",
     "LoadUndef\nMapBlock #0\nReturn\nrange #3 #2", 1},
    {Invariant::BlockOutOfChunk, "range #3 #2",
     "LoadUndef\nMapBlock #0\nrange #3 #18446744073709551615", 1},
    {Invariant::JumpOutOfBlock, "LoadUndef\nMapBlock #0\nReturn\nJump #4\nrange #3 #4",
     "LoadUndef\nMapBlock #0\nReturn\nJump #5\nrange #3 #4", 3},
    {Invariant::JumpOutOfBlock, "LoadUndef\nMapBlock #0\nReturn\nJump #3\nrange #3 #4",
     "LoadUndef\nMapBlock #0\nReturn\nJump #2\nrange #3 #4", 3},
    {Invariant::JumpOutOfBlock, "Return\nJump #0\nrange #1 #2",
     "Return\nSlotLtIntJumpIfFalse 0 0 #0\nSortBlock #0\nrange #1 #2", 1},

    {Invariant::StackShortfall, "LoadInt 1\nPop", "Pop", 0},
    {Invariant::StackShortfall, "LoadInt 1\nLoadInt 2\nAdd", "LoadInt 1\nAdd", 1},
    {Invariant::StackShortfall, "LoadInt 1\nPrintLn 1", "LoadInt 1\nPrintLn 2", 1},
    {Invariant::StackShortfall, "LoadInt 1\nMakeArray 1", "LoadInt 1\nMakeArray 65535", 1},
    {Invariant::StackShortfall, "LoadTrue\nJumpIfTrueKeep #2", "JumpIfTrueKeep #0", 0},
    {Invariant::StackShortfall, "Return", "ReturnValue", 0},
    {Invariant::StackShortfall, "LoadInt 1\nCall f 1\nReturn\nsub f:\nPop\nReturn",
     "LoadInt 1\nCall f 0\nReturn\nsub f:\nPop\nReturn", 3},
    {Invariant::StackShortfall, "LoadInt 1\nCall f 1\nReturn\nsub f:\nReturn",
     "Call f 1\nReturn\nsub f:\nReturn", 0},
    {Invariant::StackShortfall, "LoadInt 1\nLoadUndef\nForEachBlock #0\nReturn\nPop\nrange #4 #5",
     "LoadInt 1\nLoadUndef\nForEachBlock #0\nReturn\nPop\nPop\nrange #4 #6", 5},
    {Invariant::StackShortfall, "LoadUndef\nSortBlock #0\nReturn\nPop\nPop\nrange #3 #5",
     "LoadUndef\nMapBlock #0\nReturn\nPop\nPop\nrange #3 #5", 4},

    {Invariant::HeightsDiffer, "a:\nLoadTrue\nJumpIfTrue a\nLoadInt 1",
     "a:\nLoadTrue\nJumpIfTrueKeep a", 0},
    {Invariant::HeightsDiffer, "LoadTrue\nJumpIfTrue e\nNop\ne:\nNop",
     "LoadTrue\nJumpIfTrue e\nLoadInt 1\ne:\nNop", 3},
    {Invariant::HeightsDiffer,
     "LoadUndef\nMapBlock #0\nReturn\nLoadInt 1\nJump #3\nPop\nrange #5 #6",
     "LoadUndef\nMapBlock #0\nReturn\nb:\nLoadInt 1\nJump b\nrange #3 #5", 3},
    // The argument is still there if the error of an unknown sub is survived.
    {Invariant::HeightsDiffer, "a:\nLoadInt 1\nCall nobody 1\nPop\nJump a",
     "a:\nLoadInt 1\nCall nobody 1\nJump a", 0},

    {Invariant::ScopesDiffer, "LoadTrue\nJumpIfTrue e\nPushFrame\nPopFrame\ne:\nNop",
     "LoadTrue\nJumpIfTrue e\nPushFrame\ne:\nNop", 3},
    {Invariant::ScopesDiffer, "a:\nPushFrame\nPopFrame\nJump a", "a:\nPushFrame\nJump a", 0},
    {Invariant::ScopesDiffer, "LoadTrue\nJumpIfTrue b\nPushFrame\nReturn\nb:\nPushFrame\nReturn",
     "LoadTrue\nJumpIfTrue b\nPushFrame\nJump e\nb:\nPushFrame\ne:\nReturn", 5},

    {Invariant::PopFrameOutsideScope, "PushFrame\nPopFrame", "PopFrame", 0},
    {Invariant::PopFrameOutsideScope, "Call f 0\nReturn\nsub f:\nPushFrame\nPopFrame\nReturn",
     "PushFrame\nCall f 0\nReturn\nsub f:\nPopFrame\nReturn", 3},
    {Invariant::PopFrameOutsideScope,
     "PushFrame\nLoadUndef\nForEachBlock #0\nReturn\nPushFrame\nPopFrame\nrange #4 #6",
     "PushFrame\nLoadUndef\nForEachBlock #0\nReturn\nNop\nPopFrame\nrange #4 #6", 5},

    {Invariant::ArgumentsDiffer, "LoadInt 1\nDup\nCall f 1\nCall f 1\nReturn\nsub f:\nReturn",
     "LoadInt 1\nDup\nCall f 1\nCall f 0\nReturn\nsub f:\nReturn", 3},
    // The same sub by another name.
    {Invariant::ArgumentsDiffer,
     "LoadInt 1\nDup\nCall f 1\nCall g 1\nReturn\nsub f:\nsub g:\nReturn",
     "LoadInt 1\nDup\nCall f 1\nCall g 0\nReturn\nsub f:\nsub g:\nReturn", 3},
    {Invariant::ArgumentsDiffer,
     "LoadUndef\nSortBlock #0\nSortBlock #1\nReturn\nSub\nrange #4 #5\nrange #4 #5",
     "LoadUndef\nSortBlock #0\nGrepBlock #1\nReturn\nSub\nrange #4 #5\nrange #4 #5", 2},

    {Invariant::ReturnsDiffer,
     "Call f 0\nReturn\nsub f:\nLoadTrue\nJumpIfTrue e\nReturn\ne:\nReturn",
     "Call f 0\nReturn\nsub f:\nLoadTrue\nJumpIfTrue e\nReturn\ne:\nLoadInt 1\nReturnValue", 6},
    {Invariant::ReturnsDiffer,
     "Call f 0\nReturn\nsub f:\nLoadUndef\nForEachBlock #0\nReturn\nReturn\nrange #5 #6",
     "Call f 0\nReturn\nsub f:\nLoadUndef\nForEachBlock #0\nReturn\nReturnValue\nrange #5 #6", 5},
    // Through a block that a block runs.
    {Invariant::ReturnsDiffer,
     "Call f 0\nReturn\nsub f:\nLoadUndef\nForEachBlock #0\nReturn\nForEachBlock "
     "#1\nLoadUndef\nReturn\n"
     "range #5 #6\nrange #7 #8",
     "Call f 0\nReturn\nsub f:\nLoadUndef\nForEachBlock #0\nReturn\nForEachBlock #1\nReturnValue\n"
     "range #5 #6\nrange #6 #7",
     6},

    {Invariant::FunctionsOverlap, "Call f 0\nReturn\nsub f:\nReturn", "Call f 0\nsub f:\nReturn",
     1},
    {Invariant::FunctionsOverlap, "Call f 0\nCall g 0\nReturn\nsub f:\nReturn\nsub g:\nReturn",
     "Call f 0\nCall g 0\nReturn\nsub f:\nNop\nsub g:\nReturn", 4},
    {Invariant::FunctionsOverlap, "Jump e\nsub f:\nCall f 0\ne:", "sub f:\nCall f 0\nReturn", 0},
    {Invariant::FunctionsOverlap, "LoadUndef\nForEachBlock #0\nReturn\nPop\nrange #3 #4",
     "LoadUndef\nForEachBlock #0\nPop\nrange #2 #3", 2},
    {Invariant::FunctionsOverlap, "LoadUndef\nForEachBlock #0\nReturn\nPop\nReturn\nrange #3 #4",
     "LoadUndef\nForEachBlock #0\nCall f 0\nReturn\nsub f:\nNop\nReturn\nrange #5 #6", 5},

    {Invariant::EntryOutOfChunk, "Call f 0\nReturn\nsub f:\nNop", "Call f 0\nReturn\nsub f:", 0},
    {Invariant::EntryOutOfChunk, "entry f #9", "Call f 0\nentry f #18446744073709551615", 0},
};

class InvariantTest : public testing::TestWithParam<InvariantCase> {};
INSTANTIATE_TEST_SUITE_P(All, InvariantTest, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<InvariantCase> &info) {
                           return std::string(invariantId(info.param.invariant)) + "_" +
                                  std::to_string(info.index);
                         });

TEST_P(InvariantTest, TellsGoodFromBad) {
  const InvariantCase &param = GetParam();
  ChunkAnalysis good = analyzeText(param.good);
  EXPECT_EQ(good.disposition, Disposition::Fast)
      << (good.violations.empty() ? "" : good.violations[0].message);
  EXPECT_TRUE(good.violations.empty());

  ChunkAnalysis bad = analyzeText(param.bad);
  bool isRefusal = invariantId(param.invariant)[0] == 'V';
  EXPECT_EQ(bad.disposition, isRefusal ? Disposition::Refused : Disposition::Baseline);
  ASSERT_EQ(bad.violations.size(), 1u);
  EXPECT_EQ(invariantId(bad.violations[0].invariant), invariantId(param.invariant))
      << bad.violations[0].message;
  EXPECT_EQ(bad.violations[0].op, param.op) << bad.violations[0].message;
  EXPECT_TRUE(bad.heights.empty() && bad.functions.empty());
}

TEST(VerifierTest, RefusesUnknownOpcodes) {
  Chunk chunk;
  chunk.ops.assign(3, Instruction());
  EXPECT_TRUE(verify(chunk).ok());
  chunk.ops[1] = Instruction(static_cast<Opcode>(numOpcodes));
  chunk.ops[2] = Instruction(static_cast<Opcode>(0xffff));
  ChunkAnalysis analysis = analyze(chunk);
  EXPECT_EQ(analysis.disposition, Disposition::Refused);
  ASSERT_EQ(analysis.violations.size(), 2u);
  EXPECT_EQ(analysis.violations[0].invariant, Invariant::UnknownOpcode);
  EXPECT_EQ(analysis.violations[0].op, 1u);
  EXPECT_EQ(describe(chunk, analysis.violations[0]),
            "no op has number 224 [V2: every opcode is in the op table]");
  EXPECT_EQ(describe(chunk, analysis.violations[1]),
            "no op has number 65535 [V2: every opcode is in the op table]");
}

TEST(VerifierTest, StackMayBeAMillionHigh) {
  ChunkBuilder builder;
  for (int i = 0; i != 1 << 20; ++i)
    builder.LoadInt(i);
  Chunk chunk = *builder.build();
  ChunkAnalysis analysis = analyze(chunk);
  EXPECT_EQ(analysis.disposition, Disposition::Fast);
  EXPECT_EQ(analysis.functions[0].maxHeight, 1u << 20);
  chunk.ops.push_back(Instruction::LoadTrue());
  analysis = analyze(chunk);
  EXPECT_EQ(analysis.disposition, Disposition::Baseline);
  EXPECT_EQ(describe(chunk, analysis.violations.at(0)),
            "op 1048576 (LoadTrue): 1048577 values on the stack [F9: a function has at most "
            "1048576 values on the stack]");
}

TEST(VerifierTest, DocumentationListsEveryInvariant) {
  std::ifstream file(FUSEVM_TEST_DATA_DIR "/../docs/bytecode.md");
  std::stringstream page;
  page << file.rdbuf();
#define FUSEVM_INVARIANT(Name, Id, Sentence)                                                       \
  EXPECT_THAT(page.str(), HasSubstr("| **" Id "** | " Sentence " |"));
#include "fusevm/Analysis/Invariants.def"
}

//===----------------------------------------------------------------------===//
// Several violations, nested chunks
//===----------------------------------------------------------------------===//

TEST(VerifierTest, ReportsViolationsInTheOrderOfOps) {
  ChunkAnalysis analysis = analyzeText("MapBlock #0\nJump #9\nMapBlock #7\nJump #9\nrange #1 #4");
  std::vector<uint64_t> ops;
  for (const Violation &violation : analysis.violations)
    ops.push_back(violation.op);
  EXPECT_THAT(ops, ElementsAre(1, 2, 3));
}

TEST(VerifierTest, StopsAfterManyViolations) {
  Chunk chunk;
  chunk.ops.assign(100, Instruction::MapBlock(3));
  EXPECT_EQ(analyze(chunk).violations.size(), maxViolations);
  Chunk outer;
  outer.subChunks.assign(5, chunk);
  EXPECT_EQ(describeRefusals(outer).size(), maxViolations);
  EXPECT_EQ(describeRefusals(outer, 55).size(), 55u);
}

TEST(VerifierTest, VerifiesNestedChunks) {
  Chunk chunk = chunkFrom("chunk a {\n}\nchunk b {\n chunk c {\n }\n chunk d {\n line 7\nNop\n"
                          "SortBlock #1\n }\n}");
  EXPECT_EQ(analyze(chunk).disposition, Disposition::Fast);
  absl::Status status = verify(chunk);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()),
            "sub-chunk 1: sub-chunk 1: op 1 (SortBlock, line 7): block 1 does not exist; the "
            "chunk has 0 [V3: the block that a block op names exists]");
}

TEST(VerifierTest, VerifiesChunksNestedHoweverDeep) {
  LinearTimeGuard guard;
  Chunk chunk;
  chunk.ops.push_back(Instruction::MapBlock(0));
  for (int i = 0; i != 100000; ++i) {
    Chunk outer;
    outer.subChunks.push_back(std::move(chunk));
    chunk = std::move(outer);
  }
  EXPECT_EQ(describeRefusals(chunk).size(), 1u);
}

//===----------------------------------------------------------------------===//
// What the analysis finds
//===----------------------------------------------------------------------===//

TEST(VerifierTest, FindsHeights) {
  ChunkAnalysis analysis = analyzeText("LoadInt 1\nLoadInt 2\nDup2\nMakeArray 3\nJump e\nNop\n"
                                       "e:\nPrintLn 2");
  EXPECT_THAT(analysis.heights, ElementsAre(0, 1, 2, 4, 2, unreachedHeight, 2));
  EXPECT_THAT(analysis.functionOf, ElementsAre(0, 0, 0, 0, 0, noFunction, 0));
  EXPECT_TRUE(analysis.reached(6));
  EXPECT_FALSE(analysis.reached(5));
  EXPECT_FALSE(analysis.reached(7));
  ASSERT_EQ(analysis.functions.size(), 1u);
  EXPECT_EQ(analysis.functions[0].maxHeight, 4u);
  EXPECT_EQ(analysis.functions[0].returnsValue, std::nullopt);
}

TEST(VerifierTest, FindsFunctions) {
  ChunkAnalysis analysis = analyzeText("LoadInt 1\nDup\nCall f 2\nCall g 0\nCall h 0\nNop\nReturn\n"
                                       "sub f:\nSetSlot 4\nGetSlot 9\nReturnValue\n"
                                       "sub g:\nReturn\n"
                                       "sub h:\nJump #11\n"
                                       "sub nobody:\nSetSlot 7");
  ASSERT_EQ(analysis.disposition, Disposition::Fast);
  ASSERT_EQ(analysis.functions.size(), 4u);
  EXPECT_THAT(analysis.heights, ElementsAre(0, 1, 2, 1, 1, 1, 1, 2, 1, 2, 0, 0, unreachedHeight));
  const FunctionInfo *f = &analysis.functions[analysis.functionOf[7]];
  EXPECT_EQ(f->entry, 7u);
  EXPECT_EQ(f->arguments, 2u);
  EXPECT_EQ(f->maxHeight, 2u);
  EXPECT_EQ(f->slots, 10u);
  EXPECT_EQ(f->returnsValue, true);
  EXPECT_EQ(analysis.functions[analysis.functionOf[10]].returnsValue, false);
  EXPECT_EQ(analysis.functions[analysis.functionOf[11]].returnsValue, std::nullopt);
}

TEST(VerifierTest, OnlyTheFirstEntryOfANameCounts) {
  ChunkAnalysis analysis = analyzeText("Call f 0\nPop\nReturn\nsub f:\nLoadInt 1\nReturnValue\n"
                                       "entry f #0");
  EXPECT_EQ(analysis.disposition, Disposition::Fast);
}

TEST(VerifierTest, ScopesGoBackToTheirBase) {
  ChunkAnalysis analysis = analyzeText("LoadInt 1\nPushFrame\nLoadInt 2\nPushFrame\nLoadInt 3\n"
                                       "PopFrame\nLoadInt 4\nPopFrame\nNop");
  ASSERT_EQ(analysis.disposition, Disposition::Fast);
  EXPECT_THAT(analysis.heights, ElementsAre(0, 1, 1, 2, 2, 3, 2, 3, 1));
  EXPECT_EQ(analysis.scopes[1], noScope);
  EXPECT_NE(analysis.scopes[2], noScope);
  EXPECT_NE(analysis.scopes[4], analysis.scopes[3]);
  EXPECT_EQ(analysis.scopes[6], analysis.scopes[2]);
  EXPECT_EQ(analysis.scopes[8], noScope);
}

TEST(VerifierTest, AScopeMayTakeWhatWasThereBefore) {
  ChunkAnalysis analysis =
      analyzeText("LoadInt 1\nLoadInt 2\nPushFrame\nSetSlot 0\nPopFrame\nPop\nNop");
  ASSERT_EQ(analysis.disposition, Disposition::Fast);
  EXPECT_THAT(analysis.heights, ElementsAre(0, 1, 2, 2, 1, 1, 0));
}

TEST(VerifierTest, BlocksHaveNoHeights) {
  ChunkAnalysis analysis = analyzeText("LoadInt 1\nLoadUndef\nMapBlock b\nAdd\nReturn\n"
                                       "block b:\nPushFrame\nSetSlot 5\nend");
  ASSERT_EQ(analysis.disposition, Disposition::Fast);
  EXPECT_THAT(analysis.heights, ElementsAre(0, 1, 2, 2, 1, unreachedHeight, unreachedHeight));
  EXPECT_THAT(analysis.functionOf, ElementsAre(0, 0, 0, 0, 0, noFunction, noFunction));
  EXPECT_THAT(analysis.scopes, ElementsAre(0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(analysis.functions.size(), 1u);
}

TEST(VerifierTest, SeveralOpsMayRunABlock) {
  // At different heights, from different functions, and a block from within itself.
  EXPECT_EQ(analyzeText("LoadUndef\nMapBlock b\nLoadUndef\nMapBlock b\nCall f 0\nReturn\n"
                        "sub f:\nLoadUndef\nGrepBlock b\nReturn\n"
                        "block b:\nMapBlock b\nend")
                .disposition,
            Disposition::Fast);
}

TEST(VerifierTest, SubsCalledFromBlocksAreFunctions) {
  ChunkAnalysis analysis = analyzeText("LoadUndef\nMapBlock b\nReturn\n"
                                       "block b:\nCall f 1\nend\nsub f:\nDup\nReturnValue");
  ASSERT_EQ(analysis.disposition, Disposition::Fast);
  ASSERT_EQ(analysis.functions.size(), 2u);
  EXPECT_THAT(analysis.heights, ElementsAre(0, 1, 1, unreachedHeight, 1, 2));
  EXPECT_EQ(analysis.functionOf[4], 1u);
}

TEST(VerifierTest, ReturnsInBlocksAreTheFunctions) {
  ChunkAnalysis analysis =
      analyzeText("Call f 0\nNop\nReturn\n"
                  "sub f:\nLoadUndef\nForEachBlock b\nreturnless:\nJump returnless\n"
                  "block b:\nReturnValue\nend");
  ASSERT_EQ(analysis.disposition, Disposition::Fast);
  EXPECT_EQ(analysis.heights[1], 1);
  EXPECT_EQ(analysis.functions[1].returnsValue, true);
}

//===----------------------------------------------------------------------===//
// Callouts
//===----------------------------------------------------------------------===//

TEST(VerifierTest, CalloutsDoWhatTheyDeclare) {
  std::string_view text =
      "LoadInt 1\nLoadInt 2\nCallBuiltin 7 1\nExtended 7 0\nExtendedWide 7 0\nNop";
  EXPECT_THAT(analyzeText(text).heights, ElementsAre(0, 1, 2, 2, 2, 2));
  CalloutEffects effects;
  EXPECT_TRUE(effects.empty());
  effects.declareBuiltin(7, {.pops = 2, .pushes = 5});
  effects.declareExtension(7, {.pops = 4, .pushes = 0});
  effects.declareWideExtension(7, {.pops = 0, .pushes = 1});
  EXPECT_FALSE(effects.empty());
  EXPECT_THAT(analyzeText(text, effects).heights, ElementsAre(0, 1, 2, 5, 1, 2));
  // Others are not concerned.
  EXPECT_THAT(analyzeText("CallBuiltin 6 0\nExtended 8 0\nAwkNf", effects).heights,
              ElementsAre(0, 1, 1));
}

TEST(VerifierTest, CalloutsMayDeclareTooMuch) {
  CalloutEffects effects;
  effects.declareBuiltin(1, {.pops = UINT32_MAX, .pushes = 0});
  effects.declareBuiltin(2, {.pops = 0, .pushes = UINT32_MAX});
  effects.declareBuiltin(3, {.pops = 0, .pushes = 0x80000000});
  auto reason = [&](std::string_view text) {
    return invariantId(analyzeText(text, effects).violations.at(0).invariant);
  };
  EXPECT_EQ(reason("CallBuiltin 1 0"), "F1");
  EXPECT_EQ(reason("CallBuiltin 2 0"), "F9");
  EXPECT_EQ(reason("LoadInt 1\nCallBuiltin 3 0"), "F9");
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

TEST(VerifierTest, AMillionOpsInLinearTime) {
  ChunkBuilder builder;
  uint16_t f = builder.name("f");
  for (int i = 0; i != 100000; ++i) {
    Label over = builder.newLabel();
    builder.LoadInt(i);
    builder.Dup();
    builder.emitJump(Instruction::JumpIfTrue(0), over);
    builder.PushFrame();
    builder.SetSlot(0);
    builder.LoadUndef();
    builder.PopFrame();
    builder.bind(over);
    builder.Call(f, 1);
    builder.Nop();
  }
  builder.Return();
  builder.addSubEntry(f, builder.currentPos());
  builder.Return();
  Chunk chunk = *builder.build();
  LinearTimeGuard guard;
  EXPECT_EQ(analyze(chunk).disposition, Disposition::Fast);
  EXPECT_TRUE(verify(chunk).ok());
}

TEST(VerifierTest, DeepScopesInLinearTime) {
  Chunk chunk;
  chunk.ops.assign(500000, Instruction::PushFrame());
  chunk.ops.resize(1000000, Instruction::PopFrame());
  LinearTimeGuard guard;
  EXPECT_EQ(analyze(chunk).disposition, Disposition::Fast);
  chunk.ops.push_back(Instruction::PopFrame());
  EXPECT_EQ(analyze(chunk).disposition, Disposition::Baseline);
}

/// A million jumps with as many blocks around each other as there may be. Jumps in front of
/// the blocks go far, which must not concern the blocks.
Chunk makeNestedBlocks(size_t numBlocks) {
  Chunk chunk;
  chunk.ops.assign(1000000, Instruction::Jump(500000));
  for (size_t i = 0; i != numBlocks; ++i)
    chunk.ops[i] = Instruction::MapBlock(static_cast<uint16_t>(i));
  chunk.ops[numBlocks] = Instruction::Jump(0);
  chunk.ops[numBlocks + 1] = Instruction::Jump(chunk.ops.size());
  for (size_t i = 0; i != numBlocks; ++i)
    chunk.blockRanges.push_back({numBlocks + 2 + i, chunk.ops.size() - 1 - i});
  return chunk;
}

TEST(VerifierTest, NestedBlocksInLinearTime) {
  Chunk chunk = makeNestedBlocks(maxPoolEntries);
  LinearTimeGuard guard;
  EXPECT_NE(analyze(chunk).disposition, Disposition::Refused);
  chunk.ops[chunk.ops.size() / 2].setTarget(3);
  EXPECT_EQ(analyze(chunk).violations.size(), maxViolations);
}

TEST(VerifierTest, ManyBlocksInLinearTime) {
  // Every block runs the next one, and the last returns.
  constexpr size_t numBlocks = maxPoolEntries;
  Chunk chunk;
  chunk.names = {"f"};
  chunk.subEntries.push_back({0, 2});
  chunk.ops = {Instruction::Call(0, 0), Instruction::Return(), Instruction::LoadUndef(),
               Instruction::ForEachBlock(0), Instruction::Return()};
  for (size_t i = 0; i != numBlocks; ++i) {
    uint64_t start = chunk.ops.size();
    chunk.ops.push_back(i + 1 == numBlocks
                            ? Instruction::ReturnValue()
                            : Instruction::ForEachBlock(static_cast<uint16_t>(i + 1)));
    chunk.blockRanges.push_back({start, chunk.ops.size()});
  }
  LinearTimeGuard guard;
  ChunkAnalysis analysis = analyze(chunk);
  ASSERT_EQ(analysis.disposition, Disposition::Baseline);
  EXPECT_EQ(analysis.violations[0].invariant, Invariant::ReturnsDiffer);
}

} // namespace
} // namespace fusevm
