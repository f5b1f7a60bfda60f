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
    guard(isOfKind(tag, *wanted.rep));
    return loadScalar(*wanted.rep, address, ofElements);
  }
  guard(compare(CmpInst::ICMP_ULT, tag, int32(numberOf(firstHeapKind))));
  return {.rep = Rep::Tagged, .bits = loadBits(address, ofElements), .tag = tag};
}

/// The same for an element of \p array. If all of its elements have the kind, which does not change
/// in most loops, that of this one is not looked at.
Cell Lowering::elementOfOneKind(llvm::Value *array, llvm::Value *address, Rep rep) {
  if (isDry) {
    guard(nullptr);
    return {.rep = rep};
  }
  llvm::BasicBlock *isMixed = newColdBlock();
  llvm::BasicBlock *isKnown = newBlock();
  branchLikely(isOfKind(loadKinds(array), rep), isKnown, isMixed);
  builder.SetInsertPoint(isMixed);
  guard(isOfKind(loadTag(address, ofElements), rep));
  builder.CreateBr(isKnown);
  continueIn(isKnown);
  return loadScalar(rep, address, ofElements);
}

llvm::Value *Lowering::isOfKind(llvm::Value *kind, Rep rep) {
  return emit([&] {
    return builder.CreateICmpEQ(kind,
                                llvm::ConstantInt::get(kind->getType(), numberOf(kindOf(rep))));
  });
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

/// What kinds the elements have, a byte.
llvm::Value *Lowering::loadKinds(llvm::Value *array) {
  return load(builder.getInt8Ty(), field(array, offsetof(FusevmArray, kinds)), ofElementKinds);
}

/// Notes that \p array gets an element of the kind \p tag.
void Lowering::noteKind(llvm::Value *array, llvm::Value *tag) {
  if (isDry)
    return;
  llvm::BasicBlock *isNew = newColdBlock();
  llvm::BasicBlock *isNoted = newBlock();
  llvm::Value *kinds = loadKinds(array);
  branchLikely(builder.CreateICmpEQ(builder.CreateZExt(kinds, builder.getInt32Ty()), tag), isNoted,
               isNew);
  builder.SetInsertPoint(isNew);
  addKind(array, kinds, tag);
  builder.CreateBr(isNoted);
  continueIn(isNoted);
}

/// Adds \p tag to \p kinds, which \p array has and which is another one.
void Lowering::addKind(llvm::Value *array, llvm::Value *kinds, llvm::Value *tag) {
  auto number = [&](FusevmElementKinds kind) { return builder.getInt8(kind); };
  auto *more =
      builder.CreateBinaryIntrinsic(llvm::Intrinsic::umax, kinds, number(FUSEVM_SCALAR_KINDS));
  auto *ofScalar = builder.CreateSelect(builder.CreateICmpEQ(kinds, number(FUSEVM_NO_KIND)),
                                        builder.CreateTrunc(tag, builder.getInt8Ty()), more);
  auto *isScalar = builder.CreateICmpULT(tag, int32(numberOf(firstHeapKind)));
  store(builder.CreateSelect(isScalar, ofScalar, number(FUSEVM_ANY_KINDS)),
        field(array, offsetof(FusevmArray, kinds)), ofElementKinds);
}

/// The payload of a value of that kind.
llvm::Value *Lowering::objectOf(llvm::Value *address, Kind kind, llvm::MDNode *memory) {
  uint64_t size = kind == Kind::Array  ? sizeof(FusevmArray)
                  : kind == Kind::Hash ? sizeof(FusevmHash)
                                       : sizeof(FusevmString);
  // Not aligned: it is one only where the kind has been checked, and LLVM moves this load and those
  // from it in front of a check together (LoopVersions.cpp knows better).
  return loadPointer(field(address, offsetof(FusevmValue, bits)), size, memory,
                     /*aligned=*/false);
}

/// Notes that \p variable, which is in memory, holds a container, if it is used as one.
void Lowering::noteObject(uint32_t variable, Kind kind) {
  auto container = routine->containers.find(variable);
  if (container == routine->containers.end() || container->second != kind)
    return;
  Cell &cell = state.variables[variable];
  assert(cell.rep == Rep::Memory && "a container in a register");
  cell.object = kind;
  cell.bits = objectOf(variableAddress(variable), kind);
}

/// The kind of container that the top value is, if the op at \p op stores it in a variable that
/// is used as that; a guard if it was only seen.
std::optional<Kind> Lowering::expectContainer(uint64_t op, uint32_t variable) {
  auto container = routine->containers.find(variable);
  if (container == routine->containers.end() || isUnboxed(top().rep))
    return std::nullopt;
  Kind kind = container->second;
  if (top().rep == Rep::Alias && state.variables[top().alias].object == kind)
    return kind;
  if (op != 0 && !routine->blocks.contains(op) && isReached(op - 1) &&
      instruction(op - 1).info().control == ControlKind::Next &&
      facts(op - 1).resultKind == numberOf(kind))
    return kind;
  if (facts(op).isAnyKind || facts(op).kinds[0] != 1u << numberOf(kind))
    return std::nullopt;
  llvm::Value *address = addressOf(top(), state.stack.size() - 1);
  guard(compare(CmpInst::ICMP_EQ, loadTag(address, memoryOf(top())), int32(numberOf(kind))));
  return kind;
}

/// Pops the top value into \p variable, which may be used as a container.
void Lowering::setContainer(uint64_t op, uint32_t variable) {
  std::optional<Kind> kind = expectContainer(op, variable);
  setVariable(variable);
  if (kind)
    noteObject(variable, *kind);
}

/// The array in \p variable; a guard that there is one.
llvm::Value *Lowering::arrayOf(uint32_t variable) {
  if (state.variables[variable].object == Kind::Array)
    return state.variables[variable].bits;
  llvm::Value *address = variableAddress(variable);
  guard(compare(CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(Kind::Array))));
  // A variable that is taken for a hash, too, is looked at each time.
  noteObject(variable, Kind::Array);
  return objectOf(address, Kind::Array);
}

/// The payload of \p variable, if its kind is \p kind; otherwise control goes to \p slow.
llvm::Value *Lowering::containerOrSlow(uint32_t variable, Kind kind, llvm::BasicBlock *slow) {
  const Cell &cell = state.variables[variable];
  if (cell.object == kind)
    return cell.bits;
  llvm::Value *address = variableAddress(variable);
  require(compare(CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(kind))), slow);
  return objectOf(address, kind);
}

/// The text that a stack position holds; control goes to \p slow if it is none.
llvm::Value *Lowering::textOrSlow(const Cell &cell, size_t position, llvm::BasicBlock *slow) {
  llvm::Value *address = addressOf(cell, position);
  if (!isText(cell))
    require(compare(CmpInst::ICMP_EQ, loadTag(address, memoryOf(cell)), int32(numberOf(Kind::Str))),
            slow);
  return objectOf(address, Kind::Str, memoryOf(cell));
}

/// Whether nothing else holds the array or hash with the payload \p container.
llvm::Value *Lowering::isUnshared(llvm::Value *container) {
  static_assert(offsetof(FusevmArray, references) == offsetof(FusevmHash, references));
  auto *references =
      load(builder.getInt64Ty(), field(container, offsetof(FusevmArray, references)), ofArrays);
  return compare(CmpInst::ICMP_EQ, references, int64(1));
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
  // The index may be a copy of the variable itself.
  if (!resolveScalars(op, 1, Rep::Int) || top().rep != Rep::Int ||
      state.variables[variable].rep != Rep::Memory)
    return false;
  llvm::Value *index = top().bits;
  Expected wanted = expectedElement(op);
  if (wanted.isScalar) {
    llvm::Value *array = arrayOf(variable);
    guard(compare(CmpInst::ICMP_ULT, index, loadOfArray(array, offsetof(FusevmArray, count))));
    llvm::Value *element = elementAddress(array, index);
    Cell result = wanted.rep && request.quality != FUSEVM_QUALITY_QUICK
                      ? elementOfOneKind(array, element, *wanted.rep)
                      : scalarElement(wanted, element);
    drop();
    push(result);
    return true;
  }
  if (!isReached(op + 1))
    return false;
  size_t position = state.stack.size() - 1;
  llvm::Value *target = stackAddress(position);
  llvm::BasicBlock *slow = newColdBlock();
  llvm::Value *array = containerOrSlow(variable, Kind::Array, slow);
  require(compare(CmpInst::ICMP_ULT, index, loadOfArray(array, offsetof(FusevmArray, count))),
          slow);
  copyValue(elementAddress(array, index), ofElements, target, ofCells);
  meetInMemory(op, variable, slow);
  drop();
  push(Cell());
  return true;
}

bool Lowering::arraySet(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  // The index may be a copy of the variable itself.
  if (!resolveScalars(op, 1, Rep::Int) || top().rep != Rep::Int ||
      state.variables[variable].rep != Rep::Memory)
    return false;
  // The value may have any kind that is not on the heap.
  if (isUnboxed(top(1).rep) && !facts(op).isAnyKind)
    return arraySetScalar(variable);
  std::optional<Rep> kind = expected(op, 1, Rep::Int);
  if (kind && !isUnboxed(top(1).rep) && top(1).rep != Rep::Pooled) {
    guardTop(1, *kind);
    return arraySetScalar(variable);
  }
  if (!isReached(op + 1))
    return false;
  llvm::Value *index = top().bits;
  llvm::BasicBlock *slow = newColdBlock();
  llvm::Value *array = arrayToChange(variable, slow);
  require(compare(CmpInst::ICMP_ULT, index, loadOfArray(array, offsetof(FusevmArray, count))),
          slow);
  llvm::Value *element = elementAddress(array, index);
  require(compare(CmpInst::ICMP_ULT, loadTag(element, ofElements), int32(numberOf(firstHeapKind))),
          slow);
  putElement(array, element, top(1), state.stack.size() - 2);
  meetInMemory(op, variable, slow);
  drop();
  drop();
  return true;
}

/// The array in \p variable, if there is one that nothing else holds.
llvm::Value *Lowering::arrayToChange(uint32_t variable, llvm::BasicBlock *slow) {
  llvm::Value *array = containerOrSlow(variable, Kind::Array, slow);
  require(isUnshared(array), slow);
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
  // An array that is shared is left to the interpreter, after which it no longer is.
  guard(isUnshared(array));
  // In place if the element is there, and need not be released.
  llvm::BasicBlock *slow = newColdBlock();
  llvm::BasicBlock *isUnknown = newColdBlock();
  llvm::BasicBlock *inPlace = newBlock();
  llvm::BasicBlock *done = newBlock();
  require(builder.CreateICmpULT(index, loadOfArray(array, offsetof(FusevmArray, count))), slow);
  llvm::Value *element = elementAddress(array, index);
  // Where all have the kind of the new one, the old one is not read, and only its bits change.
  auto *kinds = loadKinds(array);
  llvm::Value *tag = tagOf(value);
  branchLikely(builder.CreateICmpEQ(builder.CreateZExt(kinds, builder.getInt32Ty()), tag), inPlace,
               isUnknown);
  builder.SetInsertPoint(isUnknown);
  llvm::BasicBlock *isScalar = newColdBlock();
  builder.CreateCondBr(
      builder.CreateICmpULT(loadTag(element, ofElements), int32(numberOf(firstHeapKind))), isScalar,
      slow);
  builder.SetInsertPoint(isScalar);
  addKind(array, kinds, tag);
  store(tag, element, ofElements);
  builder.CreateBr(inPlace);
  continueIn(inPlace);
  store(bitsOf(value), field(element, offsetof(FusevmValue, bits)), ofElements);
  builder.CreateBr(done);

  // The place behind the last one is appended to; all else is left to the helper.
  builder.SetInsertPoint(slow);
  llvm::BasicBlock *hasRoom = newColdBlock();
  llvm::BasicBlock *append = newColdBlock();
  llvm::BasicBlock *other = newColdBlock();
  auto *isNext = builder.CreateICmpEQ(index, loadOfArray(array, offsetof(FusevmArray, count)));
  auto *isBelow = builder.CreateICmpULT(
      index, loadContext(builder.getInt64Ty(), offsetof(FusevmNativeContext, maxContainerSize)));
  builder.CreateCondBr(builder.CreateAnd(isNext, isBelow), hasRoom, other);
  builder.SetInsertPoint(hasRoom);
  builder.CreateCondBr(
      builder.CreateICmpULT(index, loadOfArray(array, offsetof(FusevmArray, capacity))), append,
      other);
  builder.SetInsertPoint(append);
  noteKind(array, tag);
  storeCell(elementAddress(array, index), value, ofElements);
  store(builder.CreateAdd(index, int64(1)), field(array, offsetof(FusevmArray, count)), ofArrays);
  builder.CreateBr(done);

  builder.SetInsertPoint(other);
  llvm::Value *failed =
      callHelper(offsetof(FusevmHelpers, arraySet), builder.getInt32Ty(),
                 {nativeContext, array, index, tagOf(value), bitsOf(value)}, ofHeap);
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
  if (isUnboxed(cell.rep)) {
    noteKind(array, tagOf(cell));
    return storeCell(element, cell, ofElements);
  }
  llvm::Value *from = addressOf(cell, position);
  llvm::Value *tag = loadTag(from, memoryOf(cell));
  if (cell.rep == Rep::Memory)
    moveValue(from, element, ofElements);
  else
    copyValue(from, memoryOf(cell), element, ofElements);
  noteKind(array, tag);
}

bool Lowering::arrayPush(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  if (state.variables[variable].rep != Rep::Memory || !isReached(op + 1))
    return false;
  llvm::BasicBlock *slow = newColdBlock();
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
  meetInMemory(op, variable, slow);
  drop();
  return true;
}

bool Lowering::arrayPop(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  if (state.variables[variable].rep != Rep::Memory || !isReached(op + 1))
    return false;
  llvm::Value *target = stackAddress(state.stack.size());
  llvm::BasicBlock *slow = newColdBlock();
  llvm::Value *array = arrayToChange(variable, slow);
  llvm::Value *count = loadOfArray(array, offsetof(FusevmArray, count));
  require(compare(CmpInst::ICMP_NE, count, int64(0)), slow);
  llvm::Value *last = binary(llvm::Instruction::Sub, count, int64(1));
  llvm::Value *element = elementAddress(array, last);
  storeValue(loadTag(element, ofElements), loadBits(element, ofElements), target, ofCells);
  store(last, field(array, offsetof(FusevmArray, count)), ofArrays);
  meetInMemory(op, variable, slow);
  push(Cell());
  return true;
}

/// The number of elements; 0 if there is no array.
bool Lowering::arrayLength(uint32_t variable) {
  if (state.variables[variable].rep != Rep::Memory) {
    push(makeInt(int64(0)));
    return true;
  }
  if (state.variables[variable].object == Kind::Array) {
    push(makeInt(loadOfArray(state.variables[variable].bits, offsetof(FusevmArray, count))));
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
  llvm::Value *count = loadOfArray(objectOf(address, Kind::Array), offsetof(FusevmArray, count));
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
  require(compare(CmpInst::ICMP_EQ, loadBits(entry, ofKeys), keyBits), other);
  require(compare(CmpInst::ICMP_EQ, loadTag(entry, ofKeys), int32(numberOf(Kind::Str))), other);
  return entry;
}

/// Whether \p op is taken to find its key, a constant, where it was last found, with guards, unless
/// it was seen not to: in a loop the entry is then looked for once.
bool Lowering::expectsEntry(uint64_t op, const Cell &key) const {
  return key.rep == Rep::Pooled && !facts(op).isAnyKind && !facts(op).missesKey;
}

/// Where the value is that \p hash is then expected to have under \p key, at \p position.
llvm::Value *Lowering::expectedPlace(llvm::Value *hash, const Cell &key, size_t position) {
  llvm::Value *text = textOrSlow(key, position, exitOfGuards());
  return field(entryFoundAgain(hash, text, exitOfGuards()), offsetof(FusevmHashEntry, value));
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
  llvm::Value *value = findInHash(op, variable, key, position);
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

/// Where the value is that the hash in \p variable has under \p key, which is in a stack
/// position or in memory: first where it was last found, then, if there are a hash and a text, by
/// a search, and otherwise by whatever the op does.
llvm::Value *Lowering::findInHash(uint64_t op, uint32_t variable, const Cell &key,
                                  size_t position) {
  if (expectsEntry(op, key)) {
    if (!isDry)
      return expectedPlace(containerOrSlow(variable, Kind::Hash, exitOfGuards()), key, position);
    guard(nullptr);
    return nullptr;
  }
  llvm::Value *keyAddress = addressOf(key, position);
  llvm::Value *hashAddress = variableAddress(variable);
  if (isDry)
    return nullptr;
  llvm::BasicBlock *search = newColdBlock();
  llvm::BasicBlock *other = newColdBlock();
  llvm::BasicBlock *found = newBlock();
  llvm::SmallVector<std::pair<llvm::Value *, llvm::BasicBlock *>, 3> results;
  if (isUnboxed(key.rep)) {
    builder.CreateBr(other);
    builder.SetInsertPoint(search);
    builder.CreateUnreachable();
  } else {
    llvm::Value *hash = containerOrSlow(variable, Kind::Hash, other);
    llvm::Value *text = textOrSlow(key, position, other);
    llvm::Value *entry = entryFoundAgain(hash, text, search);
    results.emplace_back(field(entry, offsetof(FusevmHashEntry, value)), builder.GetInsertBlock());
    builder.CreateBr(found);
    builder.SetInsertPoint(search);
    results.emplace_back(
        callHelper(offsetof(FusevmHelpers, findText), builder.getPtrTy(), {hash, text}, ofHeap),
        search);
    builder.CreateBr(found);
  }
  builder.SetInsertPoint(other);
  auto *result = callHelper(offsetof(FusevmHelpers, findInHash), builder.getPtrTy(),
                            {nativeContext, int64(op), hashAddress, keyAddress}, ofValues);
  results.emplace_back(result, other);
  llvm::BasicBlock *failed = newColdBlock();
  branchLikely(builder.CreateIsNotNull(result), found, failed);
  builder.SetInsertPoint(failed);
  leave(op, op, FUSEVM_EXIT_FAILED);
  continueIn(found);
  auto *either = builder.CreatePHI(builder.getPtrTy(), static_cast<unsigned>(results.size()));
  for (auto [address, block] : results)
    either->addIncoming(address, block);
  return either;
}

/// Sets what the hash in \p variable is expected to have under the key at \p position, which is a
/// scalar, too.
void Lowering::setScalarOfEntry(uint32_t variable, const Cell &value, size_t position) {
  if (isDry)
    return guard(nullptr);
  llvm::Value *hash = containerOrSlow(variable, Kind::Hash, exitOfGuards());
  guard(isUnshared(hash));
  llvm::Value *place = expectedPlace(hash, top(), position);
  guard(compare(CmpInst::ICMP_ULT, loadTag(place, ofElements), int32(numberOf(firstHeapKind))));
  storeValue(tagOf(value), bitsOf(value), place, ofElements);
}

/// Where the value is that \p hash, which nothing else holds, has under the text \p key, or gets
/// there; control goes to \p slow if there may be no more entries.
llvm::Value *Lowering::placeInHash(llvm::Value *hash, llvm::Value *key, llvm::BasicBlock *slow) {
  if (isDry)
    return nullptr;
  llvm::BasicBlock *search = newColdBlock();
  llvm::BasicBlock *found = newBlock();
  llvm::Value *known = field(entryFoundAgain(hash, key, search), offsetof(FusevmHashEntry, value));
  llvm::BasicBlock *isKnown = builder.GetInsertBlock();
  builder.CreateBr(found);
  builder.SetInsertPoint(search);
  llvm::Value *other = callHelper(offsetof(FusevmHelpers, placeOfText), builder.getPtrTy(),
                                  {nativeContext, hash, key}, ofHeap);
  branchLikely(builder.CreateIsNotNull(other), found, slow);
  continueIn(found);
  auto *place = builder.CreatePHI(builder.getPtrTy(), 2);
  place->addIncoming(known, isKnown);
  place->addIncoming(other, search);
  return place;
}

bool Lowering::hashSet(uint64_t op, uint32_t variable) {
  materializeAliases(variable);
  if (state.variables[variable].rep != Rep::Memory || isUnboxed(top().rep) || !isReached(op + 1))
    return false;
  Cell value = top(1);
  size_t position = state.stack.size() - 1;
  if (expectsEntry(op, top()) && isUnboxed(value.rep)) {
    setScalarOfEntry(variable, value, position);
    drop();
    drop();
    return true;
  }
  llvm::BasicBlock *slow = newColdBlock();
  llvm::Value *hash = containerOrSlow(variable, Kind::Hash, slow);
  llvm::Value *text = textOrSlow(top(), position, slow);
  require(isUnshared(hash), slow);
  llvm::Value *place = placeInHash(hash, text, slow);
  llvm::Value *newTag = nullptr;
  llvm::Value *newBits = nullptr;
  if (isUnboxed(value.rep)) {
    newTag = tagOf(value);
    newBits = bitsOf(value);
  } else {
    llvm::Value *from = addressOf(value, position - 1);
    newTag = loadTag(from, memoryOf(value));
    newBits = loadBits(from, memoryOf(value));
    // The new value may be a part of the old one.
    if (value.rep != Rep::Memory)
      retainIfHeap(newTag, newBits);
  }
  releaseIfHeap(place, ofElements);
  storeValue(newTag, newBits, place, ofElements);
  if (top().rep == Rep::Memory)
    releaseIfHeap(stackAddress(position));
  meetInMemory(op, variable, slow);
  drop();
  drop();
  return true;
}

} // namespace fusevm::jit
