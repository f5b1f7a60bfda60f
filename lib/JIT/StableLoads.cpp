//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "StableLoads.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/Loads.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/MemoryLocation.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fusevm::jit {

/// Whether \p size bytes from \p object on can be read wherever it is known. What was a number is
/// the payload of a value that has just been stored: it is used as one where it is on the heap, and
/// nothing before this pass moves it out of a loop.
static bool isReadable(const Value *object, const APInt &size, const DataLayout &layout,
                       unsigned depth) {
  constexpr unsigned mostSteps = 4;
  if (isa<IntToPtrInst>(object))
    return true;
  const auto *phi = dyn_cast<PHINode>(object);
  if (!phi)
    return isDereferenceableAndAlignedPointer(object, Align(1), size, layout);
  return depth != mostSteps && all_of(phi->incoming_values(), [&](const Use &incoming) {
           return incoming == phi || isReadable(incoming, size, layout, depth + 1);
         });
}

SmallVector<Instruction *, 32> writersIn(ArrayRef<BasicBlock *> blocks) {
  SmallVector<Instruction *, 32> result;
  for (BasicBlock *block : blocks)
    for (Instruction &instruction : *block)
      if (instruction.mayWriteToMemory())
        result.push_back(&instruction);
  return result;
}

bool isStableLoad(const LoadInst &load, const Loop &loop, ArrayRef<Instruction *> writers,
                  BatchAAResults &aliases) {
  const DataLayout &layout = load.getDataLayout();
  int64_t offset = 0;
  const Value *object = GetPointerBaseWithConstantOffset(load.getPointerOperand(), offset, layout);
  if (const auto *instruction = dyn_cast<Instruction>(object);
      (instruction && loop.contains(instruction)) || !load.isSimple() || offset < 0 ||
      !isReadable(object, APInt(64, offset + layout.getTypeStoreSize(load.getType())), layout, 0))
    return false;
  MemoryLocation location = MemoryLocation::get(&load);
  return none_of(writers, [&](Instruction *writer) {
    return isModSet(aliases.getModRefInfo(writer, location));
  });
}

/// Moves \p value, which is stable, in front of \p place.
static void moveOut(Value *value, const Loop &loop, Instruction &place) {
  auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction || !loop.contains(instruction))
    return;
  for (Value *operand : instruction->operands())
    moveOut(operand, loop, place);
  instruction->moveBefore(&place);
  instruction->dropUBImplyingAttrsAndUnknownMetadata(LLVMContext::MD_tbaa);
}

bool hoistLoads(Loop &loop, AAResults &aliases) {
  SmallVector<LoadInst *, 8> loads;
  BatchAAResults aliasesOfAll(aliases);
  SmallVector<Instruction *, 32> writers = writersIn(loop.getBlocks());
  for (BasicBlock *block : loop.blocks())
    for (Instruction &instruction : *block)
      if (auto *load = dyn_cast<LoadInst>(&instruction);
          load && isStableLoad(*load, loop, writers, aliasesOfAll))
        loads.push_back(load);
  // Of those that read the same the first one is enough.
  DenseMap<std::pair<Value *, int64_t>, LoadInst *> moved;
  for (LoadInst *load : loads) {
    int64_t offset = 0;
    Value *base =
        GetPointerBaseWithConstantOffset(load->getPointerOperand(), offset, load->getDataLayout());
    auto [place, isNew] = moved.try_emplace({base, offset}, load);
    if (!isNew && place->second->getType() == load->getType()) {
      load->replaceAllUsesWith(place->second);
      load->eraseFromParent();
      continue;
    }
    moveOut(load, loop, *loop.getLoopPreheader()->getTerminator());
  }
  return !loads.empty();
}

} // namespace fusevm::jit
