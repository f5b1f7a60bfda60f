//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Native calls of subs.
///
/// No frame is made for a native call. When one has to be, because a guard fails or an op
/// reports an error somewhere below, the callee notes its frame and returns 0 as the meter,
/// its caller notes its own, and so on up to the unit; then the host makes them all. A call
/// takes the meter and gives back what it was before the Return, less the op's index.

#include "Lowering.h"

namespace fusevm::jit {

//===----------------------------------------------------------------------===//
// Routines
//===----------------------------------------------------------------------===//

/// The routine that the Call at \p op calls natively, if it does.
Routine *Lowering::calleeAt(uint64_t op) const {
  if (instruction(op).info().control != ControlKind::Call || facts(op).callee == FUSEVM_NO_FUNCTION)
    return nullptr;
  return calleeOf.lookup(facts(op).callee);
}

/// Finds what is called from the unit, with the blocks and variables of all.
void Lowering::findRoutines() {
  for (size_t i = 0; i != routines.size(); ++i) {
    routine = routines[i].get();
    findBlocks();
    for (uint64_t op = 0; op != request.opCount; ++op) {
      if (!isReached(op) || facts(op).callee == FUSEVM_NO_FUNCTION ||
          !request.functions[facts(op).callee].isNative)
        continue;
      Routine *&callee = calleeOf[facts(op).callee];
      if (!callee) {
        routines.push_back(std::make_unique<Routine>());
        callee = routines.back().get();
        callee->number = facts(op).callee;
        callee->entry = request.functions[callee->number].entry;
        callee->isCallee = true;
      }
      routine->callees.push_back(callee);
    }
  }
  unit.hasCalls = routines.size() > 1;
  findUsedGlobals();
  routine = routines.front().get();
}

void Lowering::findUsedGlobals() {
  for (const std::unique_ptr<Routine> &user : routines) {
    routine = user.get();
    routine->usedGlobals.insert(routine->globals.begin(), routine->globals.end());
    for (uint64_t op = 0; op != request.opCount; ++op)
      if (isReached(op) && instruction(op).info().has(WritesGlobals))
        for (size_t i = 0; i != instruction(op).info().operands.size(); ++i)
          if (instruction(op).info().operands[i].kind == OperandKind::Name)
            routine->changedGlobals.insert(static_cast<uint32_t>(instruction(op).operand(i)));
  }
  bool hasChanged = true;
  while (std::exchange(hasChanged, false))
    for (const std::unique_ptr<Routine> &caller : routines)
      for (const Routine *callee : caller->callees) {
        for (uint32_t global : callee->usedGlobals)
          hasChanged |= caller->usedGlobals.insert(global).second;
        for (uint32_t global : callee->changedGlobals)
          hasChanged |= caller->changedGlobals.insert(global).second;
      }
}

/// Finds which callees need their windows, once all representations are known.
void Lowering::findWindows() {
  auto hasMemory = [](const std::vector<Cell> &cells, size_t count) {
    for (size_t i = 0; i != count; ++i)
      if (!isUnboxed(cells[i].rep))
        return true;
    return false;
  };
  for (const std::unique_ptr<Routine> &user : routines) {
    for (auto &entry : user->blocks)
      if (entry.second.isReached)
        user->usesWindow |= hasMemory(entry.second.entry.stack, entry.second.entry.stack.size()) ||
                            hasMemory(entry.second.entry.variables, user->slots.size());
    user->usesWindow |=
        user->returns && request.functions[user->number].hasResult && !isUnboxed(user->result);
  }
  bool hasChanged = true;
  while (std::exchange(hasChanged, false))
    for (const std::unique_ptr<Routine> &caller : routines)
      for (const Routine *callee : caller->callees)
        if (callee->usesWindow && !std::exchange(caller->usesWindow, true))
          hasChanged = true;
  for (const std::unique_ptr<Routine> &callee : routines)
    unit.usesWindows |= callee->isCallee && callee->usesWindow;
}

/// What is known at the entry of \p callee, but for its arguments: its slots hold Undef, but
/// the memory for them holds anything.
State Lowering::calleeState(const Routine &callee) const {
  State result;
  result.variables.assign(callee.slots.size(), {.rep = Rep::Undef, .dirty = true});
  result.variables.resize(callee.slots.size() + callee.globals.size());
  result.stack.resize(request.functions[callee.number].arguments);
  return result;
}

//===----------------------------------------------------------------------===//
// Emission of callees
//===----------------------------------------------------------------------===//

/// The context, the meter, how many frames may be pushed, the window if it is needed, and
/// the arguments that are not in memory. Returns the result, if not in memory, and the meter.
void Lowering::declareCallee(Routine &callee) {
  llvm::SmallVector<llvm::Type *, 8> parameters{builder.getPtrTy(), builder.getInt64Ty(),
                                                builder.getInt64Ty()};
  if (callee.usesWindow)
    parameters.append({builder.getPtrTy(), builder.getPtrTy()});
  auto add = [&](llvm::SmallVectorImpl<llvm::Type *> &types, Rep rep) {
    if (!isUnboxed(rep) || rep == Rep::Undef)
      return;
    if (rep == Rep::Tagged)
      types.push_back(builder.getInt32Ty());
    types.push_back(typeOf(rep));
  };
  for (const Cell &cell : callee.blocks[callee.entry].entry.stack) {
    callee.parameters.push_back(cell.rep);
    add(parameters, cell.rep);
  }
  llvm::SmallVector<llvm::Type *, 3> results;
  if (callee.returns && request.functions[callee.number].hasResult)
    add(results, callee.result);
  results.push_back(builder.getInt64Ty());
  auto *type = llvm::FunctionType::get(llvm::StructType::get(context, results), parameters,
                                       /*isVarArg=*/false);
  callee.code = llvm::Function::Create(type, llvm::Function::InternalLinkage,
                                       request.functions[callee.number].name, module);
}

void Lowering::emitCalleePrologue() {
  unsigned next = 1;
  auto argument = [&] { return function->getArg(next++); };
  state = calleeState(*routine);
  state.meter = argument();
  state.calls = int64(0);
  routine->framesLeft = argument();
  if (routine->usesWindow) {
    routine->slotsAddress = argument();
    routine->stackAddress = argument();
  }
  for (size_t i = 0; i != state.stack.size(); ++i) {
    Cell &cell = state.stack[i];
    cell.rep = routine->parameters[i];
    if (cell.rep == Rep::Tagged)
      cell.tag = argument();
    if (isUnboxed(cell.rep) && cell.rep != Rep::Undef)
      cell.bits = argument();
  }
  currentOp = resumeOp = routine->entry;
  guardExit = nullptr;
  // What calls nothing executes no op twice before its return is looked at.
  if (!routine->callees.empty())
    poll(routine->entry);
  goTo(routine->entry);
}

/// Has the host note the frame, which is left with the state of \p snapshot.
void Lowering::noteFrame(uint32_t snapshot) {
  callHelper(offsetof(FusevmHelpers, unwind), builder.getVoidTy(),
             {nativeContext, int32(snapshot)});
}

/// Returns \p results from a callee. In quick code all returns are one, with a phi for each result:
/// LLVM would join them otherwise, with one for the struct, which FastISel does not select. What
/// inlines callees needs to tell the returns apart.
void Lowering::returnResults(llvm::MutableArrayRef<llvm::Value *> results) {
  auto count = static_cast<unsigned>(results.size());
  if (request.quality != FUSEVM_QUALITY_QUICK) {
    builder.CreateAggregateRet(results.data(), count);
    return;
  }
  if (!routine->returnBlock) {
    auto point = builder.saveIP();
    routine->returnBlock = newBlock();
    builder.SetInsertPoint(routine->returnBlock);
    for (llvm::Value *result : results)
      routine->results.push_back(builder.CreatePHI(result->getType(), 4));
    llvm::SmallVector<llvm::Value *, 3> values(routine->results.begin(), routine->results.end());
    builder.CreateAggregateRet(values.data(), count);
    builder.restoreIP(point);
  }
  for (auto [phi, result] : llvm::zip_equal(routine->results, results))
    phi->addIncoming(result, builder.GetInsertBlock());
  builder.CreateBr(routine->returnBlock);
}

void Lowering::returnZeros() {
  llvm::SmallVector<llvm::Value *, 3> zeros;
  for (llvm::Type *type : llvm::cast<llvm::StructType>(function->getReturnType())->elements())
    zeros.push_back(llvm::Constant::getNullValue(type));
  returnResults(zeros);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

bool Lowering::lowerFunctions(uint64_t op) {
  ControlKind control = instruction(op).info().control;
  if (control == ControlKind::Call)
    return lowerCall(op);
  if (control == ControlKind::Return && routine->isCallee) {
    lowerReturn(op);
    return true;
  }
  return false;
}

bool Lowering::lowerCall(uint64_t op) {
  Routine *callee = calleeAt(op);
  if (!callee)
    return false;
  const FusevmJitFunction &info = request.functions[callee->number];
  assert(info.arguments <= state.stack.size() && "a call of too few values");
  size_t base = state.stack.size() - info.arguments;
  prepareArguments(op, *callee, base);
  if (isDry && !isCounting)
    joinArguments(*callee, base);
  flushGlobals(*callee);
  if (isDry) {
    state.stack.resize(base);
    isTerminated = !callee->returns;
    if (callee->returns && info.hasResult)
      push({.rep = callee->result});
  } else {
    emitCall(op, *callee, base);
  }
  for (uint32_t i = static_cast<uint32_t>(routine->slots.size()); i != state.variables.size(); ++i)
    if (callee->changedGlobals.contains(globalOf(i)))
      state.variables[i] = Cell();
  return true;
}

/// Gets the arguments to where they may be passed: out of variables, and into registers if
/// their kinds were seen. Copies of globals that the callee changes are made real.
void Lowering::prepareArguments(uint64_t op, Routine &callee, size_t base) {
  if (!facts(op).isAnyKind && facts(callee.entry).kinds[0] != 0)
    for (unsigned depth = 0; depth != std::min<size_t>(state.stack.size() - base, 2); ++depth) {
      std::optional<Rep> rep = expected(callee.entry, depth, Rep::Int);
      if (rep && !isScalar(top(depth).rep) && facts(callee.entry).kinds[depth] != 0)
        guardTop(depth, *rep);
    }
  for (size_t i = 0; i != state.stack.size(); ++i) {
    const Cell &cell = state.stack[i];
    bool isArgument = i >= base && (cell.rep == Rep::Alias || cell.rep == Rep::Pooled);
    bool changes = cell.rep == Rep::Alias && isGlobal(cell.alias) &&
                   callee.changedGlobals.contains(globalOf(cell.alias));
    if (isArgument || changes)
      materialize(i);
  }
}

/// Notes in a dry run that \p callee is called with the values from \p base on.
void Lowering::joinArguments(Routine &callee, size_t base) {
  callee.sites.insert({routine, currentBlock});
  State passed = calleeState(callee);
  for (size_t i = base; i != state.stack.size(); ++i) {
    passed.stack[i - base] = state.stack[i];
    passed.stack[i - base].dirty = false;
    if (!isUnboxed(state.stack[i].rep))
      routine->usesWindow = true;
  }
  Block &block = callee.blocks[callee.entry];
  bool isFirst = !std::exchange(block.isReached, true);
  if (isFirst)
    block.entry = passed;
  if (joinInto(block.entry, passed) || isFirst)
    enqueue(&callee, callee.entry);
}

/// Stores the globals that \p callee may look at.
void Lowering::flushGlobals(const Routine &callee) {
  for (auto i = static_cast<uint32_t>(routine->slots.size()); i != state.variables.size(); ++i) {
    Cell &cell = state.variables[i];
    if (!isUnboxed(cell.rep) || !cell.dirty || !callee.usedGlobals.contains(globalOf(i)))
      continue;
    if (!isDry)
      storeCell(variableAddress(i), cell);
    cell.dirty = false;
  }
}

/// Adds the calls that were made and not counted yet.
void Lowering::countCalls() {
  auto *known = llvm::dyn_cast_or_null<llvm::ConstantInt>(state.calls);
  if (isDry || (known && known->isZero()))
    return;
  auto *address = field(nativeContext, offsetof(FusevmNativeContext, calls));
  auto *count = load(builder.getInt64Ty(), address, ofContext);
  store(builder.CreateAdd(count, state.calls), address, ofContext);
}

/// Goes on only if there may be a frame more, and \p framesLeft afterwards.
void Lowering::checkDepth(uint64_t op, llvm::Value *framesLeft) {
  llvm::BasicBlock *deeper = newBlock();
  llvm::BasicBlock *tooDeep = newBlock();
  llvm::BasicBlock *next = newBlock();
  coldBlocks.push_back(deeper);
  coldBlocks.push_back(tooDeep);
  auto *fewest = loadContext(builder.getInt64Ty(), offsetof(FusevmNativeContext, fewestFramesLeft));
  branchLikely(builder.CreateICmpUGE(framesLeft, fewest), next, deeper);
  builder.SetInsertPoint(deeper);
  auto *refused = callHelper(offsetof(FusevmHelpers, deepen), builder.getInt32Ty(),
                             {nativeContext, framesLeft});
  builder.CreateCondBr(builder.CreateICmpEQ(refused, int32(0)), next, tooDeep);
  builder.SetInsertPoint(tooDeep);
  leave(op, op, FUSEVM_EXIT_LIMIT);
  continueIn(next);
}

void Lowering::emitCall(uint64_t op, Routine &callee, size_t base) {
  for (size_t i = base; i != state.stack.size(); ++i) {
    Cell &cell = state.stack[i];
    Rep wanted = callee.parameters[i - base];
    if (wanted == Rep::Tagged && cell.rep != Rep::Tagged)
      cell = {.rep = Rep::Tagged, .bits = bitsOf(cell), .tag = tagOf(cell)};
    if (wanted == Rep::Memory)
      materialize(i);
  }
  llvm::Value *framesLeft =
      routine->isCallee
          ? routine->framesLeft
          : loadContext(builder.getInt64Ty(), offsetof(FusevmNativeContext, framesLeft));
  framesLeft = builder.CreateSub(framesLeft, int64(1));
  checkDepth(op, framesLeft);
  state.calls = builder.CreateAdd(state.calls, int64(1));
  auto *meter = builder.CreateAdd(state.meter, int64(callee.entry - op - 1));
  llvm::SmallVector<llvm::Value *, 8> arguments{nativeContext, meter, framesLeft};
  if (callee.usesWindow) {
    uint32_t ownSlots = routine->isCallee ? request.functions[routine->number].slots : 0;
    arguments.push_back(
        routine->isCallee
            ? field(routine->slotsAddress, ownSlots * sizeof(FusevmValue))
            : loadContext(builder.getPtrTy(), offsetof(FusevmNativeContext, nextSlots)));
    arguments.push_back(stackAddress(base));
  }
  for (size_t i = base; i != state.stack.size(); ++i) {
    const Cell &cell = state.stack[i];
    if (cell.rep == Rep::Tagged)
      arguments.push_back(cell.tag);
    if (isUnboxed(cell.rep) && cell.rep != Rep::Undef)
      arguments.push_back(cell.bits);
  }
  llvm::CallInst *call = builder.CreateCall(callee.code, arguments);
  forgetContextPointers();
  unsigned next = 0;
  auto result = [&] { return builder.CreateExtractValue(call, next++); };
  Cell returned;
  if (callee.returns && request.functions[callee.number].hasResult) {
    returned.rep = callee.result;
    if (returned.rep == Rep::Tagged)
      returned.tag = result();
    if (isUnboxed(returned.rep) && returned.rep != Rep::Undef)
      returned.bits = result();
  }
  llvm::Value *meterBefore = result();

  state.stack.resize(base);
  llvm::BasicBlock *unwinding = newBlock();
  coldBlocks.push_back(unwinding);
  auto unwind = [&] {
    builder.SetInsertPoint(unwinding);
    noteFrame(makeSnapshot(op, op, FUSEVM_EXIT_CALL));
    if (routine->isCallee)
      returnZeros();
    else
      builder.CreateRet(int32(FUSEVM_UNWOUND));
  };
  if (!callee.returns) {
    builder.CreateBr(unwinding);
    unwind();
    isTerminated = true;
    return;
  }
  // A meter of 0 is below every floor, so that the fast path has one test for all.
  llvm::BasicBlock *low = newBlock();
  coldBlocks.push_back(low);
  llvm::BasicBlock *stopped = newBlock();
  coldBlocks.push_back(stopped);
  llvm::BasicBlock *goesOn = newBlock();
  state.meter = builder.CreateAdd(meterBefore, int64(op));
  branchLikely(builder.CreateICmpUGE(state.meter, loadFloor()), goesOn, low);
  builder.SetInsertPoint(low);
  builder.CreateCondBr(builder.CreateICmpEQ(meterBefore, int64(0)), unwinding, stopped);
  unwind();
  if (request.functions[callee.number].hasResult)
    push(returned);
  builder.SetInsertPoint(stopped);
  leave(op + 1, op + 1, FUSEVM_EXIT_POLL);
  continueIn(goesOn);
}

//===----------------------------------------------------------------------===//
// Returns
//===----------------------------------------------------------------------===//

/// Gives up what the frame has in memory, but for the top value.
void Lowering::releaseFrame() {
  for (size_t i = 0; i + 1 < state.stack.size(); ++i)
    if (state.stack[i].rep == Rep::Memory)
      releaseIfHeap(stackAddress(i));
  for (uint32_t i = 0; i != routine->slots.size(); ++i)
    if (state.variables[i].rep == Rep::Memory)
      releaseIfHeap(variableAddress(i));
  for (auto i = static_cast<uint32_t>(routine->slots.size()); i != state.variables.size(); ++i)
    if (isUnboxed(state.variables[i].rep) && state.variables[i].dirty)
      storeCell(variableAddress(i), state.variables[i]);
}

void Lowering::lowerReturn(uint64_t op) {
  isTerminated = true;
  bool hasResult = request.functions[routine->number].hasResult;
  if (hasResult && !isUnboxed(top().rep))
    materialize(state.stack.size() - 1);
  if (isDry) {
    if (isCounting)
      return;
    Cell joined{.rep = routine->result};
    Rep rep = hasResult ? top().rep : Rep::Undef;
    bool isFirst = !std::exchange(routine->returns, true);
    if (isFirst)
      joined.rep = rep;
    else
      joinCell(joined, {.rep = rep});
    if (!isFirst && joined.rep == routine->result)
      return;
    routine->result = joined.rep;
    for (auto [caller, block] : routine->sites)
      enqueue(caller, block);
    return;
  }
  if (!hasResult)
    push({.rep = Rep::Undef});
  countCalls();
  releaseFrame();
  llvm::SmallVector<llvm::Value *, 3> results;
  if (hasResult && routine->result == Rep::Memory) {
    if (isUnboxed(top().rep))
      storeCell(stackAddress(0), top());
    else if (state.stack.size() != 1)
      moveValue(stackAddress(state.stack.size() - 1), stackAddress(0));
  } else if (hasResult && routine->result == Rep::Tagged) {
    results = {tagOf(top()), bitsOf(top())};
  } else if (hasResult && routine->result != Rep::Undef) {
    results.push_back(top().bits);
  }
  results.push_back(builder.CreateSub(state.meter, int64(op)));
  returnResults(results);
}

} // namespace fusevm::jit
