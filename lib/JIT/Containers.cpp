//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Ops on arrays and hashes. What is common is inline; for the rest the host executes the op.

#include "Lowering.h"

namespace fusevm::jit {

using llvm::CmpInst;

bool Lowering::lowerGlobalContainers(uint64_t op, uint32_t variable) {
  switch (instruction(op).opcode()) {
  case Opcode::ArrayGet:
    return arrayGet(op, variable);
  case Opcode::ArraySet:
    return arraySet(op, variable);
  case Opcode::ArrayPush:
    return arrayPush(op, variable);
  case Opcode::ArrayPop:
    return arrayPop(op, variable);
  case Opcode::ArrayLen:
    return arrayLength(variable);
  case Opcode::HashGet:
    return hashGet(op, variable);
  case Opcode::HashSet:
    return hashSet(op, variable);
  default:
    return false;
  }
}

//===----------------------------------------------------------------------===//
// What comes out
//===----------------------------------------------------------------------===//

/// What the op behind \p op found on top of the stack when it was watched.
Lowering::Expected Lowering::expectedElement(uint64_t op) const {
  if (facts(op).isAnyKind)
    return {};
  uint16_t kinds = op + 1 < request.opCount ? facts(op + 1).kinds[0] : 0;
  for (Rep rep : {Rep::Undef, Rep::Bool, Rep::Int, Rep::Float})
    if (kinds == 1u << numberOf(kindOf(rep)))
      return {.rep = rep, .isScalar = true};
  return {.rep = std::nullopt, .isScalar = kinds < 1u << numberOf(firstHeapKind)};
}

/// The scalar at \p address, in a register; a guard that it is what is wanted.
Cell Lowering::scalarElement(const Expected &wanted, llvm::Value *address) {
  llvm::Value *tag = loadTag(address, ofElements);
  if (wanted.rep) {
    guard(compare(CmpInst::ICMP_EQ, tag, int32(numberOf(kindOf(*wanted.rep)))));
    return fromBits(*wanted.rep, loadBits(address, ofElements));
  }
  guard(compare(CmpInst::ICMP_ULT, tag, int32(numberOf(firstHeapKind))));
  return {.rep = Rep::Tagged, .bits = loadBits(address, ofElements), .tag = tag};
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

/// The payload of a value that is on the heap.
llvm::Value *Lowering::objectOf(llvm::Value *address) {
  llvm::Value *bits = loadBits(address, ofCells);
  return emit([&] { return builder.CreateIntToPtr(bits, builder.getPtrTy()); });
}

/// The array in \p variable; a guard that there is one.
llvm::Value *Lowering::arrayOf(uint32_t variable) {
  llvm::Value *address = variableAddress(variable);
  guard(compare(CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(Kind::Array))));
  return objectOf(address);
}

/// The payload at \p address, if its kind is \p kind; otherwise control goes to \p slow.
llvm::Value *Lowering::objectOrSlow(llvm::Value *address, Kind kind, llvm::BasicBlock *slow) {
  require(compare(CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(kind))), slow);
  return objectOf(address);
}

llvm::Value *Lowering::loadOfArray(llvm::Value *array, uint64_t offset) {
  llvm::Type *type = offset == offsetof(FusevmArray, first)
                         ? static_cast<llvm::Type *>(builder.getPtrTy())
                         : builder.getInt64Ty();
  return load(type, field(array, offset), ofArrays);
}

llvm::Value *Lowering::elementAddress(llvm::Value *array, llvm::Value *index) {
  llvm::Value *first = loadOfArray(array, offsetof(FusevmArray, first));
  return emit([&] {
    return builder.CreateGEP(llvm::ArrayType::get(builder.getInt64Ty(), 2), first, index);
  });
}

bool Lowering::arrayGet(uint64_t op, uint32_t variable) {
  if (state.variables[variable].rep != Rep::Memory || !resolveScalars(op, 1, Rep::Int) ||
      top().rep != Rep::Int)
    return false;
  llvm::Value *index = top().bits;
  Expected wanted = expectedElement(op);
  if (wanted.isScalar) {
    llvm::Value *array = arrayOf(variable);
    guard(compare(CmpInst::ICMP_ULT, index, loadOfArray(array, offsetof(FusevmArray, count))));
    Cell result = scalarElement(wanted, elementAddress(array, index));
    drop();
    push(result);
    return true;
  }
  if (!isReached(op + 1))
    return false;
  size_t position = state.stack.size() - 1;
  llvm::Value *target = stackAddress(position);
  llvm::BasicBlock *slow = newColdBlock();
  llvm::BasicBlock *done = newBlock();
  llvm::Value *array = objectOrSlow(variableAddress(variable), Kind::Array, slow);
  require(compare(CmpInst::ICMP_ULT, index, loadOfArray(array, offsetof(FusevmArray, count))),
          slow);
  copyValue(elementAddress(array, index), ofElements, target, ofCells);
  emit([&] { return builder.CreateBr(done); });
  callSlowly(op, slow, done);
  continueIn(done);
  drop();
  push(Cell());
  return true;
}

bool Lowering::arraySet(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  if (state.variables[variable].rep != Rep::Memory || !resolveScalars(op, 1, Rep::Int) ||
      top().rep != Rep::Int)
    return false;
  // The value may have any kind that is not on the heap.
  if (isUnboxed(top(1).rep))
    return arraySetScalar(variable);
  if (std::optional<Rep> kind = expected(op, 1, Rep::Int); kind && top(1).rep != Rep::Pooled) {
    guardTop(1, *kind);
    return arraySetScalar(variable);
  }
  if (!isReached(op + 1))
    return false;
  llvm::Value *index = top().bits;
  llvm::BasicBlock *slow = newColdBlock();
  llvm::BasicBlock *done = newBlock();
  callSlowly(op, slow, done);
  llvm::Value *array = arrayToChange(variable, slow);
  require(compare(CmpInst::ICMP_ULT, index, loadOfArray(array, offsetof(FusevmArray, count))),
          slow);
  llvm::Value *element = elementAddress(array, index);
  require(compare(CmpInst::ICMP_ULT, loadTag(element, ofElements), int32(numberOf(firstHeapKind))),
          slow);
  putElement(array, element, top(1), state.stack.size() - 2);
  emit([&] { return builder.CreateBr(done); });
  continueIn(done);
  drop();
  drop();
  return true;
}

/// The array in \p variable, if there is one that nothing else holds.
llvm::Value *Lowering::arrayToChange(uint32_t variable, llvm::BasicBlock *slow) {
  llvm::Value *array = objectOrSlow(variableAddress(variable), Kind::Array, slow);
  require(
      compare(CmpInst::ICMP_EQ, loadOfArray(array, offsetof(FusevmArray, references)), int64(1)),
      slow);
  return array;
}

/// Stores a value in a register in an array. The host need not know of anything else.
bool Lowering::arraySetScalar(uint32_t variable) {
  llvm::Value *array = arrayOf(variable);
  llvm::Value *index = top().bits;
  Cell value = top(1);
  if (isDry) {
    drop();
    drop();
    return true;
  }
  // In place if the element is there and neither it nor the array needs more.
  llvm::BasicBlock *slow = newColdBlock();
  llvm::BasicBlock *isUnknown = newColdBlock();
  llvm::BasicBlock *inPlace = newBlock();
  llvm::BasicBlock *done = newBlock();
  require(builder.CreateICmpEQ(loadOfArray(array, offsetof(FusevmArray, references)), int64(1)),
          slow);
  require(builder.CreateICmpULT(index, loadOfArray(array, offsetof(FusevmArray, count))), slow);
  llvm::Value *element = elementAddress(array, index);
  // The old one is not read in an array that has held nothing but scalars.
  auto *onlyScalars =
      load(builder.getInt8Ty(), field(array, offsetof(FusevmArray, onlyScalars)), ofArrays);
  builder.CreateCondBr(builder.CreateICmpNE(onlyScalars, builder.getInt8(0)), inPlace, isUnknown);
  builder.SetInsertPoint(isUnknown);
  builder.CreateCondBr(
      builder.CreateICmpULT(loadTag(element, ofElements), int32(numberOf(firstHeapKind))), inPlace,
      slow);
  continueIn(inPlace);
  storeCell(element, value, ofElements);
  builder.CreateBr(done);

  builder.SetInsertPoint(slow);
  llvm::Value *failed =
      callHelper(offsetof(FusevmHelpers, arraySet), builder.getInt32Ty(),
                 {nativeContext, variableAddress(variable), index, tagOf(value), bitsOf(value)});
  builder.CreateCondBr(builder.CreateICmpEQ(failed, int32(0)), done, exitOfGuards());
  continueIn(done);
  drop();
  drop();
  return true;
}

/// Stores the value of a stack position in an element that has no value. That of a position
/// in memory is moved.
void Lowering::putElement(llvm::Value *array, llvm::Value *element, const Cell &cell,
                          size_t position) {
  if (isUnboxed(cell.rep))
    return storeCell(element, cell, ofElements);
  llvm::Value *from = addressOf(cell, position);
  llvm::Value *tag = loadTag(from, ofCells);
  if (cell.rep == Rep::Memory)
    moveValue(from, element, ofElements);
  else
    copyValue(from, ofCells, element, ofElements);
  llvm::Value *address = field(array, offsetof(FusevmArray, onlyScalars));
  llvm::Value *isScalar = emit([&] {
    return builder.CreateZExt(builder.CreateICmpULT(tag, int32(numberOf(firstHeapKind))),
                              builder.getInt8Ty());
  });
  store(binary(llvm::Instruction::And, load(builder.getInt8Ty(), address, ofArrays), isScalar),
        address, ofArrays);
}

bool Lowering::arrayPush(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  if (state.variables[variable].rep != Rep::Memory || !isReached(op + 1))
    return false;
  llvm::BasicBlock *slow = newColdBlock();
  llvm::BasicBlock *done = newBlock();
  callSlowly(op, slow, done);
  llvm::Value *array = arrayToChange(variable, slow);
  llvm::Value *count = loadOfArray(array, offsetof(FusevmArray, count));
  require(compare(CmpInst::ICMP_ULT, count, loadOfArray(array, offsetof(FusevmArray, capacity))),
          slow);
  require(
      compare(CmpInst::ICMP_ULT, count,
              loadContext(builder.getInt64Ty(), offsetof(FusevmNativeContext, maxContainerSize))),
      slow);
  putElement(array, elementAddress(array, count), top(), state.stack.size() - 1);
  store(binary(llvm::Instruction::Add, count, int64(1)), field(array, offsetof(FusevmArray, count)),
        ofArrays);
  emit([&] { return builder.CreateBr(done); });
  continueIn(done);
  drop();
  return true;
}

bool Lowering::arrayPop(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  if (state.variables[variable].rep != Rep::Memory || !isReached(op + 1))
    return false;
  llvm::Value *target = stackAddress(state.stack.size());
  llvm::BasicBlock *slow = newColdBlock();
  llvm::BasicBlock *done = newBlock();
  callSlowly(op, slow, done);
  llvm::Value *array = arrayToChange(variable, slow);
  llvm::Value *count = loadOfArray(array, offsetof(FusevmArray, count));
  require(compare(CmpInst::ICMP_NE, count, int64(0)), slow);
  llvm::Value *last = binary(llvm::Instruction::Sub, count, int64(1));
  llvm::Value *element = elementAddress(array, last);
  storeValue(loadTag(element, ofElements), loadBits(element, ofElements), target, ofCells);
  store(last, field(array, offsetof(FusevmArray, count)), ofArrays);
  emit([&] { return builder.CreateBr(done); });
  continueIn(done);
  push(Cell());
  return true;
}

/// The number of elements; 0 if there is no array.
bool Lowering::arrayLength(uint32_t variable) {
  if (state.variables[variable].rep != Rep::Memory) {
    push(makeInt(int64(0)));
    return true;
  }
  llvm::Value *address = variableAddress(variable);
  if (isDry) {
    push(makeInt(nullptr));
    return true;
  }
  llvm::BasicBlock *start = builder.GetInsertBlock();
  llvm::BasicBlock *isArray = newBlock();
  llvm::BasicBlock *done = newBlock();
  builder.CreateCondBr(
      builder.CreateICmpEQ(loadTag(address, ofCells), int32(numberOf(Kind::Array))), isArray, done);
  continueIn(isArray);
  llvm::Value *count = loadOfArray(objectOf(address), offsetof(FusevmArray, count));
  builder.CreateBr(done);
  continueIn(done);
  auto *length = builder.CreatePHI(builder.getInt64Ty(), 2);
  length->addIncoming(int64(0), start);
  length->addIncoming(count, isArray);
  push(makeInt(length));
  return true;
}

//===----------------------------------------------------------------------===//
// Hashes
//===----------------------------------------------------------------------===//

/// The entry where the hash \p hash last had the text \p key, an inline cache; control goes
/// to \p other if it is not there.
llvm::Value *Lowering::entryFoundAgain(llvm::Value *hash, llvm::Value *key,
                                       llvm::BasicBlock *other) {
  llvm::Value *number =
      load(builder.getInt32Ty(), field(key, offsetof(FusevmString, lastEntry)), ofArrays);
  number = emit([&] { return builder.CreateZExt(number, builder.getInt64Ty()); });
  require(compare(CmpInst::ICMP_ULT, number,
                  load(builder.getInt64Ty(), field(hash, offsetof(FusevmHash, used)), ofArrays)),
          other);
  llvm::Value *entries =
      load(builder.getPtrTy(), field(hash, offsetof(FusevmHash, entries)), ofArrays);
  llvm::Value *entry = emit([&] {
    return builder.CreateGEP(llvm::ArrayType::get(builder.getInt64Ty(), 4), entries, number);
  });
  static_assert(sizeof(FusevmHashEntry) == 4 * sizeof(uint64_t));
  llvm::Value *keyBits = emit([&] { return builder.CreatePtrToInt(key, builder.getInt64Ty()); });
  require(compare(CmpInst::ICMP_EQ, loadBits(entry, ofElements), keyBits), other);
  require(compare(CmpInst::ICMP_EQ, loadTag(entry, ofElements), int32(numberOf(Kind::Str))), other);
  return entry;
}

bool Lowering::hashGet(uint64_t op, uint32_t variable) {
  if (state.variables[variable].rep != Rep::Memory)
    return false;
  Cell key = top();
  size_t position = state.stack.size() - 1;
  Expected wanted = expectedElement(op);
  llvm::Value *target = stackAddress(position);
  if (isUnboxed(key.rep))
    storeCell(target, key);
  llvm::Value *hashAddress = variableAddress(variable);
  llvm::Value *keyAddress = addressOf(key, position);
  llvm::BasicBlock *search = newColdBlock();
  llvm::BasicBlock *found = newBlock();
  llvm::Value *knownValue = nullptr;
  llvm::BasicBlock *known = nullptr;
  if (isUnboxed(key.rep)) {
    emit([&] { return builder.CreateBr(search); });
  } else {
    llvm::Value *hash = objectOrSlow(hashAddress, Kind::Hash, search);
    llvm::Value *text = objectOrSlow(keyAddress, Kind::Str, search);
    llvm::Value *entry = entryFoundAgain(hash, text, search);
    knownValue = field(entry, offsetof(FusevmHashEntry, value));
    if (!isDry)
      known = builder.GetInsertBlock();
    emit([&] { return builder.CreateBr(found); });
  }
  llvm::Value *value = nullptr;
  if (!isDry) {
    builder.SetInsertPoint(search);
    auto *foundThere = callHelper(offsetof(FusevmHelpers, findInHash), builder.getPtrTy(),
                                  {nativeContext, int64(op), hashAddress, keyAddress});
    llvm::BasicBlock *failed = newColdBlock();
    builder.CreateCondBr(builder.CreateIsNotNull(foundThere), found, failed);
    builder.SetInsertPoint(failed);
    leave(op, op, FUSEVM_EXIT_FAILED);
    continueIn(found);
    auto *either = builder.CreatePHI(builder.getPtrTy(), 2);
    either->addIncoming(foundThere, search);
    if (known)
      either->addIncoming(knownValue, known);
    value = either;
  }
  if (wanted.isScalar) {
    Cell result = scalarElement(wanted, value);
    dropTop();
    push(result);
    return true;
  }
  llvm::Value *tag = loadTag(value, ofElements);
  llvm::Value *bits = loadBits(value, ofElements);
  retainIfHeap(tag, bits);
  dropTop();
  storeValue(tag, bits, target, ofCells);
  push(Cell());
  return true;
}

bool Lowering::hashSet(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  if (state.variables[variable].rep != Rep::Memory || isUnboxed(top().rep) || !isReached(op + 1))
    return false;
  Cell value = top(1);
  size_t position = state.stack.size() - 1;
  llvm::BasicBlock *slow = newColdBlock();
  llvm::BasicBlock *done = newBlock();
  callSlowly(op, slow, done);
  llvm::Value *hash = objectOrSlow(variableAddress(variable), Kind::Hash, slow);
  llvm::Value *text = objectOrSlow(addressOf(top(), position), Kind::Str, slow);
  require(
      compare(CmpInst::ICMP_EQ,
              load(builder.getInt64Ty(), field(hash, offsetof(FusevmHash, references)), ofArrays),
              int64(1)),
      slow);
  llvm::Value *entry = entryFoundAgain(hash, text, slow);
  llvm::Value *place = field(entry, offsetof(FusevmHashEntry, value));
  llvm::Value *newTag = nullptr;
  llvm::Value *newBits = nullptr;
  if (isUnboxed(value.rep)) {
    newTag = tagOf(value);
    newBits = bitsOf(value);
  } else {
    llvm::Value *from = addressOf(value, position - 1);
    newTag = loadTag(from, ofCells);
    newBits = loadBits(from, ofCells);
    // The new value may be a part of the old one.
    if (value.rep != Rep::Memory)
      retainIfHeap(newTag, newBits);
  }
  releaseIfHeap(place, ofElements);
  storeValue(newTag, newBits, place, ofElements);
  if (top().rep == Rep::Memory)
    releaseIfHeap(stackAddress(position));
  emit([&] { return builder.CreateBr(done); });
  continueIn(done);
  drop();
  drop();
  return true;
}

} // namespace fusevm::jit
