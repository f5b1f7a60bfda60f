//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What is made once for a chunk and kept with it: the verifier's result and the code of
/// the fast loop.
///
/// Prepared code is three-address code. A function works in a window of registers: its
/// slots, then those of the scopes it opens, then the positions of the value stack. The
/// window of a callee begins at its first argument, so that arguments are where the
/// callee wants them. An op that only brings a slot, a global or a constant onto the stack
/// usually has no instruction: the op that takes the value reads it from where it is.

#ifndef FUSEVM_LIB_INTERP_PREPAREDCHUNK_H
#define FUSEVM_LIB_INTERP_PREPAREDCHUNK_H

#include "CountedLoop.h"
#include "ScalarSlots.h"

#include "../Runtime/LargeBlockAllocator.h"

#include "fusevm/Analysis/Verifier.h"

#include <memory>
#include <vector>

namespace fusevm {

struct CalleeCode;

/// An instruction of the fast loop. What a, b and c mean is the handler's business:
/// registers and globals are byte offsets from the first one, c is where a jump goes, in
/// bytes from the instruction.
struct PreparedOp {
  const void *handler;
  int32_t a;
  int32_t b;
  int32_t c;
  /// The op of the chunk. For a jump the op to which it goes, or outOfCode, and which of
  /// the operands it compares are given up.
  uint32_t op;
  union {
    int64_t integer;
    double number;
    uint64_t bits;
    struct {
      int32_t low;
      int32_t high;
    };
    const CalleeCode *callee;
  };
};
static_assert(sizeof(PreparedOp) == 32);

/// The parts of PreparedOp::op in a jump.
inline constexpr uint32_t givesUpLeft = uint32_t(1) << 31;
inline constexpr uint32_t givesUpRight = uint32_t(1) << 30;
inline constexpr uint32_t jumpTargetMask = givesUpRight - 1;
inline constexpr uint32_t outOfCode = jumpTargetMask;
/// Beside the kind of a literal that is stored in an array: the index is given up.
inline constexpr int32_t givesUpIndex = 1 << 8;

/// What a Call needs to know of a function.
struct CalleeCode {
  const PreparedOp *entry;
  uint32_t windowSize; ///< in bytes
};

/// Where the values of a function are in its window, counted in registers. The slots of
/// the scope at depth d begin at d * slots, those of the function itself at 0.
struct WindowLayout {
  uint32_t slots;     ///< of the function, and of each scope
  uint32_t stackBase; ///< stack position 0
  uint32_t size;
  SlotMask scalarSlots; ///< hold nothing that must be released

  /// Whether that is so of the slot, or the slot of a scope, in register \p number.
  bool isScalar(uint32_t number) const { return (scalarSlots & maskOf(number % slots)) != 0; }
};

/// A value that is on the stack in the chunk's terms, but has not been written to its
/// stack position.
struct DeferredValue {
  enum class Place : uint8_t { Register, Global, Constant, Scalar };
  uint32_t code; ///< the instruction before which that is so
  uint32_t position;
  Place place;
  Kind kind;     ///< of a scalar
  uint64_t bits; ///< register, global or constant number; the payload of a scalar
};

/// The result of preparing a chunk. Immutable and shared between VMs and threads.
class PreparedChunk final : public DerivedData {
public:
  explicit PreparedChunk(ChunkAnalysis analysis) : analysis(std::move(analysis)) {}

  static constexpr uint32_t noEntry = ~uint32_t(0);

  /// Whether the fast loop can be entered at \p op: all values are in their places there.
  bool isEntry(uint64_t op) const { return op < entries.size() && entries[op] != noEntry; }

  ChunkAnalysis analysis;
  // The rest is empty unless the disposition is Fast.
  LargeVector<PreparedOp> code;
  /// For each op the instruction at which the fast loop enters it, or noEntry.
  LargeVector<uint32_t> entries;
  /// By function.
  std::vector<WindowLayout> layouts;
  std::vector<CalleeCode> callees;
  /// In the order of the instructions.
  std::vector<DeferredValue> deferred;
  std::vector<CountedLoop> countedLoops;
};

/// Verifies and prepares \p chunk.
std::shared_ptr<const PreparedChunk> prepare(const Chunk &chunk, const CalloutEffects &effects);

/// Returns the prepared form kept with \p chunk, made on first use. For chunks run with
/// default callout effects.
std::shared_ptr<const PreparedChunk> preparedFormOf(const Chunk &chunk);

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_PREPAREDCHUNK_H
