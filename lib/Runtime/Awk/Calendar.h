//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The proleptic Gregorian calendar, and offsets of the local time zone.

#ifndef FUSEVM_LIB_RUNTIME_AWK_CALENDAR_H
#define FUSEVM_LIB_RUNTIME_AWK_CALENDAR_H

#include <cstdint>

namespace fusevm::awk {

/// The years that have times.
inline constexpr int64_t firstYear = -262143;
inline constexpr int64_t lastYear = 262142;

/// A time of day on a day of the calendar.
struct CivilTime {
  int64_t year = 1970;
  int month = 1; ///< from 1
  int day = 1;   ///< from 1
  int hour = 0;
  int minute = 0;
  int second = 0;
};

/// Returns how many days \p month has.
int daysInMonth(int64_t year, int month);

/// Returns the days from 1970-01-01 to a day.
int64_t daysFromCivil(int64_t year, int month, int day);

/// Returns the seconds from 1970-01-01 00:00:00 to \p time, and back.
int64_t secondsFromCivil(const CivilTime &time);
CivilTime civilFromSeconds(int64_t seconds);

/// Returns the seconds that local time is ahead of UTC at \p instant. The zone is that of
/// the environment variable TZ, or else the system's.
int64_t localOffsetAt(int64_t instant);

} // namespace fusevm::awk

#endif // FUSEVM_LIB_RUNTIME_AWK_CALENDAR_H
