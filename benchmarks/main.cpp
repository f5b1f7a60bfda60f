//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// fusevm-benchmarks: measures the library. Takes the options of Google Benchmark.

#include "Workload.h"

using namespace fusevm::benchmarks;

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  addClassicWorkloads();
  addStraightLineWorkloads();
  addLoopWorkloads();
  addMicroWorkloads();
  addPoolBenchmarks();
  addPreparationBenchmarks();
  addNativeBenchmarks();
  addCompileBenchmarks();
  addPollBenchmarks();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return anyFailed() ? 1 : 0;
}
