//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/AwkIds.h"

#include <algorithm>

namespace fusevm {

std::optional<Opcode> awkOpcode(uint16_t id) {
  switch (id) {
#define FUSEVM_AWK_OP(Number, Name)                                                                \
  case Number:                                                                                     \
    return Opcode::Name;
#include "fusevm/IR/AwkIds.def"
  default: // an extension, or unassigned
    return std::nullopt;
  }
}

std::optional<uint64_t> awkExtensionOperands(uint16_t id, uint64_t payload) {
  constexpr auto N = static_cast<uint64_t>(-1);
  auto count = [payload](uint64_t pops) { return pops == N ? payload : pops; };
  switch (id) {
#define FUSEVM_AWK_EXTENSION(Number, Name, Pops, Summary)                                          \
  case Number:                                                                                     \
    return count(Pops);
#include "fusevm/IR/AwkIds.def"
  default: // an op, or unassigned
    return std::nullopt;
  }
}

StackEffect awkStackEffect(uint16_t id, uint64_t payload) {
  // A count that fits no operand is higher than any stack that could be told beforehand.
  auto operand = std::min<uint64_t>(payload, UINT16_MAX);
  if (std::optional<Opcode> opcode = awkOpcode(id)) {
    Instruction instruction(*opcode);
    if (!instruction.info().operands.empty())
      instruction.setOperand(0, operand);
    return stackEffect(instruction);
  }
  if (std::optional<uint64_t> pops = awkExtensionOperands(id, operand))
    return {static_cast<uint32_t>(*pops), 1};
  return {0, 0};
}

} // namespace fusevm
