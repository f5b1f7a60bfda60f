//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Programs that run natively and interpreted.

#ifndef FUSEVM_UNITTESTS_NATIVE_NATIVETESTSUPPORT_H
#define FUSEVM_UNITTESTS_NATIVE_NATIVETESTSUPPORT_H

#include "../../fuzz/support/StateComparison.h"

#include "fusevm/IR/LoadChunk.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Native/Jit.h"

#include "gtest/gtest.h"

namespace fusevm::fuzzing {

inline std::shared_ptr<const Chunk> load(std::string_view text) {
  absl::StatusOr<Chunk> chunk = loadChunk("test.fvm", text);
  EXPECT_TRUE(chunk.ok()) << chunk.status();
  return chunk.ok() ? std::make_shared<const Chunk>(*std::move(chunk)) : nullptr;
}

inline std::shared_ptr<JitCompiler> compiler() {
  static const auto compiler = std::make_shared<JitCompiler>();
  return compiler;
}

/// Of what is only there with the compiler plugin.
class NativeTest : public testing::Test {
protected:
  void SetUp() override {
    if (!FUSEVM_HAS_PLUGIN)
      GTEST_SKIP() << "built without the compiler plugin";
  }
};

/// A VM that runs natively, and one that does not.
struct Pair {
  explicit Pair(const std::shared_ptr<const Chunk> &chunk, const Limits &limits = {},
                uint64_t failingGuard = 0, FusevmQuality quality = FUSEVM_QUALITY_QUICK,
                bool storesAtOnce = false)
      : native(chunk, limits), interpreted(chunk, limits) {
    JitConfig config;
    config.tier = JitTier::Block;
    config.isSynchronous = true;
    config.failingGuard = failingGuard;
    config.quality = quality;
    config.storesAtOnce = storesAtOnce;
    native.enableJit(compiler(), config);
    interpreted.setLoop(LoopChoice::Baseline);
  }

  void setFuel(uint64_t fuel) {
    native.setFuel(fuel);
    interpreted.setFuel(fuel);
  }

  /// Runs both, and checks that nothing tells them apart.
  RunResult run() {
    RunResult result = native.run();
    RunResult expected = interpreted.run();
    EXPECT_EQ(compareResults(result, expected), std::nullopt);
    EXPECT_EQ(compareStates(native, interpreted), std::nullopt);
    EXPECT_EQ(native.fuel(), interpreted.fuel());
    EXPECT_EQ(native.statistics().ops, interpreted.statistics().ops);
    EXPECT_EQ(native.statistics().calls, interpreted.statistics().calls);
    EXPECT_EQ(native.statistics().peakFrames, interpreted.statistics().peakFrames);
    return result;
  }

  VM native;
  VM interpreted;
};

} // namespace fusevm::fuzzing

#endif // FUSEVM_UNITTESTS_NATIVE_NATIVETESTSUPPORT_H
