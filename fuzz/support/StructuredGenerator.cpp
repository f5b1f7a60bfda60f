//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "StructuredGenerator.h"

#include "ChunkGenerator.h"

#include "fusevm/Support/StrCat.h"

#include <array>

namespace fusevm::fuzzing {

Chunk generateStructuredChunk(ByteReader &bytes) { return StructuredGenerator(bytes).generate(); }

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

Chunk StructuredGenerator::generate() {
  makesMistakes = bytes.chance(8);
  if (makesMistakes)
    bounds.callouts = calloutIds;
  makePools();
  planSubs();
  bool usesHosts = speculates && bytes.chance(30); // their ops are rare otherwise
  chunkEnd = builder.newLabel();
  // Otherwise what comes first would often leave nothing for the loops and subs.
  size_t part = speculates ? bytes.size() / 4 : bytes.size();
  ByteReader start(bytes.take(part));
  ByteReader loops(bytes.take(2 * part));
  ByteReader ofSubs = bytes;
  bytes = start;
  initialiseGlobals();
  if (usesHosts)
    emitHostedOps();
  if (!speculates || bytes.chance(40))
    emitStatements();
  if (speculates) {
    bytes = loops;
    emitHotLoops();
  }
  emitMainEnd();
  for (size_t i = 0; i != subs.size(); ++i) {
    if (speculates)
      bytes = ByteReader(ofSubs.take(part / subs.size()));
    emitSub(subs[i]);
  }
  builder.bind(*chunkEnd);
  for (BlockRange range : blocks)
    (void)builder.addBlockRange(range.start, range.end);
  // Nothing here can fail: pools are small and every label is bound.
  return *builder.build();
}

void StructuredGenerator::makePools() {
  for (std::string_view name : {"_", "a", "b", "x", "y", "list", "table"})
    globals.push_back(builder.name(name));
  bounds.names = globals.size();
  bounds.constants = 1 + bytes.below(8);
  for (size_t i = 0; i != bounds.constants; ++i)
    (void)builder.addConstant(makeValue(bytes));
  if (bytes.chance(30))
    builder.setSource("fuzz.src");
}

void StructuredGenerator::planSubs() {
  if (speculates)
    return planSpeculativeSubs();
  for (size_t count = bytes.below(5); count != 0; --count)
    subs.push_back({.name = builder.name(strCat("sub", subs.size())),
                    .arguments = static_cast<uint8_t>(bytes.below(4)),
                    .returnsValue = bytes.chance(70)});
}

void StructuredGenerator::initialiseGlobals() {
  if (speculates)
    return emitVariablesOfLoops();
  if (bytes.chance(80))
    builder.DeclareArray(builder.name("list"));
  if (bytes.chance(80))
    builder.DeclareHash(builder.name("table"));
  if (bytes.chance(50)) {
    emitArray();
    builder.SetSlot(0);
  }
  for (size_t count = bytes.below(4); count != 0; --count) {
    emitNumber();
    builder.SetVar(bytes.pick(globals));
  }
  initialiseSlots();
}

/// Without numbers in them, slots would be Undef most of the time.
void StructuredGenerator::initialiseSlots() {
  for (size_t slot = bytes.below(bounds.slots); slot != 0; --slot) {
    if (speculates)
      emitHardNumber();
    else
      emitNumber();
    builder.SetSlot(static_cast<uint16_t>(slot));
  }
}

void StructuredGenerator::emitNumber() {
  if (bytes.chance(70))
    builder.LoadInt(makeInteger(bytes));
  else
    builder.LoadFloat(makeFloat(bytes));
}

void StructuredGenerator::emitMainEnd() {
  switch (bytes.below(8)) {
  case 0:
    break;
  case 1:
    builder.Return();
    return;
  case 2:
    emitExpression();
    builder.ReturnValue();
    return;
  default:
    emitExpression();
    break;
  }
  builder.emitJump(Instruction::Jump(0), *chunkEnd);
}

void StructuredGenerator::emitSub(const Sub &sub) {
  currentSub = sub;
  builder.addSubEntry(sub.name, builder.currentPos());
  if (bytes.chance(5)) // a second entry of the same name is ignored
    builder.addSubEntry(sub.name, 0);
  builder.setLine(static_cast<uint32_t>(builder.currentPos() + 1));
  emitPrologue(sub);
  if (speculates && bytes.chance(50))
    emitGlobalStep();
  if (speculates && sub.arguments != 0 && bytes.chance(35))
    emitRecursion(sub);
  if (bytes.chance(40))
    initialiseSlots();
  emitStatements();
  emitReturn();
}

/// Moves the arguments to slots. Usually ends a recursion whose first argument went down
/// to zero.
void StructuredGenerator::emitPrologue(const Sub &sub) {
  if (!sub.isPlain && bytes.chance(15)) // the whole sub is a scope, from which it returns
    builder.PushFrame();
  if (sub.arguments == 0 || bytes.chance(10))
    return;
  for (uint16_t argument = sub.arguments; argument-- != 0;)
    builder.SetSlot(argument);
  if (bytes.chance(10))
    return;
  Label go = builder.newLabel();
  builder.GetSlot(0);
  builder.LoadInt(1);
  builder.NumLt();
  builder.emitJump(Instruction::JumpIfFalse(0), go);
  emitReturn();
  builder.bind(go);
}

void StructuredGenerator::emitReturn() {
  bool value = currentSub ? currentSub->returnsValue : bytes.chance(50);
  if (makesMistakes && bytes.chance(10))
    value = !value;
  if (!value) {
    builder.Return();
    return;
  }
  emitExpression();
  builder.ReturnValue();
}

void StructuredGenerator::emitOneOf(absl::Span<const Production> productions) {
  size_t total = 0;
  for (const Production &production : productions)
    total += production.weight;
  size_t choice = bytes.below(total);
  for (const Production &production : productions) {
    if (choice < production.weight)
      return (this->*production.emit)();
    choice -= production.weight;
  }
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

void StructuredGenerator::emitExpression() {
  static constexpr Production productions[] = {
      {40, &StructuredGenerator::emitLeaf},          {34, &StructuredGenerator::emitComputation},
      {12, &StructuredGenerator::emitNumeric},       {4, &StructuredGenerator::emitShuffle},
      {1, &StructuredGenerator::emitWide},           {2, &StructuredGenerator::emitArrayEdge},
      {14, &StructuredGenerator::emitChain},         {5, &StructuredGenerator::emitElement},
      {4, &StructuredGenerator::emitTexts},          {8, &StructuredGenerator::emitCallValue},
      {4, &StructuredGenerator::emitCallout},        {5, &StructuredGenerator::emitConditional},
      {3, &StructuredGenerator::emitStatementFirst}, {6, &StructuredGenerator::emitBlockValue},
      {2, &StructuredGenerator::emitEntry},
  };
  if (!mayNest())
    return emitLeaf();
  ++depth;
  if (isPlain())
    emitPlainExpression();
  else
    emitOneOf(productions);
  --depth;
}

Instruction StructuredGenerator::makeLeaf() {
  switch (bytes.below(8)) {
  case 0:
  case 1:
    return Instruction::LoadInt(makeInteger(bytes));
  case 2:
  case 3:
    return Instruction::GetSlot(static_cast<uint16_t>(bytes.below(bounds.slots + loopDepth)));
  case 4:
    return Instruction::LoadFloat(makeFloat(bytes));
  default:
    return isPlain() ? makeOperand() : make(bytes.pick(opLists().leaves));
  }
}

void StructuredGenerator::emitLeaf() { builder.emit(makeLeaf()); }

void StructuredGenerator::emitComputation() {
  reduceToOne(emitApplied(bytes.pick(opLists().computations)));
}

/// Many values on the stack at a time.
void StructuredGenerator::emitWide() {
  auto count = static_cast<uint16_t>(bytes.below(150));
  for (unsigned i = 0; i != count; ++i)
    builder.LoadInt(i);
  builder.MakeArray(count);
}

/// The last element of an array, or what is not there just behind it.
void StructuredGenerator::emitArrayEdge() {
  bool inSlot = bytes.chance(50);
  if (inSlot)
    builder.GetSlot(0);
  else
    builder.GetArray(builder.name("list"));
  builder.StringLen();
  if (bytes.chance(50))
    builder.Dec();
  if (inSlot)
    builder.SlotArrayGet(0);
  else
    builder.ArrayGet(builder.name("list"));
}

/// What arithmetic takes without an instruction of its own.
Instruction StructuredGenerator::makeOperand() {
  switch (bytes.below(5)) {
  case 0:
    return Instruction::LoadInt(makeInteger(bytes));
  case 1:
    return Instruction::LoadFloat(makeFloat(bytes));
  case 2:
    return Instruction::GetVar(bytes.pick(globals));
  default:
    return Instruction::GetSlot(static_cast<uint16_t>(bytes.below(bounds.slots + loopDepth)));
  }
}

void StructuredGenerator::emitChain() {
  if (bytes.chance(10))
    return emitProductAndSum();
  if (bytes.chance(12))
    return emitVariableChain(2 + bytes.below(3));
  emitChain(1 + bytes.below(4));
}

/// A product that is added to, or taken away from, something else.
void StructuredGenerator::emitProductAndSum() {
  bool isFirst = bytes.chance(50);
  if (!isFirst && speculates && bytes.chance(25))
    emitChosenElement();
  else if (!isFirst)
    emitOperand();
  emitVariable();
  emitVariable();
  builder.Mul();
  if (isFirst)
    emitOperand();
  builder.emit(bytes.chance(50) ? Instruction::Add() : Instruction::Sub());
}

/// A slot, or an element of one of the arrays that most programs have.
void StructuredGenerator::emitVariable() {
  builder.GetSlot(static_cast<uint16_t>(bytes.below(bounds.slots + loopDepth)));
  if (bytes.chance(40))
    emitArrayGet();
}

void StructuredGenerator::emitOperand() {
  if (bytes.chance(30))
    emitVariable();
  else
    builder.emit(makeOperand());
}

/// Operations each of which takes the result of the one before, as its left or its right
/// operand.
void StructuredGenerator::emitChain(size_t length) {
  static constexpr Opcode basic[] = {Opcode::Add, Opcode::Sub, Opcode::Mul, Opcode::Div,
                                     Opcode::Mod};
  if (length == 0)
    return emitOperand();
  Opcode opcode = bytes.chance(50) ? bytes.pick(basic) : bytes.pick(opLists().chained);
  bool isUnary = opInfo(opcode).pops == 1;
  bool isRight = bytes.chance(40) && !isUnary;
  if (isRight)
    emitOperand();
  emitChain(length - 1);
  if (!isRight && !isUnary)
    emitOperand();
  builder.emit(Instruction(opcode));
}

/// The same on variables alone: what the fast loop does two at a time.
void StructuredGenerator::emitVariableChain(size_t length) {
  static constexpr Opcode operations[] = {Opcode::Add, Opcode::Sub, Opcode::Mul};
  if (length == 0)
    return emitVariable();
  bool isRight = bytes.chance(30);
  if (isRight)
    emitVariable();
  emitVariableChain(length - 1);
  if (!isRight)
    emitVariable();
  builder.emit(Instruction(bytes.pick(operations)));
}

/// Compares what was computed just now.
void StructuredGenerator::emitChainedComparison() {
  bool isRight = bytes.chance(40);
  if (isRight)
    builder.emit(makeOperand());
  emitChain();
  if (!isRight)
    builder.emit(makeOperand());
  builder.emit(Instruction(bytes.pick(opLists().comparisons)));
}

/// The index of an element, often one that is there.
void StructuredGenerator::emitIndex() {
  if (speculates && loopDepth != 0 && bytes.chance(50))
    return (void)builder.GetSlot(static_cast<uint16_t>(loopSlot() - 1));
  switch (bytes.below(4)) {
  case 0:
    return emitChain();
  case 1:
    builder.LoadInt(static_cast<int64_t>(bytes.below(4)));
    builder.LoadInt(static_cast<int64_t>(bytes.below(4)));
    builder.Add();
    return;
  case 2:
    builder.emit(makeOperand());
    return;
  default:
    builder.LoadInt(static_cast<int64_t>(bytes.below(8)));
    return;
  }
}

/// An element of one of the arrays that most programs have.
void StructuredGenerator::emitElement() {
  emitIndex();
  emitArrayGet();
}

void StructuredGenerator::emitArrayGet() {
  if (bytes.chance(50))
    builder.SlotArrayGet(0);
  else
    builder.ArrayGet(builder.name("list"));
}

/// An entry of the hash that most programs have.
void StructuredGenerator::emitEntry() {
  emitText();
  builder.HashGet(builder.name("table"));
}

/// Something that is often a text.
void StructuredGenerator::emitText() {
  if (bytes.chance(40))
    builder.emit(makeOperand());
  else if (bytes.chance(80))
    builder.LoadConst(builder.constant(Value::makeStr(makeText(bytes))));
  else
    emitExpression();
}

/// Joins two texts, or compares them.
void StructuredGenerator::emitTexts() {
  static constexpr Opcode opcodes[] = {Opcode::Concat, Opcode::Concat, Opcode::StrEq,
                                       Opcode::StrNe};
  for (unsigned side = 0; side != 2; ++side)
    speculates &&bytes.chance(60) ? emitKey() : emitText();
  builder.emit(Instruction(bytes.pick(opcodes)));
}

void StructuredGenerator::emitNumeric() { emitPair(bytes.pick(opLists().numeric)); }

/// The sequences for which the fast loop has handlers of their own. Equal operands would
/// be rare.
void StructuredGenerator::emitPair(Opcode opcode) {
  Instruction left = makeLeaf();
  builder.emit(left);
  builder.emit(bytes.chance(20) ? left : makeLeaf());
  builder.emit(Instruction(opcode));
}

void StructuredGenerator::emitShuffle() {
  reduceToOne(emitApplied(bytes.pick(opLists().shuffles)));
}

void StructuredGenerator::emitCallValue() {
  if (subs.empty())
    return emitLeaf();
  const Sub &sub = pickCallee();
  emitCall(sub);
  if (!sub.returnsValue)
    emitLeaf();
}

void StructuredGenerator::emitCallout() {
  if (emitApplied(bytes.pick(opLists().callouts)) == 0)
    emitLeaf();
}

void StructuredGenerator::emitConditional() {
  Label otherwise = builder.newLabel();
  Label end = builder.newLabel();
  emitConditions(1);
  builder.emitJump(Instruction::JumpIfFalse(0), otherwise);
  emitExpression();
  builder.emitJump(Instruction::Jump(0), end);
  builder.bind(otherwise);
  emitExpression();
  builder.bind(end);
}

void StructuredGenerator::emitStatementFirst() {
  emitStatement();
  emitExpression();
}

void StructuredGenerator::emitBlockValue() { emitBlock(bytes.pick(opLists().blockValues)); }

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

void StructuredGenerator::emitStatements() {
  for (size_t count = bytes.below(6); count != 0 && mayNest(); --count)
    emitStatement();
}

void StructuredGenerator::emitStatement() {
  static constexpr Production productions[] = {
      {20, &StructuredGenerator::emitSimpleStatement}, {24, &StructuredGenerator::emitAssignment},
      {10, &StructuredGenerator::emitPrint},           {6, &StructuredGenerator::emitDiscard},
      {12, &StructuredGenerator::emitBranch},          {16, &StructuredGenerator::emitLoop},
      {8, &StructuredGenerator::emitBlockStatement},   {6, &StructuredGenerator::emitScope},
      {5, &StructuredGenerator::emitEarlyReturn},      {4, &StructuredGenerator::emitContinue},
      {8, &StructuredGenerator::emitCallStatement},    {1, &StructuredGenerator::emitHosted},
      {2, &StructuredGenerator::emitMistake},          {6, &StructuredGenerator::emitElementStore},
  };
  if (!mayNest())
    return;
  ++depth;
  if (bytes.chance(60))
    builder.setLine(static_cast<uint32_t>(builder.currentPos() / 3 + 1));
  if (speculates)
    emitSpeculativeStatement();
  else
    emitOneOf(productions);
  --depth;
}

void StructuredGenerator::emitSimpleStatement() {
  emitPops(emitApplied(bytes.pick(opLists().statements)));
}

void StructuredGenerator::emitAssignment() {
  static constexpr Production productions[] = {
      {10, &StructuredGenerator::emitExpression}, {16, &StructuredGenerator::emitChain},
      {2, &StructuredGenerator::emitTexts},       {2, &StructuredGenerator::emitElement},
      {2, &StructuredGenerator::emitEntry},
  };
  emitOneOf(productions);
  if (bytes.chance(60))
    builder.SetSlot(static_cast<uint16_t>(bytes.below(bounds.slots)));
  else
    builder.SetVar(bytes.pick(globals));
}

void StructuredGenerator::emitElementStore() {
  if (bytes.chance(40))
    builder.emit(makeOperand());
  else
    emitExpression();
  if (bytes.chance(30)) {
    emitText();
    builder.HashSet(builder.name("table"));
    return;
  }
  emitIndex();
  if (bytes.chance(50))
    builder.SlotArraySet(0);
  else
    builder.ArraySet(builder.name("list"));
}

void StructuredGenerator::emitPrint() {
  size_t count = bytes.below(3);
  for (size_t i = 0; i != count; ++i)
    emitExpression();
  builder.PrintLn(static_cast<uint8_t>(count));
}

void StructuredGenerator::emitDiscard() {
  emitExpression();
  builder.Pop();
}

void StructuredGenerator::emitBranch() {
  Instruction branch = make(bytes.pick(opLists().branches));
  StackEffect effect = stackEffect(branch);
  emitConditions(effect.pops);
  Label end = builder.newLabel();
  builder.emitJump(branch, end);
  emitStatements();
  builder.bind(end);
  emitPops(effect.pushes);
}

void StructuredGenerator::emitBlockStatement() { emitBlock(bytes.pick(opLists().blockStatements)); }

void StructuredGenerator::emitScope() {
  builder.PushFrame();
  emitStatements();
  if (bytes.chance(30)) // PopFrame drops what is left
    emitExpression();
  builder.PopFrame();
}

void StructuredGenerator::emitEarlyReturn() {
  Label go = builder.newLabel();
  emitConditions(1);
  builder.emitJump(Instruction::JumpIfTrue(0), go);
  emitReturn();
  builder.bind(go);
}

void StructuredGenerator::emitContinue() {
  if (blockEnds.empty())
    return emitDiscard();
  emitConditions(1);
  builder.emitJump(Instruction::JumpIfTrue(0), blockEnds.back());
}

void StructuredGenerator::emitCallStatement() {
  if (subs.empty())
    return emitDiscard();
  const Sub &sub = pickCallee();
  emitCall(sub);
  emitPops(sub.returnsValue);
}

/// An op of the shell or AWK; the latter end the run in an error.
void StructuredGenerator::emitHosted() {
  if (!bytes.chance(speculates ? 60 : 20))
    return emitDiscard();
  emitPops(emitApplied(bytes.pick(opLists().hosted)));
}

/// Anything at all, which usually makes the stack shape unknown.
void StructuredGenerator::emitMistake() {
  if (!makesMistakes)
    return emitSimpleStatement();
  Instruction instruction = make(bytes.pick(opLists().core));
  if (instruction.info().control == ControlKind::Block)
    return emitDiscard();
  if (instruction.targetOperand() >= 0)
    builder.emitJump(instruction, blockEnds.empty() ? *chunkEnd : blockEnds.back());
  else
    builder.emit(instruction);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void StructuredGenerator::emitLoop() {
  static constexpr Production productions[] = {
      {6, &StructuredGenerator::emitCountingLoop}, {5, &StructuredGenerator::emitFusedLoop},
      {4, &StructuredGenerator::emitGuardedLoop},  {2, &StructuredGenerator::emitConditionLoop},
      {1, &StructuredGenerator::emitEndlessLoop},  {5, &StructuredGenerator::emitSteppedLoop},
  };
  builder.LoadInt(static_cast<int64_t>(bytes.below(3)));
  builder.SetSlot(loopSlot());
  ++loopDepth;
  emitOneOf(productions);
  --loopDepth;
}

void StructuredGenerator::emitCountingLoop() {
  auto counter = static_cast<uint16_t>(loopSlot() - 1);
  Label top = builder.newLabel();
  builder.bind(top);
  emitStatements();
  builder.GetSlot(counter);
  builder.Inc();
  builder.Dup();
  builder.SetSlot(counter);
  builder.LoadInt(static_cast<int64_t>(bytes.below(20)));
  builder.NumLt();
  builder.emitJump(Instruction::JumpIfTrue(0), top);
}

void StructuredGenerator::emitFusedLoop() {
  auto counter = static_cast<uint16_t>(loopSlot() - 1);
  auto limit = static_cast<int32_t>(bytes.below(30));
  Label top = builder.newLabel();
  Label end = builder.newLabel();
  bool tested = bytes.chance(50);
  if (tested)
    builder.emitJump(Instruction::SlotLtIntJumpIfFalse(counter, limit, 0), end);
  builder.bind(top);
  emitStatements();
  builder.emitJump(Instruction::SlotIncLtIntJumpBack(counter, limit, 0), top);
  builder.bind(end);
}

/// A loop that any branch of the table closes; a counter sees to it that it ends.
void StructuredGenerator::emitGuardedLoop() {
  auto counter = static_cast<uint16_t>(loopSlot() - 1);
  Instruction branch = make(bytes.pick(opLists().branches));
  StackEffect effect = stackEffect(branch);
  Label top = builder.newLabel();
  Label end = builder.newLabel();
  for (uint32_t i = 0; i != effect.pushes; ++i)
    builder.LoadUndef();
  builder.bind(top);
  emitPops(effect.pushes);
  builder.PreIncSlotVoid(counter);
  builder.emitJump(
      Instruction::SlotLtIntJumpIfFalse(counter, static_cast<int32_t>(bytes.below(30)), 0), end);
  emitStatements();
  emitConditions(effect.pops);
  builder.emitJump(branch, top);
  emitPops(effect.pushes);
  builder.bind(end);
}

void StructuredGenerator::emitConditionLoop() {
  Label top = builder.newLabel();
  Label end = builder.newLabel();
  builder.bind(top);
  emitConditions(1);
  builder.emitJump(Instruction::JumpIfFalse(0), end);
  emitStatements();
  builder.emitJump(Instruction::Jump(0), top);
  builder.bind(end);
}

/// A loop as frontends emit it, with a test at its top and a step at its end.
void StructuredGenerator::emitSteppedLoop() {
  auto counter = static_cast<uint16_t>(loopSlot() - 1);
  Label top = builder.newLabel();
  Label end = builder.newLabel();
  builder.bind(top);
  Instruction limit = bytes.chance(50) ? Instruction::LoadInt(static_cast<int64_t>(bytes.below(20)))
                                       : makeOperand();
  bool isSecond = bytes.chance(70);
  builder.emit(isSecond ? Instruction::GetSlot(counter) : limit);
  builder.emit(isSecond ? limit : Instruction::GetSlot(counter));
  builder.emit(Instruction(bytes.pick(opLists().comparisons)));
  builder.emitJump(bytes.chance(50) ? Instruction::JumpIfFalse(0) : Instruction::JumpIfTrue(0),
                   end);
  emitStatements();
  Instruction step = bytes.chance(60) ? Instruction::LoadInt(1) : makeOperand();
  bool isLeft = bytes.chance(30);
  builder.emit(isLeft ? step : Instruction::GetSlot(counter));
  builder.emit(isLeft ? Instruction::GetSlot(counter) : step);
  builder.Add();
  builder.SetSlot(counter);
  builder.emitJump(Instruction::Jump(0), top);
  builder.bind(end);
}

void StructuredGenerator::emitEndlessLoop() {
  if (bytes.chance(70))
    return emitCountingLoop();
  Label top = builder.newLabel();
  builder.bind(top);
  emitStatements();
  builder.emitJump(Instruction::Jump(0), top);
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

size_t StructuredGenerator::emitApplied(Opcode opcode) {
  Instruction instruction = make(opcode);
  StackEffect effect = stackEffect(instruction);
  for (uint32_t i = 0; i != effect.pops; ++i)
    emitExpression();
  builder.emit(instruction);
  return effect.pushes;
}

void StructuredGenerator::reduceToOne(size_t count) {
  for (; count > 1; --count) {
    if (bytes.chance(50))
      builder.Add();
    else
      builder.Pop();
  }
}

/// Emits the operands of a branch, often comparisons.
void StructuredGenerator::emitConditions(size_t count) {
  for (; count != 0; --count) {
    switch (bytes.below(8)) {
    case 0:
    case 1:
      emitExpression();
      break;
    case 2:
    case 3:
      emitChainedComparison();
      break;
    case 4:
      emitTexts();
      break;
    case 5:
      builder.emit(makeOperand());
      builder.emit(makeOperand());
      builder.emit(Instruction(bytes.pick(opLists().comparisons)));
      break;
    default:
      emitPair(bytes.pick(opLists().comparisons));
      break;
    }
    for (size_t nots = bytes.below(8); nots > 5; --nots)
      builder.LogNot();
  }
}

void StructuredGenerator::emitPops(size_t count) {
  for (; count != 0; --count)
    builder.Pop();
}

const StructuredGenerator::Sub &StructuredGenerator::pickCallee() {
  const Sub &sub = bytes.pick(subs);
  return isPlain() && !sub.isPlain ? *currentSub : sub;
}

void StructuredGenerator::emitCall(const Sub &sub) {
  for (unsigned argument = 0; argument != sub.arguments; ++argument) {
    if (argument == 0 && currentSub && bytes.chance(80)) {
      builder.GetSlot(0);
      builder.Dec();
    } else if (argument == 0 && bytes.chance(speculates ? 65 : 40)) {
      builder.LoadInt(
          static_cast<int64_t>(bytes.below(speculates && bytes.chance(30) ? 5000 : 120)));
    } else {
      emitExpression();
    }
  }
  builder.Call(sub.name, sub.arguments);
}

/// Emits something that is often an array.
void StructuredGenerator::emitArray() {
  if (bytes.chance(30))
    return emitExpression();
  if (bytes.chance(30)) {
    builder.GetArray(builder.name("list"));
    return;
  }
  if (bytes.chance(50)) {
    builder.LoadInt(1);
    builder.LoadInt(static_cast<int64_t>(bytes.below(9)));
    builder.Range();
    return;
  }
  auto count = static_cast<uint16_t>(bytes.below(7));
  for (unsigned i = 0; i != count; ++i)
    emitLeaf();
  builder.MakeArray(count);
}

void StructuredGenerator::emitBlock(Opcode opcode) {
  auto block = static_cast<uint16_t>(blocks.size());
  blocks.push_back({0, 0});
  Instruction instruction(opcode);
  instruction.setOperand(0, block);
  // The body lies behind the op or in front of it.
  bool bodyFirst = bytes.chance(30);
  Label over = builder.newLabel();
  if (!bodyFirst) {
    emitArray();
    builder.emit(instruction);
  }
  builder.emitJump(Instruction::Jump(0), over);
  emitBlockBody(block, opcode == Opcode::SortBlock ? 2 : 1);
  builder.bind(over);
  if (bodyFirst) {
    emitArray();
    builder.emit(instruction);
  }
}

/// \p values are on the stack when the body is entered.
void StructuredGenerator::emitBlockBody(uint16_t block, size_t values) {
  blocks[block].start = builder.currentPos();
  blockEnds.push_back(builder.newLabel());
  if (values == 2 && bytes.chance(70))
    builder.emit(make(bytes.chance(50) ? Opcode::Spaceship : Opcode::StrCmp));
  emitStatements();
  switch (bytes.below(5)) {
  case 0:
    break; // the element is the result
  case 1:
    emitExpression();
    break;
  case 2:
    emitExpression();
    builder.Add();
    break;
  case 3:
    builder.Pop();
    break;
  case 4:
    builder.PushFrame(); // never closed
    emitExpression();
    break;
  }
  builder.bind(blockEnds.back());
  blockEnds.pop_back();
  blocks[block].end = builder.currentPos();
}

} // namespace fusevm::fuzzing
