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
#include <cmath>
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
  if (prepared == machine.prepared)
    return;
  keep(std::exchange(prepared, machine.prepared));
  keep(std::exchange(chunk, machine.chunk));
  for (auto &entry : entries)
    forgetUnit(*entry.second);
  entries.clear();
  boxed = {};
  ++era;
  watch = seek = 0;
  currentInterval = config.interval;
  bool isKnown = compiler->registry().knows(prepared.get());
  nextLook = machine.opsExecuted + (isKnown ? config.interval : config.opsToFirstLook);
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
  for (size_t i = 0; i != ops.size(); ++i)
    if (ops[i].targetOperand() >= 0 && ops[i].target() <= i)
      entryOps[ops[i].target()] = true;
}

/// What a unit that begins at ip would assume.
EntryKinds BlockTier::kindsAt(const Machine &machine) {
  if (liveSlots.empty())
    liveSlots = findLiveSlots(*machine.chunk);
  EntryKinds kinds = EntryKinds::of(machine);
  kinds.ignoreDeadSlots(liveSlots[machine.ip]);
  return kinds;
}

bool BlockTier::isEntryOp(uint64_t op) const { return op < entryOps.size() && entryOps[op]; }

/// Whether the state is what native code expects it to be, and there is room for it.
bool BlockTier::canEnter(const Machine &machine) const {
  const ChunkAnalysis &analysis = machine.prepared->analysis;
  if (analysis.disposition != Disposition::Fast || machine.halted || depth >= config.maxDepth ||
      !analysis.reached(machine.ip) || machine.frames.empty() || machine.interrupted.load() ||
      machine.fuel < 2 * machine.chunk->ops.size())
    return false;
  if (!machine.blocks.empty() && machine.callDepth <= machine.blocks.back().callDepth)
    return false;
  const FunctionInfo &function = analysis.functions[analysis.functionOf[machine.ip]];
  auto height = static_cast<size_t>(analysis.heights[machine.ip]);
  if (machine.stack.size() < height ||
      machine.stack.size() + function.maxHeight > machine.limits.maxStackValues)
    return false;
  size_t stackStart = machine.stack.size() - height;
  size_t frame = machine.frames.size();
  size_t slotsEnd = machine.slots.size();
  for (uint32_t scope = analysis.scopes[machine.ip];;
       scope = analysis.scopeTable[scope - 1].outer) {
    if (frame == 0)
      return false;
    const FrameRecord &record = machine.frames[--frame];
    if (slotsEnd - record.slotBase < function.slots)
      return false;
    slotsEnd = record.slotBase;
    if (scope == noScope)
      return !record.isScope && record.stackBase <= stackStart;
    if (!record.isScope || record.stackBase != stackStart + analysis.scopeTable[scope - 1].base)
      return false;
  }
}

bool BlockTier::wants(const Machine &machine) {
  if (prepared != machine.prepared || watch != 0 || depth >= config.maxDepth ||
      !(isEntryOp(machine.ip) || (seek != 0 && isAfterCall(machine))))
    return false;
  if (config.tier != JitTier::Automatic)
    return true;
  auto found = entries.find(machine.ip);
  return found != entries.end() && !found->second->isRefused &&
         found->second->heat >= config.loopThreshold;
}

void BlockTier::observe(const Machine &machine) {
  ++counts.interpretedOps;
  if (prepared != machine.prepared)
    return;
  if (watch != 0)
    --watch;
  if (seek != 0) {
    --seek;
    if (isEntryOp(machine.ip) && warm(machine))
      seek = 0;
  }
  OpProfile &seen = profile[machine.ip];
  size_t height = machine.stack.size();
  if (height > 0)
    seen.kinds[0] |= uint16_t(1u << static_cast<unsigned>(machine.stack.fromTop(0).kind()));
  if (height > 1)
    seen.kinds[1] |= uint16_t(1u << static_cast<unsigned>(machine.stack.fromTop(1).kind()));
}

void BlockTier::tick(Machine &machine) {
  follow(machine);
  if (watch != 0 || prepared->analysis.disposition != Disposition::Fast)
    return;
  seek = opsToEntry;
  // Looking costs time, and the more often nothing comes of it the less it is worth.
  currentInterval = std::min(currentInterval + currentInterval / 4, maxInterval);
  nextLook = machine.opsExecuted + currentInterval;
}

/// Whether \p op is executed by the host with all that native code has in registers brought to
/// memory and back, which is slower than in the fast loop.
bool BlockTier::costsMoreNatively(const Machine &machine, uint64_t op) const {
  const OpInfo &info = machine.chunk->ops[op].info();
  return info.has(CallsOut) || info.control == ControlKind::PushScope ||
         info.control == ControlKind::PopScope;
}

/// Whether \p op calls through the host, which is slower than the fast loop's calls.
bool BlockTier::callsThroughHost(const Machine &machine, uint64_t op) const {
  const Instruction &instruction = machine.chunk->ops[op];
  ControlKind control = instruction.info().control;
  if (control != ControlKind::Call)
    return control == ControlKind::Block;
  std::optional<uint32_t> callee = calleeOf(prepared->analysis, instruction);
  return !callee || !nativeFunctions[*callee];
}

/// Whether the unit at \p op is likely to be faster than the fast loop: a loop, or code that
/// goes on calling, of which no call goes through the host, and few other ops do.
bool BlockTier::isWorthIt(const Machine &machine, uint64_t op) const {
  const std::vector<Instruction> &ops = machine.chunk->ops;
  const ChunkAnalysis &analysis = prepared->analysis;
  // The last jump back to the loop's beginning is taken for its end.
  uint64_t end = op;
  uint64_t lastCall = op;
  for (uint64_t i = op; i != ops.size() && analysis.functionOf[i] == analysis.functionOf[op]; ++i) {
    if (ops[i].targetOperand() >= 0 && ops[i].target() == op)
      end = i + 1;
    if (ops[i].info().control == ControlKind::Call)
      lastCall = i + 1;
  }
  if (end == op)
    end = lastCall;
  uint64_t hostOps = 0;
  for (uint64_t i = op; i != end; ++i) {
    if (callsThroughHost(machine, i))
      return false;
    hostOps += costsMoreNatively(machine, i);
  }
  return end != op && hostOps * config.minOpsForHostCall <= end - op;
}

/// Counts that an entry was met soon after a tick, or a return out of native code. Whether it
/// is worth it.
bool BlockTier::warm(const Machine &machine) {
  uint64_t op = machine.ip;
  std::unique_ptr<UnitEntry> &entry = entries[op];
  if (!entry)
    entry = std::make_unique<UnitEntry>();
  if (entry->isRefused)
    return false;
  if (entry->unit || entry->pending)
    return true;
  if (entry->heat == 0 && canEnter(machine) &&
      compiler->registry().find(keyOf(op, kindsAt(machine), config.quality)).unit) {
    entry->heat = config.loopThreshold;
    return true;
  }
  if (entry->heat == 0 && !isWorthIt(machine, op)) {
    refuse(*entry, op, "calls, ops of the host, or no loop");
    return false;
  }
  compiler->engine().prepare();
  currentInterval = config.interval;
  nextLook = machine.opsExecuted + currentInterval;
  // What follows a return was watched with what comes before it.
  if (++entry->heat == config.loopThreshold && isEntryOp(op))
    watch = config.watchedOps;
  return true;
}

/// Whether the op at ip follows a call.
bool BlockTier::isAfterCall(const Machine &machine) const {
  return machine.ip != 0 && machine.ip < machine.chunk->ops.size() &&
         machine.chunk->ops[machine.ip - 1].info().control == ControlKind::Call;
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

/// Notes that there is no code for \p entry, or no better one.
void BlockTier::refuse(UnitEntry &entry, uint64_t op, std::string_view reason) {
  entry.isRefused = !entry.unit;
  entry.isBest = true;
  ++counts.refusals[std::string(reason)];
  if (config.log)
    config.log(strCat("refused op ", op, ": ", reason));
}

/// Gives \p entry its unit, of which pendingIsBest tells the quality.
void BlockTier::install(UnitEntry &entry, std::shared_ptr<const NativeUnit> unit) {
  forgetUnit(entry);
  entry.unit = std::move(unit);
  entry.failures = entry.misses = 0;
  entry.isBest = entry.pendingIsBest;
  ++counts.units;
}

/// The same for a unit that has just been made.
void BlockTier::accept(UnitEntry &entry, std::shared_ptr<const NativeUnit> unit) {
  install(entry, std::move(unit));
  if (compiler->engine().isNearlyFull())
    compiler->registry().dropUnused();
  compiler->registry().add(entry.pendingKey, prepared, entry.unit);
  if (config.log) {
    const FusevmCompileTimes &times = entry.unit->times();
    config.log(strCat("compiled ", entry.unit->symbol(), ": ", entry.unit->codeSize(), " bytes, ",
                      std::llround(1000 * (times.lower + times.optimize + times.emit)), " us, ",
                      entry.unit->nativeOps(), " native ops, ", entry.unit->hostOps(),
                      " host ops"));
  }
  if (config.showListing) {
    config.showListing(entry.unit->ir());
    config.showListing(entry.unit->assembly());
  }
}

/// By what the registry knows a unit at \p op.
UnitKey BlockTier::keyOf(uint64_t op, const EntryKinds &kinds, FusevmQuality quality) const {
  UnitKey key{
      .chunk = prepared.get(), .op = op, .kinds = kinds, .anyKindOps = {}, .quality = quality};
  for (size_t i = 0; i != profile.size(); ++i)
    if (profile[i].failures >= maxGuardFailures)
      key.anyKindOps.push_back(i);
  key.options = static_cast<uint8_t>(
      (config.failingGuard != 0) | (config.storesAtOnce ? 2 : 0) | (config.coverage ? 4 : 0) |
      (config.wantsIR ? 8 : 0) | (config.wantsAssembly ? 16 : 0) | (config.omitsPolls ? 32 : 0));
  return key;
}

/// Takes the unit of \p key, or waits for it, if another VM has asked for it.
bool BlockTier::takeShared(UnitEntry &entry, UnitKey key) {
  UnitRegistry::Found found = compiler->registry().find(key);
  entry.pendingKey = std::move(key);
  if (found.unit) {
    install(entry, std::move(found.unit));
    if (config.log)
      config.log(strCat("shares ", entry.unit->symbol()));
  } else if (found.pending && !config.isSynchronous) {
    entry.pending = std::move(found.pending);
  } else {
    return false;
  }
  ++counts.shared;
  return true;
}

/// Has the unit at ip compiled for the kinds of \p entry.
void BlockTier::compile(Machine &machine, UnitEntry &entry) {
  ++entry.compiles;
  UnitKey key = keyOf(machine.ip, entry.kinds, config.quality);
  if (!entry.isHot && movesUp() && !compiler->registry().find(key).unit)
    key.quality = FUSEVM_QUALITY_QUICK;
  FusevmQuality quality = key.quality;
  entry.pendingIsBest = quality == config.quality;
  if (takeShared(entry, std::move(key)))
    return;
  auto request = std::make_unique<UnitRequest>(machine, machine.ip, entry.kinds, profile,
                                               nativeFunctions, compiler->extensions());
  if (config.tier == JitTier::Linear)
    request->request.unit = FUSEVM_UNIT_LINEAR;
  request->request.quality = quality;
  request->request.failsGuards = config.failingGuard != 0;
  request->request.storesAtOnce = config.storesAtOnce;
  request->request.omitsPolls = config.omitsPolls;
  request->request.countsOps = config.coverage != nullptr;
  requestUnit(entry, machine.ip, std::move(request));
}

/// Has the compiler make what \p request says, for \p entry, which is at \p op.
void BlockTier::requestUnit(UnitEntry &entry, uint64_t op, std::unique_ptr<UnitRequest> request) {
  request->request.wantsIR = config.wantsIR;
  request->request.wantsAssembly = config.wantsAssembly;
  if (!config.isSynchronous) {
    entry.pending = compiler->engine().requestCompile(std::move(request));
    compiler->registry().add(entry.pendingKey, prepared, entry.pending);
    return;
  }
  absl::StatusOr<std::shared_ptr<const NativeUnit>> unit =
      compiler->engine().compileNow(request->request);
  if (unit.ok())
    accept(entry, *std::move(unit));
  else
    refuse(entry, op, std::string(unit.status().message()));
}

/// Takes what the compiler has made in the background, if it is ready.
void BlockTier::take(UnitEntry &entry, uint64_t op) {
  if (!entry.pending || entry.pending->state() == PendingUnit::State::Waiting)
    return;
  std::shared_ptr<PendingUnit> done = std::exchange(entry.pending, nullptr);
  if (done->state() == PendingUnit::State::Ready)
    accept(entry, done->unit());
  else
    refuse(entry, op, done->refusal());
}

/// After how many ops the code of \p entry shall be left, to see whether there is better code;
/// 0: it is the best.
uint64_t BlockTier::budgetOf(const UnitEntry &entry) const {
  if (entry.isBest || !movesUp())
    return 0;
  uint64_t left = config.opsToMoveUp - std::min(config.opsToMoveUp, entry.executed);
  // The longer it takes the less often: leaving costs time.
  return std::max(left, entry.executed / 4 + 1);
}

/// Has the code at ip, where one that is not the best has used up its budget, compiled at the
/// best quality. Whether native code can go on there.
bool BlockTier::moveUp(Machine &machine) {
  if (!isEntryOp(machine.ip) || !canEnter(machine))
    return false;
  std::unique_ptr<UnitEntry> &place = entries[machine.ip];
  if (!place)
    place = std::make_unique<UnitEntry>();
  place->isHot = true;
  place->heat = std::max(place->heat, config.loopThreshold);
  prepareUnit(machine, *place);
  return place->unit != nullptr;
}

/// Does what there is to do so that the entry at ip gets a unit.
void BlockTier::prepareUnit(Machine &machine, UnitEntry &entry) {
  take(entry, machine.ip);
  if (entry.isRefused || entry.pending)
    return;
  bool isWrong = entry.unit && (entry.misses > 1 || entry.failures > 1);
  bool isSlow = entry.unit && entry.isHot && !entry.isBest;
  if (entry.unit && !isWrong && !isSlow)
    return;
  if (isWrong && entry.compiles >= config.maxCompiles) {
    forgetUnit(entry);
    return refuse(entry, machine.ip, "its assumptions failed too often");
  }
  EntryKinds now = kindsAt(machine);
  if (entry.compiles == 0)
    entry.kinds = std::move(now);
  else
    entry.kinds.widen(now);
  if (isWrong)
    forgetUnit(entry);
  compile(machine, entry);
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
  if (isAutomatic && hasComeBack && isAfterCall(machine) && !warm(machine))
    seek = opsToNextCall;
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
  if (depth++ == 0)
    kept.clear();
  if (config.coverage)
    noteKinds(machine);
  uint64_t budget = budgetOf(entry);
  Activation activation(machine, *entry.unit, callWindow, budget, config);
  // What runs inside may be another chunk, and this entry gone.
  uint64_t before = era;
  uint64_t op = machine.ip;
  uint64_t executed = machine.opsExecuted;
  const FusevmSnapshot *snapshot = activation.run();
  --depth;
  // What native code executes is no reason to look at what the fast loop does.
  nextLook = std::max(nextLook, machine.opsExecuted + currentInterval);
  counts.hostCalls += activation.hostCalls;
  bool isSame = era == before && machine.prepared == prepared;
  if (isSame && activation.isMostlyHost) {
    forgetUnit(entry);
    entry.pending.reset();
    refuse(entry, op, "mostly ops of the host");
    return TierExit::Switch;
  }
  if (isSame && budget != 0) {
    entry.executed += machine.opsExecuted - executed;
    entry.isHot |= entry.executed >= config.opsToMoveUp;
  }
  if (!snapshot) {
    wasLeft =
        activation.exit == TierExit::Switch && machine.opsExecuted - executed >= opsWorthComingBack;
    return activation.exit;
  }
  if (!isSame)
    return TierExit::Switch;
  noteExit(machine, entry, *snapshot);
  if (config.coverage && snapshot->reason == FUSEVM_EXIT_KIND)
    noteGuard(machine, *snapshot, activation.hasFailedOnPurpose());
  if (snapshot->reason == FUSEVM_EXIT_POLL && budget != 0 && moveUp(machine))
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
