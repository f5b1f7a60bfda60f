//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "LoopComparison.h"

#include "Callbacks.h"
#include "Ingredients.h"
#include "StateComparison.h"

#include "fusevm/Interp/AwkHost.h"
#include "fusevm/Native/Jit.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cstdlib>

namespace fusevm::fuzzing {

std::optional<JitTier> tierUnderTest() {
  static const char *const name = std::getenv("FUSEVM_FUZZ_TIER");
  return name ? tierNamed(name) : std::nullopt;
}

namespace {

/// A VM with all that belongs to it.
struct Subject {
  Subject(const std::shared_ptr<const Chunk> &chunk, const Limits &limits, LoopChoice loop)
      : vm(chunk, limits) {
    vm.setLoop(loop);
    vm.setOutput(output);
    vm.setInput(input);
    vm.setShellHost(makeHarmlessShellHost());
  }

  StringOutput output;
  StringInput input{"first line\n\n42\nnot \xff UTF-8\nlast"};
  CallbackState callbacks;
  VM vm;
};

class LoopComparison {
public:
  LoopComparison(std::shared_ptr<const Chunk> chunk, ByteReader settings,
                 std::optional<JitTier> tier)
      : chunk(std::move(chunk)), settings(settings), tier(tier), limits(makeLimits()),
        fast(this->chunk, limits, LoopChoice::Automatic),
        baseline(this->chunk, limits, LoopChoice::Baseline) {}

  NativeRun nativeRun() const { return {fast.vm.jitStatistics(), coverage}; }

  Difference run() {
    prepare();
    for (unsigned runs = 0; runs != maxRuns && totalFuel != 0; ++runs) {
      uint64_t quantum = chooseQuantum();
      onBoth([quantum](Subject &subject) { subject.vm.setFuel(quantum); });
      RunResult left = fast.vm.run();
      RunResult right = baseline.vm.run();
      if (Difference difference = compare(left, right))
        return strCat("run ", runs, ": ", *difference);
      totalFuel -= quantum - std::min(quantum, fast.vm.fuel().value_or(0));
      bool stopped = left.isError() && (left.error().kind == ErrorKind::Fuel ||
                                        left.error().kind == ErrorKind::Interrupt);
      if (stopped)
        totalFuel -= std::min<uint64_t>(totalFuel, 1);
      if (!intervene() && left.isHalted())
        break;
    }
    return std::nullopt;
  }

private:
  static constexpr unsigned maxRuns = 48;

  template <typename Function> void onBoth(Function function) {
    function(fast);
    function(baseline);
  }

  Limits makeLimits() {
    Limits result;
    // Native calls may be deep.
    result.maxFrames = settings.chance(tier ? 50 : 80) ? 4 + settings.below(60) : 5000;
    result.maxStackValues = settings.chance(50) ? 16 + settings.below(400) : 100'000;
    result.maxContainerSize = 4 + settings.below(200);
    result.maxStringBytes = 16 + settings.below(1000);
    result.maxNestedRuns = 1 + settings.below(5);
    return result;
  }

  /// Mostly the one that takes least time.
  FusevmQuality chooseQuality() {
    size_t choice = settings.below(100);
    if (choice < 88)
      return FUSEVM_QUALITY_QUICK;
    return choice < 99 ? FUSEVM_QUALITY_FULL : FUSEVM_QUALITY_VECTOR;
  }

  /// Native code without delay; perhaps one of its guards fails.
  void enableJit() {
    // Kept where that was asked for, so that a second campaign reads what the first has written.
    static const bool keepsCode = std::getenv("FUSEVM_JIT_CACHE_DIR") != nullptr;
    static const auto compiler =
        std::make_shared<JitCompiler>(NativeConfig{.keepsCode = keepsCode});
    JitConfig config;
    config.tier = *tier;
    config.isSynchronous = true;
    config.interval = config.opsToFirstLook = 50;
    config.loopThreshold = 2;
    config.watchedOps = 20;
    config.quality = chooseQuality();
    config.maxCompiles = static_cast<uint32_t>(settings.chance(85) ? 2 + settings.below(3) : 8);
    // What was interpreted tells of kinds, so that fewer guards fail.
    config.callThreshold = settings.chance(50) ? static_cast<uint32_t>(settings.below(4)) : 0;
    config.opsToMoveUp = settings.chance(70) ? 1 + settings.below(400) : 0;
    if (!keepsCode)
      chooseForTests(config);
    coverage = config.coverage;
    fast.vm.enableJit(compiler, config);
  }

  /// What no code is kept with.
  void chooseForTests(JitConfig &config) {
    if (settings.chance(35))
      config.failingGuard = 1 + settings.below(settings.chance(50) ? 8 : 60);
    config.storesAtOnce = settings.chance(30);
    // Loops get to their ends, or to that of the fuel, in several strips.
    config.opsOfStrip = settings.chance(70) ? 20 + static_cast<uint32_t>(settings.below(400)) : 0;
    if (settings.chance(30))
      config.coverage = std::make_shared<JitCoverage>();
  }

  void prepare() {
    if (tier)
      enableJit();
    bool callbacks = settings.chance(70);
    bool hasAwk = settings.chance(50);
    bool declares = settings.chance(40);
    auto id = static_cast<uint16_t>(settings.below(calloutIds));
    StackEffect effect{static_cast<uint32_t>(settings.below(3)),
                       static_cast<uint32_t>(settings.below(3))};
    onBoth([&](Subject &subject) {
      subject.callbacks.otherChunk = otherChunk();
      if (callbacks)
        installCallbacks(subject.vm, subject.callbacks);
      if (hasAwk)
        subject.vm.setAwkHost(std::make_shared<AwkHost>());
      if (!declares)
        return;
      subject.vm.declareExtension(id, effect);
      subject.vm.declareWideExtension(id, effect);
    });
    if (settings.chance(30))
      (void)intervene();
    // Native code takes much fuel, and more of it to do something.
    slices = settings.chance(tier ? 45 : 60);
    totalFuel = settings.chance(tier ? 60 : 20) ? 20'000 : 3000;
  }

  std::shared_ptr<const Chunk> otherChunk() const {
    if (chunk->subChunks.empty())
      return chunk;
    return std::shared_ptr<const Chunk>(chunk, &chunk->subChunks.front());
  }

  uint64_t chooseQuantum() {
    if (!slices)
      return totalFuel;
    uint64_t quantum = settings.chance(50) ? 1 + settings.below(40) : 100 + settings.number(2);
    // Native code needs enough to be entered, and is to use it up.
    if (tier && settings.chance(60))
      quantum = 2 * chunk->ops.size() + settings.below(settings.chance(50) ? 250 : 4000);
    return std::min(settings.atEnd() ? totalFuel : quantum, totalFuel);
  }

  Difference compare(const RunResult &left, const RunResult &right) {
    if (auto difference = compareResults(left, right))
      return difference;
    if (auto difference = compareTexts("output", fast.output.text, baseline.output.text))
      return difference;
    if (auto difference = compareTexts("callbacks", fast.callbacks.log, baseline.callbacks.log))
      return difference;
    onBoth([](Subject &subject) {
      subject.output.text.clear();
      subject.callbacks.log.clear();
    });
    return compareStates(fast.vm, baseline.vm);
  }

  /// Does what an embedder may do between two runs. False if that is nothing.
  bool intervene() {
    if (settings.atEnd() || !settings.chance(40))
      return false;
    uint8_t choice = settings.byte();
    uint8_t operand = settings.byte();
    onBoth([&](Subject &subject) { intervene(subject, choice % 16, operand); });
    return true;
  }

  void intervene(Subject &subject, unsigned choice, uint8_t operand) {
    VM &vm = subject.vm;
    switch (choice) {
    case 0:
    case 1:
      return vm.push(Value::makeInt(operand));
    case 2:
      (void)vm.pop();
      return;
    case 3:
      return vm.setSlot(operand % 20, Value::makeInt(operand));
    case 4:
      return vm.setGlobal(operand % 20, Value::makeArray({Value::makeInt(operand)}));
    case 5:
    case 6:
      return vm.setIp(operand % (chunk->ops.size() + 1));
    case 7:
      return vm.pushFrame(operand, vm.stack().size() / 2, operand % 2 == 0);
    case 8:
      return vm.dropFrame();
    case 9:
    case 10:
      return vm.interrupt();
    case 11:
      return operand % 4 == 0 ? vm.requestHalt() : vm.setLastStatus(operand);
    case 12:
      return vm.reset(operand % 4 == 0 ? otherChunk() : chunk);
    case 13:
      limits.maxStackValues = 8 + operand;
      limits.maxContainerSize = 8 + operand;
      return vm.setLimits(limits);
    case 14:
      return vm.declareExtension(operand % calloutIds, {operand % 3u, operand % 2u});
    case 15:
      return installCallbacks(vm, subject.callbacks);
    }
  }

  std::shared_ptr<const Chunk> chunk;
  ByteReader settings;
  std::optional<JitTier> tier; ///< of the first VM, if it may run native code
  Limits limits;
  Subject fast;
  Subject baseline;
  std::shared_ptr<const JitCoverage> coverage;
  uint64_t totalFuel = 0;
  bool slices = false;
};

} // namespace

Difference compareLoops(std::shared_ptr<const Chunk> chunk, ByteReader settings) {
  return LoopComparison(std::move(chunk), settings, tierUnderTest()).run();
}

Difference compareTier(std::shared_ptr<const Chunk> chunk, ByteReader settings, JitTier tier,
                       NativeRun &native) {
  LoopComparison comparison(std::move(chunk), settings, tier);
  Difference difference = comparison.run();
  native = comparison.nativeRun();
  return difference;
}

} // namespace fusevm::fuzzing
