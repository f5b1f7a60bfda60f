//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// `ulimit` and `times`.

#include "Builtins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/resource.h>
#include <sys/times.h>
#include <unistd.h>

namespace fusevm::shell {

//===----------------------------------------------------------------------===//
// times
//===----------------------------------------------------------------------===//

static std::string minutesAndSeconds(clock_t ticks) {
  auto perSecond = static_cast<double>(sysconf(_SC_CLK_TCK));
  double seconds = static_cast<double>(ticks) / perSecond;
  auto minutes = static_cast<long>(seconds / 60);
  auto hundredths = static_cast<long>((seconds - static_cast<double>(minutes) * 60) * 100);
  char text[64];
  std::snprintf(text, sizeof(text), "%ldm%ld.%02lds", minutes, hundredths / 100, hundredths % 100);
  return text;
}

int32_t timesCommand(Session &session, Arguments) {
  struct tms used = {};
  ::times(&used);
  return print(session,
               strCat(minutesAndSeconds(used.tms_utime), " ", minutesAndSeconds(used.tms_stime),
                      "\n", minutesAndSeconds(used.tms_cutime), " ",
                      minutesAndSeconds(used.tms_cstime), "\n"));
}

//===----------------------------------------------------------------------===//
// ulimit
//===----------------------------------------------------------------------===//

namespace {

struct LimitRow {
  char letter;
  __rlimit_resource resource;
  rlim_t unit; ///< in what the limit is told, in what the system counts
  const char *description;
};

constexpr LimitRow limitRows[] = {
    {'c', RLIMIT_CORE, 512, "core file size (blocks)"},
    {'d', RLIMIT_DATA, 1024, "data segment (kbytes)"},
    {'f', RLIMIT_FSIZE, 512, "file size (blocks)"},
    {'l', RLIMIT_MEMLOCK, 1024, "locked memory (kbytes)"},
    {'m', RLIMIT_RSS, 1024, "resident memory (kbytes)"},
    {'n', RLIMIT_NOFILE, 1, "open files"},
    {'p', RLIMIT_NPROC, 1, "processes"},
    {'s', RLIMIT_STACK, 1024, "stack (kbytes)"},
    {'t', RLIMIT_CPU, 1, "cpu time (seconds)"},
    {'v', RLIMIT_AS, 1024, "address space (kbytes)"},
};

/// What the options ask for.
struct LimitRequest {
  bool hard = false;
  bool soft = false;
  bool all = false;
  const LimitRow *row = nullptr;
};

} // namespace

/// Takes the letters of \p option. False if one is unknown.
static bool readOption(std::string_view option, LimitRequest &request) {
  for (char letter : option.substr(1)) {
    const auto *row = std::find_if(std::begin(limitRows), std::end(limitRows),
                                   [letter](const LimitRow &row) { return row.letter == letter; });
    if (row != std::end(limitRows))
      request.row = row;
    else if (letter == 'H')
      request.hard = true;
    else if (letter == 'S')
      request.soft = true;
    else if (letter == 'a')
      request.all = true;
    else
      return false;
  }
  return true;
}

static std::string limitText(const LimitRow &row, bool hard) {
  struct rlimit limit = {};
  getrlimit(row.resource, &limit);
  rlim_t value = hard ? limit.rlim_max : limit.rlim_cur;
  return value == RLIM_INFINITY ? "unlimited" : strCat(value / row.unit);
}

static int32_t setLimit(Session &session, const LimitRequest &request, const std::string &text) {
  struct rlimit limit = {};
  getrlimit(request.row->resource, &limit);
  rlim_t value = RLIM_INFINITY;
  if (text != "unlimited") {
    std::optional<int64_t> number = parseInt(text);
    if (!number || *number < 0 ||
        static_cast<rlim_t>(*number) > RLIM_INFINITY / request.row->unit) {
      session.say(strCat("ulimit: ", text), "invalid limit");
      return 2;
    }
    value = static_cast<rlim_t>(*number) * request.row->unit;
  }
  bool both = request.hard == request.soft;
  if (both || request.soft)
    limit.rlim_cur = value;
  if (both || request.hard)
    limit.rlim_max = value;
  if (setrlimit(request.row->resource, &limit) == 0)
    return 0;
  session.say("ulimit", std::strerror(errno));
  return 1;
}

int32_t ulimitCommand(Session &session, Arguments argv) {
  LimitRequest request;
  size_t i = 1;
  for (; i < argv.size() && argv[i].size() > 1 && argv[i][0] == '-'; ++i)
    if (!readOption(argv[i], request))
      return reject(session, argv, strCat(argv[i], ": invalid option"));
  if (request.all) {
    std::string text;
    for (const LimitRow &row : limitRows)
      strAppend(text, "-", std::string_view(&row.letter, 1), ": ", row.description, " ",
                limitText(row, request.hard), "\n");
    return print(session, text);
  }
  if (!request.row)
    readOption("-f", request);
  if (i + 1 < argv.size())
    return reject(session, argv, "too many arguments");
  return i < argv.size() ? setLimit(session, request, argv[i])
                         : print(session, limitText(*request.row, request.hard) + "\n");
}

} // namespace fusevm::shell
