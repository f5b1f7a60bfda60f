//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// strftime and systime.

#include "Calendar.h"

#include "fusevm/Runtime/AwkBuiltins.h"

#include "fusevm/Runtime/Coercions.h"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace fusevm::awk {

double systime() {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0)
    return 0.0;
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

namespace {

constexpr std::string_view dayNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};
constexpr std::string_view monthNames[] = {"January",   "February", "March",    "April",
                                           "May",       "June",     "July",     "August",
                                           "September", "October",  "November", "December"};

/// An instant with all that a conversion may ask for.
struct Moment {
  Moment(int64_t seconds, int32_t nanoseconds, bool utc)
      : seconds(seconds), nanoseconds(nanoseconds), utc(utc),
        offset(utc ? 0 : localOffsetAt(seconds)), time(civilFromSeconds(seconds + offset)) {
    int64_t day = daysFromCivil(time.year, time.month, time.day);
    yearDay = static_cast<int>(day - daysFromCivil(time.year, 1, 1));
    weekDay = static_cast<int>(((day + 4) % 7 + 7) % 7); // 1970-01-01 was a Thursday
    // An ISO week belongs to the year of its Thursday.
    int64_t thursday = day - (weekDay + 6) % 7 + 3;
    isoYear = civilFromSeconds(thursday * 86400).year;
    isoWeek = static_cast<int>((thursday - daysFromCivil(isoYear, 1, 1)) / 7) + 1;
  }

  int64_t seconds;
  int32_t nanoseconds;
  bool utc;
  int64_t offset; ///< seconds ahead of UTC
  CivilTime time; ///< in the zone
  int yearDay;    ///< from 0
  int weekDay;    ///< from Sunday, 0
  int64_t isoYear;
  int isoWeek;
};

/// How a number is filled up to its width.
enum class Pad : uint8_t { None, Space, Zero };

std::string padded(int64_t number, size_t width, Pad pad, bool plusSign = false) {
  std::string text = std::to_string(number);
  if (plusSign && number >= 0)
    text.insert(0, 1, '+');
  if (pad == Pad::None || text.size() >= width)
    return text;
  bool hasSign = number < 0 || plusSign;
  text.insert(pad == Pad::Zero && hasSign ? 1 : 0, width - text.size(),
              pad == Pad::Zero ? '0' : ' ');
  return text;
}

std::string yearText(int64_t year, Pad pad) {
  bool plain = year >= 0 && year <= 9999;
  return padded(year, plain ? 4 : 5, pad, !plain);
}

/// The offset from UTC: hours, then up to \p parts - 1 of minutes and seconds.
std::string offsetText(int64_t offset, int parts, std::string_view separator) {
  int64_t size = std::abs(offset);
  if (parts == 2)
    size = (size + 30) / 60 * 60;
  std::string text = offset < 0 ? "-" : "+";
  text += padded(size / 3600, 2, Pad::Zero);
  if (parts >= 2)
    text.append(separator).append(padded(size / 60 % 60, 2, Pad::Zero));
  if (parts >= 3)
    text.append(separator).append(padded(size % 60, 2, Pad::Zero));
  return text;
}

/// The first \p digits digits of a fraction.
std::string fractionText(int32_t nanoseconds, size_t digits) {
  return padded(nanoseconds, 9, Pad::Zero).substr(0, digits);
}

/// What a conversion that takes no pad flag gives.
std::optional<std::string> convertText(char letter, const Moment &moment);

/// A format being expanded.
class Formatter {
public:
  Formatter(std::string_view format, const Moment &moment) : rest(format), moment(moment) {}

  std::string run() {
    while (!rest.empty()) {
      size_t plain = std::min(rest.find('%'), rest.size());
      out += rest.substr(0, plain);
      rest.remove_prefix(plain);
      if (!rest.empty())
        convert();
    }
    return std::move(out);
  }

private:
  /// Expands the conversion at the front of rest, or copies what is none.
  void convert() {
    size_t size = 1;
    std::optional<std::string> text = conversionAt(size);
    size = std::min(size, rest.size());
    out += text ? std::string_view(*text) : rest.substr(0, size);
    rest.remove_prefix(size);
  }

  /// Moves \p size over what is looked at.
  std::optional<std::string> conversionAt(size_t &size) const {
    char c = next(size);
    std::optional<Pad> pad;
    if (c == '-' || c == '_' || c == '0') {
      pad = c == '-' ? Pad::None : c == '_' ? Pad::Space : Pad::Zero;
      c = next(size);
      return convertNumber(c, pad);
    }
    if (c == '.')
      return fractionAt(size);
    if (c == ':')
      return zoneAt(size);
    if (c == '3' || c == '6' || c == '9')
      return next(size) == 'f' ? std::optional(fractionText(moment.nanoseconds, size_t(c - '0')))
                               : std::nullopt;
    if (std::optional<std::string> text = convertText(c, moment))
      return text;
    return convertNumber(c, std::nullopt);
  }

  char next(size_t &size) const { return size < rest.size() ? rest[size++] : (++size, '\0'); }

  /// What follows "%.".
  std::optional<std::string> fractionAt(size_t &size) const {
    char c = next(size);
    if (c == '3' || c == '6' || c == '9')
      return next(size) == 'f'
                 ? std::optional("." + fractionText(moment.nanoseconds, size_t(c - '0')))
                 : std::nullopt;
    if (c != 'f')
      return std::nullopt;
    if (moment.nanoseconds == 0)
      return "";
    size_t digits = moment.nanoseconds % 1000000 == 0 ? 3 : moment.nanoseconds % 1000 == 0 ? 6 : 9;
    return "." + fractionText(moment.nanoseconds, digits);
  }

  /// What follows "%:".
  std::optional<std::string> zoneAt(size_t &size) const {
    int colons = 1;
    char c = next(size);
    while (c == ':' && colons < 3) {
      ++colons;
      c = next(size);
    }
    if (c != 'z')
      return std::nullopt;
    constexpr int partsByColons[] = {2, 2, 3, 1};
    return offsetText(moment.offset, partsByColons[colons], ":");
  }

  /// A conversion to a number, which takes a pad flag.
  std::optional<std::string> convertNumber(char letter, std::optional<Pad> pad) const;

  std::string_view rest;
  const Moment &moment;
  std::string out;
};

std::optional<std::string> convertText(char letter, const Moment &moment) {
  auto expand = [&](std::string_view format) { return Formatter(format, moment).run(); };
  const CivilTime &time = moment.time;
  std::string_view day = dayNames[moment.weekDay];
  std::string_view month = monthNames[time.month - 1];
  switch (letter) {
  case 'a':
    return std::string(day.substr(0, 3));
  case 'A':
    return std::string(day);
  case 'b':
  case 'h':
    return std::string(month.substr(0, 3));
  case 'B':
    return std::string(month);
  case 'c':
    return expand("%a %b %e %H:%M:%S %Y");
  case 'D':
  case 'x':
    return expand("%m/%d/%y");
  case 'F':
    return expand("%Y-%m-%d");
  case 'v':
    return expand("%e-%b-%Y");
  case 'r':
    return expand("%I:%M:%S %p");
  case 'R':
    return expand("%H:%M");
  case 'T':
  case 'X':
    return expand("%H:%M:%S");
  case '+':
    return expand("%Y-%m-%dT%H:%M:%S%.f%:z");
  case 'n':
    return "\n";
  case 't':
    return "\t";
  case '%':
    return "%";
  case 'p':
    return time.hour < 12 ? "AM" : "PM";
  case 'P':
    return time.hour < 12 ? "am" : "pm";
  case 'z':
    return offsetText(moment.offset, 2, "");
  case 'Z':
    return moment.utc ? "UTC" : offsetText(moment.offset, moment.offset % 60 == 0 ? 2 : 3, ":");
  default: // a number, or none
    return std::nullopt;
  }
}

std::optional<std::string> Formatter::convertNumber(char letter, std::optional<Pad> pad) const {
  const CivilTime &time = moment.time;
  auto number = [&](int64_t value, size_t width, Pad usual = Pad::Zero) {
    return padded(value, width, pad.value_or(usual));
  };
  auto floorModulo = [](int64_t a, int64_t b) { return (a % b + b) % b; };
  int64_t century = (time.year - floorModulo(time.year, 100)) / 100;
  int hour12 = (time.hour + 11) % 12 + 1;
  switch (letter) {
  case 'C':
    return number(century, century >= 0 && century <= 99 ? 2 : 0);
  case 'd':
    return number(time.day, 2);
  case 'e':
    return number(time.day, 2, Pad::Space);
  case 'H':
    return number(time.hour, 2);
  case 'k':
    return number(time.hour, 2, Pad::Space);
  case 'I':
    return number(hour12, 2);
  case 'l':
    return number(hour12, 2, Pad::Space);
  case 'M':
    return number(time.minute, 2);
  case 'S':
    return number(time.second, 2);
  case 'f':
    return number(moment.nanoseconds, 9);
  case 'G':
    return yearText(moment.isoYear, pad.value_or(Pad::Zero));
  case 'g':
    return number(floorModulo(moment.isoYear, 100), 2);
  case 'V':
    return number(moment.isoWeek, 2);
  case 'j':
    return number(moment.yearDay + 1, 3);
  case 'm':
    return number(time.month, 2);
  case 'q':
    return std::to_string((time.month + 2) / 3);
  case 's':
    return number(moment.seconds, 9, Pad::None);
  case 'u':
    return std::to_string((moment.weekDay + 6) % 7 + 1);
  case 'w':
    return std::to_string(moment.weekDay);
  case 'U':
    return number((moment.yearDay + 7 - moment.weekDay) / 7, 2);
  case 'W':
    return number((moment.yearDay + 7 - (moment.weekDay + 6) % 7) / 7, 2);
  case 'y':
    return number(floorModulo(time.year, 100), 2);
  case 'Y':
    return yearText(time.year, pad.value_or(Pad::Zero));
  default: // no conversion
    return std::nullopt;
  }
}

} // namespace

Value strftime(absl::Span<const Value> operands) {
  constexpr int64_t firstSecond = -8334601228800;
  constexpr int64_t lastSecond = 8210266876799;
  double timestamp = operands.size() >= 2 ? toFloat(operands[1]) : systime();
  bool utc = operands.size() >= 3 && toFloat(operands[2]) != 0.0;
  int64_t seconds = saturatingTruncate(std::floor(timestamp));
  if (std::isinf(timestamp) || seconds < firstSecond || seconds > lastSecond)
    return Value::makeStr("");
  double fraction = std::round((timestamp - static_cast<double>(seconds)) * 1e9);
  // A NaN counts as 0; a fraction that rounds up to a second stays below it.
  int32_t nanoseconds = fraction > 0 ? static_cast<int32_t>(std::fmin(fraction, 999999999.0)) : 0;
  Moment moment(seconds, nanoseconds, utc);
  if (operands.empty())
    return Value::makeStr(Formatter("%a %b %e %H:%M:%S %Z %Y", moment).run());
  return Value::makeStr(Formatter(Text(operands[0]).view(), moment).run());
}

} // namespace fusevm::awk
