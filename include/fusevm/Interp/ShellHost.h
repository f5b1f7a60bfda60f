//===- ShellHost.h - What the shell ops call --------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The interface between the shell ops and whoever gives them their meaning. Every method
/// has a default body, so that a host overrides only what it cares about.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_SHELLHOST_H
#define FUSEVM_INTERP_SHELLHOST_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/Interp/RunResult.h"

#include "absl/types/span.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

class VM;

/// A host for the shell ops, installed with VM::setShellHost().
///
/// Calls come one at a time from the thread that runs the VM. Texts are the values'
/// texts, of any bytes. A chunk that is handed over is valid during the call and belongs
/// to the calling VM's chunk. An exception that a method throws ends the run in an Error,
/// with the stack as it was before the op; so does VM::fail(). Every method may also be
/// called directly.
///
/// Whatever the ops do is balanced or not as the frontend made it: an end without its
/// begin must do no harm, and after a halt an end may never come.
class ShellHost {
public:
  ShellHost() = default;
  ShellHost(const ShellHost &) = delete;
  ShellHost &operator=(const ShellHost &) = delete;
  virtual ~ShellHost();

  //===--------------------------------------------------------------------===//
  // Commands
  //===--------------------------------------------------------------------===//

  /// Runs the command \p argv in the foreground and returns its status. Called by Exec,
  /// which has looked for a sub of that name before, and by CallFunction.
  /// By default: starts the program \p argv[0], searched in the PATH of this process, with
  /// the descriptors of this process. The status is its exit code, 1 if a signal ended it,
  /// 127 if it could not be started, 0 if \p argv is empty.
  virtual int32_t exec(absl::Span<const std::string> argv);

  /// Starts the command \p argv and does not wait. Returns its process id, 0 if it was not
  /// started. Called by ExecBg, which ignores the result.
  /// By default: as exec(), with standard output and error on the null device.
  virtual int32_t execBg(absl::Span<const std::string> argv);

  /// Calls the function \p name and returns its status, or nothing if there is no such
  /// function; CallFunction then calls exec().
  /// By default: there are no functions.
  virtual std::optional<int32_t> callFunction(std::string_view name,
                                              absl::Span<const std::string> arguments);

  /// Whether Exec leaves `true`, `false`, `echo`, `test` and `[` to exec() too, instead of
  /// doing them itself.
  /// By default: no.
  virtual bool takesInlineUtilities() const;

  //===--------------------------------------------------------------------===//
  // Pipelines, subshells, substitutions
  //===--------------------------------------------------------------------===//

  /// A pipeline of \p stages stages begins; the ops of the first stage follow.
  /// By default nothing happens here and in pipelineStage().
  virtual void pipelineBegin(uint8_t stages);
  /// The ops of the next stage follow.
  virtual void pipelineStage();
  /// The pipeline is complete. Returns its status, which PipelineEnd pushes and makes the
  /// last status; 0 by default.
  virtual int32_t pipelineEnd();

  /// A subshell begins; its ops follow. By default nothing happens.
  virtual void subshellBegin();
  /// The subshell ends. Returns the last status from now on; nothing, as by default,
  /// leaves it as it is.
  virtual std::optional<int32_t> subshellEnd();

  /// Runs \p chunk and returns what it wrote, which CmdSubst pushes as it is. Empty by
  /// default.
  virtual std::string cmdSubst(const Chunk &chunk);
  /// Starts \p chunk and returns a path from which its output can be read; empty by
  /// default.
  virtual std::string processSubIn(const Chunk &chunk);
  /// Starts \p chunk and returns a path that feeds its standard input; empty by default.
  virtual std::string processSubOut(const Chunk &chunk);

  //===--------------------------------------------------------------------===//
  // Redirections
  //===--------------------------------------------------------------------===//

  /// Redirects descriptor \p descriptor of the next command to \p target. \p mode is one of
  /// RedirectMode, or any other number. By default nothing happens, here and below.
  virtual void redirect(uint8_t descriptor, uint8_t mode, std::string_view target);
  /// Makes \p body the standard input of the next command.
  virtual void hereDoc(std::string_view body);
  /// Makes \p word the standard input of the next command.
  virtual void hereString(std::string_view word);
  /// Applies the last \p count redirections to all that follows.
  virtual void withRedirectsBegin(uint8_t count);
  /// Undoes the redirections of the innermost withRedirectsBegin().
  virtual void withRedirectsEnd();

  //===--------------------------------------------------------------------===//
  // Expansions
  //===--------------------------------------------------------------------===//

  /// Expands the parameter \p name. \p modifier is one of ParamModifier, or any other
  /// number; \p arguments are the modifier's, as many as paramArguments() says. The empty
  /// text by default.
  virtual Value expandParam(std::string_view name, uint8_t modifier,
                            absl::Span<const Value> arguments);
  /// Returns an element of the array \p name. No op calls it; it is here for frontends.
  /// Undef by default.
  virtual Value arrayIndex(std::string_view name, const Value &index);
  /// Splits \p text into fields. By default at runs of Unicode white space.
  virtual std::vector<std::string> wordSplit(std::string_view text);
  /// Expands the braces in \p text. By default it is the only word.
  virtual std::vector<std::string> braceExpand(std::string_view text);
  /// Expands a tilde at the front of \p text. By default it stays.
  virtual std::string tildeExpand(std::string_view text);
  /// Returns the paths that match \p pattern, none if there are none. By default in a
  /// dialect of its own, see docs/shell.md, whatever \p recursive says.
  virtual std::vector<std::string> glob(std::string_view pattern, bool recursive);

  //===--------------------------------------------------------------------===//
  // Tests
  //===--------------------------------------------------------------------===//

  /// Whether \p text as a whole matches \p pattern. By default if both are equal.
  virtual bool strMatch(std::string_view text, std::string_view pattern);
  /// Whether \p text matches the regular expression \p regex. By default it never does.
  virtual bool regexMatch(std::string_view text, std::string_view regex);
  /// Whether file test \p test, one of FileTest or any other number, holds for \p path.
  /// The default body is what TestFile means; a host may refuse to look, but should not
  /// give another answer.
  virtual bool testFile(uint8_t test, std::string_view path);

  //===--------------------------------------------------------------------===//
  // Traps, ends
  //===--------------------------------------------------------------------===//

  /// Makes \p chunk what is done when \p signal, any text, arrives. By default nothing
  /// happens.
  virtual void trapSet(std::string_view signal, const Chunk &chunk);
  /// Runs the traps of signals that have arrived. The VM looks for them only where a
  /// TrapCheck stands.
  virtual void trapCheck();

  /// The outermost run() of the calling VM has ended in \p result and is about to return
  /// it. Whatever the program left open may be closed here.
  virtual void runEnded(const RunResult &result);

protected:
  /// The VM whose op or run is calling, the innermost one; null in a direct call. Through
  /// it a host reaches the last status, globals, the halt flag, the chunk.
  VM *caller() const { return callingVM; }

private:
  friend class ShellHostCall;
  VM *callingVM = nullptr;
};

} // namespace fusevm

#endif // FUSEVM_INTERP_SHELLHOST_H
