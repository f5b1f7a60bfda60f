//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Texts that a program makes grow, and what is said when one gets too large.

#ifndef FUSEVM_LIB_HOST_AWK_BOUNDEDTEXT_H
#define FUSEVM_LIB_HOST_AWK_BOUNDEDTEXT_H

#include "fusevm/Support/StrCat.h"

#include "absl/status/status.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace fusevm::awk {

inline absl::Status textTooLarge(size_t limit) {
  return absl::ResourceExhaustedError(strCat("string too large: more than ", limit, " bytes"));
}

/// Appends to a text until that would have more than a given number of bytes; from then on
/// it takes nothing more.
class BoundedText {
public:
  BoundedText(std::string &text, size_t limit) : text(text), limit(limit) {}

  BoundedText &operator+=(std::string_view piece) {
    if (tooLarge || text.size() + piece.size() > limit)
      tooLarge = true;
    else
      text += piece;
    return *this;
  }
  void clear() { text.clear(); }

  bool isTooLarge() const { return tooLarge; }
  absl::Status status() const { return tooLarge ? textTooLarge(limit) : absl::OkStatus(); }

private:
  std::string &text;
  size_t limit;
  bool tooLarge = false;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_BOUNDEDTEXT_H
