//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The state of a shell, and what is done with it; the methods are in files by job.

#ifndef FUSEVM_LIB_HOST_SHELL_SESSION_H
#define FUSEVM_LIB_HOST_SHELL_SESSION_H

#include "Descriptors.h"
#include "Jobs.h"
#include "Redirections.h"
#include "Signals.h"
#include "Spawn.h"
#include "Variables.h"

#include "fusevm/IR/LoadChunk.h"
#include "fusevm/Interp/ShellConstants.h"
#include "fusevm/Interp/VM.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm::shell {

using Arguments = absl::Span<const std::string>;

/// Where `getopts` is: in which parameter, from 1, and how many of its characters have been
/// taken.
struct OptionPosition {
  size_t index = 1;
  size_t offset = 0;
};

/// How long an interrupt that comes without a signal may go unnoticed.
inline constexpr int millisecondsBetweenLooks = 50;

/// A descriptor that can be read when \p process has ended; closed where there is no such thing.
Descriptor openProcess(pid_t process);

class Session {
public:
  Session();
  ~Session();

  /// Who is calling; null in a direct call of the host.
  VM *vm = nullptr;

  //===--------------------------------------------------------------------===//
  // Variables (Parameters.cpp)
  //===--------------------------------------------------------------------===//

  // A global of the calling program is the variable of that name; if that has none, one of
  // the program that called it; the table has the rest.

  /// The value of the variable \p name; Undef if it is unset.
  Value variable(std::string_view name) const;
  std::optional<std::string> variableText(std::string_view name) const;
  /// False, with a message, if it is read-only.
  bool assign(std::string_view name, Value value);
  bool unset(std::string_view name);
  /// The exported variables as NAME=VALUE.
  std::vector<std::string> environment() const;
  Value expandParam(std::string_view name, ParamModifier modifier,
                    absl::Span<const Value> arguments);
  Value element(std::string_view name, const Value &index) const;

  Variables variables;
  std::string zero = "fusevm";
  std::vector<std::string> positional;
  bool noClobber = false;
  bool noGlob = false;
  OptionPosition optionPosition;

  //===--------------------------------------------------------------------===//
  // Commands (Commands.cpp)
  //===--------------------------------------------------------------------===//

  int32_t exec(Arguments argv);
  int32_t execBg(Arguments argv);
  std::optional<int32_t> callFunction(std::string_view name, Arguments arguments);
  /// Starts the program \p argv, looked for in PATH unless another \p searchPath is given. With
  /// \p background, detached from interrupts and input.
  Launched startProgram(Arguments argv, const RedirectionPlan &plan, bool background,
                        const std::optional<std::string> &searchPath = std::nullopt);
  int32_t runProgram(Arguments argv, const RedirectionPlan &plan,
                     const std::optional<std::string> &searchPath = std::nullopt);
  /// Waits for foreground children, started as \p name, and says what ended them. Returns
  /// the status of the last one.
  int32_t waitForeground(absl::Span<const pid_t> processes, std::string_view name);

  std::map<std::string, std::shared_ptr<const Chunk>, std::less<>> functions;
  JobTable jobs;
  int32_t lastSubstitutionStatus = 0;
  std::vector<std::string> regexGroups;

  //===--------------------------------------------------------------------===//
  // Waiting (Waiting.cpp)
  //===--------------------------------------------------------------------===//

  /// Waits for \p processes and returns what waitpid() says of each. An interrupt ends them;
  /// those that do not heed it are left to themselves.
  std::vector<int> waitForAll(absl::Span<const pid_t> processes);
  /// Waits until \p descriptor can be read. False if an interrupt came first.
  bool waitForInput(int descriptor) const;
  /// Whether the calling VM is to end its run.
  bool isInterrupted() const;

  //===--------------------------------------------------------------------===//
  // Redirections (Scopes.cpp)
  //===--------------------------------------------------------------------===//

  /// Takes the pending redirections. Nothing, with a message, if one cannot be done.
  std::optional<RedirectionPlan> takeRedirections();
  void withRedirectsBegin(uint8_t count);
  void withRedirectsEnd();
  /// Writes out what is buffered, so that it goes where it was meant to.
  void flush();
  /// Makes \p redirections so, with what was read ahead of standard input put aside.
  absl::Status applyHere(const RedirectionPlan &plan, AppliedRedirections &redirections,
                         std::optional<std::string> &unread);
  void undoHere(AppliedRedirections &redirections, std::optional<std::string> &unread);

  std::vector<Redirection> pending;
  /// Leaves the redirections of the builtin in progress in force.
  bool keepsRedirections = false;

  //===--------------------------------------------------------------------===//
  // Children that go on with the program (Subshells.cpp)
  //===--------------------------------------------------------------------===//

  void pipelineBegin(uint8_t stages);
  void pipelineStage();
  int32_t pipelineEnd();
  void subshellBegin();
  std::optional<int32_t> subshellEnd();
  std::string cmdSubst(const Chunk &chunk);
  std::string processSub(const Chunk &chunk, bool readsOutput);
  /// Closes what process substitutions before the current command left open.
  void closeProcessSubs();
  /// fork(), with everything flushed before, and the child made a subshell. -1, with a
  /// message, if it fails.
  pid_t forkSubshell();
  /// Ends a child; one that was interrupted dies of that.
  [[noreturn]] void exitChild(int32_t status, bool wasInterrupted = false);

  //===--------------------------------------------------------------------===//
  // Nested programs, traps, ends (Traps.cpp)
  //===--------------------------------------------------------------------===//

  /// Runs \p chunk on a VM of its own that shares this session and the variables of the
  /// calling program. Returns its last status.
  int32_t runNested(std::shared_ptr<const Chunk> chunk, uint64_t entry = 0,
                    Arguments arguments = {});
  /// Whether the calling program was started by another one.
  bool isNested() const { return !callers.empty(); }
  /// Makes a program of the text that `eval` or `.` is given, and of where it is from.
  std::function<absl::StatusOr<Chunk>(std::string_view name, std::string_view text)> compiler =
      loadChunk;
  /// \p chunk, kept alive by the calling VM's if it is a part of that.
  std::shared_ptr<const Chunk> share(const Chunk &chunk) const;
  void trapSet(std::string_view signal, const Chunk &chunk);
  void trapCheck();
  int32_t finish(int32_t status);
  void runEnded(const RunResult &result);
  /// Ends the program with \p status.
  void requestExit(int32_t status);
  std::optional<int32_t> exitRequest;
  TrapTable traps;

  /// Prints `fusevm: SUBJECT: REASON` on standard error.
  void say(std::string_view subject, std::string_view reason) const;
  /// The same for a command whose standard error \p plan may redirect.
  void say(const RedirectionPlan &plan, std::string_view subject, std::string_view reason) const;

private:
  class SharedGlobals;
  struct Global {
    VM *vm;
    uint16_t index;
  };
  struct RedirectFrame {
    VM *owner;
    bool failed = false;
    AppliedRedirections redirections;
    std::optional<std::string> unread;
  };
  struct Pipeline {
    VM *owner;
    bool runsHere = true; ///< a single stage, or one whose end is not to be found
    Descriptor input;     ///< of the next stage
    std::vector<pid_t> processes;
    int32_t failure = 0; ///< status of a last stage that could not be started
  };
  struct Subshell {
    VM *owner;
    pid_t process; ///< 0 if it runs here
  };
  /// Which child of fork() this process is, if it goes on with a VM's program.
  enum class Role : uint8_t { None, Stage, Subshell, Substitution };

  void startStage();
  /// Starts a child that runs \p chunk with its descriptor \p target at a pipe. Returns the other
  /// end, which is not open if there is no child.
  Descriptor startSubstitution(const Chunk &chunk, int target, pid_t &process);
  [[noreturn]] void runSubstitution(std::shared_ptr<const Chunk> program);
  [[noreturn]] void runInBackground(Arguments argv, const RedirectionPlan &plan);
  bool isChildAt(Role role, size_t depth) const;
  void becomeChild(Role role, size_t depth);
  void useDescriptor(Descriptor source, int target);
  void closeLeftOpen(const VM *owner);
  /// Interrupts the stages and subshells of \p owner, for which nobody waits yet.
  void interruptStarted(const VM *owner) const;
  void sayTo(int descriptor, std::string_view subject, std::string_view reason) const;
  int32_t runBuiltin(int32_t (*builtin)(Session &, Arguments), Arguments argv,
                     const RedirectionPlan &plan);
  int32_t runFunction(const std::shared_ptr<const Chunk> &body, Arguments arguments);
  bool isFrameFailed() const { return !redirectFrames.empty() && redirectFrames.back().failed; }
  /// The global that is the variable \p name; nothing if it is not one.
  std::optional<Global> findGlobal(std::string_view name) const;
  Value parameter(std::string_view name) const;
  bool assignParameter(std::string_view name, Value value);
  Value modify(const Value &value, ParamModifier modifier, absl::Span<const Value> arguments);
  void failExpansion(std::string_view name, std::string_view reason);

  std::vector<RedirectFrame> redirectFrames;
  std::vector<Pipeline> pipelines;
  std::vector<Subshell> subshells;
  std::vector<Descriptor> processSubs;
  Role role = Role::None;
  size_t roleDepth = 0;
  VM *roleOwner = nullptr;
  /// The VMs that wait for the calling one, the outermost first.
  std::vector<VM *> callers;
  bool isFinishing = false;
  pid_t shellProcess;
  sigset_t signalMask;
};

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_SESSION_H
