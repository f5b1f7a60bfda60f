//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Inliner.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace fusevm::jit {

namespace {

/// Instructions, most of them of exits, of a function that is put into others, and of one
/// that grows by that. Compiling must not take much longer.
constexpr unsigned mostInlined = 250;
constexpr unsigned mostGrown = 2000;

SmallVector<CallInst *, 8> callsOf(Function &callee) {
  SmallVector<CallInst *, 8> calls;
  for (User *user : callee.users())
    if (auto *call = dyn_cast<CallInst>(user); call && call->getCalledFunction() == &callee)
      calls.push_back(call);
  return calls;
}

bool callsAny(Function &function) {
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (Function *callee = call->getCalledFunction(); callee && !callee->isIntrinsic())
          return true;
  return false;
}

/// Where control goes behind a call that has left native code, and the meter that says so, 0.
struct Leaving {
  ExtractValueInst *meter = nullptr;
  BasicBlock *block = nullptr;
};

Leaving leavingOf(CallInst &call) {
  for (User *result : call.users())
    if (auto *meter = dyn_cast<ExtractValueInst>(result))
      for (User *user : meter->users()) {
        CmpInst::Predicate predicate;
        if (!match(user, m_ICmp(predicate, m_Specific(meter), m_ZeroInt())) ||
            predicate != CmpInst::ICMP_EQ || !user->hasOneUse())
          continue;
        if (auto *branch = dyn_cast<BranchInst>(user->user_back()))
          return {meter, branch->getSuccessor(0)};
      }
  return {};
}

/// Has what an inlined function does to leave native code go there at once, so that nothing in a
/// loop comes back from it.
void connect(const Leaving &leaving) {
  auto *results = leaving.meter ? dyn_cast<PHINode>(leaving.meter->getAggregateOperand()) : nullptr;
  if (!results || !leaving.block->getSinglePredecessor())
    return;
  // There is nothing there of what follows the call.
  SmallPtrSet<BasicBlock *, 4> behind{results->getParent(), leaving.block->getSinglePredecessor()};
  for (Instruction &instruction : *leaving.block)
    for (Value *operand : instruction.operands())
      if (auto *definition = dyn_cast<Instruction>(operand);
          definition && behind.contains(definition->getParent()))
        return;
  for (unsigned i = results->getNumIncomingValues(); i-- != 0;) {
    auto *constant = dyn_cast<Constant>(results->getIncomingValue(i));
    auto *branch = dyn_cast<BranchInst>(results->getIncomingBlock(i)->getTerminator());
    if (!constant || !constant->isNullValue() || branch->isConditional() ||
        results->getNumIncomingValues() == 1)
      continue;
    branch->setSuccessor(0, leaving.block);
    results->removeIncomingValue(i);
  }
}

void inlineCall(CallInst &call) {
  InlineFunctionInfo info;
  Leaving leaving = leavingOf(call);
  [[maybe_unused]] bool succeeded = InlineFunction(call, info).isSuccess();
  assert(succeeded && "there is nothing unusual in what is called");
  connect(leaving);
}

/// Puts \p leaf into its callers. Whether it went anywhere.
bool inlineLeaf(Function &leaf) {
  bool hasChanged = false;
  for (CallInst *call : callsOf(leaf))
    if (call->getFunction()->getInstructionCount() <= mostGrown) {
      inlineCall(*call);
      hasChanged = true;
    }
  return hasChanged;
}

/// Puts \p function once into each of its calls of itself.
void unrollRecursion(Function &function) {
  SmallVector<CallInst *, 8> calls;
  for (CallInst *call : callsOf(function))
    if (call->getFunction() == &function)
      calls.push_back(call);
  if (calls.empty() || function.getInstructionCount() * (calls.size() + 1) > mostGrown)
    return;
  ValueToValueMapTy values;
  Function *body = CloneFunction(&function, values);
  for (CallInst *call : calls) {
    call->setCalledFunction(body);
    inlineCall(*call);
  }
  body->eraseFromParent();
}

/// What a function may execute, on the way to a return, before it calls or stores anything.
class EarlyReturns {
public:
  explicit EarlyReturns(Function &function) {
    collect(function.getEntryBlock());
    // Only what leads to a return there.
    bool hasChanged = true;
    while (hasChanged) {
      hasChanged = false;
      for (BasicBlock *block : visited)
        if (leadsToReturn(*block))
          hasChanged |= blocks.insert(block);
    }
  }

  bool areWorthwhile(Function &function) const {
    constexpr size_t mostInstructions = 40;
    size_t instructions = 0;
    for (BasicBlock *block : blocks)
      instructions += block->size();
    return blocks.contains(&function.getEntryBlock()) && blocks.size() < function.size() &&
           instructions <= mostInstructions;
  }

  /// Makes a function that does this, and calls \p function for all else.
  Function *separate(Function &function) const {
    ValueToValueMapTy values;
    Function *result = CloneFunction(&function, values);
    auto *otherwise = BasicBlock::Create(function.getContext(), "", result);
    IRBuilder<> builder(otherwise);
    SmallVector<Value *, 8> arguments(make_pointer_range(result->args()));
    builder.CreateRet(builder.CreateCall(&function, arguments));
    SmallPtrSet<BasicBlock *, 8> kept;
    for (BasicBlock *block : blocks)
      kept.insert(cast<BasicBlock>(values[block]));
    for (BasicBlock *block : kept)
      for (Use &target : block->getTerminator()->operands())
        if (auto *successor = dyn_cast<BasicBlock>(target);
            successor && !kept.contains(successor)) {
          successor->removePredecessor(block);
          target.set(otherwise);
        }
    EliminateUnreachableBlocks(*result);
    return result;
  }

private:
  static constexpr size_t mostBlocks = 8;

  static bool isWithoutEffect(const BasicBlock &block) {
    return all_of(block, [](const Instruction &instruction) {
      return !instruction.mayWriteToMemory() || isa<LoadInst>(instruction);
    });
  }

  void collect(BasicBlock &block) {
    if (visited.size() == mostBlocks || visited.contains(&block) || !isWithoutEffect(block))
      return;
    visited.insert(&block);
    for (BasicBlock *successor : successors(&block))
      collect(*successor);
  }

  bool leadsToReturn(BasicBlock &block) const {
    return isa<ReturnInst>(block.getTerminator()) ||
           any_of(successors(&block), [&](BasicBlock *next) { return blocks.contains(next); });
  }

  SmallSetVector<BasicBlock *, mostBlocks> visited;
  SmallSetVector<BasicBlock *, mostBlocks> blocks;
};

/// Puts what \p function does before it calls anything in front of its calls, if it may return
/// then: the end of a recursion is half of all calls and more.
void inlineEarlyReturns(Function &function) {
  EarlyReturns early(function);
  if (!early.areWorthwhile(function))
    return;
  SmallVector<CallInst *, 8> calls = callsOf(function);
  Function *separate = early.separate(function);
  for (CallInst *call : calls)
    if (call->getFunction()->getInstructionCount() <= mostGrown) {
      call->setCalledFunction(separate);
      inlineCall(*call);
    }
  separate->eraseFromParent();
}

} // namespace

void inlineCalls(Module &module) {
  SmallVector<Function *, 8> callees;
  for (Function &function : module)
    if (function.hasInternalLinkage() && function.getInstructionCount() <= mostInlined)
      callees.push_back(&function);
  // What called leaves only is one then.
  bool hasChanged = true;
  while (hasChanged) {
    hasChanged = false;
    for (Function *callee : callees)
      if (callee->getInstructionCount() <= mostInlined && !callsAny(*callee))
        hasChanged |= inlineLeaf(*callee);
  }
  for (Function *callee : callees)
    if (callee->use_empty())
      callee->eraseFromParent();
    else
      unrollRecursion(*callee);
  SmallVector<Function *, 8> called;
  for (Function &function : module)
    if (function.hasInternalLinkage())
      called.push_back(&function);
  for (Function *function : called)
    inlineEarlyReturns(*function);
}

} // namespace fusevm::jit
