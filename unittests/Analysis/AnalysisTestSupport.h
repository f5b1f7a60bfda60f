//===- AnalysisTestSupport.h - Chunks for the tests -------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_UNITTESTS_ANALYSIS_ANALYSISTESTSUPPORT_H
#define FUSEVM_UNITTESTS_ANALYSIS_ANALYSISTESTSUPPORT_H

#include "fusevm/IR/TextFormat.h"

#include "gtest/gtest.h"

#include <chrono>
#include <string_view>

namespace fusevm {

/// Reads a chunk in the text form.
inline Chunk chunkFrom(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = parseText(text, diagnostics);
  EXPECT_TRUE(chunk) << renderDiagnostics("test", text, diagnostics);
  return chunk ? *std::move(chunk) : Chunk();
}

/// Fails if it lives longer than something linear in a million ops may take, on a slow
/// machine and with sanitizers.
class LinearTimeGuard {
public:
  ~LinearTimeGuard() {
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  }

private:
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

} // namespace fusevm

#endif // FUSEVM_UNITTESTS_ANALYSIS_ANALYSISTESTSUPPORT_H
