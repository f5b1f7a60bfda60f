//===- PreparedCode.h - What the fast loop runs -----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A look at the prepared code of a chunk, for people.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_PREPAREDCODE_H
#define FUSEVM_INTERP_PREPAREDCODE_H

#include "fusevm/IR/Chunk.h"

#include <string>

namespace fusevm {

/// Returns the instructions of the fast loop for \p chunk, one a line: number, op of the
/// chunk, handler and fields. Empty if the chunk does not run in the fast loop. The format
/// may change at any time.
std::string printPreparedCode(const Chunk &chunk);

} // namespace fusevm

#endif // FUSEVM_INTERP_PREPAREDCODE_H
