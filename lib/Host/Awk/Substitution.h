//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// sub, gsub and gensub on texts.

#ifndef FUSEVM_LIB_HOST_AWK_SUBSTITUTION_H
#define FUSEVM_LIB_HOST_AWK_SUBSTITUTION_H

#include "Regex.h"

#include "absl/status/statusor.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fusevm::awk {

/// What backslashes in a replacement do.
enum class ReplacementStyle : uint8_t {
  Sub,    ///< an odd number of them in front of & makes it ordinary
  Gensub, ///< each escapes the next character; digits name groups
};

/// Which matches are replaced.
struct Occurrences {
  static Occurrences all() { return {0}; }
  static Occurrences only(uint64_t number) { return {number}; }
  uint64_t number; ///< from 1; 0 means all
};

/// Replaces matches of \p regex in \p text. Returns how many were; \p result is set if any. Fails
/// if that would have more than \p limit bytes.
absl::StatusOr<uint64_t> substitute(const Regex &regex, std::string_view text,
                                    std::string_view replacement, ReplacementStyle style,
                                    Occurrences occurrences, size_t limit, std::string &result);

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_SUBSTITUTION_H
