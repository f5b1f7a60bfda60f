//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Activation.h"

#include "../Interp/OpHandlers.h"
#include "BoxedActivation.h"
#include "Helpers.h"
#include "NativeCalls.h"
#include "NativeStack.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

namespace fusevm {

const FusevmHelpers Activation::helpers = {
    .runOp = Activation::runOp,
    .runOpInCall = Activation::runOpInCall,
    .runSimpleOp = Activation::runSimpleOp,
    .runSimpleOpInCall = Activation::runSimpleOpInCall,
    .unwind = Activation::unwind,
    .deepen = Activation::deepen,
    .step = BoxedActivation::step,
    .destroy = native::destroy,
    .isTrue = native::isTrue,
    .toInt = native::toInt,
    .toFloat = native::toFloat,
    .arraySet = native::arraySet,
    .loadConstant = native::loadConstant,
    .findInHash = native::findInHash,
    .findText = native::findText,
    .placeOfText = native::placeOfText,
    .concat = native::concat,
    .isSameText = native::isSameText,
    .compareTexts = native::compareTexts,
    .gcd = native::gcd,
    .lcm = native::lcm,
    // In the order of FusevmUnaryFunction.
    .unary = {std::sin, std::cos, std::exp, std::log, std::ceil, std::floor, std::trunc,
              std::nearbyint, std::tan, std::asin, std::acos, std::atan, std::sinh, std::cosh,
              std::tanh, std::log2, std::log10},
    .binary = {std::fmod, std::pow, std::atan2},
};
static_assert(FUSEVM_LOG10 == 16 && FUSEVM_ROUND == 7 && FUSEVM_ATAN2 == 2);

//===----------------------------------------------------------------------===//
// Activation
//===----------------------------------------------------------------------===//

Activation::Activation(Machine &machine, const NativeUnit &unitToRun, CallWindow window,
                       uint64_t budget, const JitConfig &config)
    : machine(machine), unit(&unitToRun), prepared(machine.prepared.get()),
      chunk(machine.chunk.get()),
      function(prepared->analysis.functions[prepared->analysis.functionOf[machine.ip]]),
      window(window), config(config),
      lastOp(budget == 0 ? UINT64_MAX : machine.opsExecuted + budget),
      coverage(config.coverage.get()), opsBefore(machine.opsExecuted),
      generation(machine.generation), frameCount(machine.frames.size()),
      blockCount(machine.blocks.size()),
      stackStart(machine.stack.size() -
                 static_cast<size_t>(prepared->analysis.heights[machine.ip])) {
  context.helpers = &helpers;
  context.machine = &machine;
  context.unit = this;
  context.guardsLeft = config.failingGuard == 0 ? UINT64_MAX : config.failingGuard;
  context.opsReached = coverage ? coverage->reached.data() : nullptr;
  static_assert(sizeof(machine.meterFloor) == sizeof(uint64_t));
  context.meterFloor = reinterpret_cast<const uint64_t *>(&machine.meterFloor);
  context.values = smallBuffer;
  if (unit->bufferSize() > std::size(smallBuffer)) {
    largeBuffer = std::make_unique<uint64_t[]>(unit->bufferSize());
    context.values = largeBuffer.get();
  }
}

/// Takes over what may have changed or moved.
void Activation::refresh() {
  machine.stack.reserveMore(function.maxHeight + handlerStackRoom);
  uint64_t floor = 2 * chunk->ops.size();
  uint64_t meter = std::min(machine.fuel, UINT64_MAX / 2) + machine.ip;
  uint64_t opsLeft = lastOp - std::min(lastOp, machine.opsExecuted);
  if (meter > opsLeft)
    floor = std::max(floor, meter - opsLeft);
  // An interrupt sets the flag first: it is seen here, or raises the floor after this.
  machine.meterFloor.store(floor);
  if (machine.interrupted.load())
    machine.meterFloor.store(UINT64_MAX);
  context.stack = reinterpret_cast<FusevmValue *>(machine.stack.data() + stackStart);
  context.slots =
      reinterpret_cast<FusevmValue *>(machine.slots.data() + machine.frames.back().slotBase);
  context.globals = reinterpret_cast<FusevmValue *>(machine.globals.data());
  context.maxContainerSize = machine.limits.maxContainerSize;
  if (!chunk->constants.empty())
    context.constants =
        reinterpret_cast<FusevmValue *>(const_cast<Value *>(&machine.pooledConstant(0)));
  if (unit->frameBytes() != 0)
    allowCalls();
}

/// Finds out how many frames native calls may be deep, and makes room for them.
void Activation::allowCalls() {
  // Beyond that many calls with values in memory the interpreter goes on.
  constexpr size_t maxWindows = 1 << 14;
  const Limits &limits = machine.limits;
  auto lessThan = [](size_t limit, size_t used) { return limit - std::min(limit, used); };
  size_t frames = machine.frames.size();
  size_t allowed = std::min(lessThan(limits.maxFrames, frames),
                            nativeStackLeft() / std::max<size_t>(unit->frameBytes(), 1));
  size_t stackRoom =
      lessThan(limits.maxStackValues, stackStart + function.maxHeight + handlerStackRoom);
  size_t slotRoom = lessThan(limits.maxStackValues, machine.slots.size());
  allowed = std::min(allowed, stackRoom / std::max<size_t>(window.height, 1));
  allowed = std::min(allowed, slotRoom / std::max<size_t>(window.slots, 1));
  if (unit->usesWindows()) {
    allowed = std::min(allowed, maxWindows);
    machine.stack.reserveMore(function.maxHeight + allowed * window.height + handlerStackRoom);
    machine.slots.reserveMore(allowed * window.slots);
    context.stack = reinterpret_cast<FusevmValue *>(machine.stack.data() + stackStart);
    context.slots =
        reinterpret_cast<FusevmValue *>(machine.slots.data() + machine.frames.back().slotBase);
  }
  context.nextSlots = reinterpret_cast<FusevmValue *>(machine.slots.end());
  context.framesLeft = allowed + 1;
  size_t known = std::min(lessThan(machine.peakFrames, frames), allowed);
  context.fewestFramesLeft = allowed + 1 - known;
}

void Activation::readMeter() {
  counted = std::min(machine.fuel, UINT64_MAX / 2);
  context.meter = counted + machine.ip;
}

/// Makes the counts of the machine right when \p nextOp is next.
void Activation::sync(uint64_t nextOp) {
  uint64_t fuelLeft = context.meter - nextOp;
  machine.opsExecuted += counted - fuelLeft;
  if (machine.fuelIsLimited())
    machine.fuel -= counted - fuelLeft;
  counted = fuelLeft;
  machine.calls += std::exchange(context.calls, 0);
  machine.ip = nextOp;
}

/// Puts the values of \p snapshot, of which those that are not in memory are in \p values,
/// where they belong.
void Activation::apply(const FusevmSnapshot &snapshot, FusevmValue *slots, FusevmValue *stack,
                       const uint64_t *values) {
  // Slots and globals that are set hold scalars, and stack positions nothing.
  for (const FusevmSnapshotValue &value :
       unit->snapshotValues().subspan(snapshot.firstValue, snapshot.valueCount)) {
    FusevmValue *place = value.place == FUSEVM_PLACE_STACK    ? stack
                         : value.place == FUSEVM_PLACE_GLOBAL ? context.globals
                                                              : slots;
    auto *target = reinterpret_cast<Value *>(place + value.index);
    if (value.from == FUSEVM_FROM_SLOT || value.from == FUSEVM_FROM_GLOBAL) {
      FusevmValue *source = value.from == FUSEVM_FROM_SLOT ? slots : context.globals;
      new (target) Value(reinterpret_cast<const Value &>(source[value.source]));
      continue;
    }
    if (value.from == FUSEVM_FROM_POOL) {
      new (target) Value(machine.pooledConstant(value.source));
      continue;
    }
    uint32_t kind = value.kind == FUSEVM_ANY_KIND ? static_cast<uint32_t>(values[value.source + 1])
                                                  : value.kind;
    uint64_t bits = value.from == FUSEVM_FROM_CONSTANT ? value.constant : values[value.source];
    new (target) Value(Value::makeScalar(static_cast<Kind>(kind), bits));
  }
  machine.stack.setEnd(reinterpret_cast<Value *>(stack) + snapshot.height);
}

/// Makes the frames of the native calls that were left, and the state of each.
void Activation::makeFrames() {
  const ChunkAnalysis &analysis = prepared->analysis;
  const FunctionInfo *current = &function;
  size_t stackBase = stackStart;
  for (size_t i = left.size(); i-- != 0;) {
    const LeftFrame &frame = left[i];
    if (!frame.snapshot) {
      machine.stack.setEnd(machine.stack.data() + frame.stackHeight);
      return;
    }
    // What is above the end moves along.
    machine.stack.setEnd(machine.stack.data() + stackBase);
    machine.stack.reserveMore(current->maxHeight + handlerStackRoom);
    auto *slots = machine.slots.data() + machine.frames.back().slotBase;
    apply(*frame.snapshot, reinterpret_cast<FusevmValue *>(slots),
          reinterpret_cast<FusevmValue *>(machine.stack.data() + stackBase),
          leftValues.data() + frame.firstValue);
    if (i == 0)
      return;
    uint64_t call = frame.snapshot->op;
    std::optional<uint32_t> callee = calleeOf(analysis, chunk->ops[call]);
    assert(callee && "a native call of nothing");
    current = &analysis.functions[*callee];
    stackBase += frame.snapshot->height;
    machine.frames.push_back({.returnIp = call + 1,
                              .stackBase = stackBase,
                              .slotBase = machine.slots.size(),
                              .isScope = false});
    ++machine.callDepth;
    machine.slots.reserveMore(current->slots);
    machine.slots.setEnd(machine.slots.end() + current->slots);
  }
}

const FusevmSnapshot *Activation::run() {
  refresh();
  machine.peakStack = std::max(machine.peakStack, machine.stack.size() + function.maxHeight);
  readMeter();
  uint32_t code = unit->entry()(&context);
  if (code == FUSEVM_LEFT)
    return nullptr;
  if (code == FUSEVM_UNWOUND) {
    if (coverage)
      coverage->unwoundCalls += left.size() - 1;
    makeFrames();
    // Callers have counted theirs on the way out, after an op of the host had all counts right.
    machine.calls += std::exchange(context.calls, 0);
    const FusevmSnapshot *innermost = left.front().snapshot;
    return innermost ? leaveAt(*innermost) : nullptr;
  }
  const FusevmSnapshot &snapshot = unit->snapshots()[code];
  apply(snapshot, context.slots, context.stack, context.values);
  return leaveAt(snapshot);
}

/// Makes the counts right for \p snapshot, which has been applied. Null if its op has failed.
const FusevmSnapshot *Activation::leaveAt(const FusevmSnapshot &snapshot) {
  if (snapshot.reason != FUSEVM_EXIT_FAILED) {
    sync(snapshot.op);
    return &snapshot;
  }
  machine.stack.setEnd(machine.stack.end() - takenByFailure);
  // An op that was interrupted is the next one.
  uint64_t next = machine.ip;
  sync(snapshot.op + 1);
  machine.ip = next;
  exit = TierExit::Failed;
  return nullptr;
}

void Activation::unwind(FusevmNativeContext *context, uint32_t snapshot) {
  Activation &self = of(context);
  self.left.push_back({&self.unit->snapshots()[snapshot], self.leftValues.size(), 0});
  self.leftValues.insert(self.leftValues.end(), context->values,
                         context->values + self.unit->bufferSize());
}

uint32_t Activation::deepen(FusevmNativeContext *context, uint64_t framesLeft) {
  if (framesLeft == 0)
    return 1;
  Activation &self = of(context);
  context->fewestFramesLeft = framesLeft;
  size_t frames = self.machine.frames.size() + (context->framesLeft - framesLeft);
  self.machine.peakFrames = std::max(self.machine.peakFrames, frames);
  return 0;
}

/// Executes an op for which nothing of the machine need be right but the end of the stack.
uint32_t Activation::executeSimply(uint64_t op, FusevmValue *stackEnd) {
  const Instruction &current = chunk->ops[op];
  machine.ip = op + 1;
  machine.stack.setEnd(reinterpret_cast<Value *>(stackEnd));
  assert(machine.stack.capacity() - machine.stack.size() >= handlerStackRoom);
  cover(current);
  OpStatus status = opHandlers[static_cast<size_t>(current.opcode())](machine, current);
  assert(status == OpStatus::Failed || (status == OpStatus::Continue && machine.ip == op + 1));
  // Some ops that fail have taken their operands.
  if (status == OpStatus::Failed)
    takenByFailure = static_cast<size_t>(reinterpret_cast<Value *>(stackEnd) - machine.stack.end());
  return status != OpStatus::Continue;
}

uint32_t Activation::runSimpleOp(FusevmNativeContext *context, uint64_t op, FusevmValue *stackEnd) {
  return of(context).executeSimply(op, stackEnd);
}

uint32_t Activation::runSimpleOpInCall(FusevmNativeContext *context, uint64_t op,
                                       FusevmValue *stackEnd, FusevmValue *slots) {
  Activation &self = of(context);
  size_t outerSlots = self.pushCalleeFrame(op, slots, /*stackBase=*/0);
  uint32_t failed = self.executeSimply(op, stackEnd);
  self.popCalleeFrame(outerSlots);
  return failed;
}

/// Gives the machine the frame of the native call whose op at \p op it executes, and only this.
/// Returns how many slots there were before.
size_t Activation::pushCalleeFrame(uint64_t op, FusevmValue *slots, size_t stackBase) {
  const ChunkAnalysis &analysis = prepared->analysis;
  size_t outerSlots = machine.slots.size();
  auto slotBase = static_cast<size_t>(reinterpret_cast<Value *>(slots) - machine.slots.data());
  machine.frames.push_back(
      {.returnIp = 0, .stackBase = stackBase, .slotBase = slotBase, .isScope = false});
  machine.slots.setEnd(machine.slots.data() + slotBase +
                       analysis.functions[analysis.functionOf[op]].slots);
  return outerSlots;
}

void Activation::popCalleeFrame(size_t outerSlots) {
  machine.frames.pop_back();
  machine.slots.setEnd(machine.slots.data() + outerSlots);
}

/// Counts \p instruction for who wants to know what was covered.
void Activation::cover(const Instruction &instruction) {
  if (coverage)
    ++coverage->byHost[static_cast<size_t>(instruction.opcode())];
}

uint32_t Activation::runOp(FusevmNativeContext *context, uint32_t snapshot) {
  Activation &self = of(context);
  return self.execute(self.unit->snapshots()[snapshot]);
}

/// Charges \p current, and moves on behind it. False if it may not be executed.
bool Activation::beginOp(const Instruction &current, uint64_t op) {
  if (current.info().fuel != FuelCharge::Iterations) {
    sync(op + 1);
    return true;
  }
  sync(op);
  if (!machine.charge(current, op))
    return false;
  ++machine.ip;
  return true;
}

uint32_t Activation::runOpInCall(FusevmNativeContext *context, uint32_t snapshot,
                                 FusevmValue *slots, FusevmValue *stack) {
  Activation &self = of(context);
  return self.executeInCall(self.unit->snapshots()[snapshot], slots, stack);
}

/// Executes the op of \p snapshot in a native call. It looks at no other frame.
uint32_t Activation::executeInCall(const FusevmSnapshot &snapshot, FusevmValue *slots,
                                   FusevmValue *stack) {
  const ChunkAnalysis &analysis = prepared->analysis;
  uint64_t op = snapshot.op;
  const Instruction current = chunk->ops[op];
  ++hostCalls;
  cover(current);
  const Value *stackBegin = machine.stack.data();
  const Value *slotsBegin = machine.slots.data();
  size_t outerHeight = machine.stack.size();
  auto stackBase = static_cast<size_t>(reinterpret_cast<Value *>(stack) - stackBegin);
  size_t outerSlots = pushCalleeFrame(op, slots, stackBase);
  apply(snapshot, slots, stack, context.values);

  OpStatus status = beginOp(current, op) ? machine.perform(current) : OpStatus::Failed;
  popCalleeFrame(outerSlots);
  bool goesOn = status == OpStatus::Continue && machine.ip == op + 1 && analysis.reached(op + 1) &&
                analysis.functionOf[op + 1] == analysis.functionOf[op] &&
                machine.stack.data() == stackBegin && machine.slots.data() == slotsBegin &&
                machine.stack.size() == stackBase + static_cast<size_t>(analysis.heights[op + 1]);
  if (goesOn) {
    context.globals = reinterpret_cast<FusevmValue *>(machine.globals.data());
    readMeter();
    goesOn = context.meter >= machine.meterFloor.load(std::memory_order_relaxed);
  }
  if (goesOn) {
    machine.stack.setEnd(machine.stack.data() + outerHeight);
    return 0;
  }
  left.push_back({nullptr, 0, machine.stack.size()});
  exit = exitAfter(status);
  return 1;
}

/// Executes the op of \p snapshot with all that it calls. 0: native code goes on behind it.
uint32_t Activation::execute(const FusevmSnapshot &snapshot) {
  apply(snapshot, context.slots, context.stack, context.values);
  uint64_t op = snapshot.op;
  const Instruction current = chunk->ops[op];
  ++hostCalls;
  cover(current);
  auto leave = [this](TierExit how) {
    exit = how;
    return 1u;
  };
  if (!beginOp(current, op))
    return leave(TierExit::Failed);
  OpStatus status = machine.perform(current);
  if (status != OpStatus::Continue)
    return leave(exitAfter(status));

  ControlKind control = current.info().control;
  bool isCall = control == ControlKind::Call && machine.frames.size() == frameCount + 1;
  bool isBlock = control == ControlKind::Block && machine.blocks.size() == blockCount + 1;
  if ((isCall || isBlock) && machine.prepared.get() == prepared) {
    LoopExit inner = machine.runInner(frameCount + isCall, blockCount + isBlock);
    if (inner == LoopExit::Finished || inner == LoopExit::Failed)
      return leave(inner == LoopExit::Finished ? TierExit::Finished : TierExit::Failed);
  }
  if (control == ControlKind::PushScope)
    ++frameCount;
  else if (control == ControlKind::PopScope)
    --frameCount;
  const ChunkAnalysis &analysis = prepared->analysis;
  bool goesOn =
      machine.prepared.get() == prepared && machine.generation == generation && !machine.halted &&
      machine.ip == op + 1 && analysis.reached(op + 1) && machine.frames.size() == frameCount &&
      machine.blocks.size() == blockCount &&
      machine.stack.size() == stackStart + static_cast<size_t>(analysis.heights[op + 1]) &&
      frameCount != 0 && machine.slots.size() - machine.frames.back().slotBase >= function.slots &&
      // A callback may have lowered the limit.
      machine.stack.size() + function.maxHeight <= machine.limits.maxStackValues;
  if (!goesOn)
    return leave(TierExit::Switch);
  refresh();
  readMeter();
  if (context.meter < machine.meterFloor.load(std::memory_order_relaxed))
    return leave(TierExit::Switch);
  isMostlyHost = config.tier == JitTier::Automatic && hostCalls % 256 == 0 &&
                 machine.opsExecuted - opsBefore < hostCalls * config.minOpsForHostCall;
  return isMostlyHost ? leave(TierExit::Switch) : 0;
}

} // namespace fusevm
