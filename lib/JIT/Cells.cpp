//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Values of the abstract state, in memory and out of it.

#include "Lowering.h"

#include "../Interp/ConstantDivisor.h"

#include <cmath>

namespace fusevm::jit {

//===----------------------------------------------------------------------===//
// IR
//===----------------------------------------------------------------------===//

/// The address \p offset bytes behind \p base. A field of a field is one of the whole, because
/// FastISel makes an instruction's operand of an address that is used once.
llvm::Value *Lowering::field(llvm::Value *base, uint64_t offset) {
  if (isDry || offset == 0)
    return base;
  if (auto *outer = llvm::dyn_cast<llvm::GetElementPtrInst>(base))
    if (auto *first = llvm::dyn_cast<llvm::ConstantInt>(outer->getOperand(1));
        first && outer->getSourceElementType()->isIntegerTy(8)) {
      base = outer->getPointerOperand();
      offset += first->getZExtValue();
    }
  return builder.CreateConstGEP1_64(builder.getInt8Ty(), base, offset);
}

llvm::Value *Lowering::load(llvm::Type *type, llvm::Value *address, llvm::MDNode *kind) {
  return emit([&] {
    unit.readsMemory |= kind != ofContext && !isInPrologue();
    auto *result = builder.CreateLoad(type, address);
    result->setMetadata(llvm::LLVMContext::MD_tbaa, kind);
    return result;
  });
}

void Lowering::store(llvm::Value *value, llvm::Value *address, llvm::MDNode *kind) {
  emit([&] {
    auto *result = builder.CreateStore(value, address);
    result->setMetadata(llvm::LLVMContext::MD_tbaa, kind);
    return value;
  });
}

llvm::Value *Lowering::loadContext(llvm::Type *type, uint64_t offset) {
  return load(type, field(nativeContext, offset), ofContext);
}

/// A pointer to \p bytes bytes that the context has at \p offset, loaded once where that is easily
/// seen to be enough: the less IR there is, the sooner it is compiled.
llvm::Value *Lowering::contextPointer(uint64_t offset, uint64_t bytes) {
  if (isDry)
    return nullptr;
  if (contextPointers.block != builder.GetInsertBlock()) {
    contextPointers.block = builder.GetInsertBlock();
    contextPointers.loaded.clear();
  }
  llvm::Value *&pointer = contextPointers.loaded[offset];
  if (!pointer)
    pointer = loadPointer(field(nativeContext, offset), bytes, ofContext, /*aligned=*/true);
  return pointer;
}

llvm::Value *Lowering::loadTag(llvm::Value *address, llvm::MDNode *kind) {
  return load(builder.getInt32Ty(), address, kind);
}

llvm::Value *Lowering::loadBits(llvm::Value *address, llvm::MDNode *kind) {
  return load(builder.getInt64Ty(), field(address, offsetof(FusevmValue, bits)), kind);
}

/// Loads a pointer to \p bytes bytes that may be read wherever it has been loaded, and if it
/// is \p aligned wherever it can be loaded: then LLVM may do so where that was not asked for.
llvm::Value *Lowering::loadPointer(llvm::Value *address, uint64_t bytes, llvm::MDNode *kind,
                                   bool aligned) {
  llvm::Value *result = load(builder.getPtrTy(), address, kind);
  if (!result || bytes == 0)
    return result;
  auto note = [&](unsigned what, uint64_t number) {
    auto *value = llvm::ConstantAsMetadata::get(builder.getInt64(number));
    llvm::cast<llvm::Instruction>(result)->setMetadata(what, llvm::MDNode::get(context, {value}));
  };
  note(llvm::LLVMContext::MD_dereferenceable, bytes);
  if (aligned)
    note(llvm::LLVMContext::MD_align, alignof(FusevmValue));
  return result;
}

void Lowering::branchLikely(llvm::Value *condition, llvm::BasicBlock *likely,
                            llvm::BasicBlock *unlikely) {
  builder.CreateCondBr(condition, likely, unlikely, isUnlikely);
}

/// Calls a helper that only computes something from numbers.
llvm::Value *Lowering::callMath(uint64_t offset, llvm::Type *result,
                                llvm::ArrayRef<llvm::Value *> arguments) {
  llvm::Value *call = callHelper(offset, result, arguments);
  if (call) {
    llvm::cast<llvm::CallInst>(call)->setDoesNotAccessMemory();
    llvm::cast<llvm::CallInst>(call)->addFnAttr(llvm::Attribute::WillReturn);
  }
  return call;
}

llvm::Value *Lowering::callHelper(uint64_t offset, llvm::Type *result,
                                  llvm::ArrayRef<llvm::Value *> arguments, llvm::MDNode *touched) {
  if (isDry)
    return nullptr;
  std::vector<llvm::Type *> types;
  for (llvm::Value *argument : arguments)
    types.push_back(argument->getType());
  auto *helpers = contextPointer(offsetof(FusevmNativeContext, helpers));
  auto *callee = load(builder.getPtrTy(), field(helpers, offset), ofContext);
  auto *call = builder.CreateCall(llvm::FunctionType::get(result, types, false), callee, arguments);
  call->addFnAttr(llvm::Attribute::NoUnwind);
  call->setMetadata(llvm::LLVMContext::MD_tbaa, touched);
  if (!touched)
    forgetContextPointers();
  return call;
}

llvm::BasicBlock *Lowering::newBlock() {
  return isDry ? nullptr : llvm::BasicBlock::Create(context, "", function);
}

llvm::BasicBlock *Lowering::newColdBlock() {
  llvm::BasicBlock *block = newBlock();
  if (block)
    coldBlocks.push_back(block);
  return block;
}

void Lowering::continueIn(llvm::BasicBlock *block) {
  if (isDry)
    return;
  block->moveAfter(&function->back());
  if (isCold)
    coldBlocks.push_back(block);
  builder.SetInsertPoint(block);
}

llvm::Type *Lowering::typeOf(Rep rep) {
  if (rep == Rep::Bool)
    return builder.getInt1Ty();
  return rep == Rep::Float ? builder.getDoubleTy()
                           : static_cast<llvm::Type *>(builder.getInt64Ty());
}

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

Cell Lowering::constantCell(Kind kind, uint64_t bits) {
  auto rep = static_cast<Rep>(kind);
  assert(isScalar(rep) && "not a constant of a scalar kind");
  return fromBits(rep, int64(bits));
}

llvm::Value *Lowering::tagOf(const Cell &cell) {
  return cell.rep == Rep::Tagged ? cell.tag : int32(numberOf(kindOf(cell.rep)));
}

llvm::Value *Lowering::bitsOf(const Cell &cell) {
  switch (cell.rep) {
  case Rep::Undef:
    return int64(0);
  case Rep::Bool:
    return emit([&] { return builder.CreateZExt(cell.bits, builder.getInt64Ty()); });
  case Rep::Float:
    return emit([&] { return builder.CreateBitCast(cell.bits, builder.getInt64Ty()); });
  case Rep::Int:
  case Rep::Tagged:
    return cell.bits;
  case Rep::Alias:
  case Rep::Pooled:
  case Rep::Memory:
    break;
  }
  assert(false && "not in a register");
  return nullptr;
}

Cell Lowering::fromBits(Rep rep, llvm::Value *bits) {
  Cell result{.rep = rep};
  if (rep == Rep::Bool)
    result.bits = compare(llvm::CmpInst::ICMP_NE, bits, int64(0));
  else if (rep == Rep::Float)
    result.bits = emit([&] { return builder.CreateBitCast(bits, builder.getDoubleTy()); });
  else if (rep == Rep::Int)
    result.bits = bits;
  return result;
}

/// The scalar at \p address, which is known to be one of \p rep.
Cell Lowering::loadScalar(Rep rep, llvm::Value *address, llvm::MDNode *kind) {
  if (rep == Rep::Undef)
    return {.rep = rep};
  // As what it is: LLVM does not load a number as such if its bits are used too.
  if (rep == Rep::Float)
    return makeFloat(
        load(builder.getDoubleTy(), field(address, offsetof(FusevmValue, bits)), kind));
  return fromBits(rep, loadBits(address, kind));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

llvm::Value *Lowering::variableAddress(uint32_t variable) {
  bool ofGlobal = isGlobal(variable);
  uint64_t number = ofGlobal ? globalOf(variable) : routine->slots[variable];
  if (routine->isCallee && !ofGlobal) {
    routine->usesWindow = true;
    return field(routine->slotsAddress, number * sizeof(FusevmValue));
  }
  uint64_t offset =
      ofGlobal ? offsetof(FusevmNativeContext, globals) : offsetof(FusevmNativeContext, slots);
  uint64_t count = ofGlobal ? request.globalCount : request.functions[routine->number].slots;
  return field(contextPointer(offset, count * sizeof(FusevmValue)), number * sizeof(FusevmValue));
}

llvm::Value *Lowering::stackAddress(size_t position) {
  if (routine->isCallee) {
    routine->usesWindow = true;
    return field(routine->stackAddress, position * sizeof(FusevmValue));
  }
  return field(contextPointer(offsetof(FusevmNativeContext, stack)),
               position * sizeof(FusevmValue));
}

llvm::Value *Lowering::constantAddress(uint32_t constant) {
  return field(contextPointer(offsetof(FusevmNativeContext, constants),
                              request.constantCount * sizeof(FusevmValue)),
               constant * sizeof(FusevmValue));
}

/// Where the value of a cell of the stack that is not in a register is.
llvm::Value *Lowering::addressOf(const Cell &cell, size_t position) {
  switch (cell.rep) {
  case Rep::Alias:
    return variableAddress(cell.alias);
  case Rep::Pooled:
    return constantAddress(cell.alias);
  default:
    return stackAddress(position);
  }
}

void Lowering::storeValue(llvm::Value *tag, llvm::Value *bits, llvm::Value *to,
                          llvm::MDNode *kind) {
  store(tag, to, kind);
  store(bits, field(to, offsetof(FusevmValue, bits)), kind);
}

void Lowering::storeCell(llvm::Value *address, const Cell &cell, llvm::MDNode *kind) {
  store(tagOf(cell), address, kind);
  if (cell.rep != Rep::Undef)
    store(bitsOf(cell), field(address, offsetof(FusevmValue, bits)), kind);
}

void Lowering::moveValue(llvm::Value *from, llvm::Value *to, llvm::MDNode *toKind) {
  storeValue(loadTag(from, ofCells), loadBits(from, ofCells), to, toKind);
}

/// Counts a reference to a value of any kind.
void Lowering::retainIfHeap(llvm::Value *tag, llvm::Value *bits) {
  if (isDry)
    return;
  llvm::BasicBlock *retain = newBlock();
  llvm::BasicBlock *next = newBlock();
  builder.CreateCondBr(builder.CreateICmpUGE(tag, int32(numberOf(firstHeapKind))), retain, next);
  continueIn(retain);
  auto *object = builder.CreateIntToPtr(bits, builder.getPtrTy());
  auto *count = load(builder.getInt64Ty(), object, ofArrays);
  store(builder.CreateAdd(count, int64(1)), object, ofArrays);
  builder.CreateBr(next);
  continueIn(next);
}

/// Copies a value of any kind to where nothing is.
void Lowering::copyValue(llvm::Value *from, llvm::MDNode *fromKind, llvm::Value *to,
                         llvm::MDNode *toKind) {
  if (isDry)
    return;
  llvm::Value *tag = loadTag(from, fromKind);
  llvm::Value *bits = loadBits(from, fromKind);
  retainIfHeap(tag, bits);
  storeValue(tag, bits, to, toKind);
}

/// Gives up the reference that a value may be. The memory is a scalar then.
void Lowering::releaseIfHeap(llvm::Value *address, llvm::MDNode *kind) {
  if (isDry)
    return;
  auto *tag = loadTag(address, kind);
  llvm::BasicBlock *release = newBlock();
  llvm::BasicBlock *isShared = newBlock();
  llvm::BasicBlock *destroy = newColdBlock();
  llvm::BasicBlock *next = newBlock();
  builder.CreateCondBr(builder.CreateICmpUGE(tag, int32(numberOf(firstHeapKind))), release, next);
  continueIn(release);
  auto *bits = loadBits(address, kind);
  auto *object = builder.CreateIntToPtr(bits, builder.getPtrTy());
  auto *count = load(builder.getInt64Ty(), object, ofArrays);
  store(int32(numberOf(Kind::Undef)), address, kind);
  builder.CreateCondBr(builder.CreateICmpNE(count, int64(1)), isShared, destroy);
  builder.SetInsertPoint(destroy);
  callHelper(offsetof(FusevmHelpers, destroy), builder.getVoidTy(), {tag, bits}, ofHeap);
  builder.CreateBr(next);
  continueIn(isShared);
  store(builder.CreateSub(count, int64(1)), object, ofArrays);
  builder.CreateBr(next);
  continueIn(next);
}

/// Brings the value of a stack position to its place in memory.
void Lowering::materialize(size_t position) {
  Cell &cell = state.stack[position];
  if (isUnboxed(cell.rep))
    storeCell(stackAddress(position), cell);
  else if (cell.rep != Rep::Memory)
    copyValue(addressOf(cell, position), memoryOf(cell), stackAddress(position), ofCells);
  cell = Cell();
}

/// Makes copies of \p variable on the stack real, before it changes.
void Lowering::materializeAliases(uint32_t variable) {
  for (size_t i = 0; i != state.stack.size(); ++i)
    if (state.stack[i].rep == Rep::Alias && state.stack[i].alias == variable)
      materialize(i);
}

/// Pops a value that nobody needs.
void Lowering::dropTop() {
  if (top().rep == Rep::Memory)
    releaseIfHeap(stackAddress(state.stack.size() - 1));
  drop();
}

/// Pushes a copy of the value \p depth below the top.
void Lowering::copyOfStack(size_t depth) {
  Cell copy = top(depth);
  size_t position = state.stack.size();
  if (copy.rep == Rep::Memory)
    copyValue(stackAddress(position - 1 - depth), stackAddress(position));
  push(copy);
}

/// Exchanges two values of the stack.
void Lowering::swapStack(size_t depth, size_t otherDepth) {
  Cell &one = top(depth);
  Cell &other = top(otherDepth);
  llvm::Value *place = nullptr;
  llvm::Value *otherPlace = nullptr;
  if (one.rep == Rep::Memory || other.rep == Rep::Memory) {
    place = stackAddress(state.stack.size() - 1 - depth);
    otherPlace = stackAddress(state.stack.size() - 1 - otherDepth);
  }
  if (one.rep == Rep::Memory && other.rep == Rep::Memory) {
    llvm::Value *tag = loadTag(place, ofCells);
    llvm::Value *bits = loadBits(place, ofCells);
    moveValue(otherPlace, place);
    storeValue(tag, bits, otherPlace, ofCells);
  } else if (one.rep == Rep::Memory) {
    moveValue(place, otherPlace);
  } else if (other.rep == Rep::Memory) {
    moveValue(otherPlace, place);
  }
  std::swap(one, other);
}

/// The value of the stack position \p depth below the top turned out to be the scalar
/// \p cell.
void Lowering::refine(size_t depth, const Cell &cell) {
  Cell old = top(depth);
  if (old.rep == Rep::Alias) {
    for (Cell &other : state.stack)
      if (other.rep == Rep::Alias && other.alias == old.alias)
        other = cell;
    state.variables[old.alias] = cell;
  } else {
    top(depth) = cell;
  }
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

void Lowering::pushVariable(uint32_t variable) {
  const Cell &cell = state.variables[variable];
  if (cell.rep == Rep::Memory)
    return push({.rep = Rep::Alias, .alias = variable});
  Cell copy = cell;
  copy.dirty = false;
  push(copy);
}

/// Sets \p variable to a value in a register.
void Lowering::setVariable(uint32_t variable, Cell cell) {
  assert(isUnboxed(cell.rep));
  if (state.variables[variable].rep == Rep::Memory) {
    materializeAliases(variable);
    releaseIfHeap(variableAddress(variable));
  }
  assignments += isCounting;
  cell.dirty = true;
  if (storesAtOnce && !routine->isCallee)
    storeVariable(variable, cell);
  state.variables[variable] = cell;
}

/// Stores \p cell, the new value of \p variable, in its place, which then is not dirty.
void Lowering::storeVariable(uint32_t variable, Cell &cell) {
  const Cell &old = state.variables[variable];
  bool hasTag = isScalar(old.rep) && !old.dirty && old.rep == cell.rep;
  cell.dirty = false;
  if (isDry)
    return;
  llvm::Value *address = variableAddress(variable);
  if (!hasTag)
    return storeCell(address, cell);
  if (cell.rep != Rep::Undef)
    store(bitsOf(cell), field(address, offsetof(FusevmValue, bits)), ofCells);
}

/// Pops the top value into \p variable.
void Lowering::setVariable(uint32_t variable) {
  Cell value = top();
  size_t position = state.stack.size() - 1;
  drop();
  if (isUnboxed(value.rep))
    return setVariable(variable, value);
  if (value.rep == Rep::Alias && value.alias == variable)
    return;
  bool wasInMemory = state.variables[variable].rep == Rep::Memory;
  if (wasInMemory)
    materializeAliases(variable);
  llvm::Value *address = variableAddress(variable);
  if (value.rep == Rep::Memory) {
    if (wasInMemory)
      releaseIfHeap(address);
    moveValue(stackAddress(position), address);
  } else {
    // The new value may be a part of the old one.
    llvm::Value *from = addressOf(value, position);
    llvm::Value *tag = loadTag(from, memoryOf(value));
    llvm::Value *bits = loadBits(from, memoryOf(value));
    retainIfHeap(tag, bits);
    if (wasInMemory)
      releaseIfHeap(address);
    storeValue(tag, bits, address, ofCells);
  }
  state.variables[variable] = Cell();
}

/// The value of \p variable, which must be of kind \p rep: a guard if that is not known.
/// The variable is in a register then.
Cell Lowering::variableAs(uint32_t variable, Rep rep) {
  Cell &cell = state.variables[variable];
  if (isScalar(cell.rep))
    return cell;
  if (cell.rep == Rep::Tagged) {
    guard(compare(llvm::CmpInst::ICMP_EQ, cell.tag, int32(numberOf(kindOf(rep)))));
    bool dirty = cell.dirty;
    cell = fromBits(rep, cell.bits);
    cell.dirty = dirty;
    return cell;
  }
  llvm::Value *address = variableAddress(variable);
  guard(compare(llvm::CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(kindOf(rep)))));
  Cell value = loadScalar(rep, address, ofCells);
  for (Cell &other : state.stack)
    if (other.rep == Rep::Alias && other.alias == variable)
      other = value;
  return state.variables[variable] = value;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// The kind that the value \p depth below the top is taken to have, if one.
std::optional<Rep> Lowering::expected(uint64_t op, unsigned depth, Rep preferred) {
  if (facts(op).isAnyKind)
    return std::nullopt;
  uint16_t kinds = depth < 2 ? facts(op).kinds[depth] : 0;
  if (kinds == 0)
    return preferred;
  for (Rep rep : {Rep::Undef, Rep::Bool, Rep::Int, Rep::Float})
    if (kinds == 1u << numberOf(kindOf(rep)))
      return rep;
  return std::nullopt;
}

/// Makes the top \p count values scalars of known kinds, where need be by guards. False
/// if that should not be tried.
bool Lowering::resolveScalars(uint64_t op, unsigned count, Rep preferred) {
  for (unsigned depth = 0; depth != count; ++depth)
    if (top(depth).rep == Rep::Int || top(depth).rep == Rep::Float)
      preferred = top(depth).rep;
  std::optional<Rep> reps[3];
  for (unsigned depth = 0; depth != count; ++depth)
    if (top(depth).rep == Rep::Pooled)
      return false;
  for (unsigned depth = 0; depth != count; ++depth)
    if (!isScalar(top(depth).rep)) {
      reps[depth] = expected(op, depth, preferred);
      if (!reps[depth])
        return false;
    }
  for (unsigned depth = 0; depth != count; ++depth)
    if (!isScalar(top(depth).rep))
      guardTop(depth, *reps[depth]);
  return true;
}

/// Makes the value \p depth below the top, of which the kind is not known, one of the kind
/// \p rep by a guard.
void Lowering::guardTop(unsigned depth, Rep rep) {
  Cell cell = top(depth);
  llvm::Value *tag = cell.tag;
  llvm::Value *bits = cell.bits;
  if (cell.rep != Rep::Tagged) {
    llvm::Value *address = addressOf(cell, state.stack.size() - 1 - depth);
    tag = loadTag(address, ofCells);
    bits = loadBits(address, ofCells);
  }
  guard(compare(llvm::CmpInst::ICMP_EQ, tag, int32(numberOf(kindOf(rep)))));
  refine(depth, fromBits(rep, bits));
}

llvm::Value *Lowering::truncateSaturating(llvm::Value *number) {
  if (isDry)
    return nullptr;
  auto limit = [&](double value) { return llvm::ConstantFP::get(builder.getDoubleTy(), value); };
  double edge = std::ldexp(1.0, 63);
  llvm::Value *result = builder.CreateFPToSI(number, builder.getInt64Ty());
  result = select(builder.CreateFCmpOLT(number, limit(-edge)), int64(uint64_t(INT64_MIN)), result);
  result = select(builder.CreateFCmpOGE(number, limit(edge)), int64(INT64_MAX), result);
  return select(builder.CreateFCmpUNO(number, number), int64(0), result);
}

llvm::Value *Lowering::toInt(const Cell &cell) {
  switch (cell.rep) {
  case Rep::Undef:
    return int64(0);
  case Rep::Bool:
    return emit([&] { return builder.CreateZExt(cell.bits, builder.getInt64Ty()); });
  case Rep::Float:
    return truncateSaturating(cell.bits);
  default:
    assert(cell.rep == Rep::Int && "not a scalar");
    return cell.bits;
  }
}

llvm::Value *Lowering::toFloat(const Cell &cell) {
  switch (cell.rep) {
  case Rep::Undef:
    return llvm::ConstantFP::get(builder.getDoubleTy(), 0.0);
  case Rep::Bool:
  case Rep::Int:
    return emit([&] { return builder.CreateSIToFP(toInt(cell), builder.getDoubleTy()); });
  default:
    assert(cell.rep == Rep::Float && "not a scalar");
    return cell.bits;
  }
}

/// Whether the value of a stack position is true.
llvm::Value *Lowering::truth(const Cell &cell, size_t position) {
  switch (cell.rep) {
  case Rep::Undef:
    return builder.getFalse();
  case Rep::Bool:
    return cell.bits;
  case Rep::Int:
    return compare(llvm::CmpInst::ICMP_NE, cell.bits, int64(0));
  case Rep::Float:
    return compare(llvm::CmpInst::FCMP_UNE, cell.bits,
                   llvm::ConstantFP::get(builder.getDoubleTy(), 0.0));
  case Rep::Tagged:
  case Rep::Alias:
  case Rep::Pooled:
  case Rep::Memory:
    break;
  }
  llvm::Value *tag = cell.tag;
  llvm::Value *bits = cell.bits;
  if (cell.rep != Rep::Tagged) {
    llvm::Value *address = addressOf(cell, position);
    tag = loadTag(address, memoryOf(cell));
    bits = loadBits(address, memoryOf(cell));
  }
  if (isDry)
    return nullptr;
  // Only what is neither Bool nor Int is asked for.
  static_assert(numberOf(Kind::Int) == numberOf(Kind::Bool) + 1);
  llvm::BasicBlock *start = builder.GetInsertBlock();
  llvm::BasicBlock *ask = newBlock();
  llvm::BasicBlock *done = newBlock();
  auto *isNonZero = builder.CreateICmpNE(bits, int64(0));
  auto *isIntegral =
      builder.CreateICmpULT(builder.CreateSub(tag, int32(numberOf(Kind::Bool))), int32(2));
  builder.CreateCondBr(isIntegral, done, ask);
  continueIn(ask);
  auto *asked = builder.CreateICmpNE(
      callHelper(offsetof(FusevmHelpers, isTrue), builder.getInt32Ty(), {tag, bits}, ofHeap),
      int32(0));
  builder.CreateBr(done);
  continueIn(done);
  auto *result = builder.CreatePHI(builder.getInt1Ty(), 2);
  result->addIncoming(isNonZero, start);
  result->addIncoming(asked, ask);
  return result;
}

/// The remainder as Mod defines it.
llvm::Value *Lowering::remainder(llvm::Value *a, llvm::Value *b) {
  if (isDry)
    return nullptr;
  auto *known = llvm::dyn_cast<llvm::ConstantInt>(b);
  if (known && ConstantDivisor::mayBe(known->getSExtValue()))
    return constantRemainder(a, ConstantDivisor::of(known->getSExtValue()));
  if (!known || known->isZero() || known->isMinusOne()) {
    // By 1 the remainder is 0, as it shall be for 0 and -1.
    auto *plus = builder.CreateAdd(b, int64(1));
    b = select(builder.CreateICmpULT(plus, int64(2)), int64(1), b);
  }
  return builder.CreateSRem(a, b);
}

/// ConstantDivisor::remainder. LLVM's own way for all 64 bits takes longer.
llvm::Value *Lowering::constantRemainder(llvm::Value *a, ConstantDivisor divisor) {
  llvm::BasicBlock *general = newBlock();
  llvm::BasicBlock *quick = newBlock();
  llvm::BasicBlock *next = newBlock();
  builder.CreateCondBr(builder.CreateICmpUGT(a, int64(UINT32_MAX)), general, quick);
  continueIn(general);
  llvm::Value *divided = builder.CreateSRem(a, int64(uint64_t(divisor.divisor)));
  builder.CreateBr(next);
  continueIn(quick);
  llvm::Type *wide = builder.getInt128Ty();
  llvm::Value *fraction = builder.CreateZExt(builder.CreateMul(a, int64(divisor.reciprocal)), wide);
  llvm::Value *product =
      builder.CreateMul(fraction, llvm::ConstantInt::get(wide, uint64_t(divisor.divisor)));
  llvm::Value *high = builder.CreateTrunc(builder.CreateLShr(product, 64), builder.getInt64Ty());
  builder.CreateBr(next);
  continueIn(next);
  llvm::PHINode *result = builder.CreatePHI(builder.getInt64Ty(), 2);
  result->addIncoming(divided, general);
  result->addIncoming(high, quick);
  return result;
}

} // namespace fusevm::jit
