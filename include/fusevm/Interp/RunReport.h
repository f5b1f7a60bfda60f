//===- RunReport.h - How a run ended, in words ------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the tools print about a finished run, and the exit status it stands for.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_RUNREPORT_H
#define FUSEVM_INTERP_RUNREPORT_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/Interp/RunResult.h"

#include "absl/status/statusor.h"

#include <string>
#include <string_view>

namespace fusevm {

/// Returns the value as a literal of the text format, "halted", or "error: " with the
/// message. Errors are those of appendValueLiteral().
absl::StatusOr<std::string> resultAsText(const RunResult &result);

/// Returns `{"Ok":VALUE}`, `"Halted"` or `{"Error":"MESSAGE"}`, the notation of the
/// conformance cases. Errors are those of printJsonValue().
absl::StatusOr<std::string> resultAsJson(const RunResult &result);

/// Returns "FILE:LINE: error: MESSAGE" and the call stack, innermost call first, one line
/// each, each line with its newline. FILE is the source that the chunk names, otherwise
/// \p fileName. \p chunk is the one that ran.
std::string describeError(const RunError &error, const Chunk &chunk, std::string_view fileName);

/// Exit status of a program that could not be loaded or ended in an error.
inline constexpr int errorExitStatus = 1;
/// Exit status of a program that a limit or an interrupt ended.
inline constexpr int limitExitStatus = 124;

/// Returns the exit status: the low byte of a Status that is the result, otherwise that of
/// \p lastStatus, the VM's; after an error one of the two above.
int exitStatus(const RunResult &result, int32_t lastStatus);

} // namespace fusevm

#endif // FUSEVM_INTERP_RUNREPORT_H
