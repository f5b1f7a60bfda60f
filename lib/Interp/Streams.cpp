//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/Streams.h"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <unistd.h>

namespace fusevm {

bool StringInput::readLine(std::string &line) {
  if (position == text.size())
    return false;
  size_t end = text.find('\n', position);
  line.assign(text, position, end - position);
  position = end == std::string::npos ? text.size() : end + 1;
  return true;
}

namespace {

class FileOutput final : public OutputSink {
public:
  explicit FileOutput(int descriptor)
      : descriptor(descriptor), lineBuffered(isatty(descriptor) != 0) {}
  ~FileOutput() override { flush(); }

  void write(std::string_view bytes) override {
    std::lock_guard<std::mutex> lock(mutex);
    buffer += bytes;
    if (buffer.size() >= flushAt || (lineBuffered && bytes.find('\n') != std::string_view::npos))
      writeOut();
  }

  void flush() override {
    std::lock_guard<std::mutex> lock(mutex);
    writeOut();
  }

private:
  static constexpr size_t flushAt = size_t(1) << 16;

  void writeOut() {
    std::string_view rest = buffer;
    while (!rest.empty()) {
      ssize_t written = ::write(descriptor, rest.data(), rest.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        break; // a closed pipe or full disk: the program cannot know
      rest.remove_prefix(static_cast<size_t>(written));
    }
    buffer.clear();
  }

  int descriptor;
  bool lineBuffered;
  std::mutex mutex;
  std::string buffer;
};

class FileInput final : public InputSource {
public:
  explicit FileInput(int descriptor)
      : descriptor(descriptor), interactive(isatty(descriptor) != 0) {}

  bool readLine(std::string &line) override {
    std::lock_guard<std::mutex> lock(mutex);
    line.clear();
    for (;;) {
      const char *start = buffer + position;
      if (const void *newline = std::memchr(start, '\n', size - position)) {
        size_t length = static_cast<size_t>(static_cast<const char *>(newline) - start);
        line.append(start, length);
        position += length + 1;
        return true;
      }
      line.append(start, size - position);
      if (!fill())
        return !line.empty();
    }
  }

  bool isInteractive() const override { return interactive; }

private:
  bool fill() {
    ssize_t count = 0;
    do
      count = ::read(descriptor, buffer, sizeof(buffer));
    while (count < 0 && errno == EINTR);
    position = 0;
    size = count > 0 ? static_cast<size_t>(count) : 0;
    return size != 0;
  }

  int descriptor;
  bool interactive;
  std::mutex mutex;
  size_t position = 0;
  size_t size = 0;
  char buffer[size_t(1) << 16];
};

} // namespace

OutputSink &standardOutput() {
  static FileOutput output(STDOUT_FILENO);
  return output;
}

InputSource &standardInput() {
  static FileInput input(STDIN_FILENO);
  return input;
}

} // namespace fusevm
