//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Files and pipes that print and printf write to, and those that getline reads from.

#ifndef FUSEVM_LIB_HOST_AWK_STREAMS_H
#define FUSEVM_LIB_HOST_AWK_STREAMS_H

#include "ChildProcess.h"
#include "RecordReader.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm::awk {

/// Buffered output to a descriptor.
class OutputStream {
public:
  OutputStream(std::string name, int descriptor, bool borrowed, pid_t pid = -1);
  OutputStream(const OutputStream &) = delete;
  OutputStream &operator=(const OutputStream &) = delete;
  /// Closes without flushing; see close().
  ~OutputStream();

  const std::string &name() const { return title; }
  bool isCommand() const { return pid > 0; }
  bool isStandardOutput() const { return descriptor == STDOUT_FILENO; }

  /// Where the caller may append; followed by a call of written().
  std::string &buffer() { return bytes; }
  /// Writes the buffer out if it is large, or if somebody waits for lines. Once a write has
  /// failed this does, too, like flush().
  absl::Status written();
  absl::Status flush();
  /// Flushes and closes; waits for a command. Returns its status, 0, or -1 on an error.
  int close();

private:
  std::string title;
  int descriptor;
  bool borrowed;
  pid_t pid;
  bool lineBuffered;
  absl::Status failure; ///< of an earlier write; nothing more is written
  std::string bytes;
};

/// How an output is opened.
enum class OutputMode : uint8_t { Create = 0, Append = 1, Command = 2 };

/// Where getline reads: a file, or the output of a command.
struct InputStream {
  std::string name;
  std::unique_ptr<RecordReader> reader;
  pid_t pid = -1;
};

/// What a program may do besides computing and reading its operands.
struct StreamRights {
  bool commands = true;
  bool writeFiles = true;
  bool readFiles = true;
};

/// All open streams, by name.
class StreamTable {
public:
  StreamTable(StreamRights rights, int outputDescriptor);

  OutputStream &standardOutput() { return out; }

  /// Returns the output of that name, opened if it is not open yet.
  absl::StatusOr<OutputStream *> output(std::string_view name, OutputMode mode);
  /// Returns the input of that name, opened if it is not open yet. errno is set on an error
  /// of the system, which has the code NotFound.
  absl::StatusOr<RecordReader *> input(std::string_view name, bool isCommand);

  /// Closes the streams called \p name. Returns the status of the last, -1 if there was none.
  int close(std::string_view name);
  /// Flushes the output called \p name; false if there is none.
  absl::StatusOr<bool> flush(std::string_view name);
  absl::Status flushAll();
  /// Closes all; the status is that of standard output.
  absl::Status closeAll();

  /// Runs a command to its end; its status, or what close returns.
  absl::StatusOr<int> run(std::string_view command);

  /// Makes the environment of a command.
  std::function<std::vector<std::string>()> environment;

private:
  OutputStream *findOutput(std::string_view name);
  absl::Status checkCommands(std::string_view command) const;

  StreamRights rights;
  OutputStream out;
  std::vector<std::unique_ptr<OutputStream>> outputs;
  std::vector<InputStream> inputs;
  OutputStream *lastOutput = nullptr;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_STREAMS_H
