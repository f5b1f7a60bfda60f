//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The fast loop: direct-threaded three-address code on windows of registers, without the
/// checks that the verifier has made needless. What it has no shorter way to do, and
/// whatever goes wrong, it leaves to the op's handler or to the baseline loop.
///
/// The meter counts fuel: at an op, what is left is the meter less the op's index. So
/// only jumps have to change it, by the distance they go.

#include "ConstantDivisor.h"
#include "FastValues.h"
#include "HandlerCounts.h"
#include "Machine.h"
#include "OpBodies.h"
#include "OpHandlers.h"

#include "fusevm/Runtime/Semantics.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace fusevm {

static const PreparedOp *at(const PreparedOp *from, int32_t bytes) {
  return reinterpret_cast<const PreparedOp *>(reinterpret_cast<const char *>(from) + bytes);
}

LoopExit Machine::runFastLoop() { return fastLoop(this, nullptr); }

// The state of the loop lives in locals: what is reached through the machine would have
// to be loaded again after every store.

/// A register or a global, by the field of the instruction that names it.
#define R(field) (*reinterpret_cast<Value *>(reinterpret_cast<char *>(base) + I->field))
#define G(field)                                                                                   \
  (*reinterpret_cast<Value *>(reinterpret_cast<char *>(machine.globals.data()) + I->field))
/// A constant on the heap.
#define CONSTANT(field) machine.pooledConstant(static_cast<uint16_t>(I->field))

/// Goes on at I.
#ifdef FUSEVM_COVERAGE
#define DISPATCH()                                                                                 \
  do {                                                                                             \
    countHandler(I->handler);                                                                      \
    goto * I->handler;                                                                             \
  } while (0)
#else
#define DISPATCH() goto * I->handler
#endif

#define NEXT()                                                                                     \
  do {                                                                                             \
    ++I;                                                                                           \
    DISPATCH();                                                                                    \
  } while (0)

/// Jumps, unless the run must be stopped or watched more closely there.
#define JUMP(delta)                                                                                \
  do {                                                                                             \
    meter += static_cast<uint64_t>(int64_t{I->delta});                                             \
    if (meter < machine.meterFloor.load(std::memory_order_relaxed)) [[unlikely]]                   \
      goto poll;                                                                                   \
    I = at(I, I->c);                                                                               \
    DISPATCH();                                                                                    \
  } while (0)

/// Makes the counts of the machine those of the loop when \p nextOp is next.
#define SYNC(nextOp)                                                                               \
  do {                                                                                             \
    uint64_t left = meter - (nextOp);                                                              \
    machine.opsExecuted += windows.counted - left;                                                 \
    if (machine.fuelIsLimited())                                                                   \
      machine.fuel -= windows.counted - left;                                                      \
    windows.counted = left;                                                                        \
    machine.ip = (nextOp);                                                                         \
  } while (0)

/// Tells the windows where the loop is: before \p stateOp, with \p stackHeight values in
/// stack positions.
#define SHOW(stateOp, stackHeight)                                                                 \
  do {                                                                                             \
    windows.base = base;                                                                           \
    windows.returns = returns;                                                                     \
    windows.at = I;                                                                                \
    windows.op = (stateOp);                                                                        \
    windows.height = static_cast<uint32_t>(stackHeight);                                           \
  } while (0)

/// Leaves the loop before \p nextOp.
#define LEAVE_AT(nextOp)                                                                           \
  do {                                                                                             \
    SYNC(uint64_t{nextOp});                                                                        \
    SHOW(machine.ip, heights[machine.ip]);                                                         \
    windows.leave(machine);                                                                        \
  } while (0)

/// Takes over what another may have changed.
#define RELOAD()                                                                                   \
  do {                                                                                             \
    windows.counted = std::min(machine.fuel, unlimitedFuel);                                       \
    meter = windows.counted + machine.ip;                                                          \
  } while (0)

// Writing a destination: a stack position holds nothing to be released.
#define STORE_T(value) new (&unused(R(a))) Value(value)
#define STORE_S(value) overwrite(R(a), value)
#define STORE_G(value) overwrite(G(a), value)
// The first of them is also used for a slot that is an operand, where that operand is known
// to be a scalar; on the slow way it is not.
#define STORE_T_ANY(value) overwrite(R(a), value)
#define STORE_S_ANY(value) STORE_S(value)
#define STORE_G_ANY(value) STORE_G(value)
#define STORE_A(value) accumulator.set(value)
#define STORE_A_ANY(value) accumulator.set(value)

/// Defines the handlers of a family whose names end in the destination.
#define FOR_DESTINATIONS(Handler, Name, ...)                                                       \
  Handler(Name##T, STORE_T __VA_OPT__(, ) __VA_ARGS__);                                            \
  Handler(Name##S, STORE_S __VA_OPT__(, ) __VA_ARGS__);                                            \
  Handler(Name##G, STORE_G __VA_OPT__(, ) __VA_ARGS__);
#define FOR_ALL_DESTINATIONS(Handler, Name, ...)                                                   \
  FOR_DESTINATIONS(Handler, Name __VA_OPT__(, ) __VA_ARGS__)                                       \
  Handler(Name##A, STORE_A __VA_OPT__(, ) __VA_ARGS__);

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
  constexpr uint64_t unlimitedFuel = UINT64_MAX / 2;

  Machine &machine = *self;
  Windows &windows = machine.windows;
  // A callback may reset the VM.
  const std::shared_ptr<const PreparedChunk> prepared = machine.prepared;
  const std::shared_ptr<const Chunk> chunk = machine.chunk;
  const int32_t *const heights = prepared->analysis.heights.data();

  const PreparedOp *I = prepared->code.data() + prepared->entries[machine.ip];
  Value *base = windows.base;
  Windows::Return *returns = windows.returns;
  uint64_t meter = 0;
  Accumulator accumulator{};
  RELOAD();
  DISPATCH();

  //===--------------------------------------------------------------------===//
  // Ways out
  //===--------------------------------------------------------------------===//

poll: // at a jump that has been counted
  if ((I->op & jumpTargetMask) == outOfCode) {
    I = at(I, I->c);
    DISPATCH();
  }
  LEAVE_AT(I->op & jumpTargetMask);
  return LoopExit::Demote;

pollReturn: // behind a call
  --I;
  // At the end of the code, which has no height, the run ends anyway.
  if (uint64_t{I->op} + 1 == chunk->ops.size())
    NEXT();
  LEAVE_AT(I->op + 1);
  return LoopExit::Demote;

demote: // before the op of an instruction that had no effect
  LEAVE_AT(I->op);
  return LoopExit::Demote;

failed: // in the op of an instruction that had no effect
  // Until now ip has been wherever the loop last told it.
  machine.error.op = I->op;
  SYNC(uint64_t{I->op} + 1);
  SHOW(I->op, heights[I->op]);
  windows.leave(machine);
  return LoopExit::Failed;

Finish: {
  SYNC(uint64_t{I->op});
  machine.ip = I->bits;
  SHOW(I->op - 1, I->a);
  windows.leave(machine);
}
  return LoopExit::Switch;

Generic: {
  SYNC(uint64_t{I->op} + 1);
  SHOW(I->op, heights[I->op] - I->b);
  machine.pushOperands(&R(a), I->b);
  const Instruction &instruction = chunk->ops[I->op];
  OpStatus status = opHandlers[static_cast<size_t>(instruction.opcode())](machine, instruction);
  if (status != OpStatus::Continue) {
    windows.leave(machine);
    return status == OpStatus::Finished ? LoopExit::Finished : LoopExit::Failed;
  }
  machine.takeResults(&R(a), I->c);
}
  NEXT();

Callout: {
  uint64_t op = I->op;
  SYNC(op + 1);
  SHOW(op, heights[op] - I->b);
  machine.pushOperands(&R(a), I->b);
  const Instruction &instruction = chunk->ops[op];
  OpStatus status = opHandlers[static_cast<size_t>(instruction.opcode())](machine, instruction);
  // Results that nobody expected need places of their own.
  bool goesOn = status == OpStatus::Continue && !machine.halted && windows.isActive() &&
                machine.ip == op + 1 &&
                windows.transferred(machine.stack.size()) == static_cast<size_t>(I->c);
  if (!goesOn) {
    windows.leave(machine);
    if (status == OpStatus::Continue)
      return machine.halted ? LoopExit::Finished : LoopExit::Switch;
    return status == OpStatus::Finished ? LoopExit::Finished : LoopExit::Failed;
  }
  machine.takeResults(&R(a), I->c);
  RELOAD(); // the callback may have used fuel
  // At the end of the code, which has no height, the run ends anyway.
  if (meter < machine.meterFloor.load(std::memory_order_relaxed) && op + 1 != chunk->ops.size()) {
    LEAVE_AT(op + 1);
    return LoopExit::Demote;
  }
}
  NEXT();

Canonical: {
  LEAVE_AT(I->op);
  const Instruction &instruction = chunk->ops[machine.ip];
  if (!machine.charge(instruction, machine.ip))
    return LoopExit::Failed;
  ++machine.ip;
  OpStatus status = opHandlers[static_cast<size_t>(instruction.opcode())](machine, instruction);
  return status == OpStatus::Continue ? LoopExit::Switch : LoopExit::Failed;
}

//===--------------------------------------------------------------------===//
// Values
//===--------------------------------------------------------------------===//

#define COPY(Name, Store, source)                                                                  \
  Name:                                                                                            \
  Store(Value(source));                                                                            \
  NEXT();
  FOR_DESTINATIONS(COPY, CopyR, R(b))
  FOR_DESTINATIONS(COPY, CopyG, G(b))
  FOR_DESTINATIONS(COPY, LoadScalar, Value::makeScalar(static_cast<Kind>(I->b), I->bits))
  FOR_DESTINATIONS(COPY, LoadK, CONSTANT(b))

#define MOVE(Name, Store)                                                                          \
  Name:                                                                                            \
  Store(std::move(R(b)));                                                                          \
  NEXT();
  FOR_DESTINATIONS(MOVE, Move)

ReadLineAtHand:
  if (!readLineAtHand(machine, unused(R(a))))
    NEXT();
  I += 2;
  DISPATCH();

Drop:
  R(a) = Value();
  NEXT();

Swap:
  R(a).swap(R(b));
  NEXT();

  //===--------------------------------------------------------------------===//
  // Arithmetic, logic
  //===--------------------------------------------------------------------===//

/// What remains: operands of other kinds. One that is given up may be where the result
/// goes, so that must not be made in place.
#define SLOWLY(Store, x, y, givesUp)                                                               \
  else {                                                                                           \
    Value result = computeSlowly(chunk->ops[I->op].opcode(), operand(x), operand(y), givesUp);     \
    Store##_ANY(std::move(result));                                                                \
  }

#define ARITHMETIC(Name, Store, left, right, onIntegers, Operator)                                 \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    auto &y = (right);                                                                             \
    if (x.isInt() && y.isInt()) [[likely]]                                                         \
      Store(Value::makeInt(semantics::onIntegers(x.asInt(), y.asInt())));                          \
    else if (x.isFloat() && y.isFloat())                                                           \
      Store(Value::makeFloat(x.asFloat() Operator y.asFloat()));                                   \
    else if (x.isFloat() && y.isInt())                                                             \
      Store(Value::makeFloat(x.asFloat() Operator static_cast<double>(y.asInt())));                \
    else if (x.isInt() && y.isFloat())                                                             \
      Store(Value::makeFloat(static_cast<double>(x.asInt()) Operator y.asFloat()));                \
    SLOWLY(Store, x, y, I->low)                                                                    \
  }                                                                                                \
  NEXT();

#define ARITHMETIC_INT(Name, Store, left, onIntegers, Operator)                                    \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    if (x.isInt()) [[likely]]                                                                      \
      Store(Value::makeInt(semantics::onIntegers(x.asInt(), I->integer)));                         \
    else if (x.isFloat())                                                                          \
      Store(Value::makeFloat(x.asFloat() Operator static_cast<double>(I->integer)));               \
    SLOWLY(Store, x, Value::makeInt(I->integer), I->c)                                             \
  }                                                                                                \
  NEXT();

#define ARITHMETIC_FLOAT(Name, Store, left, Operator)                                              \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    if (x.isFloat())                                                                               \
      Store(Value::makeFloat(x.asFloat() Operator I->number));                                     \
    else if (x.isInt())                                                                            \
      Store(Value::makeFloat(static_cast<double>(x.asInt()) Operator I->number));                  \
    SLOWLY(Store, x, Value::makeFloat(I->number), I->c)                                            \
  }                                                                                                \
  NEXT();

#define ARITHMETIC_ON(Left, left, Op, onIntegers, Operator)                                        \
  FOR_ALL_DESTINATIONS(ARITHMETIC, Op##Left##R, left, R(c), onIntegers, Operator)                  \
  FOR_ALL_DESTINATIONS(ARITHMETIC, Op##Left##G, left, G(c), onIntegers, Operator)                  \
  FOR_ALL_DESTINATIONS(ARITHMETIC_INT, Op##Left##I, left, onIntegers, Operator)                    \
  FOR_ALL_DESTINATIONS(ARITHMETIC_FLOAT, Op##Left##F, left, Operator)
#define ARITHMETIC_FAMILY(Op, onIntegers, Operator)                                                \
  ARITHMETIC_ON(R, R(b), Op, onIntegers, Operator)                                                 \
  ARITHMETIC_ON(G, G(b), Op, onIntegers, Operator)                                                 \
  ARITHMETIC_ON(A, accumulator, Op, onIntegers, Operator)

  ARITHMETIC_FAMILY(Add, wrappingAdd, +)
  ARITHMETIC_FAMILY(Sub, wrappingSub, -)
  ARITHMETIC_FAMILY(Mul, wrappingMul, *)

  FOR_ALL_DESTINATIONS(ARITHMETIC, SubRA, R(b), accumulator, wrappingSub, -)
  FOR_ALL_DESTINATIONS(ARITHMETIC, SubGA, G(b), accumulator, wrappingSub, -)

#define FROM_LITERAL(Name, Store, literal)                                                         \
  Name: {                                                                                          \
    Value x = (literal);                                                                           \
    auto &y = accumulator;                                                                         \
    if (x.isInt() && y.isInt())                                                                    \
      Store(Value::makeInt(semantics::wrappingSub(x.asInt(), y.asInt())));                         \
    else if (y.isFloat())                                                                          \
      Store(Value::makeFloat((x.isInt() ? static_cast<double>(x.asInt()) : x.asFloat()) -          \
                             y.asFloat()));                                                        \
    SLOWLY(Store, x, y, 0)                                                                         \
  }                                                                                                \
  NEXT();
  FOR_ALL_DESTINATIONS(FROM_LITERAL, SubIA, Value::makeInt(I->integer))
  FOR_ALL_DESTINATIONS(FROM_LITERAL, SubFA, Value::makeFloat(I->number))

#define DIVISION(Name, Store, left, right)                                                         \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    auto &y = (right);                                                                             \
    if (x.isFloat() && y.isFloat() && y.asFloat() != 0.0)                                          \
      Store(Value::makeFloat(x.asFloat() / y.asFloat()));                                          \
    else if (x.isInt() && y.isInt() && y.asInt() != 0)                                             \
      Store(Value::makeFloat(static_cast<double>(x.asInt()) / static_cast<double>(y.asInt())));    \
    else if (x.isFloat() && y.isInt() && y.asInt() != 0)                                           \
      Store(Value::makeFloat(x.asFloat() / static_cast<double>(y.asInt())));                       \
    else if (x.isInt() && y.isFloat() && y.asFloat() != 0.0)                                       \
      Store(Value::makeFloat(static_cast<double>(x.asInt()) / y.asFloat()));                       \
    SLOWLY(Store, x, y, I->low)                                                                    \
  }                                                                                                \
  NEXT();
  FOR_ALL_DESTINATIONS(DIVISION, DivRR, R(b), R(c))
  FOR_ALL_DESTINATIONS(DIVISION, DivRA, R(b), accumulator)
  FOR_ALL_DESTINATIONS(DIVISION, DivAR, accumulator, R(c))
  FOR_ALL_DESTINATIONS(ARITHMETIC_FLOAT, DivRF, R(b), /)
  FOR_ALL_DESTINATIONS(ARITHMETIC_FLOAT, DivAF, accumulator, /)

#define DIVISION_OF_LITERAL(Name, Store, right)                                                    \
  Name: {                                                                                          \
    auto &y = (right);                                                                             \
    if (y.isFloat() && y.asFloat() != 0.0)                                                         \
      Store(Value::makeFloat(I->number / y.asFloat()));                                            \
    else if (y.isInt() && y.asInt() != 0)                                                          \
      Store(Value::makeFloat(I->number / static_cast<double>(y.asInt())));                         \
    SLOWLY(Store, Value::makeFloat(I->number), y, I->b)                                            \
  }                                                                                                \
  NEXT();
  FOR_ALL_DESTINATIONS(DIVISION_OF_LITERAL, DivFR, R(c))
  FOR_ALL_DESTINATIONS(DIVISION_OF_LITERAL, DivFA, accumulator)

#define INTEGERS(Name, Store, left, function)                                                      \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    Value &y = R(c);                                                                               \
    if (x.isInt() && y.isInt())                                                                    \
      Store(Value::makeInt(function(x.asInt(), y.asInt())));                                       \
    SLOWLY(Store, x, y, I->low)                                                                    \
  }                                                                                                \
  NEXT();
#define INTEGERS_INT(Name, Store, left, function)                                                  \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    if (x.isInt())                                                                                 \
      Store(Value::makeInt(function(x.asInt(), I->integer)));                                      \
    SLOWLY(Store, x, Value::makeInt(I->integer), I->c)                                             \
  }                                                                                                \
  NEXT();
#define INTEGERS_FAMILY(Op, function)                                                              \
  FOR_ALL_DESTINATIONS(INTEGERS, Op##RR, R(b), function)                                           \
  FOR_ALL_DESTINATIONS(INTEGERS_INT, Op##RI, R(b), function)                                       \
  FOR_ALL_DESTINATIONS(INTEGERS, Op##AR, accumulator, function)                                    \
  FOR_ALL_DESTINATIONS(INTEGERS_INT, Op##AI, accumulator, function)

  INTEGERS_FAMILY(Mod, semantics::remainder)

#define MODULO_BY_CONSTANT(Name, Store, left)                                                      \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    if (x.isInt())                                                                                 \
      Store(Value::makeInt(ConstantDivisor{I->bits, std::abs(I->c)}.remainder(x.asInt())));        \
    SLOWLY(Store, x, Value::makeInt(std::abs(I->c)), I->c < 0)                                     \
  }                                                                                                \
  NEXT();
  FOR_ALL_DESTINATIONS(MODULO_BY_CONSTANT, ModRD, R(b))
  FOR_ALL_DESTINATIONS(MODULO_BY_CONSTANT, ModAD, accumulator)

  INTEGERS_FAMILY(BitAnd, std::bit_and<int64_t>())
  INTEGERS_FAMILY(BitOr, std::bit_or<int64_t>())
  INTEGERS_FAMILY(BitXor, std::bit_xor<int64_t>())
  INTEGERS_FAMILY(Shl, semantics::shiftLeft)
  INTEGERS_FAMILY(Shr, semantics::shiftRight)

#define UNARY(Name, Store, operandPlace, condition, result)                                        \
  Name: {                                                                                          \
    auto &x = (operandPlace);                                                                      \
    if (condition)                                                                                 \
      Store(result);                                                                               \
    SLOWLY(Store, x, Value(), I->low)                                                              \
  }                                                                                                \
  NEXT();
#define UNARY_FAMILY(Op, condition, result)                                                        \
  FOR_ALL_DESTINATIONS(UNARY, Op##R, R(b), condition, result)                                      \
  FOR_ALL_DESTINATIONS(UNARY, Op##A, accumulator, condition, result)
  UNARY_FAMILY(Negate, x.isFloat(), Value::makeFloat(-x.asFloat()))
  UNARY_FAMILY(Inc, x.isInt(), Value::makeInt(semantics::wrappingAdd(x.asInt(), 1)))
  UNARY_FAMILY(Dec, x.isInt(), Value::makeInt(semantics::wrappingSub(x.asInt(), 1)))
  UNARY_FAMILY(SqrtFloat, x.isFloat(), Value::makeFloat(std::sqrt(x.asFloat())))
  UNARY_FAMILY(AbsFloat, x.isFloat(), Value::makeFloat(std::fabs(x.asFloat())))
  UNARY_FAMILY(FloorFloat, x.isFloat(), Value::makeFloat(std::floor(x.asFloat())))
  UNARY_FAMILY(TruncInt, x.isInt(), Value::makeInt(x.asInt()))
  FOR_DESTINATIONS(UNARY, LogNot, R(b), x.isBool(), Value::makeBool(!x.asBool()))
  // A string that is given up must be released.
  FOR_DESTINATIONS(UNARY, StringLen, R(b), x.isStr() && I->low == 0,
                   Value::makeInt(static_cast<int64_t>(x.stringObject().size)))

#define COMPARISON(Name, Store, Operator)                                                          \
  Name: {                                                                                          \
    Value &x = R(b);                                                                               \
    Value &y = R(c);                                                                               \
    if (x.isInt() && y.isInt())                                                                    \
      Store(Value::makeBool(x.asInt() Operator y.asInt()));                                        \
    else if (x.isFloat() && y.isFloat())                                                           \
      Store(Value::makeBool(x.asFloat() Operator y.asFloat()));                                    \
    SLOWLY(Store, x, y, I->low)                                                                    \
  }                                                                                                \
  NEXT();
#define COMPARISON_INT(Name, Store, Operator)                                                      \
  Name: {                                                                                          \
    Value &x = R(b);                                                                               \
    if (x.isInt())                                                                                 \
      Store(Value::makeBool(x.asInt() Operator I->integer));                                       \
    SLOWLY(Store, x, Value::makeInt(I->integer), I->c)                                             \
  }                                                                                                \
  NEXT();
#define COMPARISON_FAMILY(Op, Operator)                                                            \
  FOR_DESTINATIONS(COMPARISON, Op##RR, Operator)                                                   \
  FOR_DESTINATIONS(COMPARISON_INT, Op##RI, Operator)
  COMPARISON_FAMILY(NumEq, ==)
  COMPARISON_FAMILY(NumNe, !=)
  COMPARISON_FAMILY(NumLt, <)
  COMPARISON_FAMILY(NumGt, >)
  COMPARISON_FAMILY(NumLe, <=)
  COMPARISON_FAMILY(NumGe, >=)

  //===--------------------------------------------------------------------===//
  // Branches
  //===--------------------------------------------------------------------===//

#define BRANCH(Name, wanted, left, right, Operator, Slowly)                                        \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    Value &y = (right);                                                                            \
    bool holds = false;                                                                            \
    if (x.isInt() && y.isInt())                                                                    \
      holds = x.asInt() Operator y.asInt();                                                        \
    else if (x.isFloat() && y.isFloat())                                                           \
      holds = x.asFloat() Operator y.asFloat();                                                    \
    else                                                                                           \
      holds = compareSlowly(semantics::Slowly, operand(x), y, I->op);                              \
    if (holds != (wanted))                                                                         \
      NEXT();                                                                                      \
  }                                                                                                \
  JUMP(low);
#define BRANCH_ON(Name, wanted, left, Kind, literal, Operator, Slowly)                             \
  Name: {                                                                                          \
    auto &x = (left);                                                                              \
    bool holds = false;                                                                            \
    if (x.is##Kind())                                                                              \
      holds = x.as##Kind() Operator I->literal;                                                    \
    else                                                                                           \
      holds = compareSlowly(semantics::Slowly, operand(x), Value::make##Kind(I->literal), I->op);  \
    if (holds != (wanted))                                                                         \
      NEXT();                                                                                      \
  }                                                                                                \
  JUMP(b);
#define FOR_OUTCOMES(Handler, Name, ...)                                                           \
  Handler(Name##True, true, __VA_ARGS__);                                                          \
  Handler(Name##False, false, __VA_ARGS__);
#define BRANCHES_ON_VALUES(Op, Operator, Slowly)                                                   \
  FOR_OUTCOMES(BRANCH, Op##RR, R(a), R(b), Operator, Slowly)                                       \
  FOR_OUTCOMES(BRANCH, Op##RG, R(a), G(b), Operator, Slowly)                                       \
  FOR_OUTCOMES(BRANCH, Op##GR, G(a), R(b), Operator, Slowly)                                       \
  FOR_OUTCOMES(BRANCH, Op##GG, G(a), G(b), Operator, Slowly)                                       \
  FOR_OUTCOMES(BRANCH, Op##AR, accumulator, R(b), Operator, Slowly)                                \
  FOR_OUTCOMES(BRANCH, Op##AG, accumulator, G(b), Operator, Slowly)
#define BRANCHES_ON_LITERALS(Op, Operator, Slowly)                                                 \
  FOR_OUTCOMES(BRANCH_ON, Op##RI, R(a), Int, integer, Operator, Slowly)                            \
  FOR_OUTCOMES(BRANCH_ON, Op##RF, R(a), Float, number, Operator, Slowly)                           \
  FOR_OUTCOMES(BRANCH_ON, Op##GI, G(a), Int, integer, Operator, Slowly)                            \
  FOR_OUTCOMES(BRANCH_ON, Op##GF, G(a), Float, number, Operator, Slowly)                           \
  FOR_OUTCOMES(BRANCH_ON, Op##AI, accumulator, Int, integer, Operator, Slowly)                     \
  FOR_OUTCOMES(BRANCH_ON, Op##AF, accumulator, Float, number, Operator, Slowly)

  BRANCHES_ON_VALUES(Lt, <, isNumLt)
  BRANCHES_ON_VALUES(Le, <=, isNumLe)
  BRANCHES_ON_VALUES(Eq, ==, isNumEq)
  BRANCHES_ON_LITERALS(Lt, <, isNumLt)
  BRANCHES_ON_LITERALS(Le, <=, isNumLe)
  BRANCHES_ON_LITERALS(Eq, ==, isNumEq)
  BRANCHES_ON_LITERALS(Gt, >, isNumGt)
  BRANCHES_ON_LITERALS(Ge, >=, isNumGe)

#define TEST(Name, wanted, value)                                                                  \
  Name: {                                                                                          \
    Value &x = (value);                                                                            \
    bool isTrue =                                                                                  \
        x.isBool() || x.isInt() ? x.scalarBits() != 0 : truthySlowly(x, /*givesUp=*/I->b != 0);    \
    if (isTrue != (wanted))                                                                        \
      NEXT();                                                                                      \
  }                                                                                                \
  JUMP(low);
  FOR_OUTCOMES(TEST, Test, R(a))
  FOR_OUTCOMES(TEST, TestG, G(a))

Jump:
  JUMP(low);

#define STEP_AND_BRANCH(Name, areIntegers, step, limit, Operator)                                  \
  Name: {                                                                                          \
    Value &x = R(a);                                                                               \
    if (!x.isInt() || !(areIntegers))                                                              \
      NEXT();                                                                                      \
    int64_t stepped = semantics::wrappingAdd(x.asInt(), step);                                     \
    x = Value::makeInt(stepped);                                                                   \
    if (!(stepped Operator(limit))) {                                                              \
      I += 3;                                                                                      \
      DISPATCH();                                                                                  \
    }                                                                                              \
  }                                                                                                \
  JUMP(low);
#define STEP_IS_REGISTER R(high).isInt() && R(b).isInt(), R(high).asInt()
#define STEP_AND_BRANCH_FOR(...) STEP_AND_BRANCH(__VA_ARGS__)
  STEP_AND_BRANCH(IncLtRR, R(b).isInt(), I->high, R(b).asInt(), <)
  STEP_AND_BRANCH(IncLeRR, R(b).isInt(), I->high, R(b).asInt(), <=)
  STEP_AND_BRANCH(IncLtRI, true, I->high, I->b, <)
  STEP_AND_BRANCH(IncLeRI, true, I->high, I->b, <=)
  STEP_AND_BRANCH_FOR(AddLtRR, STEP_IS_REGISTER, R(b).asInt(), <)
  STEP_AND_BRANCH_FOR(AddLeRR, STEP_IS_REGISTER, R(b).asInt(), <=)

/// Rounds twice, as two ops do. For operands that are not numbers of one kind the next
/// instructions, \p skipped of them, do the same one by one.
#define MULTIPLY_AND(Store, z, x, y, onIntegers, Operator, skipped)                                \
  if ((x).isFloat() && (y).isFloat() && (z).isFloat()) {                                           \
    Store(Value::makeFloat((z).asFloat() Operator((x).asFloat() * (y).asFloat())));                \
  } else if ((x).isInt() && (y).isInt() && (z).isInt()) {                                          \
    int64_t product = semantics::wrappingMul((x).asInt(), (y).asInt());                            \
    Store(Value::makeInt(semantics::onIntegers((z).asInt(), product)));                            \
  } else {                                                                                         \
    NEXT();                                                                                        \
  }                                                                                                \
  I += 1 + (skipped);

#define MULTIPLY_AND_ON_REGISTERS(Name, Store, factor, onIntegers, Operator)                       \
  Name: {                                                                                          \
    const auto &x = (factor);                                                                      \
    const Value &y = R(c);                                                                         \
    const Value &z = R(low);                                                                       \
    MULTIPLY_AND(Store, z, x, y, onIntegers, Operator, 2)                                          \
  }                                                                                                \
  DISPATCH();
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_REGISTERS, MulAdd, R(b), wrappingAdd, +)
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_REGISTERS, MulSub, R(b), wrappingSub, -)
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_REGISTERS, MulAddA, accumulator, wrappingAdd, +)
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_REGISTERS, MulSubA, accumulator, wrappingSub, -)

/// Two operations on numbers of one kind; for others the next two instructions do the same.
#define TWO_STEPS(Name, Store, onIntegers, Operator, thenOnIntegers, ThenOperator)                 \
  Name: {                                                                                          \
    const Value &x = R(b);                                                                         \
    const Value &y = R(c);                                                                         \
    const Value &z = R(low);                                                                       \
    if (x.isFloat() && y.isFloat() && z.isFloat()) {                                               \
      double first = x.asFloat() Operator y.asFloat();                                             \
      Store(Value::makeFloat(first ThenOperator z.asFloat()));                                     \
    } else if (x.isInt() && y.isInt() && z.isInt()) {                                              \
      int64_t first = semantics::onIntegers(x.asInt(), y.asInt());                                 \
      Store(Value::makeInt(semantics::thenOnIntegers(first, z.asInt())));                          \
    } else {                                                                                       \
      NEXT();                                                                                      \
    }                                                                                              \
    I += 3;                                                                                        \
  }                                                                                                \
  DISPATCH();
  FOR_ALL_DESTINATIONS(TWO_STEPS, AddThenAdd, wrappingAdd, +, wrappingAdd, +)
  FOR_ALL_DESTINATIONS(TWO_STEPS, AddThenSub, wrappingAdd, +, wrappingSub, -)
  FOR_ALL_DESTINATIONS(TWO_STEPS, AddThenMul, wrappingAdd, +, wrappingMul, *)
  FOR_ALL_DESTINATIONS(TWO_STEPS, SubThenAdd, wrappingSub, -, wrappingAdd, +)
  FOR_ALL_DESTINATIONS(TWO_STEPS, SubThenSub, wrappingSub, -, wrappingSub, -)
  FOR_ALL_DESTINATIONS(TWO_STEPS, SubThenMul, wrappingSub, -, wrappingMul, *)
  FOR_ALL_DESTINATIONS(TWO_STEPS, MulThenSub, wrappingMul, *, wrappingSub, -)
  FOR_ALL_DESTINATIONS(TWO_STEPS, MulThenMul, wrappingMul, *, wrappingMul, *)

/// Declares \p element of an array, unless there is none.
#define ELEMENT(element, array, position)                                                          \
  const Value &elements = (array);                                                                 \
  const Value &index = (position);                                                                 \
  if (!elements.isArray() || !index.isInt() ||                                                     \
      static_cast<uint64_t>(index.asInt()) >= elements.asArray().size()) [[unlikely]]              \
    NEXT();                                                                                        \
  const Value &element = elements.asArray()[static_cast<size_t>(index.asInt())];

#define ON_ELEMENT(Name, Store, array, left, right, onIntegers, Operator)                          \
  Name: {                                                                                          \
    ELEMENT(element, array, R(low))                                                                \
    const Value &other = R(b);                                                                     \
    if (other.isFloat() && element.isFloat())                                                      \
      Store(Value::makeFloat((left).asFloat() Operator(right).asFloat()));                         \
    else if (other.isInt() && element.isInt())                                                     \
      Store(Value::makeInt(semantics::onIntegers((left).asInt(), (right).asInt())));               \
    else                                                                                           \
      NEXT();                                                                                      \
    I += 3;                                                                                        \
  }                                                                                                \
  DISPATCH();
  FOR_ALL_DESTINATIONS(ON_ELEMENT, AddRE, R(c), other, element, wrappingAdd, +)
  FOR_ALL_DESTINATIONS(ON_ELEMENT, SubRE, R(c), other, element, wrappingSub, -)
  FOR_ALL_DESTINATIONS(ON_ELEMENT, SubER, R(c), element, other, wrappingSub, -)
  FOR_ALL_DESTINATIONS(ON_ELEMENT, MulRE, R(c), other, element, wrappingMul, *)
  FOR_ALL_DESTINATIONS(ON_ELEMENT, AddRGE, G(c), other, element, wrappingAdd, +)
  FOR_ALL_DESTINATIONS(ON_ELEMENT, SubRGE, G(c), other, element, wrappingSub, -)
  FOR_ALL_DESTINATIONS(ON_ELEMENT, SubGER, G(c), element, other, wrappingSub, -)
  FOR_ALL_DESTINATIONS(ON_ELEMENT, MulRGE, G(c), other, element, wrappingMul, *)

#define MULTIPLY_AND_ON_ELEMENT(Name, Store, z, y, onIntegers, Operator)                           \
  Name: {                                                                                          \
    ELEMENT(element, R(c), R(low))                                                                 \
    const Value &x = R(b);                                                                         \
    MULTIPLY_AND(Store, z, x, y, onIntegers, Operator, 3)                                          \
  }                                                                                                \
  DISPATCH();
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_ELEMENT, MulAddRE, R(high), element, wrappingAdd, +)
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_ELEMENT, MulSubRE, R(high), element, wrappingSub, -)
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_ELEMENT, MulAddER, element, R(high), wrappingAdd, +)
  FOR_ALL_DESTINATIONS(MULTIPLY_AND_ON_ELEMENT, MulSubER, element, R(high), wrappingSub, -)

#define TEST_ELEMENT(Name, wanted, array)                                                          \
  Name: {                                                                                          \
    ELEMENT(element, array, R(b))                                                                  \
    if (!element.isBool() && !element.isInt())                                                     \
      NEXT();                                                                                      \
    if ((element.scalarBits() != 0) != (wanted)) {                                                 \
      I += 3;                                                                                      \
      DISPATCH();                                                                                  \
    }                                                                                              \
  }                                                                                                \
  JUMP(low);
  FOR_OUTCOMES(TEST_ELEMENT, TestE, R(a))
  FOR_OUTCOMES(TEST_ELEMENT, TestGE, G(a))

#define BRANCH_ON_TEXTS(Name, wanted, right)                                                       \
  Name: {                                                                                          \
    Value &x = R(a);                                                                               \
    const Value &y = (right);                                                                      \
    if (!x.isStr() || !y.isStr())                                                                  \
      NEXT();                                                                                      \
    bool holds = x.stringObject().hasSameText(y.stringObject());                                   \
    if (I->op & givesUpLeft)                                                                       \
      x = Value();                                                                                 \
    if (I->op & givesUpRight)                                                                      \
      R(b) = Value();                                                                              \
    if (holds != (wanted)) {                                                                       \
      I = at(I, I->high);                                                                          \
      DISPATCH();                                                                                  \
    }                                                                                              \
  }                                                                                                \
  JUMP(low);
  FOR_OUTCOMES(BRANCH_ON_TEXTS, StrEqRR, R(b))
  FOR_OUTCOMES(BRANCH_ON_TEXTS, StrEqRK, CONSTANT(b))

CountedLoop: {
  uint64_t ops = 0;
  if (!runCountedLoop(machine, prepared->countedLoops[static_cast<size_t>(I->a)], base, meter, ops))
    NEXT();
  meter -= ops;
}
  JUMP(low);

  //===--------------------------------------------------------------------===//
  // Fused superinstructions
  //===--------------------------------------------------------------------===//

StepSlot:
  R(a) = Value::makeInt(semantics::wrappingAdd(toInt(R(a)), I->low));
  NEXT();

PostStepSlot: {
  int64_t old = toInt(R(b));
  STORE_T(Value::makeInt(old));
  R(b) = Value::makeInt(semantics::wrappingAdd(old, I->low));
}
  NEXT();

SlotLtInt:
  if (toInt(R(a)) < I->b)
    NEXT();
  JUMP(low);

SlotIncLtInt: {
  int64_t stepped = semantics::wrappingAdd(toInt(R(a)), 1);
  R(a) = Value::makeInt(stepped);
  if (stepped >= I->b)
    NEXT();
}
  JUMP(low);

AddAssignSlot: {
  int64_t sum = semantics::wrappingAdd(toInt(R(a)), toInt(R(b)));
  R(a) = Value::makeInt(sum);
}
  NEXT();

/// Charges the iterations of a loop op whose counter is \p counter; the op itself is
/// charged as any other.
#define CHARGE_ITERATIONS(counter)                                                                 \
  {                                                                                                \
    uint64_t iterations = iterationsOf(counter, I->low);                                           \
    /* What is too much for the fuel, or may be, the baseline loop finds out. */                   \
    if (iterations > meter || meter - iterations < machine.bulkFloor()) [[unlikely]]               \
      goto demote;                                                                                 \
    meter -= iterations;                                                                           \
  }

AccumSumLoop:
  CHARGE_ITERATIONS(R(b));
  accumulateSum(R(a), R(b), I->low);
  NEXT();

ConcatConstLoop: {
  CHARGE_ITERATIONS(R(b));
  const Value &piece = machine.constant(static_cast<uint16_t>(I->high));
  if (concatRepeatedly(machine, R(a), R(b), piece, I->low) != OpStatus::Continue)
    goto failed;
}
  NEXT();

PushIntRangeLoop:
  CHARGE_ITERATIONS(R(b));
  if (pushIntRange(machine, G(a), R(b), I->low) != OpStatus::Continue)
    goto failed;
  NEXT();

  //===--------------------------------------------------------------------===//
  // Containers and strings
  //===--------------------------------------------------------------------===//

#define ARRAY_GET(Name, Store, array)                                                              \
  Name: {                                                                                          \
    const Value &elements = (array);                                                               \
    Value &index = R(c);                                                                           \
    if (elements.isArray() && index.isInt() &&                                                     \
        static_cast<uint64_t>(index.asInt()) < elements.asArray().size()) [[likely]]               \
      Store(Value(elements.asArray()[static_cast<size_t>(index.asInt())]));                        \
    else {                                                                                         \
      Value element = elementSlowly(elements, index, I->low);                                      \
      Store(std::move(element));                                                                   \
    }                                                                                              \
  }                                                                                                \
  NEXT();
#define ARRAY_GET_INT(Name, Store, array)                                                          \
  Name: {                                                                                          \
    const Value &elements = (array);                                                               \
    if (elements.isArray() && I->bits < elements.asArray().size()) [[likely]]                      \
      Store(Value(elements.asArray()[I->bits]));                                                   \
    else                                                                                           \
      Store(Value());                                                                              \
  }                                                                                                \
  NEXT();
  FOR_DESTINATIONS(ARRAY_GET, ArrayGetRR, R(b))
  FOR_DESTINATIONS(ARRAY_GET_INT, ArrayGetRI, R(b))
  FOR_DESTINATIONS(ARRAY_GET, ArrayGetGR, G(b))
  FOR_DESTINATIONS(ARRAY_GET_INT, ArrayGetGI, G(b))

#define ARRAY_GET_ACCUMULATED(Name, Store, array)                                                  \
  Name: {                                                                                          \
    const Value &elements = (array);                                                               \
    if (elements.isArray() && accumulator.isInt() &&                                               \
        static_cast<uint64_t>(accumulator.asInt()) < elements.asArray().size()) [[likely]]         \
      Store(Value(elements.asArray()[static_cast<size_t>(accumulator.asInt())]));                  \
    else                                                                                           \
      Store(Value(elementOf(elements, accumulator.value())));                                      \
  }                                                                                                \
  NEXT();
  FOR_DESTINATIONS(ARRAY_GET_ACCUMULATED, ArrayGetRA, R(b))
  FOR_DESTINATIONS(ARRAY_GET_ACCUMULATED, ArrayGetGA, G(b))

/// \p cannotBeArray: whether what is stored is not the array itself, given that this has
/// one reference. \p Set and \p Push are the array's functions for what is stored.
#define ARRAY_SET(Name, array, isIndex, index, slowIndex, givesUp, showStored, cannotBeArray,      \
                  stored, Set, Push, ...)                                                          \
  Name: {                                                                                          \
    Value &elements = (array);                                                                     \
    if (elements.isArray() && (isIndex) && (index) < elements.asArray().size()) [[likely]] {       \
      if (elements.isUnique() && (cannotBeArray)) [[likely]] {                                     \
        elements.mutableArray().Set(index, __VA_ARGS__);                                           \
      } else {                                                                                     \
        Value value(stored);                                                                       \
        elements.mutableArray().set(index, std::move(value));                                      \
      }                                                                                            \
    } else if (elements.isArray() && (isIndex) && (index) == elements.asArray().size() &&          \
               (index) < machine.limits.maxContainerSize && elements.isUnique() &&                 \
               (cannotBeArray)) {                                                                  \
      elements.mutableArray().Push(__VA_ARGS__);                                                   \
    } else {                                                                                       \
      if (!mayStoreElement(machine, elements, slowIndex)) {                                        \
        showStored;                                                                                \
        goto failed;                                                                               \
      }                                                                                            \
      storeElement(elements, slowIndex, stored);                                                   \
      giveUpIndex(slowIndex, givesUp);                                                             \
    }                                                                                              \
  }                                                                                                \
  NEXT();
#define REGISTER_INDEX R(b).isInt(), static_cast<uint64_t>(R(b).asInt()), R(b)
#define INTEGER_INDEX true, I->bits, Value::makeInt(I->integer)
#define STORED_COPY                                                                                \
  (void)0, !R(c).isHeap(), Value(R(c)), setScalar, pushScalar, R(c).kind(), R(c).scalarBits()
#define STORED_MOVE (void)0, true, std::move(R(c)), set, push, std::move(R(c))
#define STORED_ACCUMULATOR                                                                         \
  new (&unused(R(c))) Value(accumulator.value()), true, accumulator.value(), setScalar,            \
      pushScalar, accumulator.kind, accumulator.bits
#define STORED_SCALAR                                                                              \
  (void)0, true, Value::makeScalar(static_cast<Kind>(I->c & 0xff), I->bits), setScalar,            \
      pushScalar, static_cast<Kind>(I->c & 0xff), I->bits
#define ARRAY_SET_FOR(...) ARRAY_SET(__VA_ARGS__)
  ARRAY_SET_FOR(ArraySetRRCopy, R(a), REGISTER_INDEX, I->low != 0, STORED_COPY)
  ARRAY_SET_FOR(ArraySetRRMove, R(a), REGISTER_INDEX, I->low != 0, STORED_MOVE)
  ARRAY_SET_FOR(ArraySetRRAccumulator, R(a), REGISTER_INDEX, I->low != 0, STORED_ACCUMULATOR)
  ARRAY_SET_FOR(ArraySetRRScalar, R(a), REGISTER_INDEX, (I->c & givesUpIndex) != 0, STORED_SCALAR)
  ARRAY_SET_FOR(ArraySetRICopy, R(a), INTEGER_INDEX, false, STORED_COPY)
  ARRAY_SET_FOR(ArraySetRIMove, R(a), INTEGER_INDEX, false, STORED_MOVE)
  ARRAY_SET_FOR(ArraySetRIAccumulator, R(a), INTEGER_INDEX, false, STORED_ACCUMULATOR)
  ARRAY_SET_FOR(ArraySetGRCopy, G(a), REGISTER_INDEX, I->low != 0, STORED_COPY)
  ARRAY_SET_FOR(ArraySetGRMove, G(a), REGISTER_INDEX, I->low != 0, STORED_MOVE)
  ARRAY_SET_FOR(ArraySetGRAccumulator, G(a), REGISTER_INDEX, I->low != 0, STORED_ACCUMULATOR)
  ARRAY_SET_FOR(ArraySetGRScalar, G(a), REGISTER_INDEX, (I->c & givesUpIndex) != 0, STORED_SCALAR)
  ARRAY_SET_FOR(ArraySetGICopy, G(a), INTEGER_INDEX, false, STORED_COPY)
  ARRAY_SET_FOR(ArraySetGIMove, G(a), INTEGER_INDEX, false, STORED_MOVE)
  ARRAY_SET_FOR(ArraySetGIAccumulator, G(a), INTEGER_INDEX, false, STORED_ACCUMULATOR)

#define ARRAY_PUSH(Name, pushed, isScalar, pushedKind, bits)                                       \
  Name: {                                                                                          \
    Value &array = G(a);                                                                           \
    if (array.isArray() && array.asArray().size() < machine.limits.maxContainerSize) [[likely]] {  \
      if (isScalar) [[likely]]                                                                     \
        array.mutableArray().pushScalar(pushedKind, bits);                                         \
      else                                                                                         \
        array.mutableArray().push(pushed);                                                         \
    } else {                                                                                       \
      if (!mayPushElement(machine, array))                                                         \
        goto failed;                                                                               \
      Value dropped(pushed);                                                                       \
    }                                                                                              \
  }                                                                                                \
  NEXT();
  ARRAY_PUSH(ArrayPushCopy, Value(R(b)), !R(b).isHeap(), R(b).kind(), R(b).scalarBits())
  ARRAY_PUSH(ArrayPushMove, std::move(R(b)), !R(b).isHeap(), R(b).kind(), R(b).scalarBits())
  ARRAY_PUSH(ArrayPushScalar, Value::makeScalar(static_cast<Kind>(I->b), I->bits), true,
             static_cast<Kind>(I->b), I->bits)

#define ARRAY_LEN(Name, Store)                                                                     \
  Name: {                                                                                          \
    const Value &array = G(b);                                                                     \
    size_t size = array.isArray() ? array.asArray().size() : 0;                                    \
    Store(Value::makeInt(static_cast<int64_t>(size)));                                             \
  }                                                                                                \
  NEXT();
  FOR_DESTINATIONS(ARRAY_LEN, ArrayLen)

#define HASH_GET(Name, Store, keyValue, givesUp)                                                   \
  Name: {                                                                                          \
    const Value &key = (keyValue);                                                                 \
    const Value *found = findQuickly(machine, G(b), key);                                          \
    if (!found)                                                                                    \
      goto failed;                                                                                 \
    Value copy(*found);                                                                            \
    givesUp;                                                                                       \
    Store(std::move(copy));                                                                        \
  }                                                                                                \
  NEXT();
#define GIVE_UP_KEY                                                                                \
  if (I->low)                                                                                      \
  R(c) = Value()
  FOR_DESTINATIONS(HASH_GET, HashGetR, R(c), GIVE_UP_KEY)
  FOR_DESTINATIONS(HASH_GET, HashGetK, CONSTANT(c), (void)0)

#define HASH_SET(Name, keyValue, givesUp)                                                          \
  Name: {                                                                                          \
    const Value &key = (keyValue);                                                                 \
    if (setQuickly(machine, G(a), key, R(b)) != OpStatus::Continue)                                \
      goto failed;                                                                                 \
    givesUp;                                                                                       \
  }                                                                                                \
  NEXT();
  HASH_SET(HashSetR, R(c), GIVE_UP_KEY)
  HASH_SET(HashSetK, CONSTANT(c), (void)0)

#define CONCAT(Name, Target, left, right, givesUp)                                                 \
  Name: {                                                                                          \
    if (concatenate(machine, Target(a), left, right, givesUp) != OpStatus::Continue)               \
      goto failed;                                                                                 \
  }                                                                                                \
  NEXT();
#define CONCAT_FAMILY(Name, ...)                                                                   \
  CONCAT(Name##T, R, __VA_ARGS__)                                                                  \
  CONCAT(Name##S, R, __VA_ARGS__)                                                                  \
  CONCAT(Name##G, G, __VA_ARGS__)
  CONCAT_FAMILY(ConcatRR, R(b), R(c), I->low)
  CONCAT_FAMILY(ConcatRK, R(b), CONSTANT(c), I->low)
  CONCAT_FAMILY(ConcatGR, G(b), R(c), I->low)
  CONCAT_FAMILY(ConcatGK, G(b), CONSTANT(c), I->low)

  //===--------------------------------------------------------------------===//
  // Functions and scopes
  //===--------------------------------------------------------------------===//

Call: {
  const CalleeCode &callee = *I->callee;
  if (meter < machine.meterFloor.load(std::memory_order_relaxed)) [[unlikely]]
    goto demote;
  Value *newBase = &R(c);
  if (reinterpret_cast<char *>(newBase) + callee.windowSize >
          reinterpret_cast<char *>(windows.registersEnd) ||
      returns == windows.returnsEnd) [[unlikely]] {
    windows.base = base;
    windows.returns = returns;
    // The baseline loop finds out which op exceeds the limit, if one does.
    newBase = windows.makeRoom(machine, newBase, callee.windowSize);
    if (!newBase)
      goto demote;
    returns = windows.returns;
  }
  meter += static_cast<uint64_t>(int64_t{I->a});
  *returns++ = reinterpret_cast<Windows::Return>(I + 1);
  base = newBase;
  ++machine.calls;
  I = callee.entry;
}
  DISPATCH();

ClearSlots:
  clearSlots(&R(a), &R(b));
  NEXT();

Enter: {
  auto *argument = base;
  auto *end = &R(a);
  auto *target = &R(b);
  for (; argument != end; ++argument, ++target)
    new (&unused(*target)) Value(std::move(*argument));
}
  NEXT();

/// Leaves a window, whose scopes have been closed. Of the lowest one the frame is canonical.
#define RETURN(release)                                                                            \
  {                                                                                                \
    if (returns == windows.bottom) [[unlikely]]                                                    \
      goto leaveLowest;                                                                            \
    release;                                                                                       \
    --returns;                                                                                     \
    const auto *next = reinterpret_cast<const PreparedOp *>(*returns);                             \
    const PreparedOp *call = next - 1;                                                             \
    meter += uint64_t{call->op} - I->op;                                                           \
    base = reinterpret_cast<Value *>(reinterpret_cast<char *>(base) - call->c);                    \
    I = next;                                                                                      \
    if (meter < machine.meterFloor.load(std::memory_order_relaxed)) [[unlikely]]                   \
      goto pollReturn;                                                                             \
  }                                                                                                \
  DISPATCH()

#define RETURNS(Name, result)                                                                      \
  Name:                                                                                            \
  result;                                                                                          \
  RETURN((void)0);                                                                                 \
  Name##Releasing : result;                                                                        \
  RETURN(releaseSlots(&R(b), &R(c)));
#define RESULT_IN_REGISTER                                                                         \
  base->swap(R(a));                                                                                \
  if (R(a).isHeap())                                                                               \
  R(a) = Value()
  RETURNS(ReturnR, RESULT_IN_REGISTER)
  RETURNS(ReturnFirst, (void)0)
  RETURNS(ReturnAccumulator, overwrite(*base, accumulator.value()))
  RETURNS(ReturnScalar, overwrite(*base, Value::makeScalar(static_cast<Kind>(I->a), I->bits)))
  RETURNS(ReturnNothing, (void)0)

leaveLowest: {
  uint64_t op = I->op;
  SYNC(op + 1);
  bool hasResult = chunk->ops[op].opcode() == Opcode::ReturnValue;
  Value result;
  if (hasResult)
    result = std::move(*base);
  releaseSlots(base, &R(c));
  windows.drop();
  OpStatus status =
      hasResult ? machine.leaveFunction(std::move(result)) : machine.leaveFunction(std::nullopt);
  return status == OpStatus::Finished ? LoopExit::Finished : LoopExit::Switch;
}

PushFrame: {
  if (returns == windows.returnsEnd) [[unlikely]] {
    windows.base = base;
    windows.returns = returns;
    if (!windows.makeRoom(machine, base, 0))
      goto demote;
    base = windows.base;
    returns = windows.returns;
  }
  *returns++ = reinterpret_cast<Windows::Return>(I) + Windows::scopeMark;
  clearSlots(&R(a), &R(b));
}
  NEXT();

PopFrame:
  releaseSlots(&R(a), &R(b));
  if (returns == windows.bottom) [[unlikely]]
    machine.popFrame();
  else
    --returns;
  NEXT();
}

} // namespace fusevm
