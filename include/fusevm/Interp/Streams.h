//===- Streams.h - Standard input and output of a VM ------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where Print writes and ReadLine reads. An embedder may put its own in place.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_STREAMS_H
#define FUSEVM_INTERP_STREAMS_H

#include "absl/functional/function_ref.h"

#include <atomic>
#include <string>
#include <string_view>

namespace fusevm {

/// Takes what a program prints. One call to write is one op's output.
class OutputSink {
public:
  virtual ~OutputSink() = default;
  virtual void write(std::string_view bytes) = 0;
  /// Called before input is read from a terminal and before a child process starts.
  virtual void flush() = 0;
  /// Called at every end of a run. Default: flush().
  virtual void runEnded() { flush(); }
  /// Whether all goes to the standard output of the process. Then a child that it forks
  /// uses the same sink, otherwise standardOutput(). Default: false.
  virtual bool isStandardOutput() const { return false; }
};

/// Gives a program its input.
class InputSource {
public:
  virtual ~InputSource() = default;
  /// Reads up to and including a newline into \p line, without the newline. False at the
  /// end of input.
  virtual bool readLine(std::string &line) = 0;
  /// Calls \p take with the next line and goes on behind it, if it has been read in already
  /// and nobody has to be prompted for it; otherwise returns false. ReadLine tries this
  /// first. Worth overriding where readLine() is dear.
  virtual bool takeLineAtHand(absl::FunctionRef<void(std::string_view)> take) {
    (void)take;
    return false;
  }
  /// Waits until readLine() need not wait, or until \p interrupted is set: then it returns
  /// false, and nothing of the input is lost. ReadLine calls it before readLine(). Worth
  /// overriding in a source that may wait for long.
  virtual bool awaitLine(const std::atomic<bool> &interrupted) {
    (void)interrupted;
    return true;
  }
  /// Whether a person is waiting at the other end, so that output must be flushed first.
  virtual bool isInteractive() const { return false; }
};

/// Collects output in memory.
class StringOutput final : public OutputSink {
public:
  void write(std::string_view bytes) override { text += bytes; }
  void flush() override {}
  std::string text;
};

/// Reads from a string.
class StringInput final : public InputSource {
public:
  explicit StringInput(std::string text) : text(std::move(text)) {}
  bool readLine(std::string &line) override;
  bool takeLineAtHand(absl::FunctionRef<void(std::string_view)> take) override;

private:
  std::string text;
  size_t position = 0;
};

/// The process's standard output: buffered, by line on a terminal; errors are ignored.
/// Shared by all VMs; thread-safe, one op's output stays together.
OutputSink &standardOutput();

/// The process's standard input, with one buffer for all VMs. Thread-safe.
InputSource &standardInput();

/// Returns what has been read from standard input but not been asked for, and puts
/// \p unread in its place: for those who make the descriptor another one.
std::string exchangeStandardInput(std::string unread);

/// Gives what has been read ahead back to the file, if it is one that has a position, so
/// that a child can read it.
void rewindStandardInput();

/// To be called in the child of a fork() that goes on without exec, before it uses the
/// standard streams: other threads may have been using them. What was not flushed is lost.
void standardStreamsAfterFork();

} // namespace fusevm

#endif // FUSEVM_INTERP_STREAMS_H
