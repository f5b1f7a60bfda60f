//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Recurrences.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Transforms/Utils/Local.h"

#include <iterator>

using namespace llvm;

namespace fusevm::jit {

namespace {

/// A sum of integers with what is added and what is subtracted.
class Sum {
public:
  struct Term {
    Value *value;
    bool isNegative;
  };

  Sum(Instruction &root, const Loop &loop) : root(root), loop(loop) { add(&root, false, 0); }

  /// Computes it anew with the one term that depends on \p carried last. Null if that is not to
  /// be gained.
  Value *rebuild(PHINode &carried) const {
    // Beginning with one that is added there is nothing to negate.
    SmallVector<Term, 4> ordered;
    for (bool isNegative : {false, true})
      copy_if(terms, std::back_inserter(ordered),
              [&](const Term &term) { return term.isNegative == isNegative; });
    const Term *last = nullptr;
    for (const Term &term : ordered) {
      if (!dependsOn(term.value, carried, 0))
        continue;
      if (last)
        return nullptr;
      last = &term;
    }
    if (!last || ordered.size() < 3)
      return nullptr;
    // In one block the code generator would add constants last again.
    BasicBlock &header = *carried.getParent();
    bool areKnownAtTop = all_of(ordered, [&](const Term &term) {
      auto *instruction = dyn_cast<Instruction>(term.value);
      return &term == last || !instruction || instruction->getParent() == &header ||
             !loop.contains(instruction);
    });
    IRBuilder<> builder(areKnownAtTop && root.getParent() != &header ? header.getTerminator()
                                                                     : &root);
    Value *others = nullptr;
    for (const Term &term : ordered) {
      if (&term == last)
        continue;
      if (others)
        others = term.isNegative ? builder.CreateSub(others, term.value)
                                 : builder.CreateAdd(others, term.value);
      else
        others = term.isNegative ? builder.CreateNeg(term.value) : term.value;
    }
    builder.SetInsertPoint(&root);
    return last->isNegative ? builder.CreateSub(others, last->value)
                            : builder.CreateAdd(others, last->value);
  }

private:
  static constexpr unsigned mostSteps = 6;

  void add(Value *value, bool isNegative, unsigned depth) {
    auto *instruction = dyn_cast<BinaryOperator>(value);
    bool isSum = instruction && (instruction->getOpcode() == Instruction::Add ||
                                 instruction->getOpcode() == Instruction::Sub);
    if (!isSum || depth == mostSteps || instruction->getParent() != root.getParent() ||
        (depth != 0 && !instruction->hasOneUse())) {
      terms.push_back({value, isNegative});
      return;
    }
    add(instruction->getOperand(0), isNegative, depth + 1);
    add(instruction->getOperand(1), isNegative != (instruction->getOpcode() == Instruction::Sub),
        depth + 1);
  }

  /// Whether \p value certainly or possibly depends on \p carried in the same round.
  static bool dependsOn(const Value *value, const PHINode &carried, unsigned depth) {
    if (value == &carried)
      return true;
    const auto *instruction = dyn_cast<Instruction>(value);
    if (!instruction || isa<PHINode>(instruction))
      return false;
    if (depth == mostSteps)
      return true;
    return any_of(instruction->operands(),
                  [&](const Use &use) { return dependsOn(use, carried, depth + 1); });
  }

  Instruction &root;
  const Loop &loop;
  SmallVector<Term, 4> terms;
};

} // namespace

PreservedAnalyses ShortenRecurrencesPass::run(Function &function,
                                              FunctionAnalysisManager &analyses) {
  bool hasChanged = false;
  for (Loop *loop : analyses.getResult<LoopAnalysis>(function).getLoopsInPreorder()) {
    BasicBlock *latch = loop->getLoopLatch();
    if (!latch)
      continue;
    for (PHINode &carried : loop->getHeader()->phis()) {
      auto *root = dyn_cast<BinaryOperator>(carried.getIncomingValueForBlock(latch));
      if (!root || !root->getType()->isIntegerTy() || !loop->contains(root))
        continue;
      Value *sum = Sum(*root, *loop).rebuild(carried);
      if (!sum)
        continue;
      root->replaceAllUsesWith(sum);
      RecursivelyDeleteTriviallyDeadInstructions(root);
      hasChanged = true;
    }
  }
  if (!hasChanged)
    return PreservedAnalyses::all();
  PreservedAnalyses preserved;
  preserved.preserveSet<CFGAnalyses>();
  return preserved;
}

} // namespace fusevm::jit
