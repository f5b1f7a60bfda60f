//===- ExecutedOps.h - Which ops programs execute ---------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_EXECUTEDOPS_H
#define FUSEVM_FUZZ_SUPPORT_EXECUTEDOPS_H

#include "fusevm/IR/Chunk.h"

#include <array>
#include <cstdint>
#include <memory>

namespace fusevm::fuzzing {

/// Counts the programs that execute each op.
class ExecutedOps {
public:
  /// Runs \p chunk, an op at a time, for some thousand ops.
  void add(const std::shared_ptr<const Chunk> &chunk);

  uint64_t programs(Opcode opcode) const { return executed[static_cast<size_t>(opcode)]; }
  /// Of these the ones that execute the op in the fast loop.
  uint64_t fastPrograms(Opcode opcode) const { return executedFast[static_cast<size_t>(opcode)]; }

private:
  using Counts = std::array<uint64_t, numOpcodes>;
  Counts executed{};
  Counts executedFast{};
};

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_EXECUTEDOPS_H
