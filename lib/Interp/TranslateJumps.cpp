//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Jumps: comparisons that decide them, loops whose test is moved to the bottom.

#include "Translator.h"

#include <algorithm>

namespace fusevm {

/// The test of a loop is copied to its bottom if that takes no more instructions.
static constexpr size_t maxCopiedInstructions = 4;

/// Translates a comparison, with the branch behind it if there is one.
size_t Translator::compare() {
  uint64_t comparison = current;
  Opcode opcode = chunk.ops[comparison].opcode();
  bool wanted = true;
  if (std::optional<uint64_t> branch = branchBehind(comparison, wanted)) {
    current = *branch;
    branchOnComparison(opcode, wanted, chunk.ops[current].target());
    return static_cast<size_t>(current - comparison) + 1;
  }
  static_assert(FastNumNeRRT == FastNumEqRRT + 6 && FastNumLtRRT == FastNumEqRRT + 12 &&
                FastNumGtRRT == FastNumEqRRT + 18 && FastNumLeRRT == FastNumEqRRT + 24 &&
                FastNumGeRRT == FastNumEqRRT + 30);
  unsigned index = static_cast<unsigned>(opcode) - static_cast<unsigned>(Opcode::NumEq);
  compareValues(FastNumEqRRT + index * 6, FastNumEqRIT + index * 6);
  return 1;
}

/// The branch that takes the truth value which \p op makes, if one follows; \p wanted is
/// then with which value it jumps.
std::optional<uint64_t> Translator::branchBehind(uint64_t op, bool &wanted) const {
  bool isTrue = true;
  uint64_t next = op + 1;
  while (next < chunk.ops.size() && !isLeader(next) && chunk.ops[next].opcode() == Opcode::LogNot) {
    isTrue = !isTrue;
    ++next;
  }
  if (next >= chunk.ops.size() || isLeader(next))
    return std::nullopt;
  Opcode branch = chunk.ops[next].opcode();
  if (branch != Opcode::JumpIfTrue && branch != Opcode::JumpIfFalse)
    return std::nullopt;
  wanted = isTrue == (branch == Opcode::JumpIfTrue);
  return next;
}

/// Translates a StrEq or StrNe. If a branch takes the result, an instruction in front of the
/// general ones compares two texts and branches; others go on behind it.
size_t Translator::compareTexts() {
  uint64_t comparison = current;
  const Instruction &instruction = chunk.ops[comparison];
  bool wanted = true;
  std::optional<uint64_t> branch = branchBehind(comparison, wanted);
  if (!branch) {
    translateGeneric(instruction);
    return 1;
  }
  size_t left = stack.size() - 2;
  size_t right = left + 1;
  writeOutUpTo(left);
  toRegister(left);
  bool isConstant = stack[right].place == Operand::Place::Constant;
  if (!isConstant)
    toRegister(right);
  size_t shortWay = result.code.size();
  bool isEqual = wanted == (instruction.opcode() == Opcode::StrEq);
  uint64_t target = chunk.ops[*branch].target();
  PreparedOp &code = emit((isConstant ? FastStrEqRKTrue : FastStrEqRRTrue) + (isEqual ? 0 : 1), 0);
  code.a = place(left);
  code.b = place(right);
  code.op = (isOwn(left) ? givesUpLeft : 0) | (isOwn(right) ? givesUpRight : 0);
  jumpTo(target, *branch);
  fixups.back().height = static_cast<uint32_t>(left);
  translateGeneric(instruction);
  bool isTrue = chunk.ops[*branch].opcode() == Opcode::JumpIfTrue;
  if ((*branch - comparison) % 2 == 0)
    isTrue = !isTrue; // an odd number of LogNots
  current = *branch;
  branchOnValue(isTrue, /*keeps=*/false, target);
  result.code[shortWay].high = offsetBetween(shortWay, result.code.size());
  return static_cast<size_t>(*branch - comparison) + 1;
}

namespace {

/// A relation for which handlers exist.
enum Relation : unsigned { Less, LessOrEqual, Equal, Greater, GreaterOrEqual };

struct Comparison {
  Relation relation;
  bool wanted;
};

} // namespace

/// The relation that holds for exchanged operands.
static Relation mirrored(Relation relation) {
  switch (relation) {
  case Less:
    return Greater;
  case LessOrEqual:
    return GreaterOrEqual;
  case Greater:
    return Less;
  case GreaterOrEqual:
    return LessOrEqual;
  case Equal:
    break;
  }
  return Equal;
}

/// An inequality is the opposite of an equality; no other relation may be turned around,
/// as a NaN is neither less nor greater nor equal.
static Comparison comparisonOf(Opcode opcode, bool wanted) {
  switch (opcode) {
  case Opcode::NumLt:
    return {Less, wanted};
  case Opcode::NumLe:
    return {LessOrEqual, wanted};
  case Opcode::NumGt:
    return {Greater, wanted};
  case Opcode::NumGe:
    return {GreaterOrEqual, wanted};
  case Opcode::NumNe:
    return {Equal, !wanted};
  default:
    return {Equal, wanted};
  }
}

/// Jumps to \p target if the comparison of the top two values is as \p wanted. The branch
/// is the current op.
void Translator::branchOnComparison(Opcode opcode, bool wanted, uint64_t target) {
  size_t left = stack.size() - 2;
  size_t right = left + 1;
  Comparison comparison = comparisonOf(opcode, wanted);
  for (size_t position : {left, right})
    if (classOf(position) == InRegister)
      toRegister(position);
  bool exchange = isNumber(left) ? !isNumber(right)
                                 : !isNumber(right) && (comparison.relation == Greater ||
                                                        comparison.relation == GreaterOrEqual);
  if (exchange) {
    std::swap(left, right);
    comparison.relation = mirrored(comparison.relation);
  }
  if (isNumber(left)) // and so is the other
    writeOut(left);
  // Values that stay are written out before the branch; those compared are read by it.
  Operand upper = pop();
  Operand lower = pop();
  writeOutAll();
  stack.push_back(lower);
  stack.push_back(upper);

  bool isAccumulated = accumulate(left);
  bool isLiteral = isNumber(right);
  static constexpr unsigned onValues[] = {FastLtRRTrue, FastLeRRTrue, FastEqRRTrue};
  static constexpr unsigned onLiterals[] = {FastLtRITrue, FastLeRITrue, FastEqRITrue, FastGtRITrue,
                                            FastGeRITrue};
  unsigned family = (isLiteral ? onLiterals : onValues)[comparison.relation];
  bool isSecondClass = classOf(right) == (isLiteral ? FloatLiteral : InGlobal);
  unsigned form = (isAccumulated ? 4 : classOf(left) == InGlobal ? 2 : 0) + (isSecondClass ? 1 : 0);
  unsigned handler = family + form * 2;
  PreparedOp &code = emit(handler + (comparison.wanted ? 0 : 1), 0);
  code.a = place(left);
  if (isLiteral)
    code.bits = stack[right].bits;
  else
    code.b = place(right);
  code.op = (isOwn(left) ? givesUpLeft : 0) | (!isLiteral && isOwn(right) ? givesUpRight : 0);
  stack.resize(stack.size() - 2, own(false));
  jumpTo(target, current);
}

/// Puts an instruction in front that does what the next one, which loads the value to be tested
/// from an array, and the test do, if that is so. Not at a label: it may be the head of a loop,
/// whose test is copied.
void Translator::shortenTest(bool wanted, uint64_t target) {
  if (producer == noProducer || producer == lastLabel)
    return;
  bool isGlobal = handlers[producer] == FastArrayGetGRT;
  if (!loadsElement(producer, stack.size() - 1, isGlobal ? FastArrayGetGRT : FastArrayGetRRT))
    return;
  PreparedOp both{};
  both.a = result.code[producer].b;
  both.b = result.code[producer].c;
  size_t at =
      insertFront(producer, (isGlobal ? FastTestGETrue : FastTestETrue) + (wanted ? 0 : 1), both);
  jumpTo(target, current, at);
  --fixups.back().height; // the value is popped
}

/// Jumps to \p target if the top value is as true as \p wanted.
void Translator::branchOnValue(bool wanted, bool keeps, uint64_t target) {
  size_t top = stack.size() - 1;
  if (keeps || stack[top].place != Operand::Place::Global)
    toRegister(top);
  if (keeps)
    writeOut(top);
  Operand value = pop();
  writeOutAll();
  stack.push_back(value);
  bool isGlobal = value.place == Operand::Place::Global;
  if (!keeps)
    shortenTest(wanted, target);
  PreparedOp &code = emit((isGlobal ? FastTestGTrue : FastTestTrue) + (wanted ? 0 : 1), 0);
  code.a = place(top);
  code.b = isOwn(top) && !keeps;
  if (!keeps)
    pop();
  jumpTo(target, current);
}

void Translator::jump(uint64_t target) {
  writeOutAll();
  if (!rotate(target)) {
    emit(FastJump, 0);
    jumpTo(target, current);
  }
  reachable = false;
}

/// Whether copies of the instruction mean the same anywhere in the function.
static bool canBeCopied(unsigned handler) {
  return (handler >= FastCopyRT && handler < FastLtRRTrue) ||
         (handler >= FastMulAddT && handler <= FastMulRGEA) ||
         (handler >= FastArrayGetRRT && handler <= FastArrayGetGAG) ||
         (handler >= FastArrayLenT && handler <= FastArrayLenG);
}

static bool isTest(unsigned handler) {
  return handler >= FastLtRRTrue && handler <= FastTestGFalse;
}

/// For a jump back to a loop's head that is nothing but a test: tests here, so that an
/// iteration needs one jump, not two. False if the target is no such head.
bool Translator::rotate(uint64_t target) {
  if (target > current || result.entries[target] == PreparedChunk::noEntry ||
      analysis.functionOf[target] != function)
    return false;
  size_t head = result.entries[target];
  size_t test = head;
  while (test < result.code.size() && test - head < maxCopiedInstructions &&
         canBeCopied(handlers[test]))
    ++test;
  if (test >= result.code.size() || !isTest(handlers[test]))
    return false;
  auto fixup =
      std::lower_bound(fixups.begin(), fixups.end(), test,
                       [](const Fixup &candidate, size_t index) { return candidate.code < index; });
  if (fixup == fixups.end() || fixup->code != test)
    return false; // itself the test of a rotated loop
  Fixup exit = *fixup;

  size_t increment = result.code.size() - 1;
  bool mayShorten = test == head && increment >= lastLabel && !result.code.empty();
  for (size_t i = head; i <= test; ++i) {
    result.code.push_back(PreparedOp(result.code[i]));
    handlers.push_back(handlers[i]);
  }
  size_t copy = result.code.size() - 1;
  handlers[copy] = static_cast<uint16_t>(FastLtRRTrue + ((handlers[copy] - FastLtRRTrue) ^ 1U));
  PreparedOp &code = result.code[copy];
  code.c = offsetBetween(copy, test + 1);
  code.op = (code.op & ~jumpTargetMask) | static_cast<uint32_t>(exit.from + 1);
  // The jump, and the ops of the head up to its branch.
  setDelta(copy, static_cast<int64_t>(target) - static_cast<int64_t>(current) - 1);
  if (mayShorten)
    shortenIncrement(increment);

  emit(FastJump, 0);
  jumpTo(exit.target, current);
  fixups.back().skipped = static_cast<int64_t>(target) - static_cast<int64_t>(exit.from) - 1;
  fixups.back().height = exit.height;
  return true;
}

/// Puts one instruction in front of an addition at \p increment and the test of what was
/// added to that does both, if it can. For integers, which are all that it is made for, a
/// relation that does not hold is the opposite one.
void Translator::shortenIncrement(size_t increment) {
  const PreparedOp add = result.code[increment];
  const PreparedOp test = result.code[increment + 1];
  bool addsInteger = false;
  bool addsRegister = false;
  int32_t step = 0; // or the register that is added
  switch (handlers[increment]) {
  case FastAddRIT:
  case FastAddRIS:
    step = static_cast<int32_t>(add.integer);
    addsInteger = add.a == add.b && add.integer == step;
    break;
  case FastStepSlot:
    step = add.low;
    addsInteger = true;
    break;
  case FastAddRRT:
  case FastAddRRS:
    step = add.a == add.b ? add.c : add.b;
    addsRegister = add.low == 0 && (add.a == add.b || add.a == add.c);
    break;
  case FastAddAssignSlot:
    step = add.b;
    addsRegister = true;
    break;
  }
  if ((!addsInteger && !addsRegister) || (test.op & (givesUpLeft | givesUpRight)))
    return;
  bool isFirst = test.a == add.a;
  bool isSecond = test.b == add.a;
  PreparedOp both = test;
  unsigned handler = 0;
  switch (handlers[increment + 1]) {
  case FastLtRRTrue:
  case FastLeRRTrue:
    if (!isFirst)
      return;
    handler = handlers[increment + 1] == FastLtRRTrue ? FastIncLtRR : FastIncLeRR;
    break;
  case FastLtRRFalse:
  case FastLeRRFalse:
    if (!isSecond)
      return;
    handler = handlers[increment + 1] == FastLeRRFalse ? FastIncLtRR : FastIncLeRR;
    std::swap(both.a, both.b);
    break;
  case FastLtRITrue:
  case FastGeRIFalse:
    handler = FastIncLtRI;
    break;
  case FastLeRITrue:
  case FastGtRIFalse:
    handler = FastIncLeRI;
    break;
  default:
    return;
  }
  if (handler == FastIncLtRI || handler == FastIncLeRI) {
    if (!isFirst || test.integer != static_cast<int32_t>(test.integer))
      return;
    both.b = static_cast<int32_t>(test.integer);
    both.low = test.b;
  }
  if (addsRegister) {
    if (handler != FastIncLtRR && handler != FastIncLeRR)
      return;
    handler = handler == FastIncLtRR ? FastAddLtRR : FastAddLeRR;
  }
  both.high = step;
  // What both jump to is counted from the place of each.
  both.c += static_cast<int32_t>(sizeof(PreparedOp));
  insertFront(increment, handler, both);
  result.code[increment + 2].c -= static_cast<int32_t>(sizeof(PreparedOp));
}

} // namespace fusevm
