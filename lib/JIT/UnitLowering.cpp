//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "UnitLowering.h"

#include "LoopStrips.h"
#include "Lowering.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/Local.h"

#include <algorithm>

namespace fusevm::jit {

static_assert(sizeof(FusevmJitOp) == sizeof(Instruction));

/// The sub with the op, the line and the way in which it is compiled.
static std::string symbolOf(const FusevmJitRequest &request) {
  std::string name =
      std::string(request.name ? request.name : "main") + "@" + std::to_string(request.entry);
  if (uint32_t line = request.facts[request.entry].line)
    name += ".line" + std::to_string(line);
  name += request.unit == FUSEVM_UNIT_LINEAR ? ".linear" : ".block";
  switch (request.quality) {
  case FUSEVM_QUALITY_QUICK:
    return name + ".quick";
  case FUSEVM_QUALITY_FULL:
    return name + ".full";
  case FUSEVM_QUALITY_VECTOR:
    return name + ".vector";
  }
  return name;
}

LoweredUnit lowerUnit(const FusevmJitRequest &request, llvm::Module &module) {
  LoweredUnit unit;
  if (!request.storesAtOnce && Lowering(request, module, unit, /*storesAtOnce=*/false).run())
    return unit;
  unit = LoweredUnit();
  Lowering(request, module, unit, /*storesAtOnce=*/true).run();
  return unit;
}

Lowering::Lowering(const FusevmJitRequest &request, llvm::Module &module, LoweredUnit &unit,
                   bool storesAtOnce)
    : request(request), module(module), unit(unit), context(module.getContext()), builder(context),
      storesAtOnce(storesAtOnce) {
  llvm::MDBuilder metadata(context);
  llvm::MDNode *root = metadata.createTBAARoot("fusevm");
  auto makeType = [&](llvm::StringRef name, llvm::MDNode *parent) {
    return metadata.createTBAAScalarTypeNode(name, parent);
  };
  auto makeKind = [&](llvm::MDNode *type) {
    return metadata.createTBAAStructTagNode(type, type, 0);
  };
  llvm::MDNode *values = makeType("values", root);
  llvm::MDNode *heap = makeType("heap", values);
  ofContext = makeKind(makeType("context", root));
  ofConstants = makeKind(makeType("constants", root));
  ofValues = makeKind(values);
  ofCells = makeKind(makeType("cells", values));
  ofHeap = makeKind(heap);
  ofElements = makeKind(makeType("elements", heap));
  ofArrays = makeKind(makeType("arrays", heap));
  ofElementKinds = makeKind(makeType("element kinds", heap));
  ofKeys = makeKind(makeType("keys", heap));
  isUnlikely = metadata.createBranchWeights(2000, 1);
}

bool Lowering::run() {
  // What the compiler spends on exits grows with what they store: with many guards and many
  // variables that is most of the code, which is never executed.
  constexpr size_t storesPerAssignment = 6;
  constexpr size_t fewValues = 100;
  routines.push_back(std::make_unique<Routine>());
  routine = routines.front().get();
  routine->entry = request.entry;
  if (request.entry < request.opCount)
    routine->number = facts(request.entry).function;
  if (!isReached(request.entry)) {
    unit.refusal = "the shape of the stack is not known";
    return true;
  }
  unit.symbol = symbolOf(request);
  findRoutines();
  solve();
  countEdges();
  if (!storesAtOnce && exitValues > fewValues + storesPerAssignment * assignments)
    return false;
  findWindows();
  isDry = false;
  auto *type = llvm::FunctionType::get(builder.getInt32Ty(), {builder.getPtrTy()}, false);
  routine->code =
      llvm::Function::Create(type, llvm::Function::ExternalLinkage, unit.symbol, module);
  if (request.opsOfStrip != 0)
    routine->code->addFnAttr(opsOfStripAttribute, llvm::utostr(request.opsOfStrip));
  for (const std::unique_ptr<Routine> &callee : routines)
    if (callee->isCallee && callee->blocks[callee->entry].isReached)
      declareCallee(*callee);
  for (const std::unique_ptr<Routine> &toEmit : routines)
    if (toEmit->code)
      emitRoutine(*toEmit);
  return true;
}

void Lowering::emitRoutine(Routine &toEmit) {
  routine = &toEmit;
  function = routine->code;
  // A new block may lie where one of the routine before was.
  forgetContextPointers();
  function->addFnAttr(llvm::Attribute::NoUnwind);
  nativeContext = function->getArg(0);
  function->addParamAttr(0, llvm::Attribute::NonNull);
  function->addDereferenceableParamAttr(0, sizeof(FusevmNativeContext));
  function->addParamAttr(
      0, llvm::Attribute::getWithAlignment(context, llvm::Align(alignof(FusevmNativeContext))));
  builder.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", function));
  if (routine->isCallee)
    emitCalleePrologue();
  else
    emitPrologue();
  for (uint64_t start : emissionOrder()) {
    beginBlock(routine->blocks[start]);
    lowerBlock(start);
  }
  // What is seldom executed comes last.
  for (llvm::BasicBlock *block : coldBlocks)
    block->moveAfter(&function->back());
  coldBlocks.clear();
  removeNeedlessPhis();
  // Behind what looks for interrupts mostly is nothing but the jump.
  for (llvm::BasicBlock &block : llvm::make_early_inc_range(*function))
    if (auto *jump = llvm::dyn_cast<llvm::BranchInst>(&block.front());
        jump && jump->isUnconditional() && &block != &function->getEntryBlock())
      llvm::TryToSimplifyUncondBranchFromEmptyBlock(&block);
}

/// A variable has a phi wherever it is in a register, needed or not. Removing those that only other
/// phis use, and those of values that do not change, takes less time than what the passes take for
/// them.
void Lowering::removeNeedlessPhis() {
  llvm::SmallVector<llvm::PHINode *, 32> phis;
  llvm::SmallVector<llvm::PHINode *, 32> pending;
  llvm::SmallPtrSet<llvm::PHINode *, 32> used;
  auto use = [&](llvm::PHINode *phi) {
    if (used.insert(phi).second)
      pending.push_back(phi);
  };
  for (llvm::BasicBlock &block : *function)
    for (llvm::PHINode &phi : block.phis()) {
      phis.push_back(&phi);
      if (!llvm::all_of(phi.users(), llvm::IsaPred<llvm::PHINode>))
        use(&phi);
    }
  while (!pending.empty())
    for (llvm::Value *value : pending.pop_back_val()->incoming_values())
      if (auto *phi = llvm::dyn_cast<llvm::PHINode>(value))
        use(phi);
  llvm::SmallVector<llvm::WeakTrackingVH, 32> values;
  llvm::erase_if(phis, [&](llvm::PHINode *phi) {
    if (used.contains(phi))
      return false;
    values.append(phi->value_op_begin(), phi->value_op_end());
    phi->replaceAllUsesWith(llvm::PoisonValue::get(phi->getType()));
    phi->eraseFromParent();
    return true;
  });
  // One that is replaced may have been the only difference between the values of another.
  size_t before;
  do {
    before = phis.size();
    llvm::erase_if(phis, [&](llvm::PHINode *phi) {
      llvm::Value *only = phi->hasConstantValue();
      if (!only)
        return false;
      phi->replaceAllUsesWith(only);
      phi->eraseFromParent();
      return true;
    });
  } while (phis.size() != before);
  llvm::RecursivelyDeleteTriviallyDeadInstructionsPermissive(values);
}

//===----------------------------------------------------------------------===//
// Blocks and variables
//===----------------------------------------------------------------------===//

/// What an op takes a global for that has elements.
static std::optional<Kind> containerOf(Opcode opcode) {
  switch (opcode) {
  case Opcode::ArrayGet:
  case Opcode::ArraySet:
  case Opcode::ArrayPush:
  case Opcode::ArrayPop:
    return Kind::Array;
  case Opcode::HashGet:
  case Opcode::HashSet:
    return Kind::Hash;
  default:
    return std::nullopt;
  }
}

void Lowering::findBlocks() {
  llvm::DenseMap<uint64_t, bool> seen;
  std::vector<uint64_t> pending{routine->entry};
  llvm::DenseMap<uint64_t, Block> &blocks = routine->blocks;
  std::vector<uint32_t> &slots = routine->slots;
  std::vector<uint32_t> &globals = routine->globals;
  blocks[routine->entry];
  if (routine->isCallee)
    for (uint32_t slot = 0; slot != request.functions[routine->number].slots; ++slot) {
      routine->slotIndex[slot] = slot;
      slots.push_back(slot);
    }
  while (!pending.empty()) {
    uint64_t op = pending.back();
    pending.pop_back();
    while (isReached(op) && !std::exchange(seen[op], true)) {
      const Instruction &current = instruction(op);
      ControlKind control = current.info().control;
      if (control == ControlKind::Jump || control == ControlKind::Branch) {
        if (isReached(current.target())) {
          blocks[current.target()];
          pending.push_back(current.target());
        }
        if (isReached(op + 1) && control == ControlKind::Branch)
          blocks[op + 1];
      }
      if (control == ControlKind::Jump || control == ControlKind::Return ||
          control == ControlKind::Halt)
        break;
      ++op;
    }
  }
  std::vector<uint64_t> ops;
  for (auto &entry : seen)
    ops.push_back(entry.first);
  std::sort(ops.begin(), ops.end());
  for (uint64_t op : ops) {
    const Instruction &current = instruction(op);
    size_t count = current.info().operands.size();
    for (size_t i = 0; i != count; ++i) {
      OperandKind kind = current.info().operands[i].kind;
      auto number = static_cast<uint32_t>(current.operand(i));
      if (kind == OperandKind::Slot && routine->slotIndex.try_emplace(number, slots.size()).second)
        slots.push_back(number);
    }
  }
  for (uint64_t op : ops) {
    const Instruction &current = instruction(op);
    if (current.opcode() == Opcode::SlotArrayGet || current.opcode() == Opcode::SlotArraySet)
      routine->containers[slotVariable(current.a())] = Kind::Array;
  }
  for (uint64_t op : ops) {
    const Instruction &current = instruction(op);
    bool usesGlobal = current.info().has(ReadsGlobals) || current.info().has(WritesGlobals);
    size_t count = current.info().operands.size();
    for (size_t i = 0; usesGlobal && i != count; ++i) {
      auto number = static_cast<uint32_t>(current.operand(i));
      if (current.info().operands[i].kind == OperandKind::Name && hasGlobal(number) &&
          routine->globalIndex.try_emplace(number, slots.size() + globals.size()).second)
        globals.push_back(number);
      if (std::optional<Kind> container = containerOf(current.opcode());
          container && hasGlobal(number))
        routine->containers[globalVariable(number)] = *container;
    }
  }
}

Rep Lowering::repOfKind(uint8_t kind) {
  if (kind == FUSEVM_SCALAR_KIND)
    return Rep::Tagged;
  return kind <= numberOf(Kind::Float) ? static_cast<Rep>(kind) : Rep::Memory;
}

/// The state of the entry, as the request assumes it.
State Lowering::entryState() const {
  State result;
  auto add = [&](uint8_t kind) {
    auto container = routine->containers.find(static_cast<uint32_t>(result.variables.size()));
    bool isContainer =
        container != routine->containers.end() && kind == numberOf(container->second);
    result.variables.push_back(
        {.rep = repOfKind(kind), .object = isContainer ? container->second : Kind::Undef});
  };
  for (uint32_t slot : routine->slots)
    add(slot < request.slotCount ? request.slotKinds[slot] : uint8_t{FUSEVM_ANY_KIND});
  for (uint32_t global : routine->globals)
    add(request.globalKinds[global]);
  auto height = static_cast<size_t>(facts(request.entry).height);
  for (size_t i = 0; i != height; ++i)
    result.stack.push_back({.rep = repOfKind(request.stackKinds[i])});
  result.outer.resize(facts(request.entry).scopeDepth, std::vector<Cell>(routine->slots.size()));
  return result;
}

//===----------------------------------------------------------------------===//
// Dry runs
//===----------------------------------------------------------------------===//

void Lowering::enqueue(Routine *of, uint64_t start) {
  if (!std::exchange(of->blocks[start].isQueued, true))
    queue.emplace_back(of, start);
}

void Lowering::solve() {
  Block &first = routine->blocks[routine->entry];
  first.entry = entryState();
  first.isReached = true;
  enqueue(routine, routine->entry);
  while (!queue.empty()) {
    // The lowest first: mostly what comes before has been looked at then.
    auto next = std::min_element(queue.begin(), queue.end(),
                                 [](const auto &a, const auto &b) { return a.second < b.second; });
    uint64_t start = next->second;
    routine = next->first;
    *next = queue.back();
    queue.pop_back();
    Block &block = routine->blocks[start];
    block.isQueued = false;
    state = block.entry;
    lowerBlock(start);
  }
  routine = routines.front().get();
}

void Lowering::countEdges() {
  isCounting = true;
  for (const std::unique_ptr<Routine> &counted : routines) {
    routine = counted.get();
    for (auto &entry : routine->blocks)
      if (entry.second.isReached) {
        state = entry.second.entry;
        lowerBlock(entry.first);
      }
    ++routine->blocks[routine->entry].edges;
  }
  routine = routines.front().get();
  isCounting = false;
  unit.nativeOps = unit.hostOps = 0;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

/// Reverse post-order: a block comes after one from which it is reached.
std::vector<uint64_t> Lowering::emissionOrder() {
  std::vector<uint64_t> order;
  llvm::DenseMap<uint64_t, bool> visited;
  struct Visit {
    uint64_t start;
    std::vector<uint64_t> successors;
  };
  auto successorsOf = [&](uint64_t start) {
    std::vector<uint64_t> result;
    uint64_t op = start;
    do {
      const Instruction &current = instruction(op);
      ControlKind control = current.info().control;
      // The following op last, so that it comes first in the order.
      if (control == ControlKind::Branch || control == ControlKind::Jump)
        result.push_back(current.target());
      ++op;
      if (control == ControlKind::Branch)
        result.push_back(op);
      if (control == ControlKind::Branch || control == ControlKind::Jump ||
          control == ControlKind::Return || control == ControlKind::Halt)
        return result;
    } while (isReached(op) && !routine->blocks.contains(op));
    result.push_back(op);
    return result;
  };
  std::vector<Visit> path;
  auto enter = [&](uint64_t start) {
    // Targets outside the code may be any number, also one that the map cannot hold.
    if (!isReached(start))
      return;
    auto block = routine->blocks.find(start);
    if (block != routine->blocks.end() && block->second.isReached &&
        !std::exchange(visited[start], true))
      path.push_back({start, successorsOf(start)});
  };
  enter(routine->entry);
  while (!path.empty()) {
    if (path.back().successors.empty()) {
      order.push_back(path.back().start);
      path.pop_back();
      continue;
    }
    uint64_t next = path.back().successors.front();
    path.back().successors.erase(path.back().successors.begin());
    enter(next);
  }
  std::reverse(order.begin(), order.end());
  return order;
}

/// The heap constants that the unit uses, with all that it calls natively.
llvm::DenseSet<uint32_t> Lowering::constantsOnHeap() const {
  llvm::DenseSet<uint32_t> result;
  for (const std::unique_ptr<Routine> &user : routines)
    for (uint64_t op = 0; op != request.opCount; ++op)
      if (instruction(op).opcode() == Opcode::LoadConst && facts(op).height >= 0 &&
          facts(op).function == user->number && instruction(op).a() < request.constantCount &&
          request.constants[instruction(op).a()].kind >= numberOf(firstHeapKind))
        result.insert(instruction(op).a());
  return result;
}

/// Has the constants loaded, unless they are so many that it is not worth it at each entry.
void Lowering::loadConstants() {
  constexpr unsigned mostConstants = 40;
  llvm::DenseSet<uint32_t> constants = constantsOnHeap();
  hasLoadedConstants = constants.size() <= mostConstants;
  if (hasLoadedConstants)
    for (uint32_t constant : constants)
      ensureConstant(constant);
}

void Lowering::emitPrologue() {
  loadConstants();
  state = entryState();
  state.meter = loadContext(builder.getInt64Ty(), offsetof(FusevmNativeContext, meter));
  state.calls = int64(0);

  // Nothing is known while it is being checked.
  State assumed = state;
  for (Cell &cell : state.variables)
    cell = Cell();
  for (Cell &cell : state.stack)
    cell = Cell();
  guardExit = nullptr;
  currentOp = resumeOp = request.entry;
  auto check = [&](Cell &cell, llvm::Value *address) {
    if (cell.rep == Rep::Memory && cell.object != Kind::Undef) {
      guard(
          compare(llvm::CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(cell.object))));
      cell.bits = objectOf(address, cell.object);
    }
    if (cell.rep == Rep::Memory)
      return;
    Rep rep = cell.rep;
    if (rep == Rep::Tagged) {
      cell.tag = loadTag(address, ofCells);
      cell.bits = loadBits(address, ofCells);
      return guard(compare(llvm::CmpInst::ICMP_ULT, cell.tag, int32(numberOf(firstHeapKind))));
    }
    guard(compare(llvm::CmpInst::ICMP_EQ, loadTag(address, ofCells), int32(numberOf(kindOf(rep)))));
    cell = loadScalar(rep, address, ofCells);
  };
  for (uint32_t i = 0; i != assumed.variables.size(); ++i)
    check(assumed.variables[i], variableAddress(i));
  for (size_t i = 0; i != assumed.stack.size(); ++i)
    check(assumed.stack[i], stackAddress(i));
  assumed.meter = state.meter;
  assumed.calls = state.calls;
  state = std::move(assumed);
  guardExit = nullptr;
  goTo(request.entry);
}

void Lowering::makePhis(Block &block) {
  block.code = newBlock();
  auto makePhi = [&](llvm::Type *type) {
    return llvm::PHINode::Create(type, block.edges, "", block.code);
  };
  auto visit = [&](Cell &cell) {
    if (cell.rep == Rep::Tagged)
      cell.tag = makePhi(builder.getInt32Ty());
    if (isUnboxed(cell.rep) && cell.rep != Rep::Undef)
      cell.bits = makePhi(typeOf(cell.rep));
    if (cell.object != Kind::Undef)
      cell.bits = makePhi(builder.getPtrTy());
  };
  for (Cell &cell : block.entry.variables)
    visit(cell);
  for (Cell &cell : block.entry.stack)
    visit(cell);
  for (std::vector<Cell> &frame : block.entry.outer)
    for (Cell &cell : frame)
      visit(cell);
  block.entry.meter = makePhi(builder.getInt64Ty());
  block.entry.calls = unit.hasCalls ? makePhi(builder.getInt64Ty()) : int64(0);
}

void Lowering::beginBlock(Block &block) {
  assert(block.code && "a block that nothing goes to");
  if (block.edges < 2)
    builder.SetInsertPoint(block.code);
  else
    continueIn(block.code);
  state = block.entry;
}

void Lowering::lowerBlock(uint64_t start) {
  uint64_t op = start;
  isTerminated = false;
  currentBlock = start;
  do {
    lowerOp(op);
    op += 1 + fusedOps;
    if (isTerminated)
      return;
  } while (isReached(op) && !routine->blocks.contains(op));
  if (op >= request.opCount)
    leaveAt(op, FUSEVM_EXIT_END);
  else if (!isReached(op))
    leaveAt(op, FUSEVM_EXIT_OTHER);
  else
    goTo(op);
}

} // namespace fusevm::jit
