//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What it costs native code to count ops and to look for interrupts and the end of the fuel.

#include "CountedLoops.h"

#include "fusevm/Interp/VM.h"
#include "fusevm/Native/Jit.h"
#include "fusevm/Support/StrCat.h"

#include <memory>

namespace fusevm::benchmarks {

static void runNatively(benchmark::State &state, const Chunk &chunk, bool omitsPolls) {
  VM vm(std::make_shared<const Chunk>(chunk));
  JitConfig config;
  config.tier = JitTier::Block;
  config.isSynchronous = true;
  config.omitsPolls = omitsPolls;
  vm.enableJit(std::make_shared<JitCompiler>(NativeConfig{.keepsCode = false}), config);
  for (auto _ : state) {
    vm.restartAt(0);
    for (uint16_t slot = 0; slot != slotCount; ++slot)
      vm.setSlot(slot, Value::makeInt(0));
    if (vm.run().isError())
      return fail(state, "the loop failed");
  }
  if (vm.jitStatistics().entries == 0)
    state.SkipWithError("nothing was compiled");
}

void addPollBenchmarks() {
  // Without the plugin there is nothing to measure.
  if (!NativeEngine().open().ok())
    return;
  const std::pair<const char *, Chunk> loops[] = {
      {"sum", sumChunk()}, {"nested", nestedChunk()}, {"20-ops", loopChunk(20)}};
  for (const auto &[name, chunk] : loops)
    for (bool omits : {false, true})
      benchmark::RegisterBenchmark(
          strCat("polls/", name, omits ? "/without" : "/with").c_str(),
          [chunk = chunk, omits](benchmark::State &state) { runNatively(state, chunk, omits); });
}

} // namespace fusevm::benchmarks
