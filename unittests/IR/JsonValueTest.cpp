//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonTestSupport.h"

#include <cmath>
#include <limits>

namespace fusevm {
namespace {

constexpr int64_t minI64 = std::numeric_limits<int64_t>::min();
constexpr int64_t maxI64 = std::numeric_limits<int64_t>::max();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(JsonValue, EveryKind) {
  Hash hash;
  hash.set("k", Value::makeInt(1));
  const std::pair<Value, std::string_view> rows[] = {
      {Value(), R"("Undef")"},
      {Value::makeBool(true), R"({"Bool":true})"},
      {Value::makeBool(false), R"({"Bool":false})"},
      {Value::makeInt(-42), R"({"Int":-42})"},
      {Value::makeInt(0), R"({"Int":0})"},
      {Value::makeInt(minI64), R"({"Int":-9223372036854775808})"},
      {Value::makeInt(maxI64), R"({"Int":9223372036854775807})"},
      {Value::makeFloat(3.25), R"({"Float":3.25})"},
      {Value::makeFloat(1.0), R"({"Float":1.0})"},
      {Value::makeFloat(-0.0), R"({"Float":-0.0})"},
      {Value::makeFloat(infinity), R"({"Float":"inf"})"},
      {Value::makeFloat(-infinity), R"({"Float":"-inf"})"},
      {Value::makeStr("text"), R"({"Str":"text"})"},
      {Value::makeArray({Value::makeInt(1), Value(), Value::makeStr("x")}),
       R"({"Array":[{"Int":1},"Undef",{"Str":"x"}]})"},
      {Value::makeArray(), R"({"Array":[]})"},
      {Value::makeHash(hash), R"({"Hash":{"k":{"Int":1}}})"},
      {Value::makeHash(), R"({"Hash":{}})"},
      {Value::makeStatus(-1), R"({"Status":-1})"},
      {Value::makeStatus(std::numeric_limits<int32_t>::min()), R"({"Status":-2147483648})"},
      {Value::makeStatus(std::numeric_limits<int32_t>::max()), R"({"Status":2147483647})"},
      {Value::makeRef(Value::makeInt(7)), R"({"Ref":{"Int":7}})"},
      {Value::makeRef(Value()), R"({"Ref":"Undef"})"},
      {Value::makeNativeFn(65535), R"({"NativeFn":65535})"},
  };
  for (const auto &[value, json] : rows) {
    EXPECT_EQ(printed(value), json);
    EXPECT_TRUE(identical(valueOf(json), value)) << json;
  }
}

TEST(JsonValue, NaNSurvives) {
  EXPECT_EQ(printed(Value::makeFloat(std::nan(""))), R"({"Float":"NaN"})");
  EXPECT_EQ(printed(Value::makeFloat(-std::nan("7"))), R"({"Float":"NaN"})");
  EXPECT_TRUE(std::isnan(valueOf(R"({"Float":"NaN"})").asFloat()));
}

TEST(JsonValue, FloatText) {
  const std::pair<double, std::string_view> rows[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {100.0, "100.0"},
      {-1.5, "-1.5"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {0.00001, "0.00001"},
      {1e-6, "1e-6"},
      {1.5e-7, "1.5e-7"},
      {123456.75, "123456.75"},
      {1e15, "1000000000000000.0"},
      {9007199254740992.0, "9007199254740992.0"},
      {1e16, "1e+16"},
      {-1e100, "-1e+100"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {std::numeric_limits<double>::min(), "2.2250738585072014e-308"},
      {5e-324, "5e-324"},
      {0x1p-25, "2.9802322387695312e-8"}, // A tie.
      {562949953421312.25, "562949953421312.2"},
      {562949953421312.75, "562949953421312.8"},
  };
  for (auto [number, text] : rows) {
    std::string json = R"({"Float":)" + std::string(text) + "}";
    EXPECT_EQ(printed(Value::makeFloat(number)), json);
    EXPECT_TRUE(identical(valueOf(json), Value::makeFloat(number))) << json;
  }
}

TEST(JsonValue, FloatsReadFromAnyNumber) {
  const std::pair<std::string_view, double> rows[] = {
      {"1", 1.0},
      {"-1", -1.0},
      {"0", 0.0},
      {"-0", -0.0},
      {"-0e5", -0.0},
      {"1e16", 1e16},
      {"1E+2", 100.0},
      {"9223372036854775808", 0x1p63},
      {"18446744073709551615", 0x1p64},
      {"18446744073709551616", 0x1p64},
      {"-9223372036854775809", -0x1p63},
      {"9007199254740993", 9007199254740992.0},
      {"123456789012345678901234567890", 123456789012345678901234567890.0},
      {"1.7976931348623155e+308", 1.7976931348623155e+308},
      {"0.8414709848078965", 0.8414709848078965},
      {"1e-400", 0.0},
      {"-1e-400", -0.0},
  };
  for (auto [text, number] : rows) {
    std::string json = R"({"Float":)" + std::string(text) + "}";
    EXPECT_TRUE(identical(valueOf(json), Value::makeFloat(number))) << json;
    json = R"({"LoadFloat":)" + std::string(text) + "}";
    EXPECT_TRUE(opOf(json).identical(Instruction::LoadFloat(number))) << json;
  }
}

TEST(JsonValue, StringEscapes) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"\"\\/", R"("\"\\/")"},
      {"\b\t\n\f\r", R"("\b\t\n\f\r")"},
      {std::string_view("\0\x01\x1f\x7f", 4), "\"\\u0000\\u0001\\u001f\x7f\""},
      {"\u2028é😀", "\"\u2028é😀\""},
      {" ~!", R"(" ~!")"},
      {"", R"("")"},
  };
  for (auto [text, json] : rows) {
    std::string whole = R"({"Str":)" + std::string(json) + "}";
    EXPECT_EQ(printed(Value::makeStr(text)), whole);
    EXPECT_EQ(valueOf(whole).asStr(), text);
  }
  EXPECT_EQ(valueOf(R"({"Str":"\/\u00e9\ud83d\ude00\u001F"})").asStr(), "/é😀\x1f");
  EXPECT_EQ(valueOf(R"({"\u0049nt":5})"), Value::makeInt(5));
}

TEST(JsonValue, AcceptsUndefWithUnit) {
  EXPECT_TRUE(valueOf(R"({"Undef":null})").isUndef());
  EXPECT_TRUE(valueOf(" \t\r\n\"Undef\" \n").isUndef());
}

TEST(JsonValue, LastOfEqualHashKeysWinsInTheFirstPlace) {
  Value value = valueOf(R"({"Hash":{"b":{"Int":1},"a":{"Int":2},"b":{"Int":3}}})");
  EXPECT_EQ(printed(value), R"({"Hash":{"b":{"Int":3},"a":{"Int":2}}})");
}

TEST(JsonValue, Rejects) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"({"Undef":1})", "$.Undef: invalid type: integer `1`, expected unit"},
      {R"({"Undef":[]})", "$.Undef: invalid type: sequence, expected unit"},
      {R"("Int")", "$: invalid type: unit variant, expected newtype variant Value::Int"},
      {R"("int")", "$: unknown variant \"int\", expected one of `Undef`, `Bool`, `Int`, `Float`, "
                   "`Str`, `Array`, `Hash`, `Status`, `Ref`, `NativeFn`"},
      {R"({})", "$: invalid length 0, expected a value as a map with one member"},
      {R"({"Int":1,"Int":1})", "$: invalid length 2, expected a value as a map with one member"},
      {"[]", "$: invalid type: sequence, expected a value: a name or a map with one member"},
      {"7", "$: invalid type: integer `7`, expected a value: a name or a map with one member"},
      {"null", "$: invalid type: null, expected a value: a name or a map with one member"},
      {R"({"Int":1.0})", "$.Int: invalid type: floating point `1.0`, expected i64"},
      {R"({"Int":1e0})", "$.Int: invalid type: floating point `1.0`, expected i64"},
      {R"({"Int":-0})", "$.Int: invalid type: floating point `-0.0`, expected i64"},
      {R"({"Int":9223372036854775808})",
       "$.Int: invalid value: integer `9223372036854775808`, expected i64"},
      {R"({"Int":-9223372036854775809})",
       "$.Int: invalid type: floating point `-9.223372036854776e+18`, expected i64"},
      {R"({"Int":18446744073709551616})",
       "$.Int: invalid type: floating point `1.8446744073709552e+19`, expected i64"},
      {R"({"Int":"1"})", "$.Int: invalid type: string \"1\", expected i64"},
      {R"({"Int":null})", "$.Int: invalid type: null, expected i64"},
      {R"({"Int":[5]})", "$.Int: invalid type: sequence, expected i64"},
      {R"({"Status":1.0})", "$.Status: invalid type: floating point `1.0`, expected i32"},
      {R"({"Status":2147483648})", "$.Status: invalid value: integer `2147483648`, expected i32"},
      {R"({"Status":-2147483649})", "$.Status: invalid value: integer `-2147483649`, expected i32"},
      {R"({"NativeFn":65536})", "$.NativeFn: invalid value: integer `65536`, expected u16"},
      {R"({"NativeFn":-1})", "$.NativeFn: invalid value: integer `-1`, expected u16"},
      {R"({"Float":"nan"})", "$.Float: invalid type: string \"nan\", expected f64"},
      {R"({"Float":"1.0"})", "$.Float: invalid type: string \"1.0\", expected f64"},
      {R"({"Float":"Infinity"})", "$.Float: invalid type: string \"Infinity\", expected f64"},
      {R"({"Float":true})", "$.Float: invalid type: boolean `true`, expected f64"},
      {R"({"Float":null})",
       "$.Float: invalid type: null, expected f64; a writer lost a number that is not finite: "
       "write \"NaN\", \"inf\" or \"-inf\""},
      {R"({"Bool":1})", "$.Bool: invalid type: integer `1`, expected a boolean"},
      {R"({"Bool":null})", "$.Bool: invalid type: null, expected a boolean"},
      {R"({"Str":1})", "$.Str: invalid type: integer `1`, expected a string"},
      {R"({"Str":null})", "$.Str: invalid type: null, expected a string"},
      {R"({"Hash":[["k","Undef"]]})", "$.Hash: invalid type: sequence, expected a map"},
      {R"({"Array":{}})", "$.Array: invalid type: map, expected a sequence"},
      {R"({"Array":["Undef",{"Int":null}]})", "$.Array[1].Int: invalid type: null, expected i64"},
      {R"({"Hash":{"a b":{"Ref":false}}})",
       "$.Hash[\"a b\"].Ref: invalid type: boolean `false`, expected a value: a name or a map "
       "with one member"},
  };
  for (auto [json, message] : rows)
    EXPECT_EQ(valueError(json), message) << json;
}

} // namespace
} // namespace fusevm
