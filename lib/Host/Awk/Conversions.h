//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// AWK's conversions between numbers and texts, which are not those of the core ops.

#ifndef FUSEVM_LIB_HOST_AWK_CONVERSIONS_H
#define FUSEVM_LIB_HOST_AWK_CONVERSIONS_H

#include "fusevm/Runtime/Value.h"

#include <string>
#include <string_view>

namespace fusevm::awk {

/// The decimal number that \p text begins with, blanks in front skipped; 0 if it begins with
/// none.
double leadingNumber(std::string_view text);

/// Whether \p text is a number, blanks at both ends aside.
bool looksNumeric(std::string_view text);

/// Whether \p value is of a kind that is a number: it is not a text, and was set.
bool isNumber(const Value &value);

/// Whether \p value is a number, looks like one, or was never set.
bool isNumeric(const Value &value);

/// The number of any value; a text is the one that it begins with.
double numberOf(const Value &value);

/// Whether \p value is true: a number, or text that looks like one, unless it is 0; other
/// text unless it is empty.
bool isTrue(const Value &value);

/// Appends the text of \p number: an integer without exponent and point, any other by
/// \p format, which is CONVFMT or OFMT.
void appendNumber(std::string &out, double number, std::string_view format);
void appendInteger(std::string &out, int64_t number);

/// Appends the text of any value.
void appendValue(std::string &out, const Value &value, std::string_view format);

/// The text of a value, without a copy where the value has it already. Must not outlive the
/// value. A Ref counts as what it holds.
class AwkText {
public:
  AwkText(const Value &value, std::string_view format) {
    if (value.isStr()) {
      text = value.asStr();
      return;
    }
    appendValue(buffer, value, format);
    text = buffer;
  }
  AwkText(const AwkText &) = delete;
  AwkText &operator=(const AwkText &) = delete;

  std::string_view view() const { return text; }

private:
  std::string_view text;
  std::string buffer;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_CONVERSIONS_H
