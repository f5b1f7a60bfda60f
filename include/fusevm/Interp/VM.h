//===- VM.h - Running chunks ------------------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The virtual machine: the state of one program and the loop that advances it.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_VM_H
#define FUSEVM_INTERP_VM_H

#include "fusevm/Analysis/Verifier.h"
#include "fusevm/IR/Chunk.h"
#include "fusevm/Interp/AwkHost.h"
#include "fusevm/Interp/Limits.h"
#include "fusevm/Interp/RunResult.h"
#include "fusevm/Interp/Streams.h"

#include "absl/types/span.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace fusevm {

class JitCompiler;
class Machine;
class ShellHost;
class VM;
struct JitConfig;
struct JitStatistics;

/// A builtin. Pops its \p argc arguments from \p vm itself, last one first, and returns
/// the value that CallBuiltin pushes.
using BuiltinFunction = Value (*)(VM &vm, uint8_t argc, void *user);
/// A handler of Extended ops. Pops and pushes what it likes.
using ExtensionHandler = void (*)(VM &vm, uint16_t id, uint8_t arg, void *user);
/// A handler of ExtendedWide ops.
using WideExtensionHandler = void (*)(VM &vm, uint16_t id, uint64_t payload, void *user);

/// Which loop runs a chunk.
enum class LoopChoice : uint8_t {
  Automatic, ///< the fast loop where it can, the baseline loop elsewhere
  Baseline,  ///< the baseline loop alone
};

/// A frame, as the embedder sees it. Valid until the VM changes.
struct FrameView {
  uint64_t returnIp;
  uint64_t stackBase;
  bool isScope; ///< made by PushFrame, not by a call
  absl::Span<const Value> slots;
};

/// What a VM has done since it was made or reset.
struct RunStatistics {
  uint64_t ops = 0;   ///< ops executed; a loop op counts one plus its iterations
  uint64_t calls = 0; ///< subs entered
  uint64_t peakFrames = 0;
  /// Values for which the stack had room at a time: a function counts with the most it
  /// may have.
  uint64_t peakStack = 0;
};

/// The state of one program.
///
/// Used by one thread at a time and movable between threads; only interrupt() may be
/// called from anywhere. Callbacks may use every method, also run() and reset(); an
/// exception they throw ends the run in an Error.
class VM {
public:
  /// Makes a VM for \p chunk: empty stack, one root frame, one Undef global a name.
  explicit VM(std::shared_ptr<const Chunk> chunk, const Limits &limits = {});
  /// Takes over \p chunk.
  explicit VM(Chunk chunk, const Limits &limits = {});
  VM(VM &&) = delete;
  VM &operator=(VM &&) = delete;
  ~VM();

  /// Runs until the program ends, halts or fails. Called again it goes on from the state
  /// it finds: at the op after a failed one, at the next op after a fuel limit or an
  /// interrupt, at the end otherwise. The value of an Ok result is taken off the stack.
  RunResult run();

  /// Makes the VM as new for \p chunk. Builtins, handlers, hosts, streams, limits and fuel
  /// stay.
  void reset(std::shared_ptr<const Chunk> chunk);

  /// Makes the VM ready to run from \p op on: empty stack, one root frame, not halted.
  /// Globals and the last status stay.
  void restartAt(uint64_t op);

  const std::shared_ptr<const Chunk> &chunk() const;

  //===--------------------------------------------------------------------===//
  // State
  //===--------------------------------------------------------------------===//

  /// Pushes onto the value stack.
  void push(Value value);
  /// Pops the top value; Undef when the stack is empty.
  Value pop();
  /// Returns the top value; Undef when the stack is empty.
  Value peek() const;
  /// The value stack, bottom first. Valid until the VM changes.
  absl::Span<const Value> stack() const;

  /// A slot of the top frame; Undef if it was never written.
  Value getSlot(uint16_t slot) const;
  /// Writes a slot of the top frame; nothing happens without a frame.
  void setSlot(uint16_t slot, Value value);

  /// A global by index; Undef beyond the table.
  Value getGlobal(uint16_t index) const;
  /// Writes a global; the table grows.
  void setGlobal(uint16_t index, Value value);
  /// The global called \p name, if the chunk's name pool has it.
  std::optional<uint16_t> findGlobal(std::string_view name) const;
  size_t globalCount() const;

  /// Frames, the root frame first.
  size_t frameCount() const;
  FrameView frame(size_t index) const;
  /// Pushes a frame based at \p stackBase, at most the height of the stack.
  void pushFrame(uint64_t returnIp, uint64_t stackBase, bool isScope);
  /// Removes the top frame, if there is one, and leaves the stack alone.
  void dropFrame();

  /// Index of the next op; already past the op in a callback.
  uint64_t ip() const;
  void setIp(uint64_t ip);

  /// For callbacks that do the ops up to \p op, further down in the same function, in
  /// another way: goes on at \p op, with as many values on the stack as they would have
  /// left, as far as that is known. New ones are Undef.
  void skipTo(uint64_t op);
  /// Lets the run end where the program would leave the function that it is in.
  void endRunOnReturn();

  int32_t lastStatus() const;
  void setLastStatus(int32_t status);

  /// Stops before the next op. Stays in force for later runs, until reset().
  void requestHalt();
  bool isHalted() const;

  //===--------------------------------------------------------------------===//
  // Callbacks
  //===--------------------------------------------------------------------===//

  /// Registers the builtin \p id, replacing an earlier one. \p user is passed to it and
  /// stays the caller's. An \p effect other than "takes argc, leaves one" may be declared.
  void registerBuiltin(uint16_t id, BuiltinFunction function, void *user = nullptr,
                       std::optional<StackEffect> effect = std::nullopt);
  /// Sets the handler of Extended or ExtendedWide; null removes it. While a handler runs
  /// it is detached: an op of its kind met in a nested run does nothing.
  void setExtensionHandler(ExtensionHandler handler, void *user = nullptr);
  void setWideExtensionHandler(WideExtensionHandler handler, void *user = nullptr);
  /// Declares what an extension op does to the stack, which lets chunks that use it run
  /// in the fast loop.
  void declareExtension(uint16_t id, StackEffect effect);
  void declareWideExtension(uint16_t id, StackEffect effect);

  /// Installs the host of the shell ops, in place of an earlier one; null leaves them
  /// without. It may be shared by VMs that run one after the other, or one inside the
  /// other, on one thread. reset() keeps it.
  void setShellHost(std::shared_ptr<ShellHost> host);
  const std::shared_ptr<ShellHost> &shellHost() const;

  /// Takes over the builtins, handlers, hosts, streams, limits, loop and remaining fuel of
  /// \p other: for a host that runs a sub-chunk.
  void configureLike(const VM &other);
  /// For callbacks: runs \p inner, whose program does a part of the op in progress. An
  /// interrupt of this VM reaches it too, and the fuel that it uses is taken from this VM's.
  RunResult runNested(VM &inner);

  /// Installs the host of the AWK ops, in place of an earlier one; null leaves them without.
  /// While one of its methods runs it is detached. reset() keeps it.
  void setAwkHost(std::shared_ptr<AwkHost> host);
  const std::shared_ptr<AwkHost> &awkHost() const;
  /// The code of the AwkSignal that ended the most recent run, if one did. Cleared when a
  /// run begins.
  std::optional<uint8_t> awkSignal() const;

  /// For callbacks: ends the run with an Error of kind Callback after the op in progress.
  void fail(std::string message);

  //===--------------------------------------------------------------------===//
  // Environment
  //===--------------------------------------------------------------------===//

  /// The streams of Print and ReadLine; they must outlive their use.
  void setOutput(OutputSink &output);
  void setInput(InputSource &input);
  OutputSink &output() const;
  InputSource &input() const;

  const Limits &limits() const;
  void setLimits(const Limits &limits);

  /// Sets the remaining fuel, charged as the op table says; nullopt is unlimited. When
  /// the next op costs more than is left the run ends in an Error, with ip at that op.
  void setFuel(std::optional<uint64_t> fuel);
  std::optional<uint64_t> fuel() const;

  /// Ends the current run, or else the next one, in an Error before its next op. May be
  /// called from any thread and from a signal handler.
  void interrupt();
  /// Whether there was an interrupt that has not ended a run yet: for callbacks that wait.
  bool isInterrupted() const;

  void setLoop(LoopChoice loop);
  /// Whether the fast loop runs loops that a loop op can stand for in one go, as it does
  /// unless told otherwise; see docs/fusion.md. Nothing but time tells the difference.
  void setFusion(bool fuses);

  /// Lets native code that \p compiler makes take part in running the program, or ends that.
  /// Not while the program runs. See fusevm/Native/Jit.h.
  void enableJit(std::shared_ptr<JitCompiler> compiler, const JitConfig &config);
  void disableJit();
  /// What native code has done since it was enabled.
  JitStatistics jitStatistics() const;

  /// What was done since the VM was made or reset.
  RunStatistics statistics() const;

private:
  friend class Machine;
  std::unique_ptr<Machine> machine;
};

/// Verifies and translates \p chunk and its sub-chunks now, not when they first run. After
/// that it takes no lock to run them, which a child of fork() might find locked for good.
void prepareChunk(const Chunk &chunk);

} // namespace fusevm

#endif // FUSEVM_INTERP_VM_H
