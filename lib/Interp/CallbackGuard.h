//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Calls of user code. This and the ops that call hosts are compiled with exceptions: what
/// a callback throws becomes an error of the run.

#ifndef FUSEVM_LIB_INTERP_CALLBACKGUARD_H
#define FUSEVM_LIB_INTERP_CALLBACKGUARD_H

#include "Machine.h"

#include <exception>
#include <optional>
#include <string>

namespace fusevm {

/// The text of what a callback threw; nullopt if it returned.
using Thrown = std::optional<std::string>;

#ifdef __cpp_exceptions
/// Calls \p call and catches what it throws.
template <typename Call> Thrown guarded(Call call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception &exception) {
    return exception.what();
  } catch (...) {
    return "the callback threw something that is no std::exception";
  }
}
#endif

Thrown callBuiltin(BuiltinFunction function, VM &vm, uint8_t argc, void *user, Value &result);
Thrown callExtension(ExtensionHandler handler, VM &vm, uint16_t id, uint8_t arg, void *user);
Thrown callWideExtension(WideExtensionHandler handler, VM &vm, uint16_t id, uint64_t payload,
                         void *user);

/// Turns what the callback of the op at \p op threw or reported into the run's error.
OpStatus afterCallback(Machine &machine, uint64_t op, Thrown thrown);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_CALLBACKGUARD_H
