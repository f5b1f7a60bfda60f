//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "DefaultGlob.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/Utf8.h"

#include <algorithm>
#include <optional>
#include <sys/stat.h>
#include <utility>

namespace fusevm {

namespace {

//===----------------------------------------------------------------------===//
// Patterns of a component
//===----------------------------------------------------------------------===//

struct Range {
  char32_t first;
  char32_t last;
};

/// What matches one character, or any number of them.
struct Element {
  enum class Kind : uint8_t { Literal, AnyCharacter, AnySequence, Set } kind;
  char32_t literal = 0;
  bool negated = false;
  std::vector<Range> ranges;

  bool matches(char32_t character) const {
    switch (kind) {
    case Kind::Literal:
      return character == literal;
    case Kind::AnyCharacter:
    case Kind::AnySequence:
      return true;
    case Kind::Set:
      break;
    }
    bool inside = std::any_of(ranges.begin(), ranges.end(), [character](Range range) {
      return range.first <= character && character <= range.last;
    });
    return inside != negated;
  }
};

/// Bytes that are not UTF-8 become numbers that are no characters.
std::vector<char32_t> decode(std::string_view text) {
  std::vector<char32_t> characters;
  while (!text.empty()) {
    Utf8Character character = firstCharacter(text);
    characters.push_back(character.wellFormed ? character.codePoint
                                              : 0x110000 + character.codePoint);
    text.remove_prefix(character.size);
  }
  return characters;
}

/// One component of a pattern.
struct Component {
  std::string text;
  std::vector<Element> elements;
  bool isWild = false;      ///< has wildcards
  bool isRecursive = false; ///< is `**`

  bool matches(std::string_view name) const;
};

/// Reads a set whose `[` is at \p position; leaves it behind the `]`. Nothing if there is
/// none.
std::optional<Element> readSet(const std::vector<char32_t> &pattern, size_t &position) {
  Element set{Element::Kind::Set, 0, false, {}};
  size_t first = position + 1;
  if (first < pattern.size() && pattern[first] == U'!') {
    set.negated = true;
    ++first;
  }
  // The first member may be a bracket.
  size_t end = first + 1;
  while (end < pattern.size() && pattern[end] != U']')
    ++end;
  if (end >= pattern.size())
    return std::nullopt;
  for (size_t i = first; i != end;) {
    bool isRange = i + 2 < end && pattern[i + 1] == U'-';
    set.ranges.push_back({pattern[i], pattern[isRange ? i + 2 : i]});
    i += isRange ? 3 : 1;
  }
  position = end + 1;
  return set;
}

/// Nothing if \p text is malformed.
std::optional<Component> compile(std::string_view text) {
  Component component;
  component.text = text;
  if (text == "**") {
    component.isWild = component.isRecursive = true;
    return component;
  }
  if (text.find("**") != std::string_view::npos)
    return std::nullopt;
  std::vector<char32_t> pattern = decode(text);
  for (size_t i = 0; i < pattern.size();) {
    char32_t character = pattern[i];
    if (character == U'[') {
      std::optional<Element> set = readSet(pattern, i);
      if (!set)
        return std::nullopt;
      component.elements.push_back(*std::move(set));
      component.isWild = true;
      continue;
    }
    Element::Kind kind = character == U'?'   ? Element::Kind::AnyCharacter
                         : character == U'*' ? Element::Kind::AnySequence
                                             : Element::Kind::Literal;
    component.isWild |= kind != Element::Kind::Literal;
    component.elements.push_back({kind, character, false, {}});
    ++i;
  }
  return component;
}

bool Component::matches(std::string_view name) const {
  if (!isWild)
    return name == text;
  if (validUtf8Prefix(name) != name.size())
    return false;
  std::vector<char32_t> characters = decode(name);
  // Where to go on with one more character in the last `*`.
  size_t starElement = elements.size();
  size_t starCharacter = 0;
  size_t element = 0;
  size_t i = 0;
  while (i != characters.size()) {
    if (element != elements.size() && elements[element].kind == Element::Kind::AnySequence) {
      starElement = element++;
      starCharacter = i;
    } else if (element != elements.size() && elements[element].matches(characters[i])) {
      ++element;
      ++i;
    } else if (starElement != elements.size()) {
      element = starElement + 1;
      i = ++starCharacter;
    } else {
      return false;
    }
  }
  return std::all_of(elements.begin() + static_cast<ptrdiff_t>(element), elements.end(),
                     [](const Element &rest) { return rest.kind == Element::Kind::AnySequence; });
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

bool exists(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 || lstat(path.c_str(), &status) == 0;
}

/// The identity of a directory.
using Identity = std::pair<dev_t, ino_t>;

std::optional<Identity> directoryIdentity(const std::string &path) {
  struct stat status;
  if (stat(path.empty() ? "." : path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return std::nullopt;
  return Identity(status.st_dev, status.st_ino);
}

bool isDirectory(const std::string &path) { return directoryIdentity(path).has_value(); }

std::vector<std::string> sortedEntries(const std::string &path) {
  std::vector<std::string> names = directoryEntries(path);
  std::sort(names.begin(), names.end());
  return names;
}

/// The path of \p name in the directory \p position; empty is where the walk begins.
std::string join(const std::string &position, std::string_view name) {
  std::string path = position;
  if (!path.empty() && path.back() != '/')
    path += '/';
  path += name;
  return path;
}

class Walk {
public:
  explicit Walk(std::vector<Component> components, bool directoriesOnly)
      : components(std::move(components)), directoriesOnly(directoriesOnly) {}

  std::vector<std::string> run(const std::string &start) {
    continueAt(start, 0);
    return std::move(results);
  }

private:
  /// A tree that is walked gives no more than this, so that links to each other's
  /// directories do not take all memory.
  static constexpr size_t maxResults = size_t(1) << 24;

  /// Matches component \p index and those behind it below \p position.
  void continueAt(const std::string &position, size_t index) {
    if (results.size() == maxResults)
      return;
    if (index == components.size())
      return add(position);
    const Component &component = components[index];
    if (component.isRecursive)
      return descend(position, index);
    if (component.isWild)
      return matchEntries(position, index);
    followLiteral(position, index);
  }

  void add(const std::string &path) {
    if (!path.empty() && (!directoriesOnly || isDirectory(path)))
      results.push_back(path);
  }

  void followLiteral(const std::string &position, size_t index) {
    const std::string &name = components[index].text;
    if (name.empty())
      return continueAt(position, index + 1);
    std::string path = join(position, name);
    bool isDots = name == "." || name == "..";
    if (isDots ? !isDirectory(position) : !exists(path))
      return;
    bool disappears = name == "." && position.empty() && index + 1 != components.size();
    continueAt(disappears ? position : path, index + 1);
  }

  void matchEntries(const std::string &position, size_t index) {
    if (!isDirectory(position))
      return;
    const Component &component = components[index];
    if (component.text.starts_with('.'))
      for (std::string_view name : {"..", "."})
        if (component.matches(name))
          continueAt(join(position.empty() ? "." : position, name), index + 1);
    for (const std::string &name : sortedEntries(position))
      if (component.matches(name))
        continueAt(join(position, name), index + 1);
  }

  /// Visits every entry below \p position, a directory before what is in it.
  void descend(const std::string &position, size_t index) {
    std::optional<Identity> identity = directoryIdentity(position);
    // A directory inside itself, through a link, has been walked.
    if (!identity || std::find(path.begin(), path.end(), *identity) != path.end())
      return;
    path.push_back(*identity);
    bool isLast = index + 1 == components.size();
    for (const std::string &name : sortedEntries(position)) {
      std::string entry = join(position, name);
      bool entered = isDirectory(entry);
      if (isLast && entered && validUtf8Prefix(name) == name.size())
        add(entry);
      if (!isLast && components[index + 1].matches(name))
        continueApart(entry, index + 2);
      if (entered)
        descend(entry, index);
    }
    path.pop_back();
  }

  /// Goes on behind a `**`, where another one counts directories anew.
  void continueApart(const std::string &position, size_t index) {
    std::vector<Identity> outer = std::exchange(path, {});
    continueAt(position, index);
    path = std::move(outer);
  }

  std::vector<Component> components;
  bool directoriesOnly;
  std::vector<Identity> path; ///< directories that a `**` is in
  std::vector<std::string> results;
};

/// Replaces what is not UTF-8.
std::string toUtf8(std::string_view path) {
  std::string text;
  while (!path.empty()) {
    Utf8Character character = firstCharacter(path);
    text += character.wellFormed ? path.substr(0, character.size) : std::string_view("\ufffd");
    path.remove_prefix(character.size);
  }
  return text;
}

} // namespace

bool defaultGlobMatches(std::string_view pattern, std::string_view name) {
  std::optional<Component> component = compile(pattern);
  return component && component->matches(name);
}

std::vector<std::string> defaultGlob(std::string_view pattern) {
  if (pattern.empty() || pattern.find('\0') != std::string_view::npos)
    return {};
  std::string start;
  bool directoriesOnly = pattern.ends_with('/');
  if (pattern.starts_with('/')) {
    start = "/";
    pattern.remove_prefix(1);
  }
  if (pattern.ends_with('/'))
    pattern.remove_suffix(1);
  std::vector<Component> components;
  while (!pattern.empty()) {
    size_t end = std::min(pattern.find('/'), pattern.size());
    std::optional<Component> component = compile(pattern.substr(0, end));
    if (!component)
      return {};
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
    bool repeats = component->isRecursive && !components.empty() && components.back().isRecursive;
    if (!repeats)
      components.push_back(*std::move(component));
  }
  std::vector<std::string> paths = Walk(std::move(components), directoriesOnly).run(start);
  for (std::string &path : paths)
    if (validUtf8Prefix(path) != path.size())
      path = toUtf8(path);
  return paths;
}

} // namespace fusevm
