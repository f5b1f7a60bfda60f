//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/VM.h"
#include "fusevm/Interp/VMPool.h"

#include "Machine.h"

#include <algorithm>

namespace fusevm {

VM::VM(std::shared_ptr<const Chunk> chunk, const Limits &limits)
    : machine(std::make_unique<Machine>(*this, std::move(chunk), limits)) {}

VM::VM(Chunk chunk, const Limits &limits)
    : VM(std::make_shared<const Chunk>(std::move(chunk)), limits) {}

VM::~VM() = default;

RunResult VM::run() { return machine->run(); }
void VM::reset(std::shared_ptr<const Chunk> chunk) { machine->reset(std::move(chunk)); }
void VM::restartAt(uint64_t op) { machine->restartAt(op); }
const std::shared_ptr<const Chunk> &VM::chunk() const { return machine->chunk; }

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

// A callback finds its operands on the stack. For all else the windows must be left.

void VM::push(Value value) { machine->stack.push(std::move(value)); }
Value VM::pop() { return machine->withOperands().stack.pop(); }
Value VM::peek() const { return machine->withOperands().top(); }
absl::Span<const Value> VM::stack() const {
  const ValueStack &stack = machine->canonical().stack;
  return {stack.data(), stack.size()};
}

Value VM::getSlot(uint16_t slot) const { return machine->canonical().slot(slot); }
void VM::setSlot(uint16_t slot, Value value) {
  if (Value *target = machine->canonical().slotForWrite(slot))
    *target = std::move(value);
}

Value VM::getGlobal(uint16_t index) const { return machine->global(index); }
void VM::setGlobal(uint16_t index, Value value) {
  machine->globalForWrite(index) = std::move(value);
}
std::optional<uint16_t> VM::findGlobal(std::string_view name) const {
  const std::vector<std::string> &names = machine->chunk->names;
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return std::nullopt;
  return static_cast<uint16_t>(found - names.begin());
}
size_t VM::globalCount() const { return machine->globals.size(); }

size_t VM::frameCount() const { return machine->canonical().frames.size(); }

FrameView VM::frame(size_t index) const {
  const std::vector<FrameRecord> &frames = machine->canonical().frames;
  assert(index < frames.size() && "no such frame");
  const FrameRecord &frame = frames[index];
  size_t end = index + 1 < frames.size() ? frames[index + 1].slotBase : machine->slots.size();
  return {frame.returnIp,
          frame.stackBase,
          frame.isScope,
          {machine->slots.data() + frame.slotBase, end - frame.slotBase}};
}

void VM::pushFrame(uint64_t returnIp, uint64_t stackBase, bool isScope) {
  Machine &state = machine->canonical();
  assert(stackBase <= state.stack.size() && "frame based above the stack");
  state.frames.push_back({returnIp, stackBase, state.slots.size(), isScope});
  state.callDepth += !isScope;
}

void VM::dropFrame() {
  if (machine->canonical().frames.empty())
    return;
  FrameRecord frame = machine->frames.back();
  machine->frames.pop_back();
  machine->callDepth -= !frame.isScope;
  machine->slots.truncate(frame.slotBase);
}

uint64_t VM::ip() const { return machine->ip; }
void VM::setIp(uint64_t ip) { machine->canonical().ip = ip; }

void VM::skipTo(uint64_t op) {
  Machine &state = machine->canonical();
  const ChunkAnalysis &analysis = state.prepared->analysis;
  if (analysis.reached(state.ip) && analysis.reached(op)) {
    int64_t change = int64_t{analysis.heights[op]} - analysis.heights[state.ip];
    int64_t height = static_cast<int64_t>(state.stack.size()) + change;
    state.stack.truncate(static_cast<size_t>(std::max<int64_t>(height, 0)));
    state.stack.extend(static_cast<size_t>(std::max<int64_t>(height, 0)));
  }
  state.ip = op;
}

void VM::endRunOnReturn() {
  for (FrameRecord &frame : machine->canonical().frames)
    if (!frame.isScope)
      frame.returnIp = machine->chunk->ops.size();
}

int32_t VM::lastStatus() const { return machine->lastStatus; }
void VM::setLastStatus(int32_t status) { machine->lastStatus = status; }

void VM::requestHalt() { machine->halted = true; }
bool VM::isHalted() const { return machine->halted; }

//===----------------------------------------------------------------------===//
// Callbacks
//===----------------------------------------------------------------------===//

void VM::registerBuiltin(uint16_t id, BuiltinFunction function, void *user,
                         std::optional<StackEffect> effect) {
  if (id >= machine->builtins.size())
    machine->builtins.resize(size_t(id) + 1);
  machine->builtins[id] = {function, user};
  if (effect) {
    machine->effects.declareBuiltin(id, *effect);
    machine->effectsChanged();
  }
}

void VM::setExtensionHandler(ExtensionHandler handler, void *user) {
  machine->extension = {handler, user};
}
void VM::setWideExtensionHandler(WideExtensionHandler handler, void *user) {
  machine->wideExtension = {handler, user};
}

void VM::declareExtension(uint16_t id, StackEffect effect) {
  machine->effects.declareExtension(id, effect);
  machine->effectsChanged();
}
void VM::declareWideExtension(uint16_t id, StackEffect effect) {
  machine->effects.declareWideExtension(id, effect);
  machine->effectsChanged();
}

void VM::setShellHost(std::shared_ptr<ShellHost> host) { machine->shellHost = std::move(host); }
const std::shared_ptr<ShellHost> &VM::shellHost() const { return machine->shellHost; }

void VM::configureLike(const VM &other) {
  const Machine &model = *other.machine;
  machine->builtins = model.builtins;
  machine->extension = model.extension;
  machine->wideExtension = model.wideExtension;
  machine->effects = model.effects;
  machine->effectsChanged();
  machine->shellHost = model.shellHost;
  machine->awk.host = model.awk.host;
  machine->output = model.output;
  machine->input = model.input;
  machine->limits = model.limits;
  machine->loop = model.loop;
  machine->fuel = model.fuel;
}

RunResult VM::runNested(VM &inner) { return machine->runNested(*inner.machine); }
void VM::setAwkHost(std::shared_ptr<AwkHost> host) { machine->awk.host = std::move(host); }
const std::shared_ptr<AwkHost> &VM::awkHost() const { return machine->awk.host; }
std::optional<uint8_t> VM::awkSignal() const { return machine->awk.signal; }

void VM::fail(std::string message) { machine->reportedError = std::move(message); }

//===----------------------------------------------------------------------===//
// Environment
//===----------------------------------------------------------------------===//

void VM::setOutput(OutputSink &output) { machine->output = &output; }
void VM::setInput(InputSource &input) { machine->input = &input; }
OutputSink &VM::output() const { return *machine->output; }
InputSource &VM::input() const { return *machine->input; }

const Limits &VM::limits() const { return machine->limits; }
void VM::setLimits(const Limits &limits) { machine->canonical().limits = limits; }

void VM::setFuel(std::optional<uint64_t> fuel) {
  // The largest number stands for no limit.
  machine->fuel = fuel ? std::min(*fuel, UINT64_MAX - 1) : UINT64_MAX;
}
std::optional<uint64_t> VM::fuel() const {
  if (!machine->fuelIsLimited())
    return std::nullopt;
  return machine->fuel;
}

void VM::interrupt() { machine->interrupt(); }
bool VM::isInterrupted() const { return machine->interrupted.load(std::memory_order_relaxed); }

void VM::setLoop(LoopChoice loop) { machine->loop = loop; }
void VM::setFusion(bool fuses) { machine->fusesLoops = fuses; }

RunStatistics VM::statistics() const {
  return {.ops = machine->opsExecuted,
          .calls = machine->calls,
          .peakFrames = machine->peakFrames,
          .peakStack = machine->peakStack};
}

//===----------------------------------------------------------------------===//
// VMPool
//===----------------------------------------------------------------------===//

std::unique_ptr<VM> VMPool::acquire(std::shared_ptr<const Chunk> chunk) {
  if (idle.empty())
    return std::make_unique<VM>(std::move(chunk));
  std::unique_ptr<VM> vm = std::move(idle.back());
  idle.pop_back();
  vm->reset(std::move(chunk));
  return vm;
}

void prepareChunk(const Chunk &chunk) {
  preparedFormOf(chunk);
  for (const Chunk &subChunk : chunk.subChunks)
    prepareChunk(subChunk);
}

} // namespace fusevm
