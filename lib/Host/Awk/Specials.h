//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The special variables, with what follows from them.

#ifndef FUSEVM_LIB_HOST_AWK_SPECIALS_H
#define FUSEVM_LIB_HOST_AWK_SPECIALS_H

#include "Conversions.h"
#include "FieldSeparator.h"
#include "RecordReader.h"

#include "fusevm/Runtime/Value.h"

#include "absl/status/status.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace fusevm::awk {

// The two in angle brackets are not AWK's: the record that getline read for a variable, and
// the exit status.
#define FUSEVM_AWK_SPECIALS(X)                                                                     \
  X(Fs, "FS")                                                                                      \
  X(Ofs, "OFS")                                                                                    \
  X(Ors, "ORS")                                                                                    \
  X(Rs, "RS")                                                                                      \
  X(Nf, "NF")                                                                                      \
  X(Nr, "NR")                                                                                      \
  X(Fnr, "FNR")                                                                                    \
  X(Filename, "FILENAME")                                                                          \
  X(Subsep, "SUBSEP")                                                                              \
  X(Rstart, "RSTART")                                                                              \
  X(Rlength, "RLENGTH")                                                                            \
  X(Convfmt, "CONVFMT")                                                                            \
  X(Ofmt, "OFMT")                                                                                  \
  X(Argc, "ARGC")                                                                                  \
  X(Rt, "RT")                                                                                      \
  X(Ignorecase, "IGNORECASE")                                                                      \
  X(Errno, "ERRNO")                                                                                \
  X(Fieldwidths, "FIELDWIDTHS")                                                                    \
  X(Fpat, "FPAT")                                                                                  \
  X(Getline, "<getline>")                                                                          \
  X(Exit, "<exit>")

enum class Special : uint8_t {
#define FUSEVM_ENUMERATOR(Name, Text) Name,
  FUSEVM_AWK_SPECIALS(FUSEVM_ENUMERATOR)
#undef FUSEVM_ENUMERATOR
};

inline constexpr size_t numSpecials = static_cast<size_t>(Special::Exit) + 1;

/// Returns the special variable called \p name, if there is one.
std::optional<Special> findSpecial(std::string_view name);

/// The special variables but NF, which belongs to the record, and NR and FNR, which count.
class Specials {
public:
  explicit Specials(RegexCache &regexes);

  const Value &get(Special special) const { return values[static_cast<size_t>(special)]; }
  /// Assigns one. Fails if it is not what the variable needs; then nothing has changed.
  absl::Status set(Special special, Value value);
  /// Assigns one whose text only programs read.
  void setText(Special special, std::string_view text);

  std::string_view ofs() const { return texts[static_cast<size_t>(Special::Ofs)]; }
  std::string_view ors() const { return texts[static_cast<size_t>(Special::Ors)]; }
  std::string_view subsep() const { return texts[static_cast<size_t>(Special::Subsep)]; }
  std::string_view convfmt() const { return texts[static_cast<size_t>(Special::Convfmt)]; }
  std::string_view ofmt() const { return texts[static_cast<size_t>(Special::Ofmt)]; }
  bool ignoreCase() const { return ignoresCase; }

  const std::shared_ptr<const FieldSeparator> &fieldSeparator() const { return fields; }
  const RecordSeparator &recordSeparator() const { return records; }

  int64_t nr = 0;
  int64_t fnr = 0;

private:
  absl::Status deriveFieldSeparator();
  absl::Status deriveRecordSeparator();
  std::string_view textOf(Special special) const { return texts[static_cast<size_t>(special)]; }

  RegexCache &regexes;
  std::array<Value, numSpecials> values;
  std::array<std::string, numSpecials> texts;
  bool ignoresCase = false;
  Special splitsBy = Special::Fs; ///< the one of FS, FIELDWIDTHS and FPAT assigned last
  std::shared_ptr<const FieldSeparator> fields;
  RecordSeparator records;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_SPECIALS_H
