//===- StrCat.h - Concatenation for messages --------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// absl::StrCat for std::string_view. The Abseil of Debian 12 is built with a
/// string_view type of its own, to which the standard one does not convert.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_SUPPORT_STRCAT_H
#define FUSEVM_SUPPORT_STRCAT_H

#include <concepts>
#include <string>
#include <string_view>

namespace fusevm {

namespace detail {
inline void appendPiece(std::string &out, std::string_view text) { out += text; }
template <std::integral Integer> void appendPiece(std::string &out, Integer value) {
  out += std::to_string(value);
}
} // namespace detail

/// Appends texts and integers, one after the other.
template <typename... Pieces> void strAppend(std::string &out, const Pieces &...pieces) {
  (detail::appendPiece(out, pieces), ...);
}

/// Joins texts and integers.
template <typename... Pieces> std::string strCat(const Pieces &...pieces) {
  std::string result;
  strAppend(result, pieces...);
  return result;
}

} // namespace fusevm

#endif // FUSEVM_SUPPORT_STRCAT_H
