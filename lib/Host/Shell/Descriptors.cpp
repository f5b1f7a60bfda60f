//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Descriptors.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

namespace fusevm::shell {

void Descriptor::reset() {
  if (number >= 0)
    close(std::exchange(number, -1));
}

Descriptor duplicatePrivately(int number) {
  int copy = fcntl(number, F_DUPFD_CLOEXEC, firstPrivateDescriptor);
  // Where so large numbers are not allowed, any but the first will do.
  if (copy < 0 && errno == EINVAL)
    copy = fcntl(number, F_DUPFD_CLOEXEC, 10);
  return Descriptor(copy);
}

Descriptor movePrivately(Descriptor descriptor) {
  if (!descriptor.isOpen() || descriptor.get() >= firstPrivateDescriptor)
    return descriptor;
  Descriptor moved = duplicatePrivately(descriptor.get());
  int code = errno;
  descriptor.reset();
  errno = code;
  return moved;
}

Descriptor openPrivately(const std::string &path, int flags, unsigned mode) {
  return movePrivately(Descriptor(open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode)));
}

Pipe makePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return {};
  Pipe result{movePrivately(Descriptor(ends[0])), movePrivately(Descriptor(ends[1]))};
  if (!result.read.isOpen() || !result.write.isOpen())
    return {};
  return result;
}

Descriptor makeMemoryFile(std::string_view body) {
  Descriptor file(memfd_create("fusevm-heredoc", MFD_CLOEXEC));
  if (!file.isOpen() || !writeDescriptor(file.get(), body).ok())
    return {};
  // Opened anew it can only be read, and has a position of its own.
  Descriptor readable = openPrivately(strCat("/proc/self/fd/", file.get()), O_RDONLY);
  if (readable.isOpen())
    return readable;
  lseek(file.get(), 0, SEEK_SET);
  return movePrivately(std::move(file));
}

bool isReadable(int descriptor, int milliseconds) {
  pollfd waiting = {descriptor, POLLIN, 0};
  return poll(&waiting, 1, milliseconds) > 0;
}

bool readToEnd(int descriptor, std::string &out, size_t limit,
               absl::FunctionRef<bool()> awaitInput) {
  constexpr size_t blockSize = size_t(1) << 16;
  size_t used = 0;
  while (used <= limit && awaitInput()) {
    if (out.size() - used < blockSize)
      out.resize(std::max(out.size() * 2, used + blockSize));
    ssize_t count = read(descriptor, out.data() + used, out.size() - used);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      out.resize(used);
      return count == 0;
    }
    used += static_cast<size_t>(count);
  }
  out.resize(used);
  return true;
}

bool duplicateTo(int source, int target) {
  int result;
  do
    result = dup2(source, target);
  while (result < 0 && (errno == EINTR || errno == EBUSY));
  return result >= 0;
}

bool isOpenFor(int number, bool writing) {
  int flags = fcntl(number, F_GETFL);
  if (flags < 0)
    return false;
  int mode = flags & O_ACCMODE;
  return mode == O_RDWR || mode == (writing ? O_WRONLY : O_RDONLY);
}

} // namespace fusevm::shell
