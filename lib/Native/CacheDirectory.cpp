//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CacheDirectory.h"

#include "fusevm/Native/CodeCache.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fusevm {

namespace {

constexpr uint64_t defaultMaxBytes = uint64_t(256) << 20;

/// What was set for the process.
struct Settings {
  std::mutex mutex;
  std::optional<std::string> directory;
  std::optional<uint64_t> maxBytes;
};

Settings &settings() {
  static Settings *settings = new Settings;
  return *settings;
}

/// Whether the program runs with other rights than its user's, who decides of the environment and
/// of what lies in the folder for temporary files.
bool hasOtherRights() { return ::getauxval(AT_SECURE) != 0; }

/// How many bytes \p text, of FUSEVM_JIT_CACHE_MAX_BYTES, allows; nothing if it is no number.
std::optional<uint64_t> parseBytes(absl::string_view text) {
  std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  if (lower == "off" || lower == "none" || lower == "unlimited")
    return 0;
  absl::string_view number = lower;
  uint64_t unit = 1;
  for (auto [suffix, shift] : {std::pair("k", 10), std::pair("m", 20), std::pair("g", 30)})
    if (absl::ConsumeSuffix(&number, suffix)) {
      unit = uint64_t(1) << shift;
      break;
    }
  number = absl::StripTrailingAsciiWhitespace(number);
  absl::ConsumePrefix(&number, "+");
  uint64_t value = 0;
  // SimpleAtoi takes signs and spaces.
  if (!std::all_of(number.begin(), number.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(number, &value))
    return std::nullopt;
  return value > UINT64_MAX / unit ? UINT64_MAX : value * unit;
}

uint64_t maxBytes() {
  {
    std::lock_guard lock(settings().mutex);
    if (settings().maxBytes)
      return *settings().maxBytes;
  }
  const char *text = hasOtherRights() ? nullptr : std::getenv("FUSEVM_JIT_CACHE_MAX_BYTES");
  return text ? parseBytes(text).value_or(defaultMaxBytes) : defaultMaxBytes;
}

struct File {
  std::string path;
  uint64_t bytes;
  timespec time;
};

bool isEarlier(const timespec &a, const timespec &b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

/// The files in \p directory whose names end in \p suffix.
std::vector<File> filesIn(const std::string &directory, std::string_view suffix) {
  std::vector<File> files;
  std::unique_ptr<DIR, int (*)(DIR *)> stream(::opendir(directory.c_str()), ::closedir);
  while (dirent *entry = stream ? ::readdir(stream.get()) : nullptr) {
    struct stat status;
    if (std::string_view(entry->d_name).ends_with(suffix) &&
        ::fstatat(::dirfd(stream.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode))
      files.push_back({strCat(directory, "/", entry->d_name), static_cast<uint64_t>(status.st_size),
                       status.st_mtim});
  }
  return files;
}

constexpr std::string_view codeSuffix = ".fjit";
constexpr std::string_view temporarySuffix = ".tmp";

uint64_t sizeOf(const std::vector<File> &files) {
  uint64_t total = 0;
  for (const File &file : files)
    total += file.bytes;
  return total;
}

/// Whether a file called \p path is one that CacheDirectory::write() makes first: the name of a
/// file of code, process and sequence number.
bool isTemporary(absl::string_view path) {
  std::vector<absl::string_view> parts = absl::StrSplit(path.substr(path.rfind('/') + 1), '.');
  auto isNumber = [](absl::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
  };
  return parts.size() == 6 && parts[0].size() == 16 && parts[1].size() == 16 &&
         parts[2].size() == 3 && isNumber(parts[0]) && isNumber(parts[1]) && isNumber(parts[3]) &&
         isNumber(parts[4]);
}

/// Removes what processes that ended while they wrote have left.
void removeLeftovers(const std::string &directory) {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  constexpr time_t longAgo = 3600;
  for (const File &file : filesIn(directory, temporarySuffix))
    if (isTemporary(file.path) && file.time.tv_sec < now.tv_sec - longAgo)
      ::unlink(file.path.c_str());
}

/// Whether \p status is of something that nobody else can change.
bool isOwn(const struct stat &status) {
  return status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Makes \p directory, and what is around it, if it is not there. Whether there is one that nobody
/// else can change.
bool makeDirectory(const std::string &directory) {
  struct stat status;
  if (::stat(directory.c_str(), &status) == 0)
    return S_ISDIR(status.st_mode) && isOwn(status);
  for (size_t slash = directory.find('/', 1);; slash = directory.find('/', slash + 1)) {
    ::mkdir(directory.substr(0, slash).c_str(), S_IRWXU);
    if (slash == std::string::npos)
      break;
  }
  return ::stat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && isOwn(status);
}

/// Closes a descriptor.
class Descriptor {
public:
  explicit Descriptor(int number) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }
  const int number;
};

} // namespace

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

void setJitCacheDir(std::optional<std::string> directory) {
  std::lock_guard lock(settings().mutex);
  settings().directory = std::move(directory);
}

std::optional<std::string> jitCacheDir() {
  {
    std::lock_guard lock(settings().mutex);
    if (settings().directory)
      return settings().directory;
  }
  if (hasOtherRights())
    return std::nullopt;
  if (const char *text = std::getenv("FUSEVM_JIT_CACHE_DIR")) {
    std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
    for (std::string_view off : {"", "off", "0", "no", "none", "false", "disabled"})
      if (word == off)
        return std::nullopt;
    return text;
  }
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return strCat(cache, "/fusevm-jit");
  if (const char *home = std::getenv("HOME"); home && *home)
    return strCat(home, "/.cache/fusevm-jit");
  const char *temporary = std::getenv("TMPDIR");
  return strCat(temporary && *temporary ? temporary : "/tmp", "/fusevm-jit");
}

void setJitCacheMaxBytes(std::optional<uint64_t> bytes) {
  std::lock_guard lock(settings().mutex);
  settings().maxBytes = bytes;
}

std::optional<uint64_t> jitCacheSizeBytes() {
  std::optional<CacheDirectory> directory = CacheDirectory::find();
  return directory ? std::optional(directory->size()) : std::nullopt;
}

uint64_t pruneJitCache() {
  std::optional<CacheDirectory> directory = CacheDirectory::find();
  return directory ? directory->prune() : 0;
}

uint64_t clearJitCache() {
  std::optional<CacheDirectory> directory = CacheDirectory::find();
  return directory ? directory->clear() : 0;
}

//===----------------------------------------------------------------------===//
// The directory
//===----------------------------------------------------------------------===//

std::optional<CacheDirectory> CacheDirectory::find() {
  std::optional<std::string> path = jitCacheDir();
  return path ? std::optional(CacheDirectory(*std::move(path), maxBytes())) : std::nullopt;
}

uint64_t CacheDirectory::size() const { return sizeOf(filesIn(path, codeSuffix)); }

uint64_t CacheDirectory::prune() const {
  removeLeftovers(path);
  std::vector<File> files = filesIn(path, codeSuffix);
  uint64_t before = sizeOf(files);
  if (mostBytes == 0 || before <= mostBytes)
    return 0;
  std::sort(files.begin(), files.end(),
            [](const File &a, const File &b) { return isEarlier(a.time, b.time); });
  uint64_t left = before;
  for (const File &file : files) {
    if (left <= mostBytes - mostBytes / 5)
      break;
    if (::unlink(file.path.c_str()) == 0)
      left -= file.bytes;
  }
  return before - left;
}

uint64_t CacheDirectory::clear() const {
  uint64_t count = 0;
  for (const File &file : filesIn(path, codeSuffix))
    count += ::unlink(file.path.c_str()) == 0;
  return count;
}

std::string CacheDirectory::read(std::string_view name) const {
  Descriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat status;
  if (folder.number < 0 || ::fstat(folder.number, &status) != 0 || !isOwn(status))
    return {};
  Descriptor file(::openat(folder.number, strCat(name, codeSuffix).c_str(),
                           O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  constexpr off_t largest = off_t(64) << 20;
  if (file.number < 0 || ::fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode) ||
      !isOwn(status) || status.st_size > largest)
    return {};
  std::string bytes(static_cast<size_t>(status.st_size), '\0');
  size_t size = 0;
  while (size != bytes.size()) {
    ssize_t count = readOnce(file.number, bytes.data() + size, bytes.size() - size);
    if (count <= 0)
      return {};
    size += static_cast<size_t>(count);
  }
  return bytes;
}

void CacheDirectory::write(std::string_view name, std::string_view bytes) const {
  if (!makeDirectory(path))
    return;
  static std::atomic<uint64_t> nextSequence = 0;
  uint64_t sequence = nextSequence++;
  std::string target = strCat(path, "/", name, codeSuffix);
  std::string temporary = strCat(path, "/", name, ".", ::getpid(), ".", sequence, temporarySuffix);
  Descriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.number < 0)
    return;
  if (writeAll(file.number, bytes) != 0 || ::rename(temporary.c_str(), target.c_str()) != 0) {
    ::unlink(temporary.c_str());
    return;
  }
  constexpr uint64_t filesBetweenPrunings = 128;
  if (sequence % filesBetweenPrunings == 0)
    prune();
}

} // namespace fusevm
