//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// How often the fast loop executed each handler, in builds that record coverage.

#ifndef FUSEVM_LIB_INTERP_HANDLERCOUNTS_H
#define FUSEVM_LIB_INTERP_HANDLERCOUNTS_H

#ifdef FUSEVM_COVERAGE

#include "absl/container/flat_hash_map.h"

#include <cstdint>

namespace fusevm {

/// By the address of the handler. One thread may run at a time.
inline absl::flat_hash_map<const void *, uint64_t> handlerCounts;

inline void countHandler(const void *handler) { ++handlerCounts[handler]; }

} // namespace fusevm

#endif // FUSEVM_COVERAGE

#endif // FUSEVM_LIB_INTERP_HANDLERCOUNTS_H
