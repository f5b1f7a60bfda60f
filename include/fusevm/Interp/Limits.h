//===- Limits.h - What a VM may use -----------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_LIMITS_H
#define FUSEVM_INTERP_LIMITS_H

#include <cstddef>

namespace fusevm {

/// Bounds on the size of a program's state. Exceeding one ends the run in an Error from
/// which run() can continue; the op that would have exceeded it has had no effect.
struct Limits {
  /// Call and scope frames at a time, the root frame included.
  size_t maxFrames = size_t(1) << 20;
  /// Values on the value stack, and as many slots in all frames together.
  size_t maxStackValues = size_t(1) << 25;
  /// Elements of an array, entries of a hash.
  size_t maxContainerSize = size_t(1) << 27;
  /// Bytes of a string, and of any text an op makes.
  size_t maxStringBytes = size_t(1) << 30;
  /// Depth to which a callback may run the VM that called it.
  size_t maxNestedRuns = 64;
};

} // namespace fusevm

#endif // FUSEVM_INTERP_LIMITS_H
