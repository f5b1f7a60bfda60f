//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Inliner.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

using namespace llvm;

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

void inlineCall(CallInst &call) {
  InlineFunctionInfo info;
  [[maybe_unused]] bool succeeded = InlineFunction(call, info).isSuccess();
  assert(succeeded && "there is nothing unusual in what is called");
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
}

} // namespace fusevm::jit
