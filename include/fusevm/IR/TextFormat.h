//===- TextFormat.h - Chunks and values as text -----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reading and writing the text format, in which people and tests write chunks;
/// docs/text-format.md describes it.
///
/// What is written reads back to an identical chunk, bit for bit. All functions are linear
/// in the size of the text.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_TEXTFORMAT_H
#define FUSEVM_IR_TEXTFORMAT_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/Support/Diagnostic.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// Levels to which values, and chunks, may be nested in a text.
inline constexpr size_t maxTextNesting = 200;

/// Entries that all `lines` directives of a text may have together: a few bytes of text
/// can ask for any number.
inline constexpr size_t maxTextLineEntries = size_t(1) << 24;

/// Errors after which reading stops.
inline constexpr size_t maxTextErrors = 20;

/// Bytes that a written chunk and a written value may have by default. A value whose
/// elements share storage can be exponentially longer as text than in memory.
inline constexpr size_t defaultMaxTextBytes = size_t(1) << 30;
inline constexpr size_t defaultMaxLiteralBytes = size_t(1) << 26;

/// Reads a chunk. It is not verified, and its op hash is 0. Returns nothing if there are
/// errors, which are appended to \p diagnostics in the order of their places.
std::optional<Chunk> parseText(std::string_view text, std::vector<Diagnostic> &diagnostics);

/// What printText() writes besides what the chunk needs, and what it leaves out.
struct PrintOptions {
  /// Returns a comment for op \p op of \p chunk, which may be a nested one: a single line
  /// of UTF-8, or nothing.
  std::function<std::string(const Chunk &chunk, size_t op)> comment = nullptr;
  /// Whether to write the source lines. Without them the text is easier to read, but its
  /// ops get the lines of the text itself when it is read.
  bool lines = true;
  /// Bytes that the text may have.
  size_t maxBytes = defaultMaxTextBytes;
};

/// Returns the text of \p chunk. InvalidArgument if values or chunks are nested too deep,
/// ResourceExhausted if the text would be too long or its line tables too large.
absl::StatusOr<std::string> printText(const Chunk &chunk, const PrintOptions &options = {});

/// Appends \p value as the text format writes it: `[1, "a"]`. Errors as those of
/// printText(); \p out is then as it was before.
absl::Status appendValueLiteral(std::string &out, const Value &value,
                                size_t maxBytes = defaultMaxLiteralBytes);

} // namespace fusevm

#endif // FUSEVM_IR_TEXTFORMAT_H
