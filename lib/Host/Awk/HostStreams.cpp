//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// RecordAwkHost: print, getline and their files and commands.

#include "Format.h"
#include "HostState.h"

#include "fusevm/Support/StrCat.h"

#include <cerrno>
#include <cstring>

namespace fusevm {

using namespace awk;

/// The output of the next print, which an Output extension may have chosen.
static absl::StatusOr<OutputStream *>
takeOutput(StreamTable &streams, std::optional<std::pair<std::string, OutputMode>> &redirection) {
  if (!redirection)
    return &streams.standardOutput();
  auto [name, mode] = *std::exchange(redirection, std::nullopt);
  return streams.output(name, mode);
}

void RecordAwkHost::print(absl::Span<const Value> values) {
  absl::StatusOr<OutputStream *> stream = takeOutput(state->streams, state->redirection);
  if (!stream.ok())
    return failWith(stream.status());
  const Specials &specials = state->specials;
  std::string &out = (*stream)->buffer();
  if (values.empty()) {
    if (absl::Status status = state->updateRecord(); !status.ok())
      return failWith(status);
    out += state->record.text();
  }
  for (size_t i = 0; i != values.size(); ++i) {
    if (i != 0)
      out += specials.ofs();
    appendValue(out, values[i], specials.ofmt());
  }
  out += specials.ors();
  failWith((*stream)->written());
}

void RecordAwkHost::printf(std::string_view format, absl::Span<const Value> values) {
  absl::StatusOr<OutputStream *> stream = takeOutput(state->streams, state->redirection);
  if (!stream.ok())
    return failWith(stream.status());
  std::string &out = (*stream)->buffer();
  size_t size = out.size();
  absl::Status status =
      formatText(out, format, values, state->specials.convfmt(), state->maxTextBytes);
  if (!status.ok()) {
    out.resize(size);
    return failWith(status);
  }
  failWith((*stream)->written());
}

Value RecordAwkHost::sprintf(std::string_view format, absl::Span<const Value> values) {
  std::string &out = state->scratch;
  out.clear();
  failWith(formatText(out, format, values, state->specials.convfmt(), state->maxTextBytes));
  return Value::makeStr(out);
}

//===----------------------------------------------------------------------===//
// getline
//===----------------------------------------------------------------------===//

int64_t RecordAwkHost::getline(uint64_t kind, std::optional<std::string_view> operand,
                               std::optional<std::string_view> variable) {
  if (kind > static_cast<uint64_t>(AwkGetlineKind::CommandVariable))
    return -1;
  bool intoVariable = kind % 2 == 1;
  Value record;
  int64_t status = operand ? readFrom(*operand, kind >= 4, intoVariable, record)
                           : readMain(intoVariable, record);
  if (status != 1 || !intoVariable)
    return status;
  if (variable)
    specialSet(*variable, std::move(record));
  else
    failWith(state->specials.set(Special::Getline, std::move(record)));
  return status;
}

int64_t RecordAwkHost::readMain(bool intoVariable, Value &record) {
  if (!intoVariable)
    return nextRecord() ? 1 : 0;
  // The record may be a view of the block that is about to be overwritten.
  state->record.keep();
  if (state->input.isInteractive())
    failWith(state->streams.flushAll());
  std::string_view text;
  std::string_view terminator;
  absl::StatusOr<bool> found = state->input.next(text, terminator);
  if (!found.ok())
    failWith(found.status());
  if (!found.ok() || !*found)
    return 0;
  ++state->specials.nr;
  ++state->specials.fnr;
  state->specials.setText(Special::Rt, terminator);
  record = Value::makeStr(text);
  return 1;
}

int64_t RecordAwkHost::readFrom(std::string_view name, bool isCommand, bool intoVariable,
                                Value &record) {
  Specials &specials = state->specials;
  absl::StatusOr<RecordReader *> reader = state->streams.input(name, isCommand);
  if (!reader.ok()) {
    // What the system refuses is for the program to see.
    if (reader.status().code() == absl::StatusCode::kNotFound)
      specials.setText(Special::Errno, std::string(reader.status().message()));
    else
      failWith(reader.status());
    return -1;
  }
  std::string_view text;
  std::string_view terminator;
  if ((*reader)->isInteractive())
    failWith(state->streams.flushAll());
  switch ((*reader)->next(specials.recordSeparator(), text, terminator)) {
  case RecordReader::Status::End:
    return 0;
  case RecordReader::Status::Error:
    specials.setText(Special::Errno, std::strerror(errno));
    return -1;
  case RecordReader::Status::Record:
    break;
  }
  specials.setText(Special::Rt, terminator);
  if (intoVariable)
    record = Value::makeStr(text);
  else
    state->record.setCopy(text, specials.fieldSeparator());
  return 1;
}

} // namespace fusevm
