//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Where native code begins, and what is worth compiling.

#include "BlockTier.h"

#include "CompileThread.h"
#include "NativeCalls.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <utility>

namespace fusevm {

bool BlockTier::isEntryOp(uint64_t op) const { return op < entryOps.size() && entryOps[op]; }

double BlockTier::millisecondsSinceStart() const {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Puts the next look off for so many milliseconds, if ops go on taking as long as until now.
void BlockTier::lookAfter(const Machine &machine, double milliseconds) {
  double passed = std::max(millisecondsSinceStart(), 0.1);
  double ops = double(machine.opsExecuted - opsAtStart) / passed * milliseconds;
  nextLook = machine.opsExecuted + config.interval + static_cast<uint64_t>(ops);
}

/// Whether the run has not lasted long enough for a first look; then nextLook is when it may have.
bool BlockTier::isTooEarly(const Machine &machine) {
  if (!hasLooked)
    lookOnDisk(machine);
  if (hasLooked)
    return false;
  uint64_t firstLook = opsAtStart + config.opsToFirstLook;
  double left = millisecondsToFirstLook - millisecondsSinceStart();
  if (machine.opsExecuted < firstLook)
    nextLook = firstLook;
  else if (!config.isSynchronous && left > 0)
    lookAfter(machine, left);
  else
    hasLooked = true;
  return !hasLooked;
}

/// Finds out where there is code already, which is worth entering wherever it is met.
void BlockTier::takeStock() {
  std::vector<uint64_t> ops = compiler->registry().opsOf(prepared.get());
  isStocked = !ops.empty();
  hasLooked |= isStocked;
  for (uint64_t op : ops)
    if (op != FUSEVM_NO_OP)
      entryAt(op).heat = config.loopThreshold;
}

/// Leaves the program to the interpreter, because there is no compiler, nor code.
void BlockTier::stopLooking() {
  nextLook = UINT64_MAX;
  if (std::exchange(hasSaidWhy, true))
    return;
  std::string reason(compiler->engine().open().message());
  if (config.log)
    config.log(strCat("no native code: ", reason));
  ++counts.refusals[std::move(reason)];
}

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
    seekEntry(machine);
  }
  if (linger != 0 && --linger == 0 && lingeredFor)
    ++std::exchange(lingeredFor, nullptr)->lingersInVain;
  OpProfile &seen = profile[machine.ip];
  size_t height = machine.stack.size();
  if (height > 0)
    seen.kinds[0] |= uint16_t(1u << static_cast<unsigned>(machine.stack.fromTop(0).kind()));
  if (seen.misses == OpProfile::None && missesKey(machine, machine.ip))
    seen.misses = OpProfile::Watched;
  if (height > 1)
    seen.kinds[1] |= uint16_t(1u << static_cast<unsigned>(machine.stack.fromTop(1).kind()));
}

void BlockTier::tick(Machine &machine) {
  follow(machine);
  if (watch != 0 || prepared->analysis.disposition != Disposition::Fast)
    return;
  if (isTooEarly(machine))
    return;
  NativeEngine::Readiness readiness = compiler->engine().readiness();
  if (readiness == NativeEngine::Readiness::Unavailable && !isStocked)
    return stopLooking();
  // To find what is hot costs time too, which a run that ends meanwhile need not take.
  if (!config.isSynchronous && !isExpected && readiness == NativeEngine::Readiness::Opening)
    return lookAfter(machine, millisecondsToLookAgain);
  // While code is being made, what runs is mostly what it is made for, and leaving the fast loop
  // for nothing costs more than finding it ready a little later.
  if (awaited && awaited->state() == PendingUnit::State::Waiting) {
    nextLook = machine.opsExecuted + intervalsAwaiting * config.interval;
    if (++ticksAwaiting % ticksToLook != 0)
      return;
  }
  // Looking costs time, and the more often nothing comes of it the less it is worth.
  if (mayCompile(machine)) {
    beginSeeking(opsToEntry);
    currentInterval = std::min(currentInterval + currentInterval / 4, maxInterval);
  } else {
    linger = opsToKnownEntry;
    lingeredFor = nullptr;
    currentInterval = std::min(2 * currentInterval, maxInterval);
  }
  nextLook = machine.opsExecuted + currentInterval;
}

/// Whether \p op is executed by the host with all that native code has in registers brought to
/// memory and back, which is slower than in the fast loop; or reads a line, for which the C library
/// locks as soon as there is a compile thread.
bool BlockTier::costsMoreNatively(const Machine &machine, uint64_t op) const {
  const Instruction &instruction = machine.chunk->ops[op];
  const OpInfo &info = instruction.info();
  return info.has(CallsOut) || instruction.opcode() == Opcode::ReadLine ||
         info.control == ControlKind::PushScope || info.control == ControlKind::PopScope;
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

UnitEntry &BlockTier::entryAt(uint64_t op) {
  std::unique_ptr<UnitEntry> &entry = entries[op];
  if (!entry)
    entry = std::make_unique<UnitEntry>();
  return *entry;
}

/// Whether \p op may get a unit.
bool BlockTier::isSuitable(const Machine &machine, uint64_t op) {
  UnitEntry &entry = entryAt(op);
  if (!entry.isRefused && entry.heat == 0 && !isWorthIt(machine, op))
    refuse(entry, op, "calls, ops of the host, or no loop");
  return !entry.isRefused;
}

/// Whether there already is code for ip, from disk or by another VM.
bool BlockTier::isKnown(const Machine &machine) {
  if (!canEnter(machine))
    return false;
  UnitKey key = keyOf(machine.ip, kindsAt(machine), config.quality);
  if (compiler->registry().find(key).unit)
    return true;
  key.quality = FUSEVM_QUALITY_QUICK;
  return movesUp() && compiler->registry().find(key).unit;
}

/// Whether the compiler may be asked for more than was on disk, though it is not open: for what
/// goes on being interpreted, or in code that is not the best.
bool BlockTier::mayCompile(const Machine &machine) const {
  NativeEngine::Readiness readiness = compiler->engine().readiness();
  if (!isStocked || readiness != NativeEngine::Readiness::Closed)
    return readiness != NativeEngine::Readiness::Unavailable;
  uint64_t interpreted = machine.opsExecuted - opsAtStart - nativeOps;
  return (interpreted >= opsWithoutCode || quickOps >= config.opsToMoveUp) &&
         millisecondsSinceStart() >= millisecondsToFirstLook;
}

/// Finds where loops begin and end, and which are in which.
void BlockTier::findLoops() {
  loopEnds.clear();
  for (size_t i = 0; i != chunk->ops.size(); ++i)
    if (chunk->ops[i].targetOperand() >= 0 && chunk->ops[i].target() <= i) {
      entryOps[chunk->ops[i].target()] = true;
      loopEnds[chunk->ops[i].target()] = i;
    }
  loopAround.clear();
  std::vector<uint64_t> open;
  for (size_t i = 0; i != chunk->ops.size(); ++i) {
    auto loop = isEntryOp(i) ? loopEnds.find(i) : loopEnds.end();
    if (loop == loopEnds.end())
      continue;
    while (!open.empty() && loopEnds[open.back()] < loop->second)
      open.pop_back();
    if (!open.empty())
      loopAround[i] = open.back();
    open.push_back(i);
  }
}

/// Whether the loop that begins at \p op is in \p loop.
bool BlockTier::isAround(uint64_t loop, uint64_t op) const {
  for (auto outer = loopAround.find(op); outer != loopAround.end();
       outer = loopAround.find(outer->second))
    if (outer->second == loop)
      return true;
  return false;
}

/// The last op of the outermost loop around that which begins at \p op; \p op if none does.
uint64_t BlockTier::endOfNest(uint64_t op) const {
  for (auto outer = loopAround.find(op); outer != loopAround.end(); outer = loopAround.find(op))
    op = outer->second;
  auto end = loopEnds.find(op);
  return end == loopEnds.end() ? op : end->second;
}

void BlockTier::beginSeeking(uint64_t ops) {
  seek = ops;
  sought = FUSEVM_NO_OP;
  isSoughtFound = false;
}

/// Has the compiler opened, if it is not, and if that is worth it; whether it is. A run that is
/// over before there is code leaves word that it was, so that the next one has it opened sooner.
bool BlockTier::prepareCompiler(const Machine &machine) {
  if (!mayCompile(machine))
    return false;
  if (config.isSynchronous || compiler->engine().readiness() != NativeEngine::Readiness::Closed)
    return true;
  if (file)
    CompileThread::get()
        .add([file = file] { file->noteAttempt(); }, CompileThread::Urgency::Normal)
        .IgnoreError();
  compiler->engine().prepare();
  return true;
}

/// Looks whether ip is an entry that is to be taken.
void BlockTier::seekEntry(const Machine &machine) {
  uint64_t op = machine.ip;
  bool isFirst = sought == FUSEVM_NO_OP;
  if (isEntryOp(op) && !isSoughtFound && (isFirst || isAround(op, sought)) &&
      isSuitable(machine, op)) {
    bool hasCode = isKnown(machine);
    if (!hasCode && !prepareCompiler(machine))
      return beginSeeking(0);
    // The rest can wait until it is open.
    if (!hasCode && !isExpected &&
        compiler->engine().readiness() == NativeEngine::Readiness::Opening)
      return beginSeeking(0);
    sought = op;
    isSoughtFound = hasCode || !loopAround.contains(op);
    seek = opsToOuterLoop;
    if (isFirst && !isSoughtFound && isAround(chosen, op) && !entries[chosen]->isRefused &&
        !entries[chosen]->isOutOfReach) {
      sought = chosen;
      isSoughtFound = true;
    }
  }
  if (isSoughtFound && op == sought) {
    chosen = op;
    // The many ops of an interval are more than one return.
    warm(machine, 2);
    return beginSeeking(0);
  }
  if (seek != 0 || isFirst)
    return;
  if (isSoughtFound)
    entries[sought]->isOutOfReach = true;
  else
    seek = opsToOuterLoop;
  isSoughtFound = true;
}

/// Counts that an entry was met soon after a tick, or a return out of native code, as \p heat.
/// Whether it is worth it.
bool BlockTier::warm(const Machine &machine, uint32_t heat) {
  uint64_t op = machine.ip;
  if (!isSuitable(machine, op))
    return false;
  UnitEntry &entry = entryAt(op);
  if (entry.unit || entry.pending)
    return true;
  if (entry.heat == 0 && isKnown(machine)) {
    entry.heat = config.loopThreshold;
    return true;
  }
  if (!prepareCompiler(machine))
    return true;
  currentInterval = config.interval;
  nextLook = machine.opsExecuted + currentInterval;
  bool wasHot = entry.heat >= config.loopThreshold;
  entry.heat += heat;
  // What follows a return was watched with what comes before it.
  if (!wasHot && entry.heat >= config.loopThreshold && isEntryOp(op))
    watch = config.watchedOps;
  return true;
}

/// Whether the op at ip follows a call.
bool BlockTier::isAfterCall(const Machine &machine) const {
  return machine.ip != 0 && machine.ip < machine.chunk->ops.size() &&
         machine.chunk->ops[machine.ip - 1].info().control == ControlKind::Call;
}

} // namespace fusevm
