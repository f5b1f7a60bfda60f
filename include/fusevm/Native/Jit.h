//===- Jit.h - Running programs as native code ------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What an embedder says about native code, and what it can find out.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_NATIVE_JIT_H
#define FUSEVM_NATIVE_JIT_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/IR/Opcode.h"
#include "fusevm/Native/Engine.h"
#include "fusevm/Native/JitExtension.h"
#include "fusevm/Runtime/Value.h"

#include "absl/status/statusor.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fusevm {

/// Which tiers may run a program.
enum class JitTier : uint8_t {
  Interpreter, ///< none but the interpreter
  Linear,      ///< straight-line code
  Block,       ///< functions, at once: see JitConfig::callThreshold
  Automatic,   ///< what is worth it
};

/// The tier called \p name on command lines.
constexpr std::optional<JitTier> tierNamed(std::string_view name) {
  if (name == "interp")
    return JitTier::Interpreter;
  if (name == "linear")
    return JitTier::Linear;
  if (name == "block")
    return JitTier::Block;
  if (name == "auto")
    return JitTier::Automatic;
  return std::nullopt;
}

/// The quality called \p name on command lines.
constexpr std::optional<FusevmQuality> qualityNamed(std::string_view name) {
  if (name == "quick")
    return FUSEVM_QUALITY_QUICK;
  if (name == "full")
    return FUSEVM_QUALITY_FULL;
  if (name == "vector")
    return FUSEVM_QUALITY_VECTOR;
  return std::nullopt;
}

/// For tests: what native code has met. The arrays are by the number of the op, or kind.
struct JitCoverage {
  using ByOp = std::array<uint64_t, numOpcodes>;
  using ByKind = std::array<uint64_t, static_cast<size_t>(Kind::Ref) + 1>;
  ByOp reached{}; ///< in units, boxed ones apart, also if the host executed the op
  ByOp byHost{};  ///< of these, executed by the host
  ByOp boxed{};   ///< executed by boxed units
  ByOp failedGuards{};
  ByOp guardsMadeToFail{};   ///< see JitConfig::failingGuard
  ByKind atEntry{};          ///< values in variables and on the stack when a unit was entered
  ByKind atFailedGuard{};    ///< the two top values when a guard had failed
  uint64_t unwoundCalls = 0; ///< native ones
};

/// Thresholds and choices, per VM.
struct JitConfig {
  JitTier tier = JitTier::Automatic;
  /// Ops between two looks at what the interpreter is running.
  uint64_t interval = 20000;
  /// Ops and milliseconds of a run before the first look, after which the compiler is started if
  /// there is a loop: what it costs to have it, the better part of a millisecond, is too much for
  /// what is done in a few. Of a synchronous compiler only the ops count.
  uint64_t opsToFirstLook = 1'000'000;
  double millisecondsToFirstLook = 4;
  /// The same for a program that has been over before there was code whenever the compiler was
  /// started for it.
  double millisecondsToLateLook = 16;
  /// Ops of a run before it is looked whether there is code on disk; see NativeConfig::keepsCode.
  uint64_t opsToLookOnDisk = 50'000;
  /// How often native code must return to a loop or function before that is compiled. That the
  /// fast loop is found in it counts twice.
  uint32_t loopThreshold = 2;
  /// In the automatic tier: how many ops native code must execute for each that the host does
  /// with the whole state in memory; otherwise the fast loop goes on.
  uint32_t minOpsForHostCall = 25;
  /// In the block tier: how often an entry must be passed before it is compiled.
  uint32_t callThreshold = 0;
  /// Ops that are watched before something is compiled, to learn of kinds.
  uint64_t watchedOps = 2000;
  /// Native code that calls native code, through the host; deeper calls are interpreted.
  uint32_t maxDepth = 200;
  /// How often the code at one place is compiled anew when its assumptions fail.
  uint32_t maxCompiles = 8;
  /// The best quality there is.
  FusevmQuality quality = FUSEVM_QUALITY_FULL;
  /// In the automatic tier: code begins at the quick quality, and what has executed so many ops
  /// is compiled again at the best one, while the quick code goes on. 0: at the best one at once.
  uint64_t opsToMoveUp = 500'000;
  /// Waits for the compiler, instead of going on interpreting.
  bool isSynchronous = false;
  /// For tests: after how many guards one is taken to fail; 0: none is.
  uint64_t failingGuard = 0;
  /// For tests: has variables stored whenever they are set, as in units with many exits.
  bool storesAtOnce = false;
  /// For measuring what that costs: native code does not count ops at jumps, nor look for
  /// interrupts and the end of the fuel there.
  bool omitsPolls = false;
  /// For tests: how many ops a loop may execute between two looks for interrupts and the end of the
  /// fuel; 0: what is best.
  uint32_t opsOfStrip = 0;
  /// For tests: where to count. Code is slower then.
  std::shared_ptr<JitCoverage> coverage = {};
  bool wantsIR = false;
  bool wantsAssembly = false;
  /// Told of each compile, refusal and deoptimisation, a line each.
  std::function<void(std::string_view)> log = {};
  /// Given the IR and assembly that are wanted, after each compile.
  std::function<void(std::string_view)> showListing = {};

  /// The defaults, with the thresholds that the environment gives: FUSEVM_JIT_BLOCK_THRESHOLD,
  /// for loops as well as for calls; the first look is at once then. An error names the variable
  /// that is no such number.
  static absl::StatusOr<JitConfig> fromEnvironment();
};

/// What native code did in a VM.
struct JitStatistics {
  uint64_t units = 0;   ///< compiled for the VM, or for others that share them
  uint64_t shared = 0;  ///< of these, made before it asked
  uint64_t read = 0;    ///< from disk, for the VM and others
  uint64_t entries = 0; ///< of native code
  uint64_t hostCalls = 0;
  uint64_t interpretedOps = 0; ///< executed by the baseline loop
  /// How often native code was left, and how often code was refused, by reason.
  std::map<std::string, uint64_t> exits;
  std::map<std::string, uint64_t> refusals;
};

class UnitRegistry;

/// Has native code made, for any number of VMs and threads: once for all VMs that run the same
/// chunk, without callout effects of their own. It is kept until the chunk is gone, or there is
/// little memory for code left and no VM has run it.
class JitCompiler {
public:
  explicit JitCompiler(NativeConfig config = {});
  ~JitCompiler();

  NativeEngine &engine() { return nativeEngine; }

  /// Native code for Extended ops, for VMs that declare the effects of these ops. To be added
  /// before a VM uses the compiler. The first extension that emits an op is taken.
  void addExtension(std::shared_ptr<const JitExtension> extension) {
    emitters.push_back(std::move(extension));
  }
  const std::vector<std::shared_ptr<const JitExtension>> &extensions() const { return emitters; }

  // What may be asked of a chunk before it runs, from any thread. docs/tiers.md has the ops.

  /// Whether all ops of \p chunk are such that compiling it is likely to be worth it: it
  /// computes, and leaves files, processes, containers and builtins alone. A hint: a VM that has
  /// the JIT enabled compiles any op. Needs no plugin.
  bool isEligible(const Chunk &chunk) const;
  /// Whether NativeRunner::tryRunBlock() takes \p chunk: there are ops, all of which compute from
  /// the stack, slots and literals alone, and there is a plugin.
  bool isBlockEligible(const Chunk &chunk);
  /// Whether NativeRunner::tryRunLinear() takes \p chunk: these ops, one after the other, each
  /// with its operands, and one value at the end.
  bool isLinearEligible(const Chunk &chunk);
  /// Whether there is native code for \p chunk, of any place and for any kinds.
  bool isBlockCompiled(const Chunk &chunk);
  /// The longest run of at least four block-eligible ops, of several the first; nothing if a jump
  /// leads out of it.
  std::optional<BlockRange> findJitRegion(const Chunk &chunk);

  /// For the tiers.
  UnitRegistry &registry() { return *unitRegistry; }

private:
  bool isBlockOp(const Instruction &instruction) const;

  NativeEngine nativeEngine;
  std::unique_ptr<UnitRegistry> unitRegistry;
  std::vector<std::shared_ptr<const JitExtension>> emitters;
};

/// Returns the ops of \p range as a chunk, with the constants, names and lines of \p chunk but
/// without subs, blocks and sub-chunks. A jump behind the range ends the program there. An error
/// names the bounds, or the jump, that are before the range or beyond the chunk.
absl::StatusOr<Chunk> extractRegion(const Chunk &chunk, const BlockRange &range);

} // namespace fusevm

#endif // FUSEVM_NATIVE_JIT_H
