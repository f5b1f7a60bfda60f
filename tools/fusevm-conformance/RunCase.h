//===- RunCase.h - Running one conformance case -----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_TOOLS_CONFORMANCE_RUNCASE_H
#define FUSEVM_TOOLS_CONFORMANCE_RUNCASE_H

#include "fusevm/IR/ConformanceCase.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Native/Jit.h"

#include <string>

namespace fusevm {

/// How a case went.
struct CaseOutcome {
  bool passed = false;
  /// Lines that say what was expected and what happened; empty if the case passed.
  std::string report;
  bool ranNatively = false; ///< native code was entered
};

/// Whether \p actual is what a case with the result \p expected wants: same kinds, same
/// floats bit for bit but for NaN, which is like any other, hashes in any order.
bool valuesMatch(const Value &expected, const Value &actual);

/// How cases are run.
struct RunOptions {
  LoopChoice loop = LoopChoice::Automatic;
  JitTier tier = JitTier::Interpreter;
  bool jitSync = true; ///< compile at once, not in the background
  FusevmQuality quality = FUSEVM_QUALITY_FULL;
  uint64_t failingGuard = 0;
  bool verbose = false; ///< say on standard error what is compiled and why not
  bool fuse = false;    ///< run what fuse() makes of the chunk
};

/// Runs \p testCase in a VM of its own and compares.
CaseOutcome runCase(const ConformanceCase &testCase, const RunOptions &options);

} // namespace fusevm

#endif // FUSEVM_TOOLS_CONFORMANCE_RUNCASE_H
