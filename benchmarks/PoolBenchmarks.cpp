//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// A VM for each call against one that is used again.

#include "Workload.h"

#include "fusevm/Interp/VMPool.h"

namespace fusevm::benchmarks {

static Chunk additionChunk() {
  return buildChunk([](ChunkBuilder &b) {
    b.LoadInt(40);
    b.LoadInt(2);
    b.Add();
  });
}

static void check(benchmark::State &state, const RunResult &result) {
  if (!result.isOk() || !identical(result.value(), Value::makeInt(42)))
    fail(state, "wrong result");
}

static void freshVM(benchmark::State &state) {
  Chunk chunk = additionChunk();
  RunResult result = RunResult::makeHalted();
  for (auto _ : state) {
    VM vm((Chunk(chunk)));
    result = vm.run();
  }
  check(state, result);
}

static void pooledVM(benchmark::State &state) {
  Chunk chunk = additionChunk();
  VMPool pool;
  pool.release(std::make_unique<VM>(Chunk(chunk)));
  RunResult result = RunResult::makeHalted();
  for (auto _ : state) {
    std::unique_ptr<VM> vm = pool.acquire(std::make_shared<const Chunk>(chunk));
    result = vm->run();
    pool.release(std::move(vm));
  }
  check(state, result);
}

static void pooledVMPrepared(benchmark::State &state) {
  auto chunk = std::make_shared<const Chunk>(additionChunk());
  VMPool pool;
  RunResult result = RunResult::makeHalted();
  for (auto _ : state) {
    std::unique_ptr<VM> vm = pool.acquire(chunk);
    result = vm->run();
    pool.release(std::move(vm));
  }
  check(state, result);
}

void addPoolBenchmarks() {
  benchmark::RegisterBenchmark("vm_pool/fresh_vm_per_call", freshVM);
  benchmark::RegisterBenchmark("vm_pool/pooled_vm_per_call", pooledVM);
  benchmark::RegisterBenchmark("vm_pool/pooled_vm_per_call/prepared", pooledVMPrepared);
}

} // namespace fusevm::benchmarks
