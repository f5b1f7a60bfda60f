//===- RunResult.h - How a run ended ----------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_RUNRESULT_H
#define FUSEVM_INTERP_RUNRESULT_H

#include "fusevm/Runtime/Value.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fusevm {

/// Why a run ended in an Error.
enum class ErrorKind : uint8_t {
  Runtime,   ///< an op cannot do what it was asked to
  Callback,  ///< a builtin or handler reported or threw an error
  Verify,    ///< the chunk was refused; nothing ran
  Limit,     ///< one of Limits was exceeded
  Fuel,      ///< the fuel limit was reached
  Interrupt, ///< VM::interrupt() was called
};

/// A place in the call stack.
struct CallSite {
  std::string function; ///< name of the sub; "main" at the top level
  uint64_t op;          ///< the op being executed
  uint32_t line;        ///< its source line, 0 if unknown
};

/// An error that ended a run.
struct RunError {
  ErrorKind kind = ErrorKind::Runtime;
  std::string message;
  std::string source;              ///< the chunk's source name
  uint64_t op = 0;                 ///< the op that failed, or that would have been next
  uint32_t line = 0;               ///< its source line, 0 if unknown
  std::vector<CallSite> callStack; ///< innermost first; the middle of a deep one is left out
  uint64_t omittedCalls = 0;       ///< call sites left out after the first half
};

/// The outcome of VM::run().
class RunResult {
public:
  enum class Outcome : uint8_t {
    Ok,     ///< a value was on top of the stack
    Halted, ///< the stack was empty
    Error,
  };

  static RunResult makeOk(Value value) {
    RunResult result(Outcome::Ok);
    result.resultValue = std::move(value);
    return result;
  }
  static RunResult makeHalted() { return RunResult(Outcome::Halted); }
  static RunResult makeError(RunError error) {
    RunResult result(Outcome::Error);
    result.runError = std::move(error);
    return result;
  }

  Outcome outcome() const { return kind; }
  bool isOk() const { return kind == Outcome::Ok; }
  bool isHalted() const { return kind == Outcome::Halted; }
  bool isError() const { return kind == Outcome::Error; }

  /// The result of an Ok run. It outlives the VM and the chunk.
  const Value &value() const { return assert(isOk()), resultValue; }
  /// The error of a run that ended in one.
  const RunError &error() const { return assert(isError()), runError; }

private:
  explicit RunResult(Outcome kind) : kind(kind) {}

  Outcome kind;
  Value resultValue;
  RunError runError;
};

} // namespace fusevm

#endif // FUSEVM_INTERP_RUNRESULT_H
