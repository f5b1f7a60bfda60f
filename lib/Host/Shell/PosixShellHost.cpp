//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Host/PosixShellHost.h"

#include "BraceExpand.h"
#include "PathGlob.h"
#include "Pattern.h"
#include "Regex.h"
#include "Session.h"
#include "TildeExpand.h"
#include "WordSplit.h"

#include "fusevm/Support/StrCat.h"

#include <unistd.h>

namespace fusevm {

PosixShellHost::PosixShellHost() : session(std::make_unique<shell::Session>()) {}
PosixShellHost::~PosixShellHost() = default;

shell::Session &PosixShellHost::enter() {
  session->vm = caller();
  return *session;
}

//===----------------------------------------------------------------------===//
// For the embedder
//===----------------------------------------------------------------------===//

void PosixShellHost::setPositional(std::string zero, std::vector<std::string> parameters) {
  session->zero = std::move(zero);
  session->positional = std::move(parameters);
}
void PosixShellHost::defineFunction(std::string name, std::shared_ptr<const Chunk> body) {
  prepareChunk(*body);
  session->functions[std::move(name)] = std::move(body);
}
void PosixShellHost::setCompiler(Compiler compiler) { session->compiler = std::move(compiler); }
int32_t PosixShellHost::finish(VM &vm, int32_t status) {
  session->vm = &vm;
  return session->finish(session->exitRequest.value_or(status));
}
std::optional<int32_t> PosixShellHost::exitRequest() const { return session->exitRequest; }
const std::vector<std::string> &PosixShellHost::lastRegexGroups() const {
  return session->regexGroups;
}
int32_t PosixShellHost::lastSubstitutionStatus() const { return session->lastSubstitutionStatus; }

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

int32_t PosixShellHost::exec(absl::Span<const std::string> argv) { return enter().exec(argv); }
int32_t PosixShellHost::execBg(absl::Span<const std::string> argv) { return enter().execBg(argv); }
std::optional<int32_t> PosixShellHost::callFunction(std::string_view name,
                                                    absl::Span<const std::string> arguments) {
  return enter().callFunction(name, arguments);
}

void PosixShellHost::pipelineBegin(uint8_t stages) { enter().pipelineBegin(stages); }
void PosixShellHost::pipelineStage() { enter().pipelineStage(); }
int32_t PosixShellHost::pipelineEnd() { return enter().pipelineEnd(); }
void PosixShellHost::subshellBegin() { enter().subshellBegin(); }
std::optional<int32_t> PosixShellHost::subshellEnd() { return enter().subshellEnd(); }

std::string PosixShellHost::cmdSubst(const Chunk &chunk) { return enter().cmdSubst(chunk); }
std::string PosixShellHost::processSubIn(const Chunk &chunk) {
  return enter().processSub(chunk, /*readsOutput=*/true);
}
std::string PosixShellHost::processSubOut(const Chunk &chunk) {
  return enter().processSub(chunk, /*readsOutput=*/false);
}

//===----------------------------------------------------------------------===//
// Redirections
//===----------------------------------------------------------------------===//

void PosixShellHost::redirect(uint8_t descriptor, uint8_t mode, std::string_view target) {
  session->pending.push_back({descriptor, mode, false, std::string(target)});
}
void PosixShellHost::hereDoc(std::string_view body) {
  session->pending.push_back({STDIN_FILENO, 0, true, std::string(body)});
}
void PosixShellHost::hereString(std::string_view word) {
  session->pending.push_back({STDIN_FILENO, 0, true, strCat(word, "\n")});
}
void PosixShellHost::withRedirectsBegin(uint8_t count) { enter().withRedirectsBegin(count); }
void PosixShellHost::withRedirectsEnd() { enter().withRedirectsEnd(); }

//===----------------------------------------------------------------------===//
// Expansions
//===----------------------------------------------------------------------===//

Value PosixShellHost::expandParam(std::string_view name, uint8_t modifier,
                                  absl::Span<const Value> arguments) {
  return enter().expandParam(name, static_cast<ParamModifier>(modifier), arguments);
}
Value PosixShellHost::arrayIndex(std::string_view name, const Value &index) {
  return enter().element(name, index);
}

std::vector<std::string> PosixShellHost::wordSplit(std::string_view text) {
  std::optional<std::string> separators = enter().variableText("IFS");
  return shell::splitWords(text, separators);
}

std::vector<std::string> PosixShellHost::braceExpand(std::string_view text) {
  absl::StatusOr<std::vector<std::string>> words = shell::expandBraces(text);
  if (words.ok())
    return *std::move(words);
  if (caller())
    caller()->fail(std::string(words.status().message()));
  return {};
}

std::string PosixShellHost::tildeExpand(std::string_view text) {
  shell::Session &current = enter();
  return shell::expandTilde(
      text, [&current](std::string_view name) { return current.variableText(name); });
}

std::vector<std::string> PosixShellHost::glob(std::string_view pattern, bool recursive) {
  if (session->noGlob)
    return {};
  return shell::globPaths(pattern, recursive);
}

bool PosixShellHost::strMatch(std::string_view text, std::string_view pattern) {
  return shell::Pattern(pattern).matches(text);
}

bool PosixShellHost::regexMatch(std::string_view text, std::string_view regex) {
  absl::StatusOr<shell::RegexGroups> groups = shell::matchRegex(text, regex);
  if (!groups.ok()) {
    enter().say(regex, std::string(groups.status().message()));
    return false;
  }
  if (!groups->empty())
    session->regexGroups = *groups;
  return !groups->empty();
}

//===----------------------------------------------------------------------===//
// Traps, ends
//===----------------------------------------------------------------------===//

void PosixShellHost::trapSet(std::string_view signal, const Chunk &chunk) {
  enter().trapSet(signal, chunk);
}
void PosixShellHost::trapCheck() { enter().trapCheck(); }
void PosixShellHost::runEnded(const RunResult &result) { enter().runEnded(result); }

} // namespace fusevm
