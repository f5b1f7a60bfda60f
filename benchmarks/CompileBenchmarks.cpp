//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// How long it takes from a request to code that can be called, by the size of the unit,
/// and what asking costs the VM's thread.

#include "CountedLoops.h"

#include "fusevm/Interp/VM.h"
#include "fusevm/Native/Engine.h"
#include "fusevm/Native/Jit.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <utility>

namespace fusevm::benchmarks {

namespace {

/// A request for all of a chunk whose ops take and leave fixed numbers of values, and whose slots
/// are integers.
class LoopRequest : public OwnedRequest {
public:
  explicit LoopRequest(Chunk ops, FusevmQuality quality) : chunk(std::move(ops)) {
    facts.resize(chunk.ops.size());
    int32_t height = 0;
    for (size_t op = 0; op != facts.size(); ++op) {
      facts[op] = {};
      facts[op].height = height;
      facts[op].callee = FUSEVM_NO_FUNCTION;
      height += effectOf(chunk.ops[op].opcode());
    }
    request.unit = FUSEVM_UNIT_BLOCK;
    request.quality = quality;
    request.name = "loop";
    request.ops = reinterpret_cast<const FusevmJitOp *>(chunk.ops.data());
    request.facts = facts.data();
    request.opCount = chunk.ops.size();
    function.name = "loop";
    function.slots = slotCount;
    request.functions = &function;
    request.functionCount = 1;
    request.slotCount = slotCount;
    request.slotKinds = kinds;
  }

private:
  static constexpr auto intKind = static_cast<uint8_t>(Kind::Int);

  /// On the height.
  static int32_t effectOf(Opcode opcode) {
    if (opcode == Opcode::GetSlot || opcode == Opcode::LoadInt)
      return 1;
    return opcode == Opcode::Add || opcode == Opcode::SetSlot ? -1 : 0;
  }

  Chunk chunk;
  std::vector<FusevmJitOpFacts> facts;
  FusevmJitFunction function = {};
  uint8_t kinds[slotCount] = {intKind, intKind, intKind, intKind,
                              intKind, intKind, intKind, intKind};
};

/// The processor time of this thread, in seconds.
double threadSeconds() {
  timespec time;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

void waitFor(const PendingUnit &pending) {
  while (pending.state() == PendingUnit::State::Waiting)
    continue;
}

/// From the request until the code can be called, seen by a thread that waits for it. The compile
/// thread is awake: it has just ended what was requested before.
void compileLatency(benchmark::State &state, const Chunk &chunk, FusevmQuality quality) {
  NativeEngine engine;
  std::vector<double> times;
  double own = 0;
  for (auto _ : state) {
    auto before = std::make_unique<LoopRequest>(chunk, quality);
    auto request = std::make_unique<LoopRequest>(chunk, quality);
    double ownBegin = threadSeconds();
    std::shared_ptr<PendingUnit> pendingBefore = engine.requestCompile(std::move(before));
    own += threadSeconds() - ownBegin;
    std::shared_ptr<PendingUnit> pending = engine.requestCompile(std::move(request));
    waitFor(*pendingBefore);
    auto begin = std::chrono::steady_clock::now();
    waitFor(*pending);
    std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(time.count());
    times.push_back(time.count());
    if (pending->state() == PendingUnit::State::Refused)
      return fail(state, std::string(pending->refusal()));
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  state.counters["median"] = times[times.size() / 2];
  state.counters["asking"] = own / double(times.size());
  setPerItem(state, "time/op", chunk.ops.size());
}

/// The same without any op: what run() and the rest take themselves.
void emptyRun(benchmark::State &state) {
  VM vm(std::make_shared<const Chunk>(buildChunk([](ChunkBuilder &b) { b.Nop(); })));
  for (auto _ : state) {
    vm.restartAt(1);
    vm.setSlot(0, Value::makeInt(1));
    benchmark::DoNotOptimize(vm.run());
  }
}

/// A run of a chunk of three ops, by a VM that has run it before.
void shortRun(benchmark::State &state, JitTier tier) {
  VM vm(std::make_shared<const Chunk>(buildChunk([](ChunkBuilder &b) {
    b.GetSlot(0);
    b.LoadInt(1);
    b.Add();
  })));
  JitConfig config;
  config.tier = tier;
  config.isSynchronous = true;
  vm.enableJit(std::make_shared<JitCompiler>(NativeConfig{.keepsCode = false}), config);
  int64_t expected = 41;
  for (auto _ : state) {
    vm.restartAt(0);
    vm.setSlot(0, Value::makeInt(expected++));
    if (vm.run().value().asInt() != expected)
      return fail(state, "wrong result");
  }
}

void addCompileBenchmark(const std::string &name, const Chunk &chunk, FusevmQuality quality) {
  benchmark::RegisterBenchmark(name.c_str(), [chunk, quality](benchmark::State &state) {
    compileLatency(state, chunk, quality);
  })->UseManualTime();
}

} // namespace

void addCompileBenchmarks() {
  // Without the plugin there is nothing to measure.
  if (!NativeEngine().compileNow(LoopRequest(sumChunk(), FUSEVM_QUALITY_QUICK)).ok())
    return;
  benchmark::RegisterBenchmark("short-run/nothing", emptyRun);
  benchmark::RegisterBenchmark("short-run/interpreted", shortRun, JitTier::Interpreter);
  benchmark::RegisterBenchmark("short-run/native", shortRun, JitTier::Block);
  constexpr std::pair<const char *, FusevmQuality> qualities[] = {
      {"compile-quick", FUSEVM_QUALITY_QUICK},
      {"compile-full", FUSEVM_QUALITY_FULL},
      {"compile-vector", FUSEVM_QUALITY_VECTOR}};
  const std::pair<const char *, Chunk> loops[] = {{"sum", sumChunk()}, {"nested", nestedChunk()}};
  for (auto [name, quality] : qualities) {
    for (int64_t ops : {20, 200, 2000, 20000})
      addCompileBenchmark(strCat(name, "/", ops), loopChunk(static_cast<size_t>(ops)), quality);
    for (const auto &[loop, chunk] : loops)
      addCompileBenchmark(strCat(name, "/", loop), chunk, quality);
  }
}

} // namespace fusevm::benchmarks
