//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "FileStatus.h"

#include "fusevm/Interp/ShellConstants.h"

#include <string>
#include <sys/stat.h>

namespace fusevm {

static bool isLinkTest(FileTest test) {
  return test >= FileTest::IsLink && test <= FileTest::IsCharDevice;
}

static bool holds(FileTest test, const struct stat &status) {
  switch (test) {
  case FileTest::IsFile:
    return S_ISREG(status.st_mode);
  case FileTest::IsDirectory:
    return S_ISDIR(status.st_mode);
  case FileTest::IsReadable:
  case FileTest::IsWritable:
  case FileTest::Exists:
    return true;
  case FileTest::IsExecutable:
    return (status.st_mode & 0111) != 0;
  case FileTest::IsNonEmpty:
    return status.st_size > 0;
  case FileTest::IsLink:
    return S_ISLNK(status.st_mode);
  case FileTest::IsSocket:
    return S_ISSOCK(status.st_mode);
  case FileTest::IsFifo:
    return S_ISFIFO(status.st_mode);
  case FileTest::IsBlockDevice:
    return S_ISBLK(status.st_mode);
  case FileTest::IsCharDevice:
    return S_ISCHR(status.st_mode);
  }
  return false;
}

bool fileTestHolds(uint8_t test, std::string_view path) {
  auto kind = static_cast<FileTest>(test);
  if (path.empty() || path.find('\0') != std::string_view::npos)
    return false;
  std::string name(path);
  struct stat status;
  int failed = isLinkTest(kind) ? lstat(name.c_str(), &status) : stat(name.c_str(), &status);
  return failed == 0 && holds(kind, status);
}

} // namespace fusevm
