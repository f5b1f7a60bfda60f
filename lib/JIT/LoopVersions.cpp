//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "LoopVersions.h"

#include "LoopCells.h"
#include "LoopStrips.h"
#include "StableLoads.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/IR/ProfDataUtils.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

#include <optional>

using namespace llvm;
using namespace llvm::PatternMatch;

namespace fusevm::jit {

namespace {

/// Arrays have fewer elements, and steps that are looked at are smaller.
constexpr uint64_t tooMany = uint64_t(1) << 48;
/// Of rounds and steps whose product is looked at.
constexpr uint64_t tooManyToMultiply = uint64_t(1) << 31;
constexpr size_t mostInstructions = 300;
constexpr size_t mostInstructionsOfNest = 1000;
/// That are not worth checks before them.
constexpr unsigned fewRounds = 16;

/// The version of one loop, and of those in it.
class LoopVersion {
public:
  LoopVersion(Loop &loop, const LoopInfo &loops, ScalarEvolution &evolution,
              const DominatorTree &dominators, AAResults &aliases, SCEVExpander &expander)
      : loop(loop), header(loop.getHeader()), loops(loops), evolution(evolution),
        dominators(dominators), aliases(aliases), expander(expander),
        builder(header->getContext()) {}

  /// Whether there is anything to be gained.
  bool plan();
  /// Emits the checks, while the analyses are valid, and then the version.
  void emitChecks();
  void emitLoop(SmallVectorImpl<AllocaInst *> &variables);

private:
  /// A branch that goes one way as long as the loop runs, if a check before it says so.
  struct Check {
    BranchInst *branch;
    unsigned way;
  };
  /// What a part of its condition is.
  struct Term {
    Value *condition;
    bool wanted;
  };
  /// The block at whose end a loop goes on only while this is less than that.
  struct Test {
    BasicBlock *block = nullptr;
    const SCEVAddRecExpr *tested = nullptr;
    const SCEV *limit = nullptr;
    /// How often it goes on there at most; null if that is not known.
    const SCEV *rounds = nullptr;
  };
  /// An index that is less than a limit.
  struct Bound {
    const SCEVAddRecExpr *index;
    const Test *test;
    Value *limit;
    bool isBelowTest; ///< in its round
    /// Whether it is what the loop tests, there or, if it is above, at the end of the round before.
    bool isTested;
  };

  bool hasOnlyShortLoops() const;
  Test findTest(const Loop &of) const;
  bool findTestIn(BasicBlock &block, const Loop &of, Test &test) const;
  bool isStableLoad(const LoadInst &load) const;
  bool isStable(Value *value, unsigned depth = 0) const;
  std::optional<Bound> boundOf(const Check &check, const Term &term) const;
  std::optional<const SCEV *> leastOf(const SCEVAddRecExpr &index) const;
  bool isKnownBefore(const SCEV *expression) const {
    return evolution.isLoopInvariant(expression, &loop) && expander.isSafeToExpand(expression);
  }
  bool canBeChecked(const Check &check) const;
  void findBlocks();
  void planStrips();
  static void addTerms(Value *condition, bool wanted, SmallVectorImpl<Term> &terms);
  Value *hoist(Value *value);
  Value *checkBound(const Bound &bound);
  Value *expand(const SCEV *expression) {
    return expander.expandCodeFor(expression, builder.getInt64Ty(), &*builder.GetInsertPoint());
  }

  Loop &loop;
  BasicBlock *header;
  const LoopInfo &loops;
  ScalarEvolution &evolution;
  const DominatorTree &dominators;
  mutable BatchAAResults aliases;
  SCEVExpander &expander;
  IRBuilder<> builder;
  SmallVector<Check, 16> checks;
  /// If polls are made before strips.
  std::optional<LoopStrips> strips;
  Value *floorAddress = nullptr;
  LoopCells cells;
  /// Those of the version.
  LoopBlocks blocks;
  SmallVector<Instruction *, 32> writers;
  mutable DenseMap<const LoadInst *, bool> areStable;
  /// What they read that stays the same in them.
  SmallVector<LoadInst *, 8> stableLoads;
  Value *allHold = nullptr;
  DenseMap<Value *, Value *> hoisted;
  DenseMap<const Loop *, Test> tests;
};

/// The way that a branch hardly ever does not go.
std::optional<unsigned> likelyWay(const BranchInst &branch) {
  uint64_t first = 0;
  uint64_t second = 0;
  if (!branch.isConditional() || !extractBranchWeights(branch, first, second))
    return std::nullopt;
  constexpr uint64_t ratio = 1000;
  if (first > second * ratio)
    return 0;
  if (second > first * ratio)
    return 1;
  return std::nullopt;
}

} // namespace

/// Whether the loops in it, if any, are too short for versions of their own, or have an end and no
/// checks but polls.
bool LoopVersion::hasOnlyShortLoops() const {
  auto isCheck = [](BasicBlock *block) {
    auto *branch = dyn_cast<BranchInst>(block->getTerminator());
    return branch && likelyWay(*branch) && !pollOf(*branch);
  };
  return all_of(loop.getLoopsInPreorder(), [&](const Loop *inner) {
    unsigned rounds = inner == &loop ? 1 : evolution.getSmallConstantMaxTripCount(inner);
    return rounds != 0 && (rounds < fewRounds || none_of(inner->blocks(), isCheck));
  });
}

/// Looks for the condition that ends a loop: at its top, or below where the first round needs no
/// test.
LoopVersion::Test LoopVersion::findTest(const Loop &of) const {
  Test result;
  SmallVector<BasicBlock *, 8> exiting;
  of.getExitingBlocks(exiting);
  for (BasicBlock *block : exiting)
    if (dominators.dominates(block, of.getLoopLatch()) && findTestIn(*block, of, result))
      break;
  return result;
}

/// Whether \p block has it.
bool LoopVersion::findTestIn(BasicBlock &block, const Loop &of, Test &test) const {
  auto *branch = dyn_cast<BranchInst>(block.getTerminator());
  ICmpInst::Predicate predicate;
  Value *left = nullptr;
  Value *right = nullptr;
  if (!branch || likelyWay(*branch) ||
      !match(branch->getCondition(), m_ICmp(predicate, m_Value(left), m_Value(right))) ||
      !left->getType()->isIntegerTy(64))
    return false;
  test.block = &block;
  if (!of.contains(branch->getSuccessor(0)))
    predicate = ICmpInst::getInversePredicate(predicate);
  if (predicate == ICmpInst::ICMP_SGT) {
    std::swap(left, right);
    predicate = ICmpInst::ICMP_SLT;
  }
  const auto *running = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(left));
  const SCEV *limit = evolution.getSCEV(right);
  if (predicate == ICmpInst::ICMP_SLT && running && running->getLoop() == &of &&
      running->isAffine() && isKnownBefore(limit)) {
    test.limit = limit;
    test.tested = running;
  }
  const SCEV *count = evolution.getExitCount(&of, &block);
  if (!isa<SCEVCouldNotCompute>(count) && count->getType()->isIntegerTy(64) && isKnownBefore(count))
    test.rounds = count;
  return test.tested || test.rounds;
}

/// Whether \p load can be made before the loop and reads the same in all rounds of the version.
bool LoopVersion::isStableLoad(const LoadInst &load) const {
  auto [place, isNew] = areStable.try_emplace(&load, false);
  if (isNew)
    place->second = fusevm::jit::isStableLoad(load, loop, writers, aliases);
  return place->second;
}

/// Whether \p value is the same in all rounds of the version, and can be computed before it.
bool LoopVersion::isStable(Value *value, unsigned depth) const {
  auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction || !loop.contains(instruction))
    return true;
  constexpr unsigned mostSteps = 4;
  if (depth == mostSteps || isa<PHINode>(instruction))
    return false;
  if (auto *load = dyn_cast<LoadInst>(instruction))
    return isStableLoad(*load);
  return !instruction->mayReadOrWriteMemory() && isSafeToSpeculativelyExecute(instruction) &&
         all_of(instruction->operands(),
                [&](Value *operand) { return isStable(operand, depth + 1); });
}

/// What \p term, of the condition of \p check, says of an index.
std::optional<LoopVersion::Bound> LoopVersion::boundOf(const Check &check, const Term &term) const {
  ICmpInst::Predicate predicate;
  Value *left = nullptr;
  Value *right = nullptr;
  if (!match(term.condition, m_ICmp(predicate, m_Value(left), m_Value(right))) ||
      !left->getType()->isIntegerTy(64))
    return std::nullopt;
  if (!term.wanted)
    predicate = ICmpInst::getInversePredicate(predicate);
  if (predicate == ICmpInst::ICMP_UGT) {
    std::swap(left, right);
    predicate = ICmpInst::ICMP_ULT;
  }
  const auto *index = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(left));
  if (predicate != ICmpInst::ICMP_ULT || !isStable(right) || !index ||
      !loop.contains(index->getLoop()) || !index->isAffine() ||
      !isKnownBefore(index->getStepRecurrence(evolution)))
    return std::nullopt;
  const Test &test = tests.find(index->getLoop())->second;
  if (!test.block)
    return std::nullopt;
  Bound result{index, &test, right, dominators.dominates(test.block, check.branch->getParent()),
               false};
  result.isTested =
      test.tested && (result.isBelowTest ? index : index->getPostIncExpr(evolution)) == test.tested;
  bool canBeChecked = isKnownBefore(index->getStart())
                          ? result.isTested || test.rounds
                          : result.isTested && result.isBelowTest && leastOf(*index);
  return canBeChecked ? std::optional(result) : std::nullopt;
}

/// What \p index, which starts with what changes in the loops around, is not less than; null if
/// that is zero in any case.
std::optional<const SCEV *> LoopVersion::leastOf(const SCEVAddRecExpr &index) const {
  const SCEV *start = index.getStart();
  if (evolution.isKnownNonNegative(start))
    return nullptr;
  // It follows the variable of a loop, which is less than something in each round and goes up one
  // by one, and so never wraps around.
  const auto *outer = dyn_cast<SCEVAddRecExpr>(start);
  if (!outer || !loop.contains(outer->getLoop()) || !isKnownBefore(outer->getStart()) ||
      !outer->getStepRecurrence(evolution)->isOne())
    return std::nullopt;
  const Test &test = tests.find(outer->getLoop())->second;
  if (!test.tested || !dominators.dominates(test.block, index.getLoop()->getHeader()) ||
      (outer != test.tested && !evolution.getMinusSCEV(outer, test.tested)->isOne()))
    return std::nullopt;
  return outer->getStart();
}

/// Adds what must hold for \p condition to be as wanted.
void LoopVersion::addTerms(Value *condition, bool wanted, SmallVectorImpl<Term> &terms) {
  Value *left = nullptr;
  Value *right = nullptr;
  if (match(condition, m_Not(m_Value(left))))
    return addTerms(left, !wanted, terms);
  if (wanted ? match(condition, m_LogicalAnd(m_Value(left), m_Value(right)))
             : match(condition, m_LogicalOr(m_Value(left), m_Value(right)))) {
    addTerms(left, wanted, terms);
    return addTerms(right, wanted, terms);
  }
  terms.push_back({condition, wanted});
}

bool LoopVersion::canBeChecked(const Check &check) const {
  SmallVector<Term, 4> terms;
  addTerms(check.branch->getCondition(), check.way == 0, terms);
  return all_of(terms,
                [&](const Term &term) { return isStable(term.condition) || boundOf(check, term); });
}

/// Finds the blocks that are reached while all checks hold.
void LoopVersion::findBlocks() {
  blocks.clear();
  blocks.insert(header);
  for (size_t i = 0; i != blocks.size(); ++i) {
    Instruction *end = blocks[i]->getTerminator();
    const auto *check = find_if(checks, [&](const Check &each) { return each.branch == end; });
    for (unsigned way = 0; way != end->getNumSuccessors(); ++way)
      if (loop.contains(end->getSuccessor(way)) && (check == checks.end() || check->way == way))
        blocks.insert(end->getSuccessor(way));
  }
  writers = writersIn(blocks.getArrayRef());
  areStable.clear();
}

/// Looks whether polls can be made before strips.
void LoopVersion::planStrips() {
  SmallVector<Poll, 4> polls;
  for (BasicBlock *block : blocks)
    if (auto *branch = dyn_cast<BranchInst>(block->getTerminator()))
      if (std::optional<Poll> poll = pollOf(*branch); poll && likelyWay(*branch))
        polls.push_back(*poll);
  if (polls.empty() || !isStable(polls.front().floor->getPointerOperand()))
    return;
  if (!strips.emplace().plan(loop, loops, blocks, polls, evolution, expander))
    return strips.reset();
  for (const Poll &poll : strips->polls())
    checks.push_back({poll.branch, *likelyWay(*poll.branch)});
}

bool LoopVersion::plan() {
  if (!loop.isLoopSimplifyForm() || !hasOnlyShortLoops())
    return false;
  for (const Loop *each : loop.getLoopsInPreorder())
    tests[each] = findTest(*each);
  if (loop.isInnermost()) {
    const Test &test = tests[&loop];
    if (!test.tested && !test.rounds)
      return false;
    if (const auto *limit = dyn_cast_or_null<SCEVConstant>(test.limit);
        limit && limit->getAPInt().slt(fewRounds))
      return false;
  }
  for (BasicBlock *block : loop.blocks())
    if (auto *branch = dyn_cast<BranchInst>(block->getTerminator()))
      if (std::optional<unsigned> way = likelyWay(*branch))
        checks.push_back({branch, *way});
  // A load is stable if nothing in the version changes it; what is in the version depends on
  // which checks there are.
  size_t count;
  do {
    findBlocks();
    count = checks.size();
    erase_if(checks, [&](const Check &check) {
      return !blocks.contains(check.branch->getParent()) || !canBeChecked(check);
    });
  } while (checks.size() != count);
  size_t instructions = 0;
  for (BasicBlock *block : blocks) {
    instructions += block->size();
    for (Instruction &instruction : *block)
      if (auto *load = dyn_cast<LoadInst>(&instruction); load && isStableLoad(*load))
        stableLoads.push_back(load);
  }
  planStrips();
  if (checks.empty() ||
      instructions > (loop.isInnermost() ? mostInstructions : mostInstructionsOfNest))
    return false;
  cells.plan(loop, blocks.getArrayRef(), aliases, /*checksConstants=*/!loop.isInnermost());
  return true;
}

/// Computes \p value before the loop.
Value *LoopVersion::hoist(Value *value) {
  auto *instruction = dyn_cast<Instruction>(value);
  if (!instruction || !loop.contains(instruction))
    return value;
  Value *&place = hoisted[value];
  if (place)
    return place;
  Instruction *copy = instruction->clone();
  copy->dropUBImplyingAttrsAndUnknownMetadata(LLVMContext::MD_tbaa);
  for (Use &operand : copy->operands())
    operand = hoist(operand);
  builder.Insert(copy);
  return hoisted[value] = copy;
}

/// Whether the index is less than the limit in all rounds.
Value *LoopVersion::checkBound(const Bound &bound) {
  Value *limit = hoist(bound.limit);
  const SCEV *start = bound.index->getStart();
  const SCEV *step = bound.index->getStepRecurrence(evolution);
  auto isLess = [&](const SCEV *value, uint64_t than) {
    return builder.CreateICmpULT(expand(value), builder.getInt64(than));
  };
  if (bound.isTested) {
    // It goes up from where it starts, and is less than what it is tested for.
    Value *isSmall = builder.CreateICmpSLE(expand(bound.test->limit), limit);
    Value *isPositive =
        isLess(evolution.getMinusSCEV(step, evolution.getOne(step->getType())), tooMany);
    if (!isKnownBefore(start)) {
      start = *leastOf(*bound.index);
      if (!start)
        return builder.CreateAnd(isSmall, isPositive);
    }
    Value *isInside = bound.isBelowTest ? builder.CreateICmpSGE(expand(start), builder.getInt64(0))
                                        : builder.CreateICmpULT(expand(start), limit);
    return builder.CreateAnd(builder.CreateAnd(isSmall, isPositive), isInside);
  }
  // Both ends, and nothing that overflows on the way.
  const SCEV *rounds = bound.test->rounds;
  const SCEV *last = bound.isBelowTest
                         ? evolution.getMinusSCEV(rounds, evolution.getOne(rounds->getType()))
                         : rounds;
  const SCEV *end = evolution.getAddExpr(start, evolution.getMulExpr(step, last));
  const SCEV *middle = evolution.getConstant(step->getType(), tooManyToMultiply);
  Value *isFew =
      builder.CreateAnd(isLess(last, tooManyToMultiply),
                        isLess(evolution.getAddExpr(step, middle), 2 * tooManyToMultiply));
  Value *areInside = builder.CreateAnd(builder.CreateICmpULT(expand(start), limit),
                                       builder.CreateICmpULT(expand(end), limit));
  return builder.CreateAnd(isFew, areInside);
}

void LoopVersion::emitChecks() {
  builder.SetInsertPoint(loop.getLoopPreheader()->getTerminator());
  allHold = builder.getTrue();
  for (const Check &check : checks) {
    if (pollOf(*check.branch))
      continue;
    SmallVector<Term, 4> terms;
    addTerms(check.branch->getCondition(), check.way == 0, terms);
    for (const Term &term : terms) {
      Value *holds = nullptr;
      if (std::optional<Bound> bound = boundOf(check, term); bound && !isStable(term.condition)) {
        holds = checkBound(*bound);
      } else {
        holds = hoist(term.condition);
        if (!term.wanted)
          holds = builder.CreateNot(holds);
      }
      allHold = builder.CreateAnd(allHold, holds);
    }
  }
  // A check that is never reached may be of what is poison before the loop, or anyway.
  allHold = builder.CreateFreeze(builder.CreateAnd(allHold, cells.emitChecks(builder)));
  if (strips) {
    strips->emitLimit(expander, *builder.GetInsertPoint());
    floorAddress = hoist(strips->polls().front().floor->getPointerOperand());
  }
}

void LoopVersion::emitLoop(SmallVectorImpl<AllocaInst *> &variables) {
  BasicBlock *before = loop.getLoopPreheader();
  Function *function = header->getParent();
  BasicBlock *slowEntry = SplitBlock(before, before->getTerminator());
  BasicBlock *entry = BasicBlock::Create(header->getContext(), "", function, header);

  ValueToValueMapTy copies;
  SmallVector<BasicBlock *, 16> versions;
  for (BasicBlock *block : blocks) {
    BasicBlock *version = CloneBasicBlock(block, copies, "", function);
    version->moveBefore(header);
    copies[block] = version;
    versions.push_back(version);
  }
  copies[slowEntry] = entry;
  BranchInst::Create(cast<BasicBlock>(copies[header]), entry);
  builder.SetInsertPoint(entry->getTerminator());
  for (LoadInst *load : stableLoads) {
    cast<Instruction>(copies[load])->eraseFromParent();
    copies[load] = hoist(load);
  }
  remapInstructionsInBlocks(versions, copies);
  ReplaceInstWithInst(before->getTerminator(), BranchInst::Create(entry, slowEntry, allHold));

  // Only the likely ways are left.
  SmallVector<WeakTrackingVH, 16> unused;
  for (const Check &check : checks) {
    auto *branch = cast<BranchInst>(copies[check.branch]);
    unused.push_back(branch->getCondition());
    ReplaceInstWithInst(branch, BranchInst::Create(branch->getSuccessor(check.way)));
  }
  for (BasicBlock *version : versions) {
    SmallPtrSet<BasicBlock *, 4> from(pred_begin(version), pred_end(version));
    for (PHINode &phi : make_early_inc_range(version->phis()))
      phi.removeIncomingValueIf([&](unsigned i) { return !from.contains(phi.getIncomingBlock(i)); },
                                /*DeletePHIIfEmpty=*/false);
  }
  // Values that are used outside have phis where the loop is left.
  for (BasicBlock *block : blocks) {
    auto *version = cast<BasicBlock>(copies[block]);
    for (BasicBlock *exit : successors(version)) {
      if (is_contained(versions, exit))
        continue;
      for (PHINode &phi : exit->phis()) {
        Value *value = phi.getIncomingValueForBlock(block);
        Value *copy = copies.lookup(value);
        phi.addIncoming(copy ? copy : value, version);
      }
    }
  }
  if (strips)
    strips->emit(copies, *entry, *slowEntry, floorAddress, versions);
  cells.emit(copies, *entry, versions, variables);
  RecursivelyDeleteTriviallyDeadInstructionsPermissive(unused);
  if (strips)
    strips->dropFloors(copies);
}

PreservedAnalyses LoopVersionsPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  if (loops.empty())
    return PreservedAnalyses::all();
  AAResults &aliases = analyses.getResult<AAManager>(function);
  bool hasChanged = false;
  SmallVector<Loop *, 4> outerFirst = loops.getLoopsInPreorder();
  for (Loop *loop : reverse(outerFirst))
    if (loop->getLoopPreheader())
      hasChanged |= hoistLoads(*loop, aliases);
  ScalarEvolution &evolution = analyses.getResult<ScalarEvolutionAnalysis>(function);
  const DominatorTree &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
  SCEVExpander expander(evolution, function.getDataLayout(), "");
  std::vector<std::unique_ptr<LoopVersion>> versions;
  SmallPtrSet<const Loop *, 8> planned;
  for (Loop *loop : outerFirst) {
    if (planned.contains(loop->getParentLoop())) {
      planned.insert(loop);
      continue;
    }
    auto version =
        std::make_unique<LoopVersion>(*loop, loops, evolution, dominators, aliases, expander);
    if (version->plan()) {
      versions.push_back(std::move(version));
      planned.insert(loop);
    }
  }
  if (versions.empty())
    return hasChanged ? PreservedAnalyses::none() : PreservedAnalyses::all();
  for (const std::unique_ptr<LoopVersion> &version : versions)
    version->emitChecks();
  SmallVector<AllocaInst *, 16> variables;
  for (const std::unique_ptr<LoopVersion> &version : versions)
    version->emitLoop(variables);
  if (!variables.empty()) {
    DominatorTree dominatorsNow(function);
    PromoteMemToReg(variables, dominatorsNow);
  }
  return PreservedAnalyses::none();
}

} // namespace fusevm::jit
