//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Signals.h"

#include "fusevm/Interp/VM.h"
#include "fusevm/Runtime/Coercions.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

namespace fusevm::shell {

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

std::optional<int> signalNumber(std::string_view name) {
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos) {
    std::optional<int64_t> number = parseInt(name);
    return number && *number < NSIG ? std::optional(static_cast<int>(*number)) : std::nullopt;
  }
  std::string upper(name);
  for (char &letter : upper)
    if (letter >= 'a' && letter <= 'z')
      letter = static_cast<char>(letter - 'a' + 'A');
  if (upper == "EXIT")
    return exitTrap;
  if (upper.starts_with("SIG"))
    upper.erase(0, 3);
  for (int signal = 1; signal != NSIG; ++signal)
    if (const char *abbreviation = sigabbrev_np(signal); abbreviation && upper == abbreviation)
      return signal;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Arrival
//===----------------------------------------------------------------------===//

/// Signals that have arrived. Actions belong to the process, and so does this.
static std::atomic<bool> arrived[NSIG];
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

static void noteArrival(int signal) { arrived[signal].store(true, std::memory_order_relaxed); }

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

TrapTable::~TrapTable() {
  while (!traps.empty())
    reset(traps.begin()->first);
}

bool TrapTable::set(int signal, std::shared_ptr<const Chunk> action) {
  if (signal == SIGKILL || signal == SIGSTOP)
    return false;
  auto known = traps.find(signal);
  if (signal == exitTrap) {
    traps[signal] = {std::move(action), {}};
    return true;
  }
  struct sigaction before = {};
  if (known != traps.end())
    before = known->second.before;
  else if (sigaction(signal, nullptr, &before) != 0)
    return false;
  else if (before.sa_handler == SIG_IGN)
    return true;
  struct sigaction after = {};
  sigemptyset(&after.sa_mask);
  after.sa_handler = action->ops.empty() ? SIG_IGN : noteArrival;
  if (sigaction(signal, &after, nullptr) != 0)
    return false;
  arrived[signal].store(false, std::memory_order_relaxed);
  traps[signal] = {std::move(action), before};
  return true;
}

void TrapTable::reset(int signal) {
  auto trap = traps.find(signal);
  if (trap == traps.end())
    return;
  if (signal != exitTrap)
    sigaction(signal, &trap->second.before, nullptr);
  traps.erase(trap);
}

void TrapTable::resetCaught() {
  std::vector<int> caught;
  for (const auto &[signal, trap] : traps)
    if (signal == exitTrap || !trap.action->ops.empty())
      caught.push_back(signal);
  for (int signal : caught)
    reset(signal);
}

std::shared_ptr<const Chunk> TrapTable::takeExitTrap() {
  auto trap = traps.find(exitTrap);
  if (trap == traps.end())
    return nullptr;
  std::shared_ptr<const Chunk> action = std::move(trap->second.action);
  traps.erase(trap);
  return action;
}

int TrapTable::firstPending() const {
  for (const auto &[signal, trap] : traps)
    if (signal != exitTrap && arrived[signal].load(std::memory_order_relaxed))
      return signal;
  return 0;
}

bool TrapTable::isPending() const { return firstPending() != 0; }

std::vector<std::shared_ptr<const Chunk>> TrapTable::takePending() {
  std::vector<std::shared_ptr<const Chunk>> actions;
  for (const auto &[signal, trap] : traps)
    if (signal != exitTrap && arrived[signal].exchange(false, std::memory_order_relaxed))
      actions.push_back(trap.action);
  return actions;
}

/// What SIGINT interrupts in this process.
static std::atomic<VM *> interruptible;

void interruptAtSignal(VM &vm) {
  interruptible.store(&vm);
  struct sigaction action = {};
  if (sigaction(SIGINT, nullptr, &action) != 0 || action.sa_handler == SIG_IGN)
    return;
  action = {};
  action.sa_handler = [](int) { interruptible.load()->interrupt(); };
  sigaction(SIGINT, &action, nullptr);
}

void resetHandlers() {
  for (int signal = 1; signal != NSIG; ++signal) {
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) != 0)
      continue;
    bool hasHandler = (action.sa_flags & SA_SIGINFO) != 0 ||
                      (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
    if (hasHandler)
      ::signal(signal, SIG_DFL);
  }
}

} // namespace fusevm::shell
