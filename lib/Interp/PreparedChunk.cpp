//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "PreparedChunk.h"

#include "Machine.h"

namespace fusevm {

std::shared_ptr<const PreparedChunk> preparedFormOf(const Chunk &chunk) {
  auto data = chunk.derived.getOrMake([&chunk]() -> std::shared_ptr<const DerivedData> {
    return prepare(chunk, CalloutEffects());
  });
  return std::static_pointer_cast<const PreparedChunk>(std::move(data));
}

} // namespace fusevm
