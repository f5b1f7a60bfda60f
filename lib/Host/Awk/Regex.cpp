//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Regex.h"

#include "EreTranslator.h"

#include "fusevm/Support/StrCat.h"

#include "re2/re2.h"

#include <algorithm>

namespace fusevm::awk {

Regex::~Regex() = default;

static re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<std::shared_ptr<const Regex>> Regex::compile(std::string_view ere, bool ignoreCase) {
  std::shared_ptr<Regex> regex(new Regex);
  if (!ignoreCase && isLiteralEre(ere, regex->literal))
    return regex;
  re2::RE2::Options options;
  options.set_longest_match(true);
  options.set_case_sensitive(!ignoreCase);
  options.set_log_errors(false);
  options.set_max_mem(int64_t(64) << 20);
  std::string translated = translateEre(ere);
  regex->program = std::make_unique<re2::RE2>(piece(translated), options);
  if (!regex->program->ok())
    return absl::InvalidArgumentError(
        strCat("invalid regular expression /", ere, "/: ", regex->program->error()));
  return regex;
}

bool Regex::search(std::string_view text, size_t start, absl::Span<Match> groups) const {
  if (!program) {
    size_t position = text.find(literal, start);
    if (position == std::string_view::npos)
      return false;
    for (Match &group : groups)
      group = {};
    if (!groups.empty())
      groups[0] = text.substr(position, literal.size());
    return true;
  }
  if (!text.data()) {
    // RE2 would answer with places in another empty text.
    std::fill(groups.begin(), groups.end(), Match());
    return program->Match("", 0, 0, re2::RE2::UNANCHORED, nullptr, 0);
  }
  constexpr size_t mostGroups = 64;
  re2::StringPiece pieces[mostGroups];
  size_t count = std::min({groups.size(), groupCount() + 1, mostGroups});
  if (!program->Match(piece(text), start, text.size(), re2::RE2::UNANCHORED, pieces,
                      static_cast<int>(count)))
    return false;
  for (size_t i = 0; i != groups.size(); ++i)
    groups[i] = i < count ? Match(pieces[i].data(), pieces[i].size()) : Match();
  return true;
}

bool Regex::matches(std::string_view text) const { return search(text, 0, {}); }

size_t Regex::groupCount() const {
  return program ? static_cast<size_t>(program->NumberOfCapturingGroups()) : 0;
}

absl::StatusOr<std::shared_ptr<const Regex>> RegexCache::get(std::string_view ere,
                                                             bool ignoreCase) {
  // The first byte of a key tells the two kinds apart.
  char kind = ignoreCase ? 'i' : 'c';
  if (last && lastKey.size() == ere.size() + 1 && lastKey[0] == kind &&
      std::string_view(lastKey).substr(1) == ere)
    return last;
  std::string key(1, kind);
  key += ere;
  auto found = entries.find(key);
  if (found == entries.end()) {
    absl::StatusOr<std::shared_ptr<const Regex>> compiled = Regex::compile(ere, ignoreCase);
    if (!compiled.ok())
      return compiled;
    if (entries.size() >= mostEntries)
      entries.clear();
    found = entries.emplace(key, *std::move(compiled)).first;
  }
  lastKey = std::move(key);
  last = found->second;
  return last;
}

} // namespace fusevm::awk
