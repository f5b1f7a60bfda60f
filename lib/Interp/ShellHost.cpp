//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The default bodies of the shell host.

#include "fusevm/Interp/ShellHost.h"

#include "Shell/DefaultGlob.h"
#include "Shell/FileStatus.h"
#include "Shell/NativeProcess.h"
#include "Shell/WhiteSpaceSplit.h"

namespace fusevm {

ShellHost::~ShellHost() = default;

int32_t ShellHost::exec(absl::Span<const std::string> argv) { return runNativeProcess(argv); }
int32_t ShellHost::execBg(absl::Span<const std::string> argv) { return startNativeProcess(argv); }
std::optional<int32_t> ShellHost::callFunction(std::string_view, absl::Span<const std::string>) {
  return std::nullopt;
}
bool ShellHost::takesInlineUtilities() const { return false; }

void ShellHost::pipelineBegin(uint8_t) {}
void ShellHost::pipelineStage() {}
int32_t ShellHost::pipelineEnd() { return 0; }
void ShellHost::subshellBegin() {}
std::optional<int32_t> ShellHost::subshellEnd() { return std::nullopt; }
std::string ShellHost::cmdSubst(const Chunk &) { return ""; }
std::string ShellHost::processSubIn(const Chunk &) { return ""; }
std::string ShellHost::processSubOut(const Chunk &) { return ""; }

void ShellHost::redirect(uint8_t, uint8_t, std::string_view) {}
void ShellHost::hereDoc(std::string_view) {}
void ShellHost::hereString(std::string_view) {}
void ShellHost::withRedirectsBegin(uint8_t) {}
void ShellHost::withRedirectsEnd() {}

Value ShellHost::expandParam(std::string_view, uint8_t, absl::Span<const Value>) {
  return Value::makeStr("");
}
Value ShellHost::arrayIndex(std::string_view, const Value &) { return Value(); }
std::vector<std::string> ShellHost::wordSplit(std::string_view text) {
  return splitAtWhiteSpace(text);
}
std::vector<std::string> ShellHost::braceExpand(std::string_view text) {
  return {std::string(text)};
}
std::string ShellHost::tildeExpand(std::string_view text) { return std::string(text); }
std::vector<std::string> ShellHost::glob(std::string_view pattern, bool) {
  return defaultGlob(pattern);
}

bool ShellHost::strMatch(std::string_view text, std::string_view pattern) {
  return text == pattern;
}
bool ShellHost::regexMatch(std::string_view, std::string_view) { return false; }
bool ShellHost::testFile(uint8_t test, std::string_view path) { return fileTestHolds(test, path); }

void ShellHost::trapSet(std::string_view, const Chunk &) {}
void ShellHost::trapCheck() {}
void ShellHost::runEnded(const RunResult &) {}

} // namespace fusevm
