//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "RecordReader.h"

#include "fusevm/Support/File.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace fusevm::awk {

RecordReader::~RecordReader() {
  if (!borrowed)
    ::close(descriptor);
}

bool RecordReader::isInteractive() const { return begin == end && isatty(descriptor); }

RecordReader::Status RecordReader::next(const RecordSeparator &separator, std::string_view &record,
                                        std::string_view &terminator) {
  if (separator.kind == RecordSeparator::Kind::Paragraph) {
    // Newlines in front of a paragraph are not part of it.
    do {
      while (begin != end && buffer.get()[begin] == '\n')
        ++begin;
    } while (begin == end && fill());
  }
  scanned = 0;
  End found{};
  while (!findEnd(separator, found)) {
    if (fill())
      continue;
    if (error != 0) {
      errno = std::exchange(error, 0);
      return Status::Error;
    }
    if (begin == end)
      return Status::End;
    // What could not be told before is decided now.
    if (!findEnd(separator, found))
      found = lastEnd(separator);
    break;
  }
  record = {buffer.get() + begin, found.record - begin};
  terminator = {buffer.get() + found.record, found.terminator - found.record};
  begin = found.terminator;
  scanned = 0;
  anyRecord = true;
  return Status::Record;
}

bool RecordReader::findEnd(const RecordSeparator &separator, End &found) {
  switch (separator.kind) {
  case RecordSeparator::Kind::Character:
    return findCharacter(separator.character, found);
  case RecordSeparator::Kind::Paragraph:
    return findBlankLine(found);
  case RecordSeparator::Kind::Regex:
    return findMatch(*separator.regex, found);
  }
  return false;
}

bool RecordReader::findCharacter(char character, End &found) {
  std::string_view text = pending().substr(scanned);
  const void *position = text.empty() ? nullptr : std::memchr(text.data(), character, text.size());
  if (!position) {
    scanned = end - begin;
    return false;
  }
  found.record = static_cast<size_t>(static_cast<const char *>(position) - buffer.get());
  found.terminator = found.record + 1;
  return true;
}

bool RecordReader::findBlankLine(End &found) {
  std::string_view text = pending();
  size_t position = text.find("\n\n", scanned);
  if (position == std::string_view::npos) {
    // A newline at the end may be the first of two.
    scanned = text.empty() ? 0 : text.size() - 1;
    return false;
  }
  scanned = position;
  size_t after = text.find_first_not_of('\n', position);
  // All newlines belong to the separator, so it must be seen where they end.
  if (after == std::string_view::npos) {
    if (!atEnd)
      return false;
    after = text.size();
  }
  found = {begin + position, begin + after};
  return true;
}

bool RecordReader::findMatch(const Regex &regex, End &found) {
  // One byte of what was before keeps ^ from matching.
  size_t before = anyRecord && begin != 0 ? 1 : 0;
  std::string_view text{buffer.get() + begin - before, end - begin + before};
  Match match;
  for (size_t start = before; start < text.size() && regex.search(text, start, {&match, 1});) {
    auto position = static_cast<size_t>(match.data() - text.data());
    // A match that reaches the end of what was read might be longer with more.
    if (position + match.size() == text.size() && !atEnd)
      return false;
    if (!match.empty()) {
      found.record = begin - before + position;
      found.terminator = found.record + match.size();
      return true;
    }
    start = position + 1;
  }
  return false;
}

RecordReader::End RecordReader::lastEnd(const RecordSeparator &separator) const {
  size_t recordEnd = end;
  if (separator.kind == RecordSeparator::Kind::Paragraph)
    while (recordEnd != begin && buffer.get()[recordEnd - 1] == '\n')
      --recordEnd;
  return {recordEnd, end};
}

bool RecordReader::fill() {
  if (atEnd)
    return false;
  if (begin == end && anyRecord)
    return fillEmptied();
  makeRoom();
  return added(readOnce(descriptor, buffer.get() + end, capacity - end));
}

/// Reads when all was given out. The last record must not be touched until it is certain that
/// there is another one.
bool RecordReader::fillEmptied() {
  char probe[4096];
  ssize_t count = readOnce(descriptor, probe, sizeof(probe));
  if (count > 0) {
    makeRoom();
    std::memcpy(buffer.get() + end, probe, static_cast<size_t>(count));
  }
  return added(count);
}

bool RecordReader::added(ssize_t count) {
  if (count < 0)
    error = errno;
  if (count <= 0)
    atEnd = true;
  else
    end += static_cast<size_t>(count);
  return count > 0;
}

void RecordReader::makeRoom() {
  constexpr size_t firstCapacity = size_t(1) << 17;
  size_t kept = begin == 0 ? 0 : 1; // the byte that findMatch looks at
  if (capacity - end < capacity / 2 && begin > kept) {
    size_t shift = begin - kept;
    std::memmove(buffer.get(), buffer.get() + shift, end - shift);
    begin -= shift;
    end -= shift;
  }
  // Half of the buffer at least is for new input, so that long records are not moved often.
  if (capacity - end < capacity / 2 || capacity == 0) {
    capacity = std::max(capacity * 2, firstCapacity);
    char *memory = static_cast<char *>(std::realloc(buffer.release(), capacity));
    if (!memory) {
      std::fprintf(stderr, "fusevm: out of memory allocating %zu bytes\n", capacity);
      std::exit(1);
    }
    buffer.reset(memory);
  }
}

} // namespace fusevm::awk
