//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Jumps, subs, frames and scopes.

#include "../OpHandlers.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

namespace fusevm {

OpStatus execJump(Machine &machine, const Instruction &instruction) {
  machine.ip = instruction.target();
  return OpStatus::Continue;
}

static OpStatus jumpIf(Machine &machine, const Instruction &instruction, bool condition) {
  if (condition)
    machine.ip = instruction.target();
  return OpStatus::Continue;
}

OpStatus execJumpIfTrue(Machine &machine, const Instruction &instruction) {
  return jumpIf(machine, instruction, truthy(machine.stack.pop()));
}
OpStatus execJumpIfFalse(Machine &machine, const Instruction &instruction) {
  return jumpIf(machine, instruction, !truthy(machine.stack.pop()));
}
OpStatus execJumpIfTrueKeep(Machine &machine, const Instruction &instruction) {
  return jumpIf(machine, instruction, truthy(machine.top()));
}
OpStatus execJumpIfFalseKeep(Machine &machine, const Instruction &instruction) {
  return jumpIf(machine, instruction, !truthy(machine.top()));
}

OpStatus execCall(Machine &machine, const Instruction &instruction) {
  const auto &entries = machine.prepared->analysis.subEntries;
  auto entry = entries.find(instruction.a());
  std::string_view name = machine.chunk->nameOr(instruction.a());
  if (entry == entries.end())
    return machine.fail(ErrorKind::Runtime, strCat("undefined function: ", name));
  uint16_t argc = instruction.b();
  if (argc > machine.stack.size())
    return machine.fail(ErrorKind::Runtime,
                        strCat("call of ", name, " needs ", argc, " arguments, stack holds ",
                               machine.stack.size()));
  return machine.enterSub(entry->second, argc);
}

OpStatus execReturn(Machine &machine, const Instruction &) {
  return machine.leaveFunction(std::nullopt);
}

OpStatus execReturnValue(Machine &machine, const Instruction &) {
  return machine.leaveFunction(machine.stack.pop());
}

OpStatus execPushFrame(Machine &machine, const Instruction &) {
  const FunctionInfo *function = machine.functionOf(machine.ip - 1);
  return machine.pushFrame(machine.ip, machine.stack.size(), /*isScope=*/true,
                           function ? function->slots : 0);
}

OpStatus execPopFrame(Machine &machine, const Instruction &) {
  if (machine.frames.empty())
    return OpStatus::Continue;
  machine.popFrame();
  machine.dropLeftBlocks();
  return OpStatus::Continue;
}

} // namespace fusevm
