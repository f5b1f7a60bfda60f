//===- ByteReader.h - Decisions from fuzzer input ---------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_BYTEREADER_H
#define FUSEVM_FUZZ_SUPPORT_BYTEREADER_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fusevm::fuzzing {

/// Turns a string of bytes into decisions. Once the bytes have run out every decision is
/// the first choice or "no", so that whatever is being made comes to an end.
class ByteReader {
public:
  /// \p bytes must outlive the reader.
  explicit ByteReader(std::string_view bytes) : rest(bytes) {}

  bool atEnd() const { return rest.empty(); }
  size_t size() const { return rest.size(); }

  uint8_t byte() {
    if (rest.empty())
      return 0;
    auto result = static_cast<uint8_t>(rest.front());
    rest.remove_prefix(1);
    return result;
  }

  /// A number made of \p size bytes, at most eight.
  uint64_t number(unsigned size) {
    uint64_t result = 0;
    for (unsigned i = 0; i != size; ++i)
      result = result << 8 | byte();
    return result;
  }

  /// A number below \p bound, which is not 0.
  size_t below(size_t bound) {
    assert(bound != 0 && "nothing to choose from");
    return bound <= 256 ? byte() % bound : number(3) % bound;
  }

  /// True in \p percent of all cases.
  bool chance(unsigned percent) { return byte() * 100u >= (100 - percent) * 256u; }

  /// An element of \p choices.
  template <typename Choices> auto &pick(Choices &&choices) {
    return choices[below(std::size(choices))];
  }

  /// The next \p size bytes, or what there is of them.
  std::string_view take(size_t size) {
    std::string_view result = rest.substr(0, size);
    rest.remove_prefix(result.size());
    return result;
  }

private:
  std::string_view rest;
};

/// Returns \p size bytes that look random and depend on \p seed only.
inline std::string randomBytes(uint64_t seed, size_t size) {
  std::string result;
  result.reserve(size);
  while (result.size() < size) {
    // SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
    // 2014).
    uint64_t mixed = seed += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    for (unsigned shift = 0; shift != 64 && result.size() < size; shift += 8)
      result += static_cast<char>(mixed >> shift);
  }
  return result;
}

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_BYTEREADER_H
