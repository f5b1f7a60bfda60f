//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The parts of the input, which zero bytes separate, are a field separator or regular
/// expression, a replacement or format, and a text: the AWK host splits, substitutes and
/// formats.

#include "Host/Awk/Conversions.h"
#include "Host/Awk/FieldSeparator.h"
#include "Host/Awk/Format.h"
#include "Host/Awk/Regex.h"
#include "Host/Awk/Substitution.h"

#include <cstdio>
#include <cstdlib>

using namespace fusevm;
using namespace fusevm::awk;

static void require(bool condition, const char *what) {
  if (condition)
    return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

static std::string_view takePart(std::string_view &input) {
  size_t end = input.find('\0');
  std::string_view part = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return part;
}

/// Fields are parts of the text, one after the other.
static void split(const FieldSeparator &rule, std::string_view text) {
  FieldSeparator::Cursor cursor;
  size_t end = 0;
  size_t fields = 0;
  for (std::string_view field; rule.next(text, cursor, field);) {
    auto start = static_cast<size_t>(field.data() - text.data());
    require(start >= end && start + field.size() <= text.size(), "a field out of place");
    end = start + field.size();
    require(++fields <= text.size() + 1, "more fields than there can be");
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view rest(reinterpret_cast<const char *>(data), size);
  std::string_view separator = takePart(rest);
  std::string_view format = takePart(rest);
  std::string text(rest);
  RegexCache cache;

  for (bool newlineToo : {false, true}) {
    auto rule = FieldSeparator::fromText(separator, newlineToo, size % 2 == 0, cache);
    if (rule.ok())
      split(**rule, text);
  }
  if (auto widths = FieldSeparator::fromWidths(separator); widths.ok())
    split(**widths, text);
  if (auto regex = cache.get(separator, false); regex.ok()) {
    split(*FieldSeparator::fromRegex(*regex), text);
    split(*FieldSeparator::fromPattern(*regex), text);
    std::string out;
    for (ReplacementStyle style : {ReplacementStyle::Sub, ReplacementStyle::Gensub})
      substitute(**regex, text, format, style, Occurrences::all(), 10000, out).IgnoreError();
  }

  // Digits in a row make widths that take long without showing anything.
  size_t digits = 0;
  for (char c : format) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 4)
      return 0;
  }
  Value operands[] = {Value::makeStr(text), Value::makeFloat(leadingNumber(text)),
                      Value::makeInt(static_cast<int64_t>(size)), Value()};
  std::string out;
  // Running out of operands is an answer, too.
  formatText(out, format, operands, "%.6g", 1000).IgnoreError();
  looksNumeric(text);
  return 0;
}
