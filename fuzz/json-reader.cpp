//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Reads the input as JSON. What is accepted must survive being written and read again.

#include "fusevm/IR/ConformanceCase.h"
#include "fusevm/IR/Json.h"

#include <cstdio>
#include <cstdlib>

using namespace fusevm;

static void fail(const char *what, std::string_view detail) {
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

static void checkChunk(std::string_view input) {
  absl::StatusOr<Chunk> chunk = parseJson(input);
  if (!chunk.ok())
    return;
  absl::StatusOr<std::string> text = printJson(*chunk);
  if (!text.ok())
    fail("an accepted chunk cannot be written", std::string(text.status().message()));
  absl::StatusOr<Chunk> again = parseJson(*text);
  if (!again.ok())
    fail("a written chunk cannot be read", *text);
  if (!identical(*chunk, *again))
    fail("a written chunk reads differently", *text);
}

static void checkValue(std::string_view input) {
  absl::StatusOr<Value> value = parseJsonValue(input);
  if (!value.ok())
    return;
  absl::StatusOr<std::string> text = printJsonValue(*value);
  if (!text.ok())
    fail("an accepted value cannot be written", std::string(text.status().message()));
  absl::StatusOr<Value> again = parseJsonValue(*text);
  if (!again.ok() || !identical(*value, *again))
    fail("a written value reads differently", *text);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size);
  checkChunk(input);
  checkValue(input);
  (void)parseConformanceCase(input);
  return 0;
}
