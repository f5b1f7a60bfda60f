//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "BlockTier.h"

#include "BoxedActivation.h"
#include "LiveSlots.h"
#include "NativeCalls.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <utility>

namespace fusevm {

BlockTier::BlockTier(std::shared_ptr<JitCompiler> compiler, JitConfig config)
    : compiler(std::move(compiler)), config(std::move(config)),
      currentInterval(this->config.interval) {}

BlockTier::~BlockTier() = default;

uint64_t BlockTier::interval(const Machine &machine) const {
  if (config.tier != JitTier::Automatic)
    return 0;
  // The same however often the fast loop is left meanwhile.
  return std::max<uint64_t>(nextLook - std::min(nextLook, machine.opsExecuted), 1);
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// Keeps \p used while native code runs that may need it.
void BlockTier::keep(std::shared_ptr<const void> used) {
  if (depth != 0 && used)
    kept.push_back(std::move(used));
}

void BlockTier::forgetUnit(UnitEntry &entry) { keep(std::exchange(entry.unit, nullptr)); }

/// Begins anew if the machine has another chunk, or other callout effects.
void BlockTier::follow(const Machine &machine) {
  if (prepared == machine.prepared) {
    // The VM was reset; its chunk stays.
    if (machine.opsExecuted < opsAtLastLook && config.tier == JitTier::Automatic)
      beginTiming(machine);
    opsAtLastLook = machine.opsExecuted;
    return;
  }
  keep(std::exchange(prepared, machine.prepared));
  keep(std::exchange(chunk, machine.chunk));
  for (auto &entry : entries)
    forgetUnit(*entry.second);
  entries.clear();
  boxed = {};
  ++era;
  watch = linger = 0;
  lingeredFor = nullptr;
  beginSeeking(0);
  awaited = nullptr;
  currentInterval = config.interval;
  file = nullptr;
  hasLooked = hasLookedOnDisk = isStocked = isExpected = false;
  millisecondsToFirstLook = config.millisecondsToFirstLook;
  if (config.tier == JitTier::Automatic) {
    takeStock();
    beginTiming(machine);
  }
  chosen = FUSEVM_NO_OP;
  const std::vector<Instruction> &ops = machine.chunk->ops;
  profile.assign(ops.size(), {});
  liveSlots.clear();
  entryOps.assign(ops.size(), false);
  isStraightLine = std::all_of(ops.begin(), ops.end(), [](const Instruction &instruction) {
    return instruction.info().control == ControlKind::Next;
  });
  if (prepared->analysis.disposition != Disposition::Fast)
    return;
  nativeFunctions = findNativeFunctions(*machine.chunk, prepared->analysis);
  callWindow = {};
  for (size_t i = 0; i != nativeFunctions.size(); ++i)
    if (nativeFunctions[i]) {
      const FunctionInfo &function = prepared->analysis.functions[i];
      callWindow.height = std::max<size_t>(callWindow.height, function.maxHeight);
      callWindow.slots = std::max<size_t>(callWindow.slots, function.slots);
    }
  for (const FunctionInfo &function : prepared->analysis.functions)
    if (function.entry < ops.size())
      entryOps[function.entry] = true;
  findLoops();
}

/// Begins to count ops and time of a run.
void BlockTier::beginTiming(const Machine &machine) {
  uint64_t opsToLook = config.opsToFirstLook;
  if (hasLooked)
    opsToLook = config.interval;
  else if (mayKeepCode())
    opsToLook = std::min(opsToLook, config.opsToLookOnDisk);
  nextLook = machine.opsExecuted + opsToLook;
  start = std::chrono::steady_clock::now();
  opsAtStart = opsAtLastLook = machine.opsExecuted;
  nativeOps = quickOps = 0;
}

/// What a unit that begins at ip would assume.
EntryKinds BlockTier::kindsAt(const Machine &machine) {
  if (liveSlots.empty())
    liveSlots = findLiveSlots(*machine.chunk);
  EntryKinds kinds = EntryKinds::of(machine);
  kinds.ignoreDeadSlots(liveSlots[machine.ip]);
  return kinds;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

TierExit BlockTier::run(Machine &machine) {
  ++running;
  follow(machine);
  TierExit exit = runUnit(machine);
  if (exit == TierExit::NotEntered && isForBoxed(machine))
    exit = runBoxed(machine);
  --running;
  return exit;
}

TierExit BlockTier::runUnit(Machine &machine) {
  bool hasComeBack = std::exchange(wasLeft, false);
  if (watch != 0 || !canEnter(machine))
    return TierExit::NotEntered;
  if (config.tier == JitTier::Linear && !isStraightLine)
    return TierExit::NotEntered;
  bool isAutomatic = config.tier == JitTier::Automatic;
  // The caller of what was compiled goes on: it is as hot. If it only returns, what it
  // returns to is.
  if (isAutomatic && hasComeBack && isAfterCall(machine) && !warm(machine, 1))
    beginSeeking(opsToNextCall);
  auto found = entries.find(machine.ip);
  if (found == entries.end()) {
    if (isAutomatic)
      return TierExit::NotEntered;
    found = entries.emplace(machine.ip, std::make_unique<UnitEntry>()).first;
  }
  UnitEntry &entry = *found->second;
  if (!isAutomatic && entry.compiles == 0 && entry.heat++ < config.callThreshold)
    return TierExit::NotEntered;
  if (isAutomatic && entry.compiles == 0 && entry.heat < config.loopThreshold)
    return TierExit::NotEntered;
  prepareUnit(machine, entry);
  if (!entry.unit)
    return TierExit::NotEntered;
  return enter(machine, entry);
}

/// Whether the code at ip can run natively only as boxed code. The automatic tier leaves that
/// to the interpreter, which is not slower.
bool BlockTier::isForBoxed(const Machine &machine) const {
  if (config.tier == JitTier::Automatic || (config.tier == JitTier::Linear && !isStraightLine) ||
      machine.halted || machine.ip >= machine.chunk->ops.size() || machine.interrupted.load())
    return false;
  auto found = entries.find(machine.ip);
  return !canEnter(machine) || (found != entries.end() && found->second->isRefused);
}

TierExit BlockTier::runBoxed(Machine &machine) {
  take(boxed, machine.ip);
  if (boxed.isRefused || boxed.pending || (!boxed.unit && boxed.heat++ < config.callThreshold))
    return TierExit::NotEntered;
  if (!boxed.unit && !takeShared(boxed, keyOf(FUSEVM_NO_OP, {}, FUSEVM_QUALITY_QUICK)))
    requestUnit(boxed, machine.ip, std::make_unique<UnitRequest>(machine.chunk));
  if (!boxed.unit)
    return TierExit::NotEntered;
  ++counts.entries;
  BoxedActivation activation(machine, boxed.unit, config.coverage.get());
  TierExit exit = activation.run();
  counts.hostCalls += activation.steps;
  return exit;
}

TierExit BlockTier::enter(Machine &machine, UnitEntry &entry) {
  ++counts.entries;
  if (linger != 0 && lingeredFor)
    lingeredFor->lingersInVain = 0;
  linger = 0;
  if (depth++ == 0)
    kept.clear();
  if (config.coverage)
    noteKinds(machine);
  uint64_t budget = budgetOf(entry);
  Activation activation(machine, *entry.unit, callWindow, budget, config);
  // What runs inside may be another chunk, and this entry gone.
  uint64_t before = era;
  uint64_t op = machine.ip;
  uint64_t opsBefore = machine.opsExecuted;
  const FusevmSnapshot *snapshot = activation.run();
  --depth;
  // What native code executes is no reason to look at what the fast loop does.
  nextLook = std::max(nextLook, machine.opsExecuted + currentInterval);
  counts.hostCalls += activation.hostCalls;
  uint64_t ops = machine.opsExecuted - opsBefore;
  bool isSame = era == before && machine.prepared == prepared;
  if (isSame && activation.isMostlyHost) {
    forgetUnit(entry);
    entry.pending.reset();
    refuse(entry, op, "mostly ops of the host");
    return TierExit::Switch;
  }
  if (isSame && depth == 0)
    nativeOps += ops;
  if (isSame && budget != 0) {
    entry.executed += ops;
    quickOps += ops;
    entry.isHot |= entry.executed >= config.opsToMoveUp;
  }
  if (!snapshot) {
    wasLeft = activation.exit == TierExit::Switch && ops >= leastOpsToComeBack &&
              ops <= mostOpsToComeBack;
    if (isSame && activation.exit == TierExit::Switch && config.tier == JitTier::Automatic &&
        entry.lingersInVain < mostLingersInVain) {
      linger = std::min(ops / nativeOpsToLinger, mostOpsToLinger);
      lingeredFor = &entry;
    }
    return activation.exit;
  }
  if (!isSame)
    return TierExit::Switch;
  noteExit(machine, entry, *snapshot);
  // What the unit left out runs now.
  if (snapshot->reason == FUSEVM_EXIT_OTHER && config.tier == JitTier::Automatic)
    beginSeeking(opsToEntry);
  if (config.coverage && snapshot->reason == FUSEVM_EXIT_KIND)
    noteGuard(machine, *snapshot, activation.hasFailedOnPurpose());
  if (snapshot->reason == FUSEVM_EXIT_POLL && budget != 0 && moveUp(machine, entry, op))
    return TierExit::Switch;
  return TierExit::Interpret;
}

static const char *reasonName(uint8_t reason) {
  switch (reason) {
  case FUSEVM_EXIT_ENTRY:
    return "kinds at entry";
  case FUSEVM_EXIT_KIND:
    return "guard";
  case FUSEVM_EXIT_POLL:
    return "poll";
  case FUSEVM_EXIT_LIMIT:
    return "limit";
  case FUSEVM_EXIT_END:
    return "end of code";
  default:
    return "not part of the unit";
  }
}

static bool accessesHash(const Instruction &instruction) {
  return instruction.opcode() == Opcode::HashGet || instruction.opcode() == Opcode::HashSet;
}

/// Whether the op at \p op, which is next, accesses a hash and does not find its key where it was
/// last found, or would have to copy the hash.
bool BlockTier::missesKey(const Machine &machine, uint64_t op) {
  const Instruction &instruction = machine.chunk->ops[op];
  if (!accessesHash(instruction) || machine.stack.empty())
    return false;
  const Value &hash = machine.global(instruction.a());
  const Value &key = machine.stack.fromTop(0);
  return !hash.isHash() || !key.isStr() || !hash.asHash().findAgain(key.stringObject()) ||
         (instruction.opcode() == Opcode::HashSet && !hash.isUnique());
}

void BlockTier::noteExit(Machine &machine, UnitEntry &entry, const FusevmSnapshot &snapshot) {
  ++exits[snapshot.reason];
  if (snapshot.reason == FUSEVM_EXIT_ENTRY)
    ++entry.misses;
  if (snapshot.reason != FUSEVM_EXIT_KIND)
    return;
  ++entry.failures;
  OpProfile &seen = profile[snapshot.guard];
  if (seen.failures != UINT8_MAX)
    ++seen.failures;
  // Keys of one hash come and go together.
  if (snapshot.op == snapshot.guard && missesKey(machine, snapshot.op)) {
    uint32_t name = machine.chunk->ops[snapshot.op].a();
    for (size_t i = 0; i != profile.size(); ++i)
      if (const Instruction &other = machine.chunk->ops[i];
          accessesHash(other) && other.a() == name)
        profile[i].misses = OpProfile::Failed;
  }
  if (config.log)
    config.log(strCat("deopt at op ", snapshot.op, " ",
                      snapshot.guard < machine.chunk->ops.size()
                          ? opName(machine.chunk->ops[snapshot.guard].opcode())
                          : "",
                      " line ", machine.chunk->lineOf(snapshot.guard)));
}

JitStatistics BlockTier::statistics() const {
  JitStatistics result = counts;
  for (uint8_t reason = 0; reason != std::size(exits); ++reason)
    if (exits[reason] != 0)
      result.exits[reasonName(reason)] += exits[reason];
  return result;
}

//===----------------------------------------------------------------------===//
// Coverage
//===----------------------------------------------------------------------===//

/// Counts the kinds of the values that a unit is entered with.
void BlockTier::noteKinds(const Machine &machine) {
  EntryKinds kinds = EntryKinds::of(machine);
  for (const std::vector<uint8_t> *values : {&kinds.slots, &kinds.globals, &kinds.stack})
    for (uint8_t kind : *values)
      ++config.coverage->atEntry[kind];
}

/// Counts the guard that has failed at \p snapshot.
void BlockTier::noteGuard(const Machine &machine, const FusevmSnapshot &snapshot, bool onPurpose) {
  JitCoverage &coverage = *config.coverage;
  auto op = static_cast<size_t>(machine.chunk->ops[snapshot.guard].opcode());
  ++(onPurpose ? coverage.guardsMadeToFail : coverage.failedGuards)[op];
  for (size_t depth = 0; depth != std::min<size_t>(snapshot.height, 2); ++depth)
    ++coverage.atFailedGuard[static_cast<size_t>(machine.stack.fromTop(depth).kind())];
}

//===----------------------------------------------------------------------===//
// VM
//===----------------------------------------------------------------------===//

void VM::enableJit(std::shared_ptr<JitCompiler> compiler, const JitConfig &config) {
  disableJit();
  if (config.tier != JitTier::Interpreter)
    machine->tier = std::make_unique<BlockTier>(std::move(compiler), config);
}

void VM::disableJit() {
  machine->canonical();
  if (machine->tier && machine->tier->isRunning())
    machine->formerTiers.push_back(std::move(machine->tier));
  machine->tier.reset();
}

JitStatistics VM::jitStatistics() const {
  if (!machine->tier)
    return {};
  return static_cast<const BlockTier &>(*machine->tier).statistics();
}

} // namespace fusevm
