//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "BraceExpand.h"

#include "fusevm/Runtime/Coercions.h"

#include "absl/container/flat_hash_map.h"

#include <algorithm>
#include <optional>

namespace fusevm::shell {

namespace {

using Words = std::vector<std::string>;

/// A brace group in a text.
struct Group {
  size_t close = 0;
  std::vector<size_t> commas; ///< those that belong to no inner group
};

/// The closed groups of a text by where they open. Quoted braces open none, nor do those in
/// `${…}`.
using Groups = absl::flat_hash_map<size_t, Group>;

struct OpenBrace {
  size_t position;
  bool isGroup;
  Group group;
};

Groups findGroups(std::string_view text) {
  Groups groups;
  std::vector<OpenBrace> open;
  size_t parameters = 0; ///< open braces that are none of groups
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      bool isGroup = parameters == 0 && !(i != 0 && text[i - 1] == '$');
      parameters += !isGroup;
      open.push_back({i, isGroup, {}});
    } else if (text[i] == ',' && !open.empty() && open.back().isGroup) {
      open.back().group.commas.push_back(i);
    } else if (text[i] == '}' && !open.empty()) {
      OpenBrace brace = std::move(open.back());
      open.pop_back();
      brace.group.close = i;
      if (brace.isGroup)
        groups[brace.position] = std::move(brace.group);
      else
        --parameters;
    }
  }
  return groups;
}

struct Sequence {
  int64_t first;
  int64_t last;
  uint64_t step;
  size_t width = 0; ///< to which numbers are padded with zeros
  bool isLetters = false;
};

bool hasLeadingZero(std::string_view number) {
  number.remove_prefix(number.starts_with('-') || number.starts_with('+'));
  return number.size() > 1 && number.front() == '0';
}

bool isLetter(std::string_view text) {
  return text.size() == 1 &&
         ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
}

/// Reads `x..y` or `x..y..step`.
std::optional<Sequence> readSequence(std::string_view text) {
  size_t dots = text.find("..");
  if (dots == std::string_view::npos)
    return std::nullopt;
  std::string_view first = text.substr(0, dots);
  std::string_view last = text.substr(dots + 2);
  Sequence sequence{0, 0, 1};
  if (size_t more = last.find(".."); more != std::string_view::npos) {
    std::optional<int64_t> step = parseInt(last.substr(more + 2));
    if (!step)
      return std::nullopt;
    last = last.substr(0, more);
    auto magnitude = static_cast<uint64_t>(*step);
    sequence.step = std::max<uint64_t>(1, *step < 0 ? 0 - magnitude : magnitude);
  }
  if (isLetter(first) && isLetter(last)) {
    sequence.first = first[0];
    sequence.last = last[0];
    sequence.isLetters = true;
    return sequence;
  }
  std::optional<int64_t> from = parseInt(first), to = parseInt(last);
  if (!from || !to)
    return std::nullopt;
  sequence.first = *from;
  sequence.last = *to;
  if (hasLeadingZero(first) || hasLeadingZero(last))
    sequence.width = std::max(first.size(), last.size());
  return sequence;
}

std::string elementText(const Sequence &sequence, int64_t value) {
  if (sequence.isLetters)
    return std::string(1, static_cast<char>(value));
  std::string digits = std::to_string(value);
  size_t sign = value < 0 ? 1 : 0;
  if (digits.size() < sequence.width)
    digits.insert(sign, sequence.width - digits.size(), '0');
  return digits;
}

class Expansion {
public:
  explicit Expansion(std::string_view text) : text(text), groups(findGroups(text)) {}

  Words run() { return expand(0, text.size()); }

  bool tooMany = false;

private:
  static constexpr unsigned maxDepth = 500;

  std::string literal(size_t start, size_t end) const {
    return std::string(text.substr(start, end - start));
  }

  /// Expands the text from \p start up to \p end.
  Words expand(size_t start, size_t end) {
    Words words{""};
    size_t literalStart = start;
    for (size_t i = start; i < end;) {
      auto group = groups.find(i);
      std::optional<Words> parts;
      if (group != groups.end())
        parts = partsOf(i, group->second);
      if (!parts) {
        ++i; // literal, though what is inside may expand
        continue;
      }
      append(words, {literal(literalStart, i)});
      append(words, *parts);
      i = literalStart = group->second.close + 1;
    }
    append(words, {literal(literalStart, end)});
    return words;
  }

  /// The words that the group opened at \p open stands for; nothing if it is literal.
  std::optional<Words> partsOf(size_t open, const Group &group) {
    if (group.commas.empty()) {
      std::optional<Sequence> sequence =
          readSequence(text.substr(open + 1, group.close - open - 1));
      return sequence ? std::optional(elements(*sequence)) : std::nullopt;
    }
    if (++depth > maxDepth || tooMany) {
      tooMany = true;
      return Words();
    }
    Words parts;
    size_t start = open + 1;
    auto addPart = [&](size_t end) {
      for (std::string &word : expand(start, end))
        parts.push_back(std::move(word));
      tooMany |= parts.size() > maxBraceWords;
      start = end + 1;
    };
    for (size_t comma : group.commas)
      addPart(comma);
    addPart(group.close);
    --depth;
    return parts;
  }

  Words elements(const Sequence &sequence) {
    bool down = sequence.first > sequence.last;
    auto first = static_cast<uint64_t>(sequence.first);
    auto last = static_cast<uint64_t>(sequence.last);
    uint64_t distance = down ? first - last : last - first;
    uint64_t count = distance / sequence.step;
    if (count >= maxBraceWords) {
      tooMany = true;
      return {};
    }
    Words words;
    for (uint64_t i = 0; i <= count; ++i) {
      uint64_t offset = i * sequence.step;
      words.push_back(
          elementText(sequence, static_cast<int64_t>(down ? first - offset : first + offset)));
    }
    return words;
  }

  /// Appends each of \p parts to each of \p words, the words varying slowest.
  void append(Words &words, const Words &parts) {
    if (tooMany)
      return;
    if (parts.size() == 1) {
      for (std::string &word : words)
        word += parts.front();
      return;
    }
    size_t wordBytes = 0, partBytes = 0;
    for (const std::string &word : words)
      wordBytes += word.size();
    for (const std::string &part : parts)
      partBytes += part.size();
    if (words.size() * parts.size() > maxBraceWords ||
        wordBytes * parts.size() + partBytes * words.size() > maxBraceBytes) {
      tooMany = true;
      return;
    }
    Words product;
    product.reserve(words.size() * parts.size());
    for (const std::string &word : words)
      for (const std::string &part : parts)
        product.push_back(word + part);
    words = std::move(product);
  }

  std::string_view text;
  Groups groups;
  unsigned depth = 0;
};

} // namespace

absl::StatusOr<std::vector<std::string>> expandBraces(std::string_view text) {
  Expansion expansion(text);
  Words words = expansion.run();
  if (expansion.tooMany)
    return absl::ResourceExhaustedError("brace expansion makes too many words");
  return words;
}

} // namespace fusevm::shell
