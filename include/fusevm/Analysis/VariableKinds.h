//===- VariableKinds.h - What slots and globals hold ------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds which slots are sure to hold an integer or a text, and which globals an array, at
/// each op of a chunk.
///
/// Unlike StackKinds, which explains, this is for whoever changes what a program does by
/// what it says: nothing is known of what callers pass or callbacks may have written.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_ANALYSIS_VARIABLEKINDS_H
#define FUSEVM_ANALYSIS_VARIABLEKINDS_H

#include "fusevm/Analysis/ControlFlowGraph.h"

#include "absl/container/flat_hash_map.h"

#include <cstdint>
#include <vector>

namespace fusevm {

/// The kinds of slots and globals of one chunk.
///
/// What it says holds if only the chunk's own ops and callbacks write slots and globals
/// while the program runs, callbacks leave the frames alone, and no run is continued after
/// an op has failed.
class VariableKinds {
public:
  /// So many slots, the first ones, and so many globals, the first to which the chunk
  /// pushes, are followed.
  static constexpr unsigned trackedVariables = 64;

  /// What is known at some op.
  class Known {
  public:
    bool isInt(uint16_t slot) const { return has(ints, slot); }
    bool isStr(uint16_t slot) const { return has(strings, slot); }

  private:
    friend class VariableKinds;
    friend class VariableKindsFinder;

    static bool has(uint64_t set, uint16_t slot) {
      return slot < trackedVariables && (set >> slot & 1) != 0;
    }

    // Bits only ever go, so that following them comes to an end.
    uint64_t ints = 0;
    uint64_t strings = 0;
    uint64_t arrays = 0; ///< by the number of the global
  };

  /// Analyses \p chunk, to which \p graph belongs and which is not refused. Both must outlive
  /// it. Time and space are linear in the size of the chunk.
  VariableKinds(const Chunk &chunk, const ControlFlowGraph &graph);

  /// Whether the global \p name holds an array, by what \p known says.
  bool isArray(const Known &known, uint16_t name) const {
    auto number = numberOf.find(name);
    return number != numberOf.end() && (known.arrays >> number->second & 1) != 0;
  }

  /// Calls \p visit with each op and what is known before it, in the order of the ops.
  template <typename Visit> void forEachOp(Visit visit) const {
    Walk walk;
    for (uint32_t block = 0; block != graph.basicBlocks().size(); ++block) {
      walk.known = entries[block].known;
      walk.values.clear();
      for (uint64_t op = graph.basicBlocks()[block].start; op != graph.basicBlocks()[block].end;
           ++op) {
        visit(op, static_cast<const Known &>(walk.known));
        step(chunk.ops[op], walk);
      }
    }
  }

private:
  friend class VariableKindsFinder;

  struct Entry {
    Known known;
    bool isReached = false;
  };

  /// What is known in the middle of a basic block. The values are those that the block has
  /// pushed itself, the topmost last.
  struct Walk {
    Known known;
    std::vector<uint8_t> values;
  };

  void step(const Instruction &instruction, Walk &walk) const;
  void stepValues(const Instruction &instruction, Walk &walk) const;
  void stepFused(const Instruction &instruction, Walk &walk) const;
  void leaveTo(const Instruction &instruction, Walk &walk) const;
  void setSlot(Known &known, uint16_t slot, uint8_t kind) const;
  void setGlobal(Known &known, uint16_t name, uint8_t kind) const;
  uint8_t kindOf(const Instruction &instruction, const Walk &walk) const;
  void numberGlobals();
  void findUnstable();

  const Chunk &chunk;
  const ControlFlowGraph &graph;
  std::vector<Entry> entries;                      ///< of the basic blocks
  absl::flat_hash_map<uint16_t, uint8_t> numberOf; ///< globals that are followed
  /// Globals that some op may make something else than an array.
  uint64_t unstableArrays = 0;
  bool callsOut = false;
};

} // namespace fusevm

#endif // FUSEVM_ANALYSIS_VARIABLEKINDS_H
