//===- Refusals.h - What makes a chunk meaningless --------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_ANALYSIS_REFUSALS_H
#define FUSEVM_LIB_ANALYSIS_REFUSALS_H

#include "fusevm/Analysis/Verifier.h"

#include <vector>

namespace fusevm {

/// Returns the violations of the V group in \p chunk, its sub-chunks not included, in the
/// order of the ops, up to maxViolations.
std::vector<Violation> findRefusals(const Chunk &chunk);

} // namespace fusevm

#endif // FUSEVM_LIB_ANALYSIS_REFUSALS_H
