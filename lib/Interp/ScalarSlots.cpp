//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ScalarSlots.h"

namespace fusevm {

namespace {

/// Whether what \p instruction pushes, if it finds its operands, is a scalar.
bool pushesScalar(const Chunk &chunk, const Instruction &instruction) {
  switch (instruction.opcode()) {
  case Opcode::LoadConst: {
    uint16_t index = instruction.a();
    return index >= chunk.constants.size() || !chunk.constants[index].isHeap();
  }
  case Opcode::LoadInt:
  case Opcode::LoadFloat:
  case Opcode::LoadTrue:
  case Opcode::LoadFalse:
  case Opcode::LoadUndef:
  case Opcode::Add:
  case Opcode::Sub:
  case Opcode::Mul:
  case Opcode::Div:
  case Opcode::Mod:
  case Opcode::Negate:
  case Opcode::Inc:
  case Opcode::Dec:
  case Opcode::BitAnd:
  case Opcode::BitOr:
  case Opcode::BitXor:
  case Opcode::Shl:
  case Opcode::Shr:
  case Opcode::NumEq:
  case Opcode::NumNe:
  case Opcode::NumLt:
  case Opcode::NumGt:
  case Opcode::NumLe:
  case Opcode::NumGe:
  case Opcode::StrEq:
  case Opcode::StrNe:
  case Opcode::LogNot:
  case Opcode::StringLen:
  case Opcode::ArrayLen:
  case Opcode::SqrtFloat:
  case Opcode::AbsFloat:
  case Opcode::FloorFloat:
  case Opcode::TruncInt:
  case Opcode::PreIncSlot:
  case Opcode::PreDecSlot:
  case Opcode::PostIncSlot:
  case Opcode::PostDecSlot:
    return true;
  default:
    return false;
  }
}

class ScalarSlotFinder {
public:
  ScalarSlotFinder(const Chunk &chunk, const ChunkAnalysis &analysis,
                   const std::vector<bool> &leaders)
      : chunk(chunk), analysis(analysis), leaders(leaders) {}

  std::vector<SlotMask> run() {
    onHeap.assign(analysis.functions.size(), 0);
    for (uint32_t i = 0; i != onHeap.size(); ++i)
      for (uint32_t slot = 0; slot != analysis.functions[i].arguments && slot != 64; ++slot)
        onHeap[i] |= maskOf(slot);
    for (uint64_t op = 0; op != chunk.ops.size(); ++op)
      visit(op);
    for (SlotMask &mask : onHeap)
      mask |= ofBlocks;
    followCopies();
    for (SlotMask &mask : onHeap)
      mask = ~mask;
    return std::move(onHeap);
  }

private:
  struct Copy {
    uint32_t function;
    uint16_t from;
    uint16_t to;
  };

  /// Where the slots are noted in which the op's function may store anything.
  SlotMask &maskFor(uint64_t op) {
    uint32_t function = analysis.functionOf[op];
    return function == noFunction ? ofBlocks : onHeap[function];
  }

  void visit(uint64_t op) {
    const Instruction &instruction = chunk.ops[op];
    switch (instruction.opcode()) {
    case Opcode::SetSlot:
      visitStore(op);
      break;
    case Opcode::ConcatConstLoop:
      maskFor(op) |= maskOf(instruction.b());
      break;
    case Opcode::GetSlot:
    case Opcode::SlotArrayGet:
    case Opcode::SlotArraySet:
      if (analysis.functionOf[op] == 0)
        onHeap[0] |= maskOf(instruction.a()) & ~storedByMain;
      break;
    default:
      break;
    }
  }

  void visitStore(uint64_t op) {
    uint16_t slot = chunk.ops[op].a();
    uint32_t function = analysis.functionOf[op];
    if (function == 0)
      storedByMain |= maskOf(slot);
    bool isKnown = op != 0 && !leaders[op] && analysis.functionOf[op - 1] == function;
    if (isKnown && pushesScalar(chunk, chunk.ops[op - 1]))
      return;
    if (isKnown && function != noFunction && chunk.ops[op - 1].opcode() == Opcode::GetSlot)
      copies.push_back({function, chunk.ops[op - 1].a(), slot});
    else
      maskFor(op) |= maskOf(slot);
  }

  /// In as many rounds as the longest chain of copies has links, which are slots.
  void followCopies() {
    for (bool changes = true; changes;) {
      changes = false;
      for (const Copy &copy : copies) {
        SlotMask &mask = onHeap[copy.function];
        bool fromHeap = copy.from >= 64 || (mask & maskOf(copy.from)) != 0;
        if (fromHeap && (maskOf(copy.to) & ~mask) != 0) {
          mask |= maskOf(copy.to);
          changes = true;
        }
      }
    }
  }

  const Chunk &chunk;
  const ChunkAnalysis &analysis;
  const std::vector<bool> &leaders;
  std::vector<SlotMask> onHeap; ///< by function
  SlotMask ofBlocks = 0;        ///< the same for ops of blocks, whoever runs them
  SlotMask storedByMain = 0;
  std::vector<Copy> copies;
};

} // namespace

std::vector<SlotMask> findScalarSlots(const Chunk &chunk, const ChunkAnalysis &analysis,
                                      const std::vector<bool> &leaders) {
  return ScalarSlotFinder(chunk, analysis, leaders).run();
}

} // namespace fusevm
