//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The formats of printf and sprintf.

#ifndef FUSEVM_LIB_HOST_AWK_FORMAT_H
#define FUSEVM_LIB_HOST_AWK_FORMAT_H

#include "fusevm/Runtime/Value.h"

#include "absl/status/status.h"
#include "absl/types/span.h"

#include <string>
#include <string_view>

namespace fusevm::awk {

/// The most characters a width or a precision may ask for.
inline constexpr int64_t maxFormatWidth = int64_t(1) << 26;

/// Appends \p operands formatted by \p format to \p out. \p numberFormat, which is CONVFMT,
/// makes numbers texts. Fails if there are too few operands, or if more than \p limit bytes are
/// appended, give or take a conversion.
absl::Status formatText(std::string &out, std::string_view format, absl::Span<const Value> operands,
                        std::string_view numberFormat, size_t limit);

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_FORMAT_H
