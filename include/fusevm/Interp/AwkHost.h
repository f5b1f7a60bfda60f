//===- AwkHost.h - The host of the AWK ops ----------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the AWK ops ask of whoever keeps records, fields, arrays and files. Attached to a
/// VM with VM::setAwkHost; RecordAwkHost.h has the one that is shipped.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_AWKHOST_H
#define FUSEVM_INTERP_AWKHOST_H

#include "fusevm/Interp/RunResult.h"
#include "fusevm/Runtime/Value.h"

#include "absl/types/span.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fusevm {

/// Codes of AwkSignal. Others are legal and are reported as they are.
enum class AwkSignalCode : uint8_t {
  Next = 0,     ///< stop the rules for this record
  NextFile = 1, ///< skip the rest of the input file
  Exit = 2,     ///< stop reading, run the END actions
};

/// Where AwkGetline reads, and where the record goes. A kind that goes into a variable
/// comes without its name: the program fetches the record afterwards.
enum class AwkGetlineKind : uint64_t {
  Main = 0,            ///< the main input, into the record
  MainVariable = 1,    ///< the main input, into a variable
  File = 2,            ///< a file, into the record
  FileVariable = 3,    ///< a file, into a variable
  Command = 4,         ///< the output of a command, into the record
  CommandVariable = 5, ///< the output of a command, into a variable
};

/// What sub and gsub change.
struct AwkLvalue {
  enum class Shape : uint8_t { Variable, Field, Element };

  static AwkLvalue variable(std::string name) { return {Shape::Variable, std::move(name), 0, {}}; }
  static AwkLvalue field(int64_t index) { return {Shape::Field, {}, index, {}}; }
  static AwkLvalue element(std::string array, std::string key) {
    return {Shape::Element, std::move(array), 0, std::move(key)};
  }
  friend bool operator==(const AwkLvalue &, const AwkLvalue &) = default;

  Shape shape = Shape::Field;
  std::string name;   ///< of the variable or array
  int64_t number = 0; ///< of the field; 0 is the record
  std::string key;    ///< the subscript, joined already
};

/// The order of two values.
enum class AwkOrder : int8_t { Less = -1, Equal = 0, Greater = 1 };

/// A host of AWK ops.
///
/// Each method stands for an op and does nothing, gives a neutral result or computes the
/// native one (AwkBuiltins.h) unless it is overridden. Operands keep the kind they have in
/// the VM: numbers are Int or Float, what was never set is Undef.
///
/// Methods are called by the thread that runs the VM and have no access to it. One that
/// cannot do its work calls fail(); its result is dropped. An exception ends the run in an
/// Error, too.
class AwkHost {
public:
  virtual ~AwkHost() = default;

  //===--------------------------------------------------------------------===//
  // Records, fields, variables
  //===--------------------------------------------------------------------===//

  /// Field \p index of the record, the record itself for 0. Default: an empty Str.
  virtual Value fieldGet(int64_t index);
  /// Assigns a field or the record. Default: no effect.
  virtual void fieldSet(int64_t index, Value value);
  /// The number of fields. Default: 0.
  virtual int64_t nf();
  /// Makes \p value the record. Default: no effect.
  virtual void setRecord(Value value);
  /// A special variable such as NR. Default: Undef.
  virtual Value specialGet(std::string_view name);
  /// Assigns one. Default: no effect.
  virtual void specialSet(std::string_view name, Value value);

  //===--------------------------------------------------------------------===//
  // Input and output
  //===--------------------------------------------------------------------===//

  /// Prints \p values as a record, or for an empty list the current one. Default: no effect.
  virtual void print(absl::Span<const Value> values);
  /// Prints formatted text. Default: no effect.
  virtual void printf(std::string_view format, absl::Span<const Value> values);
  /// Formats text. Default: an empty Str.
  virtual Value sprintf(std::string_view format, absl::Span<const Value> values);
  /// Reads a record; \p operand is the file or command of the kinds that have one, and
  /// \p variable is always absent in calls of the VM. Kinds beyond the known ones are passed
  /// as they are. Returns 1, at the end of input 0, -1 on an error. Default: 0.
  virtual int64_t getline(uint64_t kind, std::optional<std::string_view> operand,
                          std::optional<std::string_view> variable);

  //===--------------------------------------------------------------------===//
  // Text
  //===--------------------------------------------------------------------===//

  /// The length in characters; null means the record. Default: native, 0 for null.
  virtual int64_t length(const Value *value);
  /// Default: native, like index, toLower and toUpper.
  virtual Value substr(const Value &value, int64_t start, std::optional<int64_t> count);
  virtual int64_t index(const Value &text, const Value &needle);
  virtual Value toLower(const Value &value);
  virtual Value toUpper(const Value &value);
  /// Splits a text into the array \p array; a null \p separator means FS. Returns the number
  /// of pieces. Default: 0.
  virtual int64_t split(const Value &text, std::string_view array, const Value *separator);
  /// Replace the first or every match in \p target; return how many. Default: 0.
  virtual int64_t sub(const Value &regex, const Value &replacement, const AwkLvalue &target);
  virtual int64_t gsub(const Value &regex, const Value &replacement, const AwkLvalue &target);
  /// The position of the first match, 0 if there is none. Default: 0.
  virtual int64_t match(const Value &text, const Value &regex);
  /// A copy of \p target, or of the record for null, with matches replaced. Default: an empty
  /// Str.
  virtual Value gensub(const Value &regex, const Value &replacement, const Value &how,
                       const Value *target);

  //===--------------------------------------------------------------------===//
  // Numbers; the default of all is native
  //===--------------------------------------------------------------------===//

  virtual Value integer(const Value &value);
  virtual Value sqrt(const Value &x);
  virtual Value sin(const Value &x);
  virtual Value cos(const Value &x);
  virtual Value exp(const Value &x);
  virtual Value log(const Value &x);
  virtual Value atan2(const Value &y, const Value &x);
  virtual Value bitAnd(absl::Span<const Value> operands);
  virtual Value bitOr(absl::Span<const Value> operands);
  virtual Value bitXor(absl::Span<const Value> operands);
  virtual Value bitCompl(const Value &value);
  virtual Value lshift(const Value &value, const Value &count);
  virtual Value rshift(const Value &value, const Value &count);
  virtual Value strtonum(const Value &value);
  virtual Value ord(const Value &value);
  virtual Value chr(const Value &value);
  virtual Value mkbool(const Value &value);
  virtual Value intdiv(const Value &dividend, const Value &divisor);
  virtual Value intdiv0(const Value &dividend, const Value &divisor);

  //===--------------------------------------------------------------------===//
  // Time; the default of all is native
  //===--------------------------------------------------------------------===//

  virtual Value systime();
  /// Operands: format, timestamp, whether in UTC; none need be there.
  virtual Value strftime(absl::Span<const Value> operands);
  /// Operands: text, whether in UTC.
  virtual Value mktime(absl::Span<const Value> operands);

  //===--------------------------------------------------------------------===//
  // Named arrays
  //===--------------------------------------------------------------------===//

  /// An element; \p key is as the program gave it. Default: an empty Str.
  virtual Value arrayGet(std::string_view array, const Value &key);
  /// Assigns one. Default: no effect.
  virtual void arraySet(std::string_view array, const Value &key, Value value);
  /// Whether there is one. Default: false.
  virtual bool arrayExists(std::string_view array, const Value &key);
  /// Removes one, or all. Default: no effect.
  virtual void arrayDelete(std::string_view array, const Value &key);
  virtual void arrayClear(std::string_view array);
  /// The number of elements. Default: 0.
  virtual int64_t arrayLen(std::string_view array);

  //===--------------------------------------------------------------------===//
  // Beyond the ops
  //===--------------------------------------------------------------------===//

  /// The order of two values. Never called by the VM. Default: as floats if the texts of both
  /// are numbers or blank, equal if one is NaN; otherwise by the bytes of the texts.
  virtual AwkOrder compare(const Value &a, const Value &b);

  /// How many operands ExtendedWide takes off the stack for an id of AWK that stands for no
  /// op. Default: none.
  virtual uint64_t extensionOperands(uint16_t id, uint64_t payload);
  /// Executes such an id; what it returns is pushed. Default: Undef.
  virtual Value extension(uint16_t id, uint64_t payload, absl::Span<const Value> operands);

  /// Whether a method has failed since takeFailure() was called.
  bool hasFailed() const { return failure.has_value(); }
  /// Of which kind the failure is: Callback, or what fail() was told.
  ErrorKind failureKind() const { return kind; }
  /// Takes the message of a method that failed; nullopt if none has.
  std::optional<std::string> takeFailure() { return std::exchange(failure, std::nullopt); }

protected:
  /// Ends the run in an Error once the method returns. The first message counts.
  void fail(std::string message, ErrorKind itsKind = ErrorKind::Callback) {
    if (failure)
      return;
    failure = std::move(message);
    kind = itsKind;
  }

private:
  std::optional<std::string> failure;
  ErrorKind kind = ErrorKind::Callback;
};

/// Gives AwkGetFieldNum the number that a field of the record is.
using AwkFieldNumHook = double (*)(int64_t field, void *user);

/// Sets the hook of the calling thread; null removes it. Without one every field is 0.
void setAwkFieldNumHook(AwkFieldNumHook hook, void *user = nullptr);

} // namespace fusevm

#endif // FUSEVM_INTERP_AWKHOST_H
