//===- FusionComparison.h - Fused chunks must do the same -------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs a chunk and what the fusion pass makes of it and compares what they compute.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_FUSIONCOMPARISON_H
#define FUSEVM_FUZZ_SUPPORT_FUSIONCOMPARISON_H

#include "fusevm/IR/Chunk.h"

#include <memory>
#include <optional>
#include <string>

namespace fusevm::fuzzing {

/// Runs \p chunk in the baseline loop, and the fused one in both loops, with builtins that
/// write slots and globals. Returns the first difference in words. Nothing is compared if
/// \p chunk runs out of fuel or exceeds a limit, since it does so elsewhere when fused.
std::optional<std::string> compareFused(std::shared_ptr<const Chunk> chunk,
                                        const std::string &input = "line\n7\n");

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_FUSIONCOMPARISON_H
