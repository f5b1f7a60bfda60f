//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/StackKinds.h"

#include "ResultKinds.h"

#include <algorithm>

namespace fusevm {

namespace {

/// Invariants without which it is not known how a function is entered and left.
bool isAboutFunctions(Invariant invariant) {
  return invariant == Invariant::ArgumentsDiffer || invariant == Invariant::FunctionsOverlap ||
         invariant == Invariant::EntryOutOfChunk;
}

} // namespace

/// Computes the states of a StackKinds.
class StackKindsFinder {
public:
  StackKindsFinder(const Chunk &chunk, const ControlFlowGraph &graph, const ChunkAnalysis &analysis,
                   const CalloutEffects &effects, StackKinds &result)
      : chunk(chunk), graph(graph), analysis(analysis), effects(effects), states(result.states),
        isPending(graph.basicBlocks().size()) {}

  void run() {
    if (chunk.ops.empty())
      return;
    enter(graph.basicBlockOf(0), State{});
    flow();
    // A sub that nothing in the chunk calls may still be entered by an embedder.
    for (const CodeRegion &region : graph.regions()) {
      if (region.kind != CodeRegion::Kind::Sub || region.entry >= chunk.ops.size() ||
          states[region.entry].isReached)
        continue;
      enter(graph.basicBlockOf(region.entry), nothingKnown());
      flow();
    }
  }

private:
  using State = StackKinds::State;
  static constexpr int32_t unknownHeight = StackKinds::unknownHeight;

  static State nothingKnown() {
    State state;
    state.height = unknownHeight;
    state.scope = StackKinds::unknownScope;
    return state;
  }

  bool isFast() const { return analysis.disposition == Disposition::Fast; }

  void flow() {
    while (!pending.empty()) {
      uint32_t block = pending.back();
      pending.pop_back();
      isPending[block] = false;
      walk(block);
    }
  }

  /// Joins \p incoming with what is known where \p block begins.
  void enter(uint32_t block, State incoming) {
    if (block >= graph.basicBlocks().size())
      return;
    State &known = states[graph.basicBlocks()[block].start];
    incoming.isReached = true;
    if (known.isReached)
      incoming = join(known, incoming);
    if (incoming == known)
      return;
    known = incoming;
    if (!isPending[block])
      pending.push_back(block);
    isPending[block] = true;
  }

  static State join(const State &a, const State &b) {
    State result = a;
    if (a.height != b.height)
      result.height = unknownHeight;
    if (a.scope != b.scope)
      result.scope = StackKinds::unknownScope;
    for (size_t i = 0; i != result.kinds.size(); ++i)
      if (a.kinds[i] != b.kinds[i])
        result.kinds[i] = anyKind;
    return result;
  }

  void walk(uint32_t block) {
    BasicBlock range = graph.basicBlocks()[block];
    State state = states[range.start];
    for (uint64_t op = range.start; op != range.end; ++op) {
      states[op] = state;
      step(op, state);
    }
    uint64_t last = range.end - 1;
    for (ControlFlowEdge edge : graph.successors(block)) {
      if (edge.kind == EdgeKind::Call)
        enter(edge.target, argumentsOf(states[last], chunk.ops[last]));
      else if (edge.kind == EdgeKind::Iterate)
        enter(edge.target, elementsOf(chunk.ops[last]));
      else
        enter(edge.target, state);
    }
  }

  static State argumentsOf(const State &caller, const Instruction &call) {
    State state;
    state.height = call.b();
    for (size_t i = 0; i != std::min<size_t>(call.b(), state.kinds.size()); ++i)
      state.kinds[i] = caller.kinds[i];
    return state;
  }

  static State elementsOf(const Instruction &instruction) {
    State state;
    state.height = instruction.opcode() == Opcode::SortBlock ? 2 : 1;
    return state;
  }

  static void push(State &state, uint8_t kind, uint32_t count = 1) {
    size_t shift = std::min<size_t>(count, state.kinds.size());
    std::copy_backward(state.kinds.begin(), state.kinds.end() - static_cast<ptrdiff_t>(shift),
                       state.kinds.end());
    std::fill_n(state.kinds.begin(), shift, kind);
    if (state.height == unknownHeight)
      return;
    int64_t height = int64_t{state.height} + count;
    state.height = height > StackKinds::maxHeight ? unknownHeight : static_cast<int32_t>(height);
  }

  /// Takes \p count values, which are there if the height is known.
  static void drop(State &state, uint32_t count) {
    size_t shift = std::min<size_t>(count, state.kinds.size());
    std::copy(state.kinds.begin() + static_cast<ptrdiff_t>(shift), state.kinds.end(),
              state.kinds.begin());
    std::fill(state.kinds.end() - static_cast<ptrdiff_t>(shift), state.kinds.end(), anyKind);
    if (state.height != unknownHeight)
      state.height -= static_cast<int32_t>(count);
  }

  /// Turns the state before \p op into the one behind it.
  void step(uint64_t op, State &state) const {
    const Instruction &instruction = chunk.ops[op];
    StackEffect effect = effects.effectOf(instruction);
    if (effect.pops != 0 &&
        (state.height == unknownHeight || effect.pops > static_cast<uint32_t>(state.height)))
      return stepShort(instruction, state);
    switch (instruction.info().control) {
    case ControlKind::Next:
    case ControlKind::Branch:
      return compute(instruction, effect, state);
    case ControlKind::Call:
      return stepCall(instruction, state);
    case ControlKind::Block:
      compute(instruction, effect, state);
      if (!isFast()) // the block may take values from below
        forget(state);
      return;
    case ControlKind::PushScope:
      state.scope = static_cast<uint32_t>(op + 1);
      return;
    case ControlKind::PopScope:
      return leaveScope(state);
    case ControlKind::Jump:
    case ControlKind::Return:
    case ControlKind::Halt:
      return;
    }
  }

  static void forget(State &state) {
    state.height = unknownHeight;
    state.kinds.fill(anyKind);
  }

  static void forgetScopes(State &state) {
    forget(state);
    state.scope = StackKinds::unknownScope;
  }

  /// The stack may hold fewer values than the op takes.
  void stepShort(const Instruction &instruction, State &state) const {
    const OpInfo &info = instruction.info();
    bool isSurePush =
        info.shortfall == Shortfall::Lenient || info.shortfall == Shortfall::Available;
    forget(state);
    if (isSurePush && info.pushes == 1)
      push(state, resultKind(chunk, instruction, state.kinds[0], state.kinds[1]));
  }

  void stepCall(const Instruction &call, State &state) const {
    std::optional<uint32_t> callee = analysis.functionOfSub(call.a());
    if (!callee)
      return forget(state);
    drop(state, call.b());
    if (analysis.functions[*callee].returnsValue.value_or(false))
      push(state, anyKind);
  }

  void leaveScope(State &state) const {
    if (state.scope == 0 || state.scope == StackKinds::unknownScope)
      return forgetScopes(state);
    const State &outside = states[state.scope - 1];
    state.scope = outside.scope;
    if (state.height == unknownHeight || outside.height == unknownHeight)
      return forget(state);
    if (state.height > outside.height)
      drop(state, static_cast<uint32_t>(state.height - outside.height));
  }

  /// Applies an op that finds all its operands.
  void compute(const Instruction &instruction, StackEffect effect, State &state) const {
    std::array<uint8_t, StackKinds::trackedValues> old = state.kinds;
    switch (instruction.opcode()) {
    case Opcode::Dup:
      return push(state, old[0]);
    case Opcode::Dup2:
      push(state, old[1]);
      return push(state, old[0]);
    case Opcode::Swap:
      return std::swap(state.kinds[0], state.kinds[1]);
    case Opcode::Rot:
      state.kinds[0] = old[2];
      state.kinds[1] = old[0];
      state.kinds[2] = old[1];
      return;
    case Opcode::JumpIfTrueKeep:
    case Opcode::JumpIfFalseKeep:
      return;
    default: // the rest replaces its operands
      break;
    }
    uint8_t result = resultKind(chunk, instruction, old[0], old[1]);
    drop(state, effect.pops);
    if (instruction.info().has(CallsOut)) {
      state.kinds.fill(anyKind);
      result = anyKind;
    }
    push(state, result, effect.pushes);
  }

  const Chunk &chunk;
  const ControlFlowGraph &graph;
  const ChunkAnalysis &analysis;
  const CalloutEffects &effects;
  std::vector<State> &states;
  std::vector<bool> isPending; ///< basic blocks
  std::vector<uint32_t> pending;
};

StackKinds::StackKinds(const Chunk &chunk, const ControlFlowGraph &graph,
                       const ChunkAnalysis &analysis, const CalloutEffects &effects)
    : states(chunk.ops.size()) {
  if (analysis.disposition == Disposition::Refused)
    return;
  for (const Violation &violation : analysis.violations)
    if (isAboutFunctions(violation.invariant))
      return;
  StackKindsFinder(chunk, graph, analysis, effects, *this).run();
}

std::vector<std::optional<Kind>> StackKinds::topKinds(uint64_t op) const {
  const State &state = states[op];
  size_t count = state.kinds.size();
  if (state.height != unknownHeight)
    count = std::min(count, static_cast<size_t>(state.height));
  else
    while (count != 0 && state.kinds[count - 1] == anyKind)
      --count;
  std::vector<std::optional<Kind>> result;
  for (size_t i = count; i-- != 0;)
    result.push_back(state.kinds[i] == anyKind
                         ? std::nullopt
                         : std::optional<Kind>(static_cast<Kind>(state.kinds[i])));
  return result;
}

} // namespace fusevm
