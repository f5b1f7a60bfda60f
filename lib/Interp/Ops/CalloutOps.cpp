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
  if (instruction.a() >= firstAwkExtensionId && instruction.a() <= lastAwkExtensionId)
    return machine.fail(ErrorKind::Runtime,
                        "ExtendedWide is not available for AWK ids: this build has no AWK runtime");
  if (!machine.wideExtension.function)
    return OpStatus::Continue;
  Callback<WideExtensionHandler> handler = std::exchange(machine.wideExtension, {});
  uint64_t op = machine.ip - 1;
  Thrown thrown = callWideExtension(handler.function, machine.vm, instruction.a(),
                                    instruction.wide(), handler.user);
  machine.wideExtension = handler;
  return afterCallback(machine, op, std::move(thrown));
}

//===----------------------------------------------------------------------===//
// AWK ops
//===----------------------------------------------------------------------===//

static OpStatus unavailable(Machine &machine, Opcode opcode, std::string_view runtime) {
  std::string message(opName(opcode));
  message += " is not available: this build has no ";
  message += runtime;
  message += " runtime";
  return machine.fail(ErrorKind::Runtime, std::move(message));
}

#define FUSEVM_UNAVAILABLE(Name, Runtime)                                                          \
  OpStatus exec##Name(Machine &machine, const Instruction &) {                                     \
    return unavailable(machine, Opcode::Name, Runtime);                                            \
  }
// Rows of the other sections expand to nothing.
#define FUSEVM_SECTION_Awk(Name) FUSEVM_UNAVAILABLE(Name, "AWK")
#define FUSEVM_SECTION_Shell(Name)
#define FUSEVM_SECTION_Constants(Name)
#define FUSEVM_SECTION_Stack(Name)
#define FUSEVM_SECTION_Variables(Name)
#define FUSEVM_SECTION_Arrays(Name)
#define FUSEVM_SECTION_Hashes(Name)
#define FUSEVM_SECTION_Arithmetic(Name)
#define FUSEVM_SECTION_Strings(Name)
#define FUSEVM_SECTION_NumericComparison(Name)
#define FUSEVM_SECTION_StringComparison(Name)
#define FUSEVM_SECTION_Logic(Name)
#define FUSEVM_SECTION_ControlFlow(Name)
#define FUSEVM_SECTION_Functions(Name)
#define FUSEVM_SECTION_Scope(Name)
#define FUSEVM_SECTION_IO(Name)
#define FUSEVM_SECTION_Collections(Name)
#define FUSEVM_SECTION_Blocks(Name)
#define FUSEVM_SECTION_Fused(Name)
#define FUSEVM_SECTION_Builtins(Name)
#define FUSEVM_SECTION_Extensions(Name)
#define FUSEVM_SECTION_Math(Name)
#define FUSEVM_OP(Name, Number, Section, ...) FUSEVM_SECTION_##Section(Name)
#include "fusevm/IR/Ops.def"

} // namespace fusevm
