//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/LoadChunk.h"

#include "fusevm/IR/Json.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/Diagnostic.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace fusevm {

namespace {

absl::StatusOr<Chunk> loadText(std::string_view name, std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  if (std::optional<Chunk> chunk = parseText(text, diagnostics))
    return *std::move(chunk);
  std::string rendered = renderDiagnostics(name, text, diagnostics);
  if (rendered.ends_with('\n'))
    rendered.pop_back();
  return absl::InvalidArgumentError(rendered);
}

/// Removes \p prefix from the front of \p text. False if it is not there.
bool consume(std::string_view &text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Removes and returns the digits in front of \p text.
std::string_view consumeDigits(std::string_view &text) {
  size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

/// Puts \p message, an error of parseJson(), into the form that all tools use: the place
/// "line L column C: " becomes part of the file's name.
std::string renderJsonError(std::string_view name, std::string_view message) {
  std::string_view rest = message;
  if (consume(rest, "line "))
    if (std::string_view line = consumeDigits(rest); consume(rest, " column "))
      if (std::string_view column = consumeDigits(rest); consume(rest, ": "))
        return strCat(name, ":", line, ":", column, ": error: ", rest);
  return strCat(name, ": error: ", message);
}

absl::StatusOr<Chunk> loadJson(std::string_view name, std::string_view text) {
  absl::StatusOr<Chunk> chunk = parseJson(text);
  if (chunk.ok())
    return chunk;
  return absl::Status(chunk.status().code(),
                      renderJsonError(name, std::string(chunk.status().message())));
}

} // namespace

ChunkFormat findChunkFormat(std::string_view name, std::string_view text) {
  if (name.ends_with(".fvm"))
    return ChunkFormat::Text;
  if (name.ends_with(".json"))
    return ChunkFormat::Json;
  size_t first = text.find_first_not_of(" \t\r\n");
  bool looksLikeJson =
      first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  return looksLikeJson ? ChunkFormat::Json : ChunkFormat::Text;
}

absl::StatusOr<Chunk> loadChunk(std::string_view name, std::string_view text) {
  switch (findChunkFormat(name, text)) {
  case ChunkFormat::Text:
    return loadText(name, text);
  case ChunkFormat::Json:
    return loadJson(name, text);
  }
  return absl::InternalError("unknown chunk format");
}

} // namespace fusevm
