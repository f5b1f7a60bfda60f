//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "LoopCells.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/MemoryLocation.h"
#include "llvm/Analysis/ValueTracking.h"

#include <optional>

using namespace llvm;

namespace fusevm::jit {

/// Where \p access goes: a pointer and a number of bytes.
static std::optional<std::pair<Value *, int64_t>> placeOf(Instruction &access) {
  Value *pointer = getLoadStorePointerOperand(&access);
  if (!pointer)
    return std::nullopt;
  int64_t offset = 0;
  Value *base = GetPointerBaseWithConstantOffset(pointer, offset, access.getDataLayout());
  return std::pair(base, offset);
}

static bool isSimple(const Instruction &access) {
  const auto *load = dyn_cast<LoadInst>(&access);
  return load ? load->isSimple() : cast<StoreInst>(access).isSimple();
}

void LoopCells::plan(const Loop &loop, ArrayRef<BasicBlock *> blocks, BatchAAResults &aliases,
                     bool checksConstants) {
  // What is stored to first says which memory it is: variables are all in one.
  StoreInst *first = nullptr;
  SmallVector<Instruction *, 32> accesses;
  for (BasicBlock *block : blocks)
    for (Instruction &instruction : *block) {
      if (!instruction.mayReadOrWriteMemory())
        continue;
      accesses.push_back(&instruction);
      auto *store = dyn_cast<StoreInst>(&instruction);
      if (first || !store)
        continue;
      if (auto place = placeOf(*store); place && loop.isLoopInvariant(place->first)) {
        first = store;
        base = place->first;
      }
    }
  if (!first)
    return;
  MemoryLocation all = MemoryLocation::getBeforeOrAfter(base, first->getAAMetadata());
  for (Instruction *access : accesses) {
    auto place = placeOf(*access);
    if (!place || place->first != base) {
      if (isModOrRefSet(aliases.getModRefInfo(access, all)))
        return cells.clear();
      continue;
    }
    if (!isSimple(*access))
      return cells.clear();
    Type *type = getLoadStoreType(access);
    int64_t size = access->getDataLayout().getTypeStoreSize(type);
    auto *store = dyn_cast<StoreInst>(access);
    auto *constant = store ? dyn_cast<Constant>(store->getValueOperand()) : nullptr;
    Cell *found = nullptr;
    for (Cell &cell : cells) {
      int64_t sizeOfCell = access->getDataLayout().getTypeStoreSize(cell.type);
      if (cell.offset == place->second && sizeOfCell == size)
        found = &cell;
      else if (cell.offset < place->second + size && place->second < cell.offset + sizeOfCell)
        return cells.clear();
    }
    if (found) {
      found->accesses.push_back(access);
      // Bits that are a number in one place are best kept as one.
      if (type->isDoubleTy())
        found->type = type;
      if (store && constant != found->constant)
        found->constant = nullptr;
    } else {
      cells.push_back({place->second, type, {access}, constant, false});
    }
  }
  for (Cell &cell : cells) {
    // The payload of an object, where others are stored, too.
    auto isPointer = [](Instruction *access) { return getLoadStoreType(access)->isPointerTy(); };
    if (any_of(cell.accesses, isPointer) && !all_of(cell.accesses, isPointer))
      cell.type = Type::getInt64Ty(cell.type->getContext());
    bool isStored = any_of(cell.accesses, IsaPred<StoreInst>);
    bool hasLoads = any_of(cell.accesses, IsaPred<LoadInst>);
    cell.isChecked = checksConstants && cell.constant && !hasLoads && cell.type->isIntegerTy(32);
    if (!isStored || (cell.constant && !cell.isChecked))
      cell.accesses.clear();
  }
  erase_if(cells, [](const Cell &cell) { return cell.accesses.empty(); });
}

Value *LoopCells::addressOf(const Cell &cell, IRBuilder<> &builder) const {
  return builder.CreatePtrAdd(base, builder.getInt64(cell.offset));
}

/// Says of \p access what those of the loop say.
Instruction *LoopCells::keepKind(Instruction *access, const Cell &cell) {
  access->setAAMetadata(cell.accesses.front()->getAAMetadata());
  return access;
}

Value *LoopCells::emitChecks(IRBuilder<> &builder) const {
  Value *result = builder.getTrue();
  for (const Cell &cell : cells) {
    if (!cell.isChecked)
      continue;
    Instruction *now =
        keepKind(builder.CreateAlignedLoad(cell.type, addressOf(cell, builder), Align(4)), cell);
    result = builder.CreateAnd(result, builder.CreateICmpEQ(now, cell.constant));
  }
  return result;
}

void LoopCells::emit(ValueToValueMapTy &copies, BasicBlock &entry, ArrayRef<BasicBlock *> region,
                     SmallVectorImpl<AllocaInst *> &variables) const {
  Function *function = entry.getParent();
  IRBuilder<> atEntry(entry.getTerminator());
  SmallVector<std::pair<const Cell *, AllocaInst *>, 16> kept;
  for (const Cell &cell : cells) {
    if (cell.isChecked) {
      for (Instruction *access : cell.accesses)
        cast<Instruction>(copies[access])->eraseFromParent();
      continue;
    }
    auto *variable = new AllocaInst(cell.type, 0, "", function->getEntryBlock().begin());
    Instruction *before =
        keepKind(atEntry.CreateAlignedLoad(cell.type, addressOf(cell, atEntry), Align(4)), cell);
    atEntry.CreateStore(before, variable);
    for (Instruction *access : cell.accesses) {
      auto *copy = cast<Instruction>(copies[access]);
      IRBuilder<> builder(copy);
      if (auto *store = dyn_cast<StoreInst>(copy))
        builder.CreateStore(builder.CreateBitOrPointerCast(store->getValueOperand(), cell.type),
                            variable);
      else
        copy->replaceAllUsesWith(builder.CreateBitOrPointerCast(
            builder.CreateLoad(cell.type, variable), copy->getType()));
      copy->eraseFromParent();
    }
    kept.emplace_back(&cell, variable);
    variables.push_back(variable);
  }
  if (kept.empty())
    return;
  SmallPtrSet<BasicBlock *, 32> inside(region.begin(), region.end());
  for (BasicBlock *from : region) {
    Instruction *end = from->getTerminator();
    for (unsigned i = 0; i != end->getNumSuccessors(); ++i) {
      BasicBlock *to = end->getSuccessor(i);
      if (inside.contains(to))
        continue;
      BasicBlock *leaving = BasicBlock::Create(function->getContext(), "", function, to);
      IRBuilder<> builder(leaving);
      for (const auto &[cell, variable] : kept)
        keepKind(builder.CreateAlignedStore(builder.CreateLoad(cell->type, variable),
                                            addressOf(*cell, builder), Align(4)),
                 *cell);
      builder.CreateBr(to);
      end->setSuccessor(i, leaving);
      to->replacePhiUsesWith(from, leaving);
    }
  }
}

} // namespace fusevm::jit
