//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What is made once for a chunk and kept with it: the verifier's result and the code of
/// the fast loop.

#ifndef FUSEVM_LIB_INTERP_PREPAREDCHUNK_H
#define FUSEVM_LIB_INTERP_PREPAREDCHUNK_H

#include "fusevm/Analysis/Verifier.h"

#include <memory>
#include <vector>

namespace fusevm {

/// An instruction of the fast loop. One stands for each op of the chunk, at the same
/// index, and one after the last op ends the run.
struct PreparedOp {
  const void *handler;
  uint16_t a;
  uint16_t b;
  /// The index of the function that a Call enters, or the limit of a fused op.
  int32_t extra;
  /// A literal's bits, or a jump target or a Call's entry as byte offset in the code.
  uint64_t wide;
};

/// The result of preparing a chunk. Immutable and shared between VMs and threads.
class PreparedChunk final : public DerivedData {
public:
  explicit PreparedChunk(ChunkAnalysis analysis) : analysis(std::move(analysis)) {}

  ChunkAnalysis analysis;
  /// Empty unless the disposition is Fast.
  std::vector<PreparedOp> code;
};

/// Verifies and prepares \p chunk.
std::shared_ptr<const PreparedChunk> prepare(const Chunk &chunk, const CalloutEffects &effects);

/// Returns the prepared form kept with \p chunk, made on first use. For chunks run with
/// default callout effects.
std::shared_ptr<const PreparedChunk> preparedFormOf(const Chunk &chunk);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_PREPAREDCHUNK_H
