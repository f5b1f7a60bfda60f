//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Native code that frontends have for their ops. It is emitted by their functions, in the dry
/// run as well, where values are nothing but representations.

#include "Lowering.h"

#include <deque>

struct FusevmEmitValue {
  fusevm::jit::Cell cell;
};

namespace fusevm::jit {

class OpEmitter : public FusevmEmitter {
public:
  /// Of the stack's values \p operands may be popped.
  OpEmitter(Lowering &lowering, size_t operands)
      : FusevmEmitter(functions), lowering(lowering), operands(operands) {}

  bool hasFailed = false;

private:
  static const FusevmEmitter functions;

  static OpEmitter &of(FusevmEmitter *emitter) { return *static_cast<OpEmitter *>(emitter); }
  FusevmEmitValue *make(Cell cell) { return &values.emplace_back(FusevmEmitValue{cell}); }
  FusevmEmitValue *fail() {
    hasFailed = true;
    return make(lowering.makeInt(lowering.int64(0)));
  }

  static FusevmEmitValue *pop(FusevmEmitter *emitter, bool asFloat) {
    OpEmitter &self = of(emitter);
    if (self.operands == 0)
      return nullptr;
    --self.operands;
    Cell cell = self.lowering.top();
    self.lowering.drop();
    return self.make(asFloat ? self.lowering.makeFloat(self.lowering.toFloat(cell))
                             : self.lowering.makeInt(self.lowering.toInt(cell)));
  }

  static FusevmEmitValue *operateOn(FusevmEmitter *emitter, FusevmEmitOperation operation,
                                    FusevmEmitValue *a, FusevmEmitValue *b);
  static FusevmEmitValue *compareBoth(FusevmEmitter *emitter, FusevmEmitComparison comparison,
                                      FusevmEmitValue *a, FusevmEmitValue *b);
  static FusevmEmitValue *selectOne(FusevmEmitter *emitter, FusevmEmitValue *condition,
                                    FusevmEmitValue *a, FusevmEmitValue *b);
  static FusevmEmitValue *callFunction(FusevmEmitter *emitter, const void *function,
                                       uint8_t returnsFloat, FusevmEmitValue *const *arguments,
                                       size_t count);

  Lowering &lowering;
  size_t operands;
  std::deque<FusevmEmitValue> values; ///< which stay where they are
};

const FusevmEmitter OpEmitter::functions = {
    .popInt = [](FusevmEmitter *emitter) { return pop(emitter, /*asFloat=*/false); },
    .popFloat = [](FusevmEmitter *emitter) { return pop(emitter, /*asFloat=*/true); },
    .push = [](FusevmEmitter *emitter,
               FusevmEmitValue *value) { of(emitter).lowering.push(value->cell); },
    .intConstant =
        [](FusevmEmitter *emitter, int64_t number) {
          Lowering &lowering = of(emitter).lowering;
          return of(emitter).make(lowering.makeInt(lowering.int64(uint64_t(number))));
        },
    .floatConstant =
        [](FusevmEmitter *emitter, double number) {
          Lowering &lowering = of(emitter).lowering;
          return of(emitter).make(
              lowering.makeFloat(llvm::ConstantFP::get(lowering.builder.getDoubleTy(), number)));
        },
    .toInt =
        [](FusevmEmitter *emitter, FusevmEmitValue *value) {
          Lowering &lowering = of(emitter).lowering;
          return of(emitter).make(lowering.makeInt(lowering.toInt(value->cell)));
        },
    .toFloat =
        [](FusevmEmitter *emitter, FusevmEmitValue *value) {
          Lowering &lowering = of(emitter).lowering;
          return of(emitter).make(lowering.makeFloat(lowering.toFloat(value->cell)));
        },
    .operate = operateOn,
    .compare = compareBoth,
    .select = selectOne,
    .call = callFunction,
};

FusevmEmitValue *OpEmitter::operateOn(FusevmEmitter *emitter, FusevmEmitOperation operation,
                                      FusevmEmitValue *a, FusevmEmitValue *b) {
  using Op = llvm::Instruction::BinaryOps;
  static constexpr Op onInts[] = {Op::Add, Op::Sub, Op::Mul, Op::SDiv, Op::SRem,
                                  Op::And, Op::Or,  Op::Xor, Op::Shl,  Op::AShr};
  static constexpr Op onFloats[] = {Op::FAdd, Op::FSub, Op::FMul, Op::FDiv};
  OpEmitter &self = of(emitter);
  Lowering &lowering = self.lowering;
  Rep rep = a->cell.rep;
  auto number = static_cast<size_t>(operation);
  if (rep != b->cell.rep || number >= (rep == Rep::Float ? std::size(onFloats) : std::size(onInts)))
    return self.fail();
  if (rep == Rep::Float)
    return self.make(
        lowering.makeFloat(lowering.binary(onFloats[number], a->cell.bits, b->cell.bits)));
  if (rep != Rep::Int)
    return self.fail();
  llvm::Value *right = b->cell.bits;
  if (operation == FUSEVM_EMIT_SHL || operation == FUSEVM_EMIT_SHR)
    right = lowering.binary(Op::And, right, lowering.int64(63));
  return self.make(lowering.makeInt(lowering.binary(onInts[number], a->cell.bits, right)));
}

FusevmEmitValue *OpEmitter::compareBoth(FusevmEmitter *emitter, FusevmEmitComparison comparison,
                                        FusevmEmitValue *a, FusevmEmitValue *b) {
  using Predicate = llvm::CmpInst::Predicate;
  static constexpr Predicate onInts[] = {Predicate::ICMP_EQ, Predicate::ICMP_NE,
                                         Predicate::ICMP_SLT, Predicate::ICMP_SLE};
  static constexpr Predicate onFloats[] = {Predicate::FCMP_OEQ, Predicate::FCMP_UNE,
                                           Predicate::FCMP_OLT, Predicate::FCMP_OLE};
  OpEmitter &self = of(emitter);
  Rep rep = a->cell.rep;
  auto number = static_cast<size_t>(comparison);
  if (rep != b->cell.rep || (rep != Rep::Int && rep != Rep::Float) || number >= std::size(onInts))
    return self.fail();
  return self.make(self.lowering.makeBool(self.lowering.compare(
      (rep == Rep::Int ? onInts : onFloats)[number], a->cell.bits, b->cell.bits)));
}

FusevmEmitValue *OpEmitter::selectOne(FusevmEmitter *emitter, FusevmEmitValue *condition,
                                      FusevmEmitValue *a, FusevmEmitValue *b) {
  OpEmitter &self = of(emitter);
  if (condition->cell.rep != Rep::Bool || a->cell.rep != b->cell.rep)
    return self.fail();
  Cell result = a->cell;
  result.bits = self.lowering.select(condition->cell.bits, a->cell.bits, b->cell.bits);
  return self.make(result);
}

FusevmEmitValue *OpEmitter::callFunction(FusevmEmitter *emitter, const void *function,
                                         uint8_t returnsFloat, FusevmEmitValue *const *arguments,
                                         size_t count) {
  OpEmitter &self = of(emitter);
  Lowering &lowering = self.lowering;
  llvm::SmallVector<llvm::Value *, 4> passed;
  llvm::SmallVector<llvm::Type *, 4> types;
  for (size_t i = 0; i != count; ++i) {
    const Cell &cell = arguments[i]->cell;
    if (cell.rep != Rep::Int && cell.rep != Rep::Float)
      return self.fail();
    passed.push_back(cell.bits);
    types.push_back(lowering.typeOf(cell.rep));
  }
  Rep rep = returnsFloat ? Rep::Float : Rep::Int;
  llvm::Value *result = lowering.emit([&] {
    auto *address = lowering.builder.CreateIntToPtr(
        lowering.int64(reinterpret_cast<uintptr_t>(function)), lowering.builder.getPtrTy());
    auto *type = llvm::FunctionType::get(lowering.typeOf(rep), types, /*isVarArg=*/false);
    llvm::CallInst *call = lowering.builder.CreateCall(type, address, passed);
    call->addFnAttr(llvm::Attribute::NoUnwind);
    lowering.forgetContextPointers();
    return call;
  });
  return self.make(Lowering::make(rep, result));
}

/// An op for which the frontend has native code, if one of its functions emits it.
bool Lowering::lowerExtension(uint64_t op) {
  const Instruction &current = instruction(op);
  size_t pops = facts(op).pops;
  if (current.opcode() != Opcode::Extended || facts(op).isAnyKind || pops > state.stack.size())
    return false;
  llvm::SmallVector<Rep, 4> kinds;
  for (unsigned depth = 0; depth != pops; ++depth) {
    if (top(depth).rep == Rep::Pooled)
      return false;
    std::optional<Rep> kind = expected(op, depth, Rep::Int);
    if (!isScalar(top(depth).rep) && !kind)
      return false;
    kinds.push_back(kind.value_or(Rep::Int));
  }
  for (unsigned depth = 0; depth != pops; ++depth)
    if (!isScalar(top(depth).rep))
      guardTop(depth, kinds[depth]);
  State before = state;
  for (size_t i = 0; i != request.extensionCount; ++i) {
    OpEmitter emitter(*this, pops);
    const FusevmJitExtension &extension = request.extensions[i];
    bool isEmitted = extension.emit(extension.user, current.a(), static_cast<uint8_t>(current.b()),
                                    &emitter) != 0;
    if (isEmitted && !emitter.hasFailed &&
        state.stack.size() == before.stack.size() - pops + facts(op).pushes)
      return true;
    state = before;
  }
  return false;
}

} // namespace fusevm::jit
