//===- RecordAwkHost.h - The AWK host that is shipped -----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// AWK's data model for chunks: records, fields, special variables, arrays, regular
/// expressions, files and commands, as POSIX has them, with the common extensions of gawk.
/// docs/awk.md says how programs use it.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_HOST_RECORDAWKHOST_H
#define FUSEVM_HOST_RECORDAWKHOST_H

#include "fusevm/Interp/AwkHost.h"
#include "fusevm/Interp/Streams.h"

#include "absl/status/status.h"

#include <cstddef>
#include <memory>

namespace fusevm {

/// What a program may do besides computing, reading its operands and standard input, and
/// writing to the descriptors that are open.
struct AwkHostOptions {
  bool allowCommands = true;
  bool allowWriting = true;
  bool allowReading = true;
  /// The standard output; stays open.
  int outputDescriptor = 1;
  /// The most bytes of a text that the host makes: of what sub, gsub, gensub, printf and
  /// sprintf give, of a record that is joined of its fields, and of a subscript.
  size_t maxTextBytes = size_t(1) << 30;
};

/// Told of an assignment among the operands, "name=value", when its turn comes.
using AwkAssignmentHandler = void (*)(std::string_view name, const Value &value, void *user);

/// An AWK host over files and commands.
///
/// Used by one thread at a time. Whoever has one must see to it that SIGPIPE does not end
/// the process. Failures of methods of AwkHost are reported as those say, other methods
/// return them.
class RecordAwkHost final : public AwkHost {
public:
  explicit RecordAwkHost(const AwkHostOptions &options = {});
  /// Closes everything; what cannot be written is lost.
  ~RecordAwkHost() override;

  //===--------------------------------------------------------------------===//
  // For whoever runs the program
  //===--------------------------------------------------------------------===//

  /// Sets ARGV and ARGC. Without operands standard input is the main input.
  void setOperands(std::string_view programName, absl::Span<const std::string_view> operands);
  void setAssignmentHandler(AwkAssignmentHandler handler, void *user = nullptr);

  /// Reads the next record of the main input into $0. False at its end, and when that
  /// failed: then takeFailure() has the message.
  bool nextRecord();
  /// Goes on with the next file of the main input.
  void skipFile();
  /// The number that field \p index is or begins with.
  double fieldNumber(int64_t index);

  /// What the special variable "<exit>" was set to, modulo 256; 0 if it was not.
  int exitStatus() const;
  /// The standard output, for VM::setOutput: what Print and AwkPrint write keeps its order.
  /// What is written there is not written out at the end of a run, but by close().
  OutputSink &output();
  /// Writes out and closes all files, and waits for commands.
  absl::Status close();

  //===--------------------------------------------------------------------===//
  // AwkHost
  //===--------------------------------------------------------------------===//

  Value fieldGet(int64_t index) override;
  void fieldSet(int64_t index, Value value) override;
  int64_t nf() override;
  void setRecord(Value value) override;
  Value specialGet(std::string_view name) override;
  void specialSet(std::string_view name, Value value) override;

  void print(absl::Span<const Value> values) override;
  void printf(std::string_view format, absl::Span<const Value> values) override;
  Value sprintf(std::string_view format, absl::Span<const Value> values) override;
  int64_t getline(uint64_t kind, std::optional<std::string_view> operand,
                  std::optional<std::string_view> variable) override;

  int64_t length(const Value *value) override;
  Value substr(const Value &value, int64_t start, std::optional<int64_t> count) override;
  int64_t index(const Value &text, const Value &needle) override;
  Value toLower(const Value &value) override;
  Value toUpper(const Value &value) override;
  int64_t split(const Value &text, std::string_view array, const Value *separator) override;
  int64_t sub(const Value &regex, const Value &replacement, const AwkLvalue &target) override;
  int64_t gsub(const Value &regex, const Value &replacement, const AwkLvalue &target) override;
  int64_t match(const Value &text, const Value &regex) override;
  Value gensub(const Value &regex, const Value &replacement, const Value &how,
               const Value *target) override;

  Value integer(const Value &value) override;
  Value sqrt(const Value &x) override;
  Value sin(const Value &x) override;
  Value cos(const Value &x) override;
  Value exp(const Value &x) override;
  Value log(const Value &x) override;
  Value atan2(const Value &y, const Value &x) override;
  Value bitAnd(absl::Span<const Value> operands) override;
  Value bitOr(absl::Span<const Value> operands) override;
  Value bitXor(absl::Span<const Value> operands) override;
  Value bitCompl(const Value &value) override;
  Value lshift(const Value &value, const Value &count) override;
  Value rshift(const Value &value, const Value &count) override;
  Value strtonum(const Value &value) override;
  Value ord(const Value &value) override;
  Value chr(const Value &value) override;
  Value mkbool(const Value &value) override;
  Value intdiv(const Value &dividend, const Value &divisor) override;
  Value intdiv0(const Value &dividend, const Value &divisor) override;

  Value systime() override;
  Value strftime(absl::Span<const Value> operands) override;
  Value mktime(absl::Span<const Value> operands) override;

  Value arrayGet(std::string_view array, const Value &key) override;
  void arraySet(std::string_view array, const Value &key, Value value) override;
  bool arrayExists(std::string_view array, const Value &key) override;
  void arrayDelete(std::string_view array, const Value &key) override;
  void arrayClear(std::string_view array) override;
  int64_t arrayLen(std::string_view array) override;

  AwkOrder compare(const Value &a, const Value &b) override;

  uint64_t extensionOperands(uint16_t id, uint64_t payload) override;
  Value extension(uint16_t id, uint64_t payload, absl::Span<const Value> operands) override;

private:
  struct State;

  void failWith(const absl::Status &status);
  int64_t readMain(bool intoVariable, Value &record);
  int64_t readFrom(std::string_view name, bool isCommand, bool intoVariable, Value &record);
  int64_t substitute(const Value &regex, const Value &replacement, const AwkLvalue &target,
                     bool all);
  Value lvalueGet(const AwkLvalue &target);
  void lvalueSet(const AwkLvalue &target, Value value);
  /// What is to be done about an element that is not there.
  enum class Missing : uint8_t { IsMade, StaysMissing };
  /// The element of \p array under \p key; null if it stays missing or that failed. Valid until
  /// the next element is made or erased.
  Value *element(std::string_view array, const Value &key, Missing missing);
  Value keysOf(std::string_view array);
  Value addElement(const Value &array, const Value &key, double number);
  bool requireBits(std::string_view name, absl::Span<const Value> operands);
  int64_t matchInto(const Value &text, const Value &regex, std::string_view array);
  int64_t splitInto(const Value &text, std::string_view array, const Value *separator,
                    std::optional<std::string_view> separators);
  std::unique_ptr<State> state;
};

} // namespace fusevm

#endif // FUSEVM_HOST_RECORDAWKHOST_H
