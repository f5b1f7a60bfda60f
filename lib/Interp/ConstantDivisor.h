//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The remainder by a divisor that is known beforehand, with two multiplications in place of a
/// division, which takes the processor two or three times as long. Lemire, Kaser, Kurz: "Faster
/// remainder by direct computation" (Software: Practice and Experience 49, 2019).

#ifndef FUSEVM_LIB_INTERP_CONSTANTDIVISOR_H
#define FUSEVM_LIB_INTERP_CONSTANTDIVISOR_H

#include "fusevm/Runtime/Semantics.h"

#include <cstdint>
#include <limits>

namespace fusevm {

struct ConstantDivisor {
  /// The divisor's reciprocal in units of 2^-64, rounded up.
  uint64_t reciprocal;
  int64_t divisor;

  static bool mayBe(int64_t divisor) {
    return divisor > 1 && divisor <= std::numeric_limits<int32_t>::max();
  }
  static ConstantDivisor of(int64_t divisor) {
    return {UINT64_MAX / static_cast<uint64_t>(divisor) + 1, divisor};
  }

  /// What semantics::remainder says.
  int64_t remainder(int64_t dividend) const {
    auto number = static_cast<uint64_t>(dividend);
    // The method is exact for 32 bits.
    if (number > UINT32_MAX) [[unlikely]]
      return semantics::remainder(dividend, divisor);
    uint64_t fraction = reciprocal * number;
    return static_cast<int64_t>(
        static_cast<unsigned __int128>(fraction) * static_cast<uint64_t>(divisor) >> 64);
  }
};

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_CONSTANTDIVISOR_H
