//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The state of a running program, as the loops and op handlers see it. VM is the
/// public face of this class.

#ifndef FUSEVM_LIB_INTERP_MACHINE_H
#define FUSEVM_LIB_INTERP_MACHINE_H

#include "PreparedChunk.h"
#include "StepwiseSort.h"
#include "TierBackend.h"
#include "ValueStack.h"
#include "Windows.h"

#include "fusevm/Interp/VM.h"

#include "absl/container/flat_hash_map.h"

#include <atomic>
#include <string>
#include <vector>

namespace fusevm {

/// How an op ended.
enum class OpStatus : uint8_t {
  Continue, ///< go on at ip
  Finished, ///< the run is over
  Failed,   ///< the run ends in the pending error
};

/// How a loop ended.
enum class LoopExit : uint8_t {
  Finished,
  Failed,
  Switch, ///< the other loop must, or again may, take over
  Demote, ///< the baseline loop must do the rest of this run
};

/// A frame. Its slots begin at slotBase of the slot stack and reach up to those of the
/// next frame.
struct FrameRecord {
  uint64_t returnIp;
  size_t stackBase;
  size_t slotBase;
  bool isScope;
};

/// A global that a block op sets, with the value it had before.
struct SavedGlobal {
  uint16_t index;
  bool isSecond; ///< holds the second element of a pair, as `b` does
  Value value;
};

/// A block op in progress.
struct BlockActivation {
  Opcode opcode;
  BlockRange range;
  uint64_t resumeIp;  ///< the op after the block op
  size_t stackHeight; ///< to which the stack is cut after an iteration
  size_t frameCount;  ///< frames when the block op began
  size_t callDepth;   ///< call frames, scopes not counted
  size_t next = 0;    ///< element of the iteration after the running one
  Value elements;     ///< the array, for all but SortBlock
  Array results;      ///< of MapBlock and GrepBlock
  std::unique_ptr<StepwiseSort> sort;
  std::vector<SavedGlobal> savedGlobals;
};

/// An error that ends the run once the op in progress is left.
struct PendingError {
  ErrorKind kind = ErrorKind::Runtime;
  std::string message;
  uint64_t op = 0;
};

/// What the AWK ops keep.
struct AwkState {
  std::shared_ptr<AwkHost> host;
  uint64_t seed = 1;
  std::optional<uint8_t> signal;
};

/// A user function with the pointer it is called with.
template <typename Function> struct Callback {
  Function function = nullptr;
  void *user = nullptr;
};

class Machine {
public:
  Machine(VM &vm, std::shared_ptr<const Chunk> chunk, const Limits &limits);

  void reset(std::shared_ptr<const Chunk> newChunk);
  void restartAt(uint64_t op);
  RunResult run();
  RunResult runNested(Machine &nested);
  void interrupt();
  /// Forgets what was made for other callout effects.
  void effectsChanged() { canonical().prepared.reset(); }

  /// Goes on until there are fewer frames than \p frameCount or fewer blocks than
  /// \p blockCount, or the run is over. For backends, while an op is in progress.
  LoopExit runInner(size_t frameCount, size_t blockCount);

  //===--------------------------------------------------------------------===//
  // For op handlers
  //===--------------------------------------------------------------------===//

  /// Ends the run with \p message; the op must not have had an effect.
  OpStatus fail(ErrorKind kind, std::string message);
  OpStatus failTooLarge(std::string_view what, unsigned __int128 size, std::string_view unit);
  OpStatus failTextTooLarge();

  /// Makes an interrupt the pending error, with the op at ip as the next one.
  void acceptInterrupt();
  /// Ends the run in an interrupt as if the op in progress had not begun. It must not have
  /// had an effect, and was charged one fuel.
  OpStatus interruptBeforeOp();

  /// The top value; a shared Undef if there is none.
  const Value &top() const { return stack.empty() ? undef() : stack.fromTop(0); }

  /// This machine, once its state is the canonical one again: the fast loop keeps most of
  /// it in windows.
  Machine &canonical() {
    windows.leave(*this);
    return *this;
  }
  /// The same, unless the op in progress has operands left on the stack, which are all that
  /// a callback needs most of the time.
  Machine &withOperands() { return windows.hasTakenOperands(stack.size()) ? canonical() : *this; }

  /// The value of a slot of the top frame; a shared Undef if it has none.
  const Value &slot(uint16_t index) const;
  /// The slot to be written, made if need be; null without a frame. May fail: then the
  /// pending error is set.
  Value *slotForWrite(uint16_t index);

  /// The value of a global; a shared Undef beyond the table.
  const Value &global(uint16_t index) const {
    return index < globals.size() ? globals[index] : undef();
  }
  /// The global to be written; the table grows.
  Value &globalForWrite(uint16_t index) {
    if (index >= globals.size())
      globals.resize(size_t(index) + 1);
    return globals[index];
  }

  /// This VM's own copy of a constant; Undef beyond the pool.
  const Value &constant(uint16_t index) {
    return index < constants.size() ? pooledConstant(index) : undef();
  }
  /// The same; the pool must have it.
  const Value &pooledConstant(size_t index) {
    const Value &loaded = constants[index];
    return loaded.isUndef() ? loadConstant(index) : loaded;
  }

  /// Enters a sub at \p entry whose frame is based \p argc values below the top.
  OpStatus enterSub(uint64_t entry, size_t argc);
  OpStatus pushFrame(uint64_t returnIp, size_t stackBase, bool isScope, size_t slots);
  /// Removes the top frame with its slots, cutting the value stack to its base.
  void popFrame();
  /// Pops frames up to and including the nearest call frame. Null if there is none.
  std::optional<FrameRecord> popCallFrame();
  /// Leaves the nearest call frame. The run is over when there is none, or when it was the
  /// root frame.
  OpStatus leaveFunction(std::optional<Value> result);
  /// Gives the top frame the slots of the function at ip, if that is known and they fit,
  /// so that limits are exceeded by the same op whichever loop runs.
  void extendSlotsForFunction();
  /// Moves \p count values from \p operands onto the stack, and back.
  void pushOperands(Value *operands, int32_t count);
  void takeResults(Value *results, int32_t count);
  /// What the analysis knows of the function that the op at \p op belongs to; null if that
  /// is nothing.
  const FunctionInfo *functionOf(uint64_t op) const;

  // Block ops (BlockOps.cpp).
  OpStatus beginBlock(Opcode opcode, uint16_t block);
  /// Whether ip is at the end of the innermost block.
  bool atBlockEnd() const;
  /// Takes the result of an iteration and starts the next one, or ends the block op.
  void finishIteration();
  /// What there is to do between two ops. How the run ends there, if it does.
  std::optional<LoopExit> settle() {
    for (;; finishIteration()) {
      if (halted)
        return LoopExit::Finished;
      if (interrupted.load(std::memory_order_relaxed)) {
        acceptInterrupt();
        return LoopExit::Failed;
      }
      if (!atBlockEnd())
        return std::nullopt;
    }
  }
  /// Forgets blocks whose function was left.
  void dropLeftBlocks();
  /// Gives up all blocks: their globals get their values back.
  void abandonBlocks();

  /// Charges \p instruction. False, with the pending error set, if the fuel is too low.
  bool charge(const Instruction &instruction, uint64_t op);
  /// Executes \p instruction, which has been charged and to whose successor ip points.
  OpStatus perform(const Instruction &instruction);
  /// Below this the meter may not fall in one step: no reason to watch the run is near.
  uint64_t bulkFloor() const {
    uint64_t floor = meterFloor.load(std::memory_order_relaxed);
    return floor == UINT64_MAX ? floor : 2 * chunk->ops.size();
  }
  bool fuelIsLimited() const { return fuel != UINT64_MAX; }

  static const Value &undef();

  VM &vm;
  std::shared_ptr<const Chunk> chunk;
  std::shared_ptr<const PreparedChunk> prepared;

  ValueStack stack;
  ValueStack slots;
  std::vector<FrameRecord> frames;
  std::vector<Value> globals;
  std::vector<BlockActivation> blocks;
  uint64_t ip = 0;
  int32_t lastStatus = 0;
  bool halted = false;
  /// Frames that are calls, not scopes.
  size_t callDepth = 0;
  /// The result of a top-level ReturnValue.
  std::optional<Value> returned;
  PendingError error;

  Windows windows;
  /// Counts resets, so that a loop notices that its chunk is gone.
  uint64_t generation = 0;

  uint64_t fuel = UINT64_MAX;
  uint64_t opsExecuted = 0;
  uint64_t calls = 0;
  size_t peakFrames = 0;
  size_t peakStack = 0;

  std::atomic<bool> interrupted{false};
  /// Below this the fast loop's meter may not fall: near the end of the fuel every op must
  /// be looked at. An interrupt raises it above everything.
  std::atomic<uint64_t> meterFloor{0};
  /// The machine that runs for the op in progress, and how many interrupts are on their way
  /// to it: it must not end before they have arrived.
  std::atomic<Machine *> inner{nullptr};
  std::atomic<uint32_t> interrupters{0};

  std::vector<Callback<BuiltinFunction>> builtins;
  Callback<ExtensionHandler> extension;
  Callback<WideExtensionHandler> wideExtension;
  AwkState awk;
  CalloutEffects effects;
  std::shared_ptr<ShellHost> shellHost;
  /// An error that a callback reported for after the op.
  std::optional<std::string> reportedError;

  OutputSink *output;
  InputSource *input;
  Limits limits;
  LoopChoice loop = LoopChoice::Automatic;
  /// Whether the fast loop runs counted loops in one go.
  bool fusesLoops = true;
  std::unique_ptr<TierBackend> tier;
  /// Replaced while they were running.
  std::vector<std::unique_ptr<TierBackend>> formerTiers;

  /// Runs \p machine in the fast loop, or if it is null sets \p handlers to the addresses of
  /// the handlers.
  static LoopExit fastLoop(Machine *machine, const void *const **handlers);

private:
  const Value &loadConstant(size_t index);
  LoopExit runLoops(bool isNewRun);
  LoopExit runFastLoop();
  bool isInnerOver() const { return frames.size() < innerFrames || blocks.size() < innerBlocks; }
  LoopExit runBaselineLoop();
  bool fastLoopMayRun();
  bool enterFastLoop();
  bool canHandOver();
  bool ensurePrepared();
  RunResult finish();
  RunResult finishWithError();
  RunError describeError() const;
  std::string functionName(const FrameRecord &frame) const;

  std::vector<Value> constants;
  size_t nestedRuns = 0;
  /// See runInner().
  size_t innerFrames = 0;
  size_t innerBlocks = 0;
  /// Whether the baseline loop looks for a place where the fast loop can take over.
  bool seeksEntry = false;
  /// Frames there were when the state last did not fit the fast loop: it will not before
  /// there are fewer.
  size_t unfitFrames = 0;
};

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_MACHINE_H
