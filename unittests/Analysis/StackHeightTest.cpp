//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the analyses say about the stack, compared with what happens when chunks run in
/// the baseline loop, which knows nothing of them.

#include "fusevm/Analysis/StackKinds.h"
#include "fusevm/Analysis/Verifier.h"
#include "fusevm/Interp/VM.h"

#include "ByteReader.h"
#include "ChunkGenerator.h"

#include "fusevm/IR/TextFormat.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <memory>

namespace fusevm {
namespace {

/// Whether something may run that does to the stack what it likes.
bool callsOut(const Chunk &chunk) {
  return std::any_of(chunk.ops.begin(), chunk.ops.end(), [](const Instruction &instruction) {
    return instruction.info().has(CallsOut);
  });
}

/// The base of the innermost call's frame.
size_t functionBase(const VM &vm) {
  for (size_t i = vm.frameCount(); i-- != 0;)
    if (!vm.frame(i).isScope)
      return vm.frame(i).stackBase;
  return 0;
}

/// Runs a chunk op by op and compares.
class StepChecker {
public:
  explicit StepChecker(Chunk from)
      : chunk(std::make_shared<const Chunk>(std::move(from))), analysis(analyze(*chunk)),
        graph(*chunk), kinds(*chunk, graph, analysis), vm(chunk) {
    vm.setLoop(LoopChoice::Baseline);
    vm.setOutput(output);
  }

  void run(size_t maxSteps) {
    for (size_t step = 0; step != maxSteps && !testing::Test::HasFailure(); ++step) {
      if (vm.ip() >= chunk->ops.size())
        return;
      checkState();
      vm.setFuel(1);
      uint64_t before = vm.statistics().ops;
      RunResult result = vm.run();
      if (!result.isError() || result.error().kind != ErrorKind::Fuel)
        return;
      if (vm.statistics().ops == before) // a loop op, which costs more
        return;
    }
  }

  size_t checkedOps() const { return numChecked; }

private:
  void checkState() {
    uint64_t op = vm.ip();
    size_t height = vm.stack().size() - functionBase(vm);
    if (analysis.reached(op)) {
      ++numChecked;
      EXPECT_EQ(height, static_cast<size_t>(analysis.heights[op])) << "at op " << op << dump();
      EXPECT_EQ(kinds.height(op), height) << "at op " << op << dump();
    }
    if (!kinds.reached(op))
      return;
    std::vector<std::optional<Kind>> top = kinds.topKinds(op);
    ASSERT_LE(top.size(), vm.stack().size());
    for (size_t i = 0; i != top.size(); ++i) {
      std::optional<Kind> kind = top[top.size() - 1 - i];
      EXPECT_EQ(kind.value_or(fromTop(i)), fromTop(i))
          << i << " below the top at op " << op << dump();
    }
  }

  Kind fromTop(size_t depth) const { return vm.stack()[vm.stack().size() - 1 - depth].kind(); }

  std::string dump() const { return "\n" + printText(*chunk).value(); }

  std::shared_ptr<const Chunk> chunk;
  ChunkAnalysis analysis;
  ControlFlowGraph graph;
  StackKinds kinds;
  StringOutput output;
  VM vm;
  size_t numChecked = 0;
};

TEST(StackHeightTest, AnalysesAgreeWithRuns) {
  size_t checkedOps = 0;
  size_t fastChunks = 0;
  for (uint64_t seed = 0; seed != 4000 && !HasFailure(); ++seed) {
    std::string bytes = fuzzing::randomBytes(seed, 1000);
    fuzzing::ByteReader reader(bytes);
    Chunk chunk = fuzzing::generateChunk(reader);
    Disposition disposition = analyze(chunk).disposition;
    if (callsOut(chunk) || disposition == Disposition::Refused)
      continue;
    fastChunks += disposition == Disposition::Fast;
    StepChecker checker(std::move(chunk));
    checker.run(400);
    checkedOps += checker.checkedOps();
  }
  // The generator makes what this test needs.
  EXPECT_GT(fastChunks, 100u);
  EXPECT_GT(checkedOps, 10000u);
}

/// Every op that can run by itself, with operands that are small numbers.
TEST(StackHeightTest, OpsDoWhatTheTableSays) {
  size_t numChecked = 0;
  for (size_t number = 0; number != numOpcodes; ++number) {
    const OpInfo &info = opInfo(static_cast<Opcode>(number));
    bool goesOn = info.control == ControlKind::Next || info.control == ControlKind::Branch;
    if (!goesOn || info.has(CallsOut))
      continue;
    Instruction instruction(info.opcode);
    for (size_t i = 0; i != info.operands.size(); ++i) {
      OperandKind kind = info.operands[i].kind;
      bool isLimit = kind == OperandKind::Limit; // loops without iterations cost 1
      instruction.setOperand(i, kind == OperandKind::Target ? 9 : isLimit ? 0 : i + 2);
    }
    Chunk chunk;
    chunk.ops.assign(8, Instruction::LoadInt(1));
    chunk.ops.push_back(instruction);
    chunk.ops.push_back(Instruction::Nop());
    VM vm(std::move(chunk));
    StringOutput output;
    vm.setOutput(output);
    vm.setLoop(LoopChoice::Baseline);
    vm.setFuel(9);
    RunResult result = vm.run();
    ASSERT_TRUE(result.isError()) << info.name;
    if (result.error().kind == ErrorKind::Runtime) // needs the shell or AWK
      continue;
    StackEffect effect = stackEffect(instruction);
    EXPECT_EQ(vm.ip(), 9u) << info.name;
    EXPECT_EQ(vm.stack().size(), 8 - effect.pops + effect.pushes) << info.name;
    ++numChecked;
  }
  EXPECT_GT(numChecked, 110u);
}

} // namespace
} // namespace fusevm
