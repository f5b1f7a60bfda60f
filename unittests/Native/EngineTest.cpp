//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Native/Engine.h"
#include "Native/ForkWatch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace fusevm;
using testing::HasSubstr;

namespace {

/// Code of a unit that returns 7, wherever it is.
#ifdef __x86_64__
constexpr uint8_t returnsSeven[] = {0x90, 0xB8, 7, 0, 0, 0, 0xC3}; // nop; mov eax, 7; ret
constexpr size_t entryOffset = 1;
#else
alignas(4) constexpr uint8_t returnsSeven[] = {0xE0, 0x00, 0x80, 0x52, 0xC0, 0x03, 0x5F, 0xD6};
constexpr size_t entryOffset = 0;
#endif

FusevmJitAnswer answerSeven() {
  static const FusevmSnapshot snapshots[2] = {};
  static const FusevmSnapshotValue values[3] = {};
  FusevmJitAnswer answer = {};
  answer.code = returnsSeven;
  answer.codeSize = sizeof(returnsSeven);
  answer.alignment = 16;
  answer.entryOffset = entryOffset;
  answer.symbol = "seven";
  answer.snapshots = snapshots;
  answer.snapshotCount = 2;
  answer.snapshotValues = values;
  answer.snapshotValueCount = 3;
  answer.bufferSize = 9;
  return answer;
}

NativeConfig withoutPlugin() {
  NativeConfig config;
  config.pluginPath = "/nonexistent/libfusevm-jit.so";
  return config;
}

/// Waits until \p pending is settled.
PendingUnit::State waitFor(const PendingUnit &pending) {
  while (pending.state() == PendingUnit::State::Waiting)
    std::this_thread::yield();
  return pending.state();
}

TEST(NativeEngineTest, loadsCode) {
  NativeEngine engine;
  std::shared_ptr<const NativeUnit> unit = engine.load(answerSeven()).value();
  EXPECT_EQ(unit->entry()(nullptr), 7u);
  EXPECT_EQ(unit->symbol(), "seven");
  EXPECT_EQ(unit->snapshots().size(), 2u);
  EXPECT_EQ(unit->snapshotValues().size(), 3u);
  EXPECT_EQ(unit->bufferSize(), 9u);
  EXPECT_EQ(unit->codeSize(), sizeof(returnsSeven));
}

TEST(NativeEngineTest, codeLivesAsLongAsItsUnit) {
  auto engine = std::make_unique<NativeEngine>();
  std::shared_ptr<const NativeUnit> unit = engine->load(answerSeven()).value();
  EXPECT_GT(engine->statistics().liveCodeBytes, 0u);
  std::shared_ptr<const NativeUnit> another = engine->load(answerSeven()).value();
  size_t both = engine->statistics().liveCodeBytes;
  another.reset();
  EXPECT_LT(engine->statistics().liveCodeBytes, both);
  engine.reset();
  EXPECT_EQ(unit->entry()(nullptr), 7u);
}

TEST(NativeEngineTest, fullMemoryIsARefusal) {
  NativeConfig config;
  config.codeBytes = 1;
  NativeEngine engine(config);
  std::vector<std::shared_ptr<const NativeUnit>> units;
  absl::StatusOr<std::shared_ptr<const NativeUnit>> unit;
  while ((unit = engine.load(answerSeven())).ok())
    units.push_back(*unit);
  EXPECT_FALSE(units.empty());
  EXPECT_THAT(std::string(unit.status().message()), HasSubstr("memory for native code is full"));
  units.clear();
  EXPECT_TRUE(engine.load(answerSeven()).ok());
}

/// Asks for code where there is no plugin.
void checkRefusals() {
  NativeEngine engine(withoutPlugin());
  absl::StatusOr<std::shared_ptr<const NativeUnit>> unit = engine.compileNow({});
  EXPECT_EQ(unit.status().message(), "there is no compiler plugin /nonexistent/libfusevm-jit.so");
  std::shared_ptr<PendingUnit> pending = engine.requestCompile(std::make_unique<OwnedRequest>());
  EXPECT_EQ(waitFor(*pending), PendingUnit::State::Refused);
  EXPECT_EQ(pending->refusal(), std::string(unit.status().message()));
  NativeStatistics statistics = engine.statistics();
  EXPECT_EQ(statistics.units, 0u);
  EXPECT_EQ(statistics.refused, 2u);
  EXPECT_EQ(statistics.refusals[std::string(unit.status().message())], 2u);
}

TEST(NativeEngineTest, missingPluginIsARefusal) {
  // In a process of its own: the first plugin that was opened serves all of one.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        checkRefusals();
        std::exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(NativeEngineTest, compilesForNobodyAreDropped) {
  NativeEngine engine(withoutPlugin());
  for (int count = 0; count != 100; ++count)
    engine.requestCompile(std::make_unique<OwnedRequest>());
  std::shared_ptr<PendingUnit> last = engine.requestCompile(std::make_unique<OwnedRequest>());
  waitFor(*last);
  NativeStatistics statistics = engine.statistics();
  EXPECT_EQ(statistics.dropped + statistics.refused, 101u);
}

TEST(NativeEngineTest, requestIsDestroyed) {
  struct Counted : OwnedRequest {
    explicit Counted(std::atomic<int> &count) : count(count) {}
    ~Counted() override { ++count; }
    std::atomic<int> &count;
  };
  std::atomic<int> destroyed = 0;
  NativeEngine engine(withoutPlugin());
  std::shared_ptr<PendingUnit> pending =
      engine.requestCompile(std::make_unique<Counted>(destroyed));
  waitFor(*pending);
  // Jobs are done in order.
  (void)engine.compileNow({});
  EXPECT_EQ(destroyed, 1);
}

TEST(NativeEngineTest, manyThreadsAsk) {
  NativeEngine engine(withoutPlugin());
  std::vector<std::thread> threads;
  for (int thread = 0; thread != 8; ++thread)
    threads.emplace_back([&] {
      for (int count = 0; count != 50; ++count) {
        EXPECT_FALSE(engine.compileNow({}).ok());
        EXPECT_EQ(engine.load(answerSeven()).value()->entry()(nullptr), 7u);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(engine.statistics().refused, 400u);
}

TEST(NativeEngineTest, forkedChildRunsButDoesNotCompile) {
  NativeEngine engine(withoutPlugin());
  (void)engine.compileNow({});
  std::shared_ptr<const NativeUnit> unit = engine.load(answerSeven()).value();
  pid_t child = ::fork();
  if (child == 0) {
    bool refuses = engine.compileNow({}).status().message() == "a forked process compiles nothing";
    std::shared_ptr<PendingUnit> pending = engine.requestCompile(std::make_unique<OwnedRequest>());
    refuses = refuses && pending->state() == PendingUnit::State::Refused;
    refuses = refuses && !engine.load(answerSeven()).ok();
    ::_exit(refuses ? unit->entry()(nullptr) : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(NativeEngineDeathTest, processMayEndWhileThePluginIsOpenedOrUsed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (int milliseconds = 0; milliseconds != 20; ++milliseconds)
    EXPECT_EXIT(
        {
          NativeEngine engine;
          engine.prepare();
          std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
          std::exit(0);
        },
        testing::ExitedWithCode(0), "");
}

} // namespace
