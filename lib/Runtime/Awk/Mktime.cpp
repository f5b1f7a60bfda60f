//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// mktime: broken-down times to seconds.

#include "Calendar.h"
#include "WhiteSpace.h"

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"

#include <algorithm>

namespace fusevm::awk {

/// Takes the next word off \p text, which must be a decimal number in the given range.
static std::optional<int64_t> takeNumber(std::string_view &text, int64_t least, int64_t most) {
  std::string_view word = takeWord(text);
  std::optional<int64_t> number = parseInt(word);
  // Only a year may have a minus sign, even if the number is 0.
  if (!number || *number < least || *number > most || (least >= 0 && word.starts_with('-')))
    return std::nullopt;
  return number;
}

static std::optional<CivilTime> parseCivil(std::string_view text) {
  std::optional<int64_t> year = takeNumber(text, firstYear, lastYear);
  std::optional<int64_t> month = takeNumber(text, 1, 12);
  std::optional<int64_t> day = takeNumber(text, 1, 31);
  std::optional<int64_t> hour = takeNumber(text, 0, 23);
  std::optional<int64_t> minute = takeNumber(text, 0, 59);
  std::optional<int64_t> second = takeNumber(text, 0, 59);
  if (!year || !month || !day || !hour || !minute || !second)
    return std::nullopt;
  auto small = [](std::optional<int64_t> number) { return static_cast<int>(*number); };
  CivilTime time{*year, small(month), small(day), small(hour), small(minute), small(second)};
  if (time.day > daysInMonth(time.year, time.month))
    return std::nullopt;
  return time;
}

/// Returns the one instant with this local time. There is none in the gap when clocks are
/// put forward, and there are two when they are put back.
static std::optional<int64_t> instantOfLocal(int64_t local) {
  // No offset is larger than a day, and none changes twice within two.
  int64_t offsets[] = {localOffsetAt(local - 86400), localOffsetAt(local + 86400)};
  size_t candidates = offsets[0] == offsets[1] ? 1 : 2;
  std::optional<int64_t> found;
  for (int64_t offset : absl::MakeSpan(offsets, candidates)) {
    int64_t instant = local - offset;
    // The instant of a change still counts as a time of the old offset.
    if (localOffsetAt(instant) != offset && localOffsetAt(instant - 1) != offset)
      continue;
    if (found)
      return std::nullopt;
    found = instant;
  }
  return found;
}

Value mktime(absl::Span<const Value> operands) {
  Value undef;
  Text text(operands.empty() ? undef : operands[0]);
  bool utc = operands.size() >= 2 && toFloat(operands[1]) != 0.0;
  std::optional<CivilTime> time = parseCivil(text.view());
  std::optional<int64_t> seconds;
  if (time)
    seconds = utc ? secondsFromCivil(*time) : instantOfLocal(secondsFromCivil(*time));
  return Value::makeFloat(seconds ? static_cast<double>(*seconds) : -1.0);
}

} // namespace fusevm::awk
