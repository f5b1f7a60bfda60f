//===- Verifier.h - What may run, and how -----------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Checks a chunk against the bytecode invariants (docs/bytecode.md) and finds the
/// stack height at every op.
///
/// Only what cannot mean anything is refused. Whatever has a meaning but no fixed stack
/// shape runs in the checked baseline loop; the rest may run without checks.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_ANALYSIS_VERIFIER_H
#define FUSEVM_ANALYSIS_VERIFIER_H

#include "fusevm/IR/Chunk.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// The bytecode invariants. A chunk that violates one of the V group is refused; one that
/// violates one of the F group runs in the baseline loop.
enum class Invariant : uint8_t {
#define FUSEVM_INVARIANT(Name, Id, Sentence) Name,
#include "fusevm/Analysis/Invariants.def"
};

/// Returns the identifier that messages carry: "V1".
std::string_view invariantId(Invariant invariant);
/// Returns the sentence of the invariant, as in docs/bytecode.md.
std::string_view invariantSentence(Invariant invariant);

/// A violated invariant.
struct Violation {
  Invariant invariant;
  uint64_t op; ///< where it was found
  std::string message;
};

/// How a chunk may run.
enum class Disposition : uint8_t {
  /// The stack shape is known and no checks are needed: no function takes values from
  /// below its frame's base, nor a block's body from below what was on the stack when it
  /// began, provided that callouts do to the stack what they declared.
  Fast,
  Baseline, ///< has a meaning, but needs every check
  Refused,
};

/// The stack effects an embedder declares for builtins and extension ops. Undeclared, a
/// builtin takes its arguments and leaves one value, and an extension op does nothing.
/// A wrong declaration is noticed at run time and costs speed, not safety.
class CalloutEffects {
public:
  void declareBuiltin(uint16_t id, StackEffect effect) { declare(Opcode::CallBuiltin, id, effect); }
  void declareExtension(uint16_t id, StackEffect effect) { declare(Opcode::Extended, id, effect); }
  void declareWideExtension(uint16_t id, StackEffect effect) {
    declare(Opcode::ExtendedWide, id, effect);
  }
  bool empty() const { return effects.empty(); }

  /// Returns what \p instruction does to the stack, whatever its op.
  StackEffect effectOf(const Instruction &instruction) const;

private:
  void declare(Opcode opcode, uint16_t id, StackEffect effect) {
    effects[uint32_t(opcode) << 16 | id] = effect;
  }
  absl::flat_hash_map<uint32_t, StackEffect> effects;
};

/// A sub that is called, or the main program, as the analysis found it. The bodies of the
/// blocks that it runs count only where it is said.
struct FunctionInfo {
  uint64_t entry;
  uint32_t arguments;     ///< values it starts with
  uint32_t maxHeight = 0; ///< most values it has on the stack at a time
  uint32_t slots = 0;     ///< slots of its frames and scopes that its ops name
  /// Absent if it never returns. Returns in blocks count: they leave the function.
  std::optional<bool> returnsValue;
};

/// Scope of an op outside any PushFrame.
inline constexpr uint32_t noScope = 0;
/// Height and function of an op that is never reached, or only in the body of a block.
inline constexpr int32_t unreachedHeight = -1;
inline constexpr uint32_t noFunction = ~uint32_t(0);

/// A scope that a function has opened.
struct ScopeInfo {
  uint32_t outer; ///< id of the scope around it; noScope if there is none
  uint32_t base;  ///< height, counted like an op's, at which it was opened
  uint32_t depth; ///< scopes around it and itself
};

/// The verifier's result.
struct ChunkAnalysis {
  Disposition disposition = Disposition::Fast;
  /// If refused, why, in the order of the ops, up to maxViolations; otherwise the first
  /// reason for the baseline loop.
  std::vector<Violation> violations;
  /// Where the subs are entered, by name index. Empty if refused.
  absl::flat_hash_map<uint16_t, uint64_t> subEntries;

  // The rest is empty unless the disposition is Fast.

  /// Values on the stack before each op, counted from the base of the function's frame.
  /// That of the main program is wherever the embedder started it: there may be values
  /// below. The body of a block has no heights, as several ops may run it.
  std::vector<int32_t> heights;
  /// Index into functions for each op.
  std::vector<uint32_t> functionOf;
  /// An id for the list of open scopes at each op; 0 if there are none.
  std::vector<uint32_t> scopes;
  /// What these ids stand for: id n at index n - 1.
  std::vector<ScopeInfo> scopeTable;
  /// The main program first.
  std::vector<FunctionInfo> functions;

  /// How many scopes are open where \p scope is the innermost one.
  uint32_t scopeDepth(uint32_t scope) const {
    return scope == noScope ? 0 : scopeTable[scope - 1].depth;
  }
  /// The function that the sub with the name index \p name belongs to; nothing if there is no
  /// such sub.
  std::optional<uint32_t> functionOfSub(uint16_t name) const {
    auto sub = subEntries.find(name);
    if (sub == subEntries.end() || sub->second >= functionOf.size() ||
        functionOf[sub->second] == noFunction)
      return std::nullopt;
    return functionOf[sub->second];
  }
  bool reached(uint64_t op) const { return op < heights.size() && heights[op] != unreachedHeight; }
};

/// Violations of the V group after which the verifier stops looking.
inline constexpr size_t maxViolations = 20;

/// Analyses \p chunk, without its sub-chunks. Time and space are linear in its size.
ChunkAnalysis analyze(const Chunk &chunk, const CalloutEffects &effects = {});

/// Returns the message of a refused or baseline \p violation: identifier, op index, op
/// name, source line and reason.
std::string describe(const Chunk &chunk, const Violation &violation);

/// Returns the messages of all violations of the V group in \p chunk and, nested however
/// deep, its sub-chunks, which the messages name. At most \p limit.
std::vector<std::string> describeRefusals(const Chunk &chunk, size_t limit = maxViolations);

/// Verifies \p chunk and its sub-chunks. InvalidArgument names the first violation of the V
/// group.
absl::Status verify(const Chunk &chunk);

} // namespace fusevm

#endif // FUSEVM_ANALYSIS_VERIFIER_H
