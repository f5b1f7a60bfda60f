//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Activation.h"

#include "BoxedActivation.h"

#include "../Interp/OpBodies.h"
#include "../Interp/OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <new>

namespace fusevm {

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

/// Looks at kind and payload as at a value, without a reference of its own.
template <typename Function> static auto withValue(uint32_t kind, uint64_t bits, Function look) {
  FusevmValue plain{.kind = kind, .unused = 0, .bits = bits};
  alignas(Value) std::byte value[sizeof(Value)];
  std::memcpy(value, &plain, sizeof(Value));
  return look(*std::launder(reinterpret_cast<const Value *>(value)));
}

static void release(FusevmValue *value) { reinterpret_cast<Value &>(*value) = Value(); }
static uint32_t isTrueHelper(uint32_t kind, uint64_t bits) {
  return withValue(kind, bits, [](const Value &value) { return truthy(value); });
}
static int64_t toIntHelper(uint32_t kind, uint64_t bits) {
  return withValue(kind, bits, [](const Value &value) { return toInt(value); });
}
static double toFloatHelper(uint32_t kind, uint64_t bits) {
  return withValue(kind, bits, [](const Value &value) { return toFloat(value); });
}

static uint32_t arraySetHelper(FusevmNativeContext *context, FusevmValue *array, int64_t index,
                               uint32_t kind, uint64_t bits) {
  auto &target = reinterpret_cast<Value &>(*array);
  const Machine &machine = *static_cast<const Machine *>(context->machine);
  if (!target.isArray() || index < 0)
    return 1;
  auto position = static_cast<uint64_t>(index);
  if (position >= target.asArray().size() && position >= machine.limits.maxContainerSize)
    return 1;
  storeElement(target, Value::makeInt(index), Value::makeScalar(static_cast<Kind>(kind), bits));
  return 0;
}

static int64_t gcdHelper(int64_t a, int64_t b) {
  return semantics::GcdInt(Value::makeInt(a), Value::makeInt(b)).asInt();
}
static int64_t lcmHelper(int64_t a, int64_t b) {
  return semantics::LcmInt(Value::makeInt(a), Value::makeInt(b)).asInt();
}

const FusevmHelpers Activation::helpers = {
    .runOp = Activation::runOp,
    .step = BoxedActivation::step,
    .release = release,
    .isTrue = isTrueHelper,
    .toInt = toIntHelper,
    .toFloat = toFloatHelper,
    .arraySet = arraySetHelper,
    .gcd = gcdHelper,
    .lcm = lcmHelper,
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

Activation::Activation(Machine &machine, std::shared_ptr<const NativeUnit> unitToRun,
                       uint64_t failingGuard)
    : machine(machine), unit(std::move(unitToRun)), prepared(machine.prepared),
      chunk(machine.chunk),
      function(prepared->analysis.functions[prepared->analysis.functionOf[machine.ip]]),
      frameCount(machine.frames.size()), blockCount(machine.blocks.size()),
      stackStart(machine.stack.size() -
                 static_cast<size_t>(prepared->analysis.heights[machine.ip])) {
  context.helpers = &helpers;
  context.machine = &machine;
  context.unit = this;
  context.guardsLeft = failingGuard;
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
  // An interrupt sets the flag first: it is seen here, or raises the floor after this.
  machine.meterFloor.store(2 * chunk->ops.size());
  if (machine.interrupted.load())
    machine.meterFloor.store(UINT64_MAX);
  context.stack = reinterpret_cast<FusevmValue *>(machine.stack.data() + stackStart);
  context.slots =
      reinterpret_cast<FusevmValue *>(machine.slots.data() + machine.frames.back().slotBase);
  context.globals = reinterpret_cast<FusevmValue *>(machine.globals.data());
}

void Activation::readMeter() {
  counted = std::min(machine.fuel, UINT64_MAX / 2);
  context.meter = counted + machine.ip;
}

/// Makes the counts of the machine right when \p nextOp is next.
void Activation::sync(uint64_t nextOp) {
  uint64_t left = context.meter - nextOp;
  machine.opsExecuted += counted - left;
  if (machine.fuelIsLimited())
    machine.fuel -= counted - left;
  counted = left;
  machine.ip = nextOp;
}

/// Puts the values of \p snapshot where they belong.
void Activation::apply(const FusevmSnapshot &snapshot) {
  // Slots and globals that are set hold scalars, and stack positions nothing.
  for (const FusevmSnapshotValue &value :
       unit->snapshotValues().subspan(snapshot.firstValue, snapshot.valueCount)) {
    FusevmValue *place = value.place == FUSEVM_PLACE_STACK    ? context.stack
                         : value.place == FUSEVM_PLACE_GLOBAL ? context.globals
                                                              : context.slots;
    auto *target = reinterpret_cast<Value *>(place + value.index);
    if (value.from == FUSEVM_FROM_SLOT || value.from == FUSEVM_FROM_GLOBAL) {
      FusevmValue *source = value.from == FUSEVM_FROM_SLOT ? context.slots : context.globals;
      new (target) Value(reinterpret_cast<const Value &>(source[value.source]));
      continue;
    }
    uint32_t kind = value.kind == FUSEVM_ANY_KIND
                        ? static_cast<uint32_t>(context.values[value.source + 1])
                        : value.kind;
    uint64_t bits =
        value.from == FUSEVM_FROM_CONSTANT ? value.constant : context.values[value.source];
    new (target) Value(Value::makeScalar(static_cast<Kind>(kind), bits));
  }
  machine.stack.setEnd(reinterpret_cast<Value *>(context.stack) + snapshot.height);
}

const FusevmSnapshot *Activation::run() {
  refresh();
  machine.peakStack = std::max(machine.peakStack, machine.stack.size() + function.maxHeight);
  readMeter();
  uint32_t code = unit->entry()(&context);
  if (code == FUSEVM_LEFT)
    return nullptr;
  const FusevmSnapshot &snapshot = unit->snapshots()[code];
  apply(snapshot);
  sync(snapshot.op);
  return &snapshot;
}

uint32_t Activation::runOp(FusevmNativeContext *context, uint32_t snapshot) {
  auto &self = *static_cast<Activation *>(const_cast<void *>(context->unit));
  return self.execute(self.unit->snapshots()[snapshot]);
}

/// Executes the op of \p snapshot with all that it calls. 0: native code goes on behind it.
uint32_t Activation::execute(const FusevmSnapshot &snapshot) {
  ++hostCalls;
  apply(snapshot);
  uint64_t op = snapshot.op;
  const Instruction current = chunk->ops[op];
  auto leave = [this](TierExit how) {
    exit = how;
    return 1u;
  };
  if (current.info().fuel == FuelCharge::Iterations) {
    sync(op);
    if (!machine.charge(current, op))
      return leave(TierExit::Failed);
    ++machine.ip;
  } else {
    sync(op + 1);
  }
  OpStatus status = machine.perform(current);
  if (status != OpStatus::Continue)
    return leave(status == OpStatus::Finished ? TierExit::Finished : TierExit::Failed);

  ControlKind control = current.info().control;
  bool isCall = control == ControlKind::Call && machine.frames.size() == frameCount + 1;
  bool isBlock = control == ControlKind::Block && machine.blocks.size() == blockCount + 1;
  if ((isCall || isBlock) && machine.prepared == prepared) {
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
      machine.prepared == prepared && !machine.halted && machine.ip == op + 1 &&
      analysis.reached(op + 1) && machine.frames.size() == frameCount &&
      machine.blocks.size() == blockCount &&
      machine.stack.size() == stackStart + static_cast<size_t>(analysis.heights[op + 1]) &&
      frameCount != 0 && machine.slots.size() - machine.frames.back().slotBase >= function.slots;
  if (!goesOn)
    return leave(TierExit::Switch);
  refresh();
  readMeter();
  if (context.meter < machine.meterFloor.load(std::memory_order_relaxed))
    return leave(TierExit::Switch);
  return 0;
}

} // namespace fusevm
