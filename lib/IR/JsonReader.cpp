//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonReader.h"

#include "JsonText.h"
#include "fusevm/IR/Json.h"
#include "fusevm/Support/Diagnostic.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <limits>
#include <vector>

namespace fusevm {

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

bool JsonReader::fail(const JsonPath &path, std::string_view reason) {
  assert(error.ok() && "reading went on after an error");
  error = absl::InvalidArgumentError(strCat(path.str(), ": ", reason));
  return false;
}

/// Returns the number \p node as messages show it.
static std::string numberText(JsonNode node) {
  if (node.kind() == JsonKind::NegativeInt)
    return strCat(node.asNegativeInt());
  if (node.kind() == JsonKind::UnsignedInt)
    return strCat(node.asUnsignedInt());
  std::string text;
  appendJsonFloat(text, node.asFloat());
  return text;
}

/// Returns what \p node is, for messages.
static std::string describe(JsonNode node) {
  switch (node.kind()) {
  case JsonKind::Null:
    return "null";
  case JsonKind::Bool:
    return node.asBool() ? "boolean `true`" : "boolean `false`";
  case JsonKind::NegativeInt:
  case JsonKind::UnsignedInt:
    return strCat("integer `", numberText(node), "`");
  case JsonKind::Float:
    return strCat("floating point `", numberText(node), "`");
  case JsonKind::String:
    return strCat("string ", quoteForMessage(node.asString()));
  case JsonKind::Array:
    return "sequence";
  case JsonKind::Object:
    return "map";
  }
  return "";
}

bool JsonReader::failType(JsonNode node, const JsonPath &path, std::string_view expected) {
  return fail(path, strCat("invalid type: ", describe(node), ", expected ", expected));
}

//===----------------------------------------------------------------------===//
// Building blocks
//===----------------------------------------------------------------------===//

const JsonReader::IntegerType &JsonReader::integerType(OperandType type) {
  static constexpr IntegerType u8 = {"u8", 0, std::numeric_limits<uint8_t>::max()};
  static constexpr IntegerType u16 = {"u16", 0, std::numeric_limits<uint16_t>::max()};
  static constexpr IntegerType i32 = {"i32", std::numeric_limits<int32_t>::min(),
                                      std::numeric_limits<int32_t>::max()};
  static constexpr IntegerType i64 = {"i64", std::numeric_limits<int64_t>::min(),
                                      std::numeric_limits<int64_t>::max()};
  static constexpr IntegerType u64 = {"u64", 0, std::numeric_limits<uint64_t>::max()};
  switch (type) {
  case OperandType::U8:
    return u8;
  case OperandType::U16:
    return u16;
  case OperandType::I32:
    return i32;
  case OperandType::I64:
    return i64;
  case OperandType::U64:
  case OperandType::F64:
    break;
  }
  assert(type == OperandType::U64 && "not an integer type");
  return u64;
}

bool JsonReader::readInteger(JsonNode node, const JsonPath &path, const IntegerType &type,
                             uint64_t &bits) {
  bool fits = false;
  if (node.kind() == JsonKind::NegativeInt) {
    bits = static_cast<uint64_t>(node.asNegativeInt());
    fits = node.asNegativeInt() >= type.min;
  } else if (node.kind() == JsonKind::UnsignedInt) {
    bits = node.asUnsignedInt();
    fits = bits <= type.max;
  } else {
    return failType(node, path, type.name);
  }
  if (!fits)
    return fail(path, strCat("invalid value: ", describe(node), ", expected ", type.name));
  return true;
}

bool JsonReader::readFloat(JsonNode node, const JsonPath &path, double &number) {
  switch (node.kind()) {
  case JsonKind::NegativeInt:
    number = static_cast<double>(node.asNegativeInt());
    return true;
  case JsonKind::UnsignedInt:
    number = static_cast<double>(node.asUnsignedInt());
    return true;
  case JsonKind::Float:
    number = node.asFloat();
    return true;
  case JsonKind::String:
    if (node.asString() == jsonNaN)
      number = std::numeric_limits<double>::quiet_NaN();
    else if (node.asString() == jsonInfinity)
      number = std::numeric_limits<double>::infinity();
    else if (node.asString() == jsonNegativeInfinity)
      number = -std::numeric_limits<double>::infinity();
    else
      return failType(node, path, "f64");
    return true;
  case JsonKind::Null:
    return failType(node, path,
                    "f64; a writer lost a number that is not finite: write \"NaN\", \"inf\" or "
                    "\"-inf\"");
  case JsonKind::Bool:
  case JsonKind::Array:
  case JsonKind::Object:
    break;
  }
  return failType(node, path, "f64");
}

bool JsonReader::readNumber(JsonNode node, const JsonPath &path, OperandType type, uint64_t &bits) {
  if (type != OperandType::F64)
    return readInteger(node, path, integerType(type), bits);
  double number = 0;
  if (!readFloat(node, path, number))
    return false;
  bits = std::bit_cast<uint64_t>(number);
  return true;
}

bool JsonReader::readString(JsonNode node, const JsonPath &path, std::string &text) {
  if (node.kind() != JsonKind::String)
    return failType(node, path, "a string");
  text = node.asString();
  return true;
}

template <typename ReadElement>
bool JsonReader::readList(JsonNode node, const JsonPath &path, ReadElement &&readElement) {
  if (node.kind() != JsonKind::Array)
    return failType(node, path, "a sequence");
  size_t index = 0;
  for (JsonNode element : node.elements())
    if (!readElement(element, JsonPath(path, index++)))
      return false;
  return true;
}

bool JsonReader::readPair(JsonNode node, const JsonPath &path, OperandType firstType,
                          uint64_t &first, uint64_t &second) {
  constexpr size_t pairSize = 2;
  if (node.kind() != JsonKind::Array)
    return failType(node, path, "a tuple of size 2");
  if (node.size() != pairSize)
    return fail(path, strCat("invalid length ", node.size(), ", expected a tuple of size 2"));
  auto element = node.elements().begin();
  if (!readInteger(*element, JsonPath(path, 0), integerType(firstType), first))
    return false;
  ++element;
  return readInteger(*element, JsonPath(path, 1), integerType(OperandType::U64), second);
}

bool JsonReader::readFields(JsonNode node, const JsonPath &path, std::string_view type,
                            absl::Span<const Field> fields,
                            absl::Span<std::optional<JsonNode>> found) {
  if (node.kind() != JsonKind::Object)
    return failType(node, path, type);
  for (JsonMember member : node.members()) {
    auto field = std::find_if(fields.begin(), fields.end(),
                              [member](const Field &f) { return f.name == member.key; });
    if (field == fields.end())
      continue;
    std::optional<JsonNode> &place = found[static_cast<size_t>(field - fields.begin())];
    if (place)
      return fail(path, strCat("duplicate field `", field->name, "`"));
    place = member.value;
  }
  for (size_t i = 0; i != fields.size(); ++i)
    if (fields[i].isRequired && !found[i])
      return fail(path, strCat("missing field `", fields[i].name, "`"));
  return true;
}

bool JsonReader::readVariant(JsonNode node, const JsonPath &path, std::string_view type,
                             Variant &variant) {
  if (node.kind() == JsonKind::String) {
    variant = {node.asString(), std::nullopt};
    return true;
  }
  if (node.kind() != JsonKind::Object)
    return failType(node, path, strCat(type, ": a name or a map with one member"));
  if (node.size() != 1)
    return fail(path, strCat("invalid length ", node.size(), ", expected ", type,
                             " as a map with one member"));
  JsonMember member = *node.members().begin();
  variant = {member.key, member.value};
  return true;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// The kinds in the order in which messages list them.
static constexpr Kind kinds[] = {Kind::Undef, Kind::Bool,    Kind::Int,  Kind::Float,
                                 Kind::Str,   Kind::Array,   Kind::Hash, Kind::Status,
                                 Kind::Ref,   Kind::NativeFn};

static std::string unknownKind(std::string_view name) {
  std::string reason = strCat("unknown variant ", quoteForMessage(name), ", expected one of ");
  for (Kind kind : kinds)
    strAppend(reason, kind == kinds[0] ? "" : ", ", "`", kindName(kind), "`");
  return reason;
}

bool JsonReader::readValue(JsonNode node, const JsonPath &path, Value &value) {
  Variant variant;
  if (!readVariant(node, path, "a value", variant))
    return false;
  const Kind *kind = std::find_if(std::begin(kinds), std::end(kinds),
                                  [&](Kind k) { return kindName(k) == variant.name; });
  if (kind == std::end(kinds))
    return fail(path, unknownKind(variant.name));
  if (variant.payload)
    return readPayload(*variant.payload, JsonPath(path, variant.name), *kind, value);
  if (*kind != Kind::Undef)
    return fail(
        path, strCat("invalid type: unit variant, expected newtype variant Value::", variant.name));
  value = Value();
  return true;
}

bool JsonReader::readPayload(JsonNode node, const JsonPath &path, Kind kind, Value &value) {
  switch (kind) {
  case Kind::Undef:
    value = Value();
    return node.kind() == JsonKind::Null || failType(node, path, "unit");
  case Kind::Bool:
    if (node.kind() != JsonKind::Bool)
      return failType(node, path, "a boolean");
    value = Value::makeBool(node.asBool());
    return true;
  case Kind::Int:
    return readScalar(node, path, kind, OperandType::I64, value);
  case Kind::Float:
    return readScalar(node, path, kind, OperandType::F64, value);
  case Kind::Status:
    return readScalar(node, path, kind, OperandType::I32, value);
  case Kind::NativeFn:
    return readScalar(node, path, kind, OperandType::U16, value);
  case Kind::Str:
    if (node.kind() != JsonKind::String)
      return failType(node, path, "a string");
    value = Value::makeStr(node.asString());
    return true;
  case Kind::Array:
    return readArray(node, path, value);
  case Kind::Hash:
    return readHash(node, path, value);
  case Kind::Ref:
    return readRef(node, path, value);
  }
  return false;
}

bool JsonReader::readScalar(JsonNode node, const JsonPath &path, Kind kind, OperandType type,
                            Value &value) {
  uint64_t bits = 0;
  if (!readNumber(node, path, type, bits))
    return false;
  value = Value::makeScalar(kind, bits);
  return true;
}

bool JsonReader::readRef(JsonNode node, const JsonPath &path, Value &value) {
  Value held;
  if (!readValue(node, path, held))
    return false;
  value = Value::makeRef(std::move(held));
  return true;
}

bool JsonReader::readArray(JsonNode node, const JsonPath &path, Value &value) {
  Array array;
  if (node.kind() == JsonKind::Array)
    array.reserve(node.size());
  bool isRead = readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
    Value read;
    if (!readValue(element, elementPath, read))
      return false;
    array.push(std::move(read));
    return true;
  });
  if (isRead)
    value = Value::makeArray(std::move(array));
  return isRead;
}

bool JsonReader::readHash(JsonNode node, const JsonPath &path, Value &value) {
  if (node.kind() != JsonKind::Object)
    return failType(node, path, "a map");
  Hash hash;
  for (JsonMember member : node.members()) {
    Value read;
    if (!readValue(member.value, JsonPath(path, member.key), read))
      return false;
    hash.set(member.key, std::move(read));
  }
  value = Value::makeHash(std::move(hash));
  return true;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

static std::string unknownOp(std::string_view name) {
  std::string reason =
      strCat("unknown variant ", quoteForMessage(name), ", expected the name of an op");
  std::vector<std::string_view> names;
  for (size_t i = 0; i != numOpcodes; ++i)
    names.push_back(opName(static_cast<Opcode>(i)));
  if (std::string_view likely = closestMatch(name, names); !likely.empty())
    strAppend(reason, "; did you mean `", likely, "`?");
  return reason;
}

bool JsonReader::readOp(JsonNode node, const JsonPath &path, Instruction &instruction) {
  Variant variant;
  if (!readVariant(node, path, "an op", variant))
    return false;
  std::optional<Opcode> opcode = findOpcode(variant.name);
  if (!opcode)
    return fail(path, unknownOp(variant.name));
  instruction = Instruction(*opcode);
  if (variant.payload)
    return readOperands(*variant.payload, JsonPath(path, variant.name), instruction);
  size_t count = instruction.info().operands.size();
  if (count != 0)
    return fail(path, strCat("invalid type: unit variant, expected ",
                             count == 1 ? "newtype" : "tuple", " variant Op::", variant.name));
  return true;
}

bool JsonReader::readOperands(JsonNode node, const JsonPath &path, Instruction &instruction) {
  const OpInfo &info = instruction.info();
  absl::Span<const OperandInfo> operands = info.operands;
  if (operands.empty())
    return node.kind() == JsonKind::Null || failType(node, path, "unit");

  auto readInto = [&](JsonNode operand, const JsonPath &operandPath, size_t index) {
    uint64_t bits = 0;
    if (!readNumber(operand, operandPath, operandType(operands[index].kind), bits))
      return false;
    instruction.setOperand(index, bits);
    return true;
  };
  if (operands.size() == 1)
    return readInto(node, path, 0);

  std::string expected = strCat("tuple variant Op::", info.name);
  if (node.kind() != JsonKind::Array)
    return failType(node, path, expected);
  if (node.size() != operands.size())
    return fail(path, strCat("invalid length ", node.size(), ", expected ", expected, " with ",
                             operands.size(), " elements"));
  size_t index = 0;
  return readList(node, path, [&](JsonNode operand, const JsonPath &operandPath) {
    return readInto(operand, operandPath, index++);
  });
}

//===----------------------------------------------------------------------===//
// Chunks
//===----------------------------------------------------------------------===//

/// The members of a chunk in their order in the array form.
enum class JsonReader::ChunkField : uint8_t {
  Ops,
  Constants,
  Names,
  Lines,
  SubEntries,
  BlockRanges,
  SubChunks,
  Source,
};

bool JsonReader::readChunk(JsonNode node, const JsonPath &path, Chunk &chunk) {
  constexpr Field fields[] = {{"ops"},         {"constants"},    {"names"},      {"lines"},
                              {"sub_entries"}, {"block_ranges"}, {"sub_chunks"}, {"source"}};
  constexpr size_t fieldCount = std::size(fields);

  bool isArray = node.kind() == JsonKind::Array;
  std::array<std::optional<JsonNode>, fieldCount> found;
  if (!isArray) {
    if (!readFields(node, path, "struct Chunk", fields, absl::MakeSpan(found)))
      return false;
  } else if (node.size() == fieldCount) {
    std::optional<JsonNode> *next = found.data();
    for (JsonNode element : node.elements())
      *next++ = element;
  } else {
    return fail(path, strCat("invalid length ", node.size(), ", expected struct Chunk with ",
                             fieldCount, " elements"));
  }
  for (size_t i = 0; i != fieldCount; ++i) {
    auto field = static_cast<ChunkField>(i);
    bool isRead = isArray ? readChunkField(field, *found[i], JsonPath(path, i), chunk)
                          : readChunkField(field, *found[i], JsonPath(path, fields[i].name), chunk);
    if (!isRead)
      return false;
  }
  return true;
}

bool JsonReader::readChunkField(ChunkField field, JsonNode node, const JsonPath &path,
                                Chunk &chunk) {
  constexpr IntegerType u32 = {"u32", 0, std::numeric_limits<uint32_t>::max()};
  switch (field) {
  case ChunkField::Ops:
    return readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
      return readOp(element, elementPath, chunk.ops.emplace_back());
    });
  case ChunkField::Constants:
    return readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
      return readValue(element, elementPath, chunk.constants.emplace_back());
    });
  case ChunkField::Names:
    return readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
      return readString(element, elementPath, chunk.names.emplace_back());
    });
  case ChunkField::Lines:
    return readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
      uint64_t line = 0;
      bool isRead = readInteger(element, elementPath, u32, line);
      chunk.lines.push_back(static_cast<uint32_t>(line));
      return isRead;
    });
  case ChunkField::SubEntries:
    return readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
      uint64_t name = 0;
      SubEntry &entry = chunk.subEntries.emplace_back();
      bool isRead = readPair(element, elementPath, OperandType::U16, name, entry.op);
      entry.name = static_cast<uint16_t>(name);
      return isRead;
    });
  case ChunkField::BlockRanges:
    return readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
      BlockRange &range = chunk.blockRanges.emplace_back();
      return readPair(element, elementPath, OperandType::U64, range.start, range.end);
    });
  case ChunkField::SubChunks:
    return readList(node, path, [&](JsonNode element, const JsonPath &elementPath) {
      return readChunk(element, elementPath, chunk.subChunks.emplace_back());
    });
  case ChunkField::Source:
    return readString(node, path, chunk.source);
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Documents
//===----------------------------------------------------------------------===//

absl::StatusOr<Chunk> parseJson(std::string_view text) {
  return readDocument<Chunk>(text, [](JsonReader &reader, JsonNode root, Chunk &chunk) {
    return reader.readChunk(root, JsonPath(), chunk);
  });
}

absl::StatusOr<Value> parseJsonValue(std::string_view text) {
  return readDocument<Value>(text, [](JsonReader &reader, JsonNode root, Value &value) {
    return reader.readValue(root, JsonPath(), value);
  });
}

} // namespace fusevm
