//===- StackShape.h - How high the stack is at each op ----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_ANALYSIS_STACKSHAPE_H
#define FUSEVM_LIB_ANALYSIS_STACKSHAPE_H

#include "fusevm/Analysis/Verifier.h"

namespace fusevm {

/// Finds the functions of \p chunk, which violates nothing of the V group, and the stack
/// height at each op. Returns the first violation of the F group if there is no such
/// thing; \p result, whose sub entries must be there, is then unspecified but for them.
std::optional<Violation> findStackShape(const Chunk &chunk, const CalloutEffects &effects,
                                        ChunkAnalysis &result);

} // namespace fusevm

#endif // FUSEVM_LIB_ANALYSIS_STACKSHAPE_H
