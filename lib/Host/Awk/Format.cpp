//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Format.h"

#include "BoundedText.h"
#include "Conversions.h"
#include "FormatNumber.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <cstring>

namespace fusevm::awk {

namespace {

absl::Status tooFewOperands() {
  return absl::InvalidArgumentError("not enough arguments to satisfy format string");
}

/// A format being worked through.
class Formatter {
public:
  Formatter(std::string &out, std::string_view format, absl::Span<const Value> operands,
            std::string_view numberFormat, size_t limit)
      : out(out), rest(format), operands(operands), numberFormat(numberFormat), limit(limit) {}

  absl::Status run() {
    size_t before = out.size();
    while (!rest.empty()) {
      size_t plain = std::min(rest.find('%'), rest.size());
      out += rest.substr(0, plain);
      rest.remove_prefix(plain);
      if (absl::Status status = rest.empty() ? absl::OkStatus() : convert(); !status.ok())
        return status;
      if (out.size() - before > limit)
        return textTooLarge(limit);
    }
    return absl::OkStatus();
  }

private:
  /// Expands the conversion at the front of rest.
  absl::Status convert() {
    std::string_view start = rest;
    rest.remove_prefix(1);
    spec = {};
    positional.reset();
    readPosition();
    readFlags();
    if (absl::Status status = readWidth(); !status.ok())
      return status;
    while (!rest.empty() && (rest[0] == 'h' || rest[0] == 'l' || rest[0] == 'L'))
      rest.remove_prefix(1);
    spec.conversion = rest.empty() ? '\0' : rest[0];
    if (!rest.empty())
      rest.remove_prefix(1);
    if (spec.conversion == '%') {
      out += '%';
      return absl::OkStatus();
    }
    if (spec.conversion == '\0' || !std::strchr("diouxXeEfFgGaAcs", spec.conversion)) {
      out += start.substr(0, start.size() - rest.size());
      return absl::OkStatus();
    }
    const Value *operand = takeOperand();
    if (!operand)
      return tooFewOperands();
    appendOperand(*operand);
    return absl::OkStatus();
  }

  /// N$ in front of everything else.
  void readPosition() {
    size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits != 0 && digits < 9 && digits != rest.size() && rest[digits] == '$') {
      positional = readNumber();
      rest.remove_prefix(1);
    }
  }

  void readFlags() {
    for (; !rest.empty(); rest.remove_prefix(1)) {
      switch (rest[0]) {
      case '-':
        spec.minus = true;
        continue;
      case '+':
        spec.plus = true;
        continue;
      case ' ':
        spec.space = true;
        continue;
      case '#':
        spec.alternative = true;
        continue;
      case '0':
        spec.zero = true;
        continue;
      case '\'': // no locale, no groups
        continue;
      default:
        return;
      }
    }
  }

  absl::Status readWidth() {
    int64_t width = 0;
    if (absl::Status status = readCount(width); !status.ok())
      return status;
    if (width < 0) {
      spec.minus = true;
      width = -width;
    }
    spec.width = std::min(width, maxFormatWidth);
    if (rest.empty() || rest[0] != '.')
      return absl::OkStatus();
    rest.remove_prefix(1);
    int64_t precision = 0;
    if (absl::Status status = readCount(precision); !status.ok())
      return status;
    // A negative one counts as none.
    if (precision >= 0)
      spec.precision = std::min(precision, maxFormatWidth);
    return absl::OkStatus();
  }

  /// A number, or * for the next operand.
  absl::Status readCount(int64_t &count) {
    if (rest.empty() || rest[0] != '*') {
      count = readNumber();
      return absl::OkStatus();
    }
    rest.remove_prefix(1);
    const Value *operand = takeOperand();
    if (!operand)
      return tooFewOperands();
    count = std::clamp(saturatingTruncate(numberOf(*operand)), -maxFormatWidth, maxFormatWidth);
    return absl::OkStatus();
  }

  int64_t readNumber() {
    int64_t number = 0;
    for (; !rest.empty() && absl::ascii_isdigit(static_cast<unsigned char>(rest[0]));
         rest.remove_prefix(1))
      number = std::min(number * 10 + (rest[0] - '0'), maxFormatWidth);
    return number;
  }

  const Value *takeOperand() {
    if (positional) {
      auto index = static_cast<size_t>(*positional) - 1;
      return index < operands.size() ? &operands[index] : nullptr;
    }
    return next < operands.size() ? &operands[next++] : nullptr;
  }

  void appendOperand(const Value &operand) {
    switch (spec.conversion) {
    case 'c':
      return appendText(characterOf(operand));
    case 's': {
      AwkText text(operand, numberFormat);
      std::string_view view = text.view();
      if (spec.precision)
        view = view.substr(0, characterOffset(view, static_cast<size_t>(*spec.precision)));
      return appendText(view);
    }
    case 'd':
    case 'i':
      // Not by way of a double: an Int may be larger than those are exact.
      if (operand.isInt() && spec.width == 0 && !spec.precision && !spec.plus && !spec.space)
        return appendInteger(out, operand.asInt());
      return appendSigned(out, spec, numberOf(operand));
    case 'o':
    case 'u':
    case 'x':
    case 'X':
      return appendUnsigned(out, spec, numberOf(operand));
    default:
      return appendFloat(out, spec, numberOf(operand));
    }
  }

  std::string characterOf(const Value &operand) {
    if (isNumber(operand) || (operand.isStr() && looksNumeric(operand.asStr()))) {
      double code = numberOf(operand);
      std::string text;
      if (code >= 0 && code < 0x110000 && isUnicodeScalar(static_cast<uint64_t>(code)))
        appendUtf8(text, static_cast<char32_t>(code));
      else
        text = static_cast<char>(static_cast<unsigned char>(saturatingTruncate(code)));
      return text;
    }
    AwkText text(operand, numberFormat);
    if (text.view().empty())
      return std::string(1, '\0');
    return std::string(text.view().substr(0, firstCharacter(text.view()).size));
  }

  /// Appends \p text filled up to the width, which counts characters.
  void appendText(std::string_view text) {
    size_t size = spec.width == 0 ? 0 : countCharacters(text);
    auto width = static_cast<size_t>(spec.width);
    size_t padding = width > size ? width - size : 0;
    if (!spec.minus)
      out.append(padding, ' ');
    out += text;
    if (spec.minus)
      out.append(padding, ' ');
  }

  std::string &out;
  std::string_view rest;
  absl::Span<const Value> operands;
  std::string_view numberFormat;
  size_t limit;
  FormatSpec spec;
  std::optional<int64_t> positional;
  size_t next = 0;
};

} // namespace

absl::Status formatText(std::string &out, std::string_view format, absl::Span<const Value> operands,
                        std::string_view numberFormat, size_t limit) {
  return Formatter(out, format, operands, numberFormat, limit).run();
}

} // namespace fusevm::awk
