//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// RecordAwkHost: numbers and time, as gawk has them.

#include "FormatNumber.h"
#include "HostState.h"

#include "fusevm/Runtime/AwkBuiltins.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/ascii.h"

#include <cmath>
#include <ctime>
#include <unistd.h>

namespace fusevm {

using namespace awk;

/// What the native functions get: the number that AWK takes the value for.
static Value num(const Value &value) { return Value::makeFloat(numberOf(value)); }

static void warn(const std::string &message) {
  writeDescriptor(STDERR_FILENO, strCat("awk: warning: ", message, "\n")).IgnoreError();
}

static void warnOfNegative(std::string_view name, double number) {
  if (!(number < 0))
    return;
  std::string text;
  appendNumber(text, number, "%.6g");
  warn(strCat(name, ": received negative argument ", text));
}

Value RecordAwkHost::integer(const Value &value) {
  double number = std::trunc(numberOf(value));
  if (std::fabs(number) < 0x1p63)
    return Value::makeInt(static_cast<int64_t>(number));
  return Value::makeFloat(number);
}

Value RecordAwkHost::sqrt(const Value &x) {
  warnOfNegative("sqrt", numberOf(x));
  return awk::sqrt(num(x));
}
Value RecordAwkHost::log(const Value &x) {
  warnOfNegative("log", numberOf(x));
  return awk::log(num(x));
}
Value RecordAwkHost::exp(const Value &x) {
  double result = std::exp(numberOf(x));
  if (std::isfinite(numberOf(x)) && (std::isinf(result) || result == 0.0)) {
    std::string text;
    appendNumber(text, numberOf(x), "%.6g");
    warn(strCat("exp: argument ", text, " is out of range"));
  }
  return Value::makeFloat(result);
}
Value RecordAwkHost::sin(const Value &x) { return awk::sin(num(x)); }
Value RecordAwkHost::cos(const Value &x) { return awk::cos(num(x)); }
Value RecordAwkHost::atan2(const Value &y, const Value &x) { return awk::atan2(num(y), num(x)); }

//===----------------------------------------------------------------------===//
// Bits: negative operands are errors
//===----------------------------------------------------------------------===//

bool RecordAwkHost::requireBits(std::string_view name, absl::Span<const Value> operands) {
  if (operands.size() < 2) {
    fail(strCat(name, ": called with less than two arguments"));
    return false;
  }
  for (size_t i = 0; i != operands.size(); ++i) {
    double number = numberOf(operands[i]);
    if (number < 0) {
      std::string text;
      appendNumber(text, number, "%.6g");
      fail(strCat(name, ": argument ", i + 1, " negative value ", text, " is not allowed"));
      return false;
    }
  }
  return true;
}

static std::vector<Value> numbers(absl::Span<const Value> operands) {
  std::vector<Value> result;
  for (const Value &operand : operands)
    result.push_back(num(operand));
  return result;
}

Value RecordAwkHost::bitAnd(absl::Span<const Value> operands) {
  return requireBits("and", operands) ? AwkHost::bitAnd(numbers(operands)) : Value();
}
Value RecordAwkHost::bitOr(absl::Span<const Value> operands) {
  return requireBits("or", operands) ? AwkHost::bitOr(numbers(operands)) : Value();
}
Value RecordAwkHost::bitXor(absl::Span<const Value> operands) {
  return requireBits("xor", operands) ? AwkHost::bitXor(numbers(operands)) : Value();
}

/// The operands as they stand in messages about them.
static std::string callText(std::string_view name, absl::Span<const Value> operands) {
  FormatSpec fixed;
  fixed.conversion = 'f';
  std::string text = strCat(name, "(");
  for (const Value &operand : operands) {
    if (!text.ends_with('('))
      text += ", ";
    appendFloat(text, fixed, numberOf(operand));
  }
  return text + ")";
}

Value RecordAwkHost::bitCompl(const Value &value) {
  if (numberOf(value) < 0)
    fail(strCat(callText("compl", {&value, 1}), ": negative value is not allowed"));
  return AwkHost::bitCompl(num(value));
}

Value RecordAwkHost::lshift(const Value &value, const Value &count) {
  if (numberOf(value) < 0 || numberOf(count) < 0)
    fail(strCat(callText("lshift", {value, count}), ": negative values are not allowed"));
  return AwkHost::lshift(num(value), num(count));
}
Value RecordAwkHost::rshift(const Value &value, const Value &count) {
  if (numberOf(value) < 0 || numberOf(count) < 0)
    fail(strCat(callText("rshift", {value, count}), ": negative values are not allowed"));
  return AwkHost::rshift(num(value), num(count));
}

//===----------------------------------------------------------------------===//
// Other numbers
//===----------------------------------------------------------------------===//

Value RecordAwkHost::strtonum(const Value &value) {
  AwkText text(value, state->specials.convfmt());
  std::string_view rest = text.view();
  while (!rest.empty() && absl::ascii_isspace(static_cast<unsigned char>(rest[0])))
    rest.remove_prefix(1);
  bool isHex = rest.starts_with("0x") || rest.starts_with("0X");
  bool isOctal =
      rest.size() > 1 && rest[0] == '0' && rest.find_first_of(".eE") == std::string_view::npos;
  if (isNumber(value) || (!isHex && !isOctal))
    return num(value);
  rest.remove_prefix(isHex ? 2 : 1);
  double number = 0;
  for (char c : rest) {
    char digit = absl::ascii_tolower(static_cast<unsigned char>(c));
    int code = digit >= 'a' ? digit - 'a' + 10 : digit - '0';
    if (code < 0 || code >= (isHex ? 16 : 8))
      break;
    number = number * (isHex ? 16 : 8) + code;
  }
  return Value::makeFloat(number);
}

Value RecordAwkHost::mkbool(const Value &value) {
  return Value::makeFloat(isTrue(value) ? 1.0 : 0.0);
}
Value RecordAwkHost::intdiv(const Value &dividend, const Value &divisor) {
  return awk::intdiv(num(dividend), num(divisor));
}
Value RecordAwkHost::intdiv0(const Value &dividend, const Value &divisor) {
  return awk::intdiv0(num(dividend), num(divisor));
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

Value RecordAwkHost::systime() { return Value::makeFloat(std::floor(awk::systime())); }

/// Replaces %Z by the name of the local zone, which the native function does not know.
static std::string withZoneName(std::string_view format, double timestamp) {
  auto time = static_cast<time_t>(saturatingTruncate(timestamp));
  std::tm broken{};
  tzset();
  std::string name = localtime_r(&time, &broken) ? broken.tm_zone : "";
  std::string result;
  for (size_t i = 0; i != format.size(); ++i) {
    bool isPair = format[i] == '%' && i + 1 != format.size();
    if (isPair && format[i + 1] == 'Z')
      result += name;
    else
      result += format.substr(i, isPair ? 2 : 1);
    i += isPair;
  }
  return result;
}

Value RecordAwkHost::strftime(absl::Span<const Value> operands) {
  Value format = operands.empty() ? Value::makeStr("%a %b %e %H:%M:%S %Z %Y") : operands[0];
  double timestamp = operands.size() < 2 ? awk::systime() : numberOf(operands[1]);
  bool utc = operands.size() >= 3 && isTrue(operands[2]);
  std::string text = toStr(format);
  if (!utc)
    text = withZoneName(text, timestamp);
  return awk::strftime({Value::makeStr(text), Value::makeFloat(timestamp), Value::makeBool(utc)});
}

Value RecordAwkHost::mktime(absl::Span<const Value> operands) {
  Value undef;
  AwkText text(operands.empty() ? undef : operands[0], state->specials.convfmt());
  bool utc = operands.size() >= 2 && isTrue(operands[1]);
  int parts[7] = {0, 0, 0, 0, 0, 0, -1};
  std::string copy(text.view());
  int count = std::sscanf(copy.c_str(), "%d %d %d %d %d %d %d", &parts[0], &parts[1], &parts[2],
                          &parts[3], &parts[4], &parts[5], &parts[6]);
  if (count < 6)
    return Value::makeFloat(-1);
  std::tm broken{};
  broken.tm_year = static_cast<int>(int64_t{parts[0]} - 1900);
  broken.tm_mon = static_cast<int>(int64_t{parts[1]} - 1);
  broken.tm_mday = parts[2];
  broken.tm_hour = parts[3];
  broken.tm_min = parts[4];
  broken.tm_sec = parts[5];
  broken.tm_isdst = parts[6];
  tzset();
  return Value::makeFloat(static_cast<double>(utc ? timegm(&broken) : std::mktime(&broken)));
}

} // namespace fusevm
