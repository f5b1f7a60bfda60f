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
constexpr uint64_t noOp = ~uint64_t(0); ///< behind the end of every region

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

/// What calls of a name enter.
struct Sub {
  uint64_t entry = 0;
  uint32_t region = noFunction; ///< until it is called
  bool exists = false;
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
      : chunk(chunk), ops(chunk.ops), effects(effects), result(result),
        scopeTable(result.scopeTable) {
    // A constructor with a constant becomes a memset, assign() does not.
    result.functionOf = std::vector<uint32_t>(ops.size(), noFunction);
    result.heights = std::vector<int32_t>(ops.size(), unreachedHeight);
    result.scopes = std::vector<uint32_t>(ops.size(), noScope);
    regionOf = absl::MakeSpan(result.functionOf);
    heights = absl::MakeSpan(result.heights);
    scopes = absl::MakeSpan(result.scopes);
  }

  std::optional<Violation> run();

private:
  /// Notes a violation. Returns false.
  bool fail(Invariant invariant, uint64_t op, std::string message) {
    violation = Violation{invariant, op, std::move(message)};
    return false;
  }

  // The first pass.
  void collectSubs();
  bool discover(uint32_t region);
  uint64_t discoverOp(uint64_t op, uint32_t region);
  bool claim(uint64_t op, uint32_t region);
  bool failToClaim(uint64_t op, uint32_t region);
  bool noteCall(uint64_t op);
  void addAwkSubs();
  bool noteBlock(uint64_t op, uint32_t region);
  void noteReturn(uint64_t op, Region &region) const;
  static void noteSlots(const Instruction &instruction, OpShape shape, Region &region);
  uint32_t regionFrom(uint64_t entry, uint32_t arguments);
  std::string describeRegion(const Region &region) const;
  void passReturnsOn();
  bool checkReturns();

  // The second pass.
  bool findHeights(Region &region);
  uint64_t step(uint64_t op, State &state, Region &region);
  bool applyEffect(uint64_t op, OpShape shape, State &state);
  bool enter(uint64_t op, State state, const Region &region);
  bool failToEnter(uint64_t op, State state);
  bool leaveScope(uint64_t op, State &state);
  uint32_t callResults(const Instruction &call) const;
  uint32_t scopeInside(uint64_t op, State state);

  void publish();

  const Chunk &chunk;
  absl::Span<const Instruction> ops;
  const CalloutEffects &effects;
  ChunkAnalysis &result;
  // What will be the result's, but for regions in place of functions.
  absl::Span<uint32_t> regionOf;
  absl::Span<int32_t> heights;
  absl::Span<uint32_t> scopes;
  std::vector<ScopeInfo> &scopeTable;

  std::optional<Violation> violation;
  std::vector<Region> regions;   ///< the main program first
  std::vector<uint64_t> pending; ///< ops that jumps have reached, to walk on from
  std::vector<Sub> subs;         ///< by name
  absl::flat_hash_map<std::pair<uint64_t, uint64_t>, uint32_t> blockAt;
  absl::flat_hash_map<uint64_t, uint32_t> scopeAt; ///< by PushFrame
};

std::optional<Violation> ShapeFinder::run() {
  collectSubs();
  regions.reserve(chunk.subEntries.size() + 1);
  regions.push_back({.entry = 0, .end = ops.size(), .isBlock = false, .arguments = 0, .users = {}});
  uint32_t region = 0;
  for (; region != regions.size(); ++region)
    if (!discover(region))
      return violation;
  addAwkSubs();
  for (; region != regions.size(); ++region)
    if (!discover(region))
      return violation;
  for (const Region &region : regions)
    if (region.entry < ops.size())
      heights[region.entry] = unreachedHeight;
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
  if (claim(regions[region].entry, region))
    pending.push_back(regions[region].entry);
  while (!violation && !pending.empty()) {
    uint64_t op = pending.back();
    pending.pop_back();
    do
      op = discoverOp(op, region);
    while (claim(op, region));
  }
  return !violation;
}

/// Gives \p op to the region. Returns whether the walk goes on there: not if the region
/// had it before or ends.
FUSEVM_ALWAYS_INLINE bool ShapeFinder::claim(uint64_t op, uint32_t region) {
  if (op >= regions[region].end || regionOf[op] == region)
    return false;
  if (regionOf[op] != noFunction)
    return failToClaim(op, region);
  regionOf[op] = region;
  return true;
}

bool ShapeFinder::failToClaim(uint64_t op, uint32_t region) {
  return fail(Invariant::FunctionsOverlap, op,
              strCat("reached from ", describeRegion(regions[regionOf[op]]), " and from ",
                     describeRegion(regions[region])));
}

std::string ShapeFinder::describeRegion(const Region &region) const {
  if (&region == regions.data())
    return "the main program";
  return strCat(region.isBlock ? "the block at op " : "the sub at op ", region.entry);
}

/// Notes what matters of \p op. Returns the op that comes next; noOp if there is none or
/// something is wrong.
uint64_t ShapeFinder::discoverOp(uint64_t op, uint32_t region) {
  const Instruction &instruction = ops[op];
  OpShape shape = opShape(instruction.opcode());
  if (shape.slotFields != 0)
    noteSlots(instruction, shape, regions[region]);
  if (shape.control == ControlKind::Next)
    return op + 1;
  switch (shape.control) {
  case ControlKind::Halt:
    return noOp;
  case ControlKind::Return:
    noteReturn(op, regions[region]);
    return noOp;
  case ControlKind::Jump:
    return instruction.target();
  case ControlKind::Branch:
    if (claim(instruction.target(), region))
      pending.push_back(instruction.target());
    return violation ? noOp : op + 1;
  case ControlKind::Call:
    return noteCall(op) ? op + 1 : noOp;
  case ControlKind::Block:
    return noteBlock(op, region) ? op + 1 : noOp;
  case ControlKind::Next:
  case ControlKind::PushScope:
  case ControlKind::PopScope:
    return op + 1;
  }
  return noOp;
}

void ShapeFinder::noteSlots(const Instruction &instruction, OpShape shape, Region &region) {
  if (shape.hasSlotIn(Field::A))
    region.slots = std::max(region.slots, instruction.a() + 1U);
  if (shape.hasSlotIn(Field::B))
    region.slots = std::max(region.slots, instruction.b() + 1U);
  if (shape.hasSlotIn(Field::C))
    region.slots = std::max(region.slots, instruction.c() + 1U);
}

void ShapeFinder::noteReturn(uint64_t op, Region &region) const {
  bool value = ops[op].opcode() == Opcode::ReturnValue;
  (value ? region.returnValueOp : region.returnOp) = op;
}

void ShapeFinder::collectSubs() {
  for (SubEntry entry : chunk.subEntries) {
    if (entry.name >= subs.size())
      subs.resize(entry.name + 1U);
    if (!subs[entry.name].exists)
      subs[entry.name] = {.entry = entry.op, .exists = true};
  }
}

bool ShapeFinder::noteCall(uint64_t op) {
  const Instruction &call = ops[op];
  if (call.a() >= subs.size() || !subs[call.a()].exists)
    return true; // an error at run time
  Sub &sub = subs[call.a()];
  if (sub.region == noFunction) {
    if (sub.entry >= ops.size())
      return fail(Invariant::EntryOutOfChunk, op,
                  strCat("the sub begins at op ", sub.entry, "; the chunk has ", ops.size()));
    if (sub.entry == 0)
      return fail(Invariant::FunctionsOverlap, op, "the sub begins where the main program does");
    sub.region = regionFrom(sub.entry, call.b());
  }
  uint32_t arguments = regions[sub.region].arguments;
  if (arguments != call.b())
    return fail(Invariant::ArgumentsDiffer, op,
                strCat("passes ", countText(call.b(), "argument"), ", another call ", arguments));
  return true;
}

/// Returns the region of the subs that begin at \p entry: a new one, which starts with
/// \p arguments, if no call of them was met before.
uint32_t ShapeFinder::regionFrom(uint64_t entry, uint32_t arguments) {
  // Heights are not needed yet, and this is much faster than a hash table.
  int32_t &region = heights[entry];
  if (region == unreachedHeight) {
    region = static_cast<int32_t>(regions.size());
    regions.push_back(
        {.entry = entry, .end = ops.size(), .isBlock = false, .arguments = arguments, .users = {}});
  }
  return static_cast<uint32_t>(region);
}

/// The subs that an AWK driver enters are functions even if the chunk does not call them.
void ShapeFinder::addAwkSubs() {
  for (const SubEntry &sub : chunk.subEntries) {
    bool isEntered = std::find(std::begin(awkProgramSubs), std::end(awkProgramSubs),
                               chunk.nameOr(sub.name)) != std::end(awkProgramSubs);
    if (isEntered && sub.op != 0 && sub.op < ops.size() && regionOf[sub.op] == noFunction)
      regionFrom(sub.op, 0);
  }
}

bool ShapeFinder::noteBlock(uint64_t op, uint32_t region) {
  const Instruction &instruction = ops[op];
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
  if (enter(region.entry, {region.arguments, noScope}, region))
    pending.push_back(region.entry);
  while (!violation && !pending.empty()) {
    uint64_t op = pending.back();
    pending.pop_back();
    State state{heights[op], scopes[op]};
    do
      op = step(op, state, region);
    while (enter(op, state, region));
  }
  return !violation;
}

/// Notes that \p op is reached in \p state. Returns whether the walk goes on there.
FUSEVM_ALWAYS_INLINE bool ShapeFinder::enter(uint64_t op, State state, const Region &region) {
  if (op >= region.end)
    return false;
  if (heights[op] != unreachedHeight)
    return (scopes[op] != state.scope || heights[op] != state.height) && failToEnter(op, state);
  heights[op] = static_cast<int32_t>(state.height);
  scopes[op] = state.scope;
  return true;
}

bool ShapeFinder::failToEnter(uint64_t op, State state) {
  if (scopes[op] != state.scope)
    return fail(Invariant::ScopesDiffer, op, "reached with different scopes open");
  return fail(
      Invariant::HeightsDiffer, op,
      strCat("reached with ", heights[op], " and with ", state.height, " values on the stack"));
}

/// Turns the state before \p op into that behind it. Returns the op that comes next; noOp if
/// there is none or something is wrong.
uint64_t ShapeFinder::step(uint64_t op, State &state, Region &region) {
  const Instruction &instruction = ops[op];
  OpShape shape = opShape(instruction.opcode());
  if (!applyEffect(op, shape, state))
    return noOp;
  region.maxHeight = std::max(region.maxHeight, state.height);
  if (shape.control == ControlKind::Next)
    return op + 1;
  switch (shape.control) {
  case ControlKind::Halt:
  case ControlKind::Return:
    return noOp;
  case ControlKind::Jump:
    return instruction.target();
  case ControlKind::Branch:
    if (enter(instruction.target(), state, region))
      pending.push_back(instruction.target());
    return violation ? noOp : op + 1;
  case ControlKind::PushScope:
    state.scope = scopeInside(op, state);
    return op + 1;
  case ControlKind::PopScope:
    return leaveScope(op, state) ? op + 1 : noOp;
  case ControlKind::Next:
  case ControlKind::Call:
  case ControlKind::Block:
    return op + 1;
  }
  return noOp;
}

bool ShapeFinder::applyEffect(uint64_t op, OpShape shape, State &state) {
  int64_t pops = shape.pops;
  int64_t pushes = shape.pushes;
  if (pops < 0 || pushes < 0 || shape.has(CallsOut)) {
    StackEffect effect = effects.effectOf(ops[op]);
    pops = effect.pops;
    pushes = shape.control == ControlKind::Call ? callResults(ops[op]) : effect.pushes;
  }
  if (pops > state.height)
    return fail(Invariant::StackShortfall, op,
                strCat("takes ", countText(static_cast<uint64_t>(pops), "value"),
                       " where the stack has ", state.height));
  state.height += pushes - pops;
  if (state.height > heightLimit)
    return fail(Invariant::StackTooHigh, op, strCat(state.height, " values on the stack"));
  return true;
}

/// How many values a call leaves in place of its arguments. If the sub does not exist,
/// the run may be continued after the error with the arguments still there. Behind a sub
/// that never returns any number will do.
uint32_t ShapeFinder::callResults(const Instruction &call) const {
  if (call.a() >= subs.size() || !subs[call.a()].exists)
    return call.b();
  return regions[subs[call.a()].region].returnValueOp != noOp ? 1 : 0;
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
  if (result.functions.size() == regions.size())
    return;
  for (uint64_t op = 0; op != ops.size(); ++op) {
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
