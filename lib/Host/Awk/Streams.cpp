//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Streams.h"

#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/numbers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace fusevm::awk {

//===----------------------------------------------------------------------===//
// OutputStream
//===----------------------------------------------------------------------===//

OutputStream::OutputStream(std::string name, int descriptor, bool borrowed, pid_t pid)
    : title(std::move(name)), descriptor(descriptor), borrowed(borrowed), pid(pid),
      lineBuffered(isatty(descriptor) || descriptor == STDERR_FILENO) {}

OutputStream::~OutputStream() {
  if (!borrowed && descriptor >= 0)
    ::close(descriptor);
}

absl::Status OutputStream::written() {
  constexpr size_t flushAt = size_t(1) << 16;
  if (bytes.size() < flushAt && !lineBuffered)
    return absl::OkStatus();
  return flush();
}

absl::Status OutputStream::flush() {
  if (failure.ok())
    if (int error = writeAll(descriptor, bytes))
      failure = absl::DataLossError(strCat("cannot write to ", title, ": ", std::strerror(error)));
  bytes.clear();
  return failure;
}

int OutputStream::close() {
  bool written = flush().ok();
  if (!borrowed && descriptor >= 0)
    written &= ::close(std::exchange(descriptor, -1)) == 0;
  if (pid > 0)
    return waitFor(std::exchange(pid, -1));
  return written ? 0 : -1;
}

//===----------------------------------------------------------------------===//
// StreamTable
//===----------------------------------------------------------------------===//

StreamTable::StreamTable(StreamRights rights, int outputDescriptor)
    : rights(rights), out("standard output", outputDescriptor, /*borrowed=*/true) {}

OutputStream *StreamTable::findOutput(std::string_view name) {
  if (lastOutput && lastOutput->name() == name)
    return lastOutput;
  for (const std::unique_ptr<OutputStream> &stream : outputs)
    if (stream->name() == name)
      return lastOutput = stream.get();
  return nullptr;
}

/// The descriptor that a name such as /dev/fd/4 means; -1 if it means none.
static int namedDescriptor(std::string_view name) {
  constexpr std::string_view prefix = "/dev/fd/";
  int number = -1;
  if (name == "/dev/stderr")
    return STDERR_FILENO;
  if (name.starts_with(prefix) &&
      absl::SimpleAtoi(absl::string_view(name.data() + prefix.size(), name.size() - prefix.size()),
                       &number) &&
      number >= 0)
    return number;
  return -1;
}

absl::Status StreamTable::checkCommands(std::string_view command) const {
  if (rights.commands)
    return absl::OkStatus();
  return absl::PermissionDeniedError(strCat("running `", command, "' is not allowed"));
}

absl::StatusOr<OutputStream *> StreamTable::output(std::string_view name, OutputMode mode) {
  if (name == "-" || name == "/dev/stdout")
    return &out;
  if (OutputStream *found = findOutput(name))
    return found;
  if (name.empty())
    return absl::InvalidArgumentError(strCat("expression for `",
                                             mode == OutputMode::Create   ? ">"
                                             : mode == OutputMode::Append ? ">>"
                                                                          : "|",
                                             "' redirection has null string value"));
  auto add = [&](int descriptor, bool borrowed, pid_t pid) {
    outputs.push_back(std::make_unique<OutputStream>(std::string(name), descriptor, borrowed, pid));
    return lastOutput = outputs.back().get();
  };
  if (mode == OutputMode::Command) {
    if (absl::Status status = checkCommands(name); !status.ok())
      return status;
    if (absl::Status status = flushAll(); !status.ok())
      return status;
    ChildProcess child;
    if (int error = startCommand(name, PipeEnd::Writing, environment(), child))
      return absl::InternalError(strCat("cannot start `", name, "': ", std::strerror(error)));
    return add(child.descriptor, /*borrowed=*/false, child.pid);
  }
  if (int descriptor = namedDescriptor(name); descriptor >= 0)
    return add(descriptor, /*borrowed=*/true, -1);
  if (!rights.writeFiles)
    return absl::PermissionDeniedError(strCat("writing to `", name, "' is not allowed"));
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (mode == OutputMode::Create ? O_TRUNC : O_APPEND);
  int descriptor = ::open(std::string(name).c_str(), flags, 0666);
  if (descriptor < 0)
    return absl::InternalError(strCat("cannot redirect to `", name, "': ", std::strerror(errno)));
  return add(descriptor, /*borrowed=*/false, -1);
}

absl::StatusOr<RecordReader *> StreamTable::input(std::string_view name, bool isCommand) {
  for (InputStream &stream : inputs)
    if (stream.name == name)
      return stream.reader.get();
  if (name.empty())
    return absl::InvalidArgumentError("expression for `<' redirection has null string value");
  auto add = [&](int descriptor, bool borrowed, pid_t pid) {
    inputs.push_back(
        {std::string(name), std::make_unique<RecordReader>(descriptor, borrowed), pid});
    return inputs.back().reader.get();
  };
  if (isCommand) {
    if (absl::Status status = checkCommands(name); !status.ok())
      return status;
    if (absl::Status status = flushAll(); !status.ok())
      return status;
    ChildProcess child;
    errno = startCommand(name, PipeEnd::Reading, environment(), child);
    if (errno != 0)
      return absl::NotFoundError(std::strerror(errno));
    return add(child.descriptor, /*borrowed=*/false, child.pid);
  }
  if (name == "-" || name == "/dev/stdin")
    return add(STDIN_FILENO, /*borrowed=*/true, -1);
  if (!rights.readFiles)
    return absl::PermissionDeniedError(strCat("reading `", name, "' is not allowed"));
  int descriptor = ::open(std::string(name).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return absl::NotFoundError(std::strerror(errno));
  return add(descriptor, /*borrowed=*/false, -1);
}

int StreamTable::close(std::string_view name) {
  int result = -1;
  if (name == "-" || name == "/dev/stdout")
    return out.flush().ok() ? 0 : -1;
  for (size_t i = 0; i != outputs.size(); ++i)
    if (outputs[i]->name() == name) {
      result = outputs[i]->close();
      outputs.erase(outputs.begin() + static_cast<ptrdiff_t>(i));
      lastOutput = nullptr;
      break;
    }
  for (size_t i = 0; i != inputs.size(); ++i)
    if (inputs[i].name == name) {
      // A command that is still writing hears of it by the closed pipe.
      inputs[i].reader.reset();
      result = inputs[i].pid > 0 ? waitFor(inputs[i].pid) : 0;
      inputs.erase(inputs.begin() + static_cast<ptrdiff_t>(i));
      break;
    }
  return result;
}

absl::StatusOr<bool> StreamTable::flush(std::string_view name) {
  OutputStream *stream = name == "-" || name == "/dev/stdout" ? &out : findOutput(name);
  if (!stream)
    return false;
  if (absl::Status status = stream->flush(); !status.ok())
    return status;
  return true;
}

absl::Status StreamTable::flushAll() {
  absl::Status result = out.flush();
  for (const std::unique_ptr<OutputStream> &stream : outputs)
    result.Update(stream->flush());
  return result;
}

absl::Status StreamTable::closeAll() {
  absl::Status result = flushAll();
  lastOutput = nullptr;
  for (const std::unique_ptr<OutputStream> &stream : outputs)
    stream->close();
  outputs.clear();
  for (InputStream &stream : inputs) {
    stream.reader.reset();
    if (stream.pid > 0)
      waitFor(stream.pid);
  }
  inputs.clear();
  return result;
}

absl::StatusOr<int> StreamTable::run(std::string_view command) {
  if (absl::Status status = flushAll(); !status.ok())
    return status;
  if (command.empty())
    return 0;
  if (absl::Status status = checkCommands(command); !status.ok())
    return status;
  ChildProcess child;
  if (int error = startCommand(command, PipeEnd::None, environment(), child))
    return absl::InternalError(strCat("cannot start `", command, "': ", std::strerror(error)));
  return waitFor(child.pid);
}

} // namespace fusevm::awk
