//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Substitution.h"

#include "BoundedText.h"

#include "fusevm/Support/Utf8.h"

#include <algorithm>
#include <vector>

namespace fusevm::awk {

static void appendSubReplacement(BoundedText &out, std::string_view replacement, Match match) {
  for (size_t i = 0; i != replacement.size() && !out.isTooLarge();) {
    size_t special = std::min(replacement.find_first_of("\\&", i), replacement.size());
    out += replacement.substr(i, special - i);
    i = std::min(replacement.find_first_not_of('\\', special), replacement.size());
    std::string_view backslashes = replacement.substr(special, i - special);
    if (i == replacement.size() || replacement[i] != '&') {
      out += backslashes;
      continue;
    }
    out += backslashes.substr(0, backslashes.size() / 2);
    out += backslashes.size() % 2 == 0 ? match : Match("&");
    ++i;
  }
}

static void appendGensubReplacement(BoundedText &out, std::string_view replacement,
                                    absl::Span<const Match> groups) {
  for (size_t i = 0; i != replacement.size() && !out.isTooLarge(); ++i) {
    char c = replacement[i];
    if (c == '&') {
      out += groups[0];
    } else if (c != '\\' || i + 1 == replacement.size()) {
      out += {&c, 1};
    } else if (c = replacement[++i]; c >= '0' && c <= '9') {
      auto group = static_cast<size_t>(c - '0');
      if (group < groups.size())
        out += groups[group];
    } else {
      out += {&c, 1};
    }
  }
}

absl::StatusOr<uint64_t> substitute(const Regex &regex, std::string_view text,
                                    std::string_view replacement, ReplacementStyle style,
                                    Occurrences occurrences, size_t limit, std::string &result) {
  BoundedText out(result, limit);
  bool isSub = style == ReplacementStyle::Sub;
  std::vector<Match> groups(isSub ? 1 : std::min<size_t>(regex.groupCount(), 9) + 1);
  bool isPlain = isSub && replacement.find_first_of("\\&") == std::string_view::npos;
  uint64_t replaced = 0;
  uint64_t seen = 0;
  size_t copied = 0; // bytes of text that are in out or were replaced
  size_t start = 0;
  bool afterMatch = false; // nothing is between the last match and start
  while (start <= text.size() && !out.isTooLarge() &&
         regex.search(text, start, absl::MakeSpan(groups))) {
    Match match = groups[0];
    auto position = static_cast<size_t>(match.data() - text.data());
    if (match.empty() && afterMatch && position == start) {
      // Not directly after a match: look from the next character on.
      if (start == text.size())
        break;
      start += firstCharacter(text.substr(start)).size;
      afterMatch = false;
      continue;
    }
    ++seen;
    if (occurrences.number == 0 || seen == occurrences.number) {
      if (replaced++ == 0)
        out.clear();
      out += text.substr(copied, position - copied);
      if (isPlain)
        out += replacement;
      else if (isSub)
        appendSubReplacement(out, replacement, match);
      else
        appendGensubReplacement(out, replacement, groups);
      copied = position + match.size();
      if (occurrences.number != 0)
        break;
    }
    start = position + match.size();
    afterMatch = !match.empty();
    if (match.empty()) {
      if (start == text.size())
        break;
      start += firstCharacter(text.substr(start)).size;
    }
  }
  if (replaced != 0)
    out += text.substr(copied);
  if (out.isTooLarge())
    return out.status();
  return replaced;
}

} // namespace fusevm::awk
