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

using namespace llvm;

namespace fusevm::jit {

namespace {

/// What an associative operation of integers combines.
class Combination {
public:
  Combination(BinaryOperator &root, const Loop &loop, PHINode &carried)
      : root(root), loop(loop), carried(carried) {
    add(&root, false, 0);
  }

  /// Computes it anew: of the terms those that are known first are combined first. Null if nothing
  /// is to be gained.
  Value *rebuild();

private:
  static constexpr unsigned mostSteps = 6;

  struct Term {
    Value *value;
    bool isNegative; ///< it is subtracted
    /// After how many instructions it is known, from where the round before has been; 0 if it does
    /// not depend on that.
    unsigned steps;
  };

  static bool isAssociative(const BinaryOperator &operation) {
    switch (operation.getOpcode()) {
    case Instruction::Add:
    case Instruction::Sub:
    case Instruction::And:
    case Instruction::Or:
    case Instruction::Xor:
      return true;
    default:
      return false;
    }
  }
  bool isSum() const {
    return root.getOpcode() == Instruction::Add || root.getOpcode() == Instruction::Sub;
  }
  bool isPart(const BinaryOperator &operation) const {
    return isSum() ? operation.getOpcode() == Instruction::Add ||
                         operation.getOpcode() == Instruction::Sub
                   : operation.getOpcode() == root.getOpcode();
  }
  void add(Value *value, bool isNegative, unsigned depth);
  void insert(const Term &term) {
    terms.insert(llvm::upper_bound(terms, term,
                                   [](const Term &a, const Term &b) { return a.steps > b.steps; }),
                 term);
  }
  unsigned stepsTo(const Value *value, unsigned depth) const;
  Term combine(const Term &a, const Term &b, IRBuilder<> &builder);
  Value *hidden(Value *value);

  BinaryOperator &root;
  const Loop &loop;
  PHINode &carried;
  SmallVector<Term, 6> terms; ///< the last ones known first
};

} // namespace

void Combination::add(Value *value, bool isNegative, unsigned depth) {
  auto *operation = dyn_cast<BinaryOperator>(value);
  if (!operation || !isAssociative(*operation) || !isPart(*operation) || depth == mostSteps ||
      operation->getParent() != root.getParent() || (depth != 0 && !operation->hasOneUse())) {
    insert({value, isNegative, stepsTo(value, 0)});
    return;
  }
  add(operation->getOperand(0), isNegative, depth + 1);
  add(operation->getOperand(1), isNegative != (operation->getOpcode() == Instruction::Sub),
      depth + 1);
}

/// The same way of counting for \p value; many if it is far away.
unsigned Combination::stepsTo(const Value *value, unsigned depth) const {
  if (value == &carried)
    return 1;
  const auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction || isa<PHINode>(instruction) || !loop.contains(instruction))
    return 0;
  if (depth == mostSteps)
    return 2 * mostSteps;
  unsigned most = 0;
  for (const Use &operand : instruction->operands())
    most = std::max(most, stepsTo(operand, depth + 1));
  return most == 0 ? 0 : most + 1;
}

/// A constant as something that the code generator does not know: it would combine it last again.
Value *Combination::hidden(Value *value) {
  if (!isa<ConstantInt>(value))
    return value;
  return IRBuilder<>(loop.getLoopPreheader()->getTerminator()).CreateFreeze(value);
}

Combination::Term Combination::combine(const Term &a, const Term &b, IRBuilder<> &builder) {
  unsigned steps = std::max(a.steps, b.steps);
  steps += steps != 0;
  if (!isSum())
    return {builder.CreateBinOp(root.getOpcode(), a.value, b.value), false, steps};
  if (a.isNegative == b.isNegative)
    return {builder.CreateAdd(a.value, b.value), a.isNegative, steps};
  const Term &negative = a.isNegative ? a : b;
  const Term &positive = a.isNegative ? b : a;
  return {builder.CreateSub(positive.value, negative.value), false, steps};
}

Value *Combination::rebuild() {
  if (terms.size() < 3 || !loop.getLoopPreheader())
    return nullptr;
  // What it takes now, and what it would.
  SmallVector<unsigned, 6> steps;
  for (const Term &term : terms)
    steps.push_back(term.steps);
  while (steps.size() > 1) {
    unsigned first = steps.pop_back_val();
    unsigned second = steps.pop_back_val();
    unsigned both = std::max(first, second);
    both += both != 0;
    steps.insert(llvm::upper_bound(steps, both, std::greater<>()), both);
  }
  if (steps.front() >= stepsTo(&root, 0))
    return nullptr;
  IRBuilder<> builder(&root);
  while (terms.size() > 1) {
    Term first = terms.pop_back_val();
    Term second = terms.pop_back_val();
    first.value = hidden(first.value);
    second.value = hidden(second.value);
    Term both = combine(first, second, builder);
    insert(both);
  }
  return terms.front().isNegative ? builder.CreateNeg(terms.front().value) : terms.front().value;
}

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
      Value *combined = Combination(*root, *loop, carried).rebuild();
      if (!combined)
        continue;
      root->replaceAllUsesWith(combined);
      RecursivelyDeleteTriviallyDeadInstructions(root);
      hasChanged = true;
    }
  }
  return hasChanged ? PreservedAnalyses::allInSet<CFGAnalyses>() : PreservedAnalyses::all();
}

} // namespace fusevm::jit
