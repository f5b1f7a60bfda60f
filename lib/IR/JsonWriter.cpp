//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonPath.h"
#include "JsonText.h"
#include "fusevm/IR/Json.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include <bit>

namespace fusevm {

namespace {

/// Builds a document. Each function returns false after an error: nothing more should be
/// written then. The recursion is bounded by maxJsonDepth.
class JsonWriter {
public:
  explicit JsonWriter(size_t maxBytes) : maxBytes(maxBytes) {}

  bool writeChunk(const Chunk &chunk, const JsonPath &path);
  bool writeValue(const Value &value, const JsonPath &path);

  absl::StatusOr<std::string> finish() && {
    if (!error.ok())
      return error;
    return std::move(out);
  }

private:
  bool fail(absl::StatusCode code, const JsonPath &path, std::string_view reason) {
    error = absl::Status(code, strCat(path.str(), ": ", reason));
    return false;
  }
  bool open(char bracket, const JsonPath &path);
  bool close(char bracket, const JsonPath &path);
  /// Begins an element or a member; only the first in a container has no comma in front.
  void separate() {
    if (out.back() != '[' && out.back() != '{')
      out += ',';
  }
  /// Writes an object with the one member \p name.
  template <typename Write>
  bool writeVariant(std::string_view name, const JsonPath &path, Write &&write);
  template <typename List, typename Write>
  bool writeList(const List &list, const JsonPath &path, Write &&write);
  /// Writes a member of a chunk that is a list.
  template <typename List, typename Write>
  bool writeField(std::string_view name, const List &list, const JsonPath &path, Write &&write);

  bool writeString(std::string_view text, const JsonPath &path);
  bool writePayload(const Value &value, const JsonPath &path);
  bool writeHash(const Hash &hash, const JsonPath &path);
  bool writeOp(const Instruction &instruction, const JsonPath &path);
  bool writeOperand(const Instruction &instruction, size_t index);
  bool writePair(uint64_t first, uint64_t second, const JsonPath &path);
  bool writeSource(std::string_view source, const JsonPath &path);

  size_t maxBytes;
  size_t depth = 0;
  std::string out;
  absl::Status error;
};

bool JsonWriter::open(char bracket, const JsonPath &path) {
  if (depth == maxJsonDepth)
    return fail(absl::StatusCode::kInvalidArgument, path,
                strCat("more than ", maxJsonDepth, " nested arrays and objects"));
  out += bracket;
  ++depth;
  return true;
}

bool JsonWriter::close(char bracket, const JsonPath &path) {
  out += bracket;
  --depth;
  // What one container holds besides others is never much longer than it is in memory.
  if (out.size() > maxBytes)
    return fail(absl::StatusCode::kResourceExhausted, path,
                strCat("the text is longer than ", maxBytes, " bytes"));
  return true;
}

template <typename Write>
bool JsonWriter::writeVariant(std::string_view name, const JsonPath &path, Write &&write) {
  if (!open('{', path))
    return false;
  strAppend(out, "\"", name, "\":");
  return write(JsonPath(path, name)) && close('}', path);
}

template <typename List, typename Write>
bool JsonWriter::writeList(const List &list, const JsonPath &path, Write &&write) {
  if (!open('[', path))
    return false;
  size_t index = 0;
  for (const auto &element : list) {
    separate();
    if (!write(element, JsonPath(path, index++)))
      return false;
  }
  return close(']', path);
}

bool JsonWriter::writeString(std::string_view text, const JsonPath &path) {
  size_t valid = validUtf8Prefix(text);
  if (valid != text.size())
    return fail(
        absl::StatusCode::kInvalidArgument, path,
        strCat("a string that is not UTF-8, at its byte ", valid, ": ", quoteForMessage(text)));
  appendJsonString(out, text);
  return true;
}

bool JsonWriter::writeValue(const Value &value, const JsonPath &path) {
  if (value.isUndef()) {
    strAppend(out, "\"", kindName(Kind::Undef), "\"");
    return true;
  }
  return writeVariant(kindName(value.kind()), path, [&](const JsonPath &payloadPath) {
    return writePayload(value, payloadPath);
  });
}

bool JsonWriter::writePayload(const Value &value, const JsonPath &path) {
  switch (value.kind()) {
  case Kind::Undef:
    return true;
  case Kind::Bool:
    out += value.asBool() ? "true" : "false";
    return true;
  case Kind::Int:
    strAppend(out, value.asInt());
    return true;
  case Kind::Float:
    appendJsonFloat(out, value.asFloat());
    return true;
  case Kind::Status:
    strAppend(out, value.asStatus());
    return true;
  case Kind::NativeFn:
    strAppend(out, value.asNativeFn());
    return true;
  case Kind::Str:
    return writeString(value.asStr(), path);
  case Kind::Array:
    return writeList(value.asArray(), path, [&](const Value &element, const JsonPath &elementPath) {
      return writeValue(element, elementPath);
    });
  case Kind::Hash:
    return writeHash(value.asHash(), path);
  case Kind::Ref:
    return writeValue(value.asRef(), path);
  }
  return false;
}

bool JsonWriter::writeHash(const Hash &hash, const JsonPath &path) {
  if (!open('{', path))
    return false;
  for (const Hash::Entry &entry : hash) {
    separate();
    JsonPath entryPath(path, entry.key.asStr());
    if (!writeString(entry.key.asStr(), entryPath))
      return false;
    out += ':';
    if (!writeValue(entry.value, entryPath))
      return false;
  }
  return close('}', path);
}

bool JsonWriter::writeOp(const Instruction &instruction, const JsonPath &path) {
  const OpInfo &info = instruction.info();
  if (info.operands.empty()) {
    strAppend(out, "\"", info.name, "\"");
    return true;
  }
  return writeVariant(info.name, path, [&](const JsonPath &operandsPath) {
    size_t index = 0;
    if (info.operands.size() == 1)
      return writeOperand(instruction, index);
    return writeList(info.operands, operandsPath, [&](const OperandInfo &, const JsonPath &) {
      return writeOperand(instruction, index++);
    });
  });
}

bool JsonWriter::writeOperand(const Instruction &instruction, size_t index) {
  uint64_t bits = instruction.operand(index);
  switch (operandType(instruction.info().operands[index].kind)) {
  case OperandType::U8:
  case OperandType::U16:
  case OperandType::U64:
    strAppend(out, bits);
    return true;
  case OperandType::I32:
  case OperandType::I64:
    strAppend(out, static_cast<int64_t>(bits));
    return true;
  case OperandType::F64:
    appendJsonFloat(out, std::bit_cast<double>(bits));
    return true;
  }
  return false;
}

template <typename List, typename Write>
bool JsonWriter::writeField(std::string_view name, const List &list, const JsonPath &path,
                            Write &&write) {
  separate();
  strAppend(out, "\"", name, "\":");
  return writeList(list, JsonPath(path, name), write);
}

bool JsonWriter::writePair(uint64_t first, uint64_t second, const JsonPath &path) {
  if (!open('[', path))
    return false;
  strAppend(out, first, ",", second);
  return close(']', path);
}

bool JsonWriter::writeSource(std::string_view source, const JsonPath &path) {
  separate();
  out += "\"source\":";
  return writeString(source, JsonPath(path, "source"));
}

bool JsonWriter::writeChunk(const Chunk &chunk, const JsonPath &path) {
  auto op = [&](const Instruction &instruction, const JsonPath &p) {
    return writeOp(instruction, p);
  };
  auto constant = [&](const Value &value, const JsonPath &p) { return writeValue(value, p); };
  auto name = [&](const std::string &text, const JsonPath &p) { return writeString(text, p); };
  auto line = [&](uint32_t number, const JsonPath &) {
    strAppend(out, number);
    return true;
  };
  auto subEntry = [&](const SubEntry &entry, const JsonPath &p) {
    return writePair(entry.name, entry.op, p);
  };
  auto blockRange = [&](const BlockRange &range, const JsonPath &p) {
    return writePair(range.start, range.end, p);
  };
  auto subChunk = [&](const Chunk &inner, const JsonPath &p) { return writeChunk(inner, p); };

  return open('{', path) && writeField("ops", chunk.ops, path, op) &&
         writeField("constants", chunk.constants, path, constant) &&
         writeField("names", chunk.names, path, name) &&
         writeField("lines", chunk.lines, path, line) &&
         writeField("sub_entries", chunk.subEntries, path, subEntry) &&
         writeField("block_ranges", chunk.blockRanges, path, blockRange) &&
         writeField("sub_chunks", chunk.subChunks, path, subChunk) &&
         writeSource(chunk.source, path) && close('}', path);
}

} // namespace

absl::StatusOr<std::string> printJson(const Chunk &chunk, size_t maxBytes) {
  JsonWriter writer(maxBytes);
  writer.writeChunk(chunk, JsonPath());
  return std::move(writer).finish();
}

absl::StatusOr<std::string> printJsonValue(const Value &value, size_t maxBytes) {
  JsonWriter writer(maxBytes);
  writer.writeValue(value, JsonPath());
  return std::move(writer).finish();
}

} // namespace fusevm
