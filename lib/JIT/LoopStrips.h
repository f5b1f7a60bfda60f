//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops that look for interrupts once in many rounds.

#ifndef FUSEVM_LIB_JIT_LOOPSTRIPS_H
#define FUSEVM_LIB_JIT_LOOPSTRIPS_H

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

#include <optional>

namespace llvm {
class Loop;
class LoopInfo;
class SCEV;
class SCEVExpander;
class ScalarEvolution;
} // namespace llvm

namespace fusevm::jit {

/// Of a function: how many ops there may be in a strip, if it is not what is best.
inline constexpr llvm::StringLiteral opsOfStripAttribute = "fusevm-ops-of-strip";

/// In the order in which they are reached.
using LoopBlocks = llvm::SmallSetVector<llvm::BasicBlock *, 16>;

/// A comparison of the meter with the floor that others may raise.
struct Poll {
  llvm::BranchInst *branch;
  llvm::Value *meter;
  llvm::LoadInst *floor;
};

/// The poll that \p branch is, if it is one.
std::optional<Poll> pollOf(llvm::BranchInst &branch);

/// Runs a version of a loop, which has somewhere to go if the meter is low, in strips of so many
/// rounds that a poll before each is enough (strip mining).
class LoopStrips {
public:
  /// Whether that can be done to the \p blocks of \p loop, in which \p polls are.
  bool plan(llvm::Loop &loop, const llvm::LoopInfo &loops, const LoopBlocks &blocks,
            llvm::ArrayRef<Poll> polls, llvm::ScalarEvolution &evolution,
            const llvm::SCEVExpander &expander);

  /// Computes, before the loop, what it runs to.
  void emitLimit(llvm::SCEVExpander &expander, llvm::Instruction &before);

  /// Has \p entry, which goes to the version, go to the first strip; \p slowEntry goes to the loop
  /// as it was. Polls are left to be taken out. The new blocks are added to \p version.
  void emit(llvm::ValueToValueMapTy &copies, llvm::BasicBlock &entry, llvm::BasicBlock &slowEntry,
            llvm::Value *floorAddress, llvm::SmallVectorImpl<llvm::BasicBlock *> &version);

  /// Takes out of the version the loads of what the meter is compared with, where the comparisons
  /// are gone: no pass does, for these loads are volatile.
  void dropFloors(const llvm::ValueToValueMapTy &copies) const;

  llvm::ArrayRef<Poll> polls() const { return inVersion; }

private:
  bool findTest(llvm::BasicBlock &block, llvm::ScalarEvolution &evolution,
                const llvm::SCEVExpander &expander);
  bool boundMeter(const llvm::LoopInfo &loops, const LoopBlocks &blocks,
                  llvm::ScalarEvolution &evolution);

  llvm::Loop *loop = nullptr;
  int64_t opsOfStrip = 1 << 15; ///< some microseconds
  llvm::SmallVector<Poll, 4> inVersion;
  /// The branch that goes on while \p tested is so related to the limit.
  llvm::BranchInst *test = nullptr;
  llvm::CmpInst::Predicate predicate = llvm::CmpInst::BAD_ICMP_PREDICATE;
  llvm::Value *tested = nullptr;
  const llvm::SCEV *limit = nullptr;
  llvm::Value *limitValue = nullptr;
  int64_t step = 0;
  /// The first value that is tested in a strip, seen from a phi.
  llvm::PHINode *counter = nullptr;
  int64_t offset = 0;
  llvm::PHINode *meter = nullptr;
  /// How much it falls in a round at most, and up to a poll.
  int64_t fall = 0;
  int64_t fallToPoll = 0;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_LOOPSTRIPS_H
