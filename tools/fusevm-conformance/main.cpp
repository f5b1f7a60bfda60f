//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// fusevm-conformance: runs conformance cases. See docs/fusevm-conformance.md.

#include "Isolation.h"
#include "RunCase.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/CommandLine.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <unistd.h>
#include <vector>

using namespace fusevm;

namespace {

constexpr ProgramUsage usage = {
    "fusevm-conformance",
    "FILE...",
    "Runs the conformance cases in files of one JSON document a line and compares\n"
    "results and output with what the cases expect. Prints each failure, and at the\n"
    "end how many passed.\n",
    "exit status:\n"
    "  0 if all cases passed, 1 if one failed or a file cannot be read, 2 if\n"
    "  fusevm-conformance is called in a wrong way\n",
};

struct Options {
  std::string_view tier = "interp";
  std::string_view loop = "auto";
  std::string_view fuse = "off";
  std::string_view jitSync = "on";
  std::string_view quality = "full";
  uint64_t failingGuard = 0;
  std::string_view filter;
  std::string_view dump;
  uint64_t timeout = 20;
  bool inProcess = false;
  bool verbose = false;
  std::vector<std::string_view> files;
};

/// A line of a file: a case, or why it is none.
struct LoadedCase {
  std::string name; ///< the id, or FILE:LINE
  absl::StatusOr<ConformanceCase> testCase;
};

std::optional<int> readOptions(int argc, const char *const *argv, Options &options) {
  const Option table[] = {
      {"--tier", "interp|linear|block|auto", "the tier to run the cases on", &options.tier},
      {"--jit-sync", "on|off", "whether the program waits for the compiler", &options.jitSync},
      {"--jit-quality", "quick|full|vector", "how much time code is worth", &options.quality},
      {"--jit-failing-guard", "N", "take the N-th guard after each entry to fail",
       &options.failingGuard},
      {"--loop", "auto|baseline",
       "the interpreter's loop: the fast one where it can, or the checked one alone",
       &options.loop},
      {"--fuse", "on|off", "whether chunks are fused first", &options.fuse},
      {"--filter", "TEXT", "run only the cases whose id contains TEXT", &options.filter},
      {"--dump", "ID", "print the chunk of the case ID as text, and run nothing", &options.dump},
      {"--timeout", "SECONDS", "time after which a case has failed", &options.timeout},
      {"--in-process", "", "run the cases in this process, for a debugger", &options.inProcess},
      {"--verbose", "", "name the cases that pass, too", &options.verbose, 'v'},
  };
  if (std::optional<int> status = readCommandLine(usage, table, argc, argv, options.files))
    return status;
  if (options.files.empty())
    return printUsageError(usage.program, "expected the names of files with cases");
  return std::nullopt;
}

void print(std::string_view text) { writeDescriptor(STDOUT_FILENO, text).IgnoreError(); }

/// Appends the cases in \p text, the contents of \p file, that the filter lets through.
void appendCases(std::vector<LoadedCase> &cases, std::string_view file, std::string_view text,
                 std::string_view filter) {
  for (size_t line = 1; !text.empty(); ++line) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view source = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (source.empty())
      continue;
    absl::StatusOr<ConformanceCase> testCase = parseConformanceCase(source);
    std::string name = testCase.ok() ? testCase->id : strCat(file, ":", line);
    if (name.find(filter) != std::string::npos)
      cases.push_back({std::move(name), std::move(testCase)});
  }
}

/// Loads all cases. False, after a message, if a file cannot be read.
bool loadCases(const Options &options, std::vector<LoadedCase> &cases) {
  bool good = true;
  for (std::string_view file : options.files) {
    absl::StatusOr<std::string> text = readFile(file);
    if (text.ok()) {
      appendCases(cases, file, *text, options.filter);
      continue;
    }
    printError(usage.program, std::string(text.status().message()));
    good = false;
  }
  return good;
}

int dumpCase(const Options &options, const std::vector<LoadedCase> &cases) {
  absl::StatusOr<std::string> text = absl::NotFoundError(strCat("no such case: ", options.dump));
  for (const LoadedCase &loaded : cases)
    if (loaded.name == options.dump && loaded.testCase.ok())
      text = printText(loaded.testCase->chunk);
  if (text.ok()) {
    print(*text);
    return 0;
  }
  printError(usage.program, std::string(text.status().message()));
  return 1;
}

/// Runs all cases; returns how many failed.
size_t runCases(const Options &options, const std::vector<LoadedCase> &cases, size_t &native) {
  RunOptions runOptions;
  runOptions.loop = options.loop == "baseline" ? LoopChoice::Baseline : LoopChoice::Automatic;
  runOptions.fuse = options.fuse == "on";
  runOptions.tier = *tierNamed(options.tier);
  runOptions.jitSync = options.jitSync == "on";
  runOptions.quality = *qualityNamed(options.quality);
  runOptions.failingGuard = options.failingGuard;
  runOptions.verbose = options.verbose;
  RunFunction run = [&](size_t index) -> CaseOutcome {
    const absl::StatusOr<ConformanceCase> &testCase = cases[index].testCase;
    if (!testCase.ok())
      return {false, strCat("  ", std::string(testCase.status().message()), "\n"), false};
    return runCase(*testCase, runOptions);
  };
  size_t failed = 0;
  ReportFunction report = [&](size_t index, const CaseOutcome &outcome) {
    failed += !outcome.passed;
    native += outcome.ranNatively;
    if (!outcome.passed)
      print(strCat("FAIL ", cases[index].name, "\n", outcome.report));
    else if (options.verbose)
      print(strCat("pass ", cases[index].name, outcome.ranNatively ? " natively\n" : "\n"));
  };
  if (!options.inProcess)
    runIsolated(cases.size(),
                static_cast<unsigned>(std::min<uint64_t>(options.timeout, UINT32_MAX)), run,
                report);
  else
    for (size_t i = 0; i != cases.size(); ++i)
      report(i, run(i));
  return failed;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  if (std::optional<int> status = readOptions(argc, argv, options))
    return *status;
  std::vector<LoadedCase> cases;
  bool good = loadCases(options, cases);
  if (!options.dump.empty())
    return dumpCase(options, cases);
  if (cases.empty() && good) {
    printError(usage.program, "no case to run");
    good = false;
  }
  size_t native = 0;
  size_t failed = runCases(options, cases, native);
  if (options.tier != "interp")
    print(strCat(native, " of ", cases.size(), " cases ran natively\n"));
  print(strCat(cases.size() - failed, " passed, ", failed, " failed\n"));
  return good && failed == 0 ? 0 : 1;
}
