//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Units on disk: the file, and programs that find their code there.

#include "Native/UnitFile.h"
#include "Native/Plugin.h"

#include "CacheFolder.h"
#include "NativeTestSupport.h"

#include "absl/algorithm/container.h"
#include "gmock/gmock.h"

#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

using namespace fusevm;
using fuzzing::CacheFolder;
using fuzzing::load;
using testing::MatchesRegex;

namespace {

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

/// What the compiler is told of a chunk of two ops.
struct Asked {
  Asked() {
    request.unit = FUSEVM_UNIT_BLOCK;
    request.ops = ops;
    request.facts = facts;
    request.opCount = 2;
    request.functions = &function;
    request.functionCount = 1;
    request.constants = &constant;
    request.constantCount = 1;
  }

  UnitFile file(uint64_t compiler = 1, const std::string &folder = "/nonexistent") const {
    return UnitFile(CacheDirectory(folder), request, compiler);
  }

  FusevmJitOp ops[2] = {{.opcode = 1, .a = 2, .b = 3, .c = 4, .wide = 5}, {}};
  FusevmJitOpFacts facts[2] = {};
  FusevmJitFunction function = {"main", 0, 0, 3, 0, 0};
  FusevmJitConstant constant = {2, 7};
  FusevmJitRequest request = {};
};

/// A unit of three bytes of code.
struct Made {
  StoredUnit unit(uint64_t op = 1, FusevmQuality quality = FUSEVM_QUALITY_QUICK) const {
    StoredUnit result = {};
    result.key.op = op;
    result.key.quality = quality;
    result.key.kinds.slots = {2, 3, 254};
    result.key.kinds.stack = {1};
    result.key.missingOps = {0};
    result.answer.code = code;
    result.answer.codeSize = sizeof(code);
    result.answer.alignment = 16;
    result.answer.entryOffset = 1;
    result.answer.symbol = "main@1.block.quick";
    result.answer.snapshots = &snapshot;
    result.answer.snapshotCount = 1;
    result.answer.snapshotValues = &value;
    result.answer.snapshotValueCount = 1;
    result.answer.lines = &line;
    result.answer.lineCount = 1;
    result.answer.bufferSize = 9;
    result.answer.frameBytes = 80;
    result.answer.nativeOps = 4;
    result.answer.hostOps = 2;
    result.answer.usesWindows = 1;
    return result;
  }

  uint8_t code[3] = {0x90, 0x90, 0xc3};
  FusevmSnapshot snapshot = {1, 1, 0, 0, 1, FUSEVM_EXIT_KIND};
  FusevmSnapshotValue value = {FUSEVM_PLACE_SLOT, 2, FUSEVM_FROM_CONSTANT, 1, 0, 42};
  FusevmCodeLine line = {1, 17};
};

TEST(UnitFileTest, decodesWhatItEncodes) {
  UnitFile file = Asked().file();
  Made made;
  std::string bytes = file.encode({.units = {made.unit(), made.unit(0, FUSEVM_QUALITY_FULL)},
                                   .profile = {{.kinds = {1, 2}}, {.misses = OpProfile::Watched}},
                                   .attempts = 7});
  std::optional<StoredUnits> stored = file.decode(bytes);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->attempts, 7u);
  ASSERT_EQ(stored->profile.size(), 2u);
  EXPECT_EQ(stored->profile[0].kinds[1], 2);
  EXPECT_EQ(stored->profile[1].misses, OpProfile::Watched);
  ASSERT_EQ(stored->units.size(), 2u);
  StoredUnit expected = made.unit();
  const StoredUnit &unit = stored->units.front();
  EXPECT_EQ(unit.key, expected.key);
  EXPECT_EQ(stored->units.back().key.quality, FUSEVM_QUALITY_FULL);
  const FusevmJitAnswer &answer = unit.answer;
  EXPECT_EQ(std::vector(answer.code, answer.code + answer.codeSize),
            std::vector(std::begin(made.code), std::end(made.code)));
  EXPECT_STREQ(answer.symbol, expected.answer.symbol);
  EXPECT_EQ(answer.alignment, 16u);
  EXPECT_EQ(answer.entryOffset, 1u);
  EXPECT_EQ(answer.bufferSize, 9u);
  EXPECT_EQ(answer.frameBytes, 80u);
  EXPECT_EQ(answer.nativeOps, 4u);
  EXPECT_EQ(answer.hostOps, 2u);
  EXPECT_EQ(answer.usesWindows, 1);
  ASSERT_EQ(answer.snapshotCount, 1u);
  EXPECT_EQ(answer.snapshots->op, 1u);
  EXPECT_EQ(answer.snapshots->reason, FUSEVM_EXIT_KIND);
  ASSERT_EQ(answer.snapshotValueCount, 1u);
  EXPECT_EQ(answer.snapshotValues->constant, 42u);
  ASSERT_EQ(answer.lineCount, 1u);
  EXPECT_EQ(answer.lines->line, 17u);
}

TEST(UnitFileTest, noDamagedByteAndNoMissingOneGoesUnnoticed) {
  UnitFile file = Asked().file();
  std::string bytes = file.encode({.units = {Made().unit()}});
  ASSERT_TRUE(file.decode(bytes));
  for (size_t i = 0; i != bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 1;
    EXPECT_FALSE(file.decode(damaged)) << "byte " << i;
    EXPECT_FALSE(file.decode(bytes.substr(0, i))) << i << " bytes";
  }
  EXPECT_FALSE(file.decode(bytes + '\0'));
}

TEST(UnitFileTest, whatCannotBeRunIsNotTaken) {
  UnitFile file = Asked().file();
  Made made;
  auto isTaken = [&](auto change) {
    StoredUnit unit = made.unit();
    change(unit);
    return file.decode(file.encode({.units = {unit}})).has_value();
  };
  EXPECT_TRUE(isTaken([](StoredUnit &) {}));
  EXPECT_FALSE(isTaken([](StoredUnit &unit) { unit.key.op = 2; }));
  EXPECT_FALSE(isTaken([](StoredUnit &unit) { unit.answer.codeSize = 0; }));
  EXPECT_FALSE(isTaken([](StoredUnit &unit) { unit.answer.entryOffset = 3; }));
  EXPECT_FALSE(isTaken([](StoredUnit &unit) { unit.answer.alignment = 24; }));
  EXPECT_FALSE(isTaken([](StoredUnit &unit) { unit.answer.alignment = 1 << 20; }));
  EXPECT_FALSE(isTaken([](StoredUnit &unit) { unit.answer.bufferSize = uint64_t(1) << 40; }));
  EXPECT_FALSE(isTaken([](StoredUnit &unit) { unit.answer.snapshotValueCount = 0; }));
  made.snapshot.op = 3;
  EXPECT_FALSE(isTaken([](StoredUnit &) {}));
  made.snapshot.op = FUSEVM_NO_OP;
  EXPECT_TRUE(isTaken([](StoredUnit &) {}));
}

TEST(UnitFileTest, anotherChunkOrCompilerHasAnotherFile) {
  Asked asked;
  std::string name = asked.file().name();
  EXPECT_THAT(name, MatchesRegex("[0-9a-f]{16}\\.[0-9a-f]{16}\\.blk"));
  std::string bytes = asked.file().encode({.units = {Made().unit()}});
  auto isAnother = [&](auto change) {
    Asked changed;
    change(changed);
    return changed.file().name() != name && !changed.file().decode(bytes);
  };
  EXPECT_FALSE(isAnother([](Asked &) {}));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.ops[1].wide = 1; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.facts[1].pops = 1; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.facts[0].line = 1; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.function.name = "other"; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.function.slots = 4; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.function.isNative = 1; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.constant.bits = 8; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.constant.kind = 3; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.request.opCount = 1; }));
  EXPECT_TRUE(isAnother([](Asked &asked) { asked.request.unit = FUSEVM_UNIT_LINEAR; }));
  EXPECT_NE(asked.file(2).name(), name);
  EXPECT_FALSE(asked.file(2).decode(bytes));
}

TEST(UnitFileTest, aBetterUnitTakesThePlaceOfTheOther) {
  CacheFolder folder;
  UnitFile file = Asked().file(1, folder.path());
  Made made;
  auto qualities = [&] {
    std::string bytes;
    std::vector<FusevmQuality> result;
    StoredUnits stored = file.read(bytes).value_or(StoredUnits());
    for (const StoredUnit &unit : stored.units)
      result.push_back(unit.key.quality);
    return result;
  };
  file.add(made.unit(1, FUSEVM_QUALITY_QUICK), {{.kinds = {1, 0}}, {}});
  file.add(made.unit(0, FUSEVM_QUALITY_QUICK), {});
  file.add(made.unit(1, FUSEVM_QUALITY_FULL), {{.kinds = {2, 0}}, {}});
  std::string contents;
  EXPECT_EQ(file.read(contents)->profile[0].kinds[0], 3);
  EXPECT_EQ(qualities(), (std::vector{FUSEVM_QUALITY_QUICK, FUSEVM_QUALITY_FULL}));
  file.add(made.unit(1, FUSEVM_QUALITY_QUICK), {});
  EXPECT_EQ(qualities(),
            (std::vector{FUSEVM_QUALITY_QUICK, FUSEVM_QUALITY_FULL, FUSEVM_QUALITY_QUICK}));
  // A damaged file is begun anew.
  folder.write(file.name() + ".fjit", "garbage");
  EXPECT_EQ(qualities(), std::vector<FusevmQuality>());
  file.add(made.unit(), {});
  EXPECT_EQ(qualities(), std::vector{FUSEVM_QUALITY_QUICK});
}

TEST(UnitFileTest, attemptsAreCountedUntilAUnitComes) {
  CacheFolder folder;
  UnitFile file = Asked().file(1, folder.path());
  std::string bytes;
  EXPECT_FALSE(file.read(bytes));
  for (uint32_t attempts : {1, 2}) {
    file.noteAttempt();
    ASSERT_TRUE(file.read(bytes));
    EXPECT_EQ(file.read(bytes)->attempts, attempts);
    EXPECT_EQ(file.read(bytes)->units.size(), 0u);
  }
  Made made;
  file.add(made.unit(), {});
  EXPECT_EQ(file.read(bytes)->attempts, 0u);
  file.noteAttempt();
  EXPECT_EQ(file.read(bytes)->units.size(), 1u);
  EXPECT_EQ(file.read(bytes)->attempts, 1u);
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// Calls a function in a loop; what it adds up is a float from some round on.
constexpr std::string_view program = R"(
slots i sum
  LoadInt 0
  SetSlot sum
  LoadInt 0
  SetSlot i
again:
  GetSlot sum
  GetSlot i
  Call half 1
  Add
  SetSlot sum
  GetSlot i
  LoadInt 1
  Add
  SetSlot i
  GetSlot i
  LoadInt 20000
  NumLt
  JumpIfTrue again
  GetSlot sum
  Jump done
sub half:
slots n
  SetSlot n
  GetSlot n
  LoadInt 15000
  NumLt
  JumpIfTrue small
  LoadFloat 0.5
  ReturnValue
small:
  GetSlot n
  LoadInt 3
  BitAnd
  ReturnValue
done:
)";

/// One with another constant.
std::string otherProgram() {
  std::string text(program);
  return text.replace(text.find("LoadInt 3"), 9, "LoadInt 5");
}

class KeptCodeTest : public fuzzing::NativeTest {
protected:
  /// Runs \p text as in a process of its own, as far as native code is concerned.
  JitStatistics run(std::string_view text, JitConfig config = {}, NativeConfig native = {}) {
    auto compiler = std::make_shared<JitCompiler>(native);
    std::shared_ptr<const Chunk> chunk = load(text);
    VM vm(chunk);
    VM interpreted(chunk);
    config.isSynchronous = true;
    config.opsToFirstLook = config.opsToLookOnDisk = 1000;
    config.interval = 500;
    config.watchedOps = 50;
    config.opsToMoveUp = 5000;
    vm.enableJit(compiler, config);
    EXPECT_EQ(fuzzing::compareResults(vm.run(), interpreted.run()), std::nullopt);
    EXPECT_EQ(fuzzing::compareStates(vm, interpreted), std::nullopt);
    EXPECT_GT(vm.jitStatistics().entries, 0u);
    compiled = compiler->engine().statistics().units;
    return vm.jitStatistics();
  }

  CacheFolder folder;
  uint64_t compiled = 0; ///< units in the last run
};

TEST_F(KeptCodeTest, theSecondRunCompilesNothing) {
  for (JitTier tier : {JitTier::Automatic, JitTier::Block}) {
    clearJitCache();
    EXPECT_EQ(run(program, {.tier = tier}).read, 0u);
    EXPECT_GT(compiled, 0u);
    ASSERT_EQ(folder.names().size(), 1u);
    EXPECT_THAT(folder.names().front(), MatchesRegex("[0-9a-f]{16}\\.[0-9a-f]{16}\\.blk\\.fjit"));
    EXPECT_GT(run(program, {.tier = tier}).read, 0u);
    EXPECT_EQ(compiled, 0u);
  }
}

TEST_F(KeptCodeTest, straightLineCodeHasItsOwnFile) {
  constexpr std::string_view text = "LoadInt 1\nLoadInt 2\nAdd\n";
  run(text, {.tier = JitTier::Linear});
  ASSERT_EQ(folder.names().size(), 1u);
  EXPECT_THAT(folder.names().front(), testing::EndsWith(".lin.fjit"));
  EXPECT_EQ(run(text, {.tier = JitTier::Linear}).read, 1u);
  EXPECT_EQ(compiled, 0u);
}

TEST_F(KeptCodeTest, onlyTheSameProgramFindsItsCode) {
  run(program);
  EXPECT_EQ(run(otherProgram()).read, 0u);
  EXPECT_GT(compiled, 0u);
  EXPECT_EQ(folder.names().size(), 2u);
}

TEST_F(KeptCodeTest, aDamagedFileIsReplaced) {
  run(program);
  std::string name = folder.names().front();
  for (const std::string &content : {std::string(), std::string(10000, 'x')}) {
    folder.write(name, content);
    EXPECT_EQ(run(program).read, 0u);
    EXPECT_GT(compiled, 0u);
    EXPECT_GT(run(program).read, 0u);
  }
}

TEST_F(KeptCodeTest, whoDoesNotWantItOrOnlyTestsKeepsNothing) {
  run(program, {}, {.keepsCode = false});
  run(program, {.storesAtOnce = true});
  run(program, {.failingGuard = 5});
  EXPECT_EQ(folder.names().size(), 0u);
  setJitCacheDir(std::nullopt); // The environment of tests says off.
  run(program);
  EXPECT_GT(compiled, 0u);
}

TEST_F(KeptCodeTest, anotherPluginFindsNothing) {
  run(program);
  std::string copy = folder.path() + "/plugin.so";
  std::vector<std::string> paths = pluginPaths("");
  auto found =
      absl::c_find_if(paths, [](const std::string &path) { return std::filesystem::exists(path); });
  ASSERT_NE(found, paths.end());
  const std::string &plugin = *found;
  std::filesystem::copy_file(plugin, copy);
  std::optional<uint64_t> id = identifyPlugin({copy});
  ASSERT_TRUE(id);
  EXPECT_NE(id, identifyPlugin({plugin}));
  EXPECT_EQ(id, identifyPlugin({copy}));
  // The time of modification may be set, for one.
  auto time = std::filesystem::last_write_time(copy);
  std::ofstream(copy, std::ios::in | std::ios::out).put('x');
  std::filesystem::last_write_time(copy, time);
  EXPECT_NE(id, identifyPlugin({copy}));
  EXPECT_EQ(identifyPlugin({"/nonexistent/it.so"}), std::nullopt);
}

TEST_F(KeptCodeTest, codeMadeInTheBackgroundIsKept) {
  std::shared_ptr<const Chunk> chunk = load(program);
  VM vm(chunk);
  vm.enableJit(std::make_shared<JitCompiler>(), {.tier = JitTier::Block});
  while (vm.jitStatistics().entries == 0) {
    vm.reset(chunk);
    ASSERT_TRUE(vm.run().isOk());
  }
  // All engines have one compile thread.
  EXPECT_FALSE(NativeEngine({.pluginPath = "/nonexistent"}).compileNow({}).ok());
  EXPECT_EQ(folder.names().size(), 1u);
}

TEST_F(KeptCodeTest, aVmThatIsResetRunsNativelyAtOnce) {
  run(program);
  VM vm(load(program));
  JitConfig config{.interval = 500, .isSynchronous = true};
  config.opsToLookOnDisk = 1000;
  vm.enableJit(std::make_shared<JitCompiler>(), config);
  uint64_t entries = 0;
  for (int i = 0; i != 3; ++i) {
    vm.reset(vm.chunk());
    ASSERT_TRUE(vm.run().isOk());
    EXPECT_GT(vm.jitStatistics().entries, entries) << "run " << i;
    entries = vm.jitStatistics().entries;
  }
}

TEST_F(KeptCodeTest, theCompilerIsNotOpenedForWhatIsOnDisk) {
  run(program);
  auto compiler = std::make_shared<JitCompiler>();
  std::shared_ptr<const Chunk> chunk = load(program);
  for (int i = 0; i != 3; ++i) {
    VM vm(chunk);
    JitConfig config{.interval = 500};
    config.opsToLookOnDisk = 1000;
    vm.enableJit(compiler, config);
    ASSERT_TRUE(vm.run().isOk());
    EXPECT_GT(vm.jitStatistics().entries, 0u);
    EXPECT_EQ(compiler->engine().readiness(), NativeEngine::Readiness::Closed);
  }
}

TEST_F(KeptCodeTest, whatNeverComesInTimeIsNotAskedForAgain) {
  // Each run opens the compiler for something, which is ready when the run is over, if then.
  auto isOpened = [&](double millisecondsToLateLook) {
    auto compiler = std::make_shared<JitCompiler>();
    VM vm(load(program));
    JitConfig config{.interval = 500, .opsToFirstLook = 1000, .millisecondsToFirstLook = 0.01};
    config.opsToLookOnDisk = 1000;
    config.millisecondsToLateLook = millisecondsToLateLook;
    config.loopThreshold = 1'000'000;
    vm.enableJit(compiler, config);
    EXPECT_TRUE(vm.run().isOk());
    bool isClosed = compiler->engine().readiness() == NativeEngine::Readiness::Closed;
    // What waits for the compile thread is done then.
    EXPECT_TRUE(isClosed || compiler->engine().open().ok());
    return !isClosed;
  };
  constexpr double never = 1e9;
  EXPECT_TRUE(isOpened(never));
  EXPECT_TRUE(isOpened(never));
  EXPECT_TRUE(isOpened(never));
  EXPECT_FALSE(isOpened(never));
  EXPECT_TRUE(isOpened(0.01));
}

TEST_F(KeptCodeTest, aForkedChildReadsNothing) {
  run(program);
  auto compiler = std::make_shared<JitCompiler>();
  std::shared_ptr<const Chunk> chunk = load(program);
  auto runOne = [&] {
    VM vm(chunk);
    vm.enableJit(compiler, {.tier = JitTier::Block, .isSynchronous = true});
    EXPECT_TRUE(vm.run().isOk());
    return vm.jitStatistics();
  };
  EXPECT_GT(runOne().read, 0u);
  pid_t child = ::fork();
  if (child == 0) {
    chunk = load(otherProgram());
    JitStatistics counts = runOne();
    ::_exit(counts.read == 0 && counts.entries == 0 && folder.names().size() == 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(KeptCodeTest, vmsOfOneCompilerReadTheFileOnce) {
  run(program);
  auto compiler = std::make_shared<JitCompiler>();
  std::shared_ptr<const Chunk> chunk = load(program);
  for (int i = 0; i != 3; ++i) {
    VM vm(chunk);
    vm.enableJit(compiler, {.tier = JitTier::Block, .isSynchronous = true});
    ASSERT_TRUE(vm.run().isOk());
    EXPECT_EQ(vm.jitStatistics().read != 0, i == 0);
    EXPECT_GT(vm.jitStatistics().entries, 0u);
  }
}

} // namespace
