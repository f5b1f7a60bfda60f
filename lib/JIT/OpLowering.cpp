//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// From one op to IR. Guards come first, then the state changes.

#include "Lowering.h"

namespace fusevm::jit {

using llvm::CmpInst;
using BinaryOps = llvm::Instruction::BinaryOps;

void Lowering::lowerOp(uint64_t op) {
  currentOp = resumeOp = op;
  guardExit = nullptr;
  fusedOps = 0;
  if (request.countsOps)
    countOp(op);
  if (lowerNatively(op)) {
    unit.nativeOps += 1 + fusedOps;
    return;
  }
  ++unit.hostOps;
  if (isSimple(op))
    callSimply(op);
  else
    callHost(op);
}

/// Counts that \p op was reached.
void Lowering::countOp(uint64_t op) {
  if (isDry)
    return;
  auto *counts = loadContext(builder.getPtrTy(), offsetof(FusevmNativeContext, opsReached));
  auto *count = field(counts, static_cast<uint64_t>(instruction(op).opcode()) * sizeof(uint64_t));
  store(builder.CreateAdd(load(builder.getInt64Ty(), count, ofContext), int64(1)), count,
        ofContext);
}

bool Lowering::lowerNatively(uint64_t op) {
  switch (instruction(op).info().section) {
  case Section::Constants:
  case Section::Stack:
    return lowerStack(op);
  case Section::Variables:
  case Section::Arrays:
  case Section::Hashes:
    return lowerVariables(op);
  case Section::Arithmetic:
    return lowerArithmetic(op);
  case Section::NumericComparison:
    return lowerComparison(op);
  case Section::Logic:
    return lowerBits(op);
  case Section::ControlFlow:
    return lowerJumps(op);
  case Section::Fused:
    return lowerSlotSteps(op);
  case Section::Math:
    return lowerMath(op);
  case Section::Functions:
    return lowerFunctions(op);
  case Section::Strings:
  case Section::StringComparison:
    return lowerTexts(op);
  case Section::Extensions:
    return lowerExtension(op);
  case Section::Scope:
  case Section::IO:
  case Section::Collections:
  case Section::Blocks:
  case Section::Builtins:
  case Section::Shell:
  case Section::Awk:
    return false;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Constants and the stack
//===----------------------------------------------------------------------===//

bool Lowering::lowerStack(uint64_t op) {
  const Instruction &current = instruction(op);
  switch (current.opcode()) {
  case Opcode::LoadInt:
    push(makeInt(int64(current.wide())));
    return true;
  case Opcode::LoadFloat:
    push(makeFloat(llvm::ConstantFP::get(builder.getDoubleTy(), current.floatValue())));
    return true;
  case Opcode::LoadTrue:
    push(makeBool(builder.getTrue()));
    return true;
  case Opcode::LoadFalse:
    push(makeBool(builder.getFalse()));
    return true;
  case Opcode::LoadUndef:
    push({.rep = Rep::Undef});
    return true;
  case Opcode::LoadConst:
    return lowerConstant(op);
  case Opcode::Pop:
    dropTop();
    return true;
  case Opcode::Dup:
    copyOfStack(0);
    return true;
  case Opcode::Dup2:
    copyOfStack(1);
    copyOfStack(1);
    return true;
  case Opcode::Swap:
    swapStack(0, 1);
    return true;
  case Opcode::Rot:
    swapStack(2, 1);
    swapStack(1, 0);
    return true;
  default:
    return false;
  }
}

/// Loads a constant on the heap if that has not been done.
void Lowering::ensureConstant(uint32_t number) {
  if (isDry)
    return;
  llvm::BasicBlock *isMissing = newColdBlock();
  llvm::BasicBlock *next = newBlock();
  auto *tag = loadTag(constantAddress(number), ofConstants);
  branchLikely(builder.CreateICmpNE(tag, int32(numberOf(Kind::Undef))), next, isMissing);
  builder.SetInsertPoint(isMissing);
  callHelper(offsetof(FusevmHelpers, loadConstant), builder.getVoidTy(),
             {nativeContext, int32(number)}, ofConstants);
  builder.CreateBr(next);
  continueIn(next);
}

bool Lowering::lowerConstant(uint64_t op) {
  uint16_t number = instruction(op).a();
  if (number >= request.constantCount) {
    push({.rep = Rep::Undef});
    return true;
  }
  const FusevmJitConstant &constant = request.constants[number];
  if (constant.kind < numberOf(firstHeapKind)) {
    if (repOfKind(constant.kind) == Rep::Memory)
      push({.rep = Rep::Tagged, .bits = int64(constant.bits), .tag = int32(constant.kind)});
    else
      push(constantCell(static_cast<Kind>(constant.kind), constant.bits));
    return true;
  }
  if (!hasLoadedConstants)
    ensureConstant(number);
  push({.rep = Rep::Pooled, .alias = number});
  return true;
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

bool Lowering::lowerVariables(uint64_t op) {
  const Instruction &current = instruction(op);
  switch (current.opcode()) {
  case Opcode::GetSlot:
    pushVariable(slotVariable(current.a()));
    return true;
  case Opcode::SetSlot:
    setContainer(op, slotVariable(current.a()));
    return true;
  case Opcode::GetVar:
  case Opcode::GetArray:
  case Opcode::GetHash:
    if (!hasGlobal(current.a()))
      return false;
    pushVariable(globalVariable(current.a()));
    return true;
  case Opcode::SetVar:
  case Opcode::DeclareVar:
  case Opcode::SetArray:
  case Opcode::SetHash:
    if (!hasGlobal(current.a()))
      return false;
    setContainer(op, globalVariable(current.a()));
    return true;
  case Opcode::SlotArrayGet:
    return arrayGet(op, slotVariable(current.a()));
  case Opcode::SlotArraySet:
    return arraySet(op, slotVariable(current.a()));
  default:
    return hasGlobal(current.a()) && lowerGlobalContainers(op, globalVariable(current.a()));
  }
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

bool Lowering::lowerArithmetic(uint64_t op) {
  Opcode opcode = instruction(op).opcode();
  if (opcode == Opcode::Negate || opcode == Opcode::Inc || opcode == Opcode::Dec) {
    if (!resolveScalars(op, 1, Rep::Int))
      return false;
    Cell a = top();
    drop();
    if (opcode == Opcode::Inc)
      push(makeInt(binary(BinaryOps::Add, toInt(a), int64(1))));
    else if (opcode == Opcode::Dec)
      push(makeInt(binary(BinaryOps::Sub, toInt(a), int64(1))));
    else if (a.rep == Rep::Int)
      push(makeInt(binary(BinaryOps::Sub, int64(0), a.bits)));
    else
      push(makeFloat(emit([&] { return builder.CreateFNeg(toFloat(a)); })));
    return true;
  }
  if (opcode == Opcode::Div && facts(op).isAnyKind)
    return false;
  if (!resolveScalars(op, 2,
                      opcode == Opcode::Div || opcode == Opcode::Pow ? Rep::Float : Rep::Int))
    return false;
  Cell b = top();
  Cell a = top(1);
  bool areInts = a.rep == Rep::Int && b.rep == Rep::Int;
  if (opcode == Opcode::Div) {
    // Undef for a zero divisor is left to the interpreter.
    llvm::Value *divisor = toFloat(b);
    guard(compare(CmpInst::FCMP_UNE, divisor, llvm::ConstantFP::get(builder.getDoubleTy(), 0.0)));
    llvm::Value *quotient = binary(BinaryOps::FDiv, toFloat(a), divisor);
    drop();
    drop();
    push(makeFloat(quotient));
    return true;
  }
  drop();
  drop();
  auto arithmetic = [&](BinaryOps ofInts, BinaryOps ofFloats) {
    if (areInts)
      push(makeInt(binary(ofInts, a.bits, b.bits)));
    else
      push(makeFloat(binary(ofFloats, toFloat(a), toFloat(b))));
  };
  auto call = [&](FusevmBinaryFunction number) {
    push(makeFloat(callMath(offsetof(FusevmHelpers, binary) + number * sizeof(void *),
                            builder.getDoubleTy(), {toFloat(a), toFloat(b)})));
  };
  switch (opcode) {
  case Opcode::Add:
    arithmetic(BinaryOps::Add, BinaryOps::FAdd);
    break;
  case Opcode::Sub:
    arithmetic(BinaryOps::Sub, BinaryOps::FSub);
    break;
  case Opcode::Mul:
    arithmetic(BinaryOps::Mul, BinaryOps::FMul);
    break;
  case Opcode::Mod:
    if (areInts)
      push(makeInt(remainder(a.bits, b.bits)));
    else
      call(FUSEVM_FMOD);
    break;
  default:
    assert(opcode == Opcode::Pow && "not an arithmetic op");
    call(FUSEVM_POW);
    break;
  }
  return true;
}

bool Lowering::lowerComparison(uint64_t op) {
  if (!resolveScalars(op, 2, Rep::Int))
    return false;
  Cell b = top();
  Cell a = top(1);
  drop();
  drop();
  bool areInts = a.rep == Rep::Int && b.rep == Rep::Int;
  llvm::Value *left = areInts ? a.bits : toFloat(a);
  llvm::Value *right = areInts ? b.bits : toFloat(b);
  auto test = [&](CmpInst::Predicate ofInts, CmpInst::Predicate ofFloats) {
    return compare(areInts ? ofInts : ofFloats, left, right);
  };
  switch (instruction(op).opcode()) {
  case Opcode::NumEq:
    push(makeBool(test(CmpInst::ICMP_EQ, CmpInst::FCMP_OEQ)));
    break;
  case Opcode::NumNe:
    push(makeBool(test(CmpInst::ICMP_NE, CmpInst::FCMP_UNE)));
    break;
  case Opcode::NumLt:
    push(makeBool(test(CmpInst::ICMP_SLT, CmpInst::FCMP_OLT)));
    break;
  case Opcode::NumGt:
    push(makeBool(test(CmpInst::ICMP_SGT, CmpInst::FCMP_OGT)));
    break;
  case Opcode::NumLe:
    push(makeBool(test(CmpInst::ICMP_SLE, CmpInst::FCMP_OLE)));
    break;
  case Opcode::NumGe:
    push(makeBool(test(CmpInst::ICMP_SGE, CmpInst::FCMP_OGE)));
    break;
  default: {
    assert(instruction(op).opcode() == Opcode::Spaceship && "not a comparison");
    auto widen = [&](llvm::Value *bit) {
      return emit([&] { return builder.CreateZExt(bit, builder.getInt64Ty()); });
    };
    llvm::Value *isGreater = widen(test(CmpInst::ICMP_SGT, CmpInst::FCMP_OGT));
    llvm::Value *isLess = widen(test(CmpInst::ICMP_SLT, CmpInst::FCMP_OLT));
    push(makeInt(binary(BinaryOps::Sub, isGreater, isLess)));
    break;
  }
  }
  return true;
}

bool Lowering::lowerBits(uint64_t op) {
  Opcode opcode = instruction(op).opcode();
  bool isUnary = opcode == Opcode::LogNot || opcode == Opcode::BitNot;
  if (!resolveScalars(op, isUnary ? 1 : 2, Rep::Int))
    return false;
  Cell b = top();
  drop();
  if (opcode == Opcode::LogNot) {
    llvm::Value *isTrue = truth(b, 0);
    push(makeBool(emit([&] { return builder.CreateNot(isTrue); })));
    return true;
  }
  if (opcode == Opcode::BitNot) {
    push(makeInt(binary(BinaryOps::Xor, toInt(b), int64(~uint64_t(0)))));
    return true;
  }
  Cell a = top();
  drop();
  switch (opcode) {
  case Opcode::LogAnd:
    push(makeBool(binary(BinaryOps::And, truth(a, 0), truth(b, 0))));
    return true;
  case Opcode::LogOr:
    push(makeBool(binary(BinaryOps::Or, truth(a, 0), truth(b, 0))));
    return true;
  case Opcode::BitAnd:
    push(makeInt(binary(BinaryOps::And, toInt(a), toInt(b))));
    return true;
  case Opcode::BitOr:
    push(makeInt(binary(BinaryOps::Or, toInt(a), toInt(b))));
    return true;
  case Opcode::BitXor:
    push(makeInt(binary(BinaryOps::Xor, toInt(a), toInt(b))));
    return true;
  default:
    break;
  }
  llvm::Value *count = binary(BinaryOps::And, toInt(b), int64(63));
  push(makeInt(binary(opcode == Opcode::Shl ? BinaryOps::Shl : BinaryOps::AShr, toInt(a), count)));
  return true;
}

/// The number of the function of a Math op, if it is one of those with a number.
static std::optional<FusevmUnaryFunction> unaryFunction(Opcode opcode) {
  switch (opcode) {
  case Opcode::SinFloat:
    return FUSEVM_SIN;
  case Opcode::CosFloat:
    return FUSEVM_COS;
  case Opcode::ExpFloat:
    return FUSEVM_EXP;
  case Opcode::LogFloat:
    return FUSEVM_LOG;
  case Opcode::CeilFloat:
    return FUSEVM_CEIL;
  case Opcode::FloorFloat:
    return FUSEVM_FLOOR;
  case Opcode::TruncFloat:
    return FUSEVM_TRUNC;
  case Opcode::RoundFloat:
    return FUSEVM_ROUND;
  case Opcode::TanFloat:
    return FUSEVM_TAN;
  case Opcode::AsinFloat:
    return FUSEVM_ASIN;
  case Opcode::AcosFloat:
    return FUSEVM_ACOS;
  case Opcode::AtanFloat:
    return FUSEVM_ATAN;
  case Opcode::SinhFloat:
    return FUSEVM_SINH;
  case Opcode::CoshFloat:
    return FUSEVM_COSH;
  case Opcode::TanhFloat:
    return FUSEVM_TANH;
  case Opcode::Log2Float:
    return FUSEVM_LOG2;
  case Opcode::Log10Float:
    return FUSEVM_LOG10;
  default:
    return std::nullopt;
  }
}

bool Lowering::lowerMath(uint64_t op) {
  Opcode opcode = instruction(op).opcode();
  if (opcode == Opcode::TimeInt)
    return false;
  bool isBinary = opcode == Opcode::PowFloat || opcode == Opcode::Atan2Float ||
                  opcode == Opcode::GcdInt || opcode == Opcode::LcmInt;
  bool isOfInts = opcode == Opcode::GcdInt || opcode == Opcode::LcmInt || opcode == Opcode::AbsInt;
  if (!resolveScalars(op, isBinary ? 2 : 1, isOfInts ? Rep::Int : Rep::Float))
    return false;
  Cell b = top();
  drop();
  if (std::optional<FusevmUnaryFunction> number = unaryFunction(opcode)) {
    push(makeFloat(callMath(offsetof(FusevmHelpers, unary) + *number * sizeof(void *),
                            builder.getDoubleTy(), {toFloat(b)})));
    return true;
  }
  switch (opcode) {
  case Opcode::SqrtFloat:
    push(makeFloat(
        emit([&] { return builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, toFloat(b)); })));
    return true;
  case Opcode::AbsFloat:
    push(makeFloat(
        emit([&] { return builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, toFloat(b)); })));
    return true;
  case Opcode::TruncInt:
    push(makeInt(toInt(b)));
    return true;
  case Opcode::AbsInt: {
    llvm::Value *number = toInt(b);
    llvm::Value *negated = binary(BinaryOps::Sub, int64(0), number);
    push(makeInt(select(compare(CmpInst::ICMP_SLT, number, int64(0)), negated, number)));
    return true;
  }
  default:
    break;
  }
  Cell a = top();
  drop();
  auto callFloat = [&](FusevmBinaryFunction number) {
    push(makeFloat(callMath(offsetof(FusevmHelpers, binary) + number * sizeof(void *),
                            builder.getDoubleTy(), {toFloat(a), toFloat(b)})));
  };
  auto callInt = [&](uint64_t offset) {
    push(makeInt(callMath(offset, builder.getInt64Ty(), {toInt(a), toInt(b)})));
  };
  if (opcode == Opcode::PowFloat)
    callFloat(FUSEVM_POW);
  else if (opcode == Opcode::Atan2Float)
    callFloat(FUSEVM_ATAN2);
  else
    callInt(opcode == Opcode::GcdInt ? offsetof(FusevmHelpers, gcd) : offsetof(FusevmHelpers, lcm));
  return true;
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

bool Lowering::lowerJumps(uint64_t op) {
  const Instruction &current = instruction(op);
  Opcode opcode = current.opcode();
  if (opcode == Opcode::Nop)
    return true;
  if (opcode == Opcode::Jump) {
    jump(op, current.target());
    return true;
  }
  bool keeps = opcode == Opcode::JumpIfTrueKeep || opcode == Opcode::JumpIfFalseKeep;
  bool whenTrue = opcode == Opcode::JumpIfTrue || opcode == Opcode::JumpIfTrueKeep;
  // Where the kind was seen a guard is cheaper than asking.
  if (!isUnboxed(top().rep) && !facts(op).isAnyKind && facts(op).kinds[0] != 0)
    resolveScalars(op, 1, Rep::Bool);
  llvm::Value *condition = truth(top(), state.stack.size() - 1);
  if (!keeps)
    dropTop();
  if (whenTrue)
    branch(op, condition, current.target(), op + 1);
  else
    branch(op, condition, op + 1, current.target());
  return true;
}

/// The integer value of a variable, which is taken to be an integer unless that was wrong
/// too often.
llvm::Value *Lowering::variableAsInt(uint64_t op, uint32_t variable) {
  const Cell &cell = state.variables[variable];
  if (isScalar(cell.rep) || !facts(op).isAnyKind)
    return toInt(variableAs(variable, Rep::Int));
  llvm::Value *tag = cell.tag;
  llvm::Value *bits = cell.bits;
  if (cell.rep == Rep::Memory) {
    llvm::Value *address = variableAddress(variable);
    tag = loadTag(address, ofCells);
    bits = loadBits(address, ofCells);
  }
  return callHelper(offsetof(FusevmHelpers, toInt), builder.getInt64Ty(), {tag, bits}, ofHeap);
}

bool Lowering::lowerSlotSteps(uint64_t op) {
  const Instruction &current = instruction(op);
  Opcode opcode = current.opcode();
  auto integer = [&](uint16_t slot) { return variableAsInt(op, slotVariable(slot)); };
  if (opcode == Opcode::AccumSumLoop || opcode == Opcode::ConcatConstLoop ||
      opcode == Opcode::PushIntRangeLoop)
    return false;
  uint32_t variable = slotVariable(current.a());
  llvm::Value *old = integer(current.a());
  auto step = [&](uint64_t by) {
    llvm::Value *stepped = binary(BinaryOps::Add, old, int64(by));
    setVariable(variable, makeInt(stepped));
    return stepped;
  };
  switch (opcode) {
  case Opcode::PreIncSlot:
    push(makeInt(step(1)));
    return true;
  case Opcode::PreIncSlotVoid:
    step(1);
    return true;
  case Opcode::PreDecSlot:
    push(makeInt(step(~uint64_t(0))));
    return true;
  case Opcode::PostIncSlot:
    step(1);
    push(makeInt(old));
    return true;
  case Opcode::PostDecSlot:
    step(~uint64_t(0));
    push(makeInt(old));
    return true;
  case Opcode::AddAssignSlotVoid: {
    llvm::Value *added = integer(current.b());
    setVariable(variable, makeInt(binary(BinaryOps::Add, old, added)));
    return true;
  }
  default:
    break;
  }
  llvm::Value *limit = int64(static_cast<uint64_t>(int64_t{current.limit()}));
  if (opcode == Opcode::SlotLtIntJumpIfFalse) {
    branch(op, compare(CmpInst::ICMP_SLT, old, limit), op + 1, current.target());
    return true;
  }
  assert(opcode == Opcode::SlotIncLtIntJumpBack && "not a slot op");
  branch(op, compare(CmpInst::ICMP_SLT, step(1), limit), current.target(), op + 1);
  return true;
}

} // namespace fusevm::jit
