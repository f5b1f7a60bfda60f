//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Host/AwkProgram.h"

#include "fusevm/Interp/RunReport.h"

#include <algorithm>

namespace fusevm {

namespace {

constexpr int awkErrorStatus = 2;

/// Lets AwkGetFieldNum read the fields of a host while this lives.
class FieldNumberScope {
public:
  explicit FieldNumberScope(RecordAwkHost &host) {
    setAwkFieldNumHook(
        [](int64_t field, void *user) {
          return static_cast<RecordAwkHost *>(user)->fieldNumber(field);
        },
        &host);
  }
  FieldNumberScope(const FieldNumberScope &) = delete;
  FieldNumberScope &operator=(const FieldNumberScope &) = delete;
  ~FieldNumberScope() { setAwkFieldNumHook(nullptr); }
};

std::optional<uint64_t> findSub(const Chunk &chunk, std::string_view name) {
  for (const SubEntry &entry : chunk.subEntries)
    if (chunk.nameOr(entry.name) == name)
      return entry.op;
  return std::nullopt;
}

class Driver {
public:
  Driver(VM &vm, RecordAwkHost &host) : vm(vm), host(host) {}

  AwkOutcome run() {
    const Chunk &chunk = *vm.chunk();
    std::optional<uint64_t> begin = findSub(chunk, "BEGIN");
    std::optional<uint64_t> record = findSub(chunk, "RECORD");
    std::optional<uint64_t> end = findSub(chunk, "END");
    bool mayGoOn = runPart(vm.ip(), /*isFirst=*/true) && (!begin || runPart(*begin));
    if (mayGoOn && (record || end))
      mayGoOn = readRecords(record);
    if (!outcome.result.isError() && end)
      runPart(*end);
    outcome.exitStatus = outcome.result.isError() ? errorStatus() : host.exitStatus();
    return std::move(outcome);
  }

private:
  /// Runs a part. False if no other than END may follow.
  bool runPart(uint64_t op, bool isFirst = false) {
    // The embedder may have set the stage for the first one.
    if (!isFirst)
      vm.restartAt(op);
    outcome.result = vm.run();
    return !outcome.result.isError() && signal() != AwkSignalCode::Exit;
  }

  int errorStatus() const {
    int status = fusevm::exitStatus(outcome.result, 0);
    return status == limitExitStatus ? status : awkErrorStatus;
  }

  std::optional<AwkSignalCode> signal() const {
    std::optional<uint8_t> code = vm.awkSignal();
    return code ? std::optional(static_cast<AwkSignalCode>(*code)) : std::nullopt;
  }

  bool readRecords(std::optional<uint64_t> record) {
    while (host.nextRecord()) {
      if (!record)
        continue;
      if (!runPart(*record))
        return false;
      if (signal() == AwkSignalCode::NextFile)
        host.skipFile();
    }
    if (std::optional<std::string> failure = host.takeFailure()) {
      RunError error;
      error.kind = host.failureKind();
      error.message = *std::move(failure);
      outcome.result = RunResult::makeError(std::move(error));
      return false;
    }
    return true;
  }

  VM &vm;
  RecordAwkHost &host;
  AwkOutcome outcome;
};

} // namespace

AwkOutcome runAwkProgram(VM &vm, const std::shared_ptr<RecordAwkHost> &host) {
  vm.setAwkHost(host);
  vm.setOutput(host->output());
  FieldNumberScope fields(*host);
  AwkOutcome outcome = Driver(vm, *host).run();
  absl::Status closed = host->close();
  if (!closed.ok() && !outcome.result.isError()) {
    RunError error;
    error.kind = ErrorKind::Callback;
    error.message = std::string(closed.message());
    outcome.result = RunResult::makeError(std::move(error));
    outcome.exitStatus = awkErrorStatus;
  }
  return outcome;
}

} // namespace fusevm
