//===- Survey.h - What differential testing has covered ---------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_DIFFERENTIAL_SURVEY_H
#define FUSEVM_FUZZ_DIFFERENTIAL_SURVEY_H

#include "ExecutedOps.h"

#include "fusevm/Analysis/Verifier.h"

#include <array>

namespace fusevm::fuzzing {

class Survey {
public:
  /// Looks at what \p chunk executes and what can be made of it.
  void add(const std::shared_ptr<const Chunk> &chunk);

  uint64_t accepted() const { return programs - count(Disposition::Refused); }

  /// Prints Markdown tables to standard output.
  void print() const;

private:
  uint64_t count(Disposition disposition) const {
    return dispositions[static_cast<size_t>(disposition)];
  }
  void printSections() const;
  void printFusedOps() const;

  uint64_t programs = 0;
  std::array<uint64_t, 3> dispositions{};
  ExecutedOps executed;
  std::array<uint64_t, numOpcodes> sites{}; ///< of the fusion pass, by fused op
};

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_DIFFERENTIAL_SURVEY_H
