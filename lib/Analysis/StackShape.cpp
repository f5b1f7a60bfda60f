//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The abstract interpretation behind the F group of invariants.
///
/// The chunk is cut into regions with one way in: the main program, the subs that are
/// called, and the bodies of blocks. A first pass finds the ops of each region and how it
/// is left; only then does a second one know what a call leaves on the stack, and finds
/// the heights. Heights count from the base of the region: of the frame of a function, of
/// the stack as a block op cuts it after each iteration.

#include "StackShape.h"

#include "fusevm/IR/AwkIds.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>

namespace fusevm {

namespace {

constexpr int64_t heightLimit = 1 << 20;
constexpr uint64_t noOp = ~uint64_t(0);

struct Region {
  uint64_t entry;
  uint64_t end; ///< of a block's body; the number of ops for a function
  bool isBlock;
  uint32_t arguments; ///< values it starts with
  int64_t maxHeight = 0;
  uint32_t slots = 0;
  /// An op of it that returns nothing, and one that returns a value. Those in the blocks
  /// that it runs, and in the blocks that these run, count.
  uint64_t returnOp = noOp;
  uint64_t returnValueOp = noOp;
  std::vector<uint32_t> users; ///< regions with an op that runs this block
};

struct State {
  int64_t height;
  uint32_t scope;
};

std::string countText(uint64_t count, std::string_view noun) {
  return strCat(count, " ", noun, count == 1 ? "" : "s");
}

class ShapeFinder {
public:
  ShapeFinder(const Chunk &chunk, const CalloutEffects &effects, ChunkAnalysis &result)
      : chunk(chunk), effects(effects), result(result), regionOf(result.functionOf),
        heights(result.heights), scopes(result.scopes), scopeTable(result.scopeTable) {}

  std::optional<Violation> run();

private:
  bool fail(Invariant invariant, uint64_t op, std::string message) {
    violation = Violation{invariant, op, std::move(message)};
    return false;
  }

  // The first pass.
  bool discover(uint32_t region);
  bool discoverOp(uint64_t op, uint32_t region);
  bool claim(uint64_t op, uint32_t region);
  bool noteCall(uint64_t op);
  void addAwkSubs();
  bool noteBlock(uint64_t op, uint32_t region);
  void noteReturn(uint64_t op, Region &region) const;
  void noteSlots(const Instruction &instruction, Region &region) const;
  std::string describeRegion(const Region &region) const;
  void passReturnsOn();
  bool checkReturns();

  // The second pass.
  bool findHeights(Region &region);
  bool step(uint64_t op, Region &region);
  bool enter(uint64_t op, State state, const Region &region);
  bool leaveScope(uint64_t op, State &state);
  bool follow(uint64_t op, State state, const Region &region);
  uint32_t callResults(const Instruction &call) const;
  uint32_t scopeInside(uint64_t op, State state);

  void publish();

  const Chunk &chunk;
  const CalloutEffects &effects;
  ChunkAnalysis &result;
  // What will be the result's, but for regions in place of functions.
  std::vector<uint32_t> &regionOf;
  std::vector<int32_t> &heights;
  std::vector<uint32_t> &scopes;
  std::vector<ScopeInfo> &scopeTable;

  std::optional<Violation> violation;
  std::vector<Region> regions; ///< the main program first
  std::vector<uint64_t> pending;
  absl::flat_hash_map<uint64_t, uint32_t> functionAt; ///< by entry
  absl::flat_hash_map<std::pair<uint64_t, uint64_t>, uint32_t> blockAt;
  absl::flat_hash_map<uint64_t, uint32_t> scopeAt; ///< by PushFrame
};

std::optional<Violation> ShapeFinder::run() {
  uint64_t size = chunk.ops.size();
  regionOf.assign(size, noFunction);
  heights.assign(size, unreachedHeight);
  scopes.assign(size, noScope);
  regions.push_back({.entry = 0, .end = size, .isBlock = false, .arguments = 0, .users = {}});
  uint32_t region = 0;
  for (; region != regions.size(); ++region)
    if (!discover(region))
      return violation;
  addAwkSubs();
  for (; region != regions.size(); ++region)
    if (!discover(region))
      return violation;
  passReturnsOn();
  if (!checkReturns())
    return violation;
  for (Region &region : regions)
    if (!findHeights(region))
      return violation;
  publish();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The first pass: which ops are whose
//===----------------------------------------------------------------------===//

/// Walks the ops of a region, taking for granted that calls return.
bool ShapeFinder::discover(uint32_t region) {
  pending.clear();
  bool ok = claim(regions[region].entry, region);
  while (ok && !pending.empty()) {
    uint64_t op = pending.back();
    pending.pop_back();
    ok = discoverOp(op, region);
  }
  return ok;
}

bool ShapeFinder::claim(uint64_t op, uint32_t region) {
  if (op >= regions[region].end || regionOf[op] == region)
    return true;
  if (regionOf[op] != noFunction)
    return fail(Invariant::FunctionsOverlap, op,
                strCat("reached from ", describeRegion(regions[regionOf[op]]), " and from ",
                       describeRegion(regions[region])));
  regionOf[op] = region;
  pending.push_back(op);
  return true;
}

std::string ShapeFinder::describeRegion(const Region &region) const {
  if (&region == regions.data())
    return "the main program";
  return strCat(region.isBlock ? "the block at op " : "the sub at op ", region.entry);
}

bool ShapeFinder::discoverOp(uint64_t op, uint32_t region) {
  const Instruction &instruction = chunk.ops[op];
  noteSlots(instruction, regions[region]);
  switch (instruction.info().control) {
  case ControlKind::Halt:
    return true;
  case ControlKind::Return:
    noteReturn(op, regions[region]);
    return true;
  case ControlKind::Jump:
    return claim(instruction.target(), region);
  case ControlKind::Branch:
    return claim(instruction.target(), region) && claim(op + 1, region);
  case ControlKind::Call:
    return noteCall(op) && claim(op + 1, region);
  case ControlKind::Block:
    return noteBlock(op, region) && claim(op + 1, region);
  case ControlKind::Next:
  case ControlKind::PushScope:
  case ControlKind::PopScope:
    return claim(op + 1, region);
  }
  return true;
}

void ShapeFinder::noteSlots(const Instruction &instruction, Region &region) const {
  const OpInfo &info = instruction.info();
  if (!info.has(ReadsSlots) && !info.has(WritesSlots))
    return;
  for (size_t i = 0; i != info.operands.size(); ++i)
    if (info.operands[i].kind == OperandKind::Slot)
      region.slots = std::max(region.slots, static_cast<uint32_t>(instruction.operand(i)) + 1);
}

void ShapeFinder::noteReturn(uint64_t op, Region &region) const {
  bool value = chunk.ops[op].opcode() == Opcode::ReturnValue;
  (value ? region.returnValueOp : region.returnOp) = op;
}

bool ShapeFinder::noteCall(uint64_t op) {
  const Instruction &call = chunk.ops[op];
  auto entry = result.subEntries.find(call.a());
  if (entry == result.subEntries.end())
    return true; // an error at run time
  uint64_t size = chunk.ops.size();
  if (entry->second >= size)
    return fail(Invariant::EntryOutOfChunk, op,
                strCat("the sub begins at op ", entry->second, "; the chunk has ", size));
  if (entry->second == 0)
    return fail(Invariant::FunctionsOverlap, op, "the sub begins where the main program does");
  auto [known, isNew] =
      functionAt.try_emplace(entry->second, static_cast<uint32_t>(regions.size()));
  if (isNew)
    regions.push_back({.entry = entry->second,
                       .end = size,
                       .isBlock = false,
                       .arguments = call.b(),
                       .users = {}});
  uint32_t arguments = regions[known->second].arguments;
  if (arguments != call.b())
    return fail(Invariant::ArgumentsDiffer, op,
                strCat("passes ", countText(call.b(), "argument"), ", another call ", arguments));
  return true;
}

/// The subs that an AWK driver enters are functions even if the chunk does not call them.
void ShapeFinder::addAwkSubs() {
  for (const SubEntry &sub : chunk.subEntries) {
    bool isEntered = std::find(std::begin(awkProgramSubs), std::end(awkProgramSubs),
                               chunk.nameOr(sub.name)) != std::end(awkProgramSubs);
    if (!isEntered || sub.op == 0 || sub.op >= chunk.ops.size() || regionOf[sub.op] != noFunction ||
        !functionAt.emplace(sub.op, static_cast<uint32_t>(regions.size())).second)
      continue;
    regions.push_back(
        {.entry = sub.op, .end = chunk.ops.size(), .isBlock = false, .arguments = 0, .users = {}});
  }
}

bool ShapeFinder::noteBlock(uint64_t op, uint32_t region) {
  const Instruction &instruction = chunk.ops[op];
  BlockRange range = chunk.blockRanges[instruction.a()];
  uint32_t elements = instruction.opcode() == Opcode::SortBlock ? 2 : 1;
  auto [known, isNew] =
      blockAt.try_emplace({range.start, range.end}, static_cast<uint32_t>(regions.size()));
  if (isNew)
    regions.push_back({.entry = range.start,
                       .end = range.end,
                       .isBlock = true,
                       .arguments = elements,
                       .users = {}});
  Region &block = regions[known->second];
  if (block.arguments != elements)
    return fail(Invariant::ArgumentsDiffer, op,
                strCat("starts the block with ", countText(elements, "value"), ", another op with ",
                       block.arguments));
  block.users.push_back(region);
  return true;
}

/// A return in a block leaves the function around it, so it counts for whoever runs the
/// block.
void ShapeFinder::passReturnsOn() {
  for (uint32_t region = 0; region != regions.size(); ++region)
    if (regions[region].returnOp != noOp || regions[region].returnValueOp != noOp)
      pending.push_back(region);
  while (!pending.empty()) {
    const Region &block = regions[pending.back()];
    pending.pop_back();
    for (uint32_t index : block.users) {
      Region &user = regions[index];
      bool changes = (block.returnOp != noOp && user.returnOp == noOp) ||
                     (block.returnValueOp != noOp && user.returnValueOp == noOp);
      if (user.returnOp == noOp)
        user.returnOp = block.returnOp;
      if (user.returnValueOp == noOp)
        user.returnValueOp = block.returnValueOp;
      if (changes)
        pending.push_back(index);
    }
  }
}

bool ShapeFinder::checkReturns() {
  // A return of the main program ends the run: nobody sees how high the stack is.
  for (size_t i = 1; i != regions.size(); ++i) {
    const Region &region = regions[i];
    if (!region.isBlock && region.returnOp != noOp && region.returnValueOp != noOp)
      return fail(
          Invariant::ReturnsDiffer, region.returnValueOp,
          strCat("the sub at op ", region.entry, " also has the Return at op ", region.returnOp));
  }
  return true;
}

//===----------------------------------------------------------------------===//
// The second pass: heights
//===----------------------------------------------------------------------===//

bool ShapeFinder::findHeights(Region &region) {
  pending.clear();
  region.maxHeight = region.arguments;
  bool ok = enter(region.entry, {region.arguments, noScope}, region);
  while (ok && !pending.empty()) {
    uint64_t op = pending.back();
    pending.pop_back();
    ok = step(op, region);
  }
  return ok;
}

bool ShapeFinder::enter(uint64_t op, State state, const Region &region) {
  if (op >= region.end)
    return true;
  if (heights[op] == unreachedHeight) {
    heights[op] = static_cast<int32_t>(state.height);
    scopes[op] = state.scope;
    pending.push_back(op);
    return true;
  }
  if (scopes[op] != state.scope)
    return fail(Invariant::ScopesDiffer, op, "reached with different scopes open");
  if (heights[op] != state.height)
    return fail(
        Invariant::HeightsDiffer, op,
        strCat("reached with ", heights[op], " and with ", state.height, " values on the stack"));
  return true;
}

bool ShapeFinder::step(uint64_t op, Region &region) {
  const Instruction &instruction = chunk.ops[op];
  State state{heights[op], scopes[op]};
  StackEffect effect = effects.effectOf(instruction);
  if (effect.pops > state.height)
    return fail(
        Invariant::StackShortfall, op,
        strCat("takes ", countText(effect.pops, "value"), " where the stack has ", state.height));
  ControlKind control = instruction.info().control;
  if (control == ControlKind::Call)
    effect.pushes = callResults(instruction);
  state.height += int64_t{effect.pushes} - int64_t{effect.pops};
  if (state.height > heightLimit)
    return fail(Invariant::StackTooHigh, op, strCat(state.height, " values on the stack"));
  region.maxHeight = std::max(region.maxHeight, state.height);
  if (control == ControlKind::PushScope)
    state.scope = scopeInside(op, state);
  if (control == ControlKind::PopScope && !leaveScope(op, state))
    return false;
  return follow(op, state, region);
}

bool ShapeFinder::follow(uint64_t op, State state, const Region &region) {
  const Instruction &instruction = chunk.ops[op];
  switch (instruction.info().control) {
  case ControlKind::Halt:
  case ControlKind::Return:
    return true;
  case ControlKind::Jump:
    return enter(instruction.target(), state, region);
  case ControlKind::Branch:
    return enter(instruction.target(), state, region) && enter(op + 1, state, region);
  case ControlKind::Next:
  case ControlKind::Call:
  case ControlKind::PushScope:
  case ControlKind::PopScope:
  case ControlKind::Block:
    return enter(op + 1, state, region);
  }
  return true;
}

/// How many values a call leaves in place of its arguments. If the sub does not exist,
/// the run may be continued after the error with the arguments still there. Behind a sub
/// that never returns any number will do.
uint32_t ShapeFinder::callResults(const Instruction &call) const {
  auto entry = result.subEntries.find(call.a());
  if (entry == result.subEntries.end())
    return call.b();
  return regions[functionAt.find(entry->second)->second].returnValueOp != noOp ? 1 : 0;
}

/// Scopes opened at one op with the same scopes around it are the same scope.
uint32_t ShapeFinder::scopeInside(uint64_t op, State state) {
  auto [known, isNew] = scopeAt.try_emplace(op, static_cast<uint32_t>(scopeTable.size() + 1));
  if (isNew)
    scopeTable.push_back(
        {state.scope, static_cast<uint32_t>(state.height), result.scopeDepth(state.scope) + 1});
  return known->second;
}

bool ShapeFinder::leaveScope(uint64_t op, State &state) {
  if (state.scope == noScope)
    return fail(Invariant::PopFrameOutsideScope, op, "no scope is open");
  ScopeInfo closed = scopeTable[state.scope - 1];
  // A scope may take values from outside it, such as the first values of its slots.
  state = {std::min<int64_t>(state.height, closed.base), closed.outer};
  return true;
}

//===----------------------------------------------------------------------===//
// The result
//===----------------------------------------------------------------------===//

/// Turns regions into functions. The ops of blocks belong to none: how high the stack is
/// there depends on who runs the block.
void ShapeFinder::publish() {
  std::vector<uint32_t> functionOfRegion(regions.size(), noFunction);
  for (size_t i = 0; i != regions.size(); ++i) {
    const Region &region = regions[i];
    if (region.isBlock)
      continue;
    functionOfRegion[i] = static_cast<uint32_t>(result.functions.size());
    std::optional<bool> returnsValue;
    if (region.returnOp != noOp || region.returnValueOp != noOp)
      returnsValue = region.returnValueOp != noOp;
    result.functions.push_back({.entry = region.entry,
                                .arguments = region.arguments,
                                .maxHeight = static_cast<uint32_t>(region.maxHeight),
                                .slots = region.slots,
                                .returnsValue = returnsValue});
  }
  for (uint64_t op = 0; op != chunk.ops.size(); ++op) {
    if (regionOf[op] == noFunction)
      continue;
    regionOf[op] = functionOfRegion[regionOf[op]];
    if (regionOf[op] == noFunction) {
      heights[op] = unreachedHeight;
      scopes[op] = noScope;
    }
  }
}

} // namespace

std::optional<Violation> findStackShape(const Chunk &chunk, const CalloutEffects &effects,
                                        ChunkAnalysis &result) {
  return ShapeFinder(chunk, effects, result).run();
}

} // namespace fusevm
