//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonTestSupport.h"

#include "gmock/gmock.h"

#include <limits>
#include <map>

namespace fusevm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr uint64_t maxU64 = std::numeric_limits<uint64_t>::max();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(JsonOp, Examples) {
  const std::pair<Instruction, std::string_view> rows[] = {
      {Instruction::Nop(), R"("Nop")"},
      {Instruction::LoadInt(-5), R"({"LoadInt":-5})"},
      {Instruction::LoadFloat(1.5), R"({"LoadFloat":1.5})"},
      {Instruction::LoadFloat(-infinity), R"({"LoadFloat":"-inf"})"},
      {Instruction::GetVar(0), R"({"GetVar":0})"},
      {Instruction::Print(3), R"({"Print":3})"},
      {Instruction::Jump(42), R"({"Jump":42})"},
      {Instruction::Jump(maxU64), R"({"Jump":18446744073709551615})"},
      {Instruction::Call(1, 2), R"({"Call":[1,2]})"},
      {Instruction::Redirect(2, 5), R"({"Redirect":[2,5]})"},
      {Instruction::AddAssignSlotVoid(0, 1), R"({"AddAssignSlotVoid":[0,1]})"},
      {Instruction::ExtendedWide(9, 3735928559), R"({"ExtendedWide":[9,3735928559]})"},
      {Instruction::SlotLtIntJumpIfFalse(0, -5, 9), R"({"SlotLtIntJumpIfFalse":[0,-5,9]})"},
      {Instruction::AccumSumLoop(0, 1, 100), R"({"AccumSumLoop":[0,1,100]})"},
      {Instruction::ConcatConstLoop(1, 2, 3, -4), R"({"ConcatConstLoop":[1,2,3,-4]})"},
  };
  for (const auto &[instruction, json] : rows) {
    EXPECT_EQ(printedOp(instruction), json);
    EXPECT_TRUE(opOf(json).identical(instruction)) << json;
  }
}

/// The payload types of \p opcode in brackets: "[u16,u8]".
std::string shapeOf(Opcode opcode) {
  std::string shape = "[";
  for (const OperandInfo &operand : opInfo(opcode).operands)
    shape.append(shape.size() == 1 ? "" : ",").append(operandTypeName(operandType(operand.kind)));
  return shape + "]";
}

TEST(JsonOp, ThereAreThisManyOfEachShape) {
  std::map<std::string, int> counts;
  for (size_t i = 0; i != numOpcodes; ++i)
    ++counts[shapeOf(static_cast<Opcode>(i))];
  EXPECT_EQ(counts, (std::map<std::string, int>{{"[]", 129},
                                                {"[i64]", 1},
                                                {"[f64]", 1},
                                                {"[u16]", 51},
                                                {"[u8]", 25},
                                                {"[u64]", 5},
                                                {"[u16,u8]", 4},
                                                {"[u8,u8]", 1},
                                                {"[u16,u16]", 1},
                                                {"[u16,u64]", 1},
                                                {"[u16,i32,u64]", 2},
                                                {"[u16,u16,i32]", 2},
                                                {"[u16,u16,u16,i32]", 1}}));
}

struct Limits {
  std::string_view least;
  std::string_view most;
  std::string_view belowLeast;
  std::string_view aboveMost;
};

const Limits &limitsOf(OperandType type) {
  static const std::map<OperandType, Limits> limits = {
      {OperandType::U8, {"0", "255", "-1", "256"}},
      {OperandType::U16, {"0", "65535", "-1", "65536"}},
      {OperandType::I32, {"-2147483648", "2147483647", "-2147483649", "2147483648"}},
      {OperandType::I64,
       {"-9223372036854775808", "9223372036854775807", "false", "9223372036854775808"}},
      {OperandType::U64, {"0", "18446744073709551615", "-1", "18446744073709551616"}},
      {OperandType::F64, {"-1.7976931348623157e+308", "1.7976931348623157e+308", "false", "\"x\""}},
  };
  return limits.at(type);
}

/// The op with each payload field at a limit, but for number \p special.
std::string opAtLimits(const OpInfo &info, std::string_view Limits::*limit, size_t special,
                       std::string_view Limits::*specialLimit) {
  std::string payload;
  for (size_t i = 0; i != info.operands.size(); ++i) {
    const Limits &limits = limitsOf(operandType(info.operands[i].kind));
    payload.append(i == 0 ? "" : ",").append(limits.*(i == special ? specialLimit : limit));
  }
  if (info.operands.size() > 1)
    payload = "[" + payload + "]";
  return "{\"" + std::string(info.name) + "\":" + payload + "}";
}

TEST(JsonOp, EveryOpAtTheLimitsOfItsFields) {
  for (size_t number = 0; number != numOpcodes; ++number) {
    const OpInfo &info = opInfo(static_cast<Opcode>(number));
    std::string name(info.name);
    size_t count = info.operands.size();
    if (count == 0) {
      EXPECT_EQ(printedOp(opOf("\"" + name + "\"")), "\"" + name + "\"");
      EXPECT_EQ(printedOp(opOf("{\"" + name + "\":null}")), "\"" + name + "\"");
      continue;
    }
    for (auto limit : {&Limits::least, &Limits::most}) {
      std::string json = opAtLimits(info, limit, count, limit);
      EXPECT_EQ(printedOp(opOf(json)), json);
    }
    for (size_t i = 0; i != count; ++i)
      for (auto beyond : {&Limits::belowLeast, &Limits::aboveMost}) {
        std::string place = "$.ops[0]." + name;
        if (count > 1)
          place += "[" + std::to_string(i) + "]";
        EXPECT_THAT(opError(opAtLimits(info, &Limits::least, i, beyond)),
                    StartsWith(place + ": invalid "));
      }
    EXPECT_THAT(opError("\"" + name + "\""), HasSubstr("invalid type: unit variant"));
  }
}

TEST(JsonOp, Rejects) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"({"Nop":[]})", "$.ops[0].Nop: invalid type: sequence, expected unit"},
      {R"({"Nop":{}})", "$.ops[0].Nop: invalid type: map, expected unit"},
      {R"("LoadInt")",
       "$.ops[0]: invalid type: unit variant, expected newtype variant Op::LoadInt"},
      {R"("Call")", "$.ops[0]: invalid type: unit variant, expected tuple variant Op::Call"},
      {R"({"LoadInt":[5]})", "$.ops[0].LoadInt: invalid type: sequence, expected i64"},
      {R"({"LoadInt":"x"})", "$.ops[0].LoadInt: invalid type: string \"x\", expected i64"},
      {R"({"LoadFloat":null})",
       "$.ops[0].LoadFloat: invalid type: null, expected f64; a writer lost a number that is not "
       "finite: write \"NaN\", \"inf\" or \"-inf\""},
      {R"({"GetVar":-0})", "$.ops[0].GetVar: invalid type: floating point `-0.0`, expected u16"},
      {R"({"GetVar":65536})", "$.ops[0].GetVar: invalid value: integer `65536`, expected u16"},
      {R"({"GetVar":-1})", "$.ops[0].GetVar: invalid value: integer `-1`, expected u16"},
      {R"({"Call":[1]})",
       "$.ops[0].Call: invalid length 1, expected tuple variant Op::Call with 2 elements"},
      {R"({"Call":[1,2,3]})",
       "$.ops[0].Call: invalid length 3, expected tuple variant Op::Call with 2 elements"},
      {R"({"Call":1})",
       "$.ops[0].Call: invalid type: integer `1`, expected tuple variant Op::Call"},
      {R"({"Call":{"0":1,"1":2}})",
       "$.ops[0].Call: invalid type: map, expected tuple variant Op::Call"},
      {R"({"Call":[1,300]})", "$.ops[0].Call[1]: invalid value: integer `300`, expected u8"},
      {R"("nop")",
       "$.ops[0]: unknown variant \"nop\", expected the name of an op; did you mean `Nop`?"},
      {R"({"loadint":1})", "$.ops[0]: unknown variant \"loadint\", expected the name of an op; did "
                           "you mean `LoadInt`?"},
      {R"({"Whatever":1})", "$.ops[0]: unknown variant \"Whatever\", expected the name of an op"},
      {R"({})", "$.ops[0]: invalid length 0, expected an op as a map with one member"},
      {R"({"Nop":null,"Pop":null})",
       "$.ops[0]: invalid length 2, expected an op as a map with one member"},
      {"null", "$.ops[0]: invalid type: null, expected an op: a name or a map with one member"},
      {"[\"Nop\"]",
       "$.ops[0]: invalid type: sequence, expected an op: a name or a map with one member"},
  };
  for (auto [json, message] : rows)
    EXPECT_EQ(opError(json), message) << json;
}

} // namespace
} // namespace fusevm
