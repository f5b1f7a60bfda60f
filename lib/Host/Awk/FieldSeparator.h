//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// How records are cut into fields, and texts into pieces.

#ifndef FUSEVM_LIB_HOST_AWK_FIELDSEPARATOR_H
#define FUSEVM_LIB_HOST_AWK_FIELDSEPARATOR_H

#include "Regex.h"

#include "absl/status/statusor.h"

#include <memory>
#include <string_view>
#include <vector>

namespace fusevm::awk {

/// Cuts texts into fields, one after the other.
class FieldSeparator {
public:
  /// Separates as the text \p separator says: a space at runs of blanks, another character
  /// at each of it, a longer text at the matches of it as a regular expression, and an empty
  /// one between all characters. \p newlineToo: newlines separate as well, which those of
  /// a regular expression do not.
  static absl::StatusOr<std::shared_ptr<const FieldSeparator>>
  fromText(std::string_view separator, bool newlineToo, bool ignoreCase, RegexCache &cache);
  /// Separates at the matches of \p regex.
  static std::shared_ptr<const FieldSeparator> fromRegex(std::shared_ptr<const Regex> regex);
  /// Takes the matches of \p regex for the fields.
  static std::shared_ptr<const FieldSeparator> fromPattern(std::shared_ptr<const Regex> regex);
  /// Fields of fixed widths: numbers above 0, each perhaps with the characters to skip and a
  /// colon in front, and at the end perhaps * for the rest. Anything else is an error, as in gawk.
  static absl::StatusOr<std::shared_ptr<const FieldSeparator>> fromWidths(std::string_view widths);

  /// Where in a text the splitting is.
  struct Cursor {
    size_t position = 0;
    size_t index = 0; ///< fields found
    bool atEnd = false;
    bool afterMatch = false; ///< nothing is between the last match of a pattern and position
  };

  /// Finds the next field of \p text. False if there is none.
  bool next(std::string_view text, Cursor &cursor, std::string_view &field) const;

private:
  enum class Kind : uint8_t { Blank, Character, Regex, EachCharacter, Pattern, Widths };

  struct Width {
    size_t skip;
    size_t size;
  };

  explicit FieldSeparator(Kind kind) : kind(kind) {}

  bool nextBlank(std::string_view text, Cursor &cursor, std::string_view &field) const;
  bool nextByCharacter(std::string_view text, Cursor &cursor, std::string_view &field) const;
  bool nextByRegex(std::string_view text, Cursor &cursor, std::string_view &field) const;
  bool nextMatch(std::string_view text, Cursor &cursor, std::string_view &field) const;
  bool nextByWidth(std::string_view text, Cursor &cursor, std::string_view &field) const;

  Kind kind;
  bool newlineToo = false;
  std::string character; ///< one, of one or more bytes
  std::shared_ptr<const Regex> regex;
  std::vector<Width> widths;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_FIELDSEPARATOR_H
