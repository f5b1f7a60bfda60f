//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Emits programs as a frontend would: every statement leaves the stack as it found it,
/// every expression leaves one value more.

#ifndef FUSEVM_FUZZ_SUPPORT_STRUCTUREDGENERATOR_H
#define FUSEVM_FUZZ_SUPPORT_STRUCTUREDGENERATOR_H

#include "Ingredients.h"

#include "fusevm/IR/ChunkBuilder.h"

#include "absl/types/span.h"

#include <optional>
#include <vector>

namespace fusevm::fuzzing {

class StructuredGenerator {
public:
  /// \p speculates: makes what native code has to take back, see SpeculativeProductions.cpp.
  explicit StructuredGenerator(ByteReader &bytes, bool speculates = false)
      : speculates(speculates), bytes(bytes) {}

  Chunk generate();

private:
  struct Sub {
    uint16_t name;
    uint8_t arguments;
    bool returnsValue;
    /// Whether native calls of it are possible: no callouts, blocks, scopes or output.
    bool isPlain = false;
  };

  /// A way to continue, chosen with the given weight.
  struct Production {
    uint8_t weight;
    void (StructuredGenerator::*emit)();
  };

  // The program (StructuredGenerator.cpp).
  void makePools();
  void planSubs();
  void initialiseGlobals();
  void initialiseSlots();
  void emitNumber();
  void emitMainEnd();
  void emitSub(const Sub &sub);
  void emitPrologue(const Sub &sub);
  void emitReturn();
  void emitOneOf(absl::Span<const Production> productions);

  // Expressions.
  void emitExpression();
  void emitLeaf();
  void emitComputation();
  void emitNumeric();
  void emitPair(Opcode opcode);
  void emitShuffle();
  void emitWide();
  void emitArrayEdge();
  void emitElement();
  void emitArrayGet();
  void emitChain();
  void emitEntry();
  void emitTexts();
  void emitCallValue();
  void emitCallout();
  void emitConditional();
  void emitStatementFirst();
  void emitBlockValue();

  // Statements.
  void emitStatements();
  void emitStatement();
  void emitSimpleStatement();
  void emitAssignment();
  void emitElementStore();
  void emitPrint();
  void emitDiscard();
  void emitBranch();
  void emitBlockStatement();
  void emitScope();
  void emitEarlyReturn();
  void emitContinue();
  void emitCallStatement();
  void emitHosted();
  void emitMistake();

  // Loops.
  void emitLoop();
  void emitCountingLoop();
  void emitFusedLoop();
  void emitGuardedLoop();
  void emitSteppedLoop();
  void emitConditionLoop();
  void emitEndlessLoop();

  // What native code has to take back (SpeculativeProductions.cpp).
  void planSpeculativeSubs();
  void emitSpeculativeStatement();
  void emitPlainExpression();
  void emitCalloutStatement();
  void emitRecursion(const Sub &sub);
  void emitVariablesOfLoops();
  void emitArrayOfNumbers();
  void emitHostedOps();
  void emitHotLoops();
  void emitHotBody();
  void emitTurn();
  void emitSometimes(Label otherwise);
  void emitGrowth();
  void emitElementSum();
  void emitNeighbours();
  void emitKey();
  void emitEntryStep();
  void emitTextStep();
  void emitSlotStep();
  void emitHardNumber();
  void emitChosenElement();
  void emitAnyKind();
  void emitStore();

  // What changes while it is in use (StaleProductions.cpp).
  void emitStaleStatement();
  void emitStaleCopy();
  void emitGlobalAcrossCall();
  void emitGlobalStep();
  void emitSharing();
  void emitListStep();
  void emitScopedReading();
  void emitBattery();
  void emitKeep();
  uint16_t pickScalarGlobal();
  bool isPlain() const { return currentSub && currentSub->isPlain; }

  // Parts.
  const Sub &pickCallee();
  Instruction makeLeaf();
  Instruction makeOperand();
  void emitChain(size_t length);
  void emitVariableChain(size_t length);
  void emitProductAndSum();
  void emitVariable();
  void emitOperand();
  void emitChainedComparison();
  void emitIndex();
  void emitText();
  Instruction make(Opcode opcode) { return makeInstruction(opcode, bounds, bytes); }
  /// Emits the operands of an op and the op; returns how many values it pushes.
  size_t emitApplied(Opcode opcode);
  /// Replaces the top \p count values by one.
  void reduceToOne(size_t count);
  void emitPops(size_t count);
  void emitConditions(size_t count);
  void emitCall(const Sub &sub);
  void emitBlock(Opcode opcode);
  void emitBlockBody(uint16_t block, size_t values);
  void emitArray();
  bool mayNest() const { return depth < 6 && builder.currentPos() < maxOps && !bytes.atEnd(); }
  uint16_t loopSlot() const { return static_cast<uint16_t>(bounds.slots + loopDepth); }

  static constexpr size_t maxOps = 400;
  /// Globals that are not mainly containers, the first of them for texts.
  static constexpr size_t numScalarGlobals = 5;

  bool speculates;
  ByteReader &bytes;
  ChunkBuilder builder;
  OperandBounds bounds;
  std::vector<Sub> subs;
  std::vector<BlockRange> blocks;
  std::vector<Label> blockEnds; ///< of the blocks around, innermost last
  std::vector<uint16_t> globals;
  std::optional<Sub> currentSub; ///< absent in the main program
  std::optional<Label> chunkEnd;
  bool makesMistakes = false;
  unsigned depth = 0;
  unsigned loopDepth = 0;
};

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_STRUCTUREDGENERATOR_H
