//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/File.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace fusevm {

namespace {

/// A descriptor of a file that was opened, or of a standard stream, which stays open.
class OpenFile {
public:
  /// Opens \p path, or takes \p standardStream if it is "-".
  OpenFile(std::string_view path, int flags, int standardStream);
  OpenFile(const OpenFile &) = delete;
  OpenFile &operator=(const OpenFile &) = delete;
  ~OpenFile() { close(); }

  /// The descriptor; -1, with errno set, if the file could not be opened.
  int get() const { return descriptor; }

  /// Closes the file, which is when some file systems report that writing failed.
  bool close() {
    bool closing = std::exchange(owned, false);
    return !closing || ::close(descriptor) == 0;
  }

private:
  int descriptor;
  /// Not told by the number: a program may be started with standard streams closed.
  bool owned;
};

OpenFile::OpenFile(std::string_view path, int flags, int standardStream)
    : descriptor(standardStream), owned(path != "-") {
  if (!owned)
    return;
  std::string terminated(path);
  do
    descriptor = ::open(terminated.c_str(), flags | O_CLOEXEC, 0666);
  while (descriptor < 0 && errno == EINTR);
  owned = descriptor >= 0;
}

absl::Status systemError(std::string_view doing, std::string_view object, int error) {
  return absl::ErrnoToStatus(error, strCat("cannot ", doing, " ", object));
}

/// Waits until \p descriptor, which is in non-blocking mode, is ready for \p events.
void waitUntilReady(int descriptor, short events) {
  pollfd waiting = {descriptor, events, 0};
  ::poll(&waiting, 1, -1);
}

/// Reads up to \p count bytes; 0 at the end, -1 after an error.
ssize_t readSome(int descriptor, char *buffer, size_t count) {
  for (;;) {
    ssize_t received = readOnce(descriptor, buffer, count);
    if (received >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
      return received;
    waitUntilReady(descriptor, POLLIN);
  }
}

/// Returns the first size of a buffer: one byte more than the file seems to have, so that
/// its end is noticed before the buffer has to grow.
size_t firstBufferSize(int descriptor) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= 0)
    return 65536;
  return std::min(static_cast<size_t>(info.st_size), maxFileBytes) + 1;
}

} // namespace

std::string quotedPath(std::string_view path, std::string_view streamName) {
  return path == "-" ? std::string(streamName) : strCat("'", path, "'");
}

absl::StatusOr<std::string> readFile(std::string_view path) {
  std::string object = quotedPath(path, "standard input");
  OpenFile file(path, O_RDONLY, STDIN_FILENO);
  if (file.get() < 0)
    return systemError("read", object, errno);
  std::string text(firstBufferSize(file.get()), '\0');
  size_t size = 0;
  while (ssize_t received = readSome(file.get(), text.data() + size, text.size() - size)) {
    if (received < 0)
      return systemError("read", object, errno);
    size += static_cast<size_t>(received);
    if (size > maxFileBytes)
      return absl::ResourceExhaustedError(
          strCat("cannot read ", object, ": it is larger than ", maxFileBytes, " bytes"));
    if (size == text.size())
      text.resize(2 * size);
  }
  text.resize(size);
  return text;
}

int writeAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<size_t>(written));
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      waitUntilReady(descriptor, POLLOUT);
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

absl::Status writeFile(std::string_view path, std::string_view contents) {
  std::string object = quotedPath(path, "standard output");
  OpenFile file(path, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  if (file.get() < 0)
    return systemError("write", object, errno);
  if (int error = writeAll(file.get(), contents))
    return systemError("write", object, error);
  return file.close() ? absl::OkStatus() : systemError("write", object, errno);
}

absl::Status writeDescriptor(int descriptor, std::string_view bytes) {
  int error = writeAll(descriptor, bytes);
  return error ? systemError("write", strCat("to descriptor ", descriptor), error)
               : absl::OkStatus();
}

ssize_t readOnce(int descriptor, void *memory, size_t size) {
  ssize_t count = 0;
  do
    count = ::read(descriptor, memory, size);
  while (count < 0 && errno == EINTR);
  return count;
}

std::vector<std::string> directoryEntries(const std::string &path) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR *)> directory(opendir(path.empty() ? "." : path.c_str()),
                                                 closedir);
  if (!directory)
    return names;
  while (const dirent *entry = readdir(directory.get()))
    if (std::string_view name = entry->d_name; name != "." && name != "..")
      names.emplace_back(name);
  return names;
}

} // namespace fusevm
