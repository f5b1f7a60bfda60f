//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Translates ops to the instructions of the fast loop.

#include "PreparedChunk.h"

#include "Machine.h"
#include "Translator.h"

namespace fusevm {

std::shared_ptr<const PreparedChunk> prepare(const Chunk &chunk, const CalloutEffects &effects) {
  auto result = std::make_shared<PreparedChunk>(analyze(chunk, effects));
  // A chunk that is too long for the fields of an instruction gets no entries.
  if (result->analysis.disposition != Disposition::Fast || chunk.ops.size() >= outOfCode)
    return result;
  const void *const *handlers = nullptr;
  Machine::fastLoop(nullptr, &handlers);
  Translator translator(chunk, effects, *result);
  translator.run();
  for (size_t i = 0; i != result->code.size(); ++i)
    result->code[i].handler = handlers[translator.handlerNumbers()[i]];
  return result;
}

std::shared_ptr<const PreparedChunk> preparedFormOf(const Chunk &chunk) {
  auto data = chunk.derived.getOrMake([&chunk]() -> std::shared_ptr<const DerivedData> {
    return prepare(chunk, CalloutEffects());
  });
  return std::static_pointer_cast<const PreparedChunk>(std::move(data));
}

} // namespace fusevm
