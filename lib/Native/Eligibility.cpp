//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Which chunks native code is asked to run, judged by their ops.

#include "UnitRegistry.h"

#include "../Interp/PreparedChunk.h"

#include "fusevm/Native/Jit.h"

#include <algorithm>
#include <bitset>
#include <initializer_list>

namespace fusevm {

using enum Opcode;

/// Compute from the stack, slots and literals, and go on with the next op.
static constexpr std::initializer_list<Opcode> computing = {
    Nop,
    LoadInt,
    LoadFloat,
    LoadConst,
    LoadTrue,
    LoadFalse,
    Pop,
    Dup,
    Swap,
    Rot,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    PowFloat,
    SqrtFloat,
    SinFloat,
    CosFloat,
    ExpFloat,
    Atan2Float,
    LogFloat,
    AbsFloat,
    TruncInt,
    CeilFloat,
    FloorFloat,
    TruncFloat,
    RoundFloat,
    TanFloat,
    AsinFloat,
    AcosFloat,
    AtanFloat,
    SinhFloat,
    CoshFloat,
    TanhFloat,
    Log2Float,
    Log10Float,
    AbsInt,
    GcdInt,
    LcmInt,
    TimeInt,
    Negate,
    Inc,
    Dec,
    NumEq,
    NumNe,
    NumLt,
    NumGt,
    NumLe,
    NumGe,
    Spaceship,
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    Shl,
    Shr,
    LogNot,
    GetSlot,
    SetSlot,
    PreIncSlot,
    PreIncSlotVoid,
    AccumSumLoop,
    AddAssignSlotVoid,
};

/// The same; and only the block tier is asked to run them.
static constexpr std::initializer_list<Opcode> ofBlocks = {
    PreDecSlot, PostIncSlot, PostDecSlot,  AwkInt,       AwkMkbool,   AwkSin,         AwkCos,
    AwkExp,     AwkAtan2,    AwkAnd,       AwkOr,        AwkXor,      AwkDivJit,      AwkModJit,
    AwkSqrtJit, AwkLogJit,   AwkLshiftJit, AwkRshiftJit, AwkComplJit, AwkGetFieldNum,
};

/// Jumps and scopes, for either.
static constexpr std::initializer_list<Opcode> leading = {
    Jump, JumpIfTrue, JumpIfFalse, SlotLtIntJumpIfFalse, SlotIncLtIntJumpBack, PushFrame, PopFrame,
};

/// Worth compiling too, for a VM.
static constexpr std::initializer_list<Opcode> ofPrograms = {
    LoadUndef, Dup2,  GetVar, SetVar,      DeclareVar, Concat,    StringRepeat,   StringLen,
    StrEq,     StrNe, StrLt,  StrGt,       StrLe,      StrGe,     StrCmp,         LogAnd,
    LogOr,     Call,  Return, ReturnValue, SetStatus,  GetStatus, JumpIfTrueKeep, JumpIfFalseKeep,
};

using OpSet = std::bitset<numOpcodes>;

static OpSet setOf(std::initializer_list<std::initializer_list<Opcode>> lists) {
  OpSet set;
  for (const std::initializer_list<Opcode> &list : lists)
    for (Opcode opcode : list)
      set.set(static_cast<size_t>(opcode));
  return set;
}

static bool contains(const OpSet &set, const Instruction &instruction) {
  return set.test(static_cast<size_t>(instruction.opcode()));
}

/// Whether one of \p extensions has code for the extension op \p instruction.
static bool canEmit(const std::vector<std::shared_ptr<const JitExtension>> &extensions,
                    const Instruction &instruction) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const auto &extension) { return extension->canEmit(instruction.a()); });
}

bool JitCompiler::isEligible(const Chunk &chunk) const {
  static const OpSet worthIt = setOf({computing, leading, ofPrograms});
  return std::all_of(chunk.ops.begin(), chunk.ops.end(), [this](const Instruction &instruction) {
    Opcode opcode = instruction.opcode();
    return contains(worthIt, instruction) ||
           ((opcode == Extended || opcode == ExtendedWide) && canEmit(emitters, instruction));
  });
}

/// Whether \p instruction is one that isBlockEligible() allows.
bool JitCompiler::isBlockOp(const Instruction &instruction) const {
  static const OpSet blockOps = setOf({computing, ofBlocks, leading});
  return contains(blockOps, instruction) ||
         (instruction.opcode() == Extended && canEmit(emitters, instruction));
}

bool JitCompiler::isBlockEligible(const Chunk &chunk) {
  return !chunk.ops.empty() &&
         std::all_of(chunk.ops.begin(), chunk.ops.end(),
                     [this](const Instruction &instruction) { return isBlockOp(instruction); }) &&
         nativeEngine.open().ok();
}

bool JitCompiler::isLinearEligible(const Chunk &chunk) {
  bool isStraight = std::all_of(chunk.ops.begin(), chunk.ops.end(), [](const auto &instruction) {
    return instruction.info().control == ControlKind::Next && instruction.opcode() != Extended;
  });
  if (!isStraight || !isBlockEligible(chunk))
    return false;
  const ChunkAnalysis &analysis = preparedFormOf(chunk)->analysis;
  if (analysis.disposition != Disposition::Fast)
    return false;
  StackEffect last = stackEffect(chunk.ops.back());
  return analysis.heights.back() - int64_t{last.pops} + int64_t{last.pushes} == 1;
}

bool JitCompiler::isBlockCompiled(const Chunk &chunk) {
  return unitRegistry->hasUnit(preparedFormOf(chunk).get());
}

} // namespace fusevm
