//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "OpHandlers.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>

namespace fusevm {

Machine::Machine(VM &vm, std::shared_ptr<const Chunk> chunk, const Limits &limits)
    : vm(vm), output(&standardOutput()), input(&standardInput()), limits(limits) {
  reset(std::move(chunk));
}

void Machine::reset(std::shared_ptr<const Chunk> newChunk) {
  assert(newChunk && "a VM needs a chunk");
  chunk = std::move(newChunk);
  prepared.reset();
  stack.truncate(0);
  slots.truncate(0);
  frames.clear();
  frames.push_back({.returnIp = 0, .stackBase = 0, .slotBase = 0, .isScope = false});
  callDepth = 1;
  globals.clear();
  globals.resize(chunk->names.size());
  constants.clear();
  constants.resize(chunk->constants.size());
  blocks.clear();
  ip = 0;
  lastStatus = 0;
  halted = false;
  returned.reset();
  reportedError.reset();
  disturbed = false;
  ++generation;
  opsExecuted = calls = 0;
  peakFrames = 1;
  peakStack = 0;
}

const Value &Machine::undef() {
  static const Value value;
  return value;
}

const Value &Machine::constant(uint16_t index) {
  if (index >= constants.size())
    return undef();
  // Undef stands for "not loaded yet"; copying an Undef constant again costs nothing.
  if (constants[index].isUndef())
    constants[index] = chunk->constants[index].deepCopy();
  return constants[index];
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
  size_t base = stack.size() - argc;
  OpStatus status = pushFrame(ip, base, /*isScope=*/false, function ? function->slots : 0);
  if (status == OpStatus::Continue) {
    if (function && !makeRoom(*function, base, frames.back().slotBase))
      disturbed = true;
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

/// Gives \p function, whose values begin at \p base, its slots and room for its values.
/// False if that would exceed a limit.
bool Machine::makeRoom(const FunctionInfo &function, size_t base, size_t slotBase) {
  if (base + function.maxHeight > limits.maxStackValues ||
      slotBase + function.slots > limits.maxStackValues)
    return false;
  slots.extend(slotBase + function.slots);
  size_t needed = base + function.maxHeight + handlerStackRoom;
  if (needed > stack.size())
    stack.reserveMore(needed - stack.size());
  return true;
}

/// Whether the state is one in which the fast loop may go on. If it is not, it will not be
/// before the program is back in its root frame.
bool Machine::shapeMatches() {
  const ChunkAnalysis &analysis = prepared->analysis;
  if (!analysis.reached(ip) || frames.empty())
    return false;
  bool onlyRoot = frames.size() == 1 && frames[0].stackBase == 0 && !frames[0].isScope;
  if (disturbed && (!onlyRoot || analysis.scopes[ip] != noScope))
    return false;
  auto call = std::find_if(frames.rbegin(), frames.rend(),
                           [](const FrameRecord &frame) { return !frame.isScope; });
  size_t height = static_cast<size_t>(analysis.heights[ip]);
  // The embedder may have pushed values below those of the main program.
  bool expected = call != frames.rend() &&
                  (onlyRoot ? stack.size() >= height : stack.size() == call->stackBase + height);
  disturbed =
      !expected || !makeRoom(*functionOf(ip), stack.size() - height, frames.back().slotBase);
  return !disturbed;
}

/// Whether the fast loop may run from here. The room that it needs is made in any case, so
/// that limits are exceeded by the same op whichever loop runs.
bool Machine::fastLoopMayRun() {
  bool matches = prepared->analysis.disposition == Disposition::Fast && blocks.empty() && !halted &&
                 shapeMatches();
  return matches && loop == LoopChoice::Automatic && fuel >= chunk->ops.size() &&
         !interrupted.load(std::memory_order_relaxed);
}

RunResult Machine::run() {
  returned.reset();
  if (nestedRuns >= limits.maxNestedRuns) {
    fail(ErrorKind::Limit, strCat("run() nested deeper than ", limits.maxNestedRuns, " levels"));
    return RunResult::makeError(describeError());
  }
  ++nestedRuns;
  bool demoted = false;
  LoopExit exit = LoopExit::Switch;
  while (exit == LoopExit::Switch || exit == LoopExit::Demote) {
    if (!ensurePrepared()) {
      const Violation &violation = prepared->analysis.violations.front();
      error = {ErrorKind::Verify, describe(*chunk, violation), violation.op};
      exit = LoopExit::Failed;
      break;
    }
    demoted |= exit == LoopExit::Demote;
    bool mayBeFast = exit == LoopExit::Switch && fastLoopMayRun();
    exit = mayBeFast && !demoted ? runFastLoop() : runBaselineLoop();
  }
  // What a callback's run has changed is news to the run around it.
  disturbed |= --nestedRuns != 0;
  output->flush();
  return exit == LoopExit::Failed ? finishWithError() : finish();
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
  if (!stopped && error.kind != ErrorKind::Verify) {
    disturbed = true;
    if (!blocks.empty()) {
      uint64_t resumeIp = blocks.front().resumeIp;
      size_t frameCount = blocks.front().frameCount;
      size_t stackHeight = blocks.front().stackHeight;
      abandonBlocks();
      while (frames.size() > frameCount)
        popFrame();
      stack.truncate(stackHeight);
      ip = resumeIp;
    }
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
