//===- Handlers.h - What the fast loop has for a chunk ----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_HANDLERS_H
#define FUSEVM_FUZZ_SUPPORT_HANDLERS_H

#include "fusevm/IR/Chunk.h"

#include "absl/types/span.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace fusevm::fuzzing {

/// Returns the names of the handlers of the fast loop, by number.
absl::Span<const std::string_view> handlerNames();

/// Returns the numbers of the handlers of the prepared code of \p chunk, an instruction after
/// the other. Empty if it does not run in the fast loop.
std::vector<uint16_t> handlersOf(const Chunk &chunk);

#ifdef FUSEVM_COVERAGE
/// Returns how often the handler with \p number was executed in this process.
uint64_t handlerExecutions(size_t number);
#endif

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_HANDLERS_H
