//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Variables of the program that a loop stores in each round.

#ifndef FUSEVM_LIB_JIT_LOOPCELLS_H
#define FUSEVM_LIB_JIT_LOOPCELLS_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

namespace llvm {
class AllocaInst;
class BatchAAResults;
class Loop;
} // namespace llvm

namespace fusevm::jit {

/// Keeps what a version of a loop stores at fixed places in registers, and stores it where the
/// version is left. LLVM's promotion of scalars does not do it where a loop has exits before the
/// store: it does not know that the place may be written.
class LoopCells {
public:
  /// Finds the places that \p blocks of \p loop store to, and that nothing else in them knows of.
  /// \p checksConstants: a place where only one constant is stored, such as the kind of a variable,
  /// is checked to have it before the version, and not stored at all.
  void plan(const llvm::Loop &loop, llvm::ArrayRef<llvm::BasicBlock *> blocks,
            llvm::BatchAAResults &aliases, bool checksConstants);

  /// Whether all that is checked holds.
  llvm::Value *emitChecks(llvm::IRBuilder<> &builder) const;

  /// Has the version, which begins with \p entry and consists of \p region, store into variables
  /// of its own, which are added to \p variables: they are to be made registers.
  void emit(llvm::ValueToValueMapTy &copies, llvm::BasicBlock &entry,
            llvm::ArrayRef<llvm::BasicBlock *> region,
            llvm::SmallVectorImpl<llvm::AllocaInst *> &variables) const;

private:
  struct Cell {
    int64_t offset; ///< from base
    llvm::Type *type;
    llvm::SmallVector<llvm::Instruction *, 4> accesses;
    /// If nothing else is stored there.
    llvm::Constant *constant;
    bool isChecked;
  };
  llvm::Value *addressOf(const Cell &cell, llvm::IRBuilder<> &builder) const;
  static llvm::Instruction *keepKind(llvm::Instruction *access, const Cell &cell);

  llvm::Value *base = nullptr;
  llvm::SmallVector<Cell, 16> cells;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_LOOPCELLS_H
