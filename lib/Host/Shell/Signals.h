//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Signals by name, and what a program wants to be done when they arrive.

#ifndef FUSEVM_LIB_HOST_SHELL_SIGNALS_H
#define FUSEVM_LIB_HOST_SHELL_SIGNALS_H

#include "fusevm/IR/Chunk.h"

#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace fusevm {
class VM;
}

namespace fusevm::shell {

/// The number under which the exit trap is kept.
inline constexpr int exitTrap = 0;

/// Returns the number of the signal \p name: a name with or without SIG, in any case, or a
/// number; EXIT is 0. Nothing if there is none.
std::optional<int> signalNumber(std::string_view name);

/// The traps of a shell. While a signal is trapped its action in this process is another;
/// destruction puts it back.
class TrapTable {
public:
  TrapTable() = default;
  TrapTable(const TrapTable &) = delete;
  TrapTable &operator=(const TrapTable &) = delete;
  ~TrapTable();

  /// Makes \p action what is done at \p signal; one without ops means to ignore it. False
  /// if \p signal can neither be caught nor ignored. Nothing happens for one that was
  /// ignored when the process started.
  bool set(int signal, std::shared_ptr<const Chunk> action);
  /// Forgets the trap of \p signal.
  void reset(int signal);
  /// Forgets all traps but those that ignore a signal; for a subshell.
  void resetCaught();

  bool isTrapped(int signal) const { return traps.count(signal) != 0; }
  /// The action of \p signal, taken off the table; null if it has none.
  std::shared_ptr<const Chunk> takeExitTrap();

  /// Whether a trapped signal has arrived.
  bool isPending() const;
  /// Takes the signals that have arrived and returns their actions.
  std::vector<std::shared_ptr<const Chunk>> takePending();
  /// The lowest number of a signal that has arrived, 0 if none has.
  int firstPending() const;

private:
  struct Trap {
    std::shared_ptr<const Chunk> action;
    struct sigaction before;
  };
  std::map<int, Trap> traps;
};

/// Lets SIGINT interrupt \p vm from now on, unless it is ignored; for a child that runs it
/// until it ends.
void interruptAtSignal(VM &vm);

/// Gives the signals that have a handler in this process, a child that goes on without
/// exec, their default action.
void resetHandlers();

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_SIGNALS_H
