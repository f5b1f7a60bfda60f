//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "RunCase.h"

#include "fusevm/Interp/RunReport.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Transforms/Fusion.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <unistd.h>

namespace fusevm {

namespace {

/// What a case may use; those that never end must end in the fuel's error.
constexpr uint64_t fuelOfCase = 50'000'000;
constexpr Limits limitsOfCase = {
    .maxStackValues = size_t(1) << 22,
    .maxContainerSize = size_t(1) << 22,
    .maxStringBytes = size_t(1) << 26,
};

bool floatsMatch(double expected, double actual) {
  if (std::isnan(expected))
    return std::isnan(actual);
  return std::bit_cast<uint64_t>(expected) == std::bit_cast<uint64_t>(actual);
}

bool arraysMatch(const Array &expected, const Array &actual) {
  if (expected.size() != actual.size())
    return false;
  for (size_t i = 0; i != expected.size(); ++i)
    if (!valuesMatch(expected[i], actual[i]))
      return false;
  return true;
}

bool hashesMatch(const Hash &expected, const Hash &actual) {
  if (expected.size() != actual.size())
    return false;
  for (const Hash::Entry &entry : expected) {
    const Value *value = actual.find(entry.key.asStr());
    if (!value || !valuesMatch(entry.value, *value))
      return false;
  }
  return true;
}

/// Returns \p result for a report, or why it cannot be shown.
std::string describe(const RunResult &result) {
  absl::StatusOr<std::string> text = resultAsText(result);
  return text.ok() ? *std::move(text) : strCat("(", std::string(text.status().message()), ")");
}

/// Returns \p text in quotes.
std::string quoted(std::string_view text) {
  return describe(RunResult::makeOk(Value::makeStr(text)));
}

RunResult expectedResult(const ConformanceCase &testCase) {
  switch (testCase.outcome) {
  case ConformanceCase::Outcome::Ok:
    return RunResult::makeOk(testCase.value);
  case ConformanceCase::Outcome::Halted:
    return RunResult::makeHalted();
  case ConformanceCase::Outcome::Error:
  case ConformanceCase::Outcome::Panic:
  case ConformanceCase::Outcome::Timeout:
    break;
  }
  RunError error;
  error.message = testCase.text;
  return RunResult::makeError(std::move(error));
}

bool resultsMatch(const RunResult &expected, const RunResult &actual) {
  if (expected.outcome() != actual.outcome())
    return false;
  switch (expected.outcome()) {
  case RunResult::Outcome::Ok:
    return valuesMatch(expected.value(), actual.value());
  case RunResult::Outcome::Halted:
    return true;
  case RunResult::Outcome::Error:
    return expected.error().message == actual.error().message;
  }
  return false;
}

/// Judges a case on which the reference crashes or does not end.
CaseOutcome judgeCrash(const ConformanceCase &testCase, const RunResult &actual) {
  bool endless = testCase.outcome == ConformanceCase::Outcome::Timeout;
  if (actual.isError() ? !actual.error().message.empty() : !endless)
    return {true, "", false};
  return {false,
          strCat("  expected: ", endless ? "the fuel's error" : "an error with a message",
                 "\n  actual:   ", describe(actual), "\n"),
          false};
}

CaseOutcome judge(const ConformanceCase &testCase, const RunResult &actual,
                  std::string_view output) {
  std::string report;
  RunResult expected = expectedResult(testCase);
  if (!resultsMatch(expected, actual))
    strAppend(report, "  expected: ", describe(expected), "\n  actual:   ", describe(actual), "\n");
  if (output != testCase.output)
    strAppend(report, "  expected output: ", quoted(testCase.output),
              "\n  actual output:   ", quoted(output), "\n");
  return {report.empty(), report, false};
}

} // namespace

bool valuesMatch(const Value &expected, const Value &actual) {
  if (expected.kind() != actual.kind())
    return false;
  switch (expected.kind()) {
  case Kind::Float:
    return floatsMatch(expected.asFloat(), actual.asFloat());
  case Kind::Array:
    return arraysMatch(expected.asArray(), actual.asArray());
  case Kind::Hash:
    return hashesMatch(expected.asHash(), actual.asHash());
  case Kind::Ref:
    return valuesMatch(expected.asRef(), actual.asRef());
  case Kind::Undef:
  case Kind::Bool:
  case Kind::Int:
  case Kind::Status:
  case Kind::NativeFn:
  case Kind::Str:
    return expected == actual;
  }
  return false;
}

CaseOutcome runCase(const ConformanceCase &testCase, const RunOptions &options) {
  StringOutput output;
  StringInput input(testCase.input);
  VM vm(options.fuse ? fuse(testCase.chunk) : testCase.chunk, limitsOfCase);
  vm.setOutput(output);
  vm.setInput(input);
  vm.setFuel(fuelOfCase);
  vm.setLoop(options.loop);
  vm.setFusion(options.fuse);
  if (options.tier != JitTier::Interpreter) {
    // Of this process, which is a child's most of the time.
    // Only where it was asked for: each case is another file.
    static const auto compiler = std::make_shared<JitCompiler>(
        NativeConfig{.keepsCode = std::getenv("FUSEVM_JIT_CACHE_DIR") != nullptr});
    JitConfig config;
    config.tier = options.tier;
    config.isSynchronous = options.jitSync;
    config.quality = options.quality;
    config.failingGuard = options.failingGuard;
    // Cases are short.
    config.interval = config.opsToFirstLook = config.watchedOps = 20;
    if (options.verbose)
      config.log = [&testCase](std::string_view line) {
        writeDescriptor(STDERR_FILENO, strCat(testCase.id, ": note: ", line, "\n")).IgnoreError();
      };
    vm.enableJit(compiler, config);
  }
  RunResult result = vm.run();
  bool isCrash = testCase.outcome == ConformanceCase::Outcome::Panic ||
                 testCase.outcome == ConformanceCase::Outcome::Timeout;
  CaseOutcome outcome =
      isCrash ? judgeCrash(testCase, result) : judge(testCase, result, output.text);
  outcome.ranNatively = vm.jitStatistics().entries != 0;
  return outcome;
}

} // namespace fusevm
