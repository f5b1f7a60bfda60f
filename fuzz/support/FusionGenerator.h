//===- FusionGenerator.h - Programs for the fusion pass ---------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes programs that consist of what the fusion pass looks for, and of what must keep it
/// from doing anything.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_FUSIONGENERATOR_H
#define FUSEVM_FUZZ_SUPPORT_FUSIONGENERATOR_H

#include "ByteReader.h"

#include <string>

namespace fusevm::fuzzing {

/// Returns a program in the text format: spellings of fused ops and counted loops of all
/// shapes on a few slots, between assignments of other kinds, calls, callbacks, scopes,
/// blocks, and jumps into the midst.
std::string generateFusionProgram(ByteReader &bytes);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_FUSIONGENERATOR_H
