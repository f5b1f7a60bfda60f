//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Reads the input as text. Errors must render; what is accepted must survive being
/// written and read again.

#include "fusevm/IR/TextFormat.h"

#include <cstdio>
#include <cstdlib>

using namespace fusevm;

static void fail(const char *what, std::string_view detail) {
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size);
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = parseText(input, diagnostics);
  std::string rendered = renderDiagnostics("input", input, diagnostics);
  if (chunk.has_value() != diagnostics.empty())
    fail("a chunk comes without errors and the other way around", rendered);
  if (!chunk)
    return 0;
  absl::StatusOr<std::string> text = printText(*chunk);
  if (!text.ok())
    fail("an accepted chunk cannot be written", std::string(text.status().message()));
  std::optional<Chunk> again = parseText(*text, diagnostics);
  if (!again)
    fail("a written chunk cannot be read", renderDiagnostics("written", *text, diagnostics));
  if (!identical(*chunk, *again))
    fail("a written chunk reads differently", *text);
  return 0;
}
