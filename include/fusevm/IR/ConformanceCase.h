//===- ConformanceCase.h - A chunk and what running it gives ----*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The cases of test/conformance, one line of JSON each; the README.md there describes
/// them.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_CONFORMANCECASE_H
#define FUSEVM_IR_CONFORMANCECASE_H

#include "fusevm/IR/Chunk.h"

#include "absl/status/statusor.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fusevm {

/// A conformance case.
struct ConformanceCase {
  /// How the run is expected to end.
  enum class Outcome : uint8_t {
    Ok,      ///< with `value` on top of the stack
    Halted,  ///< with an empty stack
    Error,   ///< with the error `text`
    Panic,   ///< the reference crashed, saying `text`: anything but a crash will do
    Timeout, ///< the reference did not end: anything that ends will do
  };

  std::string id;    ///< unique among all cases
  std::string group; ///< the op that the case is about, or another keyword
  Chunk chunk;
  std::string input; ///< what is on standard input
  Outcome outcome = Outcome::Halted;
  Value value;        ///< for Ok
  std::string text;   ///< for Error and Panic
  std::string output; ///< what the run writes to standard output; not for Panic and Timeout
};

/// Reads a case from its line; errors as those of parseJson().
absl::StatusOr<ConformanceCase> parseConformanceCase(std::string_view line);

} // namespace fusevm

#endif // FUSEVM_IR_CONFORMANCECASE_H
