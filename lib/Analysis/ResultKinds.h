//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Of which kind the value is that an op pushes.

#ifndef FUSEVM_LIB_ANALYSIS_RESULTKINDS_H
#define FUSEVM_LIB_ANALYSIS_RESULTKINDS_H

#include "fusevm/IR/Chunk.h"

#include <cstdint>

namespace fusevm {

/// A Kind, or anyKind for a value that may be of any.
using KindCode = uint8_t;
inline constexpr KindCode anyKind = 0xff;

constexpr KindCode kindCode(Kind kind) { return static_cast<KindCode>(kind); }

/// Returns the kind of what \p instruction of \p chunk pushes when it finds all its
/// operands, of which \p top is the topmost one and \p below the next. What it pushes from
/// a slot or a global counts as unknown.
KindCode resultKind(const Chunk &chunk, const Instruction &instruction, KindCode top,
                    KindCode below);

} // namespace fusevm

#endif // FUSEVM_LIB_ANALYSIS_RESULTKINDS_H
