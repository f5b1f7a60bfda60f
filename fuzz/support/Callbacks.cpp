//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Compiled with exceptions: some callbacks throw.

#include "Callbacks.h"

#include "Ingredients.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <stdexcept>

namespace fusevm::fuzzing {

namespace {

/// What a callback does. The first ones leave the stack as the analysis expects it, unless
/// the run ends.
enum class Action : uint8_t {
  Sum,
  Collect,
  Observe,
  SetSlot,
  SetGlobal,
  SetStatus,
  SpendFuel,
  SwitchLoop,
  Throw,
  Fail,
  Halt,
  Interrupt,
  NestedRun,
  Limit,
  Declare,
  Register,
  Replace,
  // Those that do not.
  PopMore,
  PushMore,
  PopAll,
  KeepArguments,
  DropFrame,
  PushCall,
  PushScope,
  Jump,
  Reset,
  ResetToOther,
  ThrowNumber,
};

constexpr Action actions[calloutIds] = {
    Action::Sum,       Action::Sum,          Action::Sum,       Action::Collect,
    Action::Collect,   Action::Observe,      Action::Halt,      Action::SetSlot,
    Action::SetGlobal, Action::SetStatus,    Action::SpendFuel, Action::SwitchLoop,
    Action::Throw,     Action::Fail,         Action::Interrupt, Action::NestedRun,
    Action::Limit,     Action::Declare,      Action::Register,  Action::Replace,
    Action::PopMore,   Action::PushMore,     Action::PopAll,    Action::KeepArguments,
    Action::DropFrame, Action::PushCall,     Action::PushScope, Action::Jump,
    Action::Reset,     Action::ResetToOther, Action::Fail,      Action::ThrowNumber,
};
static_assert(actions[balancedCalloutIds - 1] == Action::Replace &&
                  actions[balancedCalloutIds] == Action::PopMore,
              "the balanced actions come first");
static_assert(actions[firstSettingCallout] == Action::SetSlot &&
              actions[lastSettingCallout] == Action::SetGlobal);

constexpr size_t maxLogBytes = 1 << 16;

Value runNested(VM &vm, CallbackState &state) {
  if (state.nestedRunsLeft == 0)
    return Value();
  --state.nestedRunsLeft;
  RunResult result = vm.run();
  if (result.isOk())
    return result.value();
  return Value::makeStr(result.isHalted() ? "halted" : result.error().message);
}

void reset(VM &vm, CallbackState &state, std::shared_ptr<const Chunk> chunk) {
  if (state.resetsLeft == 0)
    return;
  --state.resetsLeft;
  vm.reset(std::move(chunk));
}

void install(VM &vm, CallbackState &state);
template <uint16_t Id> Value builtinOf(VM &vm, uint8_t argc, void *user);

/// Does \p action; \p operand is the op's argument with the number of calls mixed in.
Value perform(VM &vm, CallbackState &state, Action action, uint64_t operand) {
  auto small = static_cast<uint16_t>(operand % 7);
  auto other = static_cast<uint16_t>((3 * operand + 1) % 7);
  auto any = static_cast<uint16_t>(5 * operand % 12); // soon one that there has not been
  switch (action) {
  case Action::Sum:
  case Action::Collect:
  case Action::Observe:
  case Action::KeepArguments:
    break;
  case Action::SetSlot:
    vm.setSlot(any, vm.getSlot(other));
    break;
  case Action::SetGlobal:
    vm.setGlobal(any, vm.getGlobal(other));
    break;
  case Action::SetStatus:
    vm.setLastStatus(vm.lastStatus() + small);
    break;
  case Action::SpendFuel:
    if (std::optional<uint64_t> fuel = vm.fuel())
      vm.setFuel(*fuel - *fuel / (2 + small));
    break;
  case Action::SwitchLoop:
    vm.setLoop(LoopChoice::Baseline);
    break;
  case Action::Halt:
    vm.requestHalt();
    break;
  case Action::Throw:
    throw std::runtime_error("thrown on purpose");
  case Action::ThrowNumber:
    throw 7;
  case Action::Fail:
    vm.fail(strCat("failed on purpose, call ", state.calls));
    break;
  case Action::Interrupt:
    vm.interrupt();
    break;
  case Action::NestedRun:
    return runNested(vm, state);
  case Action::PopMore:
    for (uint64_t i = 0; i != 1 + operand % 3; ++i)
      vm.pop();
    break;
  case Action::PushMore:
    for (uint64_t i = 0; i != 1 + operand % 5; ++i)
      vm.push(Value::makeInt(static_cast<int64_t>(i)));
    break;
  case Action::PopAll:
    while (!vm.stack().empty())
      vm.pop();
    break;
  case Action::DropFrame:
    vm.dropFrame();
    break;
  case Action::PushCall:
  case Action::PushScope:
    vm.pushFrame(operand % 16, vm.stack().size() - std::min<size_t>(small, vm.stack().size()),
                 action == Action::PushScope);
    break;
  case Action::Jump:
    vm.setIp(operand % (vm.chunk()->ops.size() + 2));
    break;
  case Action::Reset:
    reset(vm, state, vm.chunk());
    break;
  case Action::ResetToOther:
    reset(vm, state, state.otherChunk);
    break;
  case Action::Declare:
    vm.declareExtension(small, {small % 3u, static_cast<uint32_t>(operand % 2)});
    vm.declareWideExtension(small, {0, 1});
    break;
  case Action::Register:
    vm.registerBuiltin(0, builtinOf<0>, &state, StackEffect{1, small % 2u});
    break;
  case Action::Replace:
    install(vm, state);
    break;
  case Action::Limit: {
    Limits limits = vm.limits();
    limits.maxStackValues += operand % 2 == 0 ? 16 : -std::min<size_t>(16, limits.maxStackValues);
    vm.setLimits(limits);
    break;
  }
  }
  return Value::makeInt(static_cast<int64_t>(operand % 32));
}

uint64_t begin(VM &vm, CallbackState &state, std::string_view what, uint64_t id, uint64_t operand) {
  ++state.calls;
  if (state.log.size() < maxLogBytes) {
    strAppend(state.log, what, id, ":");
    describeBriefly(state.log, vm);
  }
  return operand + state.calls;
}

Value builtin(VM &vm, uint8_t argc, void *user, uint16_t id) {
  auto &state = *static_cast<CallbackState *>(user);
  uint64_t operand = begin(vm, state, "builtin", id, argc);
  Action action = actions[id];
  if (action == Action::KeepArguments)
    return Value::makeInt(argc);
  Array arguments;
  int64_t sum = 0;
  for (unsigned i = 0; i != argc; ++i) {
    arguments.push(vm.pop());
    sum += toInt(arguments[i]) & 0xffff;
  }
  if (action == Action::Sum)
    return Value::makeInt(sum);
  if (action == Action::Collect)
    return Value::makeArray(std::move(arguments));
  return perform(vm, state, action, operand);
}

template <uint16_t Id> Value builtinOf(VM &vm, uint8_t argc, void *user) {
  return builtin(vm, argc, user, Id);
}

void extension(VM &vm, uint16_t id, uint8_t argument, void *user) {
  auto &state = *static_cast<CallbackState *>(user);
  uint64_t operand = begin(vm, state, "extension", id, argument);
  (void)perform(vm, state, actions[id % calloutIds], operand);
}

void wideExtension(VM &vm, uint16_t id, uint64_t payload, void *user) {
  auto &state = *static_cast<CallbackState *>(user);
  uint64_t operand = begin(vm, state, "wide", id, payload);
  (void)perform(vm, state, actions[id % calloutIds], operand);
}

template <size_t... Ids>
void registerBuiltins(VM &vm, CallbackState &state, std::index_sequence<Ids...>) {
  (vm.registerBuiltin(Ids, builtinOf<Ids>, &state), ...);
}

void install(VM &vm, CallbackState &state) {
  registerBuiltins(vm, state, std::make_index_sequence<calloutIds>());
  vm.setExtensionHandler(extension, &state);
  vm.setWideExtensionHandler(wideExtension, &state);
}

class HarmlessShellHost final : public ShellHost {
public:
  int32_t exec(absl::Span<const std::string> argv) override {
    return static_cast<int32_t>(argv.size() + argv[0].size());
  }
  int32_t execBg(absl::Span<const std::string>) override { return 0; }
  std::optional<int32_t> callFunction(std::string_view name,
                                      absl::Span<const std::string>) override {
    if (name.size() % 2 == 0)
      return std::nullopt;
    return static_cast<int32_t>(name.size());
  }
  std::optional<int32_t> subshellEnd() override { return caller()->lastStatus() ^ 1; }
  std::vector<std::string> glob(std::string_view pattern, bool) override {
    return {std::string(pattern)};
  }
  bool testFile(uint8_t test, std::string_view path) override {
    return (test + path.size()) % 2 == 0;
  }
};

} // namespace

std::shared_ptr<ShellHost> makeHarmlessShellHost() { return std::make_shared<HarmlessShellHost>(); }

void installCallbacks(VM &vm, CallbackState &state) { install(vm, state); }

void describeBriefly(std::string &log, const VM &vm) {
  strAppend(log, " ip ", vm.ip(), " stack ", vm.stack().size(), " frames ", vm.frameCount(),
            " ops ", vm.statistics().ops, " fuel ", vm.fuel().value_or(0));
  Value top = vm.peek();
  log += " top ";
  if (!appendText(log, top, log.size() + 64))
    log += "...";
  log += '\n';
}

} // namespace fusevm::fuzzing
