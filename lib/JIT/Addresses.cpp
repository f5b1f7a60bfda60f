//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Addresses.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

namespace fusevm::jit {

namespace {

class AddressReduction {
public:
  AddressReduction(Loop &loop, ScalarEvolution &evolution, SCEVExpander &expander)
      : loop(loop), evolution(evolution), expander(expander) {}

  bool run() {
    for (BasicBlock *block : loop.blocks())
      for (Instruction &instruction : *block)
        if (isa<LoadInst>(instruction))
          add(instruction.getOperandUse(LoadInst::getPointerOperandIndex()));
        else if (isa<StoreInst>(instruction))
          add(instruction.getOperandUse(StoreInst::getPointerOperandIndex()));
    for (Group &group : groups)
      reduce(group);
    RecursivelyDeleteTriviallyDeadInstructionsPermissive(unused);
    return !groups.empty();
  }

private:
  struct Access {
    Use *address;
    const SCEV *base;
    int64_t distance; ///< from base and the group's offset
  };
  /// Accesses whose offsets from the beginnings of what they access run alike.
  struct Group {
    const SCEVAddRecExpr *offset;
    SmallVector<Access, 8> accesses;
    SmallSetVector<const SCEV *, 8> bases;
  };

  void add(Use &address);
  void reduce(Group &group);
  void prefetch(const Group &group, const DenseMap<const SCEV *, Value *> &variables, Value *step);
  Value *expand(const SCEV *expression) {
    return expander.expandCodeFor(expression, expression->getType(),
                                  loop.getLoopPreheader()->getTerminator());
  }
  PHINode *makeVariable(const SCEV *start, Value *step);

  Loop &loop;
  ScalarEvolution &evolution;
  SCEVExpander &expander;
  SmallVector<Group, 4> groups;
  SmallVector<WeakTrackingVH, 16> unused;
};

} // namespace

void AddressReduction::add(Use &address) {
  const auto *running = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(address));
  if (isa<PHINode>(address) || !running || running->getLoop() != &loop || !running->isAffine() ||
      !expander.isSafeToExpand(running->getStart()) ||
      !expander.isSafeToExpand(running->getStepRecurrence(evolution)))
    return;
  const SCEV *base = evolution.getPointerBase(running);
  const auto *offset = dyn_cast<SCEVAddRecExpr>(evolution.removePointerBase(running));
  if (!offset || offset->getLoop() != &loop)
    return;
  for (Group &group : groups)
    if (const auto *distance = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(offset, group.offset));
        distance && distance->getAPInt().isSignedIntN(32)) {
      group.accesses.push_back({&address, base, distance->getAPInt().getSExtValue()});
      group.bases.insert(base);
      return;
    }
  groups.push_back({offset, {{&address, base, 0}}, {}});
  groups.back().bases.insert(base);
}

/// What begins with \p start and is increased by \p step at the end of each round.
PHINode *AddressReduction::makeVariable(const SCEV *start, Value *step) {
  BasicBlock *latch = loop.getLoopLatch();
  PHINode *result = PHINode::Create(start->getType(), 2, "", loop.getHeader()->begin());
  IRBuilder<> builder(latch->getTerminator());
  Value *next = start->getType()->isPointerTy() ? builder.CreatePtrAdd(result, step)
                                                : builder.CreateAdd(result, step);
  result->addIncoming(expand(start), loop.getLoopPreheader());
  result->addIncoming(next, latch);
  return result;
}

void AddressReduction::reduce(Group &group) {
  // An address that consists of two registers takes the processor longer, and an addition in each
  // round is needed for each variable.
  constexpr size_t mostVariables = 3;
  Value *step = expand(group.offset->getStepRecurrence(evolution));
  bool isShared = group.bases.size() > mostVariables;
  PHINode *offset = isShared ? makeVariable(group.offset->getStart(), step) : nullptr;
  DenseMap<const SCEV *, Value *> variables;
  for (const SCEV *base : group.bases)
    variables[base] =
        isShared ? expand(base)
                 : makeVariable(evolution.getAddExpr(base, group.offset->getStart()), step);
  if (!isShared && !isa<ConstantInt>(step))
    prefetch(group, variables, step);
  for (const Access &access : group.accesses) {
    IRBuilder<> builder(cast<Instruction>(access.address->getUser()));
    Value *address = variables[access.base];
    if (isShared)
      address = builder.CreatePtrAdd(address, offset);
    if (access.distance != 0)
      address = builder.CreatePtrAdd(address, builder.getInt64(access.distance));
    unused.push_back(access.address->get());
    access.address->set(address);
  }
}

/// Has the memory at hand that stores of some rounds later go to. What goes up by a constant, which
/// is small, the processor foresees; long steps, from page to page, it does not.
void AddressReduction::prefetch(const Group &group,
                                const DenseMap<const SCEV *, Value *> &variables, Value *step) {
  constexpr uint64_t rounds = 16;
  SmallPtrSet<const SCEV *, 8> done;
  for (const Access &access : group.accesses) {
    auto *store = dyn_cast<StoreInst>(access.address->getUser());
    if (!store || !done.insert(access.base).second)
      continue;
    IRBuilder<> before(loop.getLoopPreheader()->getTerminator());
    Value *distance = before.CreateMul(step, before.getInt64(rounds));
    IRBuilder<> builder(store);
    Value *address = builder.CreatePtrAdd(variables.find(access.base)->second, distance);
    constexpr unsigned forWriting = 1;
    constexpr unsigned toAllCaches = 3;
    constexpr unsigned data = 1;
    builder.CreateIntrinsic(Intrinsic::prefetch, {address->getType()},
                            {address, builder.getInt32(forWriting), builder.getInt32(toAllCaches),
                             builder.getInt32(data)});
  }
}

PreservedAnalyses ReduceAddressesPass::run(Function &function, FunctionAnalysisManager &analyses) {
  ScalarEvolution &evolution = analyses.getResult<ScalarEvolutionAnalysis>(function);
  SCEVExpander expander(evolution, function.getDataLayout(), "");
  bool hasChanged = false;
  for (Loop *loop : analyses.getResult<LoopAnalysis>(function).getLoopsInPreorder())
    if (loop->isInnermost() && loop->isLoopSimplifyForm())
      hasChanged |= AddressReduction(*loop, evolution, expander).run();
  return hasChanged ? PreservedAnalyses::allInSet<CFGAnalyses>() : PreservedAnalyses::all();
}

} // namespace fusevm::jit
