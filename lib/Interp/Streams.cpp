//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/Streams.h"

#include "fusevm/Support/File.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <poll.h>
#include <unistd.h>

namespace fusevm {

bool StringInput::readLine(std::string &line) {
  return takeLineAtHand([&line](std::string_view taken) { line = taken; });
}

bool StringInput::takeLineAtHand(absl::FunctionRef<void(std::string_view)> take) {
  if (position == text.size())
    return false;
  size_t end = std::min(text.find('\n', position), text.size());
  take(std::string_view(text).substr(position, end - position));
  position = std::min(end + 1, text.size());
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

  bool isStandardOutput() const override { return descriptor == STDOUT_FILENO; }

  void afterFork() {
    // What another thread left half done is abandoned, not destroyed.
    new (&mutex) std::mutex;
    new (&buffer) std::string;
  }

private:
  static constexpr size_t flushAt = size_t(1) << 16;

  void writeOut() {
    // A closed pipe or a full disk: the program cannot know.
    (void)writeAll(descriptor, buffer);
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
    while (!isLineRead())
      fill();
    line.assign(buffer, position, searched - position);
    bool isLine = !atEnd || !line.empty();
    position = searched = std::min(searched + 1, buffer.size());
    // More may come after the end: on a terminal it is a key.
    atEnd = false;
    return isLine;
  }

  bool takeLineAtHand(absl::FunctionRef<void(std::string_view)> take) override {
    if (interactive)
      return false;
    std::lock_guard<std::mutex> lock(mutex);
    size_t end = buffer.find('\n', searched);
    if (end == std::string::npos)
      return false;
    take(std::string_view(buffer).substr(position, end - position));
    position = searched = end + 1;
    return true;
  }

  bool awaitLine(const std::atomic<bool> &interrupted) override {
    // A signal ends the wait at once, unless it comes just before the wait begins or to
    // another thread.
    constexpr int millisecondsBetweenLooks = 50;
    for (int timeout = 0; !fillWithin(timeout); timeout = millisecondsBetweenLooks)
      if (interrupted.load(std::memory_order_relaxed))
        return false;
    return true;
  }

  bool isInteractive() const override { return interactive; }

  std::string exchange(std::string unread) {
    std::lock_guard<std::mutex> lock(mutex);
    buffer.erase(0, position);
    buffer.swap(unread);
    position = searched = 0;
    atEnd = false;
    return unread;
  }

  void rewind() {
    std::lock_guard<std::mutex> lock(mutex);
    auto ahead = static_cast<off_t>(buffer.size() - position);
    if (ahead == 0 || lseek(descriptor, -ahead, SEEK_CUR) < 0)
      return;
    buffer.clear();
    position = searched = 0;
  }

  void afterFork() { new (&mutex) std::mutex; }

private:
  /// Whether the next line is in the buffer, or all that there is before the end; searched
  /// is where it ends.
  bool isLineRead() {
    searched = std::min(buffer.find('\n', searched), buffer.size());
    return searched != buffer.size() || atEnd;
  }

  void fill() {
    buffer.erase(0, position);
    searched -= position;
    position = 0;
    ssize_t count = readOnce(descriptor, received, sizeof(received));
    if (count > 0)
      buffer.append(received, static_cast<size_t>(count));
    else
      atEnd = true;
  }

  /// Reads what comes within \p milliseconds. Returns whether the next line is there.
  bool fillWithin(int milliseconds) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (isLineRead())
        return true;
    }
    // Other VMs need not wait with this one.
    isReadable(milliseconds);
    std::lock_guard<std::mutex> lock(mutex);
    while (!isLineRead() && isReadable(0))
      fill();
    return isLineRead();
  }

  /// Whether there is input, or the end of it, within \p milliseconds.
  bool isReadable(int milliseconds) const {
    pollfd waiting = {descriptor, POLLIN, 0};
    return ::poll(&waiting, 1, milliseconds) > 0;
  }

  int descriptor;
  bool interactive;
  std::mutex mutex;
  std::string buffer;
  size_t position = 0; ///< where the next line begins
  size_t searched = 0; ///< there is no newline between position and here
  bool atEnd = false;
  char received[size_t(1) << 16];
};

} // namespace

static FileOutput &fileOutput() {
  static FileOutput output(STDOUT_FILENO);
  return output;
}

static FileInput &fileInput() {
  static FileInput input(STDIN_FILENO);
  return input;
}

OutputSink &standardOutput() { return fileOutput(); }
InputSource &standardInput() { return fileInput(); }

std::string exchangeStandardInput(std::string unread) {
  return fileInput().exchange(std::move(unread));
}

void rewindStandardInput() { fileInput().rewind(); }

void standardStreamsAfterFork() {
  fileOutput().afterFork();
  fileInput().afterFork();
}

} // namespace fusevm
