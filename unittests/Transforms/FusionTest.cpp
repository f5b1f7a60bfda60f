//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Transforms/Fusion.h"

#include "FusionTestSupport.h"

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/IR/TextFormat.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace fusevm {
namespace {

std::vector<FusedSite> sitesOf(const Chunk &chunk) { return findFusions(chunk, analyze(chunk)); }

/// The fused chunk as text, without lines.
std::string fusedText(std::string_view text) {
  Chunk fused = fuse(chunkFrom(text));
  PrintOptions options;
  options.lines = false;
  return printText(fused, options).value();
}

/// What fusedText() gives if nothing of \p text is fused.
std::string unfusedText(std::string_view text) {
  PrintOptions options;
  options.lines = false;
  return printText(chunkFrom(text), options).value();
}

//===----------------------------------------------------------------------===//
// Whole loops
//===----------------------------------------------------------------------===//

struct LoopCase {
  std::string_view shape;
  std::string_view text; ///< BODY and STEP stand for themselves
};

constexpr LoopCase loopCases[] = {
    {"while", R"(
loop:
  GetSlot 1
  LoadInt 5
  NumLt
  JumpIfFalse out
BODYSTEP  Jump loop
out:
)"},
    {"while, the other way round", R"(
loop:
  LoadInt 5
  GetSlot 1
  NumLe
  JumpIfTrue out
BODYSTEP  Jump loop
out:
)"},
    {"while, with a fused test", R"(
loop:
  SlotLtIntJumpIfFalse 1 5 out
BODYSTEP  Jump loop
out:
)"},
    {"rotated", R"(
  Jump test
loop:
BODYSTEP
test:
  GetSlot 1
  LoadInt 4
  NumLe
  JumpIfTrue loop
)"},
    {"inverted", R"(
  GetSlot 1
  LoadInt 5
  NumGe
  JumpIfTrue out
loop:
BODYSTEP  GetSlot 1
  LoadInt 5
  NumLt
  JumpIfTrue loop
out:
)"},
    {"inverted and fused", R"(
  SlotLtIntJumpIfFalse 1 5 out
loop:
BODY  SlotIncLtIntJumpBack 1 5 loop
out:
)"},
    {"do", R"(
loop:
BODYSTEP  GetSlot 1
  LoadInt 5
  NumLt
  JumpIfTrue loop
)"},
};

constexpr std::string_view bodies[] = {
    "  GetSlot 2\n  GetSlot 1\n  Add\n  SetSlot 2\n",
    "  GetSlot 1\n  GetSlot 2\n  Add\n  SetSlot 2\n",
    "  AddAssignSlotVoid 2 1\n",
    "  GetSlot 3\n  LoadConst \"ab\"\n  Concat\n  SetSlot 3\n",
    "  GetSlot 1\n  ArrayPush list\n",
};

constexpr std::string_view steps[] = {
    "  GetSlot 1\n  Inc\n  SetSlot 1\n",
    "  GetSlot 1\n  LoadInt 1\n  Add\n  SetSlot 1\n",
    "  PreIncSlotVoid 1\n",
    "  PreIncSlot 1\n  Pop\n",
};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  size_t place = text.find(what);
  return place == std::string::npos ? text : text.replace(place, what.size(), with);
}

std::string loopText(const LoopCase &loop, std::string_view body, std::string_view step) {
  return replaced(replaced(std::string(loop.text), "BODY", body), "STEP", step);
}

constexpr std::string_view loopPrologue = R"(
  DeclareArray list
  LoadInt 100
  SetSlot 2
  LoadConst "s"
  SetSlot 3
  LoadInt 1
  SetSlot 1
)";

TEST(CountedLoops, EveryShapeIsOneOp) {
  for (const LoopCase &loop : loopCases)
    for (std::string_view body : bodies)
      for (std::string_view step : steps) {
        std::string text = loopText(loop, body, step);
        std::string whole = strCat(loopPrologue, text, "  Nop\n");
        std::vector<FusedSite> sites = sitesOf(chunkFrom(whole));
        ASSERT_EQ(sites.size(), 1u) << loop.shape << whole;
        EXPECT_TRUE(sites[0].isLoop()) << loop.shape << whole;
        EXPECT_EQ(sites[0].start, 7u) << loop.shape << whole;
        EXPECT_EQ(sites[0].next, chunkFrom(whole).ops.size() - 1) << loop.shape << whole;
      }
}

TEST(CountedLoops, OpsThatThePlainLoopExecutesAreTold) {
  for (const LoopCase &loop : loopCases)
    for (std::string_view body : bodies)
      for (int64_t start : {-2, 0, 4, 5, 9}) {
        auto chunk = std::make_shared<const Chunk>(chunkFrom(loopText(loop, body, steps[1])));
        std::vector<FusedSite> sites = findCountedLoops(*chunk);
        ASSERT_EQ(sites.size(), 1u) << loop.shape;
        const FusedSite &site = sites[0];
        EXPECT_EQ(site.counter, 1u);
        EXPECT_EQ(site.needsIteration, loop.shape == "do");
        if (site.needsIteration && start >= site.fused.limit())
          continue;
        VM vm(chunk);
        vm.setLoop(LoopChoice::Baseline);
        vm.setSlot(1, Value::makeInt(start));
        vm.setIp(site.start);
        (void)vm.run();
        uint64_t iterations = static_cast<uint64_t>(std::max<int64_t>(5 - start, 0));
        EXPECT_EQ(vm.statistics().ops, site.opsOnce + iterations * site.opsPerIteration)
            << loop.shape << body << start;
        EXPECT_EQ(vm.ip(), site.next);
        EXPECT_EQ(vm.getSlot(1), Value::makeInt(std::max<int64_t>(5, start)));
      }
}

TEST(CountedLoops, TellWhatMustBeSo) {
  auto needsOf = [](std::string_view body) {
    std::vector<FusedSite> sites =
        findCountedLoops(chunkFrom(loopText(loopCases[0], body, steps[0])));
    return std::vector<KindNeed>(sites.at(0).needs.begin(),
                                 sites[0].needs.begin() + sites[0].numNeeds);
  };
  KindNeed counter{Kind::Int, false, 1};
  EXPECT_THAT(needsOf(bodies[0]), testing::ElementsAre(KindNeed{Kind::Int, false, 2}, counter));
  EXPECT_THAT(needsOf(bodies[3]), testing::ElementsAre(KindNeed{Kind::Str, false, 3}, counter));
  EXPECT_THAT(needsOf(bodies[4]), testing::ElementsAre(KindNeed{Kind::Array, true, 0}, counter));
}

TEST(CountedLoops, NoneIfTheNeedsAreNotMet) {
  for (std::string_view prologue : {"  LoadFloat 1.0\n  SetSlot 1\n",
                                    "  LoadConst \"1\"\n  SetSlot 2\n  LoadInt 1\n  SetSlot 3\n",
                                    "  LoadUndef\n  SetSlot 1\n", "  GetVar x\n  SetSlot 1\n"})
    for (const LoopCase &loop : loopCases)
      for (std::string_view body : {bodies[0], bodies[3]})
        for (const FusedSite &site :
             sitesOf(chunkFrom(strCat(loopPrologue, prologue, loopText(loop, body, steps[0])))))
          EXPECT_FALSE(site.isLoop() && prologue.find("SetSlot 2") == std::string_view::npos)
              << loop.shape << prologue << body;
}

TEST(CountedLoops, NoneIfTheGlobalMayBeNoArray) {
  std::string loop = loopText(loopCases[0], bodies[4], steps[0]);
  for (std::string_view prologue :
       {"  LoadInt 0\n  SetSlot 1\n",
        "  DeclareArray list\n  LoadInt 1\n  SetArray list\n  LoadInt 0\n  SetSlot 1\n",
        "  DeclareArray list\n  DeclareHash list\n  LoadInt 0\n  SetSlot 1\n",
        "  DeclareArray list\n  CallBuiltin 1 0\n  Pop\n  LoadInt 0\n  SetSlot 1\n"})
    for (const FusedSite &site : sitesOf(chunkFrom(strCat(prologue, loop))))
      EXPECT_FALSE(site.isLoop()) << prologue;
  EXPECT_TRUE(sitesOf(chunkFrom(
      strCat("  MakeArray 0\n  SetVar list\n  LoadInt 0\n  SetSlot 1\n", loop)))[0]
                  .isLoop());
}

TEST(CountedLoops, NoneIfTheMiddleIsEntered) {
  for (const LoopCase &loop : loopCases) {
    std::string text = replaced(loopText(loop, strCat(bodies[0], "inside:\n"), steps[0]), "",
                                "  GetVar x\n  JumpIfTrue inside\n");
    for (const FusedSite &site : sitesOf(chunkFrom(strCat(loopPrologue, text))))
      EXPECT_FALSE(site.isLoop()) << loop.shape;
  }
}

TEST(CountedLoops, DoLoopsMustBeSureOfAnIteration) {
  auto isFused = [](std::string_view prologue) {
    std::vector<FusedSite> sites = sitesOf(
        chunkFrom(strCat(loopPrologue, prologue, loopText(loopCases[6], bodies[0], steps[0]))));
    return !sites.empty() && sites.back().isLoop();
  };
  EXPECT_TRUE(isFused(""));
  EXPECT_TRUE(isFused("  LoadInt 4\n  SetSlot 1\n  Nop\n  LoadInt 9\n  SetSlot 2\n"));
  EXPECT_FALSE(isFused("  LoadInt 5\n  SetSlot 1\n"));
  EXPECT_FALSE(isFused("  GetSlot 2\n  SetSlot 1\n"));
  EXPECT_FALSE(isFused("  PreIncSlotVoid 1\n"));
  EXPECT_FALSE(
      isFused("here:\n  PreIncSlotVoid 1\n  LoadInt 1\n  Pop\n  GetVar x\n  JumpIfTrue here\n"));
}

TEST(CountedLoops, NoneOfOneSlot) {
  EXPECT_THAT(findCountedLoops(chunkFrom(loopText(
                  loopCases[0], "  GetSlot 1\n  GetSlot 1\n  Add\n  SetSlot 1\n", steps[0]))),
              testing::IsEmpty());
  EXPECT_THAT(
      findCountedLoops(chunkFrom(loopText(
          loopCases[0], "  GetSlot 1\n  LoadConst \"x\"\n  Concat\n  SetSlot 1\n", steps[0]))),
      testing::IsEmpty());
}

TEST(CountedLoops, MayLeaveToElsewhere) {
  EXPECT_EQ(
      fusedText("  LoadInt 0\n  SetSlot 1\n  LoadInt 0\n  SetSlot 2\n"
                "loop:\n  SlotLtIntJumpIfFalse 1 5 far\n  AddAssignSlotVoid 2 1\n"
                "  PreIncSlotVoid 1\n  Jump loop\n  LoadTrue\n  Return\nfar:\n  GetSlot 2\n"),
      unfusedText("  LoadInt 0\n  SetSlot 1\n  LoadInt 0\n  SetSlot 2\n"
                  "  AccumSumLoop 2 1 5\n  Jump far\n  LoadTrue\n  Return\nfar:\n  GetSlot 2\n"));
}

TEST(CountedLoops, OthersGetTheirTestFromTheBottom) {
  EXPECT_EQ(
      fusedText("  LoadInt 0\n  SetSlot 1\nloop:\n  GetSlot 1\n  LoadInt 5\n  NumLt\n"
                "  JumpIfFalse out\n  GetSlot 1\n  PrintLn 1\n  GetSlot 1\n  LoadInt 1\n"
                "  Add\n  SetSlot 1\n  Jump loop\nout:\n  Nop\n"),
      unfusedText("  LoadInt 0\n  SetSlot 1\n  SlotLtIntJumpIfFalse 1 5 out\nloop:\n"
                  "  GetSlot 1\n  PrintLn 1\n  SlotIncLtIntJumpBack 1 5 loop\nout:\n  Nop\n"));
}

TEST(CountedLoops, AreNotEnteredBehindTheirTest) {
  // The second step could be tested at once, were the loop still there.
  std::string text = "  LoadInt 0\n  SetSlot 1\n  LoadInt 0\n  SetSlot 2\n  GetVar x\n"
                     "  JumpIfTrue again\n"
                     "loop:\n  SlotLtIntJumpIfFalse 1 5 far\n  AddAssignSlotVoid 2 1\n"
                     "  PreIncSlotVoid 1\n  Jump loop\n"
                     "again:\n  PreIncSlotVoid 1\n  Jump loop\nfar:\n  GetSlot 2\n";
  std::vector<FusedSite> sites = sitesOf(chunkFrom(text));
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_EQ(sites[0].fused, Instruction::AccumSumLoop(2, 1, 5));
}

//===----------------------------------------------------------------------===//
// Where nothing is fused
//===----------------------------------------------------------------------===//

TEST(Fusion, StopsAtEntrances) {
  constexpr std::string_view programs[] = {
      "  LoadInt 3\n  GetVar x\n  JumpIfTrue in\n  Pop\n  GetSlot 1\nin:\n  Inc\n  SetSlot 1\n",
      "  GetSlot 1\n  Inc\n  SetSlot 1\n  Return\n",
  };
  EXPECT_EQ(fusedText(programs[0]), unfusedText(programs[0]));
  Chunk chunk = chunkFrom(programs[1]);
  EXPECT_EQ(sitesOf(chunk).size(), 1u);
  chunk.subEntries.push_back({0, 1});
  EXPECT_THAT(sitesOf(chunk), testing::IsEmpty()) << "a sub that nobody calls";
  chunk.subEntries.clear();
  chunk.blockRanges.push_back({2, 40});
  EXPECT_THAT(sitesOf(chunk), testing::IsEmpty()) << "a block that nobody runs";
}

TEST(Fusion, LeavesChunksOfTheBaselineLoopAlone) {
  constexpr std::string_view loops = "  Pop\n  GetSlot 1\n  Inc\n  SetSlot 1\n";
  EXPECT_EQ(fusedText(loops), unfusedText(loops));
  constexpr std::string_view refused = "  MapBlock #0\n  GetSlot 1\n  Inc\n  SetSlot 1\n";
  EXPECT_EQ(fusedText(refused), unfusedText(refused));
}

TEST(Fusion, LimitsHave32Bits) {
  auto test = [](std::string_view comparison, std::string_view literal) {
    Chunk chunk = chunkFrom(strCat("  LoadInt 0\n  SetSlot 1\n  GetSlot 1\n  LoadInt ", literal,
                                   "\n  ", comparison, "\n  JumpIfFalse out\nout:\n"));
    return sitesOf(chunk).size();
  };
  EXPECT_EQ(test("NumLt", "2147483647"), 1u);
  EXPECT_EQ(test("NumLt", "2147483648"), 0u);
  EXPECT_EQ(test("NumLt", "-2147483648"), 1u);
  EXPECT_EQ(test("NumLt", "-2147483649"), 0u);
  EXPECT_EQ(test("NumLe", "2147483646"), 1u);
  EXPECT_EQ(test("NumLe", "2147483647"), 0u);
  EXPECT_EQ(test("NumLe", "-2147483649"), 1u);
  EXPECT_EQ(test("NumLe", "9223372036854775807"), 0u);
}

//===----------------------------------------------------------------------===//
// What is around the ops
//===----------------------------------------------------------------------===//

constexpr std::string_view incrementAndMore = R"(
  Nop
  GetSlot 1
  Inc
  SetSlot 1
  GetVar x
  JumpIfTrue #7
  Nop
  Nop
)";

TEST(Fusion, MovesEverythingThatSpeaksOfOps) {
  Chunk chunk = chunkFrom(incrementAndMore);
  chunk.subEntries = {{0, 4}, {0, 1}, {0, 8}, {0, 9}, {0, ~uint64_t(0)}};
  chunk.blockRanges = {{1, 4}, {4, 8}, {6, 9}, {7, 4}, {~uint64_t(0), 0}};
  Chunk fused = fuse(chunk);
  ASSERT_EQ(fused.ops.size(), 6u);
  EXPECT_EQ(fused.ops[1], Instruction::PreIncSlotVoid(1));
  EXPECT_EQ(fused.ops[3], Instruction::JumpIfTrue(5));
  EXPECT_THAT(fused.subEntries, testing::ElementsAre(SubEntry{0, 2}, SubEntry{0, 1}, SubEntry{0, 6},
                                                     SubEntry{0, 9}, SubEntry{0, ~uint64_t(0)}));
  EXPECT_THAT(fused.blockRanges,
              testing::ElementsAre(BlockRange{1, 2}, BlockRange{2, 6}, BlockRange{4, 9},
                                   BlockRange{5, 2}, BlockRange{~uint64_t(0), 0}));
  EXPECT_EQ(fused.names, chunk.names);
}

TEST(Fusion, TargetsBehindTheEndStayThere) {
  for (uint64_t target : {uint64_t{8}, uint64_t{9}, uint64_t{1000}, ~uint64_t(0)}) {
    Chunk chunk = chunkFrom(incrementAndMore);
    chunk.ops[5].setTarget(target);
    EXPECT_EQ(fuse(chunk).ops[3].target(), target == 8 ? 6 : target);
  }
}

TEST(Fusion, LinesStayWithTheirOps) {
  Chunk chunk = chunkFrom(incrementAndMore);
  auto linesOf = [&](std::vector<uint32_t> lines) {
    chunk.lines = std::move(lines);
    return fuse(chunk).lines;
  };
  using testing::ElementsAre;
  // That of the fused op is the one of SetSlot, which may fail.
  EXPECT_THAT(linesOf({1, 2, 3, 4, 5, 6, 7, 8}), ElementsAre(1, 4, 5, 6, 7, 8));
  EXPECT_THAT(linesOf({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}), ElementsAre(1, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(linesOf({1, 2, 3, 4, 5}), ElementsAre(1, 4, 5));
  EXPECT_THAT(linesOf({1, 2, 3}), ElementsAre(1, 0));
  EXPECT_THAT(linesOf({1}), ElementsAre(1));
  EXPECT_THAT(linesOf({}), ElementsAre());
}

TEST(Fusion, OpHashIsComputedIfItWas) {
  Chunk chunk = chunkFrom(incrementAndMore);
  EXPECT_EQ(fuse(chunk).opHash, 0u);
  chunk.opHash = chunk.computeOpHash();
  Chunk fused = fuse(chunk);
  EXPECT_EQ(fused.opHash, fused.computeOpHash());
  EXPECT_NE(fused.opHash, chunk.opHash);
  Chunk plain = chunkFrom("  LoadTrue\n");
  plain.opHash = 5; // whatever its maker thought of it
  EXPECT_EQ(fuse(plain).opHash, 5u);
}

TEST(Fusion, ReachesSubChunksHoweverDeep) {
  Chunk chunk = chunkFrom(incrementAndMore);
  constexpr unsigned levels = 100'000;
  for (unsigned level = 0; level != levels; ++level) {
    Chunk outer = chunkFrom("  Pop\n"); // does not run in the fast loop
    outer.subChunks.push_back(std::move(chunk));
    chunk = std::move(outer);
  }
  Chunk fused = fuse(chunk);
  const Chunk *innermost = &fused;
  unsigned depth = 0;
  for (; !innermost->subChunks.empty(); innermost = &innermost->subChunks.front())
    ++depth;
  EXPECT_EQ(depth, levels);
  EXPECT_EQ(innermost->ops.size(), 6u);
}

TEST(Fusion, EffectsOfCalloutsDecideWhichLoopRuns) {
  Chunk chunk =
      chunkFrom(replaced(std::string(incrementAndMore), "  Nop\n", "  Extended 7 0\n  Pop\n"));
  EXPECT_EQ(fuse(chunk).ops.size(), chunk.ops.size());
  CalloutEffects effects;
  effects.declareExtension(7, {0, 1});
  EXPECT_LT(fuse(chunk, effects).ops.size(), chunk.ops.size());
}

TEST(Fusion, ErrorsHaveTheSameMessageAndLine) {
  std::string text = loopText(loopCases[0], bodies[3], steps[0]);
  Chunk chunk = chunkFrom(strCat(loopPrologue, text));
  Limits limits;
  limits.maxStringBytes = 10; // "s" and four times "ab"
  for (const Chunk &run : {chunk, fuse(chunk)}) {
    VM vm(run, limits);
    EXPECT_FALSE(vm.run().isError());
  }
  limits.maxStringBytes = 8;
  RunError plain = VM(chunk, limits).run().error();
  RunError fused = VM(fuse(chunk), limits).run().error();
  EXPECT_EQ(plain.message, "string too large: 9 bytes");
  EXPECT_EQ(plain.message, fused.message);
  EXPECT_EQ(plain.line, fused.line);
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

TEST(Fusion, IsLinear) {
  std::string text(loopPrologue);
  Chunk chunk = chunkFrom(loopPrologue);
  Chunk loop = chunkFrom(loopText(loopCases[0], bodies[0], steps[0]));
  while (chunk.ops.size() < 1'000'000) {
    uint64_t base = chunk.ops.size();
    for (Instruction instruction : loop.ops) {
      if (instruction.targetOperand() >= 0)
        instruction.setTarget(instruction.target() + base);
      chunk.ops.push_back(instruction);
    }
  }
  LinearTimeGuard guard;
  EXPECT_EQ(fuse(chunk).ops.size(), 7 + (chunk.ops.size() - 7) / loop.ops.size());
}

TEST(Fusion, IsLinearWhereNothingFits) {
  // Everything is tried everywhere, and every op may come from anywhere.
  ChunkBuilder builder;
  for (unsigned i = 0; i != 250'000; ++i) {
    builder.GetSlot(static_cast<uint16_t>(i % 64));
    builder.LoadInt(1);
    builder.Add();
    builder.Pop();
    builder.GetVar(0);
    builder.JumpIfTrue((i * uint64_t{7919}) % 250'000 * 6);
  }
  Chunk chunk = *builder.build();
  LinearTimeGuard guard;
  EXPECT_EQ(fuse(chunk).ops.size(), chunk.ops.size());
}

} // namespace
} // namespace fusevm
