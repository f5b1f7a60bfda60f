//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What RecordAwkHost keeps.

#ifndef FUSEVM_LIB_HOST_AWK_HOSTSTATE_H
#define FUSEVM_LIB_HOST_AWK_HOSTSTATE_H

#include "Conversions.h"
#include "MainInput.h"
#include "Record.h"
#include "Regex.h"
#include "Specials.h"
#include "Streams.h"
#include "Variables.h"

#include "fusevm/Host/RecordAwkHost.h"

#include <utility>

namespace fusevm {

/// Standard output as the VM sees it.
class AwkOutputSink final : public OutputSink {
public:
  explicit AwkOutputSink(awk::StreamTable &streams) : streams(streams) {}

  void write(std::string_view bytes) override {
    streams.standardOutput().buffer() += bytes;
    // The next print reports it, or the end of the program.
    streams.standardOutput().written().IgnoreError();
  }
  // All streams: a child would inherit what is in their buffers.
  void flush() override { streams.flushAll().IgnoreError(); }
  void runEnded() override {} // once a record
  bool isStandardOutput() const override { return streams.standardOutput().isStandardOutput(); }

private:
  awk::StreamTable &streams;
};

struct RecordAwkHost::State {
  explicit State(const AwkHostOptions &options)
      : streams({options.allowCommands, options.allowWriting, options.allowReading},
                options.outputDescriptor),
        sink(streams), input(specials, variables, options.allowReading),
        maxTextBytes(options.maxTextBytes) {}

  /// The regular expression that \p value is; a Ref counts as what it holds.
  absl::StatusOr<std::shared_ptr<const awk::Regex>> regex(const Value &value) {
    awk::AwkText text(value, specials.convfmt());
    return regexes.get(text.view(), specials.ignoreCase());
  }
  /// To be called before the record's text is asked for.
  absl::Status updateRecord() {
    return record.update({specials.ofs(), specials.convfmt()}, maxTextBytes);
  }

  /// The subscript that \p key is: a Str.
  absl::StatusOr<Value> subscript(const Value &key) const;
  /// Where the element of \p array under \p key is: the array and the subscript.
  absl::StatusOr<std::pair<awk::ElementTable *, Value>> placeOf(std::string_view array,
                                                                const Value &key);

  awk::RegexCache regexes;
  awk::Specials specials{regexes};
  awk::Variables variables;
  awk::StreamTable streams;
  AwkOutputSink sink;
  awk::MainInput input;
  awk::Record record;
  /// Where the next print goes; standard output if nowhere.
  std::optional<std::pair<std::string, awk::OutputMode>> redirection;
  std::string scratch;
  size_t maxTextBytes;
};

} // namespace fusevm

#endif // FUSEVM_LIB_HOST_AWK_HOSTSTATE_H
