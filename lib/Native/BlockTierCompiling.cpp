//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// How a place gets its unit: asking, sharing, moving up to a better quality.

#include "BlockTier.h"

#include "CacheDirectory.h"

#include "fusevm/Support/StrCat.h"

#include <cmath>
#include <utility>

namespace fusevm {

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

/// What of the choices changes the code.
uint8_t BlockTier::options() const {
  return static_cast<uint8_t>((config.failingGuard != 0) | (config.storesAtOnce ? 2 : 0) |
                              (config.coverage ? 4 : 0) | (config.wantsIR ? 8 : 0) |
                              (config.wantsAssembly ? 16 : 0) | (config.omitsPolls ? 32 : 0) |
                              (config.opsOfStrip ? 64 : 0));
}

/// Whether code may be kept on disk, if there is a folder for it: not for tests, nor with addresses
/// of functions that are somewhere else in the next run. Cheap: asked for each run.
bool BlockTier::mayKeepCode() const {
  return compiler->engine().keepsCode() && options() == 0 && compiler->extensions().empty();
}

/// Finds the file with the units of the chunk, if they are kept.
void BlockTier::findFile(const Machine &machine) {
  std::optional<CacheDirectory> directory = CacheDirectory::find();
  if (!directory)
    return;
  std::optional<uint64_t> compilerId = compiler->engine().compilerId();
  if (!compilerId)
    return;
  EntryKinds kinds;
  kinds.globals.resize(machine.globals.size());
  UnitRequest request(machine, 0, std::move(kinds), std::vector<OpProfile>(profile.size()),
                      nativeFunctions, {});
  if (config.tier == JitTier::Linear)
    request.request.unit = FUSEVM_UNIT_LINEAR;
  file = std::make_shared<UnitFile>(*std::move(directory), request.request, *compilerId);
}

/// Takes the units of the chunk that are on disk, unless somebody else has done it before.
void BlockTier::lookOnDisk(const Machine &machine) {
  if (std::exchange(hasLookedOnDisk, true) || !mayKeepCode())
    return;
  findFile(machine);
  if (!file || !compiler->registry().isNew(prepared, file->name()))
    return;
  std::string bytes;
  std::optional<StoredUnits> found = file->read(bytes);
  if (!found)
    return;
  // It was running for long before; but if the code was never in time, it must run for longer now.
  isExpected = found->attempts < mostAttempts;
  if (isExpected)
    millisecondsToFirstLook = 0;
  else if (millisecondsToFirstLook != 0)
    millisecondsToFirstLook = config.millisecondsToLateLook;
  hasLooked |= isExpected;
  compiler->registry().exchange(prepared, found->profile);
  for (StoredUnit &stored : found->units) {
    if (compiler->engine().isNearlyFull())
      break;
    absl::StatusOr<std::shared_ptr<const NativeUnit>> unit = compiler->engine().load(stored.answer);
    if (!unit.ok())
      break;
    if (config.log)
      config.log(strCat("read ", (*unit)->symbol(), " from disk: ", (*unit)->codeSize(), " bytes"));
    stored.key.chunk = prepared.get();
    compiler->registry().add(stored.key, prepared, *std::move(unit));
    ++counts.read;
  }
  takeStock();
}

/// By what the registry knows a unit at \p op.
UnitKey BlockTier::keyOf(uint64_t op, const EntryKinds &kinds, FusevmQuality quality) const {
  UnitKey key{.chunk = prepared.get(),
              .op = op,
              .kinds = kinds,
              .anyKindOps = {},
              .missingOps = {},
              .quality = quality};
  for (size_t i = 0; i != profile.size(); ++i) {
    if (profile[i].failures >= maxGuardFailures)
      key.anyKindOps.push_back(i);
    if (profile[i].misses == OpProfile::Failed)
      key.missingOps.push_back(i);
  }
  key.options = options();
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
  lookOnDisk(machine);
  UnitKey key = keyOf(machine.ip, entry.kinds, config.quality);
  if (!entry.isHot && movesUp() && !compiler->registry().find(key).unit)
    key.quality = FUSEVM_QUALITY_QUICK;
  FusevmQuality quality = key.quality;
  entry.pendingIsBest = quality == config.quality;
  if (takeShared(entry, std::move(key)))
    return;
  if (config.tier == JitTier::Automatic && !prepareCompiler(machine)) {
    --entry.compiles;
    return;
  }
  compiler->registry().exchange(prepared, profile);
  auto request = std::make_unique<UnitRequest>(machine, machine.ip, entry.kinds, profile,
                                               nativeFunctions, compiler->extensions());
  if (config.tier == JitTier::Linear)
    request->request.unit = FUSEVM_UNIT_LINEAR;
  request->request.quality = quality;
  uint64_t end = endOfNest(machine.ip);
  if (movesUp() && end != machine.ip) {
    if (quality != config.quality)
      request->leaveOutMuchBehind(end);
    request->leaveOutUnseenBehind(end);
  }
  request->request.failsGuards = config.failingGuard != 0;
  request->request.storesAtOnce = config.storesAtOnce;
  request->request.omitsPolls = config.omitsPolls;
  request->request.opsOfStrip = config.opsOfStrip;
  request->request.countsOps = config.coverage != nullptr;
  if (file) {
    UnitKey kept = entry.pendingKey;
    kept.chunk = nullptr;
    request->whenCompiled = [file = file, kept = std::move(kept), seen = profile](
                                const FusevmJitAnswer &answer) { file->add({kept, answer}, seen); };
  }
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
  absl::StatusOr<std::shared_ptr<const NativeUnit>> unit = compiler->engine().compileNow(*request);
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
  // Where better code never came in time, leaving is not worth it for long.
  if (isStocked && !isExpected)
    left = std::max(left, opsToLateLook - std::min(opsToLateLook, quickOps));
  // The longer it takes the less often: leaving costs time.
  return std::max(left, entry.executed / 4 + 1);
}

/// Has code compiled at the best quality, after that of \p entry at \p op, which is not the best,
/// has used up its budget: at \p op, if that is met again soon, or where it was left. Whether
/// native code can go on there.
bool BlockTier::moveUp(Machine &machine, UnitEntry &entry, uint64_t op) {
  if (!isEntryOp(machine.ip) || !canEnter(machine))
    return false;
  if (isAround(op, machine.ip) && !entry.isOutOfReach) {
    beginSeeking(opsToOuterLoop);
    sought = op;
    isSoughtFound = true;
    return false;
  }
  UnitEntry &place = entryAt(machine.ip);
  place.isHot = true;
  place.heat = std::max(place.heat, config.loopThreshold);
  prepareUnit(machine, place);
  return place.unit != nullptr;
}

/// Does what there is to do so that the entry at ip gets a unit.
void BlockTier::prepareUnit(Machine &machine, UnitEntry &entry) {
  take(entry, machine.ip);
  if (entry.isRefused || entry.pending)
    return;
  bool isWrong = entry.unit && (entry.misses > 1 || entry.failures > 1);
  bool isSlow = entry.unit && entry.isHot && !entry.isBest && mayCompile(machine);
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
  if (entry.pending)
    awaited = entry.pending;
}

} // namespace fusevm
