//===- Engine.h - Native code and what makes it -----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The engine keeps native code and has it made by the compiler plugin, on a thread of its
/// own. Nothing of it fails the program: without plugin, memory or compiler there is a
/// reason, and the program is interpreted.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_NATIVE_ENGINE_H
#define FUSEVM_NATIVE_ENGINE_H

#include "fusevm/Native/JitPlugin.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// What an engine is made with.
struct NativeConfig {
  /// The most bytes of native code there are at a time.
  size_t codeBytes = size_t(64) << 20;
  /// Where the plugin is, instead of the usual places. The environment variable
  /// FUSEVM_JIT_PLUGIN comes before it.
  std::string pluginPath = {};
  /// Writes /tmp/perf-PID.map, by which `perf report` knows the names of native code.
  bool writesPerfMap = false;
  /// Writes jit-PID.dump into the current directory, for `perf inject --jit`, with which
  /// `perf annotate` shows native code.
  bool writesJitDump = false;
  /// Tells GDB the names of native code.
  bool registersWithGdb = false;
  /// Keeps native code on disk between runs of a program; see CodeCache.h.
  bool keepsCode = true;
};

/// A compiled unit. Its code is there as long as it is: whoever runs it keeps a reference.
/// Immutable, and safe to use from many threads.
class NativeUnit {
public:
  NativeUnit(const NativeUnit &) = delete;
  NativeUnit &operator=(const NativeUnit &) = delete;
  ~NativeUnit();

  FusevmNativeEntry entry() const { return entryPoint; }
  absl::Span<const FusevmSnapshot> snapshots() const { return snapshotTable; }
  absl::Span<const FusevmSnapshotValue> snapshotValues() const { return snapshotValueTable; }
  /// Words of FusevmNativeContext::values that the code uses.
  size_t bufferSize() const { return bufferWords; }
  /// Bytes of the native stack that a native call takes at most, 0 if there are none, and
  /// whether they have values in their windows.
  size_t frameBytes() const { return callFrameBytes; }
  bool usesWindows() const { return hasWindows; }
  /// Ops that have code of their own, and ops that the host executes.
  size_t nativeOps() const { return nativeOpCount; }
  size_t hostOps() const { return hostOpCount; }
  /// Bytes of code with its constants.
  size_t codeSize() const { return codeBytes; }
  std::string_view symbol() const { return symbolName; }
  const FusevmCompileTimes &times() const { return compileTimes; }
  /// Empty unless the request wanted it.
  std::string_view ir() const { return irText; }
  std::string_view assembly() const { return assemblyText; }

private:
  friend class UnitLoader;
  /// What its destructor frees.
  class Code;

  NativeUnit();

  std::unique_ptr<Code> code;
  FusevmNativeEntry entryPoint = nullptr;
  std::vector<FusevmSnapshot> snapshotTable;
  std::vector<FusevmSnapshotValue> snapshotValueTable;
  size_t bufferWords = 0;
  size_t callFrameBytes = 0;
  bool hasWindows = false;
  size_t nativeOpCount = 0;
  size_t hostOpCount = 0;
  size_t codeBytes = 0;
  std::string symbolName;
  FusevmCompileTimes compileTimes = {};
  std::string irText;
  std::string assemblyText;
};

/// A request with all that it points at, which classes derived from it own. It is destroyed
/// on the compile thread.
struct OwnedRequest {
  virtual ~OwnedRequest() = default;
  FusevmJitRequest request = {};
  /// Told what the compiler has made, if it can be loaded, when PendingUnit::state() says so; on
  /// the compile thread.
  std::function<void(const FusevmJitAnswer &)> whenCompiled;
};

/// The outcome of a request that is compiled in the background. Whoever asked polls it; who
/// loses interest drops it, and if nobody has begun, nothing is compiled.
class PendingUnit {
public:
  enum class State : uint8_t { Waiting, Ready, Refused };

  /// Cheap: one load.
  State state() const { return current.load(std::memory_order_acquire); }
  /// When ready.
  const std::shared_ptr<const NativeUnit> &unit() const { return result; }
  /// When refused: why.
  std::string_view refusal() const { return reason; }

private:
  friend class NativeEngine;

  std::atomic<State> current = State::Waiting;
  std::shared_ptr<const NativeUnit> result;
  std::string reason;
};

/// What an engine has done.
struct NativeStatistics {
  uint64_t units = 0;
  uint64_t refused = 0;
  /// Requests that nobody waited for any more.
  uint64_t dropped = 0;
  /// Bytes of code that were added in all.
  uint64_t codeBytes = 0;
  /// Bytes of code that are there now.
  uint64_t liveCodeBytes = 0;
  /// The milliseconds of all compiles, and those in which the plugin was opened and warmed.
  FusevmCompileTimes times = {};
  double openMilliseconds = 0;
  /// How often each reason was given.
  std::map<std::string, uint64_t> refusals;
};

/// Safe to use from many threads. One compile thread serves all engines of a process; it
/// begins with the first request. In a forked child, engines of the parent refuse.
class NativeEngine {
public:
  /// Costs little: no memory is reserved and no plugin opened before there is a request.
  explicit NativeEngine(NativeConfig config = {});
  NativeEngine(const NativeEngine &) = delete;
  NativeEngine &operator=(const NativeEngine &) = delete;
  /// Units outlive their engine.
  ~NativeEngine();

  /// Opens the plugin and warms it up in the background, if that has not been done: worth
  /// it when a request is likely to follow soon.
  void prepare();
  /// How far that is. Cheap: one load.
  enum class Readiness : uint8_t { Closed, Opening, Open, Unavailable };
  Readiness readiness() const;

  /// The same now; cheap if it has been done, or cannot be. An error says why there is no compiler.
  absl::Status open();

  /// Has \p request compiled in the background. Never waits.
  std::shared_ptr<PendingUnit> requestCompile(std::unique_ptr<OwnedRequest> request);

  /// Compiles \p request now, before all that waits. An error is a refusal.
  absl::StatusOr<std::shared_ptr<const NativeUnit>> compileNow(const OwnedRequest &request);

  /// Takes code that was compiled before, as \p answer describes it.
  absl::StatusOr<std::shared_ptr<const NativeUnit>> load(const FusevmJitAnswer &answer);

  /// Tells the compiler, and the kind of processor that it makes code for, from those whose code
  /// must not be mixed up with its; nothing if there is no plugin. Does not open it.
  std::optional<uint64_t> compilerId() const;
  /// Whether code may be kept on disk: the engine was made so, and not by a process that this one
  /// was forked from.
  bool keepsCode() const;

  NativeStatistics statistics() const;
  /// Whether most of the memory for code is in use. Cheap.
  bool isNearlyFull() const;

private:
  class Core;

  /// Shared with the jobs.
  std::shared_ptr<Core> core;
};

} // namespace fusevm

#endif // FUSEVM_NATIVE_ENGINE_H
