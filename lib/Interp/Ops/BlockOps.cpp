//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The ops that run a block of the current function for each element of an array, and
/// SortDefault.
///
/// A block op does not recurse: it leaves an activation, and the baseline loop calls
/// finishIteration() whenever ip comes to the end of the innermost block.

#include "../OpHandlers.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace fusevm {

/// Pops the operand of a block op. Undef is no elements, any other value but an array is
/// one.
static Value popElements(Machine &machine) {
  Value operand = machine.stack.pop();
  if (operand.isArray())
    return operand;
  Array elements;
  if (!operand.isUndef())
    elements.push(std::move(operand));
  return Value::makeArray(std::move(elements));
}

OpStatus execSortDefault(Machine &machine, const Instruction &) {
  const Value &operand = machine.top();
  std::vector<std::unique_ptr<Text>> texts;
  if (operand.isArray()) {
    texts.reserve(operand.asArray().size());
    for (const Value &element : operand.asArray()) {
      texts.push_back(std::make_unique<Text>(element, machine.limits.maxStringBytes));
      if (texts.back()->tooLarge())
        return machine.failTextTooLarge();
    }
  }
  std::vector<size_t> order(texts.size());
  for (size_t i = 0; i != order.size(); ++i)
    order[i] = i;
  // Equal texts keep their order.
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    int result = texts[a]->view().compare(texts[b]->view());
    return result != 0 ? result < 0 : a < b;
  });
  Value elements = popElements(machine);
  if (!order.empty()) {
    Array sorted;
    sorted.reserve(order.size());
    for (size_t index : order)
      sorted.push(elements.asArray()[index]);
    elements = Value::makeArray(std::move(sorted));
  }
  machine.stack.push(std::move(elements));
  return OpStatus::Continue;
}

OpStatus execMapBlock(Machine &machine, const Instruction &instruction) {
  return machine.beginBlock(Opcode::MapBlock, instruction.a());
}
OpStatus execGrepBlock(Machine &machine, const Instruction &instruction) {
  return machine.beginBlock(Opcode::GrepBlock, instruction.a());
}
OpStatus execSortBlock(Machine &machine, const Instruction &instruction) {
  return machine.beginBlock(Opcode::SortBlock, instruction.a());
}
OpStatus execForEachBlock(Machine &machine, const Instruction &instruction) {
  return machine.beginBlock(Opcode::ForEachBlock, instruction.a());
}

/// Remembers the global called \p name, if the chunk has that name.
static void saveGlobal(Machine &machine, BlockActivation &block, std::string_view name,
                       bool isSecond = false) {
  const std::vector<std::string> &names = machine.chunk->names;
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return;
  auto index = static_cast<uint16_t>(found - names.begin());
  block.savedGlobals.push_back({index, isSecond, machine.global(index)});
}

static void restoreGlobals(Machine &machine, BlockActivation &block) {
  for (SavedGlobal &saved : block.savedGlobals)
    machine.globalForWrite(saved.index) = std::move(saved.value);
}

/// Starts the next iteration, if there is one: false otherwise.
static bool startIteration(Machine &machine, BlockActivation &block) {
  // Anew each time: the iteration before may have taken values from below.
  block.stackHeight = machine.stack.size();
  if (block.sort) {
    if (!block.sort->needsComparison())
      return false;
    machine.stack.push(block.sort->left());
    machine.stack.push(block.sort->right());
    for (const SavedGlobal &saved : block.savedGlobals)
      machine.globalForWrite(saved.index) =
          saved.isSecond ? block.sort->right() : block.sort->left();
  } else {
    if (block.next == block.elements.asArray().size())
      return false;
    const Value &element = block.elements.asArray()[block.next++];
    machine.stack.push(element);
    for (const SavedGlobal &saved : block.savedGlobals)
      machine.globalForWrite(saved.index) = element;
  }
  machine.ip = block.range.start;
  return true;
}

/// Pushes the result of a block op that has come to its end and goes on behind it.
static void endBlock(Machine &machine) {
  BlockActivation block = std::move(machine.blocks.back());
  machine.blocks.pop_back();
  restoreGlobals(machine, block);
  if (block.sort)
    machine.stack.push(Value::makeArray(block.sort->take()));
  else if (block.opcode != Opcode::ForEachBlock)
    machine.stack.push(Value::makeArray(std::move(block.results)));
  machine.ip = block.resumeIp;
}

OpStatus Machine::beginBlock(Opcode opcode, uint16_t index) {
  if (blocks.size() >= limits.maxFrames)
    return fail(ErrorKind::Limit, strCat("call stack overflow: ", blocks.size() + 1, " blocks"));
  Value elements = popElements(*this);
  BlockActivation block{.opcode = opcode,
                        .range = chunk->blockRanges[index],
                        .resumeIp = ip,
                        .stackHeight = stack.size(),
                        .frameCount = frames.size(),
                        .callDepth = callDepth,
                        .elements = {},
                        .results = {},
                        .sort = {},
                        .savedGlobals = {}};
  if (opcode == Opcode::SortBlock) {
    block.sort = std::make_unique<StepwiseSort>(elements.asArray());
    saveGlobal(*this, block, "a");
    saveGlobal(*this, block, "b", /*isSecond=*/true);
  } else {
    saveGlobal(*this, block, "_");
  }
  block.elements = std::move(elements);
  blocks.push_back(std::move(block));
  if (!startIteration(*this, blocks.back()))
    endBlock(*this);
  return OpStatus::Continue;
}

bool Machine::atBlockEnd() const {
  return !blocks.empty() && ip == blocks.back().range.end && callDepth == blocks.back().callDepth;
}

void Machine::finishIteration() {
  BlockActivation &block = blocks.back();
  Value result;
  if (stack.size() > block.stackHeight)
    result = stack.pop();
  while (frames.size() > block.frameCount)
    popFrame();
  stack.truncate(block.stackHeight);
  if (block.sort)
    block.sort->answer(toInt(result) > 0);
  else if (block.opcode == Opcode::MapBlock)
    block.results.push(std::move(result));
  else if (block.opcode == Opcode::GrepBlock && truthy(result))
    block.results.push(block.elements.asArray()[block.next - 1]);
  if (!startIteration(*this, block))
    endBlock(*this);
}

void Machine::dropLeftBlocks() {
  while (!blocks.empty() && blocks.back().callDepth > callDepth) {
    restoreGlobals(*this, blocks.back());
    blocks.pop_back();
  }
}

void Machine::abandonBlocks() {
  while (!blocks.empty()) {
    restoreGlobals(*this, blocks.back());
    blocks.pop_back();
  }
}

} // namespace fusevm
