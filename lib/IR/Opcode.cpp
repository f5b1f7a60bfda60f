//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/Opcode.h"

#include "absl/container/flat_hash_map.h"

#include <array>

namespace fusevm {

namespace {

// Spellings that only the table uses.
constexpr int8_t O0 = CountFromOperand0;
constexpr int8_t O1 = CountFromOperand1;
constexpr int8_t V = CountVaries;

// The operands of each op, as a type per op so that a span can refer to them.
template <Opcode Op> constexpr std::array<OperandInfo, 0> operandsOf{};
#define FUSEVM_OP1(Name, Number, Section, K0, N0, ...)                                             \
  template <>                                                                                      \
  constexpr std::array<OperandInfo, 1> operandsOf<Opcode::Name>{{{OperandKind::K0, #N0}}};
#define FUSEVM_OP2(Name, Number, Section, K0, N0, K1, N1, ...)                                     \
  template <>                                                                                      \
  constexpr std::array<OperandInfo, 2> operandsOf<Opcode::Name>{                                   \
      {{OperandKind::K0, #N0}, {OperandKind::K1, #N1}}};
#define FUSEVM_OP3(Name, Number, Section, K0, N0, K1, N1, K2, N2, ...)                             \
  template <>                                                                                      \
  constexpr std::array<OperandInfo, 3> operandsOf<Opcode::Name>{                                   \
      {{OperandKind::K0, #N0}, {OperandKind::K1, #N1}, {OperandKind::K2, #N2}}};
#define FUSEVM_OP4(Name, Number, Section, K0, N0, K1, N1, K2, N2, K3, N3, ...)                     \
  template <>                                                                                      \
  constexpr std::array<OperandInfo, 4> operandsOf<Opcode::Name>{{{OperandKind::K0, #N0},           \
                                                                 {OperandKind::K1, #N1},           \
                                                                 {OperandKind::K2, #N2},           \
                                                                 {OperandKind::K3, #N3}}};
#include "fusevm/IR/Ops.def"

} // namespace

constexpr OpInfo detail::opInfos[numOpcodes] = {
#define FUSEVM_OP(Name, Number, Group, Pops, Pushes, Short, Control, Effects, Fuel, Summary)       \
  {Opcode::Name,                                                                                   \
   #Name,                                                                                          \
   Section::Group,                                                                                 \
   absl::Span<const OperandInfo>(operandsOf<Opcode::Name>.data(),                                  \
                                 operandsOf<Opcode::Name>.size()),                                 \
   Pops,                                                                                           \
   Pushes,                                                                                         \
   Shortfall::Short,                                                                               \
   ControlKind::Control,                                                                           \
   Effects,                                                                                        \
   FuelCharge::Fuel,                                                                               \
   Summary},
#include "fusevm/IR/Ops.def"
};

static constexpr bool rowsAreInWireOrder() {
  for (size_t i = 0; i != numOpcodes; ++i)
    if (static_cast<size_t>(detail::opInfos[i].opcode) != i)
      return false;
  return true;
}
static_assert(rowsAreInWireOrder(), "opInfo() indexes the table by wire number");

std::optional<Opcode> findOpcode(std::string_view name) {
  static const auto *index = [] {
    auto *map = new absl::flat_hash_map<std::string_view, Opcode>();
    for (const OpInfo &info : detail::opInfos)
      map->emplace(info.name, info.opcode);
    return map;
  }();
  auto found = index->find(name);
  if (found == index->end())
    return std::nullopt;
  return found->second;
}

std::string_view operandTypeName(OperandType type) {
  switch (type) {
  case OperandType::U8:
    return "u8";
  case OperandType::U16:
    return "u16";
  case OperandType::I32:
    return "i32";
  case OperandType::I64:
    return "i64";
  case OperandType::U64:
    return "u64";
  case OperandType::F64:
    return "f64";
  }
  return "";
}

std::string_view sectionTitle(Section section) {
  switch (section) {
  case Section::Constants:
    return "Constants";
  case Section::Stack:
    return "Stack";
  case Section::Variables:
    return "Variables";
  case Section::Arrays:
    return "Arrays";
  case Section::Hashes:
    return "Hashes";
  case Section::Arithmetic:
    return "Arithmetic";
  case Section::Strings:
    return "Strings";
  case Section::NumericComparison:
    return "Numeric comparison";
  case Section::StringComparison:
    return "String comparison";
  case Section::Logic:
    return "Logic and bits";
  case Section::ControlFlow:
    return "Control flow";
  case Section::Functions:
    return "Functions";
  case Section::Scope:
    return "Scope";
  case Section::IO:
    return "Input and output";
  case Section::Collections:
    return "Collections";
  case Section::Blocks:
    return "Blocks";
  case Section::Fused:
    return "Fused superinstructions";
  case Section::Builtins:
    return "Builtins";
  case Section::Extensions:
    return "Extensions";
  case Section::Math:
    return "Float and integer math";
  case Section::Shell:
    return "Shell";
  case Section::Awk:
    return "AWK";
  }
  return "";
}

} // namespace fusevm
