//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The main input: the files among the operands, one after the other.

#ifndef FUSEVM_LIB_HOST_AWK_MAININPUT_H
#define FUSEVM_LIB_HOST_AWK_MAININPUT_H

#include "RecordReader.h"
#include "Specials.h"
#include "Variables.h"

#include "fusevm/Host/RecordAwkHost.h"

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

#include <memory>
#include <string>

namespace fusevm::awk {

class MainInput {
public:
  /// \p mayReadAny: operands that the program puts into ARGV may be read, too.
  MainInput(Specials &specials, Variables &variables, bool mayReadAny)
      : specials(specials), variables(variables), mayReadAny(mayReadAny) {}

  void setOperands(std::string_view programName, absl::Span<const std::string_view> operands);

  AwkAssignmentHandler assigned = nullptr;
  void *assignedUser = nullptr;

  /// Reads the next record; false at the end. Both texts are valid until the next call that
  /// finds another one.
  absl::StatusOr<bool> next(std::string_view &record, std::string_view &terminator);
  /// Leaves the current file.
  void skipFile() { retireReader(); }
  /// Closes the files; what was read last is no longer valid.
  void close() {
    reader.reset();
    lastReader.reset();
  }
  /// Whether the next call may wait for somebody at a terminal.
  bool isInteractive() const { return reader && reader->isInteractive(); }

private:
  void retireReader();
  /// Opens the next file; false if there is none left.
  absl::StatusOr<bool> openNext();
  absl::StatusOr<bool> open(std::string_view name);
  absl::Status assign(std::string_view name, std::string_view text);

  Specials &specials;
  Variables &variables;
  bool mayReadAny;
  absl::flat_hash_set<std::string> given; ///< the operands from outside
  std::unique_ptr<RecordReader> reader;
  std::unique_ptr<RecordReader> lastReader; ///< of the last record, if its input has ended
  int64_t nextOperand = 1;
  bool anyFile = false; ///< an operand was one
  bool atEnd = false;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_MAININPUT_H
