//===- Json.h - Chunks and values as JSON -----------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reading and writing the JSON form in which frontends exchange chunks;
/// docs/json-format.md describes it.
///
/// What is written reads back to an identical chunk or value, but for the sign and payload
/// of a NaN. All functions are linear in the size of the text.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_JSON_H
#define FUSEVM_IR_JSON_H

#include "fusevm/IR/Chunk.h"

#include "absl/status/statusor.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace fusevm {

/// Arrays and objects that may be nested in a document, both when reading and writing.
inline constexpr size_t maxJsonDepth = 127;

/// Bytes that a written document may have by default. A value whose elements share
/// storage can be exponentially longer as text than in memory.
inline constexpr size_t defaultMaxJsonBytes = size_t(1) << 30;

/// Reads a chunk. It is not verified, and its op hash is 0. InvalidArgument if \p text is
/// not JSON ("line 3 column 7: REASON") or does not describe a chunk
/// ("$.ops[3].LoadInt: REASON", with the place in the document in front).
absl::StatusOr<Chunk> parseJson(std::string_view text);

/// Reads a value; errors as those of parseJson().
absl::StatusOr<Value> parseJsonValue(std::string_view text);

/// Returns the compact form of \p chunk: one line, without a newline. InvalidArgument for a
/// string that is not UTF-8 and for values or sub-chunks nested too deep, ResourceExhausted
/// if the text would be longer than \p maxBytes; the message names the place as that of
/// parseJson() does.
absl::StatusOr<std::string> printJson(const Chunk &chunk, size_t maxBytes = defaultMaxJsonBytes);

/// Returns the compact form of \p value; errors as those of printJson().
absl::StatusOr<std::string> printJsonValue(const Value &value,
                                           size_t maxBytes = defaultMaxJsonBytes);

} // namespace fusevm

#endif // FUSEVM_IR_JSON_H
