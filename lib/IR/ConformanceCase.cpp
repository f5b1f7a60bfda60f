//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/ConformanceCase.h"

#include "JsonDocument.h"
#include "JsonPath.h"
#include "JsonReader.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <iterator>

namespace fusevm {

using Outcome = ConformanceCase::Outcome;

namespace {

struct OutcomeName {
  std::string_view name;
  Outcome outcome;
};
constexpr OutcomeName outcomeNames[] = {
    {"Ok", Outcome::Ok},       {"Halted", Outcome::Halted},   {"Error", Outcome::Error},
    {"Panic", Outcome::Panic}, {"Timeout", Outcome::Timeout},
};

bool hasPayload(Outcome outcome) {
  return outcome != Outcome::Halted && outcome != Outcome::Timeout;
}

/// Reads the member `result` of `expect`.
bool readResult(JsonReader &reader, JsonNode node, const JsonPath &path, ConformanceCase &result) {
  JsonReader::Variant variant;
  if (!reader.readVariant(node, path, "a result", variant))
    return false;
  const OutcomeName *found =
      std::find_if(std::begin(outcomeNames), std::end(outcomeNames),
                   [&](const OutcomeName &row) { return row.name == variant.name; });
  if (found == std::end(outcomeNames))
    return reader.fail(path, strCat("unknown variant ", quoteForMessage(variant.name),
                                    ", expected the name of a result"));
  result.outcome = found->outcome;
  if (hasPayload(result.outcome) != variant.payload.has_value())
    return reader.fail(path, strCat("the result ", variant.name,
                                    variant.payload ? " has no payload" : " lacks its payload"));
  JsonPath payloadPath(path, variant.name);
  if (result.outcome == Outcome::Ok)
    return reader.readValue(*variant.payload, payloadPath, result.value);
  return !variant.payload || reader.readString(*variant.payload, payloadPath, result.text);
}

bool readExpectation(JsonReader &reader, JsonNode node, const JsonPath &path,
                     ConformanceCase &result) {
  enum { Result, Output, NumFields };
  constexpr JsonReader::Field fields[] = {{"result"}, {"stdout"}};
  static_assert(std::size(fields) == NumFields);
  std::optional<JsonNode> found[NumFields];
  return reader.readFields(node, path, "an expectation", fields, absl::MakeSpan(found)) &&
         readResult(reader, *found[Result], JsonPath(path, "result"), result) &&
         reader.readString(*found[Output], JsonPath(path, "stdout"), result.output);
}

bool readCase(JsonReader &reader, JsonNode node, ConformanceCase &result) {
  enum { Id, Group, Code, Input, Expectation, NumFields };
  constexpr JsonReader::Field fields[] = {
      {"id"}, {"group"}, {"chunk"}, {.name = "stdin", .isRequired = false}, {"expect"}};
  static_assert(std::size(fields) == NumFields);
  std::optional<JsonNode> found[NumFields];
  JsonPath root;
  if (!reader.readFields(node, root, "a conformance case", fields, absl::MakeSpan(found)) ||
      !reader.readString(*found[Id], JsonPath(root, "id"), result.id) ||
      !reader.readString(*found[Group], JsonPath(root, "group"), result.group) ||
      !reader.readChunk(*found[Code], JsonPath(root, "chunk"), result.chunk))
    return false;
  if (found[Input] && !reader.readString(*found[Input], JsonPath(root, "stdin"), result.input))
    return false;
  return readExpectation(reader, *found[Expectation], JsonPath(root, "expect"), result);
}

} // namespace

absl::StatusOr<ConformanceCase> parseConformanceCase(std::string_view line) {
  return readDocument<ConformanceCase>(line, readCase);
}

} // namespace fusevm
