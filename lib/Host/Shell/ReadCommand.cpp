//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// `read`.

#include "Builtins.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace fusevm::shell {

namespace {

enum class Ending : uint8_t { Line, Input, Interrupt };

/// Reads lines from the input of the commands, and not a byte more, lest it be taken from
/// those who read later.
class LineReader {
public:
  explicit LineReader(Session &session) : session(session) {}

  /// Appends the next line, without its newline, to \p line.
  Ending next(std::string &line) {
    if (session.vm && &session.vm->input() != &standardInput())
      return nextOf(session.vm->input(), line);
    std::string unread = exchangeStandardInput("");
    size_t newline = unread.find('\n');
    line.append(unread, 0, newline);
    if (newline != std::string::npos) {
      exchangeStandardInput(unread.substr(newline + 1));
      return Ending::Line;
    }
    return lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0 ? readBlocks(line) : readBytes(line);
  }

private:
  static Ending nextOf(InputSource &input, std::string &line) {
    std::string more;
    bool isLine = input.readLine(more);
    line += more;
    return isLine ? Ending::Line : Ending::Input;
  }

  /// From a file that can go back to the end of the line.
  static Ending readBlocks(std::string &line) {
    char block[4096];
    for (;;) {
      ssize_t count = ::read(STDIN_FILENO, block, sizeof(block));
      if (count <= 0)
        return Ending::Input;
      std::string_view bytes(block, static_cast<size_t>(count));
      size_t newline = bytes.find('\n');
      line += bytes.substr(0, newline);
      if (newline == std::string_view::npos)
        continue;
      lseek(STDIN_FILENO, static_cast<off_t>(newline + 1) - count, SEEK_CUR);
      return Ending::Line;
    }
  }

  Ending readBytes(std::string &line) {
    for (;;) {
      if (!session.waitForInput(STDIN_FILENO))
        return Ending::Interrupt;
      char byte;
      ssize_t count = ::read(STDIN_FILENO, &byte, 1);
      if (count < 0 && errno == EINTR)
        continue;
      if (count <= 0)
        return Ending::Input;
      if (byte == '\n')
        return Ending::Line;
      line += byte;
    }
  }

  Session &session;
};

/// A line as fields: backslashes are taken off, and what they quoted does not separate.
class Fields {
public:
  Fields(std::string_view line, std::string_view separators, bool raw) : separators(separators) {
    for (size_t i = 0; i != line.size(); ++i) {
      bool isQuote = !raw && line[i] == '\\' && i + 1 != line.size();
      i += isQuote;
      text += line[i];
      isQuoted += isQuote ? '1' : '0';
    }
    skipBlanks();
  }

  /// Takes the next field.
  std::string take() {
    size_t start = position;
    while (position != text.size() && !isSeparator(position))
      ++position;
    std::string field = text.substr(start, position - start);
    skipSeparator();
    return field;
  }

  /// Takes what remains. A single field loses the separator behind it.
  std::string takeRest() {
    size_t start = position;
    std::string first = take();
    if (position == text.size())
      return first;
    size_t end = text.size();
    while (end != start && isBlank(end - 1))
      --end;
    position = text.size();
    return text.substr(start, end - start);
  }

private:
  bool isSeparator(size_t at) const {
    return isQuoted[at] == '0' && separators.find(text[at]) != std::string_view::npos;
  }
  bool isBlank(size_t at) const {
    return isSeparator(at) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n');
  }
  void skipBlanks() {
    while (position != text.size() && isBlank(position))
      ++position;
  }
  /// Skips blanks, with one other separator among them.
  void skipSeparator() {
    skipBlanks();
    if (position != text.size() && isSeparator(position))
      ++position;
    skipBlanks();
  }

  std::string_view separators;
  std::string text;
  std::string isQuoted;
  size_t position = 0;
};

} // namespace

/// Whether \p line ends in a backslash that quotes the newline.
static bool isContinued(std::string_view line) {
  size_t last = line.find_last_not_of('\\');
  size_t backslashes = line.size() - (last == std::string_view::npos ? 0 : last + 1);
  return backslashes % 2 == 1;
}

int32_t readCommand(Session &session, Arguments argv) {
  bool raw = argv.size() > 1 && argv[1] == "-r";
  Arguments names = argv.subspan(raw ? 2 : 1);
  LineReader reader(session);
  std::string line;
  Ending ending = reader.next(line);
  while (!raw && ending == Ending::Line && isContinued(line)) {
    line.pop_back();
    ending = reader.next(line);
  }
  if (ending == Ending::Interrupt)
    return 128 + SIGINT;
  std::erase(line, '\0');
  std::string separators = session.variableText("IFS").value_or(" \t\n");
  Fields fields(line, separators, raw);
  int32_t status = ending == Ending::Line ? 0 : 1;
  for (const std::string &name : names) {
    bool isLast = &name == &names.back();
    if (!session.assign(name, Value::makeStr(isLast ? fields.takeRest() : fields.take())))
      status = 2;
  }
  return status;
}

} // namespace fusevm::shell
