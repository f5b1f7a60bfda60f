//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Refusals.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <tuple>

namespace fusevm {

namespace {

constexpr uint64_t maxOps = INT32_MAX;

/// Answers, for the jumps met so far, how far those from some op on go.
class FurthestJump {
public:
  /// Notes a jump of op \p op, which comes after all others.
  void add(uint64_t op, uint64_t distance) {
    // An earlier jump that goes no further never is the answer again.
    while (!candidates.empty() && candidates.back().distance <= distance)
      candidates.pop_back();
    candidates.push_back({op, distance});
  }

  /// Returns the greatest distance of the ops from \p start on; 0 if there are none.
  uint64_t from(uint64_t start) const {
    auto first =
        std::lower_bound(candidates.begin(), candidates.end(), start,
                         [](const Candidate &candidate, uint64_t op) { return candidate.op < op; });
    return first == candidates.end() ? 0 : first->distance;
  }

private:
  struct Candidate {
    uint64_t op;
    uint64_t distance;
  };
  std::vector<Candidate> candidates; ///< ops ascend, distances descend
};

/// Looks for violations of the V group.
class RefusalFinder {
public:
  explicit RefusalFinder(const Chunk &chunk) : chunk(chunk) {}

  std::vector<Violation> run() {
    if (chunk.ops.size() > maxOps)
      add(Invariant::ChunkTooLarge, 0, strCat("the chunk has ", chunk.ops.size(), " ops"));
    else
      checkOps();
    std::sort(violations.begin(), violations.end(), [](const Violation &a, const Violation &b) {
      return std::tie(a.op, a.invariant, a.message) < std::tie(b.op, b.invariant, b.message);
    });
    return std::move(violations);
  }

private:
  void checkOps() {
    bool runsBlocks = false;
    for (uint64_t op = 0; op != chunk.ops.size(); ++op) {
      Opcode opcode = chunk.ops[op].opcode();
      auto number = static_cast<uint64_t>(opcode);
      if (!opcodeFromNumber(number))
        add(Invariant::UnknownOpcode, op, strCat("no op has number ", number));
      else
        runsBlocks |= opShape(opcode).control == ControlKind::Block;
    }
    // Nothing else may look at a chunk with unknown ops.
    if (runsBlocks && violations.empty()) {
      checkBlocks();
      checkJumps();
    }
  }

  void checkBlocks() {
    std::vector<bool> checked(chunk.blockRanges.size());
    for (uint64_t op = 0; op != chunk.ops.size(); ++op) {
      const Instruction &instruction = chunk.ops[op];
      if (opShape(instruction.opcode()).control != ControlKind::Block)
        continue;
      uint16_t block = instruction.a();
      if (block >= checked.size()) {
        add(Invariant::NoSuchBlock, op,
            strCat("block ", block, " does not exist; the chunk has ", checked.size()));
      } else if (!checked[block]) {
        checked[block] = true;
        checkRange(op, block);
      }
    }
  }

  void checkRange(uint64_t op, uint16_t block) {
    BlockRange range = chunk.blockRanges[block];
    if (range.start <= range.end && range.end <= chunk.ops.size())
      usedBlocks.push_back(block);
    else
      add(Invariant::BlockOutOfChunk, op,
          strCat("block ", block, " is ops ", range.start, " to ", range.end, "; the chunk has ",
                 chunk.ops.size()));
  }

  /// Finds the blocks that a jump leaves. Blocks may overlap, so looking at every op of
  /// every block would not be linear.
  void checkJumps() {
    std::sort(usedBlocks.begin(), usedBlocks.end(), [this](uint16_t a, uint16_t b) {
      return chunk.blockRanges[a].end < chunk.blockRanges[b].end;
    });
    FurthestJump forward;
    FurthestJump backward;
    uint64_t op = 0;
    for (uint16_t block : usedBlocks) {
      BlockRange range = chunk.blockRanges[block];
      for (; op != range.end; ++op) {
        if (chunk.ops[op].targetOperand() < 0)
          continue;
        forward.add(op, chunk.ops[op].target());
        backward.add(op, ~chunk.ops[op].target());
      }
      if (forward.from(range.start) > range.end || ~backward.from(range.start) < range.start)
        reportJumps(block, range);
      if (violations.size() == maxViolations)
        return;
    }
  }

  void reportJumps(uint16_t block, BlockRange range) {
    for (uint64_t op = range.start; op != range.end; ++op) {
      if (chunk.ops[op].targetOperand() < 0)
        continue;
      uint64_t target = chunk.ops[op].target();
      if (target < range.start || target > range.end)
        add(Invariant::JumpOutOfBlock, op,
            strCat("target ", target, " is outside block ", block, ", which is ops ", range.start,
                   " to ", range.end));
    }
  }

  void add(Invariant invariant, uint64_t op, std::string message) {
    if (violations.size() < maxViolations)
      violations.push_back({invariant, op, std::move(message)});
  }

  const Chunk &chunk;
  std::vector<Violation> violations;
  std::vector<uint16_t> usedBlocks; ///< those that exist and have a valid range
};

} // namespace

std::vector<Violation> findRefusals(const Chunk &chunk) { return RefusalFinder(chunk).run(); }

} // namespace fusevm
