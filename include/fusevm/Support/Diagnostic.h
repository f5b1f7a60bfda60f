//===- Diagnostic.h - Messages about a place in a file ----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Errors of the readers and how they are printed: `file:line:column: error: message`
/// with the source line and a caret.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_SUPPORT_DIAGNOSTIC_H
#define FUSEVM_SUPPORT_DIAGNOSTIC_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

enum class Severity { Error, Warning, Note };

/// One message. Lower case, no final period, found and expected both named.
struct Diagnostic {
  Severity severity = Severity::Error;
  size_t line = 0;   ///< 1-based; 0 if the message is about the whole file
  size_t column = 0; ///< 1-based, in bytes; 0 if about the whole line
  size_t length = 1; ///< bytes to underline from column on
  std::string message;
};

/// Renders \p diagnostics for a file called \p fileName with contents \p text, each with
/// its source line and a caret below the place. Ends in a newline.
std::string renderDiagnostics(std::string_view fileName, std::string_view text,
                              const std::vector<Diagnostic> &diagnostics);

/// Returns the candidate most like \p word, or an empty view when none is close enough
/// for a "did you mean".
std::string_view closestMatch(std::string_view word,
                              const std::vector<std::string_view> &candidates);

} // namespace fusevm

#endif // FUSEVM_SUPPORT_DIAGNOSTIC_H
