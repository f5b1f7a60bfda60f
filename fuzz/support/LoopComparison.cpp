//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "LoopComparison.h"

#include "Callbacks.h"
#include "Ingredients.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include "absl/container/flat_hash_set.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace fusevm::fuzzing {

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

namespace {

/// Compares value graphs, each pair of containers once.
class ValueComparison {
public:
  bool run(const Value &lhs, const Value &rhs) {
    pending.emplace_back(&lhs, &rhs);
    while (!pending.empty()) {
      auto [left, right] = pending.back();
      pending.pop_back();
      if (!sameNode(*left, *right))
        return false;
    }
    return true;
  }

private:
  bool sameNode(const Value &lhs, const Value &rhs) {
    if (lhs.kind() != rhs.kind())
      return false;
    switch (lhs.kind()) {
    case Kind::Float:
      return (std::isnan(lhs.asFloat()) && std::isnan(rhs.asFloat())) || identical(lhs, rhs);
    case Kind::Array:
      return sameArray(lhs.asArray(), rhs.asArray());
    case Kind::Hash:
      return sameHash(lhs.asHash(), rhs.asHash());
    case Kind::Ref:
      pending.emplace_back(&lhs.asRef(), &rhs.asRef());
      return true;
    case Kind::Undef:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Status:
    case Kind::NativeFn:
    case Kind::Str:
      return identical(lhs, rhs);
    }
    return false;
  }

  bool sameArray(const Array &lhs, const Array &rhs) {
    if (lhs.size() != rhs.size() || !seen.emplace(&lhs, &rhs).second)
      return lhs.size() == rhs.size();
    for (size_t i = 0; i != lhs.size(); ++i)
      pending.emplace_back(&lhs[i], &rhs[i]);
    return true;
  }

  bool sameHash(const Hash &lhs, const Hash &rhs) {
    if (lhs.size() != rhs.size() || !seen.emplace(&lhs, &rhs).second)
      return lhs.size() == rhs.size();
    for (auto left = lhs.begin(), right = rhs.begin(); left != lhs.end(); ++left, ++right) {
      if (left->key.asStr() != right->key.asStr())
        return false;
      pending.emplace_back(&left->value, &right->value);
    }
    return true;
  }

  std::vector<std::pair<const Value *, const Value *>> pending;
  absl::flat_hash_set<std::pair<const void *, const void *>> seen;
};

} // namespace

bool sameValue(const Value &lhs, const Value &rhs) { return ValueComparison().run(lhs, rhs); }

//===----------------------------------------------------------------------===//
// States and results
//===----------------------------------------------------------------------===//

using Difference = std::optional<std::string>;

static std::string describe(const Value &value) {
  std::string text(kindName(value.kind()));
  text += ' ';
  if (!appendText(text, value, 200))
    text += "...";
  return text;
}

template <typename Number>
static Difference compareNumbers(std::string_view what, Number lhs, Number rhs) {
  if (lhs == rhs)
    return std::nullopt;
  return strCat(what, ": ", static_cast<uint64_t>(lhs), " in the fast loop, ",
                static_cast<uint64_t>(rhs), " in the baseline loop");
}

static Difference compareValues(std::string_view what, const Value &lhs, const Value &rhs) {
  if (sameValue(lhs, rhs))
    return std::nullopt;
  return strCat(what, ": ", describe(lhs), " in the fast loop, ", describe(rhs),
                " in the baseline loop");
}

static Difference compareTexts(std::string_view what, std::string_view lhs, std::string_view rhs) {
  if (lhs == rhs)
    return std::nullopt;
  return strCat(what, ": \"", lhs, "\" in the fast loop, \"", rhs, "\" in the baseline loop");
}

static absl::Span<const Value> withoutTrailingUndef(absl::Span<const Value> values) {
  while (!values.empty() && values.back().isUndef())
    values.remove_suffix(1);
  return values;
}

static Difference compareSpans(std::string_view what, absl::Span<const Value> lhs,
                               absl::Span<const Value> rhs) {
  if (Difference difference = compareNumbers(strCat(what, " size"), lhs.size(), rhs.size()))
    return difference;
  for (size_t i = 0; i != lhs.size(); ++i)
    if (Difference difference = compareValues(strCat(what, " ", i), lhs[i], rhs[i]))
      return difference;
  return std::nullopt;
}

static Difference compareFrames(const VM &lhs, const VM &rhs) {
  if (auto difference = compareNumbers("frames", lhs.frameCount(), rhs.frameCount()))
    return difference;
  for (size_t i = 0; i != lhs.frameCount(); ++i) {
    FrameView left = lhs.frame(i);
    FrameView right = rhs.frame(i);
    std::string frame = strCat("frame ", i, ": ");
    if (auto difference = compareNumbers(frame + "returnIp", left.returnIp, right.returnIp))
      return difference;
    if (auto difference = compareNumbers(frame + "stackBase", left.stackBase, right.stackBase))
      return difference;
    if (auto difference = compareNumbers(frame + "isScope", left.isScope, right.isScope))
      return difference;
    if (auto difference = compareSpans(frame + "slot", withoutTrailingUndef(left.slots),
                                       withoutTrailingUndef(right.slots)))
      return difference;
  }
  return std::nullopt;
}

Difference compareStates(const VM &lhs, const VM &rhs) {
  if (auto difference = compareNumbers("ip", lhs.ip(), rhs.ip()))
    return difference;
  if (auto difference = compareSpans("stack", lhs.stack(), rhs.stack()))
    return difference;
  if (auto difference = compareFrames(lhs, rhs))
    return difference;
  if (auto difference = compareNumbers("globals", lhs.globalCount(), rhs.globalCount()))
    return difference;
  for (size_t i = 0; i != lhs.globalCount(); ++i) {
    auto global = static_cast<uint16_t>(i);
    if (auto difference =
            compareValues(strCat("global ", i), lhs.getGlobal(global), rhs.getGlobal(global)))
      return difference;
  }
  if (auto difference = compareNumbers("halted", lhs.isHalted(), rhs.isHalted()))
    return difference;
  if (auto difference = compareNumbers("last status", lhs.lastStatus(), rhs.lastStatus()))
    return difference;
  if (auto difference = compareNumbers("fuel", lhs.fuel().value_or(0), rhs.fuel().value_or(0)))
    return difference;
  if (auto difference = compareNumbers("ops executed", lhs.statistics().ops, rhs.statistics().ops))
    return difference;
  return compareNumbers("calls", lhs.statistics().calls, rhs.statistics().calls);
}

static std::string describe(const RunError &error) {
  std::string text = strCat("kind ", static_cast<unsigned>(error.kind), " \"", error.message,
                            "\" at op ", error.op, " line ", error.line, " source \"", error.source,
                            "\" omitted ", error.omittedCalls);
  for (const CallSite &site : error.callStack)
    strAppend(text, ", ", site.function, " op ", site.op, " line ", site.line);
  return text;
}

static Difference compareResults(const RunResult &lhs, const RunResult &rhs) {
  if (lhs.isError() && rhs.isError())
    return compareTexts("error", describe(lhs.error()), describe(rhs.error()));
  auto asText = [](const RunResult &result) {
    if (result.isError())
      return describe(result.error());
    return result.isOk() ? "ok " + describe(result.value()) : "halted";
  };
  if (lhs.outcome() != rhs.outcome())
    return compareTexts("outcome", asText(lhs), asText(rhs));
  return lhs.isOk() ? compareValues("result", lhs.value(), rhs.value()) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// The comparison
//===----------------------------------------------------------------------===//

namespace {

/// A VM with all that belongs to it.
struct Subject {
  Subject(const std::shared_ptr<const Chunk> &chunk, const Limits &limits, LoopChoice loop)
      : vm(chunk, limits) {
    vm.setLoop(loop);
    vm.setOutput(output);
    vm.setInput(input);
  }

  StringOutput output;
  StringInput input{"first line\n\n42\nnot \xff UTF-8\nlast"};
  CallbackState callbacks;
  VM vm;
};

class LoopComparison {
public:
  LoopComparison(std::shared_ptr<const Chunk> chunk, ByteReader settings)
      : chunk(std::move(chunk)), settings(settings), limits(makeLimits()),
        fast(this->chunk, limits, LoopChoice::Automatic),
        baseline(this->chunk, limits, LoopChoice::Baseline) {}

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
    result.maxFrames = settings.chance(80) ? 4 + settings.below(60) : 5000;
    result.maxStackValues = settings.chance(50) ? 16 + settings.below(400) : 100'000;
    result.maxContainerSize = 4 + settings.below(200);
    result.maxStringBytes = 16 + settings.below(1000);
    result.maxNestedRuns = 1 + settings.below(5);
    return result;
  }

  void prepare() {
    bool callbacks = settings.chance(70);
    bool declares = settings.chance(40);
    auto id = static_cast<uint16_t>(settings.below(calloutIds));
    StackEffect effect{static_cast<uint32_t>(settings.below(3)),
                       static_cast<uint32_t>(settings.below(3))};
    onBoth([&](Subject &subject) {
      subject.callbacks.otherChunk = otherChunk();
      if (callbacks)
        installCallbacks(subject.vm, subject.callbacks);
      if (!declares)
        return;
      subject.vm.declareExtension(id, effect);
      subject.vm.declareWideExtension(id, effect);
    });
    if (settings.chance(30))
      (void)intervene();
    slices = settings.chance(60);
    totalFuel = settings.chance(20) ? 20'000 : 3000;
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
  Limits limits;
  Subject fast;
  Subject baseline;
  uint64_t totalFuel = 0;
  bool slices = false;
};

} // namespace

Difference compareLoops(std::shared_ptr<const Chunk> chunk, ByteReader settings) {
  return LoopComparison(std::move(chunk), settings).run();
}

} // namespace fusevm::fuzzing
