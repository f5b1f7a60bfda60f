//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Children made by fork() that go on with the program: stages of pipelines, subshells,
/// substitutions. The parent skips what they do.

#include "Session.h"
#include "Structure.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace fusevm::shell {

//===----------------------------------------------------------------------===//
// Children
//===----------------------------------------------------------------------===//

pid_t Session::forkSubshell() {
  flush();
  rewindStandardInput();
  jobs.reap();
  // What the child runs must not have to wait for another thread that is preparing it.
  if (vm)
    prepareChunk(*vm->chunk());
  pid_t process = fork();
  if (process < 0)
    say("fork", std::strerror(errno));
  if (process != 0)
    return process;
  // No other thread is here any more, but what it was doing may be half done.
  standardStreamsAfterFork();
  traps.resetCaught();
  resetHandlers();
  sigprocmask(SIG_SETMASK, &signalMask, nullptr);
  jobs.clear();
  if (vm) {
    if (!vm->output().isStandardOutput())
      vm->setOutput(standardOutput());
    interruptAtSignal(*vm);
  }
  return process;
}

void Session::becomeChild(Role newRole, size_t depth) {
  role = newRole;
  roleDepth = depth;
  roleOwner = vm;
  // A return must not make the child do what the parent goes on with.
  vm->endRunOnReturn();
}

bool Session::isChildAt(Role wanted, size_t depth) const {
  return role == wanted && roleOwner == vm && roleDepth == depth;
}

void Session::exitChild(int32_t status, bool wasInterrupted) {
  wasInterrupted |= isInterrupted();
  status = finish(exitRequest.value_or(status));
  flush();
  if (wasInterrupted) {
    ::signal(SIGINT, SIG_DFL);
    raise(SIGINT);
  }
  _exit(status & 255);
}

void Session::useDescriptor(Descriptor source, int target) {
  if (!source.isOpen())
    return;
  duplicateTo(source.get(), target);
  if (target == STDIN_FILENO)
    exchangeStandardInput("");
}

//===----------------------------------------------------------------------===//
// Pipelines
//===----------------------------------------------------------------------===//

/// Whether the op after the stage at \p vm's ip begins another one; nothing if the pipeline
/// has no end.
static std::optional<uint64_t> boundary(const VM &vm) { return nextStage(*vm.chunk(), vm.ip()); }

static bool isStage(const VM &vm, uint64_t op) {
  return vm.chunk()->ops[op].opcode() == Opcode::PipelineStage;
}

void Session::pipelineBegin(uint8_t stages) {
  Pipeline pipeline;
  pipeline.owner = vm;
  std::optional<uint64_t> next = vm ? boundary(*vm) : std::nullopt;
  // The stages that there are decide, not the number that was announced.
  (void)stages;
  pipeline.runsHere = !next || !isStage(*vm, *next);
  pipelines.push_back(std::move(pipeline));
  if (!pipelines.back().runsHere)
    startStage();
}

void Session::pipelineStage() {
  if (isChildAt(Role::Stage, pipelines.size()))
    exitChild(vm->lastStatus());
  if (!pipelines.empty() && !pipelines.back().runsHere)
    startStage();
}

/// Starts the stage that follows, and skips it.
void Session::startStage() {
  Pipeline &pipeline = pipelines.back();
  std::optional<uint64_t> end = boundary(*vm);
  if (!end)
    return; // there is no more, so it can as well be done here
  Pipe pipe;
  if (isStage(*vm, *end)) {
    pipe = makePipe();
    if (!pipe.read.isOpen())
      say("pipe", std::strerror(errno));
  }
  pid_t process = forkSubshell();
  if (process == 0) {
    useDescriptor(std::move(pipeline.input), STDIN_FILENO);
    useDescriptor(std::move(pipe.write), STDOUT_FILENO);
    pipe.read.reset();
    pipeline.processes.clear();
    becomeChild(Role::Stage, pipelines.size());
    return;
  }
  pipeline.failure = process < 0 ? cannotRunStatus : 0;
  if (process > 0)
    pipeline.processes.push_back(process);
  pipeline.input = std::move(pipe.read);
  vm->skipTo(*end);
}

int32_t Session::pipelineEnd() {
  if (isChildAt(Role::Stage, pipelines.size()))
    exitChild(vm->lastStatus());
  int32_t status = vm ? vm->lastStatus() : 0;
  if (pipelines.empty())
    return status;
  Pipeline pipeline = std::move(pipelines.back());
  pipelines.pop_back();
  if (pipeline.runsHere)
    return status;
  pipeline.input.reset();
  status = waitForeground(pipeline.processes, "pipeline");
  closeProcessSubs();
  return pipeline.failure != 0 ? pipeline.failure : status;
}

//===----------------------------------------------------------------------===//
// Subshells
//===----------------------------------------------------------------------===//

void Session::subshellBegin() {
  std::optional<uint64_t> end = vm ? shell::subshellEnd(*vm->chunk(), vm->ip()) : std::nullopt;
  subshells.push_back({vm, 0});
  if (!end)
    return;
  pid_t process = forkSubshell();
  if (process == 0)
    return becomeChild(Role::Subshell, subshells.size());
  subshells.back().process = process;
  vm->skipTo(*end);
}

std::optional<int32_t> Session::subshellEnd() {
  if (isChildAt(Role::Subshell, subshells.size()))
    exitChild(vm->lastStatus());
  if (subshells.empty())
    return std::nullopt;
  pid_t process = subshells.back().process;
  subshells.pop_back();
  if (process == 0)
    return std::nullopt;
  return process < 0 ? cannotRunStatus : waitForeground({&process, 1}, "subshell");
}

//===----------------------------------------------------------------------===//
// Substitutions
//===----------------------------------------------------------------------===//

void Session::runSubstitution(std::shared_ptr<const Chunk> program) {
  role = Role::Substitution;
  roleOwner = vm;
  exitChild(runNested(std::move(program)));
}

Descriptor Session::startSubstitution(const Chunk &chunk, int target, pid_t &process) {
  Pipe pipe = makePipe();
  if (!pipe.read.isOpen()) {
    say("pipe", std::strerror(errno));
    return {};
  }
  bool readsOutput = target == STDOUT_FILENO;
  Descriptor &childEnd = readsOutput ? pipe.write : pipe.read;
  Descriptor &ourEnd = readsOutput ? pipe.read : pipe.write;
  std::shared_ptr<const Chunk> program = share(chunk);
  prepareChunk(*program);
  process = forkSubshell();
  if (process == 0) {
    ourEnd.reset();
    processSubs.clear();
    useDescriptor(std::move(childEnd), target);
    runSubstitution(std::move(program));
  }
  return process > 0 ? std::move(ourEnd) : Descriptor();
}

std::string Session::cmdSubst(const Chunk &chunk) {
  pid_t process = -1;
  Descriptor source = startSubstitution(chunk, STDOUT_FILENO, process);
  std::string output;
  if (!source.isOpen())
    return output;
  size_t limit = vm ? vm->limits().maxStringBytes : SIZE_MAX - 1;
  auto awaitOutput = [&] { return waitForInput(source.get()); };
  if (!readToEnd(source.get(), output, limit, awaitOutput))
    say("command substitution", std::strerror(errno));
  source.reset();
  lastSubstitutionStatus = waitForeground({&process, 1}, "command substitution");
  std::erase(output, '\0');
  output.erase(output.find_last_not_of('\n') + 1);
  return output;
}

std::string Session::processSub(const Chunk &chunk, bool readsOutput) {
  pid_t process = -1;
  Descriptor ourEnd = startSubstitution(chunk, readsOutput ? STDOUT_FILENO : STDIN_FILENO, process);
  if (!ourEnd.isOpen())
    return "";
  jobs.addUnattended(process);
  // The command that gets the path must inherit it.
  fcntl(ourEnd.get(), F_SETFD, 0);
  std::string path = strCat("/dev/fd/", ourEnd.get());
  processSubs.push_back(std::move(ourEnd));
  return path;
}

void Session::closeProcessSubs() {
  processSubs.clear();
  jobs.reap();
}

} // namespace fusevm::shell
