//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ExitValues.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace fusevm::jit {

namespace {

/// The integers that an innermost loop carries.
class ExitValues {
public:
  explicit ExitValues(Loop &loop) : loop(loop), header(*loop.getHeader()) {}

  bool run() {
    bool hasChanged = false;
    for (BasicBlock *block : loop.blocks())
      for (Instruction &instruction : make_early_inc_range(*block))
        hasChanged |= separate(instruction);
    findSteps();
    for (const auto &[phi, step] : steps)
      if (!isOnlyForExits(phi))
        counters.push_back(phi);
    for (const auto &[phi, step] : steps)
      if (!is_contained(counters, phi))
        hasChanged |= replace(*phi, step);
    return hasChanged;
  }

private:
  bool separate(Instruction &value);
  void findSteps();
  bool isOnlyForExits(PHINode *phi) const;
  bool replace(PHINode &phi, int64_t step);

  Loop &loop;
  BasicBlock &header;
  SmallVector<std::pair<PHINode *, int64_t>, 8> steps;
  SmallVector<PHINode *, 4> counters;
};

} // namespace

/// Gives the exits a copy of an index, whose own use are addresses: these have a variable of their
/// own then, and the index does not need to be there.
bool ExitValues::separate(Instruction &value) {
  if (!isa<BinaryOperator>(value) || !value.getType()->isIntegerTy(64))
    return false;
  auto isOutside = [&](const Use &use) {
    return !loop.contains(cast<Instruction>(use.getUser())->getParent());
  };
  auto isAddress = [](const Use &use) { return isa<GetElementPtrInst>(use.getUser()); };
  if (none_of(value.uses(), isOutside) || all_of(value.uses(), isOutside) ||
      !all_of(value.uses(), [&](const Use &use) { return isOutside(use) || isAddress(use); }))
    return false;
  Instruction *copy = value.clone();
  copy->insertAfter(&value);
  value.replaceUsesWithIf(copy, isOutside);
  // What it is computed from is needed no longer than it.
  for (Use &operand : copy->operands())
    if (auto *term = dyn_cast<BinaryOperator>(operand);
        term && loop.contains(term) && term->getType()->isIntegerTy(64)) {
      Instruction *copyOfTerm = term->clone();
      copyOfTerm->insertBefore(copy);
      operand = copyOfTerm;
    }
  return true;
}

/// Finds what changes by the same number in each round.
void ExitValues::findSteps() {
  for (PHINode &phi : header.phis()) {
    const APInt *step = nullptr;
    if (phi.getType()->isIntegerTy(64) &&
        match(phi.getIncomingValueForBlock(loop.getLoopLatch()),
              m_Add(m_Specific(&phi), m_APInt(step))) &&
        !step->isZero())
      steps.emplace_back(&phi, step->getSExtValue());
  }
}

/// Whether nothing in the loop uses \p phi, but for sums of it and constants that nothing uses.
bool ExitValues::isOnlyForExits(PHINode *phi) const {
  SmallPtrSet<Value *, 8> sums{phi};
  SmallVector<Value *, 8> pending{phi};
  while (!pending.empty())
    for (User *user : pending.pop_back_val()->users()) {
      auto *instruction = cast<Instruction>(user);
      if (!loop.contains(instruction) || sums.contains(instruction))
        continue;
      if (!match(instruction, m_Add(m_Value(), m_ConstantInt())))
        return false;
      sums.insert(instruction);
      pending.push_back(instruction);
    }
  return true;
}

/// Computes \p phi from a variable that the loop needs.
bool ExitValues::replace(PHINode &phi, int64_t step) {
  auto other = find_if(steps, [&](const auto &candidate) {
    return is_contained(counters, candidate.first) && step % candidate.second == 0;
  });
  if (other == steps.end())
    return false;
  BasicBlock *before = loop.getLoopPreheader();
  Value *start = phi.getIncomingValueForBlock(before);
  Value *otherStart = other->first->getIncomingValueForBlock(before);
  IRBuilder<> builder(&*header.getFirstInsertionPt());
  Value *rounds = builder.CreateSub(other->first, otherStart);
  Value *now =
      builder.CreateAdd(builder.CreateMul(rounds, builder.getInt64(step / other->second)), start);
  auto *next = cast<Instruction>(phi.getIncomingValueForBlock(loop.getLoopLatch()));
  phi.replaceAllUsesWith(now);
  phi.eraseFromParent();
  if (next->use_empty())
    next->eraseFromParent();
  return true;
}

PreservedAnalyses ExitValuesPass::run(Function &function, FunctionAnalysisManager &analyses) {
  bool hasChanged = false;
  for (Loop *loop : analyses.getResult<LoopAnalysis>(function).getLoopsInPreorder())
    if (loop->isInnermost() && loop->isLoopSimplifyForm() && loop->getLoopPreheader())
      hasChanged |= ExitValues(*loop).run();
  return hasChanged ? PreservedAnalyses::allInSet<CFGAnalyses>() : PreservedAnalyses::all();
}

} // namespace fusevm::jit
