//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Regex.h"

#include "EreTranslator.h"

#include "fusevm/Support/StrCat.h"

#include "absl/container/inlined_vector.h"
#include "re2/re2.h"

#include <algorithm>

namespace fusevm::awk {

Regex::~Regex() = default;

static re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<std::shared_ptr<const Regex>> Regex::compile(std::string_view ere, bool ignoreCase) {
  std::shared_ptr<Regex> regex(new Regex);
  if (!ignoreCase && isLiteralEre(ere, regex->literal))
    return regex;
  if (!ignoreCase)
    if ((regex->span = makeSpan(ere)))
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

std::unique_ptr<Regex::AsciiSpan> Regex::makeSpan(std::string_view ere) {
  auto span = std::make_unique<AsciiSpan>();
  std::optional<std::string> operand = asciiOperand(ere, span->repeats);
  if (!operand)
    return nullptr;
  re2::RE2 one(piece(*operand), re2::RE2::Quiet);
  if (!one.ok())
    return nullptr;
  for (unsigned c = 0; c != 0x80; ++c) {
    char character = static_cast<char>(c);
    span->members[c] = re2::RE2::FullMatch(piece({&character, 1}), one);
  }
  return span;
}

Match Regex::AsciiSpan::search(std::string_view text, size_t start) const {
  const char *end = text.data() + text.size();
  const char *first = text.data() + start;
  while (first != end && !contains(*first))
    ++first;
  if (first == end)
    return {};
  const char *last = first + 1;
  while (repeats && last != end && contains(*last))
    ++last;
  return {first, static_cast<size_t>(last - first)};
}

bool Regex::search(std::string_view text, size_t start, absl::Span<Match> groups) const {
  if (program)
    return searchProgram(text, start, groups);
  Match found;
  if (span)
    found = span->search(text, start);
  else if (size_t position = text.find(literal, start); position != std::string_view::npos)
    found = text.substr(position, literal.size());
  if (found.empty())
    return false;
  std::fill(groups.begin(), groups.end(), Match());
  if (!groups.empty())
    groups[0] = found;
  return true;
}

bool Regex::searchProgram(std::string_view text, size_t start, absl::Span<Match> groups) const {
  if (!text.data()) {
    // RE2 would answer with places in another empty text.
    std::fill(groups.begin(), groups.end(), Match());
    return program->Match("", 0, 0, re2::RE2::UNANCHORED, nullptr, 0);
  }
  absl::InlinedVector<re2::StringPiece, 10> pieces(std::min(groups.size(), groupCount() + 1));
  if (!program->Match(piece(text), start, text.size(), re2::RE2::UNANCHORED, pieces.data(),
                      static_cast<int>(pieces.size())))
    return false;
  for (size_t i = 0; i != groups.size(); ++i)
    groups[i] = i < pieces.size() ? Match(pieces[i].data(), pieces[i].size()) : Match();
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
