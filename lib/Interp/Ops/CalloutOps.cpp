//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Builtins and extension ops.

#include "../CallbackGuard.h"
#include "../OpHandlers.h"
#include "AwkOps.h"

#include "fusevm/IR/AwkIds.h"

namespace fusevm {

OpStatus execCallBuiltin(Machine &machine, const Instruction &instruction) {
  if (instruction.a() >= machine.builtins.size() || !machine.builtins[instruction.a()].function)
    return OpStatus::Continue;
  Callback<BuiltinFunction> builtin = machine.builtins[instruction.a()];
  uint64_t op = machine.ip - 1;
  Value result;
  Thrown thrown = callBuiltin(builtin.function, machine.vm, static_cast<uint8_t>(instruction.b()),
                              builtin.user, result);
  OpStatus status = afterCallback(machine, op, std::move(thrown));
  if (status == OpStatus::Continue)
    machine.stack.push(std::move(result));
  return status;
}

OpStatus execExtended(Machine &machine, const Instruction &instruction) {
  if (!machine.extension.function)
    return OpStatus::Continue;
  Callback<ExtensionHandler> handler = std::exchange(machine.extension, {});
  uint64_t op = machine.ip - 1;
  Thrown thrown = callExtension(handler.function, machine.vm, instruction.a(),
                                static_cast<uint8_t>(instruction.b()), handler.user);
  machine.extension = handler;
  return afterCallback(machine, op, std::move(thrown));
}

OpStatus execExtendedWide(Machine &machine, const Instruction &instruction) {
  if (isAwkId(instruction.a()))
    return runAwkId(machine, instruction.a(), instruction.wide());
  if (!machine.wideExtension.function)
    return OpStatus::Continue;
  Callback<WideExtensionHandler> handler = std::exchange(machine.wideExtension, {});
  uint64_t op = machine.ip - 1;
  Thrown thrown = callWideExtension(handler.function, machine.vm, instruction.a(),
                                    instruction.wide(), handler.user);
  machine.wideExtension = handler;
  return afterCallback(machine, op, std::move(thrown));
}

} // namespace fusevm
