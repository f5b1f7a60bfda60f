//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "OpHandlers.h"
#include "Ops/ShellHostCall.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <thread>

namespace fusevm {

Machine::Machine(VM &vm, std::shared_ptr<const Chunk> chunk, const Limits &limits)
    : vm(vm), output(&standardOutput()), input(&standardInput()), limits(limits) {
  reset(std::move(chunk));
}

void Machine::reset(std::shared_ptr<const Chunk> newChunk) {
  assert(newChunk && "a VM needs a chunk");
  restartAt(0);
  chunk = std::move(newChunk);
  prepared.reset();
  globals.clear();
  globals.resize(chunk->names.size());
  constants.clear();
  constants.resize(chunk->constants.size());
  lastStatus = 0;
  awk.seed = 1;
  ++generation;
  opsExecuted = calls = 0;
  peakFrames = 1;
  peakStack = 0;
}

void Machine::restartAt(uint64_t op) {
  windows.leave(*this);
  abandonBlocks();
  stack.truncate(0);
  slots.truncate(0);
  frames.clear();
  frames.push_back({.returnIp = 0, .stackBase = 0, .slotBase = 0, .isScope = false});
  callDepth = 1;
  ip = op;
  halted = false;
  returned.reset();
  reportedError.reset();
}

const Value &Machine::undef() {
  static const Value value;
  return value;
}

const Value &Machine::loadConstant(size_t index) {
  // Undef stands for "not loaded yet"; copying an Undef constant again costs nothing.
  return constants[index] = chunk->constants[index].deepCopy();
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

OpStatus Machine::fail(ErrorKind kind, std::string message) {
  error = {kind, std::move(message), ip == 0 ? 0 : ip - 1};
  return OpStatus::Failed;
}

static std::string toDecimal(unsigned __int128 number) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

OpStatus Machine::failTooLarge(std::string_view what, unsigned __int128 size,
                               std::string_view unit) {
  return fail(ErrorKind::Limit, strCat(what, " too large: ", toDecimal(size), " ", unit));
}

OpStatus Machine::failTextTooLarge() {
  return fail(ErrorKind::Limit,
              strCat("string too large: more than ", limits.maxStringBytes, " bytes"));
}

void Machine::acceptInterrupt() {
  interrupted.store(false, std::memory_order_relaxed);
  error = {ErrorKind::Interrupt, "interrupted", ip};
}

OpStatus Machine::interruptBeforeOp() {
  --ip;
  --opsExecuted;
  if (fuelIsLimited())
    ++fuel;
  acceptInterrupt();
  return OpStatus::Failed;
}

//===----------------------------------------------------------------------===//
// Frames and slots
//===----------------------------------------------------------------------===//

const Value &Machine::slot(uint16_t index) const {
  if (frames.empty())
    return undef();
  size_t position = frames.back().slotBase + index;
  return position < slots.size() ? slots[position] : undef();
}

Value *Machine::slotForWrite(uint16_t index) {
  if (frames.empty())
    return nullptr;
  // Only the top frame's slots can be written, so the slot stack grows at its top.
  size_t position = frames.back().slotBase + index;
  if (position >= slots.size()) {
    if (position >= limits.maxStackValues) {
      fail(ErrorKind::Limit, strCat("value stack overflow: ", position + 1, " values"));
      return nullptr;
    }
    slots.extend(position + 1);
  }
  return &slots[position];
}

const FunctionInfo *Machine::functionOf(uint64_t op) const {
  const ChunkAnalysis &analysis = prepared->analysis;
  if (analysis.disposition != Disposition::Fast || op >= analysis.functionOf.size() ||
      analysis.functionOf[op] == noFunction)
    return nullptr;
  return &analysis.functions[analysis.functionOf[op]];
}

OpStatus Machine::pushFrame(uint64_t returnIp, size_t stackBase, bool isScope, size_t slotCount) {
  if (frames.size() >= limits.maxFrames)
    return fail(ErrorKind::Limit, strCat("call stack overflow: ", frames.size() + 1, " frames"));
  size_t slotBase = slots.size();
  if (slotCount != 0) {
    if (slotBase + slotCount > limits.maxStackValues)
      return fail(ErrorKind::Limit,
                  strCat("value stack overflow: ", slotBase + slotCount, " values"));
    slots.extend(slotBase + slotCount);
  }
  frames.push_back({returnIp, stackBase, slotBase, isScope});
  callDepth += !isScope;
  peakFrames = std::max(peakFrames, frames.size());
  return OpStatus::Continue;
}

OpStatus Machine::enterSub(uint64_t entry, size_t argc) {
  const FunctionInfo *function = functionOf(entry);
  OpStatus status =
      pushFrame(ip, stack.size() - argc, /*isScope=*/false, function ? function->slots : 0);
  if (status == OpStatus::Continue) {
    ++calls;
    ip = entry;
  }
  return status;
}

void Machine::popFrame() {
  FrameRecord frame = frames.back();
  frames.pop_back();
  callDepth -= !frame.isScope;
  stack.truncate(frame.stackBase);
  slots.truncate(frame.slotBase);
}

void Machine::extendSlotsForFunction() {
  const FunctionInfo *function = functionOf(ip);
  if (function && !frames.empty() &&
      frames.back().slotBase + function->slots <= limits.maxStackValues)
    slots.extend(frames.back().slotBase + function->slots);
}

void Machine::pushOperands(Value *operands, int32_t count) {
  stack.reserveMore(static_cast<size_t>(count) + handlerStackRoom);
  for (int32_t i = 0; i != count; ++i)
    stack.push(std::move(operands[i]));
}

void Machine::takeResults(Value *results, int32_t count) {
  for (int32_t i = count; i-- != 0;)
    results[i] = stack.pop();
}

OpStatus Machine::leaveFunction(std::optional<Value> result) {
  std::optional<FrameRecord> frame = popCallFrame();
  dropLeftBlocks();
  if (frame && !frames.empty()) {
    ip = frame->returnIp;
    extendSlotsForFunction();
    if (result)
      stack.push(std::move(*result));
    return OpStatus::Continue;
  }
  halted = true;
  returned = std::move(result);
  return OpStatus::Finished;
}

std::optional<FrameRecord> Machine::popCallFrame() {
  while (!frames.empty()) {
    FrameRecord frame = frames.back();
    popFrame();
    if (!frame.isScope)
      return frame;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

OpStatus Machine::perform(const Instruction &instruction) {
  if (stack.size() + handlerStackRoom > limits.maxStackValues) [[unlikely]] {
    StackEffect effect = stackEffect(instruction);
    size_t height = stack.size() + effect.pushes;
    if (effect.pushes > effect.pops && height - effect.pops > limits.maxStackValues)
      return fail(ErrorKind::Limit,
                  strCat("value stack overflow: ", height - effect.pops, " values"));
  }
  stack.reserveMore(handlerStackRoom);
  OpStatus status = opHandlers[static_cast<size_t>(instruction.opcode())](*this, instruction);
  peakStack = std::max(peakStack, stack.size());
  return status;
}

bool Machine::charge(const Instruction &instruction, uint64_t op) {
  uint64_t cost = 1;
  if (instruction.info().fuel == FuelCharge::Iterations) {
    // The counter is the last slot operand.
    uint16_t counter =
        instruction.opcode() == Opcode::ConcatConstLoop ? instruction.c() : instruction.b();
    int64_t i = toInt(slot(counter));
    int64_t limit = instruction.limit();
    if (i < limit)
      cost += static_cast<uint64_t>(limit) - static_cast<uint64_t>(i);
  }
  if (fuelIsLimited()) {
    if (cost > fuel) {
      error = {ErrorKind::Fuel,
               strCat("out of fuel: the next op costs ", cost, ", ", fuel, " left"), op};
      return false;
    }
    fuel -= cost;
  }
  opsExecuted += cost;
  return true;
}

bool Machine::ensurePrepared() {
  if (!prepared)
    prepared = effects.empty() ? preparedFormOf(*chunk) : prepare(*chunk, effects);
  return prepared->analysis.disposition != Disposition::Refused;
}

/// Whether the fast loop may run now, whatever the state is.
bool Machine::fastLoopMayRun() {
  return prepared->analysis.disposition == Disposition::Fast && blocks.empty() && !halted &&
         loop == LoopChoice::Automatic && fuel >= 2 * chunk->ops.size();
}

/// Whether the fast loop should be tried here.
bool Machine::canHandOver() {
  return prepared->isEntry(ip) && frames.size() < unfitFrames && fastLoopMayRun() &&
         !(tier && tier->isWatching());
}

/// Makes the fast loop ready to go on from here, if it can.
bool Machine::enterFastLoop() {
  if (!canHandOver())
    return false;
  // An interrupt sets the flag first: either it is seen here, or the floor is raised
  // after this.
  uint64_t floor = 2 * chunk->ops.size();
  uint64_t meter = std::min(fuel, UINT64_MAX / 2) + ip;
  if (uint64_t interval = tier ? tier->interval(*this) : UINT64_MAX; meter > interval)
    floor = std::max(floor, meter - interval);
  meterFloor.store(floor);
  if (interrupted.load())
    return false;
  Windows::Entry entry = windows.enter(*this);
  if (entry == Windows::Entry::Never)
    unfitFrames = frames.size();
  return entry == Windows::Entry::Done;
}

LoopExit Machine::runLoops(bool isNewRun) {
  bool demoted = false;
  bool mayEnterTier = true;
  unfitFrames = SIZE_MAX;
  LoopExit exit = LoopExit::Switch;
  while (exit == LoopExit::Switch || exit == LoopExit::Demote) {
    bool isNew = isNewRun || !prepared;
    isNewRun = false;
    if (!ensurePrepared()) {
      const Violation &violation = prepared->analysis.violations.front();
      error = {ErrorKind::Verify, describe(*chunk, violation), violation.op};
      return LoopExit::Failed;
    }
    if (isInnerOver())
      return LoopExit::Switch;
    // The op there may be the reason, and is not tried again.
    bool hasTicked =
        exit == LoopExit::Demote && tier && !interrupted.load() && fuel >= 2 * chunk->ops.size();
    if (hasTicked)
      tier->tick(*this);
    else
      demoted |= exit == LoopExit::Demote;
    // At the same moments whichever loop runs: see there.
    if (isNew)
      extendSlotsForFunction();
    if (tier && std::exchange(mayEnterTier, true)) {
      TierExit tierExit = tier->run(*this);
      if (tierExit == TierExit::Finished || tierExit == TierExit::Failed)
        return tierExit == TierExit::Finished ? LoopExit::Finished : LoopExit::Failed;
      exit = LoopExit::Switch;
      if (tierExit != TierExit::NotEntered) {
        mayEnterTier = tierExit != TierExit::Interpret;
        continue;
      }
    }
    seeksEntry = !demoted && (!tier || tier->interval(*this) != 0);
    exit = seeksEntry && !hasTicked && enterFastLoop() ? runFastLoop() : runBaselineLoop();
  }
  return exit;
}

LoopExit Machine::runInner(size_t frameCount, size_t blockCount) {
  size_t outerFrames = std::exchange(innerFrames, frameCount);
  size_t outerBlocks = std::exchange(innerBlocks, blockCount);
  bool outerSeeksEntry = seeksEntry;
  LoopExit exit = runLoops(/*isNewRun=*/false);
  seeksEntry = outerSeeksEntry;
  innerFrames = outerFrames;
  innerBlocks = outerBlocks;
  return exit;
}

RunResult Machine::run() {
  returned.reset();
  awk.signal.reset();
  if (nestedRuns >= limits.maxNestedRuns) {
    fail(ErrorKind::Limit, strCat("run() nested deeper than ", limits.maxNestedRuns, " levels"));
    return RunResult::makeError(describeError());
  }
  windows.leave(*this);
  if (nestedRuns == 0)
    formerTiers.clear();
  ++nestedRuns;
  size_t outerFrames = std::exchange(innerFrames, 0);
  size_t outerBlocks = std::exchange(innerBlocks, 0);
  LoopExit exit = runLoops(/*isNewRun=*/true);
  innerFrames = outerFrames;
  innerBlocks = outerBlocks;
  --nestedRuns;
  output->runEnded();
  RunResult result = exit == LoopExit::Failed ? finishWithError() : finish();
  if (shellHost && nestedRuns == 0)
    tellShellHostOfEnd(*this, result);
  return result;
}

void Machine::interrupt() {
  interrupted.store(true);
  meterFloor.store(UINT64_MAX);
  ++interrupters;
  if (Machine *nested = inner.load())
    nested->interrupt();
  --interrupters;
}

RunResult Machine::runNested(Machine &nested) {
  nested.fuel = fuel;
  Machine *other = inner.exchange(&nested);
  // One that came before has not reached it.
  if (interrupted.load())
    nested.interrupt();
  RunResult result = nested.run();
  inner.store(other);
  while (interrupters.load() != 0)
    std::this_thread::yield();
  // What could not be paid in there ends this run too.
  bool ranOut = result.isError() && result.error().kind == ErrorKind::Fuel;
  fuel = ranOut ? 0 : nested.fuel;
  return result;
}

RunResult Machine::finish() {
  abandonBlocks();
  if (returned)
    return RunResult::makeOk(*std::exchange(returned, std::nullopt));
  if (stack.empty())
    return RunResult::makeHalted();
  return RunResult::makeOk(stack.pop());
}

RunResult Machine::finishWithError() {
  RunError described = describeError();
  // A run stopped by fuel or an interrupt goes on where it was.
  bool stopped = error.kind == ErrorKind::Fuel || error.kind == ErrorKind::Interrupt;
  if (!stopped && error.kind != ErrorKind::Verify && !blocks.empty()) {
    uint64_t resumeIp = blocks.front().resumeIp;
    size_t frameCount = blocks.front().frameCount;
    size_t stackHeight = blocks.front().stackHeight;
    abandonBlocks();
    while (frames.size() > frameCount)
      popFrame();
    stack.truncate(stackHeight);
    ip = resumeIp;
  }
  return RunResult::makeError(std::move(described));
}

//===----------------------------------------------------------------------===//
// Descriptions
//===----------------------------------------------------------------------===//

std::string Machine::functionName(const FrameRecord &frame) const {
  if (&frame == frames.data())
    return "main";
  uint64_t call = frame.returnIp - 1;
  if (frame.returnIp != 0 && call < chunk->ops.size()) {
    const Instruction &instruction = chunk->ops[call];
    if (instruction.opcode() == Opcode::Call)
      return std::string(chunk->nameOr(instruction.a()));
  }
  return "?";
}

RunError Machine::describeError() const {
  constexpr size_t keptAtEachEnd = 32;
  RunError result;
  result.kind = error.kind;
  result.message = error.message;
  result.source = chunk->source;
  result.op = error.op;
  result.line = chunk->lineOf(error.op);
  uint64_t op = error.op;
  size_t left = callDepth;
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    if (frame->isScope)
      continue;
    if (left > keptAtEachEnd && callDepth - left >= keptAtEachEnd)
      ++result.omittedCalls;
    else
      result.callStack.push_back({functionName(*frame), op, chunk->lineOf(op)});
    op = frame->returnIp == 0 ? 0 : frame->returnIp - 1;
    --left;
  }
  return result;
}

} // namespace fusevm
