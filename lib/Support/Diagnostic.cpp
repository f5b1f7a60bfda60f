//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/Diagnostic.h"

#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <array>

namespace fusevm {

/// Bytes of a source line that are shown, and how many of them before the place.
static constexpr size_t maxShownBytes = 100;
static constexpr size_t maxShownBefore = 60;

static std::string_view severityName(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Note:
    return "note";
  }
  return "";
}

namespace {

/// Finds lines of a text; fast when they are asked for in ascending order.
class LineFinder {
public:
  explicit LineFinder(std::string_view text) : text(text) {}

  /// Returns line \p number without its end, nothing if there is no such line.
  std::string_view find(size_t number) {
    if (number < current)
      *this = LineFinder(text);
    while (current < number) {
      size_t end = text.find('\n', start);
      if (end == std::string_view::npos)
        return {};
      start = end + 1;
      ++current;
    }
    std::string_view line = text.substr(start, text.find('\n', start) - start);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    return line;
  }

private:
  std::string_view text;
  size_t current = 1;
  size_t start = 0;
};

/// The part of a source line around a place, and the line of marks below it.
class Excerpt {
public:
  Excerpt(std::string_view line, size_t place, size_t length)
      : line(line), place(std::min(place, line.size())), length(length) {}

  /// Appends both lines. Nothing is marked if \p marked is false.
  void appendTo(std::string &out, bool marked) {
    size_t begin = 0;
    size_t end = line.size();
    if (line.size() > maxShownBytes) {
      begin = characterStart(place > maxShownBefore ? place - maxShownBefore : 0);
      end = characterStart(std::min(line.size(), begin + maxShownBytes));
    }
    addEllipsis(begin != 0);
    addBytes(begin, end);
    addEllipsis(end != line.size());
    if (place == line.size())
      marks += '^';
    strAppend(out, source, "\n");
    if (marked)
      strAppend(out, std::string_view(marks).substr(0, marks.find_last_not_of(" \t") + 1), "\n");
  }

private:
  /// Returns where the next character begins, \p position or a little behind it.
  size_t characterStart(size_t position) const {
    size_t last = std::min(line.size(), position + 3);
    while (position < last && (static_cast<unsigned char>(line[position]) & 0xc0) == 0x80)
      ++position;
    return position;
  }

  void addEllipsis(bool needed) {
    if (!needed)
      return;
    source += "...";
    marks += "   ";
  }

  void addBytes(size_t begin, size_t end) {
    while (begin != end) {
      size_t width = characterWidth(begin, end);
      auto lead = static_cast<unsigned char>(line[begin]);
      bool isShowable =
          lead == '\t' || (lead >= 0x20 && lead != 0x7f && (lead < 0x80 || width > 1));
      if (isShowable)
        source += line.substr(begin, width);
      else
        source += '?'; // it could be anything to a terminal
      marks += markOf(begin);
      begin += width;
    }
  }

  /// Bytes of the character at \p begin; 1 if it is not valid UTF-8.
  size_t characterWidth(size_t begin, size_t end) const {
    size_t next = characterStart(begin + 1);
    bool isWhole = next <= end && validUtf8Prefix(line.substr(begin, next - begin)) == next - begin;
    return isWhole ? next - begin : 1;
  }

  char markOf(size_t position) const {
    if (position == place)
      return '^';
    if (position > place && position - place < length)
      return '~';
    return line[position] == '\t' ? '\t' : ' ';
  }

  std::string_view line;
  size_t place;
  size_t length;
  std::string source;
  std::string marks;
};

void append(std::string &out, std::string_view fileName, const Diagnostic &diagnostic,
            LineFinder &lines) {
  out += fileName;
  if (diagnostic.line != 0)
    strAppend(out, ":", diagnostic.line);
  if (diagnostic.line != 0 && diagnostic.column != 0)
    strAppend(out, ":", diagnostic.column);
  strAppend(out, ": ", severityName(diagnostic.severity), ": ", diagnostic.message, "\n");
  if (diagnostic.line == 0)
    return;
  bool marked = diagnostic.column != 0;
  Excerpt excerpt(lines.find(diagnostic.line), marked ? diagnostic.column - 1 : 0,
                  diagnostic.length);
  excerpt.appendTo(out, marked);
}

} // namespace

std::string renderDiagnostics(std::string_view fileName, std::string_view text,
                              const std::vector<Diagnostic> &diagnostics) {
  std::string out;
  LineFinder lines(text);
  for (const Diagnostic &diagnostic : diagnostics)
    append(out, fileName, diagnostic, lines);
  return out;
}

/// Words longer than this are not compared: nobody would see the likeness.
static constexpr size_t maxWord = 64;
static constexpr size_t maxDistance = 3;

static bool sameLetter(char a, char b) {
  return absl::ascii_tolower(static_cast<unsigned char>(a)) ==
         absl::ascii_tolower(static_cast<unsigned char>(b));
}

/// Returns the number of letters to change, insert, drop or exchange with a neighbour in
/// order to make \p from into \p to, or \p limit + 1 if that is more than \p limit. The
/// case of letters does not count.
static size_t editDistance(std::string_view from, std::string_view to, size_t limit) {
  if (std::max(from.size(), to.size()) - std::min(from.size(), to.size()) > limit)
    return limit + 1;
  // Rows of the usual table, of which only cells near the diagonal can stay within the limit.
  using Row = std::array<size_t, maxWord + 1>;
  Row beforeLast, last, row;
  for (size_t j = 0; j <= to.size(); ++j)
    last[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    row.fill(limit + 1);
    if (i <= limit)
      row[0] = i;
    size_t best = row[0];
    for (size_t j = i > limit ? i - limit : 1; j <= std::min(to.size(), i + limit); ++j) {
      row[j] = std::min(
          {last[j] + 1, row[j - 1] + 1, last[j - 1] + !sameLetter(from[i - 1], to[j - 1])});
      if (i > 1 && j > 1 && sameLetter(from[i - 1], to[j - 2]) &&
          sameLetter(from[i - 2], to[j - 1]))
        row[j] = std::min(row[j], beforeLast[j - 2] + 1);
      best = std::min(best, row[j]);
    }
    if (best > limit)
      return limit + 1;
    beforeLast = last;
    last = row;
  }
  return std::min(last[to.size()], limit + 1);
}

std::string_view closestMatch(std::string_view word,
                              const std::vector<std::string_view> &candidates) {
  if (word.size() > maxWord)
    return {};
  std::string_view closest;
  size_t limit = std::min(maxDistance, (word.size() + 1) / 3);
  for (std::string_view candidate : candidates) {
    if (candidate.size() > maxWord)
      continue;
    size_t distance = editDistance(word, candidate, limit);
    // Of equally close ones the first in the alphabet, whatever their order here.
    if (distance < limit || (distance == limit && (closest.empty() || candidate < closest)))
      closest = candidate;
    limit = std::min(limit, distance);
  }
  return closest;
}

} // namespace fusevm
