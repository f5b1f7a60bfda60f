//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Makes a chunk from the input, writes it in both formats and reads it back.

#include "ChunkGenerator.h"

#include "fusevm/IR/Json.h"
#include "fusevm/IR/TextFormat.h"

#include <cstdio>
#include <cstdlib>

using namespace fusevm;

static void fail(const char *what, std::string_view detail) {
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

static void checkText(const Chunk &chunk) {
  absl::StatusOr<std::string> text = printText(chunk);
  if (!text.ok())
    fail("the chunk cannot be written as text", std::string(text.status().message()));
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> again = parseText(*text, diagnostics);
  if (!again)
    fail("the text cannot be read", renderDiagnostics("text", *text, diagnostics));
  if (!identical(chunk, *again))
    fail("the text reads differently", *text);
}

/// JSON has no strings that are not UTF-8 and knows one NaN only.
static void checkJson(const Chunk &chunk) {
  absl::StatusOr<std::string> json = printJson(chunk);
  if (!json.ok())
    return;
  absl::StatusOr<Chunk> again = parseJson(*json);
  if (!again.ok())
    fail("the JSON cannot be read", *json);
  // Written twice, every NaN is the same.
  if (json->find("\"NaN\"") == std::string::npos && !identical(chunk, *again))
    fail("the JSON reads differently", *json);
  if (printJson(*again).value_or("") != *json)
    fail("the JSON is written differently", *json);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzzing::ByteReader bytes(std::string_view(reinterpret_cast<const char *>(data), size));
  Chunk chunk = fuzzing::generateChunk(bytes);
  checkText(chunk);
  checkJson(chunk);
  return 0;
}
