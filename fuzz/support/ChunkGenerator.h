//===- ChunkGenerator.h - Chunks from fuzzer input --------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes a chunk from any string of bytes; docs/fuzzing.md says what kinds of chunks there
/// are.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_CHUNKGENERATOR_H
#define FUSEVM_FUZZ_SUPPORT_CHUNKGENERATOR_H

#include "ByteReader.h"

#include "fusevm/IR/Chunk.h"

namespace fusevm::fuzzing {

/// Makes a chunk of any ops with any operands. Most are small and nearby, so that many are
/// not refused and a few even make sense.
Chunk generateWildChunk(ByteReader &bytes);

/// Makes a program: expressions, loops, subs, scopes, blocks. Most have a stack shape that
/// lets them run in the fast loop, and most end.
Chunk generateStructuredChunk(ByteReader &bytes);

/// Makes a program of what the fusion pass looks for; see FusionGenerator.h.
Chunk generateFusionChunk(ByteReader &bytes);

/// Makes a structured program of what native code assumes and must take back: variables whose
/// kinds change, numbers at the edges, subs that can be called natively.
Chunk generateSpeculativeChunk(ByteReader &bytes);

/// Makes a chunk of one of the kinds but the last.
Chunk generateChunk(ByteReader &bytes);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_CHUNKGENERATOR_H
