//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/VariableKinds.h"

#include "ResultKinds.h"

#include <algorithm>

namespace fusevm {

//===----------------------------------------------------------------------===//
// The effect of an op
//===----------------------------------------------------------------------===//

void VariableKinds::setSlot(Known &known, uint16_t slot, uint8_t kind) const {
  if (slot >= trackedVariables)
    return;
  uint64_t bit = uint64_t(1) << slot;
  known.ints = kind == kindCode(Kind::Int) ? known.ints | bit : known.ints & ~bit;
  known.strings = kind == kindCode(Kind::Str) ? known.strings | bit : known.strings & ~bit;
}

void VariableKinds::setGlobal(Known &known, uint16_t name, uint8_t kind) const {
  auto number = numberOf.find(name);
  if (number == numberOf.end())
    return;
  uint64_t bit = uint64_t(1) << number->second;
  known.arrays = kind == kindCode(Kind::Array) ? known.arrays | bit : known.arrays & ~bit;
}

uint8_t VariableKinds::kindOf(const Instruction &instruction, const Walk &walk) const {
  switch (instruction.opcode()) {
  case Opcode::GetSlot:
    if (walk.known.isInt(instruction.a()))
      return kindCode(Kind::Int);
    return walk.known.isStr(instruction.a()) ? kindCode(Kind::Str) : anyKind;
  case Opcode::GetVar:
  case Opcode::GetArray:
  case Opcode::GetHash:
    return isArray(walk.known, instruction.a()) ? kindCode(Kind::Array) : anyKind;
  default: // the rest depends on the operands alone
    break;
  }
  auto value = [&](size_t depth) {
    return depth < walk.values.size() ? walk.values[walk.values.size() - 1 - depth] : anyKind;
  };
  return resultKind(chunk, instruction, value(0), value(1));
}

/// Applies an op that goes elsewhere before the next one.
void VariableKinds::leaveTo(const Instruction &instruction, Walk &walk) const {
  walk.values.clear();
  if (instruction.info().control == ControlKind::Call) {
    // Only a callback could reach the slots of the frames below its own.
    if (callsOut)
      walk.known = Known();
    walk.known.arrays &= ~unstableArrays;
    return;
  }
  walk.known.ints = walk.known.strings = 0;
  if (instruction.info().control == ControlKind::Block)
    walk.known.arrays = callsOut ? 0 : walk.known.arrays & ~unstableArrays;
}

/// Applies what the fused ops do to slots and globals.
void VariableKinds::stepFused(const Instruction &instruction, Walk &walk) const {
  constexpr KindCode integer = kindCode(Kind::Int);
  switch (instruction.opcode()) {
  case Opcode::AccumSumLoop:
    setSlot(walk.known, instruction.a(), integer);
    return setSlot(walk.known, instruction.b(), integer);
  case Opcode::ConcatConstLoop:
    setSlot(walk.known, instruction.b(), kindCode(Kind::Str));
    return setSlot(walk.known, instruction.c(), integer);
  case Opcode::PushIntRangeLoop:
    setGlobal(walk.known, instruction.a(), kindCode(Kind::Array));
    return setSlot(walk.known, instruction.b(), integer);
  default: // the rest writes its first operand, if any
    if (instruction.info().has(WritesSlots))
      setSlot(walk.known, instruction.a(), integer);
  }
}

/// Applies what an op does to the value stack.
void VariableKinds::stepValues(const Instruction &instruction, Walk &walk) const {
  const OpInfo &info = instruction.info();
  std::vector<uint8_t> &values = walk.values;
  StackEffect effect = stackEffect(instruction);
  bool alwaysPushes = info.shortfall == Shortfall::None || info.shortfall == Shortfall::Lenient ||
                      info.shortfall == Shortfall::Available;
  if (values.size() < effect.pops && !alwaysPushes)
    return values.clear();
  if (instruction.opcode() == Opcode::Dup)
    return values.push_back(values.back());
  // The other ops of that section exchange values.
  KindCode pushed = info.section == Section::Stack ? anyKind : kindOf(instruction, walk);
  values.resize(values.size() - std::min<size_t>(values.size(), effect.pops));
  values.insert(values.end(), effect.pushes, pushed);
}

/// Turns what is known before \p instruction into what is known behind it.
void VariableKinds::step(const Instruction &instruction, Walk &walk) const {
  const OpInfo &info = instruction.info();
  if (info.has(CallsOut)) {
    walk.known = Known();
    walk.values.clear();
    return;
  }
  if (info.control == ControlKind::Call || info.control == ControlKind::Block ||
      info.control == ControlKind::PushScope || info.control == ControlKind::PopScope)
    return leaveTo(instruction, walk);
  KindCode stored = walk.values.empty() ? anyKind : walk.values.back();
  stepValues(instruction, walk);
  if (info.section == Section::Fused)
    return stepFused(instruction, walk);
  switch (instruction.opcode()) {
  case Opcode::SetSlot:
    return setSlot(walk.known, instruction.a(), stored);
  case Opcode::SetVar:
  case Opcode::DeclareVar:
  case Opcode::SetArray:
  case Opcode::SetHash:
    return setGlobal(walk.known, instruction.a(), stored);
  case Opcode::DeclareArray:
    return setGlobal(walk.known, instruction.a(), kindCode(Kind::Array));
  case Opcode::DeclareHash:
    return setGlobal(walk.known, instruction.a(), kindCode(Kind::Hash));
  default: // the rest writes no variable, or only into the array that it holds
    return;
  }
}

//===----------------------------------------------------------------------===//
// The flow
//===----------------------------------------------------------------------===//

/// Computes the entries of a VariableKinds.
class VariableKindsFinder {
public:
  explicit VariableKindsFinder(VariableKinds &result)
      : result(result), graph(result.graph), isPending(graph.basicBlocks().size()) {}

  void run() {
    // Nobody knows who enters them, and with what.
    for (const CodeRegion &region : graph.regions())
      if (region.entry < result.chunk.ops.size())
        enter(graph.basicBlockOf(region.entry), Known());
    while (!pending.empty()) {
      uint32_t block = pending.back();
      pending.pop_back();
      isPending[block] = false;
      walk(block);
    }
  }

private:
  using Known = VariableKinds::Known;

  void enter(uint32_t block, Known incoming) {
    if (block >= graph.basicBlocks().size())
      return;
    VariableKinds::Entry &entry = result.entries[block];
    Known joined = incoming;
    if (entry.isReached) {
      joined.ints &= entry.known.ints;
      joined.strings &= entry.known.strings;
      joined.arrays &= entry.known.arrays;
      if (joined.ints == entry.known.ints && joined.strings == entry.known.strings &&
          joined.arrays == entry.known.arrays)
        return;
    }
    entry = {joined, true};
    if (!isPending[block])
      pending.push_back(block);
    isPending[block] = true;
  }

  void walk(uint32_t block) {
    BasicBlock range = graph.basicBlocks()[block];
    state.known = result.entries[block].known;
    state.values.clear();
    for (uint64_t op = range.start; op != range.end; ++op)
      result.step(result.chunk.ops[op], state);
    for (ControlFlowEdge edge : graph.successors(block))
      if (edge.kind != EdgeKind::Call && edge.kind != EdgeKind::Iterate)
        enter(edge.target, state.known);
  }

  VariableKinds &result;
  const ControlFlowGraph &graph;
  VariableKinds::Walk state;
  std::vector<bool> isPending; ///< basic blocks
  std::vector<uint32_t> pending;
};

void VariableKinds::numberGlobals() {
  for (const Instruction &instruction : chunk.ops)
    if (instruction.opcode() == Opcode::ArrayPush && numberOf.size() < trackedVariables)
      numberOf.try_emplace(instruction.a(), static_cast<uint8_t>(numberOf.size()));
}

/// Finds what a sub or a block may do to the variables of whoever runs it.
void VariableKinds::findUnstable() {
  auto mark = [this](uint16_t name) {
    if (auto number = numberOf.find(name); number != numberOf.end())
      unstableArrays |= uint64_t(1) << number->second;
  };
  for (const Instruction &instruction : chunk.ops) {
    callsOut |= instruction.info().has(CallsOut);
    switch (instruction.opcode()) {
    case Opcode::SetVar:
    case Opcode::DeclareVar:
    case Opcode::SetArray:
    case Opcode::SetHash:
    case Opcode::DeclareHash:
      mark(instruction.a());
      break;
    default: // the rest makes no global anything but an array
      break;
    }
  }
  // Block ops set these to elements, and give them their old values back.
  for (const auto &[name, number] : numberOf) {
    std::string_view text = chunk.nameOr(name);
    if (text == "_" || text == "a" || text == "b")
      unstableArrays |= uint64_t(1) << number;
  }
}

VariableKinds::VariableKinds(const Chunk &chunk, const ControlFlowGraph &graph)
    : chunk(chunk), graph(graph), entries(graph.basicBlocks().size()) {
  numberGlobals();
  findUnstable();
  VariableKindsFinder(*this).run();
}

} // namespace fusevm
