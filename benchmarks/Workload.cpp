//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The forms of measurement.

#include "Workload.h"

#include "PreparedChunk.h"

#include "fusevm/IR/ChunkBuilder.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Support/StrCat.h"

#include <cstdio>
#include <cstdlib>

namespace fusevm::benchmarks {

static bool failed = false;

void fail(benchmark::State &state, const std::string &message) {
  failed = true;
  state.SkipWithError(message.c_str());
}

bool anyFailed() { return failed; }

void setPerItem(benchmark::State &state, std::string_view name, uint64_t count) {
  state.counters[std::string(name)] = benchmark::Counter(
      double(count), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

Chunk buildChunk(const std::function<void(ChunkBuilder &)> &emit) {
  ChunkBuilder builder;
  emit(builder);
  absl::StatusOr<Chunk> chunk = builder.build();
  if (!chunk.ok()) {
    std::fprintf(stderr, "fusevm-benchmarks: %s\n", std::string(chunk.status().message()).c_str());
    std::abort();
  }
  return *std::move(chunk);
}

/// Puts the inputs of \p workload where it expects them.
static void setInputs(VM &vm, const Workload &workload) {
  if (workload.startFrame == StartFrame::Second)
    vm.pushFrame(0, 0, false);
  for (size_t slot = 0; slot != workload.slots.size(); ++slot)
    vm.setSlot(static_cast<uint16_t>(slot), workload.slots[slot]);
}

/// Fails the benchmark unless \p result is \p expected.
static bool check(benchmark::State &state, const RunResult &result, const Value &expected) {
  if (result.isError())
    return fail(state, result.error().message), false;
  if (!result.isOk() || !identical(result.value(), expected))
    return fail(state, "wrong result"), false;
  return true;
}

/// Runs \p chunk once and checks its result and the number of ops.
static bool rehearse(benchmark::State &state, const Workload &workload,
                     std::shared_ptr<const Chunk> chunk, const Value &expected) {
  VM vm(std::move(chunk));
  setInputs(vm, workload);
  if (!check(state, vm.run(), expected))
    return false;
  uint64_t ops = vm.statistics().ops;
  if (ops != workload.ops)
    return fail(state, strCat("ran ", ops, " ops instead of ", workload.ops)), false;
  return true;
}

/// Measures runs of VMs whose chunks \p makeChunk makes.
template <typename MakeChunk>
static void measureRuns(benchmark::State &state, const Workload &workload, const Value &expected,
                        MakeChunk makeChunk) {
  if (!rehearse(state, workload, makeChunk(), expected))
    return;
  RunResult result = RunResult::makeHalted();
  for (auto _ : state) {
    VM vm(makeChunk());
    setInputs(vm, workload);
    result = vm.run();
  }
  if (check(state, result, expected))
    setPerItem(state, "time/op", workload.ops);
}

using Form = void (*)(benchmark::State &, const Workload &);

static void runChunk(benchmark::State &state, const Workload &workload) {
  measureRuns(state, workload, workload.expected,
              [&] { return std::make_shared<const Chunk>(workload.chunk); });
}

static void runPrepared(benchmark::State &state, const Workload &workload) {
  // The first run prepares the chunk, the others find that done.
  auto chunk = std::make_shared<const Chunk>(workload.chunk);
  measureRuns(state, workload, workload.expected, [&] { return chunk; });
}

static void runPreparation(benchmark::State &state, const Workload &workload) {
  for (auto _ : state)
    benchmark::DoNotOptimize(prepare(workload.chunk, CalloutEffects()));
  setPerItem(state, "time/op", workload.chunk.ops.size());
}

static void registerForm(const std::shared_ptr<const Workload> &workload, std::string_view name,
                         Form form) {
  std::string fullName = strCat(workload->name, "/", name);
  benchmark::RegisterBenchmark(
      fullName.c_str(), [workload, form](benchmark::State &state) { form(state, *workload); });
}

static void registerForms(const std::shared_ptr<const Workload> &workload) {
  registerForm(workload, "run_chunk", runChunk);
  registerForm(workload, "prepared", runPrepared);
  registerForm(workload, "preparation", runPreparation);
}

void addWorkload(Workload workload) {
  registerForms(std::make_shared<const Workload>(std::move(workload)));
}

void addOpsWorkload(Workload workload, Value expectedWithoutPools) {
  auto shared = std::make_shared<const Workload>(std::move(workload));
  std::string fullName = strCat(shared->name, "/run_ops");
  benchmark::RegisterBenchmark(
      fullName.c_str(), [shared, expected = std::move(expectedWithoutPools)](auto &state) {
        measureRuns(state, *shared, expected, [&] {
          return std::make_shared<const Chunk>(buildChunk([&](ChunkBuilder &builder) {
            for (const Instruction &instruction : shared->chunk.ops)
              builder.emit(instruction);
          }));
        });
      });
  registerForms(shared);
}

} // namespace fusevm::benchmarks
