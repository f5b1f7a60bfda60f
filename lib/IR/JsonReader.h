//===- JsonReader.h - Chunks and values from JSON nodes ---------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_JSONREADER_H
#define FUSEVM_LIB_IR_JSONREADER_H

#include "JsonDocument.h"
#include "JsonPath.h"
#include "fusevm/IR/Chunk.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include <optional>
#include <string>
#include <string_view>

namespace fusevm {

/// Converts nodes of a document. Each function returns false after an error, which is kept:
/// nothing more should be read then. The recursion is bounded by maxJsonDepth.
class JsonReader {
public:
  /// The error; OK if there was none.
  const absl::Status &status() const { return error; }

  bool readChunk(JsonNode node, const JsonPath &path, Chunk &chunk);
  bool readValue(JsonNode node, const JsonPath &path, Value &value);
  bool readString(JsonNode node, const JsonPath &path, std::string &text);

  /// A member that an object may have.
  struct Field {
    std::string_view name;
    bool isRequired = true;
  };
  /// Finds the \p fields among the members of \p node, other members being ignored.
  /// \p type is what the object is, for messages.
  bool readFields(JsonNode node, const JsonPath &path, std::string_view type,
                  absl::Span<const Field> fields, absl::Span<std::optional<JsonNode>> found);

  /// One of a number of named alternatives: a string, or an object with one member.
  struct Variant {
    std::string_view name;
    std::optional<JsonNode> payload;
  };
  /// \p type is what it is an alternative of, for messages.
  bool readVariant(JsonNode node, const JsonPath &path, std::string_view type, Variant &variant);

  /// Keeps an error at \p path and returns false.
  bool fail(const JsonPath &path, std::string_view reason);
  /// The same for a node that is not what is \p expected.
  bool failType(JsonNode node, const JsonPath &path, std::string_view expected);

private:
  struct IntegerType {
    std::string_view name;
    int64_t min;
    uint64_t max;
  };
  static const IntegerType &integerType(OperandType type);
  enum class ChunkField : uint8_t;

  template <typename ReadElement>
  bool readList(JsonNode node, const JsonPath &path, ReadElement &&readElement);
  bool readChunkField(ChunkField field, JsonNode node, const JsonPath &path, Chunk &chunk);
  bool readOp(JsonNode node, const JsonPath &path, Instruction &instruction);
  bool readOperands(JsonNode node, const JsonPath &path, Instruction &instruction);
  bool readPair(JsonNode node, const JsonPath &path, OperandType firstType, uint64_t &first,
                uint64_t &second);
  bool readPayload(JsonNode node, const JsonPath &path, Kind kind, Value &value);
  bool readScalar(JsonNode node, const JsonPath &path, Kind kind, OperandType type, Value &value);
  bool readRef(JsonNode node, const JsonPath &path, Value &value);
  bool readArray(JsonNode node, const JsonPath &path, Value &value);
  bool readHash(JsonNode node, const JsonPath &path, Value &value);
  /// Reads any number as the bits that an operand of \p type has.
  bool readNumber(JsonNode node, const JsonPath &path, OperandType type, uint64_t &bits);
  bool readInteger(JsonNode node, const JsonPath &path, const IntegerType &type, uint64_t &bits);
  bool readFloat(JsonNode node, const JsonPath &path, double &number);

  absl::Status error;
};

/// Parses \p text and makes a Result of its root: \p read is called with a reader, the root
/// and the result, and returns false after an error.
template <typename Result, typename Read>
absl::StatusOr<Result> readDocument(std::string_view text, Read read) {
  absl::StatusOr<JsonDocument> document = JsonDocument::parse(text);
  if (!document.ok())
    return document.status();
  JsonReader reader;
  Result result;
  if (!read(reader, document->root(), result))
    return reader.status();
  return result;
}

} // namespace fusevm

#endif // FUSEVM_LIB_IR_JSONREADER_H
