//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What a loop reads from memory in each round, and finds the same.

#ifndef FUSEVM_LIB_JIT_STABLELOADS_H
#define FUSEVM_LIB_JIT_STABLELOADS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class AAResults;
class BasicBlock;
class BatchAAResults;
class Instruction;
class LoadInst;
class Loop;
} // namespace llvm

namespace fusevm::jit {

/// What in \p blocks writes to memory.
llvm::SmallVector<llvm::Instruction *, 32> writersIn(llvm::ArrayRef<llvm::BasicBlock *> blocks);

/// Whether \p load can be made before \p loop and reads what \p writers leave alone. What it
/// reads from must be known before the loop: a pointer that is loaded in the loop is not
/// necessarily one there, whatever the load says of it.
bool isStableLoad(const llvm::LoadInst &load, const llvm::Loop &loop,
                  llvm::ArrayRef<llvm::Instruction *> writers, llvm::BatchAAResults &aliases);

/// Reads before \p loop what nothing in it changes. Whether that has changed anything.
bool hoistLoads(llvm::Loop &loop, llvm::AAResults &aliases);

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_STABLELOADS_H
