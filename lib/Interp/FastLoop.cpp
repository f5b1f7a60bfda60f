//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The fast loop: direct-threaded code, one prepared instruction an op, no checks that the
/// verifier has made needless. What it has no shorter way to do, and whatever goes wrong,
/// it leaves to the op's handler or to the baseline loop.

#include "Machine.h"
#include "OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

#include <algorithm>

namespace fusevm {

// Targets and fuel are counted in bytes of prepared code: a multiplication and a division
// less at each jump.

static const PreparedOp *atOffset(const PreparedOp *code, uint64_t bytes) {
  return reinterpret_cast<const PreparedOp *>(reinterpret_cast<const char *>(code) + bytes);
}

static uint64_t bytesBetween(const PreparedOp *from, const PreparedOp *to) {
  return static_cast<uint64_t>(reinterpret_cast<const char *>(to) -
                               reinterpret_cast<const char *>(from));
}

LoopExit Machine::runFastLoop() { return fastLoop(this, nullptr); }

// The state of the loop lives in locals: what is reached through the machine would have
// to be loaded again after every store.

/// Runs the next instruction.
#define NEXT()                                                                                     \
  do {                                                                                             \
    I = pc++;                                                                                      \
    goto * I->handler;                                                                             \
  } while (0)

/// Charges the ops since the last jump, the current one included.
#define CHARGE() (budget -= bytesBetween(runStart, pc))

/// Continues at \p target, unless the run must be stopped or watched more closely there.
#define JUMP(target)                                                                               \
  do {                                                                                             \
    CHARGE();                                                                                      \
    pc = runStart = atOffset(code, target);                                                        \
    if (budget < slack || machine.interrupted.load(std::memory_order_relaxed)) [[unlikely]]        \
      goto demote;                                                                                 \
    NEXT();                                                                                        \
  } while (0)

/// Makes the machine's state that of the loop; the ops before \p next have been run.
#define SYNC(next)                                                                                 \
  do {                                                                                             \
    budget -= bytesBetween(runStart, next);                                                        \
    runStart = (next);                                                                             \
    machine.opsExecuted += (synced - budget) / sizeof(PreparedOp);                                 \
    if (machine.fuelIsLimited())                                                                   \
      machine.fuel -= (synced - budget) / sizeof(PreparedOp);                                      \
    synced = budget;                                                                               \
    machine.ip = static_cast<uint64_t>((next) - code);                                             \
    machine.stack.setEnd(sp);                                                                      \
  } while (0)

/// Takes over what may have moved.
#define RELOAD()                                                                                   \
  do {                                                                                             \
    sp = machine.stack.end();                                                                      \
    slots = machine.slots.data() + machine.frames.back().slotBase;                                 \
    globals = machine.globals.data();                                                              \
    synced = budget = std::min(machine.fuel, unlimitedFuel) * sizeof(PreparedOp);                  \
  } while (0)

/// Drops the top value.
#define DROP() (--sp)->~Value()

LoopExit Machine::fastLoop(Machine *self, const void *const **handlers) {
  static const void *const labels[] = {
#define FUSEVM_FAST(Name) &&Name,
#include "FastHandlers.def"
  };
  if (!self) {
    *handlers = labels;
    return LoopExit::Finished;
  }

  // So large that it never runs out, and not at the edge of the type.
  constexpr uint64_t unlimitedFuel = UINT64_MAX / sizeof(PreparedOp) / 2;

  Machine &machine = *self;
  // A callback may reset the VM.
  const std::shared_ptr<const PreparedChunk> prepared = machine.prepared;
  const std::shared_ptr<const Chunk> chunk = machine.chunk;
  const uint64_t generation = machine.generation;
  const PreparedOp *const code = prepared->code.data();
  const size_t opCount = chunk->ops.size();
  // Between two jumps no more ops can run than there are.
  const uint64_t slack = opCount * sizeof(PreparedOp);

  const PreparedOp *pc = code + machine.ip;
  const PreparedOp *runStart = pc;
  const PreparedOp *I = nullptr;
  Value *sp = nullptr;
  Value *slots = nullptr;
  Value *globals = nullptr;
  uint64_t budget = 0;
  uint64_t synced = 0;

  {
    const ChunkAnalysis &analysis = prepared->analysis;
    uint32_t maxHeight = analysis.functions[analysis.functionOf[machine.ip]].maxHeight;
    machine.stack.reserveMore(maxHeight + handlerStackRoom);
    machine.peakStack = std::max(machine.peakStack, machine.stack.size() + maxHeight);
  }
  RELOAD();
  NEXT();

  //===--------------------------------------------------------------------===//
  // Ways out
  //===--------------------------------------------------------------------===//

demote:
  SYNC(pc);
  return LoopExit::Demote;

End:
  SYNC(pc - 1);
  return LoopExit::Finished;

Generic: {
  SYNC(pc);
  const Instruction &instruction = chunk->ops[static_cast<size_t>(I - code)];
  OpStatus status = opHandlers[static_cast<size_t>(instruction.opcode())](machine, instruction);
  if (status != OpStatus::Continue)
    return status == OpStatus::Finished ? LoopExit::Finished : LoopExit::Failed;
  if (!machine.blocks.empty())
    return LoopExit::Switch;
  if (machine.ip >= opCount)
    return LoopExit::Finished;
  pc = runStart = code + machine.ip;
  RELOAD();
  // It may have been a return.
  if (budget < slack)
    goto demote;
}
  NEXT();

Callout: {
  SYNC(pc);
  size_t op = static_cast<size_t>(I - code);
  const Instruction &instruction = chunk->ops[op];
  OpStatus status = opHandlers[static_cast<size_t>(instruction.opcode())](machine, instruction);
  if (status != OpStatus::Continue)
    return status == OpStatus::Finished ? LoopExit::Finished : LoopExit::Failed;
  if (machine.generation != generation || machine.prepared != prepared)
    return LoopExit::Switch;
  if (machine.halted)
    return LoopExit::Finished;
  if (machine.disturbed || machine.ip != op + 1)
    return LoopExit::Demote;
  // The callback may have used fuel and moved the stacks; there still is room on them.
  RELOAD();
  if (budget < slack || machine.interrupted.load(std::memory_order_relaxed))
    goto demote;
}
  NEXT();

LoopOp: {
  SYNC(pc - 1);
  const Instruction &instruction = chunk->ops[machine.ip];
  if (!machine.charge(instruction, machine.ip))
    return LoopExit::Failed;
  ++machine.ip;
  OpStatus status = opHandlers[static_cast<size_t>(instruction.opcode())](machine, instruction);
  if (status != OpStatus::Continue)
    return LoopExit::Failed;
  runStart = pc;
  RELOAD();
  if (budget < slack)
    goto demote;
}
  NEXT();

  //===--------------------------------------------------------------------===//
  // Constants, stack, variables
  //===--------------------------------------------------------------------===//

Nop:
  NEXT();

LoadScalar:
  new (sp++) Value(Value::makeScalar(static_cast<Kind>(I->a), I->wide));
  NEXT();

LoadConst:
  new (sp++) Value(machine.constant(I->a));
  NEXT();

Pop:
  DROP();
  NEXT();

Dup:
  new (sp) Value(sp[-1]);
  ++sp;
  NEXT();

Swap:
  sp[-1].swap(sp[-2]);
  NEXT();

GetVar:
  new (sp++) Value(globals[I->a]);
  NEXT();

SetVar:
  --sp;
  globals[I->a] = std::move(*sp);
  NEXT();

GetSlot:
  new (sp++) Value(slots[I->a]);
  NEXT();

SetSlot:
  --sp;
  slots[I->a] = std::move(*sp);
  NEXT();

  //===--------------------------------------------------------------------===//
  // Arrays
  //===--------------------------------------------------------------------===//

/// Replaces the index on top by that element of \p container.
#define ARRAY_GET(container)                                                                       \
  {                                                                                                \
    const Value &array = (container);                                                              \
    auto index = static_cast<uint64_t>(toInt(sp[-1]));                                             \
    if (array.isArray() && index < array.asArray().size()) [[likely]]                              \
      sp[-1] = Value(array.asArray()[index]);                                                      \
    else                                                                                           \
      sp[-1] = Value();                                                                            \
  }                                                                                                \
  NEXT()

/// Stores into \p container at an index it has; the rest is the op handler's.
#define ARRAY_SET(container)                                                                       \
  {                                                                                                \
    Value &array = (container);                                                                    \
    if (!array.isArray() || !sp[-1].isInt())                                                       \
      goto Generic;                                                                                \
    auto index = static_cast<uint64_t>(sp[-1].asInt());                                            \
    if (index >= array.asArray().size())                                                           \
      goto Generic;                                                                                \
    array.mutableArray()[index] = std::move(sp[-2]);                                               \
    sp -= 2;                                                                                       \
  }                                                                                                \
  NEXT()

SlotArrayGet:
  ARRAY_GET(slots[I->a]);

ArrayGet:
  ARRAY_GET(globals[I->a]);

SlotArraySet:
  ARRAY_SET(slots[I->a]);

ArraySet:
  ARRAY_SET(globals[I->a]);

ArrayPush:
  if (!globals[I->a].isArray() || globals[I->a].asArray().size() >= machine.limits.maxContainerSize)
    goto Generic;
  --sp;
  globals[I->a].mutableArray().push(std::move(*sp));
  NEXT();

  //===--------------------------------------------------------------------===//
  // Arithmetic, comparison, logic
  //===--------------------------------------------------------------------===//

/// A binary op with a shorter way for two integers and for two floats.
#define ARITHMETIC(Name, onIntegers, Operator)                                                     \
  Name:                                                                                            \
  if (sp[-2].isInt() && sp[-1].isInt()) [[likely]] {                                               \
    sp[-2] = Value::makeInt(semantics::onIntegers(sp[-2].asInt(), sp[-1].asInt()));                \
    --sp;                                                                                          \
  } else if (sp[-2].isFloat() && sp[-1].isFloat()) {                                               \
    sp[-2] = Value::makeFloat(sp[-2].asFloat() Operator sp[-1].asFloat());                         \
    --sp;                                                                                          \
  } else {                                                                                         \
    sp[-2] = semantics::Name(sp[-2], sp[-1]);                                                      \
    DROP();                                                                                        \
  }                                                                                                \
  NEXT();

#define COMPARISON(Name, Operator)                                                                 \
  Name:                                                                                            \
  if (sp[-2].isInt() && sp[-1].isInt()) [[likely]] {                                               \
    sp[-2] = Value::makeBool(sp[-2].asInt() Operator sp[-1].asInt());                              \
    --sp;                                                                                          \
  } else {                                                                                         \
    sp[-2] = semantics::Name(sp[-2], sp[-1]);                                                      \
    DROP();                                                                                        \
  }                                                                                                \
  NEXT();

#define BINARY(Name)                                                                               \
  Name:                                                                                            \
  sp[-2] = semantics::Name(sp[-2], sp[-1]);                                                        \
  DROP();                                                                                          \
  NEXT();

#define UNARY(Name)                                                                                \
  Name:                                                                                            \
  sp[-1] = semantics::Name(sp[-1]);                                                                \
  NEXT();

  ARITHMETIC(Add, wrappingAdd, +)
  ARITHMETIC(Sub, wrappingSub, -)
  ARITHMETIC(Mul, wrappingMul, *)
  BINARY(Div)
  BINARY(Mod)
  COMPARISON(NumEq, ==)
  COMPARISON(NumNe, !=)
  COMPARISON(NumLt, <)
  COMPARISON(NumGt, >)
  COMPARISON(NumLe, <=)
  COMPARISON(NumGe, >=)
  BINARY(LogAnd)
  BINARY(LogOr)
  BINARY(BitAnd)
  BINARY(BitOr)
  BINARY(BitXor)
  BINARY(Shl)
  BINARY(Shr)
  UNARY(Negate)
  UNARY(Inc)
  UNARY(Dec)
  UNARY(LogNot)
  UNARY(SqrtFloat)
  UNARY(TruncInt)

  //===--------------------------------------------------------------------===//
  // Sequences; I is the first instruction, pc the second
  //===--------------------------------------------------------------------===//

/// Pushes onIntegers or Operator of two values and goes on behind the sequence.
#define SEQUENCE_ARITHMETIC(left, right, onIntegers, Operator, length)                             \
  {                                                                                                \
    const Value &a = (left);                                                                       \
    const Value &b = (right);                                                                      \
    if (a.isInt() && b.isInt())                                                                    \
      new (sp) Value(Value::makeInt(semantics::onIntegers(a.asInt(), b.asInt())));                 \
    else if (a.isFloat() && b.isFloat())                                                           \
      new (sp) Value(Value::makeFloat(a.asFloat() Operator b.asFloat()));                          \
    else                                                                                           \
      goto GetSlot;                                                                                \
    ++sp;                                                                                          \
    pc += (length) - 1;                                                                            \
  }                                                                                                \
  NEXT();

#define SEQUENCES_OF_ARITHMETIC(Op, onIntegers, Operator)                                          \
  SlotSlot##Op : SEQUENCE_ARITHMETIC(slots[I[0].a], slots[I[1].a], onIntegers, Operator, 3);       \
  SlotInt##Op : {                                                                                  \
    if (!slots[I->a].isInt())                                                                      \
      goto GetSlot;                                                                                \
    new (sp++) Value(Value::makeInt(                                                               \
        semantics::onIntegers(slots[I->a].asInt(), static_cast<int64_t>(I[1].wide))));             \
    pc += 2;                                                                                       \
  }                                                                                                \
  NEXT();                                                                                          \
  Slot##Op : {                                                                                     \
    const Value &b = slots[I->a];                                                                  \
    Value &a = sp[-1];                                                                             \
    if (a.isInt() && b.isInt())                                                                    \
      a = Value::makeInt(semantics::onIntegers(a.asInt(), b.asInt()));                             \
    else if (a.isFloat() && b.isFloat())                                                           \
      a = Value::makeFloat(a.asFloat() Operator b.asFloat());                                      \
    else                                                                                           \
      goto GetSlot;                                                                                \
    ++pc;                                                                                          \
  }                                                                                                \
  NEXT();

/// Compares two values and jumps, as the ops of a sequence would, if the result is wanted.
/// Other than two integers or two floats the handler at \p otherwise deals with.
#define SEQUENCE_COMPARISON(left, right, Operator, wanted, length, otherwise, popped)              \
  {                                                                                                \
    const Value &a = (left);                                                                       \
    const Value &b = (right);                                                                      \
    bool result = false;                                                                           \
    if (a.isInt() && b.isInt())                                                                    \
      result = a.asInt() Operator b.asInt();                                                       \
    else if (a.isFloat() && b.isFloat())                                                           \
      result = a.asFloat() Operator b.asFloat();                                                   \
    else                                                                                           \
      goto otherwise;                                                                              \
    sp -= (popped);                                                                                \
    I += (length) - 1;                                                                             \
    pc = I + 1;                                                                                    \
    if (result != (wanted))                                                                        \
      NEXT();                                                                                      \
  }                                                                                                \
  JUMP(I->wide);

#define SEQUENCES_OF_COMPARISON(Op, Operator, Jump, wanted)                                        \
  Op##Jump : SEQUENCE_COMPARISON(sp[-2], sp[-1], Operator, wanted, 2, Op, 2);                      \
  SlotSlot##Op##Jump                                                                               \
      : SEQUENCE_COMPARISON(slots[I[0].a], slots[I[1].a], Operator, wanted, 4, GetSlot, 0);        \
  SlotInt##Op##Jump : {                                                                            \
    if (!slots[I->a].isInt())                                                                      \
      goto GetSlot;                                                                                \
    bool result = slots[I->a].asInt() Operator static_cast<int64_t>(I[1].wide);                    \
    I += 3;                                                                                        \
    pc = I + 1;                                                                                    \
    if (result != (wanted))                                                                        \
      NEXT();                                                                                      \
  }                                                                                                \
  JUMP(I->wide);

  SEQUENCES_OF_ARITHMETIC(Add, wrappingAdd, +)
  SEQUENCES_OF_ARITHMETIC(Sub, wrappingSub, -)
  SEQUENCES_OF_ARITHMETIC(Mul, wrappingMul, *)
  SEQUENCES_OF_COMPARISON(NumEq, ==, JumpIfTrue, true)
  SEQUENCES_OF_COMPARISON(NumEq, ==, JumpIfFalse, false)
  SEQUENCES_OF_COMPARISON(NumNe, !=, JumpIfTrue, true)
  SEQUENCES_OF_COMPARISON(NumNe, !=, JumpIfFalse, false)
  SEQUENCES_OF_COMPARISON(NumLt, <, JumpIfTrue, true)
  SEQUENCES_OF_COMPARISON(NumLt, <, JumpIfFalse, false)
  SEQUENCES_OF_COMPARISON(NumGt, >, JumpIfTrue, true)
  SEQUENCES_OF_COMPARISON(NumGt, >, JumpIfFalse, false)
  SEQUENCES_OF_COMPARISON(NumLe, <=, JumpIfTrue, true)
  SEQUENCES_OF_COMPARISON(NumLe, <=, JumpIfFalse, false)
  SEQUENCES_OF_COMPARISON(NumGe, >=, JumpIfTrue, true)
  SEQUENCES_OF_COMPARISON(NumGe, >=, JumpIfFalse, false)

  //===--------------------------------------------------------------------===//
  // Control flow
  //===--------------------------------------------------------------------===//

Jump:
  JUMP(I->wide);

JumpIfTrue: {
  bool taken = truthy(sp[-1]);
  DROP();
  if (!taken)
    NEXT();
}
  JUMP(I->wide);

JumpIfFalse: {
  bool taken = !truthy(sp[-1]);
  DROP();
  if (!taken)
    NEXT();
}
  JUMP(I->wide);

JumpIfTrueKeep:
  if (!truthy(sp[-1]))
    NEXT();
  JUMP(I->wide);

JumpIfFalseKeep:
  if (truthy(sp[-1]))
    NEXT();
  JUMP(I->wide);

Call: {
  const FunctionInfo &callee = prepared->analysis.functions[static_cast<uint32_t>(I->extra)];
  machine.stack.setEnd(sp);
  size_t slotBase = machine.slots.size();
  size_t height = machine.stack.size();
  if (machine.frames.size() >= machine.limits.maxFrames ||
      slotBase + callee.slots > machine.limits.maxStackValues ||
      height + callee.maxHeight > machine.limits.maxStackValues) [[unlikely]] {
    // The baseline loop finds out which op exceeds the limit, if one does.
    --pc;
    goto demote;
  }
  machine.frames.push_back({static_cast<uint64_t>(pc - code), height - I->b, slotBase, false});
  ++machine.callDepth;
  ++machine.calls;
  machine.peakFrames = std::max(machine.peakFrames, machine.frames.size());
  machine.peakStack = std::max(machine.peakStack, height + callee.maxHeight);
  machine.stack.reserveMore(callee.maxHeight + handlerStackRoom);
  machine.slots.extend(slotBase + callee.slots);
  sp = machine.stack.end();
  slots = machine.slots.data() + slotBase;
}
  JUMP(I->wide);

/// Leaves a frame made by Call; others are the op handler's.
#define LEAVE()                                                                                    \
  FrameRecord frame = machine.frames.back();                                                       \
  if (frame.isScope || machine.frames.size() == 1) [[unlikely]]                                    \
    goto Generic;                                                                                  \
  machine.frames.pop_back();                                                                       \
  --machine.callDepth;                                                                             \
  machine.slots.truncate(frame.slotBase);                                                          \
  slots = machine.slots.data() + machine.frames.back().slotBase;                                   \
  Value *base = machine.stack.data() + frame.stackBase

Return: {
  LEAVE();
  while (sp != base)
    DROP();
  CHARGE();
  pc = runStart = code + frame.returnIp;
}
  if (budget < slack)
    goto demote;
  NEXT();

ReturnValue: {
  LEAVE();
  // The result takes the place of the lowest value, if it is not itself that one.
  if (sp - 1 != base) {
    *base = std::move(sp[-1]);
    while (sp - 1 != base)
      DROP();
  }
  CHARGE();
  pc = runStart = code + frame.returnIp;
}
  if (budget < slack)
    goto demote;
  NEXT();

  //===--------------------------------------------------------------------===//
  // Fused superinstructions
  //===--------------------------------------------------------------------===//

/// Adds \p step to the integer in a slot; old and stepped are its values.
#define STEP_SLOT(step)                                                                            \
  [[maybe_unused]] int64_t old = toInt(slots[I->a]);                                               \
  int64_t stepped = semantics::wrappingAdd(old, step);                                             \
  slots[I->a] = Value::makeInt(stepped)

PreIncSlot: {
  STEP_SLOT(1);
  new (sp++) Value(Value::makeInt(stepped));
}
  NEXT();

PreIncSlotVoid: { STEP_SLOT(1); }
  NEXT();

PreDecSlot: {
  STEP_SLOT(-1);
  new (sp++) Value(Value::makeInt(stepped));
}
  NEXT();

PostIncSlot: {
  STEP_SLOT(1);
  new (sp++) Value(Value::makeInt(old));
}
  NEXT();

PostDecSlot: {
  STEP_SLOT(-1);
  new (sp++) Value(Value::makeInt(old));
}
  NEXT();

SlotLtIntJumpIfFalse:
  if (toInt(slots[I->a]) < I->extra)
    NEXT();
  JUMP(I->wide);

SlotIncLtIntJumpBack: {
  STEP_SLOT(1);
  if (stepped >= I->extra)
    NEXT();
}
  JUMP(I->wide);

AddAssignSlotVoid: {
  int64_t sum = semantics::wrappingAdd(toInt(slots[I->a]), toInt(slots[I->b]));
  slots[I->a] = Value::makeInt(sum);
}
  NEXT();
}

} // namespace fusevm
