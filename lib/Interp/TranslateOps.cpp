//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the translator makes of each op.

#include "ConstantDivisor.h"
#include "Translator.h"

#include <algorithm>

namespace fusevm {

/// Translates the op at \p op, and perhaps others behind it; returns how many.
size_t Translator::translate(uint64_t op) {
  const Instruction &instruction = chunk.ops[op];
  const OpInfo &info = instruction.info();
  if (info.section == Section::NumericComparison && instruction.opcode() != Opcode::Spaceship)
    return compare();
  if (instruction.opcode() == Opcode::StrEq || instruction.opcode() == Opcode::StrNe)
    return compareTexts();
  if (translateFast(instruction))
    return 1;
  if (info.control == ControlKind::Block)
    translateCanonical();
  else if (info.has(CallsOut))
    translateCallout(instruction);
  else
    translateGeneric(instruction);
  if (info.control == ControlKind::Halt)
    reachable = false;
  return 1;
}

/// Translates an op that has handlers of its own; false if it has none.
bool Translator::translateFast(const Instruction &instruction) {
  using Place = Operand::Place;
  auto literal = [this](Place place, Kind kind, uint64_t bits) {
    stack.push_back({place, /*mayBeHeap=*/false, kind, 0, bits});
  };
  uint16_t a = instruction.a();
  // The table of globals may have to grow for others.
  bool namesGlobal = instruction.info().has(ReadsGlobals) || instruction.info().has(WritesGlobals);
  if (namesGlobal && !isGlobal(a))
    return translateFused(instruction);
  switch (instruction.opcode()) {
  case Opcode::Nop:
    break;
  case Opcode::LoadInt:
    literal(Place::Int, Kind::Int, instruction.wide());
    break;
  case Opcode::LoadFloat:
    literal(Place::Float, Kind::Float, instruction.wide());
    break;
  case Opcode::LoadTrue:
    literal(Place::Scalar, Kind::Bool, 1);
    break;
  case Opcode::LoadFalse:
    literal(Place::Scalar, Kind::Bool, 0);
    break;
  case Opcode::LoadUndef:
    literal(Place::Scalar, Kind::Undef, 0);
    break;
  case Opcode::LoadConst:
    pushConstant(a);
    break;
  case Opcode::Pop:
    dropFrom(stack.size() - 1);
    break;
  case Opcode::Dup:
    dup(0);
    break;
  case Opcode::Dup2:
    dup(1);
    dup(1);
    break;
  case Opcode::Swap:
    swap();
    break;
  case Opcode::GetSlot:
    pushSlot(a);
    break;
  case Opcode::SetSlot:
    store(ToSlot, slotRegister(a));
    break;
  case Opcode::GetVar:
  case Opcode::GetArray:
  case Opcode::GetHash:
    stack.push_back({Place::Global, /*mayBeHeap=*/true, Kind::Undef, a, 0});
    break;
  case Opcode::SetVar:
  case Opcode::DeclareVar:
  case Opcode::SetArray:
  case Opcode::SetHash:
    store(ToGlobal, offset(a));
    break;
  case Opcode::Add:
    binary(FastAddRRT, /*commutes=*/true);
    break;
  case Opcode::Sub:
    binary(FastSubRRT, /*commutes=*/false);
    break;
  case Opcode::Mul:
    binary(FastMulRRT, /*commutes=*/true);
    break;
  case Opcode::Div:
    divide();
    break;
#define FUSEVM_INTEGERS(Op, commutes)                                                              \
  case Opcode::Op:                                                                                 \
    integerBinary(Fast##Op##RRT, commutes);                                                        \
    break;
    FUSEVM_INTEGERS(Mod, false)
    FUSEVM_INTEGERS(BitAnd, true)
    FUSEVM_INTEGERS(BitOr, true)
    FUSEVM_INTEGERS(BitXor, true)
    FUSEVM_INTEGERS(Shl, false)
    FUSEVM_INTEGERS(Shr, false)
#undef FUSEVM_INTEGERS
#define FUSEVM_UNARY(Op)                                                                           \
  case Opcode::Op:                                                                                 \
    unary(Fast##Op##RT, Fast##Op##AT);                                                             \
    break;
    FUSEVM_UNARY(Negate)
    FUSEVM_UNARY(Inc)
    FUSEVM_UNARY(Dec)
    FUSEVM_UNARY(SqrtFloat)
    FUSEVM_UNARY(AbsFloat)
    FUSEVM_UNARY(FloorFloat)
    FUSEVM_UNARY(TruncInt)
#undef FUSEVM_UNARY
  case Opcode::LogNot:
    unary(FastLogNotT, noHandler);
    break;
  case Opcode::StringLen:
    unary(FastStringLenT, noHandler);
    break;
  case Opcode::Concat:
    concat();
    break;
  case Opcode::SlotArrayGet:
    arrayGet(/*isGlobal=*/false, slotRegister(a));
    break;
  case Opcode::SlotArraySet:
    writeOutSlot(slotRegister(a));
    arraySet(/*isGlobal=*/false, slotRegister(a));
    break;
  case Opcode::ArrayGet:
    arrayGet(/*isGlobal=*/true, offset(a));
    break;
  case Opcode::ArraySet:
    writeOutGlobal(a);
    arraySet(/*isGlobal=*/true, offset(a));
    break;
  case Opcode::ArrayPush:
    arrayPush(a);
    break;
  case Opcode::ArrayLen:
    emit(FastArrayLenT, current).b = offset(a);
    produce(0, /*mayBeHeap=*/false);
    break;
  case Opcode::HashGet:
    hashGet(a);
    break;
  case Opcode::ReadLine:
    emit(FastReadLineAtHand, current).a = stackRegister(stack.size());
    translateGeneric(instruction);
    break;
  case Opcode::HashSet:
    hashSet(a);
    break;
  case Opcode::Jump:
    jump(instruction.target());
    break;
  case Opcode::JumpIfTrue:
    branchOnValue(true, /*keeps=*/false, instruction.target());
    break;
  case Opcode::JumpIfFalse:
    branchOnValue(false, /*keeps=*/false, instruction.target());
    break;
  case Opcode::JumpIfTrueKeep:
    branchOnValue(true, /*keeps=*/true, instruction.target());
    break;
  case Opcode::JumpIfFalseKeep:
    branchOnValue(false, /*keeps=*/true, instruction.target());
    break;
  case Opcode::Call:
    return call(instruction);
  case Opcode::Return:
    returnNothing();
    break;
  case Opcode::ReturnValue:
    returnValue();
    break;
  case Opcode::PushFrame:
    openScope();
    break;
  case Opcode::PopFrame:
    closeScope();
    break;
  default:
    return translateFused(instruction);
  }
  return true;
}

bool Translator::translateFused(const Instruction &instruction) {
  uint16_t a = instruction.a();
  switch (instruction.opcode()) {
  case Opcode::PreIncSlot:
  case Opcode::PreDecSlot:
    stepSlot(a, instruction.opcode() == Opcode::PreIncSlot ? 1 : -1);
    pushSlot(a);
    return true;
  case Opcode::PreIncSlotVoid:
    stepSlot(a, 1);
    return true;
  case Opcode::PostIncSlot:
  case Opcode::PostDecSlot: {
    writeOutSlot(slotRegister(a));
    pushOwn(/*mayBeHeap=*/false);
    PreparedOp &code = emit(FastPostStepSlot, current);
    code.a = stackRegister(stack.size() - 1);
    code.b = slotRegister(a);
    code.low = instruction.opcode() == Opcode::PostIncSlot ? 1 : -1;
    return true;
  }
  case Opcode::SlotLtIntJumpIfFalse:
  case Opcode::SlotIncLtIntJumpBack: {
    writeOutAll();
    PreparedOp &code = emit(
        instruction.opcode() == Opcode::SlotLtIntJumpIfFalse ? FastSlotLtInt : FastSlotIncLtInt, 0);
    code.a = slotRegister(a);
    code.b = instruction.limit();
    jumpTo(instruction.target(), current);
    return true;
  }
  case Opcode::AddAssignSlotVoid: {
    writeOutSlot(slotRegister(a));
    PreparedOp &code = emit(FastAddAssignSlot, current);
    code.a = slotRegister(a);
    code.b = slotRegister(instruction.b());
    return true;
  }
  case Opcode::AccumSumLoop: {
    writeOutAll();
    PreparedOp &code = emit(FastAccumSumLoop, current);
    code.a = slotRegister(a);
    code.b = slotRegister(instruction.b());
    code.low = instruction.limit();
    return true;
  }
  case Opcode::ConcatConstLoop: {
    writeOutAll();
    PreparedOp &code = emit(FastConcatConstLoop, current);
    code.a = slotRegister(instruction.b());
    code.b = slotRegister(instruction.c());
    code.low = instruction.limit();
    code.high = a;
    return true;
  }
  case Opcode::PushIntRangeLoop: {
    if (!isGlobal(a)) {
      // Its handler would look for the slot in a frame; one op of the baseline loop does.
      translateCanonical();
      return true;
    }
    writeOutAll();
    PreparedOp &code = emit(FastPushIntRangeLoop, current);
    code.a = offset(a);
    code.b = slotRegister(instruction.b());
    code.low = instruction.limit();
    return true;
  }
  default:
    return false;
  }
}

//===----------------------------------------------------------------------===//
// Ops without handlers of their own
//===----------------------------------------------------------------------===//

void Translator::translateGeneric(const Instruction &instruction) {
  StackEffect effect = effects.effectOf(instruction);
  if (instruction.opcode() == Opcode::Call)
    effect.pushes = effect.pops; // it fails, and leaves its arguments where they are
  if (instruction.info().has(WritesGlobals))
    writeOutGlobals();
  size_t base = stack.size() - effect.pops;
  writeOutFrom(base);
  recordDeferred();
  PreparedOp &code = emit(FastGeneric, current);
  code.a = stackRegister(base);
  code.b = static_cast<int32_t>(effect.pops);
  code.c = static_cast<int32_t>(effect.pushes);
  stack.resize(base, own(false));
  for (uint32_t i = 0; i != effect.pushes; ++i)
    pushOwn(/*mayBeHeap=*/true);
}

void Translator::translateCallout(const Instruction &instruction) {
  writeOutAll();
  translateGeneric(instruction);
  handlers.back() = FastCallout;
  enterHere(current + 1);
}

/// An op that looks further than at its operands.
void Translator::translateCanonical() {
  writeOutAll();
  StackEffect effect = effects.effectOf(chunk.ops[current]);
  emit(FastCanonical, current);
  stack.resize(stack.size() - effect.pops, own(false));
  for (uint32_t i = 0; i != effect.pushes; ++i)
    pushOwn(/*mayBeHeap=*/true);
  enterHere(current + 1);
}

//===----------------------------------------------------------------------===//
// Moving values
//===----------------------------------------------------------------------===//

void Translator::pushConstant(uint16_t index) {
  using Place = Operand::Place;
  const Value undef;
  const Value &constant = index < chunk.constants.size() ? chunk.constants[index] : undef;
  if (constant.isHeap()) {
    stack.push_back({Place::Constant, /*mayBeHeap=*/true, Kind::Undef, index, 0});
    return;
  }
  Place place = constant.isInt() ? Place::Int : constant.isFloat() ? Place::Float : Place::Scalar;
  stack.push_back({place, /*mayBeHeap=*/false, constant.kind(), 0, constant.scalarBits()});
}

void Translator::pushSlot(uint16_t slot) {
  stack.push_back({Operand::Place::Slot, /*mayBeHeap=*/!layout->isScalar(slot), Kind::Undef,
                   static_cast<uint32_t>(slotRegister(slot)), 0});
}

/// Stores the top value in a slot or a global.
void Translator::store(Destination destination, int32_t target) {
  Operand value = pop();
  if (destination == ToSlot)
    writeOutSlot(target);
  else
    writeOutGlobal(static_cast<uint32_t>(target) / sizeof(Value));
  stack.push_back(value);
  size_t top = stack.size() - 1;
  Operand::Place variable = destination == ToSlot ? Operand::Place::Slot : Operand::Place::Global;
  bool isThere = value.place == variable && place(top) == target;
  if (isProduct(top))
    retarget(destination, target);
  else if (!isThere)
    load(top, destination, target);
  pop();
}

/// Has the producer of the top value, and what does the same in one go, put it in
/// \p target. What it overwrites there needs no release if it is a scalar.
void Translator::retarget(Destination destination, int32_t target) {
  destination = releasing(destination, target);
  auto change = [&](size_t index, bool overwritesScalar) {
    result.code[index].a = target;
    if (destination != ToSlot || !overwritesScalar)
      handlers[index] = static_cast<uint16_t>(handlers[index] + destination);
  };
  change(producer, scalarSlots[0] == target || scalarSlots[1] == target);
  if (front != noProducer) {
    bool isOnRegisters = handlers[front] >= FastMulAddT && handlers[front] <= FastMulThenMulT;
    const PreparedOp &code = result.code[front];
    change(front, code.b == target || (isOnRegisters ? code.low : code.high) == target);
  }
  producer = front = noProducer;
}

/// Whether the producer made the value at \p position.
bool Translator::isProduct(size_t position) const {
  if (!isOwn(position) || producer == noProducer)
    return false;
  assert(producer >= lastLabel && producer + 1 == result.code.size() &&
         "something came between the producer and its consumer");
  return result.code[producer].a == stackRegister(position);
}

/// Whether the producer made the value at \p position, and can leave it in the accumulator
/// instead.
bool Translator::canAccumulate(size_t position) const {
  return isProduct(position) && handlers[producer] >= FastAddRRT &&
         handlers[producer] < FastLogNotT;
}

/// Has the producer of the value at \p position leave it in the accumulator, for the next
/// instruction. False, with nothing done, if it cannot.
bool Translator::accumulate(size_t position) {
  if (!canAccumulate(position))
    return false;
  handlers[producer] = static_cast<uint16_t>(handlers[producer] + ToAccumulator);
  if (front != noProducer)
    handlers[front] = static_cast<uint16_t>(handlers[front] + ToAccumulator);
  producer = front = noProducer;
  return true;
}

/// Pushes a copy of the value \p depth below the top.
void Translator::dup(size_t depth) {
  size_t source = stack.size() - 1 - depth;
  Operand value = stack[source];
  if (value.place == Operand::Place::Own) {
    PreparedOp &code = emit(FastCopyRT, current);
    code.a = stackRegister(stack.size());
    code.b = stackRegister(source);
  }
  stack.push_back(value);
}

void Translator::swap() {
  size_t top = stack.size() - 1;
  Operand &lower = stack[top - 1];
  Operand &upper = stack[top];
  bool lowerIsOwn = lower.place == Operand::Place::Own;
  bool upperIsOwn = upper.place == Operand::Place::Own;
  if (lowerIsOwn || upperIsOwn) {
    PreparedOp &code = emit(lowerIsOwn && upperIsOwn ? FastSwap : FastMoveT, current);
    code.a = stackRegister(lowerIsOwn ? top : top - 1);
    code.b = stackRegister(lowerIsOwn ? top - 1 : top);
  }
  std::swap(lower, upper);
}

//===----------------------------------------------------------------------===//
// Computing
//===----------------------------------------------------------------------===//

static int32_t giveUp(bool left, bool right = false) { return int32_t{left} | int32_t{right} << 1; }

/// Where instructions find a register or global operand.
int32_t Translator::place(size_t position) const {
  const Operand &operand = stack[position];
  switch (operand.place) {
  case Operand::Place::Own:
    return stackRegister(position);
  case Operand::Place::Global:
    return offset(operand.index);
  default:
    return static_cast<int32_t>(operand.index);
  }
}

bool Translator::isOwn(size_t position) const {
  return stack[position].place == Operand::Place::Own;
}

Translator::OperandClass Translator::classOf(size_t position) const {
  switch (stack[position].place) {
  case Operand::Place::Global:
    return InGlobal;
  case Operand::Place::Int:
    return IntLiteral;
  case Operand::Place::Float:
    return FloatLiteral;
  default:
    return InRegister;
  }
}

bool Translator::isNumber(size_t position) const {
  return classOf(position) == IntLiteral || classOf(position) == FloatLiteral;
}

/// Makes sure that the value at \p position is in a register, be it its own or a slot's.
void Translator::toRegister(size_t position) {
  if (stack[position].place != Operand::Place::Slot)
    writeOut(position);
}

/// Sets the right operand of the last instruction, a literal or not, and says which
/// operands it gives up.
void Translator::setRight(PreparedOp &code, size_t left, size_t right) {
  if (stack[right].isLiteral()) {
    code.bits = stack[right].bits;
    code.c = giveUp(isOwn(left));
  } else {
    code.c = place(right);
    code.low = giveUp(isOwn(left), isOwn(right));
  }
}

/// Replaces the top \p operands by the result of the last instruction.
void Translator::produce(size_t operands, bool mayBeHeap) {
  stack.resize(stack.size() - operands, own(false));
  result.code.back().a = stackRegister(stack.size());
  pushOwn(mayBeHeap);
  producer = result.code.size() - 1;
}

/// The same for an instruction that makes a scalar, and leaves operands that are none to
/// its slow way.
void Translator::produceFromScalars(size_t operands) {
  for (size_t i = 0; i != operands; ++i) {
    size_t position = stack.size() - 1 - i;
    scalarSlots[i] = stack[position].place == Operand::Place::Slot ? place(position) : noSlot;
  }
  produce(operands, /*mayBeHeap=*/false);
}

/// Emits an operation on two operands, of which the left one is not a literal.
void Translator::emitBinary(unsigned handler, size_t left, size_t right) {
  PreparedOp &code = emit(handler, current);
  code.b = place(left);
  setRight(code, left, right);
  produceFromScalars(2);
}

/// Arithmetic for which every form of the family exists that begins at \p family.
void Translator::binary(unsigned family, bool commutes) {
  size_t left = stack.size() - 2;
  size_t right = left + 1;
  if (commutes && isNumber(left) && !isNumber(right))
    std::swap(left, right);
  if (family == FastSubRRT && isNumber(left) && accumulate(right)) {
    unsigned handler = classOf(left) == IntLiteral ? FastSubIAT : FastSubFAT;
    emit(handler, current).bits = stack[left].bits;
    return produceFromScalars(2);
  }
  if (classOf(left) != InGlobal)
    toRegister(left);
  if (classOf(right) == InRegister)
    toRegister(right);
  unsigned handler = family + (unsigned{classOf(left)} * 4 + classOf(right)) * numDestinations;
  if (size_t shorter = shorten(family, left, right); shorter != noProducer) {
    emitBinary(handler, left, right);
    front = shorter;
    result.code[front].a = result.code[producer].a;
    return;
  }
  if (commutes && canAccumulate(right))
    std::swap(left, right);
  if (accumulate(left))
    handler = family + (8 + classOf(right)) * numDestinations;
  else if (accumulate(right))
    handler = classOf(left) == InGlobal ? FastSubGAT : FastSubRAT;
  emitBinary(handler, left, right);
}

/// Before an operation with an operand that the last instruction makes: puts an instruction
/// in front that does both. Returns its place; noProducer if there is none that can.
size_t Translator::shorten(unsigned family, size_t left, size_t right) {
  if (producer == noProducer || classOf(left) != InRegister || classOf(right) != InRegister)
    return noProducer;
  bool isMultiplied = handlers[producer] == FastMulRRT || handlers[producer] == FastMulART;
  if (isMultiplied && family != FastMulRRT)
    if (size_t shorter = shortenMultiplication(family == FastAddRRT, left, right);
        shorter != noProducer)
      return shorter;
  size_t shorter = shortenElement(family, left, right);
  return shorter != noProducer ? shorter : shortenTwoSteps(family, left, right);
}

/// One operand is a sum, a difference or a product: if the operation commutes either, else the
/// left one.
size_t Translator::shortenTwoSteps(unsigned family, size_t left, size_t right) {
  auto numberOf = [](unsigned handler) {
    return handler == FastAddRRT ? 0 : handler == FastSubRRT ? 1 : handler == FastMulRRT ? 2 : 3;
  };
  static constexpr unsigned steps[3][3] = {{FastAddThenAddT, FastAddThenSubT, FastAddThenMulT},
                                           {FastSubThenAddT, FastSubThenSubT, FastSubThenMulT},
                                           {FastMulAddT, FastMulThenSubT, FastMulThenMulT}};
  unsigned first = numberOf(handlers[producer]);
  if (first == 3 || front != noProducer)
    return noProducer;
  size_t other = right;
  if (!isProduct(left)) {
    if (family == FastSubRRT || !isProduct(right))
      return noProducer;
    other = left;
  }
  PreparedOp both = result.code[producer];
  both.low = place(other);
  return insertFront(producer, steps[first][numberOf(family)], both);
}

/// Of an addition or subtraction one operand is a product.
size_t Translator::shortenMultiplication(bool adds, size_t left, size_t right) {
  size_t other = left;
  if (adds && isProduct(left))
    other = right;
  else if (!isProduct(right))
    return noProducer;
  PreparedOp both = result.code[producer];
  if (front != noProducer) { // a factor is an element
    if (handlers[front] != FastMulRET)
      return noProducer;
    PreparedOp &shorter = result.code[front];
    shorter.high = place(other);
    handlers[front] = adds ? FastMulAddRET : FastMulSubRET;
    return front;
  }
  if (loadsElement(producer - 1, other, FastArrayGetRRT)) {
    const PreparedOp &element = result.code[producer - 1];
    both.high = both.c;
    both.c = element.b;
    both.low = element.c;
    return insertFront(producer - 1, adds ? FastMulAddERT : FastMulSubERT, both);
  }
  both.low = place(other);
  if (handlers[producer] == FastMulART)
    return insertFront(producer, adds ? FastMulAddAT : FastMulSubAT, both);
  return insertFront(producer, adds ? FastMulAddT : FastMulSubT, both);
}

/// Whether the instruction at \p code loads the value at \p position from an array with
/// \p handler, and nothing can jump behind it.
bool Translator::loadsElement(size_t code, size_t position, unsigned handler) const {
  return code < handlers.size() && code >= lastLabel && handlers[code] == handler &&
         isOwn(position) && result.code[code].a == stackRegister(position);
}

/// One operand is an element of an array.
size_t Translator::shortenElement(unsigned family, size_t left, size_t right) {
  bool isGlobal = handlers[producer] == FastArrayGetGRT;
  unsigned load = isGlobal ? FastArrayGetGRT : FastArrayGetRRT;
  bool isRight = loadsElement(producer, right, load);
  if (!isRight && !loadsElement(producer, left, load))
    return noProducer;
  unsigned handler = family == FastAddRRT   ? FastAddRET
                     : family == FastMulRRT ? FastMulRET
                     : isRight              ? FastSubRET
                                            : FastSubERT;
  if (isGlobal)
    handler += FastAddRGET - FastAddRET;
  const PreparedOp &element = result.code[producer];
  PreparedOp both{};
  both.op = static_cast<uint32_t>(current);
  both.b = place(isRight ? left : right);
  both.c = element.b;
  both.low = element.c;
  both.high = noSlot;
  return insertFront(producer, handler, both);
}

size_t Translator::insertFront(size_t before, unsigned handler, const PreparedOp &code) {
  auto at = static_cast<ptrdiff_t>(before);
  result.code.insert(result.code.begin() + at, code);
  handlers.insert(handlers.begin() + at, static_cast<uint16_t>(handler));
  return before;
}

/// An operation with handlers for registers and for an integer on the right.
void Translator::compareValues(unsigned registers, unsigned integers) {
  size_t left = stack.size() - 2;
  size_t right = left + 1;
  toRegister(left);
  bool isInteger = stack[right].place == Operand::Place::Int;
  if (!isInteger)
    toRegister(right);
  emitBinary(isInteger ? integers : registers, left, right);
}

/// An operation on integers, with every form of the family that begins at \p family.
void Translator::integerBinary(unsigned family, bool commutes) {
  size_t left = stack.size() - 2;
  size_t right = left + 1;
  if (commutes && stack[left].place == Operand::Place::Int)
    std::swap(left, right);
  toRegister(left);
  bool isInteger = stack[right].place == Operand::Place::Int;
  if (!isInteger)
    toRegister(right);
  if (commutes && canAccumulate(right))
    std::swap(left, right);
  bool isAccumulated = accumulate(left);
  auto literal = static_cast<int64_t>(stack[right].bits);
  if (family == FastModRRT && isInteger && ConstantDivisor::mayBe(literal)) {
    emitBinary(isAccumulated ? FastModADT : FastModRDT, left, right);
    PreparedOp &code = result.code.back();
    code.bits = ConstantDivisor::of(literal).reciprocal;
    // Negative: the left operand is given up.
    code.c = static_cast<int32_t>(code.c != 0 ? -literal : literal);
    return;
  }
  unsigned form = (isAccumulated ? 2 : 0) + (isInteger ? 1 : 0);
  emitBinary(family + form * numDestinations, left, right);
}

/// The float that a literal is in a division.
double Translator::asDivisionOperand(size_t position) const {
  const Operand &operand = stack[position];
  return operand.place == Operand::Place::Float
             ? std::bit_cast<double>(operand.bits)
             : static_cast<double>(static_cast<int64_t>(operand.bits));
}

/// Division is on floats, so an integer literal may become one now.
void Translator::divide() {
  size_t left = stack.size() - 2;
  size_t right = left + 1;
  bool byLiteral = isNumber(right) && asDivisionOperand(right) != 0.0;
  bool ofLiteral = !byLiteral && isNumber(left);
  if (!ofLiteral)
    toRegister(left);
  if (!byLiteral)
    toRegister(right);
  bool isLeft = accumulate(left);
  bool isRight = accumulate(right);
  PreparedOp &code = emit(byLiteral   ? (isLeft ? FastDivAFT : FastDivRFT)
                          : ofLiteral ? (isRight ? FastDivFAT : FastDivFRT)
                          : isLeft    ? FastDivART
                          : isRight   ? FastDivRAT
                                      : FastDivRRT,
                          current);
  if (ofLiteral) {
    code.b = giveUp(false, isOwn(right));
    code.c = place(right);
    code.number = asDivisionOperand(left);
  } else {
    code.b = place(left);
    setRight(code, left, right);
    if (byLiteral)
      code.number = asDivisionOperand(right);
  }
  produceFromScalars(2);
}

/// \p accumulated is the handler for an operand in the accumulator, if there is one.
void Translator::unary(unsigned handler, unsigned accumulated) {
  size_t top = stack.size() - 1;
  toRegister(top);
  if (accumulated != noHandler && accumulate(top))
    handler = accumulated;
  PreparedOp &code = emit(handler, current);
  code.b = place(top);
  code.low = giveUp(isOwn(top));
  if (handler == FastStringLenT)
    produce(1, /*mayBeHeap=*/false);
  else
    produceFromScalars(1);
}

void Translator::concat() {
  size_t left = stack.size() - 2;
  size_t right = left + 1;
  if (classOf(left) != InGlobal)
    toRegister(left);
  bool isConstant = stack[right].place == Operand::Place::Constant;
  if (!isConstant)
    toRegister(right);
  recordDeferred();
  unsigned family = classOf(left) == InGlobal ? FastConcatGRT : FastConcatRRT;
  PreparedOp &code = emit(family + (isConstant ? 3 : 0), current);
  code.b = place(left);
  code.c = place(right);
  code.low = giveUp(isOwn(left), isOwn(right));
  produce(2, /*mayBeHeap=*/true);
}

//===----------------------------------------------------------------------===//
// Containers
//===----------------------------------------------------------------------===//

void Translator::arrayGet(bool isGlobal, int32_t array) {
  size_t index = stack.size() - 1;
  bool isInteger = stack[index].place == Operand::Place::Int;
  if (!isInteger)
    toRegister(index);
  unsigned handler = isGlobal ? FastArrayGetGRT : FastArrayGetRRT;
  if (isInteger)
    handler += FastArrayGetRIT - FastArrayGetRRT;
  else if (accumulate(index))
    handler = isGlobal ? FastArrayGetGAT : FastArrayGetRAT;
  PreparedOp &code = emit(handler, current);
  code.b = array;
  if (isInteger) {
    code.bits = stack[index].bits;
  } else {
    code.c = place(index);
    code.low = giveUp(isOwn(index));
  }
  produce(1, /*mayBeHeap=*/true);
}

void Translator::arraySet(bool isGlobal, int32_t array) {
  size_t value = stack.size() - 2;
  size_t index = value + 1;
  bool hasIntegerIndex = stack[index].place == Operand::Place::Int;
  if (!hasIntegerIndex)
    toRegister(index);
  bool isScalar = stack[value].isLiteral() && !hasIntegerIndex;
  if (!isScalar)
    toRegister(value);
  recordDeferred();
  unsigned handler = isGlobal ? FastArraySetGRCopy : FastArraySetRRCopy;
  if (hasIntegerIndex)
    handler += FastArraySetRICopy - FastArraySetRRCopy;
  if (isScalar)
    handler += FastArraySetRRScalar - FastArraySetRRCopy;
  else if (accumulate(value))
    handler += FastArraySetRRAccumulator - FastArraySetRRCopy;
  else if (isOwn(value))
    handler += FastArraySetRRMove - FastArraySetRRCopy;
  PreparedOp &code = emit(handler, current);
  code.a = array;
  if (hasIntegerIndex)
    code.bits = stack[index].bits;
  else
    code.b = place(index);
  if (isScalar) {
    code.c = static_cast<int32_t>(stack[value].kind) | (isOwn(index) ? givesUpIndex : 0);
    code.bits = stack[value].bits;
  } else {
    code.c = place(value);
    if (!hasIntegerIndex)
      code.low = giveUp(isOwn(index));
  }
  stack.resize(value, own(false));
}

void Translator::arrayPush(uint32_t global) {
  writeOutGlobal(global);
  size_t value = stack.size() - 1;
  bool isScalar = stack[value].isLiteral();
  if (!isScalar)
    toRegister(value);
  recordDeferred();
  PreparedOp &code = emit(isScalar       ? FastArrayPushScalar
                          : isOwn(value) ? FastArrayPushMove
                                         : FastArrayPushCopy,
                          current);
  code.a = offset(global);
  if (isScalar) {
    code.b = static_cast<int32_t>(stack[value].kind);
    code.bits = stack[value].bits;
  } else {
    code.b = place(value);
  }
  pop();
}

void Translator::hashGet(uint32_t global) {
  size_t key = stack.size() - 1;
  bool isConstant = stack[key].place == Operand::Place::Constant;
  if (!isConstant)
    toRegister(key);
  recordDeferred();
  PreparedOp &code = emit(isConstant ? FastHashGetKT : FastHashGetRT, current);
  code.b = offset(global);
  code.c = place(key);
  code.low = giveUp(isOwn(key));
  produce(1, /*mayBeHeap=*/true);
}

void Translator::hashSet(uint32_t global) {
  writeOutGlobal(global);
  size_t value = stack.size() - 2;
  size_t key = value + 1;
  writeOut(value);
  bool isConstant = stack[key].place == Operand::Place::Constant;
  if (!isConstant)
    toRegister(key);
  recordDeferred();
  PreparedOp &code = emit(isConstant ? FastHashSetK : FastHashSetR, current);
  code.a = offset(global);
  code.b = place(value);
  code.c = place(key);
  code.low = giveUp(isOwn(key));
  stack.resize(value, own(false));
}

//===----------------------------------------------------------------------===//
// Fused ops, functions and scopes
//===----------------------------------------------------------------------===//

void Translator::stepSlot(uint16_t slot, int32_t step) {
  writeOutSlot(slotRegister(slot));
  PreparedOp &code = emit(FastStepSlot, current);
  code.a = slotRegister(slot);
  code.low = step;
}

/// Translates a call of a sub that is known; false for others.
bool Translator::call(const Instruction &instruction) {
  std::optional<uint32_t> callee = analysis.functionOfSub(instruction.a());
  if (!callee)
    return false;
  const FunctionInfo &info = analysis.functions[*callee];
  // What the callee cannot change may stay where it is.
  size_t base = stack.size() - instruction.b();
  writeOutGlobals();
  writeOutFrom(base);
  recordDeferred();
  PreparedOp &code = emit(FastCall, current);
  code.a =
      static_cast<int32_t>(static_cast<int64_t>(info.entry) - static_cast<int64_t>(current) - 1);
  code.c = stackRegister(base);
  code.integer = *callee; // becomes a pointer when there is one
  stack.resize(base, own(false));
  bool allWritten = std::all_of(stack.begin(), stack.end(), [](const Operand &operand) {
    return operand.place == Operand::Place::Own;
  });
  if (info.returnsValue.value_or(false))
    pushOwn(/*mayBeHeap=*/true);
  if (allWritten)
    enterHere(current + 1);
  else
    lastLabel = result.code.size(); // the return jumps here
  return true;
}

/// Closes the scopes that a return leaves, and says which registers from \p firstSlot on
/// hold slots that it must release.
PreparedOp &Translator::emitReturn(unsigned handler, uint32_t firstSlot) {
  for (; scopeDepth != 0; --scopeDepth)
    emitCloseScope();
  uint32_t end = layout->slots;
  while (firstSlot < end && layout->isScalar(firstSlot))
    ++firstSlot;
  while (firstSlot < end && layout->isScalar(end - 1))
    --end;
  PreparedOp &code = emit(handler + (firstSlot < end ? 1 : 0), current);
  code.b = offset(firstSlot);
  code.c = offset(end);
  return code;
}

/// Register 0 gets the result.
void Translator::returnValue() {
  size_t top = stack.size() - 1;
  bool leavesAtOnce =
      scopeDepth == 0 && std::none_of(stack.begin(), stack.end() - 1, [](const Operand &operand) {
        return operand.place == Operand::Place::Own && operand.mayBeHeap;
      });
  if (leavesAtOnce && accumulate(top)) {
    stack.clear();
    emitReturn(FastReturnAccumulator, 1);
    reachable = false;
    return;
  }
  if (!stack[top].isLiteral())
    toRegister(top);
  if (scopeDepth != 0 && stack[top].place == Operand::Place::Slot)
    writeOut(top); // its scope is closed before
  Operand value = stack[top];
  int32_t source = place(top);
  pop();
  dropFrom(0);
  if (value.isLiteral()) {
    PreparedOp &code = emitReturn(FastReturnScalar, 1);
    code.a = static_cast<int32_t>(value.kind);
    code.bits = value.bits;
  } else {
    emitReturn(source == 0 ? FastReturnFirst : FastReturnR, 1).a = source;
  }
  reachable = false;
}

void Translator::returnNothing() {
  dropFrom(0);
  emitReturn(FastReturnNothing, 0);
  reachable = false;
}

void Translator::openScope() {
  recordDeferred();
  PreparedOp &code = emit(FastPushFrame, current);
  code.a = offset(uint64_t{scopeDepth + 1} * layout->slots);
  code.b = offset(uint64_t{scopeDepth + 2} * layout->slots);
  code.c = static_cast<int32_t>(stack.size());
}

void Translator::closeScope() {
  writeOutAll();
  dropFrom(analysis.scopeTable[analysis.scopes[current] - 1].base);
  emitCloseScope();
}

/// Closes the innermost scope.
void Translator::emitCloseScope() {
  PreparedOp &code = emit(FastPopFrame, current);
  code.a = offset(uint64_t{scopeDepth} * layout->slots);
  code.b = offset(uint64_t{scopeDepth + 1} * layout->slots);
}

} // namespace fusevm
