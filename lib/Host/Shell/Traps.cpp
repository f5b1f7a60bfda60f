//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Programs run on a VM of their own, traps, and how a shell ends.

#include "Session.h"

#include "fusevm/Interp/RunReport.h"
#include "fusevm/Interp/ShellHost.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <unistd.h>

namespace fusevm::shell {

Session::Session() : variables(Variables::fromEnvironment()), shellProcess(getpid()) {
  sigprocmask(SIG_SETMASK, nullptr, &signalMask);
}

Session::~Session() {
  vm = nullptr; // It may be gone; descriptors go back by themselves.
  jobs.reap();
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

void Session::sayTo(int descriptor, std::string_view subject, std::string_view reason) const {
  if (vm)
    vm->output().flush();
  std::string line = strCat("fusevm: ", subject, reason.empty() ? "" : ": ", reason, "\n");
  // There is nobody left to tell if this fails.
  writeDescriptor(descriptor, line).IgnoreError();
}

void Session::say(std::string_view subject, std::string_view reason) const {
  sayTo(STDERR_FILENO, subject, reason);
}

void Session::say(const RedirectionPlan &plan, std::string_view subject,
                  std::string_view reason) const {
  int descriptor = STDERR_FILENO;
  for (auto [target, source] : plan.assignments())
    if (target == STDERR_FILENO)
      descriptor = source;
  if (descriptor >= 0)
    sayTo(descriptor, subject, reason);
}

/// Whether the run was stopped from outside and may go on.
static bool isStop(const RunResult &result) {
  return result.isError() &&
         (result.error().kind == ErrorKind::Fuel || result.error().kind == ErrorKind::Interrupt);
}

/// Prints the error of a program that nobody else will hear of.
static void sayError(const RunError &error, const Chunk &chunk) {
  writeDescriptor(STDERR_FILENO, describeError(error, chunk, "fusevm")).IgnoreError();
}

//===----------------------------------------------------------------------===//
// Nested programs
//===----------------------------------------------------------------------===//

std::shared_ptr<const Chunk> Session::share(const Chunk &chunk) const {
  if (vm)
    for (const Chunk &candidate : vm->chunk()->subChunks)
      if (&candidate == &chunk)
        return std::shared_ptr<const Chunk>(vm->chunk(), &chunk);
  return std::make_shared<const Chunk>(chunk);
}

/// Gives a program the variables that it names as its globals, and takes them back.
class Session::SharedGlobals {
public:
  SharedGlobals(Session &session, VM &inner) : session(session), inner(inner) {
    for (const std::string &name : inner.chunk()->names) {
      std::optional<Global> global = session.findGlobal(name);
      const Variable *entry = session.variables.find(name);
      Value value = global ? global->vm->getGlobal(global->index) : entry ? entry->value : Value();
      if (global)
        global->vm->setGlobal(global->index, Value()); // lest it be copied when it is changed
      inner.setGlobal(static_cast<uint16_t>(sources.size()), std::move(value));
      sources.push_back(global);
    }
  }
  ~SharedGlobals() {
    // Of several globals with the same name the first one counts.
    for (size_t index = sources.size(); index-- != 0;) {
      Value value = inner.getGlobal(static_cast<uint16_t>(index));
      if (sources[index])
        sources[index]->vm->setGlobal(sources[index]->index, std::move(value));
      else if (!value.isUndef())
        session.variables.get(inner.chunk()->names[index]).value = std::move(value);
    }
  }

private:
  Session &session;
  VM &inner;
  std::vector<std::optional<Global>> sources;
};

int32_t Session::runNested(std::shared_ptr<const Chunk> chunk, uint64_t entry,
                           Arguments arguments) {
  VM *outer = vm;
  if (!outer) {
    say("nested program", "there is no VM to run it");
    return 1;
  }
  if (callers.size() >= outer->limits().maxNestedRuns) {
    outer->fail(strCat("functions and traps nested deeper than ", outer->limits().maxNestedRuns,
                       " levels"));
    return 1;
  }
  VM inner(std::move(chunk));
  inner.configureLike(*outer);
  inner.setLastStatus(outer->lastStatus());
  inner.setIp(entry);
  for (const std::string &argument : arguments)
    inner.push(Value::makeStr(argument));
  RunResult result = RunResult::makeHalted();
  {
    SharedGlobals globals(*this, inner);
    callers.push_back(outer);
    result = outer->runNested(inner);
    callers.pop_back();
  }
  vm = outer;
  if (exitRequest)
    outer->requestHalt();
  if (!result.isError())
    return inner.lastStatus();
  // What stopped the inner run stops the outer one too.
  bool isLast = isFinishing || (role == Role::Substitution && roleOwner == outer);
  if (isLast && result.error().kind != ErrorKind::Interrupt)
    sayError(result.error(), *inner.chunk());
  else if (!isLast && !isStop(result))
    outer->fail(result.error().message);
  return exitStatus(result, 1);
}

//===----------------------------------------------------------------------===//
// Traps
//===----------------------------------------------------------------------===//

void Session::trapSet(std::string_view name, const Chunk &chunk) {
  std::optional<int> signal = signalNumber(name);
  std::shared_ptr<const Chunk> action = share(chunk);
  prepareChunk(*action);
  if (signal && traps.set(*signal, std::move(action)))
    return;
  say("trap", strCat(name, signal ? ": cannot be trapped" : ": invalid signal"));
  if (vm)
    vm->setLastStatus(1);
}

void Session::trapCheck() {
  jobs.reap();
  for (const std::shared_ptr<const Chunk> &action : traps.takePending()) {
    if (!vm || exitRequest)
      return;
    int32_t status = vm->lastStatus();
    runNested(action);
    if (!exitRequest)
      vm->setLastStatus(status);
  }
}

//===----------------------------------------------------------------------===//
// Ends
//===----------------------------------------------------------------------===//

void Session::requestExit(int32_t status) {
  exitRequest = status & 255;
  if (!vm)
    return;
  vm->setLastStatus(*exitRequest);
  vm->requestHalt();
}

int32_t Session::finish(int32_t status) {
  std::shared_ptr<const Chunk> action = traps.takeExitTrap();
  if (!action || !vm)
    return status;
  exitRequest.reset();
  vm->setLastStatus(status);
  isFinishing = true;
  runNested(std::move(action));
  isFinishing = false;
  return exitRequest.value_or(status);
}

void Session::runEnded(const RunResult &result) {
  bool isChild = role != Role::None && roleOwner == vm;
  bool wasInterrupted = result.isError() && result.error().kind == ErrorKind::Interrupt;
  if (wasInterrupted)
    interruptStarted(vm);
  if (isStop(result) && !isChild)
    return;
  if (isChild) {
    if (result.isError() && !wasInterrupted)
      sayError(result.error(), *vm->chunk());
    exitChild(exitStatus(result, vm->lastStatus()), wasInterrupted);
  }
  closeLeftOpen(vm);
}

} // namespace fusevm::shell
