//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CompileThread.h"
#include "ForkWatch.h"
#include "Plugin.h"
#include "UnitLoader.h"

#include "fusevm/Native/Engine.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <sys/mman.h>
#include <utility>

namespace fusevm {

namespace {

/// Whether the address space has room for what a compilation may take: LLVM ends the process if
/// it gets no memory.
absl::Status checkRoom() {
  constexpr size_t bytes = size_t(192) << 20;
  void *room =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED)
    return absl::ResourceExhaustedError("too little memory is left for the compiler");
  ::munmap(room, bytes);
  return absl::OkStatus();
}

/// The plugin and its compiler, one a process. Only the compile thread uses it.
class Compiler {
public:
  /// Opens the plugin and warms the compiler up, the first time. Adds the time it took.
  absl::Status open(const std::string &path, double &milliseconds) {
    if (compiler)
      return absl::OkStatus();
    if (failure && failedPath == path)
      return *failure;
    auto begin = std::chrono::steady_clock::now();
    absl::Status status = openFrom(path);
    if (!status.ok()) {
      failure = status;
      failedPath = path;
    }
    milliseconds +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return status;
  }

  const FusevmJitAnswer *compile(const FusevmJitRequest &request) {
    return plugin->compile(compiler, &request);
  }
  void release(const FusevmJitAnswer *answer) { plugin->release(compiler, answer); }

private:
  absl::Status openFrom(const std::string &path) {
    if (absl::Status status = checkRoom(); !status.ok())
      return status;
    absl::StatusOr<const FusevmJitPlugin *> opened = openPlugin(pluginPaths(path));
    if (!opened.ok())
      return opened.status();
    plugin = *opened;
    compiler = plugin->create();
    if (!compiler)
      return absl::UnavailableError("the compiler plugin has no code generator for this processor");
    // What the library and its users made before is destroyed after this.
    std::atexit([] { CompileThread::get().stop(); });
    plugin->warmUp(compiler);
    return absl::OkStatus();
  }

  const FusevmJitPlugin *plugin = nullptr;
  FusevmJitCompiler *compiler = nullptr;
  std::optional<absl::Status> failure;
  std::string failedPath;
};

Compiler &theCompiler() {
  static Compiler *compiler = new Compiler;
  return *compiler;
}

} // namespace

class NativeEngine::Core {
public:
  explicit Core(NativeConfig config) : config(std::move(config)) { watchForks(); }

  /// Whether another process, from which this one was forked, has code in the engine, or may have.
  /// Asked before anything else: another thread of it may have held a mutex.
  bool isParents() const {
    int64_t owner = ownerDepth.load(std::memory_order_acquire);
    return owner >= 0 && owner != processDepth();
  }

  /// Makes this process the only one that may add code, if there is none yet.
  absl::Status claim() {
    int64_t nobody = -1;
    ownerDepth.compare_exchange_strong(nobody, processDepth(), std::memory_order_acq_rel);
    return isParents() ? absl::FailedPreconditionError("a forked process compiles nothing")
                       : absl::OkStatus();
  }

  /// Opens the plugin. On the compile thread.
  absl::Status open() {
    double milliseconds = 0;
    absl::Status status = theCompiler().open(config.pluginPath, milliseconds);
    std::lock_guard lock(mutex);
    counts.openMilliseconds += milliseconds;
    outcome = status;
    readiness.store(status.ok() ? Readiness::Open : Readiness::Unavailable,
                    std::memory_order_relaxed);
    return status;
  }

  /// What came of opening, when that has been done.
  std::optional<absl::Status> opened() const {
    std::lock_guard lock(mutex);
    return outcome;
  }

  using Outcome = absl::StatusOr<std::shared_ptr<const NativeUnit>>;

  /// Compiles and loads, and counts what comes of it, which \p settle is told. On the compile
  /// thread.
  template <typename Settle> void compile(const OwnedRequest &owned, Settle settle) {
    absl::Status status = open();
    if (status.ok())
      status = checkRoom();
    if (!status.ok()) {
      countRefusal(status);
      return settle(status);
    }
    const FusevmJitAnswer *answer = theCompiler().compile(owned.request);
    Outcome unit =
        answer->refusal ? absl::UnimplementedError(answer->refusal) : loader.load(*answer);
    bool isLoaded = unit.ok();
    count(unit);
    settle(std::move(unit));
    if (isLoaded && owned.whenCompiled)
      owned.whenCompiled(*answer);
    theCompiler().release(answer);
  }

  void countRefusal(const absl::Status &reason) {
    if (isParents())
      return;
    std::lock_guard lock(mutex);
    ++counts.refused;
    ++counts.refusals[std::string(reason.message())];
  }

  void count(const Outcome &unit) {
    if (!unit.ok())
      return countRefusal(unit.status());
    std::lock_guard lock(mutex);
    const FusevmCompileTimes &times = (*unit)->times();
    ++counts.units;
    counts.codeBytes += (*unit)->codeSize();
    counts.times.lower += times.lower;
    counts.times.optimize += times.optimize;
    counts.times.emit += times.emit;
  }

  void countDropped() {
    std::lock_guard lock(mutex);
    ++counts.dropped;
  }

  NativeStatistics statistics() const {
    NativeStatistics result;
    {
      std::lock_guard lock(mutex);
      result = counts;
    }
    result.liveCodeBytes = loader.liveCodeBytes();
    return result;
  }

  static void settle(PendingUnit &pending, Outcome outcome) {
    if (outcome.ok())
      pending.result = *std::move(outcome);
    else
      pending.reason = std::string(outcome.status().message());
    pending.current.store(outcome.ok() ? PendingUnit::State::Ready : PendingUnit::State::Refused,
                          std::memory_order_release);
  }

  const NativeConfig config;
  UnitLoader loader{config};
  std::atomic<Readiness> readiness = Readiness::Closed;

private:
  std::atomic<int64_t> ownerDepth = -1;
  mutable std::mutex mutex;
  NativeStatistics counts;
  std::optional<absl::Status> outcome;
};

NativeEngine::NativeEngine(NativeConfig config) : core(std::make_shared<Core>(std::move(config))) {}
NativeEngine::~NativeEngine() = default;

void NativeEngine::prepare() {
  if (!core->claim().ok())
    return;
  Readiness before = Readiness::Closed;
  if (!core->readiness.compare_exchange_strong(before, Readiness::Opening,
                                               std::memory_order_relaxed))
    return;
  // If it fails, the request that follows says why.
  absl::Status status = CompileThread::get().add([core = core] { (void)core->open(); },
                                                 CompileThread::Urgency::Normal);
  if (!status.ok())
    core->readiness.store(Readiness::Closed, std::memory_order_relaxed);
}

NativeEngine::Readiness NativeEngine::readiness() const {
  return core->readiness.load(std::memory_order_relaxed);
}

std::shared_ptr<PendingUnit> NativeEngine::requestCompile(std::unique_ptr<OwnedRequest> request) {
  auto pending = std::make_shared<PendingUnit>();
  auto job = [core = core, pending, request = std::shared_ptr<OwnedRequest>(std::move(request))] {
    // This is the last one who knows of it.
    if (pending.use_count() == 1)
      return core->countDropped();
    core->compile(*request,
                  [&](Core::Outcome outcome) { Core::settle(*pending, std::move(outcome)); });
  };
  absl::Status status = core->claim();
  if (status.ok())
    status = CompileThread::get().add(std::move(job), CompileThread::Urgency::Normal);
  if (!status.ok()) {
    core->countRefusal(status);
    Core::settle(*pending, status);
  }
  return pending;
}

/// Does \p job on the compile thread, before all that waits there, and waits for it. An error:
/// it cannot be done.
template <typename Job> static absl::Status doNow(Job job) {
  std::mutex mutex;
  std::condition_variable settled;
  bool isDone = false;
  auto counted = [&] {
    job();
    std::lock_guard lock(mutex);
    isDone = true;
    settled.notify_one();
  };
  absl::Status status = CompileThread::get().add(counted, CompileThread::Urgency::Urgent);
  if (!status.ok())
    return status;
  std::unique_lock lock(mutex);
  settled.wait(lock, [&] { return isDone; });
  return absl::OkStatus();
}

absl::Status NativeEngine::open() {
  if (absl::Status status = core->claim(); !status.ok())
    return status;
  if (std::optional<absl::Status> outcome = core->opened())
    return *outcome;
  absl::Status outcome;
  absl::Status status = doNow([&, core = core] { outcome = core->open(); });
  return status.ok() ? outcome : status;
}

absl::StatusOr<std::shared_ptr<const NativeUnit>>
NativeEngine::compileNow(const OwnedRequest &request) {
  absl::StatusOr<std::shared_ptr<const NativeUnit>> unit =
      absl::UnavailableError("nothing was compiled");
  absl::Status status = core->claim();
  if (status.ok())
    status = doNow([&, core = core] {
      core->compile(request, [&](Core::Outcome outcome) { unit = std::move(outcome); });
    });
  if (!status.ok()) {
    core->countRefusal(status);
    return status;
  }
  return unit;
}

absl::StatusOr<std::shared_ptr<const NativeUnit>>
NativeEngine::load(const FusevmJitAnswer &answer) {
  if (absl::Status status = core->claim(); !status.ok())
    return status;
  return core->loader.load(answer);
}

std::optional<uint64_t> NativeEngine::compilerId() const {
  return identifyPlugin(pluginPaths(core->config.pluginPath));
}

bool NativeEngine::keepsCode() const { return core->config.keepsCode && !core->isParents(); }

NativeStatistics NativeEngine::statistics() const { return core->statistics(); }

bool NativeEngine::isNearlyFull() const {
  return core->loader.liveCodeBytes() > core->config.codeBytes / 4 * 3;
}

} // namespace fusevm
