//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Calls of the shell host. Includers are compiled with exceptions.

#ifndef FUSEVM_LIB_INTERP_OPS_SHELLHOSTCALL_H
#define FUSEVM_LIB_INTERP_OPS_SHELLHOSTCALL_H

#include "../CallbackGuard.h"

#include "fusevm/Interp/ShellHost.h"

#include <exception>

namespace fusevm {

/// Tells a host who is calling while this lives, and keeps the host alive.
class ShellHostCall {
public:
  ShellHostCall(std::shared_ptr<ShellHost> host, VM &vm)
      : host(std::move(host)), outer(std::exchange(this->host->callingVM, &vm)) {}
  ShellHostCall(const ShellHostCall &) = delete;
  ShellHostCall &operator=(const ShellHostCall &) = delete;
  ~ShellHostCall() { host->callingVM = outer; }

  ShellHost &operator*() const { return *host; }

private:
  std::shared_ptr<ShellHost> host;
  VM *outer;
};

#ifdef __EXCEPTIONS
/// Calls \p function with the host, which is there. Failed, with the pending error set, if
/// the host threw or reported an error.
template <typename Function> OpStatus callShellHost(Machine &machine, Function function) {
  uint64_t op = machine.ip - 1;
  Thrown thrown;
  {
    ShellHostCall call(machine.shellHost, machine.vm);
    try {
      function(*call);
    } catch (const std::exception &exception) {
      thrown = exception.what();
    } catch (...) {
      thrown = "the shell host threw something that is no std::exception";
    }
  }
  return afterCallback(machine, op, std::move(thrown));
}
#endif

/// Tells the host, which is there, that the outermost run has ended.
void tellShellHostOfEnd(Machine &machine, const RunResult &result);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_OPS_SHELLHOSTCALL_H
