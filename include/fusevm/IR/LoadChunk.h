//===- LoadChunk.h - Chunks from files of either format ---------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a tool does with a file it is given: find out the format, read it, and put errors
/// into words that can be printed as they are.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_LOADCHUNK_H
#define FUSEVM_IR_LOADCHUNK_H

#include "fusevm/IR/Chunk.h"

#include "absl/status/statusor.h"

#include <string_view>

namespace fusevm {

/// How a chunk is written down.
enum class ChunkFormat : uint8_t {
  Text, ///< see TextFormat.h
  Json, ///< see Json.h
};

/// Returns the format of the file called \p name: text for .fvm, JSON for .json, and for
/// every other name JSON if the first byte of \p text that is not white space is a brace
/// or a bracket.
ChunkFormat findChunkFormat(std::string_view name, std::string_view text);

/// Reads a chunk from \p text, the contents of the file called \p name. The message of an
/// error is one or more lines of the form "NAME:LINE:COLUMN: error: ...", the last one
/// without its newline. The chunk is not verified.
absl::StatusOr<Chunk> loadChunk(std::string_view name, std::string_view text);

} // namespace fusevm

#endif // FUSEVM_IR_LOADCHUNK_H
