//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Redirections that are in force for more than one command.

#include "Session.h"
#include "Structure.h"

#include <cstdio>
#include <unistd.h>

namespace fusevm::shell {

void Session::flush() {
  if (vm)
    vm->output().flush();
  standardOutput().flush();
  std::fflush(stdout);
}

std::optional<RedirectionPlan> Session::takeRedirections() {
  std::vector<Redirection> list = std::exchange(pending, {});
  absl::StatusOr<RedirectionPlan> plan = RedirectionPlan::make(list, noClobber);
  if (plan.ok())
    return *std::move(plan);
  sayTo(STDERR_FILENO, std::string(plan.status().message()), "");
  return std::nullopt;
}

absl::Status Session::applyHere(const RedirectionPlan &plan, AppliedRedirections &redirections,
                                std::optional<std::string> &unread) {
  flush();
  absl::Status status = redirections.apply(plan);
  if (status.ok() && plan.has(STDIN_FILENO))
    unread = exchangeStandardInput("");
  return status;
}

void Session::undoHere(AppliedRedirections &redirections, std::optional<std::string> &unread) {
  flush();
  redirections.restore();
  if (unread)
    exchangeStandardInput(*std::move(unread));
  unread.reset();
}

void Session::withRedirectsBegin(uint8_t count) {
  RedirectFrame frame;
  frame.owner = vm;
  if (count != 0) {
    std::optional<RedirectionPlan> plan = takeRedirections();
    absl::Status status;
    if (plan)
      status = applyHere(*plan, frame.redirections, frame.unread);
    if (!status.ok())
      sayTo(STDERR_FILENO, std::string(status.message()), "");
    frame.failed = !plan || !status.ok();
  }
  bool failed = frame.failed;
  redirectFrames.push_back(std::move(frame));
  if (!failed || !vm)
    return;
  vm->setLastStatus(1);
  // Where the end is not to be found, exec() does nothing as long as the frame is open.
  if (std::optional<uint64_t> end = redirectsEnd(*vm->chunk(), vm->ip()))
    vm->skipTo(*end);
}

void Session::withRedirectsEnd() {
  if (redirectFrames.empty())
    return;
  undoHere(redirectFrames.back().redirections, redirectFrames.back().unread);
  redirectFrames.pop_back();
  closeProcessSubs();
}

void Session::closeLeftOpen(const VM *owner) {
  while (!redirectFrames.empty() && redirectFrames.back().owner == owner)
    withRedirectsEnd();
  while (!subshells.empty() && subshells.back().owner == owner) {
    if (subshells.back().process > 0)
      jobs.addUnattended(subshells.back().process);
    subshells.pop_back();
  }
  while (!pipelines.empty() && pipelines.back().owner == owner) {
    for (pid_t process : pipelines.back().processes)
      jobs.addUnattended(process);
    pipelines.pop_back();
  }
}

} // namespace fusevm::shell
