//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The processor that code is made for.

#ifndef FUSEVM_LIB_JIT_TARGET_H
#define FUSEVM_LIB_JIT_TARGET_H

#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace fusevm::jit {

/// Makes the target machine of position-independent code for this processor.
///
/// Code is made for a level of the architecture, see targetLevel(), not for the very model: telling
/// models apart takes as long as compiling a function, and with AVX-512 the code generator of LLVM
/// 19 takes quadratic time.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine();

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_TARGET_H
