//===- NativeSurvey.h - What native code met in programs --------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_DIFFERENTIAL_NATIVESURVEY_H
#define FUSEVM_FUZZ_DIFFERENTIAL_NATIVESURVEY_H

#include "LoopComparison.h"

#include <array>
#include <map>
#include <string>

namespace fusevm::fuzzing {

/// Counts in how many programs something happened in native code.
class NativeSurvey {
public:
  void add(const NativeRun &run);

  /// Prints Markdown tables to standard output.
  void print() const;

private:
  void printOps() const;
  void printKinds() const;

  uint64_t programs = 0;
  uint64_t entered = 0;
  uint64_t counted = 0; ///< programs whose ops were counted
  JitStatistics sums;
  std::map<std::string, uint64_t> exits; ///< programs, by reason
  // Of the counted programs.
  JitCoverage::ByOp natively{};
  JitCoverage::ByOp byHost{};
  JitCoverage::ByOp boxed{};
  JitCoverage::ByOp failedGuards{};
  JitCoverage::ByOp guardsMadeToFail{};
  JitCoverage::ByKind atEntry{};
  JitCoverage::ByKind atFailedGuard{};
  uint64_t unwinding = 0;
};

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_DIFFERENTIAL_NATIVESURVEY_H
