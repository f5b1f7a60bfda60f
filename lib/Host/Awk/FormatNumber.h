//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Texts of numbers as printf makes them, whatever the locale is.

#ifndef FUSEVM_LIB_HOST_AWK_FORMATNUMBER_H
#define FUSEVM_LIB_HOST_AWK_FORMATNUMBER_H

#include <cstdint>
#include <optional>
#include <string>

namespace fusevm::awk {

/// A conversion specification: %[flags][width][.precision]conversion.
struct FormatSpec {
  bool minus = false;
  bool plus = false;
  bool space = false;
  bool alternative = false;
  bool zero = false;
  int64_t width = 0;
  std::optional<int64_t> precision;
  char conversion = 0;
};

/// Appends \p text, which begins with a sign or prefix of \p prefix bytes, filled up to the
/// width. \p mayZeroFill: zeros, if asked for, go behind the prefix.
void appendPadded(std::string &out, const FormatSpec &spec, const std::string &text, size_t prefix,
                  bool mayZeroFill);

/// The conversions d and i.
void appendSigned(std::string &out, const FormatSpec &spec, double number);
/// The conversions o, x, X and u.
void appendUnsigned(std::string &out, FormatSpec spec, double number);
/// The conversions e, E, f, F, g, G, a and A.
void appendFloat(std::string &out, const FormatSpec &spec, double number);

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_FORMATNUMBER_H
