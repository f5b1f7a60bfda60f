//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Compiled regular expressions: POSIX leftmost-longest, over characters of UTF-8.

#ifndef FUSEVM_LIB_HOST_AWK_REGEX_H
#define FUSEVM_LIB_HOST_AWK_REGEX_H

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace fusevm::awk {

/// A part of a text. data() is null for a group that took no part.
using Match = std::string_view;

class Regex {
public:
  /// Fails if \p ere is ill-formed or too large.
  static absl::StatusOr<std::shared_ptr<const Regex>> compile(std::string_view ere,
                                                              bool ignoreCase);
  ~Regex();

  /// Finds the leftmost longest match that begins at \p start or after it; the beginning of
  /// \p text is where ^ matches, wherever the search starts. \p groups receives the match
  /// and its groups.
  bool search(std::string_view text, size_t start, absl::Span<Match> groups) const;
  /// Whether \p text has a match.
  bool matches(std::string_view text) const;

  /// The number of groups, the match as a whole not counted.
  size_t groupCount() const;

private:
  Regex() = default;

  /// A set of ASCII characters.
  struct AsciiSpan {
    bool contains(char c) const { return members[static_cast<unsigned char>(c)]; }
    Match search(std::string_view text, size_t start) const;

    std::array<bool, 256> members = {};
    bool repeats = false; ///< as many of them as there are, not one
  };
  static std::unique_ptr<AsciiSpan> makeSpan(std::string_view ere);
  bool searchProgram(std::string_view text, size_t start, absl::Span<Match> groups) const;

  // One of them is set, or it is a literal.
  std::unique_ptr<re2::RE2> program;
  std::unique_ptr<AsciiSpan> span;
  std::string literal;
};

/// The regular expressions in use, by their text. Texts made by a program may be any number,
/// so the cache starts anew when it is full.
class RegexCache {
public:
  absl::StatusOr<std::shared_ptr<const Regex>> get(std::string_view ere, bool ignoreCase);

private:
  static constexpr size_t mostEntries = 500;

  absl::flat_hash_map<std::string, std::shared_ptr<const Regex>> entries;
  // The one asked for last, which is likely to be the next.
  std::string lastKey;
  std::shared_ptr<const Regex> last;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_REGEX_H
