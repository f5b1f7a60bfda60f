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

namespace {

/// Gives the globals of one program to those of another that have the same names, and back.
class SharedGlobals {
public:
  SharedGlobals(VM &from, VM &to) : from(from), to(to) {
    const std::vector<std::string> &names = to.chunk()->names;
    for (size_t index = 0; index != names.size(); ++index)
      if (std::optional<uint16_t> global = from.findGlobal(names[index]))
        pairs.emplace_back(*global, static_cast<uint16_t>(index));
    for (auto [source, target] : pairs) {
      to.setGlobal(target, from.getGlobal(source));
      from.setGlobal(source, Value()); // lest it be copied when it is changed
    }
  }
  ~SharedGlobals() {
    for (auto [source, target] : pairs)
      from.setGlobal(source, to.getGlobal(target));
  }

private:
  VM &from;
  VM &to;
  std::vector<std::pair<uint16_t, uint16_t>> pairs;
};

} // namespace

int32_t Session::runNested(std::shared_ptr<const Chunk> chunk, uint64_t entry,
                           Arguments arguments) {
  VM *outer = vm;
  if (!outer) {
    say("nested program", "there is no VM to run it");
    return 1;
  }
  if (nesting >= outer->limits().maxNestedRuns) {
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
    SharedGlobals globals(*outer, inner);
    ++nesting;
    result = inner.run();
    --nesting;
  }
  vm = outer;
  outer->setFuel(inner.fuel());
  if (exitRequest)
    outer->requestHalt();
  if (!result.isError())
    return inner.lastStatus();
  if (role == Role::Substitution && roleOwner == outer)
    sayError(result.error(), *inner.chunk());
  else
    outer->fail(result.error().message);
  return exitStatus(result, 1);
}

//===----------------------------------------------------------------------===//
// Traps
//===----------------------------------------------------------------------===//

void Session::trapSet(std::string_view name, const Chunk &chunk) {
  std::optional<int> signal = signalNumber(name);
  if (signal && traps.set(*signal, share(chunk)))
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
  runNested(std::move(action));
  return exitRequest.value_or(status);
}

void Session::runEnded(const RunResult &result) {
  bool goesOn = result.isError() && (result.error().kind == ErrorKind::Fuel ||
                                     result.error().kind == ErrorKind::Interrupt);
  bool isChild = role != Role::None && roleOwner == vm;
  if (goesOn && !isChild)
    return;
  if (isChild) {
    if (result.isError())
      sayError(result.error(), *vm->chunk());
    exitChild(exitStatus(result, vm->lastStatus()));
  }
  closeLeftOpen(vm);
}

} // namespace fusevm::shell
