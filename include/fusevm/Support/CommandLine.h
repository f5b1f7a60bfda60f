//===- CommandLine.h - Options of the tools ---------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A parser of command lines. The options of a program are a table, and its help text is
/// printed from the same table.
///
/// Options are written `--option=value` or `--option value`; `--` ends them. Of an option
/// given twice the last one counts. Each program has `--help` and `--version` besides.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_SUPPORT_COMMANDLINE_H
#define FUSEVM_SUPPORT_COMMANDLINE_H

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fusevm {

/// Exit status of a program that was called in a wrong way.
inline constexpr int usageExitStatus = 2;

/// An option.
struct Option {
  /// Where the value goes: a bool for a switch, a number, or a text. Its value before
  /// parsing is the default, which the help text shows.
  using Target = std::variant<bool *, uint64_t *, std::optional<uint64_t> *, std::string_view *>;

  /// With its dashes: "--loop".
  std::string_view name;
  /// What the value is, for the help text: "N", "PATH". In lower case, with bars between
  /// them, it lists the only values that are allowed: "auto|baseline". Empty for a switch.
  std::string_view argument;
  /// What the option does, without a final period.
  std::string_view sentence;
  Target target;
  /// A short form such as 'v' for "-v"; 0 for none.
  char letter = 0;
  /// The value that the option has when it stands alone: its argument can then be given
  /// after an equals sign only. Empty if it needs one.
  std::string_view bareValue = {};
  /// What the help text shows as the default of a number that need not be given.
  std::string_view withoutValue = "unlimited";
};

/// What happens to the arguments behind the first operand.
enum class AfterOperand : uint8_t {
  MoreOptions, ///< options may follow, and further operands
  Verbatim,    ///< they are operands whatever they look like; one "--" in front is dropped
};

/// A program and how it is called.
struct ProgramUsage {
  std::string_view program;  ///< "fusevm-run"
  std::string_view operands; ///< "FILE [ARGUMENT...]"
  std::string_view summary;  ///< what it does; in front of the options in the help text
  std::string_view epilogue; ///< what is behind the options, such as an example
  AfterOperand afterOperand = AfterOperand::MoreOptions;
};

/// What a command line asks for.
struct CommandLine {
  enum class Request : uint8_t { Run, Help, Version };

  Request request = Request::Run;
  /// What is not an option, in order. Views of the arguments.
  std::vector<std::string_view> operands;
};

/// Parses \p arguments, the name of the program not among them, and stores the values of
/// options in their targets. InvalidArgument if they are wrong; then, and when help or the
/// version is asked for, no target is changed.
absl::StatusOr<CommandLine> parseCommandLine(const ProgramUsage &usage,
                                             absl::Span<const Option> options,
                                             absl::Span<const char *const> arguments);

/// Returns the help text: how to call the program, and each option with its default.
std::string helpText(const ProgramUsage &usage, absl::Span<const Option> options);

/// For main(): parses its arguments and stores the operands. If help or the version was
/// asked for, or the command line is wrong, prints what is due and returns the status with
/// which to exit.
std::optional<int> readCommandLine(const ProgramUsage &usage, absl::Span<const Option> options,
                                   int argc, const char *const *argv,
                                   std::vector<std::string_view> &operands);

/// Prints "PROGRAM: error: MESSAGE" on standard error.
void printError(std::string_view program, std::string_view message);

/// Prints a wrong use of the program on standard error; returns usageExitStatus.
int printUsageError(std::string_view program, std::string_view message);

} // namespace fusevm

#endif // FUSEVM_SUPPORT_COMMANDLINE_H
