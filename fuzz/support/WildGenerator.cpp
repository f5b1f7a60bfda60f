//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ChunkGenerator.h"
#include "Ingredients.h"

#include <algorithm>
#include <utility>

namespace fusevm::fuzzing {

namespace {

class WildGenerator {
public:
  WildGenerator(ByteReader &bytes, unsigned depth) : bytes(bytes), depth(depth) {}

  Chunk generate() {
    bounds.nonsense = bytes.chance(50) ? 4 : 0;
    bounds.callouts = bytes.chance(50) ? calloutIds : balancedCalloutIds;
    makePools();
    bounds.ops = 1 + bytes.below(64);
    makeRanges();
    for (size_t i = 0; i != bounds.ops && !bytes.atEnd(); ++i)
      chunk.ops.push_back(makeOp());
    if (!bytes.chance(10))
      mend();
    return std::move(chunk);
  }

private:
  void makePools() {
    static constexpr std::string_view special[] = {"_", "a", "b"};
    if (bytes.chance(70))
      chunk.names.assign(std::begin(special), std::end(special));
    for (size_t count = bytes.below(6); count != 0; --count)
      chunk.names.push_back(makeText(bytes));
    bounds.names = chunk.names.size();
    for (size_t count = bytes.below(6); count != 0; --count)
      chunk.constants.push_back(makeValue(bytes));
    bounds.constants = chunk.constants.size();
    if (depth != 0 && bytes.chance(10))
      for (size_t count = bytes.below(3); count != 0; --count)
        chunk.subChunks.push_back(WildGenerator(bytes, depth - 1).generate());
    bounds.subChunks = chunk.subChunks.size();
    if (bytes.chance(20))
      chunk.source = makeText(bytes);
    for (size_t count = bytes.chance(40) ? bytes.below(70) : 0; count != 0; --count)
      chunk.lines.push_back(
          static_cast<uint32_t>(bytes.chance(5) ? bytes.number(4) : bytes.below(30)));
  }

  void makeRanges() {
    for (size_t count = bytes.below(4); count != 0; --count) {
      uint64_t start = makePosition();
      uint64_t end = makePosition();
      if (start > end && !bytes.chance(5))
        std::swap(start, end);
      chunk.blockRanges.push_back({start, end});
    }
    bounds.blocks = chunk.blockRanges.size();
    for (size_t count = bytes.below(4); count != 0; --count) {
      auto name = static_cast<uint16_t>(bytes.below(bounds.names + 1));
      chunk.subEntries.push_back({name, makePosition()});
    }
  }

  uint64_t makePosition() {
    if (bytes.chance(2))
      return bytes.number(8);
    return bytes.below(bounds.ops + 1);
  }

  Instruction makeOp() {
    const OpLists &lists = opLists();
    size_t choice = bytes.byte();
    if (choice < 2)
      return makeInstruction(bytes.pick(lists.hosted), bounds, bytes);
    if (choice < 60)
      return makeInstruction(bytes.pick(lists.leaves), bounds, bytes);
    Instruction instruction = makeInstruction(bytes.pick(lists.core), bounds, bytes);
    // A jump to a place nearby makes loops that do something.
    if (instruction.targetOperand() >= 0 && bytes.chance(60))
      instruction.setTarget(chunk.ops.size() + bytes.below(9) -
                            std::min<size_t>(chunk.ops.size(), 6));
    return instruction;
  }

  /// Takes away the usual reasons to refuse the chunk.
  void mend() {
    for (BlockRange &range : chunk.blockRanges) {
      range.end = std::min<uint64_t>(range.end, chunk.ops.size());
      range.start = std::min(range.start, range.end);
    }
    std::vector<bool> named(chunk.blockRanges.size());
    for (Instruction &instruction : chunk.ops) {
      if (instruction.info().control != ControlKind::Block)
        continue;
      if (named.empty()) {
        instruction = Instruction::Nop();
        continue;
      }
      instruction.setOperand(0, instruction.a() % named.size());
      named[instruction.a()] = true;
    }
    for (size_t block = 0; block != named.size(); ++block)
      if (named[block])
        keepJumpsInside(chunk.blockRanges[block]);
  }

  void keepJumpsInside(BlockRange range) {
    for (uint64_t op = range.start; op < range.end; ++op) {
      Instruction &instruction = chunk.ops[op];
      if (instruction.targetOperand() < 0)
        continue;
      uint64_t target = instruction.target();
      if (target < range.start || target > range.end)
        instruction.setTarget(range.start + target % (range.end - range.start + 1));
    }
  }

  ByteReader &bytes;
  unsigned depth;
  OperandBounds bounds;
  Chunk chunk;
};

} // namespace

Chunk generateWildChunk(ByteReader &bytes) { return WildGenerator(bytes, 2).generate(); }

} // namespace fusevm::fuzzing
