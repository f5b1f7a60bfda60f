//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "PathGlob.h"

#include "Pattern.h"

#include "fusevm/Support/File.h"

#include <algorithm>
#include <sys/stat.h>

namespace fusevm::shell {

namespace {

struct Component {
  Pattern pattern;
  std::string text;
  std::string slashes; ///< behind it, as written
  bool isRecursive;    ///< is `**`
};

bool isDirectory(const std::string &path, bool followLinks) {
  struct stat status;
  const char *name = path.empty() ? "." : path.c_str();
  int failed = followLinks ? stat(name, &status) : lstat(name, &status);
  return failed == 0 && S_ISDIR(status.st_mode);
}

class Walk {
public:
  explicit Walk(std::vector<Component> components) : components(std::move(components)) {}

  std::vector<std::string> run(const std::string &start) {
    continueAt(start, 0);
    std::sort(results.begin(), results.end());
    results.erase(std::unique(results.begin(), results.end()), results.end());
    return std::move(results);
  }

private:
  /// Matches component \p index and those behind it. \p position ends in a slash, or is
  /// empty.
  void continueAt(const std::string &position, size_t index) {
    const Component &component = components[index];
    if (component.isRecursive)
      return descend(position, index);
    if (component.pattern.isLiteral())
      return take(position + component.pattern.literal(), index);
    for (const std::string &name : directoryEntries(position))
      if ((name.front() != '.' || component.pattern.beginsWithDot()) &&
          component.pattern.matches(name))
        take(position + name, index);
  }

  /// Goes on behind \p path, which matches up to component \p index.
  void take(const std::string &path, size_t index) {
    const Component &component = components[index];
    bool isLast = index + 1 == components.size();
    struct stat status;
    if (component.slashes.empty()) {
      if (lstat(path.c_str(), &status) == 0)
        results.push_back(path);
    } else if (isLast) {
      if (isDirectory(path, /*followLinks=*/true))
        results.push_back(path + component.slashes);
    } else {
      continueAt(path + component.slashes, index + 1);
    }
  }

  /// Matches what follows a `**` in \p position and in every directory below.
  void descend(const std::string &position, size_t index) {
    const Component &component = components[index];
    bool isLast = index + 1 == components.size();
    if (!isLast)
      continueAt(position, index + 1);
    else if (!position.empty() && component.slashes.empty())
      results.push_back(position);
    else if (!position.empty())
      results.push_back(position.substr(0, position.size() - 1) + component.slashes);
    descendInto(position, index);
  }

  void descendInto(const std::string &position, size_t index) {
    const Component &component = components[index];
    bool isLast = index + 1 == components.size();
    for (const std::string &name : directoryEntries(position)) {
      if (name.front() == '.')
        continue;
      std::string path = position + name;
      bool entered = isDirectory(path, /*followLinks=*/false);
      std::string inside = path + (isLast || component.slashes.empty() ? "/" : component.slashes);
      if (isLast && component.slashes.empty())
        results.push_back(path);
      else if (isLast && entered)
        results.push_back(path + component.slashes);
      if (!entered)
        continue;
      if (!isLast)
        continueAt(inside, index + 1);
      descendInto(inside, index);
    }
  }

  std::vector<Component> components;
  std::vector<std::string> results;
};

/// Returns where the component that begins at \p start ends: a slash in brackets does not
/// end it, but then there are no brackets.
size_t componentEnd(std::string_view pattern, size_t start) {
  return std::min(pattern.find('/', start), pattern.size());
}

} // namespace

std::vector<std::string> globPaths(std::string_view pattern, bool recursive) {
  if (pattern.empty() || pattern.find('\0') != std::string_view::npos)
    return {};
  size_t position = std::min(pattern.find_first_not_of('/'), pattern.size());
  std::string start(pattern.substr(0, position));
  if (position == pattern.size()) // the root alone
    return isDirectory(start, true) ? std::vector{start} : std::vector<std::string>();
  std::vector<Component> components;
  while (position != pattern.size()) {
    size_t end = componentEnd(pattern, position);
    size_t next = std::min(pattern.find_first_not_of('/', end), pattern.size());
    std::string text(pattern.substr(position, end - position));
    bool isRecursive = recursive && text == "**";
    bool repeats = isRecursive && !components.empty() && components.back().isRecursive;
    if (repeats)
      components.back().slashes = pattern.substr(end, next - end);
    else
      components.push_back(
          {Pattern(text), text, std::string(pattern.substr(end, next - end)), isRecursive});
    position = next;
  }
  return Walk(std::move(components)).run(start);
}

} // namespace fusevm::shell
