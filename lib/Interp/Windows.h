//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The registers of the fast loop, and the way between them and the canonical state.
///
/// The fast loop takes over the top frame and moves its values to a window; frames that it
/// makes itself exist as windows alone. The frames below stay as they are until a return
/// comes to them. Whoever wants to see the canonical state calls leave().

#ifndef FUSEVM_LIB_INTERP_WINDOWS_H
#define FUSEVM_LIB_INTERP_WINDOWS_H

#include "PreparedChunk.h"

#include "fusevm/Runtime/Value.h"

#include <cstddef>
#include <cstdint>

namespace fusevm {

class Machine;

/// Registers that are not in use hold no value that would have to be released.
class Windows {
public:
  Windows() = default;
  Windows(const Windows &) = delete;
  Windows &operator=(const Windows &) = delete;
  ~Windows();

  /// Where a call came from, or, marked, the instruction that opened a scope.
  using Return = uintptr_t;
  static constexpr Return scopeMark = 1;

  bool isActive() const { return active; }
  /// Whether the op in progress has taken all its operands off the canonical stack.
  bool hasTakenOperands(size_t stackSize) const { return active && stackSize == transferBase; }
  /// How many values it has there.
  size_t transferred(size_t stackSize) const { return stackSize - transferBase; }

  /// What came of an attempt to enter.
  enum class Entry {
    Done,
    NotNow, ///< a slot holds what it never should; the chunk's ops may store something else
    Never,  ///< the frame is not what the analysis expects, or near a limit
  };

  /// Takes over the top frame of \p machine at ip, which must be an entry of its prepared
  /// chunk. Does nothing if it cannot.
  Entry enter(Machine &machine);
  /// Gives the canonical state back. The values that the op in progress has on the
  /// canonical stack stay on top. Nothing happens if there is no window.
  void leave(Machine &machine);
  /// Forgets the only window, whose function has been left.
  void drop() { active = false; }

  /// Makes room for a window of \p size bytes at \p newBase, moving all windows if need
  /// be, and for one more return. Returns where the window then begins; null if that would
  /// exceed a limit.
  Value *makeRoom(Machine &machine, Value *newBase, size_t size);

  // The state of the innermost window, kept by the fast loop; see there.
  Value *base = nullptr;
  Return *returns = nullptr; ///< one past the last one
  const PreparedOp *at = nullptr;
  uint64_t op = 0;      ///< whose state is meant
  uint32_t height = 0;  ///< values in the window's stack positions
  uint64_t counted = 0; ///< fuel that was left when the machine's counts were last right
  Return *bottom = nullptr;
  /// Beyond these makeRoom() must be asked. They mark the highest use so far.
  Return *returnsEnd = nullptr;
  Value *registersEnd = nullptr;

private:
  bool matches(const Machine &machine) const;
  bool scalarSlotsAre(const Machine &machine) const;
  void reserveRegisters(size_t count);

  bool active = false;
  Value *registers = nullptr;
  size_t capacity = 0; ///< in registers
  Return *returnStack = nullptr;
  size_t returnCapacity = 0;
  size_t transferBase = 0; ///< height of the canonical stack without the op's operands
};

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_WINDOWS_H
