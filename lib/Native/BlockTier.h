//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The block tier of one VM: which parts of its program are compiled, with what
/// assumptions, and how control gets there and back.

#ifndef FUSEVM_LIB_NATIVE_BLOCKTIER_H
#define FUSEVM_LIB_NATIVE_BLOCKTIER_H

#include "../Interp/Machine.h"

#include "Activation.h"
#include "UnitFile.h"
#include "UnitRegistry.h"
#include "UnitRequest.h"

#include "fusevm/Native/Jit.h"

#include "absl/container/flat_hash_map.h"

#include <chrono>
#include <memory>
#include <vector>

namespace fusevm {

/// What is known of the place where a unit begins.
struct UnitEntry {
  std::shared_ptr<const NativeUnit> unit;
  std::shared_ptr<PendingUnit> pending;
  EntryKinds kinds;      ///< that the unit, or the pending one, assumes
  uint32_t heat = 0;     ///< how often it was seen to run, or passed
  uint32_t misses = 0;   ///< entries with other kinds
  uint32_t failures = 0; ///< guards that failed in the unit
  uint32_t compiles = 0; ///< how often it was compiled
  bool isRefused = false;
  /// Whether it was not met again while the loops in it were running.
  bool isOutOfReach = false;
  uint32_t lingersInVain = 0;
  uint64_t executed = 0;      ///< ops, by units that are not the best
  bool isHot = false;         ///< whether it is worth the best quality
  bool isBest = false;        ///< whether the unit has that
  bool pendingIsBest = false; ///< and the pending one
  UnitKey pendingKey;         ///< what the registry knows that one by
};

class BlockTier final : public TierBackend {
public:
  BlockTier(std::shared_ptr<JitCompiler> compiler, JitConfig config);
  ~BlockTier() override;

  TierExit run(Machine &machine) override;
  bool wants(const Machine &machine) override;
  void observe(const Machine &machine) override;
  uint64_t interval(const Machine &machine) const override;
  void tick(Machine &machine) override;
  bool isWatching() const override { return watch != 0 || seek != 0 || linger != 0; }
  bool isRunning() const override { return running != 0; }

  JitStatistics statistics() const;

private:
  void follow(const Machine &machine);
  void beginTiming(const Machine &machine);
  bool canEnter(const Machine &machine) const;
  bool isEntryOp(uint64_t op) const;
  EntryKinds kindsAt(const Machine &machine);
  double millisecondsSinceStart() const;
  void lookAfter(const Machine &machine, double milliseconds);
  bool isTooEarly(const Machine &machine);
  void takeStock();
  void stopLooking();
  bool mayKeepCode() const;
  void findFile(const Machine &machine);
  void lookOnDisk(const Machine &machine);
  void findLoops();
  bool isAround(uint64_t loop, uint64_t op) const;
  uint64_t endOfNest(uint64_t op) const;
  UnitEntry &entryAt(uint64_t op);
  bool isSuitable(const Machine &machine, uint64_t op);
  bool isKnown(const Machine &machine);
  bool mayCompile(const Machine &machine) const;
  void beginSeeking(uint64_t ops);
  bool prepareCompiler(const Machine &machine);
  void seekEntry(const Machine &machine);
  bool warm(const Machine &machine, uint32_t heat);
  bool costsMoreNatively(const Machine &machine, uint64_t op) const;
  bool callsThroughHost(const Machine &machine, uint64_t op) const;
  bool isAfterCall(const Machine &machine) const;
  bool isWorthIt(const Machine &machine, uint64_t op) const;
  void prepareUnit(Machine &machine, UnitEntry &entry);
  void compile(Machine &machine, UnitEntry &entry);
  void install(UnitEntry &entry, std::shared_ptr<const NativeUnit> unit);
  void accept(UnitEntry &entry, std::shared_ptr<const NativeUnit> unit);
  TierExit runUnit(Machine &machine);
  bool isForBoxed(const Machine &machine) const;
  TierExit runBoxed(Machine &machine);
  void take(UnitEntry &entry, uint64_t op);
  uint8_t options() const;
  UnitKey keyOf(uint64_t op, const EntryKinds &kinds, FusevmQuality quality) const;
  bool takeShared(UnitEntry &entry, UnitKey key);
  void requestUnit(UnitEntry &entry, uint64_t op, std::unique_ptr<UnitRequest> request);
  void refuse(UnitEntry &entry, uint64_t op, std::string_view reason);
  void keep(std::shared_ptr<const void> used);
  void forgetUnit(UnitEntry &entry);
  TierExit enter(Machine &machine, UnitEntry &entry);
  bool movesUp() const { return config.tier == JitTier::Automatic && config.opsToMoveUp != 0; }
  uint64_t budgetOf(const UnitEntry &entry) const;
  bool moveUp(Machine &machine, UnitEntry &entry, uint64_t op);
  static bool missesKey(const Machine &machine, uint64_t op);
  void noteExit(Machine &machine, UnitEntry &entry, const FusevmSnapshot &snapshot);
  void noteKinds(const Machine &machine);
  void noteGuard(const Machine &machine, const FusevmSnapshot &snapshot, bool onPurpose);

  std::shared_ptr<JitCompiler> compiler;
  JitConfig config;
  JitStatistics counts;
  uint64_t exits[FUSEVM_EXIT_OTHER + 1] = {}; ///< by FusevmExitReason

  /// The chunk that all below is about.
  std::shared_ptr<const Chunk> chunk;
  std::shared_ptr<const PreparedChunk> prepared;
  uint64_t era = 0; ///< counts changes of the chunk
  std::vector<bool> entryOps;
  /// By where loops begin: the last jump back there, and the loop around it, if there is one.
  absl::flat_hash_map<uint64_t, uint64_t> loopEnds;
  absl::flat_hash_map<uint64_t, uint64_t> loopAround;
  /// Where units of the chunk are kept; null: nowhere, or it was not looked yet.
  std::shared_ptr<const UnitFile> file;
  bool hasLookedOnDisk = false;
  bool isStocked = false;  ///< with units, there or of another VM, from the beginning
  bool isExpected = false; ///< to be worth compiling, because it was before
  static constexpr uint32_t mostAttempts = 3; ///< runs in which the compiler is opened in vain
  bool isStraightLine = false;                ///< the chunk has no jump, call or return
  std::vector<bool> nativeFunctions;
  CallWindow callWindow;
  std::vector<OpProfile> profile;
  std::vector<uint64_t> liveSlots; ///< see findLiveSlots(); empty until they matter
  absl::flat_hash_map<uint64_t, std::unique_ptr<UnitEntry>> entries;
  /// The unit for what has no known stack shape; made when it is met.
  UnitEntry boxed;
  /// Whether native code has just been left, after a good many ops, by one that the host
  /// executed.
  bool wasLeft = false;
  /// Activations of native code on the native stack. They do not own what they work on: what
  /// is replaced meanwhile is kept.
  size_t depth = 0;
  std::vector<std::shared_ptr<const void>> kept;
  /// Calls of run() that are in progress.
  size_t running = 0;
  /// Ops that the baseline loop still has to watch before the unit is compiled.
  uint64_t watch = 0;
  /// Ops in which the baseline loop still looks for an entry, after a tick: the fast loop
  /// comes back at any jump.
  uint64_t seek = 0;
  static constexpr uint64_t opsToEntry = 1000;
  /// The entry that is to be taken: that of the outermost loop met in so many ops, so that native
  /// code has loops as they are nested, and none that is entered in its middle.
  uint64_t sought = FUSEVM_NO_OP;
  bool isSoughtFound = false;     ///< but has to be met again
  uint64_t chosen = FUSEVM_NO_OP; ///< what was taken last
  static constexpr uint64_t opsToOuterLoop = 3000;
  /// The same after a return out of native code, if that has executed so many ops: after more of
  /// them, what is interpreted in between is nothing.
  static constexpr uint64_t opsToNextCall = 50;
  static constexpr uint64_t leastOpsToComeBack = 2000;
  static constexpr uint64_t mostOpsToComeBack = 100'000;
  /// Ops in which the baseline loop still waits for an entry that has code, after a return out of
  /// native code: it is often met soon, and the fast loop would pass it until the next tick. One
  /// for so many native ops, and none after code that has been left in vain so often.
  uint64_t linger = 0;
  static constexpr uint64_t opsToKnownEntry = 250; ///< the same after a tick
  static constexpr uint64_t nativeOpsToLinger = 256;
  static constexpr uint64_t mostOpsToLinger = 1000;
  static constexpr uint32_t mostLingersInVain = 4;
  UnitEntry *lingeredFor = nullptr; ///< after whose code
  /// What was asked for last, and ticks since something is awaited: of these, one in so many
  /// looks for other entries.
  std::shared_ptr<PendingUnit> awaited;
  uint64_t ticksAwaiting = 0;
  static constexpr uint64_t ticksToLook = 16;
  static constexpr uint64_t intervalsAwaiting = 10;      ///< between these ticks
  static constexpr double millisecondsToLookAgain = 0.2; ///< while the engine opens
  uint64_t currentInterval = 0;
  uint64_t nextLook = 0; ///< by the machine's opsExecuted
  std::chrono::steady_clock::time_point start;
  uint64_t opsAtStart = 0;
  uint64_t opsAtLastLook = 0; ///< when follow() was last called
  uint64_t nativeOps = 0;     ///< executed natively since then
  uint64_t quickOps = 0;      ///< of these, in code that is not the best
  /// How many of the others are reason to open the compiler though there was code on disk.
  static constexpr uint64_t opsWithoutCode = 200'000;
  /// What quick code does in JitConfig::millisecondsToLateLook, about.
  static constexpr uint64_t opsToLateLook = 20'000'000;
  bool hasLooked = false;
  double millisecondsToFirstLook = 0;
  bool hasSaidWhy = false; ///< there is no native code
  static constexpr uint64_t maxInterval = 2'000'000;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_BLOCKTIER_H
