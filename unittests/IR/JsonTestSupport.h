//===- JsonTestSupport.h - Shorthands for the tests of JSON -----*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_UNITTESTS_IR_JSONTESTSUPPORT_H
#define FUSEVM_UNITTESTS_IR_JSONTESTSUPPORT_H

#include "fusevm/IR/Json.h"

#include "gtest/gtest.h"

#include <string>
#include <string_view>

namespace fusevm {

inline Value valueOf(std::string_view json) {
  absl::StatusOr<Value> value = parseJsonValue(json);
  EXPECT_TRUE(value.ok()) << json << ": " << value.status().message();
  return value.ok() ? *std::move(value) : Value();
}

inline std::string valueError(std::string_view json) {
  absl::StatusOr<Value> value = parseJsonValue(json);
  EXPECT_FALSE(value.ok()) << json;
  EXPECT_TRUE(value.ok() || absl::IsInvalidArgument(value.status())) << json;
  return std::string(value.status().message());
}

inline std::string printed(const Value &value) {
  absl::StatusOr<std::string> json = printJsonValue(value);
  EXPECT_TRUE(json.ok()) << json.status().message();
  return json.ok() ? *std::move(json) : std::string();
}

inline Chunk chunkOf(std::string_view json) {
  absl::StatusOr<Chunk> chunk = parseJson(json);
  EXPECT_TRUE(chunk.ok()) << json << ": " << chunk.status().message();
  return chunk.ok() ? *std::move(chunk) : Chunk();
}

inline std::string chunkError(std::string_view json) {
  absl::StatusOr<Chunk> chunk = parseJson(json);
  EXPECT_FALSE(chunk.ok()) << json;
  return std::string(chunk.status().message());
}

inline std::string printed(const Chunk &chunk) {
  absl::StatusOr<std::string> json = printJson(chunk);
  EXPECT_TRUE(json.ok()) << json.status().message();
  return json.ok() ? *std::move(json) : std::string();
}

inline std::string printError(const Value &value) {
  return std::string(printJsonValue(value).status().message());
}

inline std::string printError(const Chunk &chunk) {
  return std::string(printJson(chunk).status().message());
}

/// A chunk with the member \p name replaced by \p json.
inline std::string chunkWith(std::string_view name, std::string_view json) {
  std::string text = "{";
  for (std::string_view member : {"ops", "constants", "names", "lines", "sub_entries",
                                  "block_ranges", "sub_chunks", "source"}) {
    text.append(text.size() == 1 ? "\"" : ",\"").append(member).append("\":");
    text.append(member == name ? json : member == "source" ? "\"\"" : "[]");
  }
  return text + "}";
}

inline std::string chunkWithOp(std::string_view op) {
  return chunkWith("ops", "[" + std::string(op) + "]");
}

inline Instruction opOf(std::string_view json) {
  Chunk chunk = chunkOf(chunkWithOp(json));
  return chunk.ops.empty() ? Instruction() : chunk.ops[0];
}

inline std::string opError(std::string_view json) { return chunkError(chunkWithOp(json)); }

inline std::string printedOp(const Instruction &instruction) {
  Chunk chunk;
  chunk.ops.push_back(instruction);
  std::string text = printed(chunk);
  return text.substr(8, text.find("],\"constants\"") - 8);
}

inline std::string repeat(std::string_view text, size_t count) {
  std::string result;
  while (count-- != 0)
    result += text;
  return result;
}

inline std::string nested(std::string_view open, std::string_view core, std::string_view close,
                          size_t levels) {
  return repeat(open, levels).append(core) + repeat(close, levels);
}

} // namespace fusevm

#endif // FUSEVM_UNITTESTS_IR_JSONTESTSUPPORT_H
