//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"

#include "Interp/HandlerCounts.h"
#include "Interp/Machine.h"
#include "Interp/Translator.h"

namespace fusevm::fuzzing {

absl::Span<const std::string_view> handlerNames() { return fastHandlerNames; }

std::vector<uint16_t> handlersOf(const Chunk &chunk) {
  PreparedChunk prepared(analyze(chunk));
  if (prepared.analysis.disposition != Disposition::Fast)
    return {};
  CalloutEffects effects;
  Translator translator(chunk, effects, prepared);
  translator.run();
  return {translator.handlerNumbers().begin(), translator.handlerNumbers().end()};
}

#ifdef FUSEVM_COVERAGE
uint64_t handlerExecutions(size_t number) {
  const void *const *addresses = nullptr;
  Machine::fastLoop(nullptr, &addresses);
  auto count = handlerCounts.find(addresses[number]);
  return count == handlerCounts.end() ? 0 : count->second;
}
#endif

} // namespace fusevm::fuzzing
