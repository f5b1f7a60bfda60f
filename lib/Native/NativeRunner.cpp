//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Native/NativeRunner.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Runtime/Coercions.h"

#include "absl/container/flat_hash_map.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

namespace fusevm {

std::optional<BlockNum> toBlockNum(const RunResult &result) {
  if (result.isHalted())
    return int64_t{0};
  if (result.isError())
    return std::nullopt;
  const Value &value = result.value();
  if (value.isFloat())
    return value.asFloat();
  if (value.isInt() || value.isBool())
    return toInt(value);
  return std::nullopt;
}

/// One more than the highest slot that an op of \p chunk names.
static size_t countNamedSlots(const Chunk &chunk) {
  uint64_t count = 0;
  for (const Instruction &instruction : chunk.ops) {
    absl::Span<const OperandInfo> operands = instruction.info().operands;
    for (size_t i = 0; i != operands.size(); ++i)
      if (operands[i].kind == OperandKind::Slot)
        count = std::max(count, instruction.operand(i) + 1);
  }
  return count;
}

class NativeRunner::State {
public:
  State(std::shared_ptr<JitCompiler> compiler, const JitConfig &config)
      : vm(Chunk()), callThreshold(config.callThreshold), compiler(std::move(compiler)),
        config(config) {
    this->config.callThreshold = 0;
    this->config.isSynchronous = true;
  }

  std::optional<RunResult> run(const std::shared_ptr<const Chunk> &chunk,
                               absl::Span<const Value> slots, JitTier tier, uint32_t threshold);
  std::optional<RunResult> runBlock(const std::shared_ptr<const Chunk> &chunk,
                                    absl::Span<Value> slots, uint32_t threshold);
  std::optional<RunResult> runBlock(const std::shared_ptr<const Chunk> &chunk,
                                    absl::Span<int64_t> words, absl::Span<const SlotKind> kinds,
                                    uint32_t threshold);

  VM vm;
  const uint32_t callThreshold;

private:
  using Kinds = std::vector<Kind>;

  /// A chunk with slots of some kinds.
  struct Case {
    uint32_t calls = 0; ///< before there was code
    bool isCompiled = false;
    bool isRefused = false;
  };

  struct Known {
    std::weak_ptr<const Chunk> chunk;
    bool isLinear = false;
    bool isBlock = false;
    size_t slots = 0;
    absl::flat_hash_map<Kinds, Case> cases;
  };

  Known &know(const std::shared_ptr<const Chunk> &chunk);
  void prepare(const std::shared_ptr<const Chunk> &chunk, const Kinds &kinds, JitTier tier);
  bool isNative() const;

  std::shared_ptr<JitCompiler> compiler;
  JitConfig config;
  absl::flat_hash_map<const Chunk *, Known> known;
  size_t knownAtPurge = 0; ///< that were left when chunks that are gone were removed
  /// The kinds for which the VM has its units: others would not be entered.
  Kinds enabledKinds;
  bool isEnabled = false;
};

/// What is known of \p chunk.
NativeRunner::State::Known &NativeRunner::State::know(const std::shared_ptr<const Chunk> &chunk) {
  constexpr size_t fewChunks = 64;
  if (known.size() > std::max(fewChunks, 2 * knownAtPurge)) {
    absl::erase_if(known, [](const auto &entry) { return entry.second.chunk.expired(); });
    knownAtPurge = known.size();
  }
  Known &entry = known[chunk.get()];
  // Where a chunk was there may be another one now.
  if (entry.chunk.expired())
    entry = {.chunk = chunk,
             .isLinear = compiler->isLinearEligible(*chunk),
             .isBlock = compiler->isBlockEligible(*chunk),
             .slots = countNamedSlots(*chunk),
             .cases = {}};
  return entry;
}

/// Makes the VM as new for \p chunk, with native code for slots of \p kinds.
void NativeRunner::State::prepare(const std::shared_ptr<const Chunk> &chunk, const Kinds &kinds,
                                  JitTier tier) {
  if (!isEnabled || vm.chunk() != chunk || enabledKinds != kinds || config.tier != tier) {
    config.tier = tier;
    vm.enableJit(compiler, config);
    enabledKinds = kinds;
    isEnabled = true;
  }
  vm.reset(chunk);
}

/// Whether the VM has had native code for its chunk.
bool NativeRunner::State::isNative() const { return vm.jitStatistics().units != 0; }

std::optional<RunResult> NativeRunner::State::run(const std::shared_ptr<const Chunk> &chunk,
                                                  absl::Span<const Value> slots, JitTier tier,
                                                  uint32_t threshold) {
  Known &entry = know(chunk);
  if (!(tier == JitTier::Linear ? entry.isLinear : entry.isBlock) || slots.size() < entry.slots)
    return std::nullopt;
  Kinds kinds;
  for (const Value &value : slots.first(entry.slots))
    kinds.push_back(value.kind());
  Case &now = entry.cases[kinds];
  if (now.isRefused)
    return std::nullopt;
  if (!now.isCompiled) {
    now.calls += now.calls != UINT32_MAX;
    if (now.calls <= threshold)
      return std::nullopt;
  }
  prepare(chunk, kinds, tier);
  for (size_t i = 0; i != entry.slots; ++i)
    vm.setSlot(static_cast<uint16_t>(i), slots[i]);
  RunResult result = vm.run();
  if (now.isCompiled)
    return result;
  now.isCompiled = isNative();
  now.isRefused = !now.isCompiled;
  return now.isCompiled ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<RunResult> NativeRunner::State::runBlock(const std::shared_ptr<const Chunk> &chunk,
                                                       absl::Span<Value> slots,
                                                       uint32_t threshold) {
  std::optional<RunResult> result = run(chunk, slots, JitTier::Block, threshold);
  if (!result || vm.frameCount() == 0)
    return result;
  // Those of the program, not of a scope that is still open.
  absl::Span<const Value> left = vm.frame(0).slots;
  std::copy_n(left.begin(), std::min(left.size(), slots.size()), slots.begin());
  return result;
}

std::optional<RunResult> NativeRunner::State::runBlock(const std::shared_ptr<const Chunk> &chunk,
                                                       absl::Span<int64_t> words,
                                                       absl::Span<const SlotKind> kinds,
                                                       uint32_t threshold) {
  auto isFloat = [kinds](size_t i) { return i < kinds.size() && kinds[i] == SlotKind::Float; };
  std::vector<Value> slots;
  for (size_t i = 0; i != words.size(); ++i)
    slots.push_back(isFloat(i) ? Value::makeFloat(std::bit_cast<double>(words[i]))
                               : Value::makeInt(words[i]));
  std::optional<RunResult> result = runBlock(chunk, absl::MakeSpan(slots), threshold);
  if (result)
    for (size_t i = 0; i != words.size(); ++i)
      words[i] = isFloat(i) ? std::bit_cast<int64_t>(toFloat(slots[i])) : toInt(slots[i]);
  return result;
}

NativeRunner::NativeRunner(std::shared_ptr<JitCompiler> compiler, const JitConfig &config)
    : state(std::make_unique<State>(std::move(compiler), config)) {}
NativeRunner::~NativeRunner() = default;

VM &NativeRunner::vm() { return state->vm; }

std::optional<RunResult> NativeRunner::tryRunLinear(const std::shared_ptr<const Chunk> &chunk,
                                                    absl::Span<const Value> slots) {
  return state->run(chunk, slots, JitTier::Linear, 0);
}

std::optional<RunResult> NativeRunner::tryRunBlock(const std::shared_ptr<const Chunk> &chunk,
                                                   absl::Span<Value> slots) {
  return state->runBlock(chunk, slots, state->callThreshold);
}

std::optional<RunResult> NativeRunner::tryRunBlockEager(const std::shared_ptr<const Chunk> &chunk,
                                                        absl::Span<Value> slots) {
  return state->runBlock(chunk, slots, 0);
}

std::optional<RunResult> NativeRunner::tryRunBlock(const std::shared_ptr<const Chunk> &chunk,
                                                   absl::Span<int64_t> words,
                                                   absl::Span<const SlotKind> kinds) {
  return state->runBlock(chunk, words, kinds, state->callThreshold);
}

std::optional<RunResult> NativeRunner::tryRunBlockEager(const std::shared_ptr<const Chunk> &chunk,
                                                        absl::Span<int64_t> words,
                                                        absl::Span<const SlotKind> kinds) {
  return state->runBlock(chunk, words, kinds, 0);
}

} // namespace fusevm
