//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Isolation.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/Process.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fusevm {

namespace {

/// Cases a child process runs.
constexpr size_t batchSize = 400;
/// Memory that a child process may map. The expected results were made with it, too.
constexpr rlim_t memoryLimit = rlim_t(2) << 30;

/// What a child sends for a case; the report's bytes follow.
struct RecordHeader {
  uint32_t passed;
  uint32_t ranNatively;
  uint32_t reportSize;
};

/// Returns how many bytes this process has mapped, 0 if unknown.
rlim_t mappedBytes() {
  absl::StatusOr<std::string> pages = readFile("/proc/self/statm");
  return pages.ok() ? std::strtoull(pages->c_str(), nullptr, 10) * rlim_t(sysconf(_SC_PAGESIZE))
                    : 0;
}

void limitMemory() {
  // The shadow memory of a sanitizer is larger than any sensible limit.
  if (mappedBytes() > memoryLimit)
    return;
  rlimit limit = {memoryLimit, memoryLimit};
  setrlimit(RLIMIT_AS, &limit);
}

/// The life of a child process: runs the cases from \p first up to \p end.
[[noreturn]] void runChild(int pipe, size_t first, size_t end, const RunFunction &run) {
  limitMemory();
  for (size_t i = first; i != end; ++i) {
    CaseOutcome outcome = run(i);
    RecordHeader header = {outcome.passed, outcome.ranNatively,
                           static_cast<uint32_t>(outcome.report.size())};
    std::string record(reinterpret_cast<const char *>(&header), sizeof(header));
    record += outcome.report;
    if (!writeDescriptor(pipe, record).ok())
      break;
  }
  // Not _exit: a leak checker shall have its say.
  std::exit(0);
}

/// A child process with the end of its pipe.
class Child {
public:
  Child(size_t first, size_t end, const RunFunction &run);
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;
  ~Child() { ::close(pipe); }

  /// Returns the next outcome; nothing if the process ended or time is up.
  std::optional<CaseOutcome> next(unsigned timeoutSeconds);
  /// Ends the process and says what became of it; empty if it ended well.
  std::string finish();

private:
  bool receive(void *buffer, size_t size, unsigned timeoutSeconds);

  pid_t process = -1;
  int pipe = -1;
  bool timedOut = false;
  int startError = 0;
};

Child::Child(size_t first, size_t end, const RunFunction &run) {
  int ends[2];
  if (::pipe(ends) == 0)
    process = ::fork();
  if (process < 0) {
    startError = errno;
    return;
  }
  if (process == 0) {
    ::close(ends[0]);
    runChild(ends[1], first, end, run);
  }
  ::close(ends[1]);
  pipe = ends[0];
}

bool Child::receive(void *buffer, size_t size, unsigned timeoutSeconds) {
  auto *bytes = static_cast<char *>(buffer);
  while (size != 0) {
    pollfd waiting = {pipe, POLLIN, 0};
    int ready = ::poll(&waiting, 1, static_cast<int>(std::min(timeoutSeconds, 1'000'000u) * 1000));
    if (ready < 0 && errno == EINTR)
      continue;
    timedOut = ready == 0;
    ssize_t received = ready > 0 ? ::read(pipe, bytes, size) : -1;
    if (received <= 0)
      return false;
    bytes += received;
    size -= static_cast<size_t>(received);
  }
  return true;
}

std::optional<CaseOutcome> Child::next(unsigned timeoutSeconds) {
  RecordHeader header;
  if (process < 0 || !receive(&header, sizeof(header), timeoutSeconds))
    return std::nullopt;
  CaseOutcome outcome = {header.passed != 0, std::string(header.reportSize, '\0'),
                         header.ranNatively != 0};
  if (!receive(outcome.report.data(), header.reportSize, timeoutSeconds))
    return std::nullopt;
  return outcome;
}

std::string Child::finish() {
  if (process < 0)
    return strCat("cannot start a process: ", std::strerror(startError));
  if (timedOut)
    ::kill(process, SIGKILL);
  int status = waitForProcess(process).value_or(0);
  if (timedOut)
    return "no result in time";
  if (WIFSIGNALED(status))
    return strCat("killed by signal ", WTERMSIG(status), " (", strsignal(WTERMSIG(status)), ")");
  if (WEXITSTATUS(status) != 0)
    return strCat("the process ended with status ", WEXITSTATUS(status));
  return "";
}

/// Runs cases from \p first on. Returns the case to go on with.
size_t runBatch(size_t first, size_t count, unsigned timeoutSeconds, const RunFunction &run,
                const ReportFunction &report) {
  size_t end = std::min(first + batchSize, count);
  Child child(first, end, run);
  std::optional<CaseOutcome> last;
  size_t next = first;
  // The outcome of the last case waits until it is known how the process ended.
  while (next != end && (last = child.next(timeoutSeconds)))
    if (++next != end)
      report(next - 1, *last);
  std::string death = child.finish();
  if (next == end && death.empty()) {
    report(end - 1, *last);
    return end;
  }
  if (death.empty())
    death = "the process ended without a result";
  size_t culprit = next == end ? end - 1 : next;
  report(culprit, {false, strCat("  ", death, "\n"), false});
  return culprit + 1;
}

} // namespace

void runIsolated(size_t count, unsigned timeoutSeconds, const RunFunction &run,
                 const ReportFunction &report) {
  for (size_t next = 0; next != count;)
    next = runBatch(next, count, timeoutSeconds, run, report);
}

} // namespace fusevm
