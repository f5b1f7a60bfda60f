//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Statistics.h"

#include "fusevm/Runtime/Value.h"
#include "fusevm/Support/StrCat.h"

#include <cmath>
#include <cstdio>

namespace fusevm {

namespace {

struct Row {
  std::string_view key;  ///< in JSON
  std::string_view name; ///< in text
  std::string value;
};

std::string secondsText(double seconds) {
  char buffer[32];
  int length = std::snprintf(buffer, sizeof(buffer), "%.6f", seconds);
  return std::string(buffer, static_cast<size_t>(length));
}

std::string asTable(absl::Span<const Row> rows) {
  std::string text;
  for (const Row &row : rows) {
    std::string name = strCat(row.name, ":");
    name.resize(18, ' ');
    std::string padding(row.value.size() < 16 ? 16 - row.value.size() : 0, ' ');
    strAppend(text, name, padding, row.value, "\n");
  }
  return text;
}

std::string asJsonLine(absl::Span<const Row> rows) {
  std::string text = "{";
  for (const Row &row : rows)
    strAppend(text, text.size() > 1 ? "," : "", "\"", row.key, "\":", row.value);
  return text + "}\n";
}

} // namespace

std::string statisticsText(const RunStatistics &statistics, double seconds, bool asJson) {
  const Row rows[] = {
      {"ops", "ops executed", strCat(statistics.ops)},
      {"calls", "calls", strCat(statistics.calls)},
      {"peakFrames", "peak frames", strCat(statistics.peakFrames)},
      {"peakStack", "peak stack values", strCat(statistics.peakStack)},
      {"peakHeapBytes", "peak heap bytes", strCat(heapStatistics().peakBytes)},
      {"seconds", "seconds", secondsText(seconds)},
  };
  return asJson ? asJsonLine(rows) : asTable(rows);
}

std::string jitStatisticsText(const JitStatistics &vm, const NativeStatistics &engine) {
  auto microseconds = [](double milliseconds) { return std::llround(milliseconds * 1000); };
  std::string text;
  strAppend(text, "units compiled     ", engine.units, "\n");
  strAppend(text, "units read         ", vm.read, "\n");
  strAppend(text, "code bytes         ", engine.codeBytes, "\n");
  strAppend(text, "opening, us        ", microseconds(engine.openMilliseconds), "\n");
  strAppend(text, "lowering, us       ", microseconds(engine.times.lower), "\n");
  strAppend(text, "optimizing, us     ", microseconds(engine.times.optimize), "\n");
  strAppend(text, "emitting, us       ", microseconds(engine.times.emit), "\n");
  strAppend(text, "entries            ", vm.entries, "\n");
  strAppend(text, "ops run by host    ", vm.hostCalls, "\n");
  strAppend(text, "ops watched        ", vm.interpretedOps, "\n");
  for (const auto &[reason, count] : vm.exits)
    strAppend(text, "exits: ", reason, "  ", count, "\n");
  for (const auto &[reason, count] : vm.refusals)
    strAppend(text, "refused: ", reason, "  ", count, "\n");
  return text;
}

} // namespace fusevm
