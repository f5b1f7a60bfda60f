//===- Statistics.h - What a run took ---------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_TOOLS_RUN_STATISTICS_H
#define FUSEVM_TOOLS_RUN_STATISTICS_H

#include "fusevm/Interp/VM.h"
#include "fusevm/Native/Jit.h"

#include <ctime>
#include <string>

namespace fusevm {

/// Measures wall time from its construction on.
class Stopwatch {
public:
  Stopwatch() { clock_gettime(CLOCK_MONOTONIC, &start); }

  double seconds() const {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return double(now.tv_sec - start.tv_sec) + 1e-9 * double(now.tv_nsec - start.tv_nsec);
  }

private:
  timespec start;
};

/// Returns the statistics of a run that took \p seconds and of the calling thread's heap:
/// a line each, or one line of JSON.
std::string statisticsText(const RunStatistics &statistics, double seconds, bool asJson);

/// The lines of --jit-stats.
std::string jitStatisticsText(const JitStatistics &vm, const NativeStatistics &engine);

} // namespace fusevm

#endif // FUSEVM_TOOLS_RUN_STATISTICS_H
