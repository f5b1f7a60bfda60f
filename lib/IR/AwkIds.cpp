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

namespace {

constexpr uint16_t firstExtension = static_cast<uint16_t>(AwkExtension::Output);
constexpr uint16_t lastExtension = static_cast<uint16_t>(AwkExtension::AddElement);
constexpr int8_t N = -1; ///< as many as the payload says

/// The operands of the extensions, which are numbered one after the other.
constexpr int8_t extensionPops[] = {
#define FUSEVM_AWK_EXTENSION(Number, Name, Pops, Summary) Pops,
#include "fusevm/IR/AwkIds.def"
};
static_assert(sizeof(extensionPops) == lastExtension - firstExtension + 1,
              "extension numbers have gaps");

} // namespace

std::optional<uint64_t> awkExtensionOperands(uint16_t id, uint64_t payload) {
  if (id < firstExtension || id > lastExtension)
    return std::nullopt;
  int8_t pops = extensionPops[id - firstExtension];
  return pops == N ? payload : static_cast<uint64_t>(pops);
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
