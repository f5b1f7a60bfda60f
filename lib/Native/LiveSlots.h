//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Which slots matter where a unit begins.

#ifndef FUSEVM_LIB_NATIVE_LIVESLOTS_H
#define FUSEVM_LIB_NATIVE_LIVESLOTS_H

#include "fusevm/IR/Chunk.h"

#include <cstdint>
#include <vector>

namespace fusevm {

/// For each op of \p chunk which of the first 64 slots, a bit each, may be read from there on
/// before they are set.
std::vector<uint64_t> findLiveSlots(const Chunk &chunk);

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_LIVESLOTS_H
