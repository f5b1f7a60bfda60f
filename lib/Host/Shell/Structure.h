//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Finding the op that ends what another one began.

#ifndef FUSEVM_LIB_HOST_SHELL_STRUCTURE_H
#define FUSEVM_LIB_HOST_SHELL_STRUCTURE_H

#include "fusevm/IR/Chunk.h"

#include <optional>

namespace fusevm::shell {

/// Returns the next PipelineStage or PipelineEnd, from op \p start on, of the pipeline that
/// \p start is in.
std::optional<uint64_t> nextStage(const Chunk &chunk, uint64_t start);
/// Returns the SubshellEnd of the subshell that op \p start is in.
std::optional<uint64_t> subshellEnd(const Chunk &chunk, uint64_t start);
/// Returns the WithRedirectsEnd of the block that op \p start is in.
std::optional<uint64_t> redirectsEnd(const Chunk &chunk, uint64_t start);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_STRUCTURE_H
