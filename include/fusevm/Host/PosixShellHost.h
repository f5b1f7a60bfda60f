//===- PosixShellHost.h - A shell host for POSIX systems --------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The shell host that fusevm-run installs: processes, pipes, redirections, expansions as
/// in the POSIX shell, with common extensions. See docs/shell.md.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_HOST_POSIXSHELLHOST_H
#define FUSEVM_HOST_POSIXSHELLHOST_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/Interp/ShellHost.h"

#include "absl/status/statusor.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

namespace shell {
class Session;
}

/// A shell host that does what the ops say.
///
/// It works on the whole process: the current directory, descriptors while a redirection
/// is in force, actions of trapped signals. So there should be one at a time that does
/// more than expansions, and other threads should not depend on these. Pipelines,
/// subshells and substitutions run their ops in a child made by fork(); in it, the run of
/// the VM never returns. Messages go to standard error.
class PosixShellHost : public ShellHost {
public:
  PosixShellHost();
  /// Waits for nothing; puts back descriptors and signal actions.
  ~PosixShellHost() override;

  //===--------------------------------------------------------------------===//
  // For the embedder
  //===--------------------------------------------------------------------===//

  /// Sets `$0`, "fusevm" at first, and the positional parameters.
  void setPositional(std::string zero, std::vector<std::string> parameters);
  /// Defines a function; its body runs with its arguments as positional parameters.
  void defineFunction(std::string name, std::shared_ptr<const Chunk> body);
  /// Makes a program of \p text, which is from \p name: the path of a file, or "eval".
  using Compiler =
      std::function<absl::StatusOr<Chunk>(std::string_view name, std::string_view text)>;
  /// Sets what the commands `eval` and `.` understand. It is loadChunk() at first.
  void setCompiler(Compiler compiler);
  /// Runs the exit trap, if there is one, once. To be called when the program has ended
  /// with \p status on \p vm, whose host this is. Returns the exit status.
  int32_t finish(VM &vm, int32_t status);
  /// The status with which the program asked to exit; nothing if it did not.
  std::optional<int32_t> exitRequest() const;
  /// The groups of the last regexMatch() that matched: the whole match first.
  const std::vector<std::string> &lastRegexGroups() const;
  /// The status of the last command substitution.
  int32_t lastSubstitutionStatus() const;

  //===--------------------------------------------------------------------===//
  // ShellHost
  //===--------------------------------------------------------------------===//

  int32_t exec(absl::Span<const std::string> argv) override;
  int32_t execBg(absl::Span<const std::string> argv) override;
  std::optional<int32_t> callFunction(std::string_view name,
                                      absl::Span<const std::string> arguments) override;
  bool takesInlineUtilities() const override { return true; }
  void pipelineBegin(uint8_t stages) override;
  void pipelineStage() override;
  int32_t pipelineEnd() override;
  void subshellBegin() override;
  std::optional<int32_t> subshellEnd() override;
  std::string cmdSubst(const Chunk &chunk) override;
  std::string processSubIn(const Chunk &chunk) override;
  std::string processSubOut(const Chunk &chunk) override;
  void redirect(uint8_t descriptor, uint8_t mode, std::string_view target) override;
  void hereDoc(std::string_view body) override;
  void hereString(std::string_view word) override;
  void withRedirectsBegin(uint8_t count) override;
  void withRedirectsEnd() override;
  Value expandParam(std::string_view name, uint8_t modifier,
                    absl::Span<const Value> arguments) override;
  Value arrayIndex(std::string_view name, const Value &index) override;
  std::vector<std::string> wordSplit(std::string_view text) override;
  std::vector<std::string> braceExpand(std::string_view text) override;
  std::string tildeExpand(std::string_view text) override;
  std::vector<std::string> glob(std::string_view pattern, bool recursive) override;
  bool strMatch(std::string_view text, std::string_view pattern) override;
  bool regexMatch(std::string_view text, std::string_view regex) override;
  void trapSet(std::string_view signal, const Chunk &chunk) override;
  void trapCheck() override;
  void runEnded(const RunResult &result) override;

private:
  /// The session, told who is calling.
  shell::Session &enter();

  std::unique_ptr<shell::Session> session;
};

/// A shell host that expands and matches as PosixShellHost does but starts no process and
/// looks at no file: what would need one ends the run in an Error.
class SandboxShellHost final : public PosixShellHost {
public:
  int32_t exec(absl::Span<const std::string> argv) override;
  int32_t execBg(absl::Span<const std::string> argv) override;
  void pipelineBegin(uint8_t stages) override;
  void subshellBegin() override;
  std::string cmdSubst(const Chunk &chunk) override;
  std::string processSubIn(const Chunk &chunk) override;
  std::string processSubOut(const Chunk &chunk) override;
  void redirect(uint8_t descriptor, uint8_t mode, std::string_view target) override;
  void withRedirectsBegin(uint8_t count) override;
  std::string tildeExpand(std::string_view text) override;
  std::vector<std::string> glob(std::string_view pattern, bool recursive) override;
  bool testFile(uint8_t test, std::string_view path) override;
  void trapSet(std::string_view signal, const Chunk &chunk) override;

private:
  void deny(std::string_view what);
};

} // namespace fusevm

#endif // FUSEVM_HOST_POSIXSHELLHOST_H
