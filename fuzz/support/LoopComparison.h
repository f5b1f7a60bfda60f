//===- LoopComparison.h - Both loops must agree -----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The oracle of differential testing: runs a chunk in two VMs, one of which may use the
/// fast loop, and compares everything an embedder can see.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_LOOPCOMPARISON_H
#define FUSEVM_FUZZ_SUPPORT_LOOPCOMPARISON_H

#include "ByteReader.h"

#include "fusevm/IR/Chunk.h"
#include "fusevm/Native/Jit.h"

#include <memory>
#include <optional>
#include <string>

namespace fusevm::fuzzing {

/// The tier that the environment asks for in FUSEVM_FUZZ_TIER.
std::optional<JitTier> tierUnderTest();

/// Runs \p chunk in both loops: with limits and fuel, callbacks, and an embedder who between
/// the runs does to the VMs what \p settings say. Returns the first difference in words. With
/// a tier under test its native code takes the place of the fast loop.
std::optional<std::string> compareLoops(std::shared_ptr<const Chunk> chunk, ByteReader settings);

/// What native code did in a comparison.
struct NativeRun {
  JitStatistics counts;
  /// In some comparisons only, because code that counts is not quite the same.
  std::shared_ptr<const JitCoverage> coverage;
};

/// The same with native code of \p tier in place of the fast loop, also where the embedder
/// says that a guard fails. \p native becomes what that did.
std::optional<std::string> compareTier(std::shared_ptr<const Chunk> chunk, ByteReader settings,
                                       JitTier tier, NativeRun &native);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_LOOPCOMPARISON_H
