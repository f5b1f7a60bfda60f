//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "UnitRequest.h"

#include "../Analysis/ResultKinds.h"
#include "NativeCalls.h"

#include "absl/container/flat_hash_map.h"

#include <algorithm>

namespace fusevm {

static_assert(sizeof(FusevmValue) == sizeof(Value));
static_assert(sizeof(FusevmJitOp) == sizeof(Instruction));
static_assert(anyKind == FUSEVM_ANY_KIND);

static uint8_t kindOf(const Value &value) { return static_cast<uint8_t>(value.kind()); }

EntryKinds EntryKinds::of(const Machine &machine) {
  EntryKinds result;
  for (size_t i = machine.frames.back().slotBase; i != machine.slots.size(); ++i)
    result.slots.push_back(kindOf(machine.slots[i]));
  for (const Value &global : machine.globals)
    result.globals.push_back(kindOf(global));
  auto height = static_cast<size_t>(machine.prepared->analysis.heights[machine.ip]);
  for (size_t i = machine.stack.size() - height; i != machine.stack.size(); ++i)
    result.stack.push_back(kindOf(machine.stack[i]));
  return result;
}

void addProfile(std::vector<OpProfile> &profile, const std::vector<OpProfile> &other) {
  profile.resize(std::max(profile.size(), other.size()));
  for (size_t i = 0; i != other.size(); ++i) {
    profile[i].kinds[0] |= other[i].kinds[0];
    profile[i].kinds[1] |= other[i].kinds[1];
    if (profile[i].misses == OpProfile::None && other[i].misses != OpProfile::None)
      profile[i].misses = OpProfile::Watched;
  }
}

/// What is assumed of a value that was seen with both kinds.
static uint8_t widerKind(uint8_t kind, uint8_t other) {
  auto isScalar = [](uint8_t code) {
    return code == FUSEVM_SCALAR_KIND || code < static_cast<uint8_t>(firstHeapKind);
  };
  if (kind == other)
    return kind;
  return isScalar(kind) && isScalar(other) ? FUSEVM_SCALAR_KIND : FUSEVM_ANY_KIND;
}

static void widenKinds(std::vector<uint8_t> &kinds, const std::vector<uint8_t> &other) {
  for (size_t i = 0; i != kinds.size(); ++i)
    kinds[i] = i < other.size() ? widerKind(kinds[i], other[i]) : uint8_t{FUSEVM_ANY_KIND};
}

void EntryKinds::ignoreDeadSlots(uint64_t liveSlots) {
  for (size_t i = 0; i != slots.size() && i != 64; ++i)
    if ((liveSlots >> i & 1) == 0)
      slots[i] =
          slots[i] < static_cast<uint8_t>(firstHeapKind) ? FUSEVM_SCALAR_KIND : FUSEVM_ANY_KIND;
}

void EntryKinds::widen(const EntryKinds &other) {
  widenKinds(slots, other.slots);
  widenKinds(globals, other.globals);
  widenKinds(stack, other.stack);
}

/// The names of the functions that \p analysis has found in \p chunk.
static std::vector<std::string> namesOfFunctions(const Chunk &chunk,
                                                 const ChunkAnalysis &analysis) {
  absl::flat_hash_map<uint64_t, std::string_view> nameAt;
  for (const SubEntry &sub : chunk.subEntries)
    nameAt.try_emplace(sub.op, chunk.nameOr(sub.name));
  std::vector<std::string> names;
  for (const FunctionInfo &function : analysis.functions) {
    auto name = nameAt.find(function.entry);
    names.emplace_back(name == nameAt.end() ? "main" : name->second);
  }
  return names;
}

static uint8_t emitExtension(void *user, uint16_t id, uint8_t arg, FusevmEmitter *table) {
  JitEmitter emitter(*table);
  return static_cast<const JitExtension *>(user)->emit(id, arg, emitter);
}

UnitRequest::UnitRequest(const Machine &machine, uint64_t op, EntryKinds entryKinds,
                         const std::vector<OpProfile> &profile,
                         const std::vector<bool> &nativeFunctions,
                         std::vector<std::shared_ptr<const JitExtension>> extensionsToUse)
    : chunk(machine.chunk), kinds(std::move(entryKinds)), extensions(std::move(extensionsToUse)) {
  const ChunkAnalysis &analysis = machine.prepared->analysis;
  names = namesOfFunctions(*chunk, analysis);
  for (size_t i = 0; i != analysis.functions.size(); ++i) {
    const FunctionInfo &function = analysis.functions[i];
    functions.push_back({.name = names[i].c_str(),
                         .entry = function.entry,
                         .arguments = function.arguments,
                         .slots = function.slots,
                         .hasResult = function.returnsValue.value_or(false),
                         .isNative = nativeFunctions[i]});
  }
  facts.resize(chunk->ops.size());
  for (size_t i = 0; i != facts.size(); ++i) {
    FusevmJitOpFacts &fact = facts[i];
    fact.height = analysis.heights[i];
    fact.function = analysis.functionOf[i];
    StackEffect effect = machine.effects.effectOf(chunk->ops[i]);
    fact.pops = effect.pops;
    fact.pushes = effect.pushes;
    fact.line = chunk->lineOf(i);
    fact.kinds[0] = profile[i].kinds[0];
    fact.kinds[1] = profile[i].kinds[1];
    fact.resultKind = resultKind(*chunk, chunk->ops[i], anyKind, anyKind);
    fact.isAnyKind = profile[i].failures >= maxGuardFailures;
    fact.missesKey = profile[i].misses != OpProfile::None;
    fact.callee = FUSEVM_NO_FUNCTION;
    if (chunk->ops[i].info().control == ControlKind::Call)
      fact.callee = calleeOf(analysis, chunk->ops[i]).value_or(FUSEVM_NO_FUNCTION);
    fact.scopeDepth = static_cast<uint8_t>(analysis.scopeDepth(analysis.scopes[i]));
  }
  for (const Value &constant : chunk->constants)
    constants.push_back(
        {.kind = kindOf(constant), .bits = constant.isHeap() ? 0 : constant.scalarBits()});
  for (const std::shared_ptr<const JitExtension> &extension : extensions)
    extensionTable.push_back(
        {.user = const_cast<JitExtension *>(extension.get()), .emit = emitExtension});
  request = {};
  request.unit = FUSEVM_UNIT_BLOCK;
  request.name = names[analysis.functionOf[op]].c_str();
  request.ops = reinterpret_cast<const FusevmJitOp *>(chunk->ops.data());
  request.facts = facts.data();
  request.opCount = chunk->ops.size();
  request.functions = functions.data();
  request.functionCount = functions.size();
  request.constants = constants.data();
  request.constantCount = constants.size();
  request.extensions = extensionTable.data();
  request.extensionCount = extensionTable.size();
  request.globalCount = std::min(kinds.globals.size(), chunk->names.size());
  request.entry = op;
  request.slotCount = static_cast<uint32_t>(kinds.slots.size());
  request.slotKinds = kinds.slots.data();
  request.globalKinds = kinds.globals.data();
  request.stackKinds = kinds.stack.data();
}

/// Whether the entry is in the main program. A sub may call itself behind it.
bool UnitRequest::isOfMain() const { return facts[request.entry].function == facts[0].function; }

void UnitRequest::leaveOutBehind(uint64_t end) {
  for (size_t i = end + 1; i < facts.size(); ++i)
    if (facts[i].function == facts[0].function)
      facts[i].height = -1;
}

void UnitRequest::leaveOutMuchBehind(uint64_t end) {
  constexpr size_t much = 64;
  if (!isOfMain())
    return;
  std::vector<size_t> sizes(functions.size());
  for (const FusevmJitOpFacts &fact : facts)
    if (fact.function < sizes.size())
      ++sizes[fact.function];
  // What is called only there would be part of the unit, too.
  size_t opsBehind = 0;
  for (size_t i = end + 1; i < facts.size(); ++i)
    if (facts[i].function == facts[0].function)
      opsBehind += 1 + (facts[i].callee < sizes.size() ? sizes[facts[i].callee] : 0);
  if (opsBehind >= much)
    leaveOutBehind(end);
}

void UnitRequest::leaveOutUnseenBehind(uint64_t end) {
  if (!isOfMain())
    return;
  auto isSeen = [](const FusevmJitOpFacts &fact) { return (fact.kinds[0] | fact.kinds[1]) != 0; };
  for (size_t i = end + 1; i < facts.size(); ++i) {
    const Instruction &instruction = chunk->ops[i];
    if (facts[i].function != facts[0].function || instruction.targetOperand() < 0 ||
        instruction.target() > i || instruction.target() <= end)
      continue;
    auto begin = facts.begin() + static_cast<ptrdiff_t>(instruction.target());
    if (std::none_of(begin, facts.begin() + static_cast<ptrdiff_t>(i), isSeen))
      return leaveOutBehind(end);
  }
}

UnitRequest::UnitRequest(std::shared_ptr<const Chunk> chunkToCompile)
    : chunk(std::move(chunkToCompile)) {
  request = {};
  request.unit = FUSEVM_UNIT_BOXED;
  request.quality = FUSEVM_QUALITY_QUICK;
  request.name = "main";
  request.ops = reinterpret_cast<const FusevmJitOp *>(chunk->ops.data());
  request.opCount = chunk->ops.size();
}

} // namespace fusevm
