//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Translates ops to the instructions of the fast loop.

#include "PreparedChunk.h"

#include "Machine.h"

#include <optional>

namespace fusevm {

namespace {

/// The handlers of the fast loop. Those for which an op of the same name exists stand for
/// that op; the others are shared.
enum FastHandler : uint8_t {
#define FUSEVM_FAST(Name) Fast##Name,
#include "FastHandlers.def"
};

/// Returns the handler of \p instruction and fills in what it needs.
FastHandler translate(const Chunk &chunk, const absl::flat_hash_map<uint16_t, uint64_t> &entries,
                      const ChunkAnalysis &analysis, const Instruction &instruction,
                      PreparedOp &prepared) {
  const OpInfo &info = instruction.info();
  auto scalar = [&prepared](const Value &value) {
    prepared.a = static_cast<uint16_t>(value.kind());
    prepared.wide = value.scalarBits();
    return FastLoadScalar;
  };
  // A target behind the end must stay visible in ip.
  if (instruction.targetOperand() >= 0) {
    if (instruction.target() > chunk.ops.size())
      return FastGeneric;
    prepared.extra = instruction.limit();
    prepared.wide = instruction.target() * sizeof(PreparedOp);
  }
  switch (instruction.opcode()) {
  case Opcode::LoadInt:
    return scalar(Value::makeInt(static_cast<int64_t>(instruction.wide())));
  case Opcode::LoadFloat:
    return scalar(Value::makeFloat(instruction.floatValue()));
  case Opcode::LoadTrue:
    return scalar(Value::makeBool(true));
  case Opcode::LoadFalse:
    return scalar(Value::makeBool(false));
  case Opcode::LoadUndef:
    return scalar(Value());
  case Opcode::LoadConst:
    if (instruction.a() >= chunk.constants.size())
      return scalar(Value());
    if (!chunk.constants[instruction.a()].isHeap())
      return scalar(chunk.constants[instruction.a()]);
    return FastLoadConst;
  case Opcode::GetVar:
  case Opcode::GetArray:
  case Opcode::GetHash:
    return instruction.a() < chunk.names.size() ? FastGetVar : FastGeneric;
  case Opcode::SetVar:
  case Opcode::DeclareVar:
  case Opcode::SetArray:
  case Opcode::SetHash:
    return instruction.a() < chunk.names.size() ? FastSetVar : FastGeneric;
  case Opcode::ArrayGet:
    return instruction.a() < chunk.names.size() ? FastArrayGet : FastGeneric;
  case Opcode::ArraySet:
    return instruction.a() < chunk.names.size() ? FastArraySet : FastGeneric;
  case Opcode::ArrayPush:
    return instruction.a() < chunk.names.size() ? FastArrayPush : FastGeneric;
  case Opcode::Call: {
    auto entry = entries.find(instruction.a());
    if (entry == entries.end())
      return FastGeneric;
    // A call that is never reached may go anywhere.
    if (entry->second >= chunk.ops.size() || analysis.functionOf[entry->second] == noFunction)
      return FastGeneric;
    uint32_t function = analysis.functionOf[entry->second];
    prepared.wide = entry->second * sizeof(PreparedOp);
    prepared.extra = static_cast<int32_t>(function);
    return FastCall;
  }
#define FUSEVM_FAST_OP(Name)                                                                       \
  case Opcode::Name:                                                                               \
    return Fast##Name;
#include "FastHandlers.def"
  default: // the rest needs no handler of its own
    break;
  }
  if (info.fuel == FuelCharge::Iterations)
    return FastLoopOp;
  return info.has(CallsOut) ? FastCallout : FastGeneric;
}

/// Returns the handler for the sequence of ops that begins at \p op, if there is one.
std::optional<FastHandler> findSequence(const Chunk &chunk, size_t op) {
  auto opcodeAt = [&](size_t index) {
    return index < chunk.ops.size() ? chunk.ops[index].opcode() : Opcode::Nop;
  };
  // The comparison handlers of an op come in a fixed order.
  enum Operands { OnStack, SlotSlot, SlotInt };
  auto comparison = [&](size_t index, Operands operands) -> std::optional<FastHandler> {
    Opcode jump = opcodeAt(index + 1);
    if ((jump != Opcode::JumpIfTrue && jump != Opcode::JumpIfFalse) ||
        chunk.ops[index + 1].target() > chunk.ops.size())
      return std::nullopt;
    auto choose = [&](FastHandler first) {
      return static_cast<FastHandler>(first + 2 * operands + (jump == Opcode::JumpIfFalse));
    };
    switch (opcodeAt(index)) {
    case Opcode::NumEq:
      return choose(FastNumEqJumpIfTrue);
    case Opcode::NumNe:
      return choose(FastNumNeJumpIfTrue);
    case Opcode::NumLt:
      return choose(FastNumLtJumpIfTrue);
    case Opcode::NumGt:
      return choose(FastNumGtJumpIfTrue);
    case Opcode::NumLe:
      return choose(FastNumLeJumpIfTrue);
    case Opcode::NumGe:
      return choose(FastNumGeJumpIfTrue);
    default: // no comparison
      return std::nullopt;
    }
  };
  auto arithmetic = [&](size_t index, FastHandler add, FastHandler sub,
                        FastHandler mul) -> std::optional<FastHandler> {
    switch (opcodeAt(index)) {
    case Opcode::Add:
      return add;
    case Opcode::Sub:
      return sub;
    case Opcode::Mul:
      return mul;
    default: // no arithmetic
      return std::nullopt;
    }
  };
  if (opcodeAt(op) != Opcode::GetSlot)
    return comparison(op, OnStack);
  Opcode second = opcodeAt(op + 1);
  std::optional<FastHandler> found;
  if (second == Opcode::GetSlot) {
    found = comparison(op + 2, SlotSlot);
    if (!found)
      found = arithmetic(op + 2, FastSlotSlotAdd, FastSlotSlotSub, FastSlotSlotMul);
  } else if (second == Opcode::LoadInt) {
    found = comparison(op + 2, SlotInt);
    if (!found)
      found = arithmetic(op + 2, FastSlotIntAdd, FastSlotIntSub, FastSlotIntMul);
  } else {
    found = arithmetic(op + 1, FastSlotAdd, FastSlotSub, FastSlotMul);
  }
  return found;
}

} // namespace

std::shared_ptr<const PreparedChunk> prepare(const Chunk &chunk, const CalloutEffects &effects) {
  auto result = std::make_shared<PreparedChunk>(analyze(chunk, effects));
  if (result->analysis.disposition != Disposition::Fast)
    return result;
  const void *const *handlers = nullptr;
  Machine::fastLoop(nullptr, &handlers);
  absl::flat_hash_map<uint16_t, uint64_t> entries;
  for (const SubEntry &entry : chunk.subEntries)
    entries.try_emplace(entry.name, entry.op);
  result->code.reserve(chunk.ops.size() + 1);
  for (const Instruction &instruction : chunk.ops) {
    PreparedOp prepared{nullptr, instruction.a(), instruction.b(), 0, instruction.wide()};
    FastHandler handler = translate(chunk, entries, result->analysis, instruction, prepared);
    prepared.handler = handlers[handler];
    result->code.push_back(prepared);
  }
  for (size_t op = 0; op != chunk.ops.size(); ++op)
    if (std::optional<FastHandler> sequence = findSequence(chunk, op))
      result->code[op].handler = handlers[*sequence];
  result->code.push_back({handlers[FastEnd], 0, 0, 0, 0});
  return result;
}

std::shared_ptr<const PreparedChunk> preparedFormOf(const Chunk &chunk) {
  auto data = chunk.derived.getOrMake([&chunk]() -> std::shared_ptr<const DerivedData> {
    return prepare(chunk, CalloutEffects());
  });
  return std::static_pointer_cast<const PreparedChunk>(std::move(data));
}

} // namespace fusevm
