//===- StateComparison.h - What an embedder sees of two VMs -----*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds differences and puts them into words. NaNs count as alike whatever their bits:
/// those of a computed NaN are unspecified.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_STATECOMPARISON_H
#define FUSEVM_FUZZ_SUPPORT_STATECOMPARISON_H

#include "fusevm/Interp/RunResult.h"
#include "fusevm/Interp/VM.h"

#include <optional>
#include <string>
#include <string_view>

namespace fusevm::fuzzing {

/// The first difference in words. The left one of two subjects is called the fast loop's.
using Difference = std::optional<std::string>;

/// Compares what can be seen of two VMs from outside, statistics that depend on the loop
/// and their output apart.
Difference compareStates(const VM &lhs, const VM &rhs);

/// Compares what two programs have computed, which need not have the same ops: stack,
/// frames, slots, globals, last status.
Difference compareData(const VM &lhs, const VM &rhs);

Difference compareResults(const RunResult &lhs, const RunResult &rhs);

Difference compareTexts(std::string_view what, std::string_view lhs, std::string_view rhs);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_STATECOMPARISON_H
