//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The jitdump format, version 1, as the perf tools of Linux describe it. All integers are
/// in the byte order of the machine.

#include "CodeNames.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <ctime>
#include <elf.h>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fusevm {

namespace {

struct FileHeader {
  uint32_t magic = 0x4A695444;
  uint32_t version = 1;
  uint32_t size = sizeof(FileHeader);
#ifdef __x86_64__
  uint32_t machine = EM_X86_64;
#else
  uint32_t machine = EM_AARCH64;
#endif
  uint32_t padding = 0;
  uint32_t process = 0;
  uint64_t time = 0;
  uint64_t flags = 0;
};
static_assert(sizeof(FileHeader) == 40);

struct RecordHeader {
  uint32_t kind = 0;
  uint32_t size = 0;
  uint64_t time = 0;
};
static_assert(sizeof(RecordHeader) == 16);

/// The record of kind 0, before the name and the code.
struct LoadedCode {
  RecordHeader header;
  uint32_t process = 0;
  uint32_t thread = 0;
  uint64_t virtualAddress = 0;
  uint64_t address = 0;
  uint64_t size = 0;
  uint64_t index = 0;
};
static_assert(sizeof(LoadedCode) == 56);

/// The clock of `perf record -k mono`.
uint64_t now() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1'000'000'000 + uint64_t(time.tv_nsec);
}

template <typename T> std::string_view bytesOf(const T &object) {
  return {reinterpret_cast<const char *>(&object), sizeof(T)};
}

/// Returns -1 if the file cannot be made.
int beginFile() {
  int descriptor = ::open(strCat("jit-", ::getpid(), ".dump").c_str(),
                          O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return -1;
  FileHeader header;
  header.process = static_cast<uint32_t>(::getpid());
  header.time = now();
  (void)writeDescriptor(descriptor, bytesOf(header));
  // `perf record` notes the file when it sees it mapped executable. It stays mapped.
  ::mmap(nullptr, static_cast<size_t>(::sysconf(_SC_PAGESIZE)), PROT_READ | PROT_EXEC, MAP_PRIVATE,
         descriptor, 0);
  return descriptor;
}

} // namespace

void writeToJitDump(const NamedCode &code) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  static const int descriptor = beginFile();
  static uint64_t count = 0;
  if (descriptor < 0)
    return;
  LoadedCode record;
  record.header.size = static_cast<uint32_t>(sizeof(record) + code.name.size() + 1 + code.size);
  record.header.time = now();
  record.process = static_cast<uint32_t>(::getpid());
  record.thread = static_cast<uint32_t>(::syscall(SYS_gettid));
  record.virtualAddress = record.address = reinterpret_cast<uintptr_t>(code.begin);
  record.size = code.size;
  record.index = count++;
  std::string_view bytes(reinterpret_cast<const char *>(code.begin), code.size);
  (void)writeDescriptor(descriptor,
                        strCat(bytesOf(record), code.name, std::string_view("\0", 1), bytes));
}

} // namespace fusevm
