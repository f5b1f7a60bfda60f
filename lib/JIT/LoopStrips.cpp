//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "LoopStrips.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace fusevm::jit {

std::optional<Poll> pollOf(BranchInst &branch) {
  ICmpInst::Predicate predicate;
  Value *left = nullptr;
  Value *right = nullptr;
  if (!branch.isConditional() ||
      !match(branch.getCondition(), m_ICmp(predicate, m_Value(left), m_Value(right))))
    return std::nullopt;
  if (predicate == ICmpInst::ICMP_ULE || predicate == ICmpInst::ICMP_UGT)
    std::swap(left, right);
  else if (predicate != ICmpInst::ICMP_UGE && predicate != ICmpInst::ICMP_ULT)
    return std::nullopt;
  auto *floor = dyn_cast<LoadInst>(right);
  if (!floor || !floor->isVolatile())
    return std::nullopt;
  return Poll{&branch, left, floor};
}

namespace {

/// How much the meter falls at most between a phi at the top of a loop and other values of it.
class MeterFall {
public:
  MeterFall(const PHINode &start, const LoopInfo &loops, const LoopBlocks &blocks,
            ScalarEvolution &evolution, int64_t most)
      : start(start), loops(loops), blocks(blocks), evolution(evolution), most(most) {}

  /// Nothing if it is not known.
  std::optional<int64_t> at(Value *value, unsigned depth = 0) {
    constexpr unsigned mostSteps = 100;
    if (value == &start)
      return 0;
    auto *instruction = dyn_cast<Instruction>(value);
    if (!instruction || depth == mostSteps || !blocks.contains(instruction->getParent()))
      return std::nullopt;
    if (auto known = falls.find(instruction); known != falls.end())
      return known->second;
    // What depends on itself is no constant.
    falls[instruction] = std::nullopt;
    std::optional<int64_t> result;
    const APInt *amount = nullptr;
    Value *before = nullptr;
    if (match(value, m_Add(m_Value(before), m_APInt(amount)))) {
      int64_t falling = -amount->getSExtValue();
      std::optional<int64_t> first = at(before, depth + 1);
      if (first && std::abs(falling) <= most)
        result = *first + falling;
    } else if (auto *phi = dyn_cast<PHINode>(value); phi && loops.isLoopHeader(phi->getParent())) {
      result = atTopOf(*loops.getLoopFor(phi->getParent()), *phi, depth);
    } else if (auto *phi = dyn_cast<PHINode>(value)) {
      result = INT64_MIN;
      for (unsigned i = 0; i != phi->getNumIncomingValues() && result; ++i) {
        if (!blocks.contains(phi->getIncomingBlock(i)))
          continue;
        std::optional<int64_t> way = at(phi->getIncomingValue(i), depth + 1);
        result = way ? std::optional(std::max(*result, *way)) : std::nullopt;
      }
      if (result == INT64_MIN)
        result = std::nullopt;
    } else if (auto *choice = dyn_cast<SelectInst>(value)) {
      std::optional<int64_t> first = at(choice->getTrueValue(), depth + 1);
      std::optional<int64_t> second = at(choice->getFalseValue(), depth + 1);
      if (first && second)
        result = std::max(*first, *second);
    }
    falls[instruction] = result;
    return result;
  }

private:
  /// Over all rounds of \p inner.
  std::optional<int64_t> atTopOf(const Loop &inner, PHINode &phi, unsigned depth) {
    BasicBlock *before = inner.getLoopPreheader();
    BasicBlock *latch = inner.getLoopLatch();
    int64_t rounds = evolution.getSmallConstantMaxTripCount(&inner);
    if (!before || !latch || rounds == 0)
      return std::nullopt;
    std::optional<int64_t> first = at(phi.getIncomingValueForBlock(before), depth + 1);
    std::optional<int64_t> ofRound = MeterFall(phi, loops, blocks, evolution, most)
                                         .at(phi.getIncomingValueForBlock(latch), depth + 1);
    if (!first || !ofRound || *ofRound > most)
      return std::nullopt;
    return *first + rounds * std::max<int64_t>(*ofRound, 0);
  }

  const PHINode &start;
  const LoopInfo &loops;
  const LoopBlocks &blocks;
  ScalarEvolution &evolution;
  const int64_t most; ///< that is of interest
  DenseMap<Instruction *, std::optional<int64_t>> falls;
};

bool isUpwards(CmpInst::Predicate predicate) {
  return predicate == CmpInst::ICMP_SLT || predicate == CmpInst::ICMP_SLE;
}

/// Whether a round may begin again in \p block, after what it has done so far.
bool hasEffects(const BasicBlock &block) {
  return any_of(block,
                [](const Instruction &instruction) { return instruction.mayHaveSideEffects(); });
}

} // namespace

bool LoopStrips::plan(Loop &of, const LoopInfo &loops, const LoopBlocks &blocks,
                      ArrayRef<Poll> polls, ScalarEvolution &evolution,
                      const SCEVExpander &expander) {
  loop = &of;
  Attribute attribute = of.getHeader()->getParent()->getFnAttribute(opsOfStripAttribute);
  if (attribute.isValid())
    attribute.getValueAsString().getAsInteger(10, opsOfStrip);
  inVersion.assign(polls.begin(), polls.end());
  BasicBlock *header = loop->getHeader();
  bool hasTest = (!hasEffects(*header) && findTest(*header, evolution, expander)) ||
                 findTest(*loop->getLoopLatch(), evolution, expander);
  return hasTest && boundMeter(loops, blocks, evolution);
}

/// Looks for the condition of the loop at the end of \p block.
bool LoopStrips::findTest(BasicBlock &block, ScalarEvolution &evolution,
                          const SCEVExpander &expander) {
  test = dyn_cast<BranchInst>(block.getTerminator());
  Value *limitOfTest = nullptr;
  if (!test || !test->isConditional() ||
      !match(test->getCondition(), m_ICmp(predicate, m_Value(tested), m_Value(limitOfTest))) ||
      !tested->getType()->isIntegerTy(64) ||
      loop->contains(test->getSuccessor(0)) == loop->contains(test->getSuccessor(1)))
    return false;
  if (!loop->contains(test->getSuccessor(0)))
    predicate = CmpInst::getInversePredicate(predicate);
  if (loop->isLoopInvariant(tested)) {
    std::swap(tested, limitOfTest);
    predicate = CmpInst::getSwappedPredicate(predicate);
  }
  if (!CmpInst::isSigned(predicate))
    return false;
  limit = evolution.getSCEV(limitOfTest);
  const auto *running = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(tested));
  if (!running || running->getLoop() != loop || !running->isAffine() ||
      !evolution.isLoopInvariant(limit, loop) || !expander.isSafeToExpand(limit))
    return false;
  const auto *stepOfTest = dyn_cast<SCEVConstant>(running->getStepRecurrence(evolution));
  if (!stepOfTest)
    return false;
  constexpr int64_t mostStep = 1 << 20;
  step = stepOfTest->getAPInt().getSExtValue();
  if (isUpwards(predicate) ? step < 1 || step > mostStep : step > -1 || step < -mostStep)
    return false;
  for (PHINode &phi : loop->getHeader()->phis()) {
    if (phi.getType() != tested->getType())
      continue;
    const auto *distance =
        dyn_cast<SCEVConstant>(evolution.getMinusSCEV(running, evolution.getSCEV(&phi)));
    if (!distance)
      continue;
    counter = &phi;
    offset = distance->getAPInt().getSExtValue();
    return true;
  }
  return false;
}

bool LoopStrips::boundMeter(const LoopInfo &loops, const LoopBlocks &blocks,
                            ScalarEvolution &evolution) {
  for (PHINode &phi : loop->getHeader()->phis()) {
    MeterFall falls(phi, loops, blocks, evolution, opsOfStrip);
    if (!falls.at(inVersion.front().meter))
      continue;
    meter = &phi;
    std::optional<int64_t> ofRound = falls.at(phi.getIncomingValueForBlock(loop->getLoopLatch()));
    if (!ofRound || *ofRound <= 0 || *ofRound > opsOfStrip)
      return false;
    fall = *ofRound;
    return all_of(inVersion, [&](const Poll &poll) {
      std::optional<int64_t> before = falls.at(poll.meter);
      fallToPoll = std::max(fallToPoll, before.value_or(0));
      return before && *before <= opsOfStrip;
    });
  }
  return false;
}

void LoopStrips::emitLimit(SCEVExpander &expander, Instruction &before) {
  limitValue = expander.expandCodeFor(limit, tested->getType(), &before);
}

void LoopStrips::emit(ValueToValueMapTy &copies, BasicBlock &entry, BasicBlock &slowEntry,
                      Value *floorAddress, SmallVectorImpl<BasicBlock *> &version) {
  auto *header = cast<BasicBlock>(copies[loop->getHeader()]);
  Function *function = header->getParent();
  BasicBlock *strip = BasicBlock::Create(header->getContext(), "strip", function, header);
  BasicBlock *atEnd = BasicBlock::Create(header->getContext(), "", function, header);
  version.append({strip, atEnd});
  entry.getTerminator()->replaceSuccessorWith(header, strip);

  auto *testing = cast<BranchInst>(copies[test]);
  bool testsAtTop = test->getParent() == loop->getHeader();
  Value *counterNow = nullptr;
  Value *meterNow = nullptr;
  for (PHINode &phi : loop->getHeader()->phis()) {
    auto *copy = cast<PHINode>(copies[&phi]);
    PHINode *now = PHINode::Create(phi.getType(), 2, "", strip);
    now->addIncoming(copy->getIncomingValueForBlock(&entry), &entry);
    now->addIncoming(testsAtTop ? copy : copy->getIncomingValueForBlock(testing->getParent()),
                     atEnd);
    copy->setIncomingValueForBlock(&entry, now);
    copy->replaceIncomingBlockWith(&entry, strip);
    if (&phi == counter)
      counterNow = now;
    if (&phi == meter)
      meterNow = now;
    // The loop as it was may go on where a strip cannot begin.
    PHINode *slow = PHINode::Create(phi.getType(), 2, "", slowEntry.begin());
    slow->addIncoming(phi.getIncomingValueForBlock(&slowEntry), slowEntry.getSinglePredecessor());
    slow->addIncoming(now, strip);
    phi.setIncomingValueForBlock(&slowEntry, slow);
  }

  // No poll of the rounds in a strip fails if none would with the meter as low as it may get.
  IRBuilder<> builder(strip);
  auto number = [&](uint64_t value) { return builder.getInt64(value); };
  int64_t rounds = opsOfStrip / fall;
  Value *most = number((rounds + 1) * fall + fallToPoll);
  LoadInst *floor = builder.CreateLoad(builder.getInt64Ty(), floorAddress, /*isVolatile=*/true);
  floor->setAAMetadata(inVersion.front().floor->getAAMetadata());
  Value *isEnough =
      builder.CreateAnd(builder.CreateICmpUGE(meterNow, most),
                        builder.CreateICmpUGE(builder.CreateSub(meterNow, most), floor));
  Value *first = builder.CreateAdd(counterNow, number(offset));
  int64_t distance = step * rounds;
  Value *left = isUpwards(predicate) ? builder.CreateSub(limitValue, first)
                                     : builder.CreateSub(first, limitValue);
  Value *isFar = builder.CreateAnd(builder.CreateICmp(predicate, first, limitValue),
                                   builder.CreateICmpUGT(left, number(std::abs(distance))));
  Value *limitOfStrip =
      builder.CreateSelect(isFar, builder.CreateAdd(first, number(distance)), limitValue);
  builder.CreateCondBr(isEnough, header, &slowEntry);

  bool goesOnIfTrue = loop->contains(test->getSuccessor(0));
  BasicBlock *exit = testing->getSuccessor(goesOnIfTrue);
  BasicBlock *inside = testing->getSuccessor(!goesOnIfTrue);
  Value *testedNow = copies.lookup(tested);
  builder.SetInsertPoint(testing);
  builder.CreateCondBr(builder.CreateICmp(predicate, testedNow, limitOfStrip), inside, atEnd);
  builder.SetInsertPoint(atEnd);
  builder.CreateCondBr(builder.CreateICmp(predicate, testedNow, limitValue), strip, exit);
  exit->replacePhiUsesWith(testing->getParent(), atEnd);
  testing->eraseFromParent();
}

void LoopStrips::dropFloors(const ValueToValueMapTy &copies) const {
  for (const Poll &poll : inVersion)
    if (auto *floor = cast<Instruction>(copies.lookup(poll.floor)); floor->use_empty())
      floor->eraseFromParent();
}

} // namespace fusevm::jit
