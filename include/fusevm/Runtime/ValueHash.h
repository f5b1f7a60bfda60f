//===- ValueHash.h - Stable hashes of values --------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// SipHash-1-3 and the byte stream of a value that goes into it. Stable across runs
/// and machines: caches on disk may rely on it.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_RUNTIME_VALUEHASH_H
#define FUSEVM_RUNTIME_VALUEHASH_H

#include "fusevm/Runtime/Value.h"

#include <cstdint>
#include <string_view>

namespace fusevm {

/// SipHash with one compression and three finalisation rounds and a zero key
/// (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
class SipHasher13 {
public:
  void addBytes(std::string_view bytes);

  /// Adds an unsigned integer of any width, little-endian.
  template <typename Integer> void addInteger(Integer value) {
    for (size_t i = 0; i != sizeof(Integer); ++i)
      addByte(static_cast<uint8_t>(value >> (8 * i)));
  }

  /// Returns the hash of all that was added. The hasher must not be used afterwards.
  uint64_t finish();

private:
  void addByte(uint8_t byte) {
    tail |= uint64_t(byte) << (8 * (total % 8));
    if (++total % 8 == 0) {
      compress(tail);
      tail = 0;
    }
  }
  void compress(uint64_t word);
  void round();

  uint64_t v0 = 0x736f6d6570736575;
  uint64_t v1 = 0x646f72616e646f6d;
  uint64_t v2 = 0x6c7967656e657261;
  uint64_t v3 = 0x7465646279746573;
  uint64_t tail = 0;
  uint64_t total = 0;
};

/// Adds \p value: its variant number and payload. Every NaN counts alike.
void addValue(SipHasher13 &hasher, const Value &value);

} // namespace fusevm

#endif // FUSEVM_RUNTIME_VALUEHASH_H
