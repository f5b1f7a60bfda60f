//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/RunReport.h"

#include "fusevm/IR/Json.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"

namespace fusevm {

absl::StatusOr<std::string> resultAsText(const RunResult &result) {
  if (result.isHalted())
    return "halted";
  if (result.isError())
    return strCat("error: ", result.error().message);
  std::string text;
  if (absl::Status status = appendValueLiteral(text, result.value()); !status.ok())
    return status;
  return text;
}

absl::StatusOr<std::string> resultAsJson(const RunResult &result) {
  if (result.isHalted())
    return "\"Halted\"";
  if (result.isOk()) {
    absl::StatusOr<std::string> value = printJsonValue(result.value());
    return value.ok() ? strCat("{\"Ok\":", *value, "}") : value;
  }
  // Like the value {"Str":"MESSAGE"}, but for its name.
  absl::StatusOr<std::string> text = printJsonValue(Value::makeStr(result.error().message));
  if (text.ok())
    text->replace(text->find("Str"), 3, "Error");
  return text;
}

static void appendCallSite(std::string &out, const CallSite &site, const Chunk &chunk) {
  strAppend(out, "  in ", site.function, " at op ", site.op);
  if (site.op < chunk.ops.size())
    strAppend(out, " (", opName(chunk.ops[site.op].opcode()), ")");
  if (site.line != 0)
    strAppend(out, ", line ", site.line);
  out += '\n';
}

std::string describeError(const RunError &error, const Chunk &chunk, std::string_view fileName) {
  std::string text(error.source.empty() ? fileName : error.source);
  if (error.line != 0)
    strAppend(text, ":", error.line);
  strAppend(text, ": error: ", error.message, "\n");
  if (error.kind == ErrorKind::Verify)
    return text; // Nothing was called yet.
  size_t half = error.callStack.size() / 2;
  for (size_t i = 0; i != error.callStack.size(); ++i) {
    if (i == half && error.omittedCalls != 0)
      strAppend(text, "  ... ", error.omittedCalls, " calls left out\n");
    appendCallSite(text, error.callStack[i], chunk);
  }
  return text;
}

int exitStatus(const RunResult &result, int32_t lastStatus) {
  if (!result.isError()) {
    bool isStatus = result.isOk() && result.value().isStatus();
    return (isStatus ? result.value().asStatus() : lastStatus) & 255;
  }
  switch (result.error().kind) {
  case ErrorKind::Runtime:
  case ErrorKind::Callback:
  case ErrorKind::Verify:
    return errorExitStatus;
  case ErrorKind::Limit:
  case ErrorKind::Fuel:
  case ErrorKind::Interrupt:
    return limitExitStatus;
  }
  return errorExitStatus;
}

} // namespace fusevm
