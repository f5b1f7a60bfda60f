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

/// Runs \p chunk in both loops: with limits and fuel, callbacks, and an embedder who between
/// the runs does to the VMs what \p settings say. Returns the first difference in words.
std::optional<std::string> compareLoops(std::shared_ptr<const Chunk> chunk, ByteReader settings);

/// The same with native code of \p tier in place of the fast loop, also where the embedder
/// says that a guard fails. Adds to \p nativeEntries how often it was entered.
std::optional<std::string> compareTier(std::shared_ptr<const Chunk> chunk, ByteReader settings,
                                       JitTier tier, uint64_t &nativeEntries);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_LOOPCOMPARISON_H
