//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "FusionComparison.h"

#include "StateComparison.h"

#include "fusevm/Interp/VM.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Transforms/Fusion.h"

namespace fusevm::fuzzing {

namespace {

constexpr uint64_t fuelOfRun = 20'000;
constexpr uint16_t numBuiltins = 32;

Limits makeLimits() {
  Limits limits;
  limits.maxFrames = 1000;
  limits.maxStackValues = 100'000;
  limits.maxContainerSize = 100'000;
  limits.maxStringBytes = 100'000;
  return limits;
}

/// Writes, by what its caller passes and how often it was called, a slot and a global.
Value writeVariables(VM &vm, uint8_t argc, void *user) {
  unsigned &calls = *static_cast<unsigned *>(user);
  ++calls;
  for (uint8_t i = 0; i != argc; ++i)
    (void)vm.pop();
  Value values[] = {Value::makeInt(calls), Value::makeFloat(calls + 0.5), Value::makeStr("5x"),
                    Value(), Value::makeArray()};
  vm.setSlot(static_cast<uint16_t>((calls + argc) % 7), values[calls % 5]);
  vm.setGlobal(static_cast<uint16_t>((calls + argc) % 5), values[(calls + 1) % 5]);
  return values[(calls + 2) % 5];
}

/// A VM with all that belongs to it.
struct Subject {
  Subject(std::shared_ptr<const Chunk> chunk, const std::string &text, LoopChoice loop)
      : input(text), vm(std::move(chunk), makeLimits()) {
    vm.setLoop(loop);
    vm.setOutput(output);
    vm.setInput(input);
    vm.setFuel(fuelOfRun);
    for (uint16_t id = 0; id != numBuiltins; ++id)
      vm.registerBuiltin(id, writeVariables, &calls);
  }

  StringOutput output;
  StringInput input;
  unsigned calls = 0;
  VM vm;
};

/// Describes an error without op indices.
std::string describe(const RunError &error) {
  std::string text = strCat(error.message, ", line ", error.line, ", source ", error.source);
  for (const CallSite &site : error.callStack)
    strAppend(text, ", ", site.function, " line ", site.line);
  return text;
}

Difference compare(const RunResult &plainResult, const Subject &plain, const RunResult &fusedResult,
                   const Subject &fused) {
  if (plainResult.isError() && fusedResult.isError()) {
    if (auto difference =
            compareTexts("error", describe(fusedResult.error()), describe(plainResult.error())))
      return difference;
  } else if (auto difference = compareResults(fusedResult, plainResult)) {
    return difference;
  }
  if (auto difference = compareTexts("output", fused.output.text, plain.output.text))
    return difference;
  return compareData(fused.vm, plain.vm);
}

} // namespace

Difference compareFused(std::shared_ptr<const Chunk> chunk, const std::string &input) {
  auto fusedChunk = std::make_shared<const Chunk>(fuse(*chunk));
  if (analyze(*fusedChunk).disposition != analyze(*chunk).disposition)
    return "the fused chunk runs in another way";
  Subject plain(chunk, input, LoopChoice::Baseline);
  RunResult plainResult = plain.vm.run();
  if (plainResult.isError() && plainResult.error().kind != ErrorKind::Runtime)
    return std::nullopt;
  for (LoopChoice loop : {LoopChoice::Automatic, LoopChoice::Baseline}) {
    Subject fused(fusedChunk, input, loop);
    if (auto difference = compare(plainResult, plain, fused.vm.run(), fused))
      return strCat(*difference, " (fused is called fast, plain baseline)");
  }
  return std::nullopt;
}

} // namespace fusevm::fuzzing
