//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Programs of what native code assumes, and of what makes that wrong: kinds that change while
/// a loop runs, numbers at the edges, subs that are called natively.

#include "StructuredGenerator.h"

#include "ChunkGenerator.h"

#include "fusevm/Support/StrCat.h"

#include <cmath>
#include <limits>

namespace fusevm::fuzzing {

Chunk generateSpeculativeChunk(ByteReader &bytes) {
  return StructuredGenerator(bytes, /*speculates=*/true).generate();
}

void StructuredGenerator::planSpeculativeSubs() {
  for (size_t count = 1 + bytes.below(3); count != 0; --count)
    subs.push_back({.name = builder.name(strCat("sub", subs.size())),
                    .arguments = static_cast<uint8_t>(bytes.below(4)),
                    .returnsValue = bytes.chance(80),
                    .isPlain = bytes.chance(75)});
}

/// Arrays of numbers, mostly of one kind, in slot 0 and in a global, a hash and numbers.
void StructuredGenerator::emitVariablesOfLoops() {
  if (bytes.chance(80)) {
    emitArrayOfNumbers();
    builder.SetArray(builder.name("list"));
  } else {
    builder.DeclareArray(builder.name("list"));
  }
  if (bytes.chance(90))
    builder.DeclareHash(builder.name("table"));
  for (size_t count = bytes.below(3); count != 0; --count) {
    emitHardNumber();
    builder.SetVar(pickScalarGlobal());
  }
  if (bytes.chance(15))
    builder.GetArray(builder.name("list")); // which is shared then
  else
    emitArrayOfNumbers();
  builder.SetSlot(0);
  initialiseSlots();
}

/// A few ops of the shell or AWK, which have operands of any kind.
void StructuredGenerator::emitHostedOps() {
  for (size_t count = 1 + bytes.below(3); count != 0; --count) {
    Instruction instruction = make(bytes.pick(opLists().hosted));
    StackEffect effect = stackEffect(instruction);
    for (uint32_t i = 0; i != effect.pops; ++i)
      emitAnyKind();
    builder.emit(instruction);
    for (uint32_t i = 0; i != effect.pushes; ++i)
      emitKeep();
  }
}

void StructuredGenerator::emitArrayOfNumbers() {
  // What goes wrong with each other.
  static constexpr int64_t pairs[][2] = {{std::numeric_limits<int64_t>::min(), -1},
                                         {std::numeric_limits<int64_t>::max(), 1},
                                         {std::numeric_limits<int64_t>::min(), 1},
                                         {-7, 2},
                                         {7, 0},
                                         {1, 64},
                                         {-1, 65},
                                         {3037000500, 3037000500}};
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  static constexpr double floatPairs[][2] = {{nan, nan},      {nan, 1.0}, {0.0, nan},
                                             {0x1p63, 0.0},   {2.5, 2.5}, {-0x1p64, -1.0},
                                             {1e300, -1e300}, {0.5, 64.0}};
  static_assert(std::size(pairs) == std::size(floatPairs));
  unsigned count = 3 + bytes.below(5);
  unsigned first = bytes.below(std::size(pairs));
  size_t choice = bytes.below(10);
  for (unsigned i = 0; i != count; ++i) {
    size_t number = (first + i) % std::size(pairs);
    for (unsigned side : {0, 1})
      if (choice < 3)
        builder.LoadInt(pairs[number][side]);
      else if (choice < 6)
        builder.LoadFloat(floatPairs[number][side]);
      else if (choice == 6)
        builder.LoadFloat(0.5 * i + side);
      else
        builder.LoadInt(2 * i + side);
  }
  if (choice == 9)
    emitAnyKind();
  builder.MakeArray(static_cast<uint16_t>(2 * count + (choice == 9)));
}

/// Loops that are run often enough to find out what was assumed wrongly.
void StructuredGenerator::emitHotLoops() {
  for (size_t count = 1 + bytes.below(2); count != 0; --count) {
    ByteReader afterwards = bytes;
    bytes = ByteReader(afterwards.take(bytes.size() / count));
    auto counter = static_cast<uint16_t>(loopSlot());
    auto limit = static_cast<int32_t>(4 + bytes.below(20));
    builder.LoadInt(0);
    builder.SetSlot(counter);
    ++loopDepth;
    Label top = builder.newLabel();
    builder.bind(top);
    emitHotBody();
    if (bytes.chance(50)) {
      builder.emitJump(Instruction::SlotIncLtIntJumpBack(counter, limit, 0), top);
    } else {
      builder.PreIncSlot(counter);
      builder.LoadInt(limit);
      builder.NumLt();
      builder.emitJump(Instruction::JumpIfTrue(0), top);
    }
    --loopDepth;
    bytes = afterwards;
  }
}

void StructuredGenerator::emitHotBody() {
  static constexpr Production productions[] = {
      {10, &StructuredGenerator::emitAssignment},
      {4, &StructuredGenerator::emitTurn},
      {6, &StructuredGenerator::emitElementStore},
      {5, &StructuredGenerator::emitSlotStep},
      {8, &StructuredGenerator::emitGrowth},
      {4, &StructuredGenerator::emitBranch},
      {14, &StructuredGenerator::emitCallStatement},
      {4, &StructuredGenerator::emitDiscard},
      {4, &StructuredGenerator::emitSpeculativeStatement},
      {8, &StructuredGenerator::emitElementSum},
      {5, &StructuredGenerator::emitNeighbours},
      {14, &StructuredGenerator::emitBattery},
      {8, &StructuredGenerator::emitEntryStep},
      {8, &StructuredGenerator::emitTextStep},
      {18, &StructuredGenerator::emitStaleStatement},
      {3, &StructuredGenerator::emitHosted},
      {5, &StructuredGenerator::emitCalloutStatement},
  };
  for (size_t count = 1 + bytes.below(3); count != 0; --count) {
    depth += 2; // bodies are small
    emitOneOf(productions);
    depth -= 2;
  }
}

void StructuredGenerator::emitSpeculativeStatement() {
  static constexpr Production anywhere[] = {
      {24, &StructuredGenerator::emitAssignment},     {14, &StructuredGenerator::emitLoop},
      {12, &StructuredGenerator::emitTurn},           {8, &StructuredGenerator::emitElementStore},
      {8, &StructuredGenerator::emitSlotStep},        {8, &StructuredGenerator::emitGrowth},
      {8, &StructuredGenerator::emitBranch},          {2, &StructuredGenerator::emitEarlyReturn},
      {8, &StructuredGenerator::emitCallStatement},   {3, &StructuredGenerator::emitDiscard},
      {10, &StructuredGenerator::emitStaleStatement},
  };
  static constexpr Production inFrames[] = {
      {8, &StructuredGenerator::emitSimpleStatement}, {6, &StructuredGenerator::emitPrint},
      {6, &StructuredGenerator::emitScope},           {4, &StructuredGenerator::emitBlockStatement},
      {3, &StructuredGenerator::emitContinue},        {4, &StructuredGenerator::emitHosted},
  };
  if (!isPlain() && bytes.chance(20))
    emitOneOf(inFrames);
  else
    emitOneOf(anywhere);
}

/// Has the embedder do something, which native code has to notice.
void StructuredGenerator::emitCalloutStatement() {
  for (size_t count = emitApplied(bytes.pick(opLists().callouts)); count != 0; --count)
    emitKeep();
}

/// Calls the sub with its first argument reduced, which its beginning mostly ends at last.
void StructuredGenerator::emitRecursion(const Sub &sub) {
  builder.GetSlot(0);
  builder.Dec();
  for (unsigned argument = 1; argument != sub.arguments; ++argument)
    builder.emit(makeOperand());
  builder.Call(sub.name, sub.arguments);
  if (sub.returnsValue)
    emitStore();
}

/// An expression in a sub that is called natively.
void StructuredGenerator::emitPlainExpression() {
  static constexpr Production productions[] = {
      {24, &StructuredGenerator::emitLeaf},     {26, &StructuredGenerator::emitChain},
      {10, &StructuredGenerator::emitElement},  {12, &StructuredGenerator::emitCallValue},
      {6, &StructuredGenerator::emitNumeric},   {6, &StructuredGenerator::emitConditional},
      {5, &StructuredGenerator::emitTexts},     {6, &StructuredGenerator::emitStatementFirst},
      {4, &StructuredGenerator::emitShuffle},   {3, &StructuredGenerator::emitEntry},
      {5, &StructuredGenerator::emitAnyKind},   {3, &StructuredGenerator::emitChainedComparison},
      {2, &StructuredGenerator::emitArrayEdge},
  };
  emitOneOf(productions);
}

/// Gives a variable a value of any kind, mostly in some iterations of the loop around only.
void StructuredGenerator::emitTurn() {
  Label end = builder.newLabel();
  emitSometimes(end);
  emitAnyKind();
  emitStore();
  builder.bind(end);
}

/// Jumps to \p otherwise, in some iterations of the loop around.
void StructuredGenerator::emitSometimes(Label otherwise) {
  static constexpr Opcode opcodes[] = {Opcode::NumEq, Opcode::NumEq, Opcode::NumGt, Opcode::NumLt};
  if (loopDepth == 0 || bytes.chance(15)) {
    emitConditions(1);
  } else {
    builder.GetSlot(static_cast<uint16_t>(loopSlot() - 1));
    builder.LoadInt(static_cast<int64_t>(bytes.below(12)));
    builder.emit(Instruction(bytes.pick(opcodes)));
  }
  builder.emitJump(Instruction::JumpIfFalse(0), otherwise);
}

/// Computes a variable from itself, so that it soon is at the edges of its kind.
void StructuredGenerator::emitGrowth() {
  static constexpr Opcode opcodes[] = {
      Opcode::Mul,    Opcode::Mul,    Opcode::Add,     Opcode::Sub, Opcode::Shl,
      Opcode::Shr,    Opcode::Mod,    Opcode::Div,     Opcode::Pow, Opcode::BitXor,
      Opcode::Negate, Opcode::AbsInt, Opcode::TruncInt};
  auto slot = static_cast<uint16_t>(bytes.below(bounds.slots));
  Opcode opcode = bytes.pick(opcodes);
  builder.GetSlot(slot);
  if (opInfo(opcode).pops == 2) {
    if (bytes.chance(50))
      builder.GetSlot(static_cast<uint16_t>(bytes.below(bounds.slots + loopDepth)));
    else
      emitHardNumber();
  }
  builder.emit(Instruction(opcode));
  builder.SetSlot(bytes.chance(80) ? slot : static_cast<uint16_t>(bytes.below(bounds.slots)));
}

/// Adds an element, or something like it, to a variable.
void StructuredGenerator::emitElementSum() {
  static constexpr Opcode opcodes[] = {Opcode::Add, Opcode::Add, Opcode::Sub, Opcode::Mul,
                                       Opcode::NumLt};
  auto slot = static_cast<uint16_t>(1 + bytes.below(bounds.slots - 1));
  bool isLeft = bytes.chance(50);
  if (isLeft)
    builder.GetSlot(slot);
  emitElement();
  if (!isLeft)
    builder.GetSlot(slot);
  builder.emit(Instruction(bytes.pick(opcodes)));
  builder.SetSlot(slot);
}

/// Computes something from two elements that follow each other. The compiler cannot know them.
void StructuredGenerator::emitNeighbours() {
  static constexpr Opcode opcodes[] = {
      Opcode::Mod,   Opcode::Mod,   Opcode::Div,    Opcode::Mul,       Opcode::Shl,
      Opcode::Shr,   Opcode::Add,   Opcode::Sub,    Opcode::Pow,       Opcode::GcdInt,
      Opcode::NumEq, Opcode::NumNe, Opcode::NumLt,  Opcode::NumLe,     Opcode::NumGt,
      Opcode::NumGe, Opcode::NumGe, Opcode::LcmInt, Opcode::Spaceship, Opcode::LogAnd};
  static constexpr Opcode unary[] = {Opcode::AbsInt, Opcode::TruncInt, Opcode::LogNot,
                                     Opcode::Negate};
  auto counter = static_cast<uint16_t>(loopSlot() - 1);
  builder.GetSlot(counter);
  builder.SlotArrayGet(0);
  if (bytes.chance(25)) {
    builder.emit(Instruction(bytes.pick(unary)));
    return emitStore();
  }
  builder.GetSlot(counter);
  builder.Inc();
  builder.SlotArrayGet(0);
  builder.emit(Instruction(bytes.pick(opcodes)));
  if (bytes.chance(20))
    builder.emit(Instruction(bytes.pick(unary)));
  emitStore();
}

/// One of few keys: the same text is often looked up again, or another one with the same bytes.
void StructuredGenerator::emitKey() {
  static constexpr std::string_view keys[] = {"a", "a", "a", "b", "first", "fifth", "second"};
  if (bytes.chance(15))
    return emitText();
  builder.LoadConst(builder.constant(Value::makeStr(bytes.pick(keys))));
  if (bytes.chance(15)) {
    builder.LoadConst(builder.constant(Value::makeStr("x")));
    builder.Concat();
  }
}

/// Changes an entry of the hash that most programs have, or looks at one.
void StructuredGenerator::emitEntryStep() {
  uint16_t table = builder.name("table");
  switch (bytes.below(9)) {
  case 0:
    emitKey();
    builder.HashDelete(table);
    return emitKeep();
  case 1:
  case 2:
    emitKey();
    bytes.chance(70) ? builder.HashGet(table) : builder.HashExists(table);
    return emitKeep();
  case 3:
  case 4:
  case 5:
    emitKey();
    builder.HashGet(table);
    emitHardNumber();
    builder.Add();
    break;
  case 6:
  case 7:
    emitKey();
    break;
  default:
    emitAnyKind();
    break;
  }
  emitKey();
  builder.HashSet(table);
}

/// Adds to a text in a variable, asks for its length, or compares texts.
void StructuredGenerator::emitTextStep() {
  static constexpr Opcode comparisons[] = {Opcode::StrEq, Opcode::StrNe, Opcode::StrLt,
                                           Opcode::StrGt, Opcode::StrLe, Opcode::StrGe,
                                           Opcode::StrCmp};
  auto slot = static_cast<uint16_t>(bytes.below(bounds.slots));
  switch (bytes.below(6)) {
  case 0:
  case 1:
    builder.GetSlot(slot);
    emitKey();
    builder.Concat();
    return (void)builder.SetSlot(slot);
  case 2:
    builder.GetSlot(slot);
    builder.StringLen();
    break;
  default:
    emitKey();
    bytes.chance(65) ? emitKey() : emitText();
    builder.emit(Instruction(bytes.pick(comparisons)));
    break;
  }
  emitKeep();
}

/// One of the ops that count in a slot.
void StructuredGenerator::emitSlotStep() {
  auto slot = static_cast<uint16_t>(bytes.below(bounds.slots));
  switch (bytes.below(7)) {
  case 0:
    return (void)builder.PreIncSlotVoid(slot);
  case 1:
    return (void)builder.PreIncSlotVoid(static_cast<uint16_t>(bytes.below(bounds.slots)));
  case 2:
    return (void)builder.AddAssignSlotVoid(
        slot, static_cast<uint16_t>(bytes.below(bounds.slots + loopDepth)));
  case 3:
    builder.PreIncSlot(slot);
    break;
  case 4:
    builder.PreDecSlot(slot);
    break;
  case 5:
    builder.PostIncSlot(slot);
    break;
  default:
    builder.PostDecSlot(slot);
    break;
  }
  emitStore();
}

/// A number with which arithmetic goes wrong most easily.
void StructuredGenerator::emitHardNumber() {
  static constexpr int64_t integers[] = {0,
                                         1,
                                         -1,
                                         2,
                                         3,
                                         63,
                                         64,
                                         65,
                                         -2,
                                         7,
                                         127,
                                         1000,
                                         3037000500,
                                         std::numeric_limits<int64_t>::min(),
                                         std::numeric_limits<int64_t>::max()};
  static constexpr double floats[] = {0.0,
                                      -0.0,
                                      0.5,
                                      -1.5,
                                      3.0,
                                      1e300,
                                      0x1p63,
                                      -0x1p63,
                                      1e-300,
                                      64.0,
                                      std::numeric_limits<double>::quiet_NaN(),
                                      std::numeric_limits<double>::infinity()};
  if (bytes.chance(65))
    builder.LoadInt(bytes.pick(integers));
  else
    builder.LoadFloat(bytes.pick(floats));
}

/// A number or an element, with a place in front of which the element is loaded and to which
/// the other way jumps.
void StructuredGenerator::emitChosenElement() {
  Label otherwise = builder.newLabel();
  Label end = builder.newLabel();
  emitConditions(1);
  builder.emitJump(Instruction::JumpIfFalse(0), otherwise);
  emitHardNumber();
  builder.emitJump(Instruction::Jump(0), end);
  builder.bind(otherwise);
  builder.GetSlot(static_cast<uint16_t>(bytes.below(bounds.slots + loopDepth)));
  builder.SlotArrayGet(0);
  builder.bind(end);
}

static Value makeRareKind(ByteReader &bytes) {
  switch (bytes.below(3)) {
  case 0:
    return Value::makeStatus(static_cast<int32_t>(bytes.below(3)));
  case 1:
    return Value::makeNativeFn(static_cast<uint16_t>(bytes.below(3)));
  default:
    return Value::makeRef(Value::makeInt(1));
  }
}

/// A value of any kind.
void StructuredGenerator::emitAnyKind() {
  switch (bytes.below(10)) {
  case 0:
  case 1:
  case 2:
    return emitHardNumber();
  case 8:
    return (void)builder.LoadConst(builder.constant(makeRareKind(bytes)));
  case 3:
    return (void)builder.LoadUndef();
  case 4:
    return (void)(bytes.chance(50) ? builder.LoadTrue() : builder.LoadFalse());
  case 5:
    return (void)builder.LoadConst(builder.constant(Value::makeStr(makeText(bytes))));
  case 6:
    return (void)builder.LoadConst(static_cast<uint16_t>(bytes.below(bounds.constants)));
  case 7:
    return (void)builder.GetArray(builder.name("list"));
  default:
    builder.LoadInt(static_cast<int64_t>(bytes.below(9)));
    builder.LoadFloat(0.25);
    builder.LoadUndef();
    return (void)builder.MakeArray(3);
  }
}

/// Pops a value into a variable.
void StructuredGenerator::emitStore() {
  if (bytes.chance(70))
    builder.SetSlot(static_cast<uint16_t>(bytes.below(bounds.slots)));
  else
    builder.SetVar(bytes.chance(85) ? pickScalarGlobal() : bytes.pick(globals));
}

} // namespace fusevm::fuzzing
