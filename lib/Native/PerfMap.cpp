//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CodeNames.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/str_format.h"

#include <fcntl.h>
#include <mutex>
#include <string>
#include <unistd.h>

namespace fusevm {

void writeToPerfMap(const NamedCode &code) {
  // Not over a link that somebody else may have put there.
  static const int descriptor =
      ::open(strCat("/tmp/perf-", ::getpid(), ".map").c_str(),
             O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return;
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  (void)writeDescriptor(
      descriptor,
      absl::StrFormat("%x %x %s\n", reinterpret_cast<uintptr_t>(code.begin), code.size, code.name));
}

} // namespace fusevm
