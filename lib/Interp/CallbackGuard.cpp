//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "CallbackGuard.h"

namespace fusevm {

Thrown callBuiltin(BuiltinFunction function, VM &vm, uint8_t argc, void *user, Value &result) {
  return guarded([&] { result = function(vm, argc, user); });
}

Thrown callExtension(ExtensionHandler handler, VM &vm, uint16_t id, uint8_t arg, void *user) {
  return guarded([&] { handler(vm, id, arg, user); });
}

Thrown callWideExtension(WideExtensionHandler handler, VM &vm, uint16_t id, uint64_t payload,
                         void *user) {
  return guarded([&] { handler(vm, id, payload, user); });
}

OpStatus afterCallback(Machine &machine, uint64_t op, Thrown thrown) {
  if (!thrown && machine.reportedError)
    thrown = std::move(machine.reportedError);
  machine.reportedError.reset();
  if (!thrown)
    return OpStatus::Continue;
  // The callback may have moved ip.
  machine.error = {ErrorKind::Callback, std::move(*thrown), op};
  return OpStatus::Failed;
}

} // namespace fusevm
