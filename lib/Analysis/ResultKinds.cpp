//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ResultKinds.h"

#include <array>
#include <optional>

namespace fusevm {

namespace {

/// Ops whose result is of one kind whatever their operands are.
struct ResultKind {
  Kind kind;
  Opcode opcode;
};

constexpr ResultKind resultKinds[] = {
    {Kind::Undef, Opcode::LoadUndef},   {Kind::Bool, Opcode::LoadTrue},
    {Kind::Bool, Opcode::LoadFalse},    {Kind::Bool, Opcode::HashExists},
    {Kind::Bool, Opcode::NumEq},        {Kind::Bool, Opcode::NumNe},
    {Kind::Bool, Opcode::NumLt},        {Kind::Bool, Opcode::NumGt},
    {Kind::Bool, Opcode::NumLe},        {Kind::Bool, Opcode::NumGe},
    {Kind::Bool, Opcode::StrEq},        {Kind::Bool, Opcode::StrNe},
    {Kind::Bool, Opcode::StrLt},        {Kind::Bool, Opcode::StrGt},
    {Kind::Bool, Opcode::StrLe},        {Kind::Bool, Opcode::StrGe},
    {Kind::Bool, Opcode::LogNot},       {Kind::Bool, Opcode::LogAnd},
    {Kind::Bool, Opcode::LogOr},        {Kind::Int, Opcode::LoadInt},
    {Kind::Int, Opcode::ArrayLen},      {Kind::Int, Opcode::Inc},
    {Kind::Int, Opcode::Dec},           {Kind::Int, Opcode::StringLen},
    {Kind::Int, Opcode::Spaceship},     {Kind::Int, Opcode::StrCmp},
    {Kind::Int, Opcode::BitAnd},        {Kind::Int, Opcode::BitOr},
    {Kind::Int, Opcode::BitXor},        {Kind::Int, Opcode::BitNot},
    {Kind::Int, Opcode::Shl},           {Kind::Int, Opcode::Shr},
    {Kind::Int, Opcode::PreIncSlot},    {Kind::Int, Opcode::PreDecSlot},
    {Kind::Int, Opcode::PostIncSlot},   {Kind::Int, Opcode::PostDecSlot},
    {Kind::Int, Opcode::TruncInt},      {Kind::Int, Opcode::AbsInt},
    {Kind::Int, Opcode::GcdInt},        {Kind::Int, Opcode::LcmInt},
    {Kind::Int, Opcode::TimeInt},       {Kind::Float, Opcode::LoadFloat},
    {Kind::Float, Opcode::Pow},         {Kind::Float, Opcode::PowFloat},
    {Kind::Float, Opcode::SqrtFloat},   {Kind::Float, Opcode::SinFloat},
    {Kind::Float, Opcode::CosFloat},    {Kind::Float, Opcode::ExpFloat},
    {Kind::Float, Opcode::Atan2Float},  {Kind::Float, Opcode::LogFloat},
    {Kind::Float, Opcode::AbsFloat},    {Kind::Float, Opcode::CeilFloat},
    {Kind::Float, Opcode::FloorFloat},  {Kind::Float, Opcode::TruncFloat},
    {Kind::Float, Opcode::RoundFloat},  {Kind::Float, Opcode::TanFloat},
    {Kind::Float, Opcode::AsinFloat},   {Kind::Float, Opcode::AcosFloat},
    {Kind::Float, Opcode::AtanFloat},   {Kind::Float, Opcode::SinhFloat},
    {Kind::Float, Opcode::CoshFloat},   {Kind::Float, Opcode::TanhFloat},
    {Kind::Float, Opcode::Log2Float},   {Kind::Float, Opcode::Log10Float},
    {Kind::Status, Opcode::GetStatus},  {Kind::Str, Opcode::Concat},
    {Kind::Str, Opcode::StringRepeat},  {Kind::Str, Opcode::ReadLine},
    {Kind::Array, Opcode::MakeArray},   {Kind::Array, Opcode::HashKeys},
    {Kind::Array, Opcode::HashValues},  {Kind::Array, Opcode::Range},
    {Kind::Array, Opcode::RangeStep},   {Kind::Array, Opcode::MapBlock},
    {Kind::Array, Opcode::GrepBlock},   {Kind::Array, Opcode::SortBlock},
    {Kind::Array, Opcode::SortDefault}, {Kind::Hash, Opcode::MakeHash},
};

constexpr std::array<std::optional<Kind>, numOpcodes> makeResultTable() {
  std::array<std::optional<Kind>, numOpcodes> table;
  for (ResultKind row : resultKinds)
    table[static_cast<size_t>(row.opcode)] = row.kind;
  return table;
}
constexpr auto resultTable = makeResultTable();

} // namespace

/// Two integers give an integer, any other two values a float.
static KindCode arithmeticKind(KindCode a, KindCode b) {
  constexpr KindCode integer = kindCode(Kind::Int);
  if (a == integer && b == integer)
    return integer;
  bool isFloat = (a != integer && a != anyKind) || (b != integer && b != anyKind);
  return isFloat ? kindCode(Kind::Float) : anyKind;
}

KindCode resultKind(const Chunk &chunk, const Instruction &instruction, KindCode top,
                    KindCode below) {
  switch (instruction.opcode()) {
  case Opcode::LoadConst:
    if (instruction.a() >= chunk.constants.size())
      return kindCode(Kind::Undef);
    return kindCode(chunk.constants[instruction.a()].kind());
  case Opcode::Add:
  case Opcode::Sub:
  case Opcode::Mul:
  case Opcode::Mod:
    return arithmeticKind(top, below);
  case Opcode::Negate:
    return arithmeticKind(top, top);
  default: // the rest is in the table, or may give any kind
    break;
  }
  std::optional<Kind> kind = resultTable[static_cast<size_t>(instruction.opcode())];
  return kind ? kindCode(*kind) : anyKind;
}

} // namespace fusevm
