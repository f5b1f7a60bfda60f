//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Calendar.h"

#include <ctime>

namespace fusevm::awk {

static bool isLeapYear(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int daysInMonth(int64_t year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && isLeapYear(year) ? 29 : days[month - 1];
}

static int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

// Years are counted from March, so that the leap day is the last, in cycles of 400 years.
constexpr int64_t daysInCycle = 146097;
constexpr int64_t daysFromCycleToEpoch = 719468; // 0000-03-01 to 1970-01-01

int64_t daysFromCivil(int64_t year, int month, int day) {
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t cycle = floorDivide(y, 400);
  int64_t yearOfCycle = y - cycle * 400;
  int64_t dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
  int64_t dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear;
  return cycle * daysInCycle + dayOfCycle - daysFromCycleToEpoch;
}

int64_t secondsFromCivil(const CivilTime &time) {
  return daysFromCivil(time.year, time.month, time.day) * 86400 + time.hour * 3600 +
         time.minute * 60 + time.second;
}

CivilTime civilFromSeconds(int64_t seconds) {
  int64_t day = floorDivide(seconds, 86400);
  auto secondOfDay = static_cast<int>(seconds - day * 86400);
  int64_t shifted = day + daysFromCycleToEpoch;
  int64_t cycle = floorDivide(shifted, daysInCycle);
  int64_t dayOfCycle = shifted - cycle * daysInCycle;
  int64_t yearOfCycle =
      (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36524 - dayOfCycle / 146096) / 365;
  int64_t dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100);
  auto monthFromMarch = static_cast<int>((5 * dayOfYear + 2) / 153);
  CivilTime result;
  result.day = static_cast<int>(dayOfYear) - (153 * monthFromMarch + 2) / 5 + 1;
  result.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  result.year = yearOfCycle + cycle * 400 + (result.month <= 2);
  result.hour = secondOfDay / 3600;
  result.minute = secondOfDay / 60 % 60;
  result.second = secondOfDay % 60;
  return result;
}

int64_t localOffsetAt(int64_t instant) {
  // localtime_r alone need not notice that TZ has changed.
  tzset();
  std::tm broken{};
  auto time = static_cast<time_t>(instant);
  return localtime_r(&time, &broken) ? broken.tm_gmtoff : 0;
}

} // namespace fusevm::awk
