//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Host/PosixShellHost.h"

#include "fusevm/Interp/VM.h"
#include "fusevm/Support/StrCat.h"

namespace fusevm {

void SandboxShellHost::deny(std::string_view what) {
  if (caller())
    caller()->fail(strCat("denied by the sandbox: ", what));
}

/// Whether \p name is a command that needs neither files nor processes.
static bool isHarmless(std::string_view name) {
  for (std::string_view known :
       {":", "bye", "echo", "eval", "exit", "export", "false", "getopts", "logout", "printf",
        "readonly", "return", "set", "shift", "true", "unset"})
    if (name == known)
      return true;
  return false;
}

int32_t SandboxShellHost::exec(absl::Span<const std::string> argv) {
  if (argv.empty() || isHarmless(argv[0]))
    return PosixShellHost::exec(argv);
  deny(strCat("running the command ", argv[0]));
  return 126;
}

int32_t SandboxShellHost::execBg(absl::Span<const std::string> argv) {
  if (!argv.empty())
    deny(strCat("starting the command ", argv[0]));
  return 0;
}

void SandboxShellHost::pipelineBegin(uint8_t) { deny("starting the stages of a pipeline"); }
void SandboxShellHost::subshellBegin() { deny("starting a subshell"); }
std::string SandboxShellHost::cmdSubst(const Chunk &) {
  deny("starting a command substitution");
  return "";
}
std::string SandboxShellHost::processSubIn(const Chunk &) {
  deny("starting a process substitution");
  return "";
}
std::string SandboxShellHost::processSubOut(const Chunk &chunk) { return processSubIn(chunk); }

void SandboxShellHost::redirect(uint8_t, uint8_t, std::string_view target) {
  deny(strCat("redirecting to ", target));
}
void SandboxShellHost::withRedirectsBegin(uint8_t) { deny("changing descriptors"); }

std::string SandboxShellHost::tildeExpand(std::string_view text) {
  // Other users are looked up in files.
  bool named =
      text.size() > 1 && text[0] == '~' && text[1] != '/' && text[1] != '+' && text[1] != '-';
  if (!named)
    return PosixShellHost::tildeExpand(text);
  deny(strCat("looking up the user of ", text));
  return "";
}

std::vector<std::string> SandboxShellHost::glob(std::string_view pattern, bool) {
  deny(strCat("reading directories for the pattern ", pattern));
  return {};
}

bool SandboxShellHost::testFile(uint8_t, std::string_view path) {
  deny(strCat("looking at the file ", path));
  return false;
}

void SandboxShellHost::trapSet(std::string_view signal, const Chunk &) {
  deny(strCat("trapping the signal ", signal));
}

} // namespace fusevm
