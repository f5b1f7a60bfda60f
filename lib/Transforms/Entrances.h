//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Where ops are entered other than from the op before them.

#ifndef FUSEVM_LIB_TRANSFORMS_ENTRANCES_H
#define FUSEVM_LIB_TRANSFORMS_ENTRANCES_H

#include "fusevm/IR/Chunk.h"

#include <cstdint>
#include <vector>

namespace fusevm {

/// Counts what refers to each op of a chunk: jumps, also those that are never reached, sub
/// entries and both ends of block ranges, also of unused ones.
class Entrances {
public:
  explicit Entrances(const Chunk &chunk);

  /// How often \p op is referred to; many count as two.
  unsigned count(uint64_t op) const { return counts[op]; }

  /// Whether no op is entered of those behind \p start and before \p end.
  bool isClosed(uint64_t start, uint64_t end) const;

private:
  void add(uint64_t op);

  std::vector<uint8_t> counts;
};

} // namespace fusevm

#endif // FUSEVM_LIB_TRANSFORMS_ENTRANCES_H
