//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The lowering of ops to IR over an abstract state.
///
/// A unit is lowered twice with the same code. The dry run, without IR, is repeated until
/// the representations at the beginning of each block are stable; then the blocks are
/// emitted with phis for what they receive.
///
/// Subs that are called natively are lowered with the unit, each once: to a function of its
/// own, that takes its arguments and leaves its result as their representations say. These
/// are found in the dry run too, which goes through all of them until nothing changes.
///
/// The abstract state says for each variable (slot of the top frame, or global) and each
/// stack position where its value is. A variable that is not in memory has a scalar in its
/// memory, which may be overwritten without a look; a stack position has nothing there.

#ifndef FUSEVM_LIB_JIT_LOWERING_H
#define FUSEVM_LIB_JIT_LOWERING_H

#include "UnitLowering.h"

#include "fusevm/IR/Instruction.h"
#include "fusevm/Runtime/Value.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/IR/IRBuilder.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace fusevm {
struct ConstantDivisor;
}

namespace fusevm::jit {

/// How a value is represented.
enum class Rep : uint8_t {
  Undef,
  Bool,   ///< bits is an i1
  Int,    ///< bits is an i64
  Float,  ///< bits is a double
  Tagged, ///< a scalar of any kind: tag is an i32, bits an i64
  Alias,  ///< of a stack position: a copy of a variable that is in memory
  Pooled, ///< of a stack position: a copy of a constant that is on the heap
  Memory, ///< where it belongs
};

inline bool isScalar(Rep rep) { return rep <= Rep::Float; }
/// Whether its value is not in its place in memory.
inline bool isUnboxed(Rep rep) { return rep <= Rep::Tagged; }
constexpr uint32_t numberOf(Kind kind) { return static_cast<uint32_t>(kind); }
/// The kind of a scalar representation; they have the same order.
inline Kind kindOf(Rep rep) { return static_cast<Kind>(rep); }
static_assert(int(Rep::Undef) == int(Kind::Undef) && int(Rep::Bool) == int(Kind::Bool) &&
              int(Rep::Int) == int(Kind::Int) && int(Rep::Float) == int(Kind::Float));

/// A value of the abstract state.
struct Cell {
  Rep rep = Rep::Memory;
  bool dirty = false; ///< of a variable: memory has another value
  uint32_t alias = 0; ///< the variable of an Alias, the constant of a Pooled
  /// Of a variable in memory: Array or Hash if it certainly is one, whose payload then is
  /// bits; otherwise Undef.
  Kind object = Kind::Undef;
  llvm::Value *bits = nullptr;
  llvm::Value *tag = nullptr;
};

/// The abstract state before an op.
struct State {
  std::vector<Cell> variables; ///< slots of the top frame, then globals
  std::vector<Cell> stack;
  std::vector<std::vector<Cell>> outer; ///< slots of the frames around open scopes
  llvm::Value *meter = nullptr;
  llvm::Value *calls = nullptr; ///< native ones that the context has not counted yet
};

/// Ops that are entered at the first one only.
struct Block {
  bool isReached = false;
  bool isQueued = false;
  unsigned edges = 0;
  State entry;
  llvm::BasicBlock *code = nullptr;
};

/// What becomes one native function: the unit itself, or a sub that is called natively.
struct Routine {
  uint32_t number = 0; ///< of the function that the ops belong to
  uint64_t entry = 0;
  bool isCallee = false;
  llvm::DenseMap<uint64_t, Block> blocks;
  std::vector<uint32_t> slots;
  std::vector<uint32_t> globals;
  /// By variable: Array or Hash if an op takes it for that.
  llvm::DenseMap<uint32_t, Kind> containers;
  llvm::DenseMap<uint32_t, uint32_t> slotIndex;
  llvm::DenseMap<uint32_t, uint32_t> globalIndex;
  std::vector<Routine *> callees;
  llvm::Function *code = nullptr;

  // Of a callee.
  /// Globals that it and what it calls read or write, and those that they write.
  llvm::DenseSet<uint32_t> usedGlobals;
  llvm::DenseSet<uint32_t> changedGlobals;
  /// Whether it needs to know where its slots and its part of the stack are.
  bool usesWindow = false;
  bool returns = false;
  Rep result = Rep::Undef; ///< if it returns, and then a value
  std::vector<Rep> parameters;
  /// The blocks that call it.
  llvm::DenseSet<std::pair<Routine *, uint64_t>> sites;
  llvm::Value *slotsAddress = nullptr;
  llvm::Value *stackAddress = nullptr;
  llvm::Value *framesLeft = nullptr;
  llvm::BasicBlock *returnBlock = nullptr;
  llvm::SmallVector<llvm::PHINode *, 3> results; ///< of it
};

class Lowering {
  friend class OpEmitter;

public:
  /// \p storesAtOnce: variables of the unit itself are stored whenever they are set. Otherwise
  /// each exit stores those that are not.
  Lowering(const FusevmJitRequest &request, llvm::Module &module, LoweredUnit &unit,
           bool storesAtOnce);

  /// False, with nothing done, if the exits would have so much to store that it should be tried
  /// with storesAtOnce.
  bool run();

private:
  const Instruction &instruction(uint64_t op) const {
    return reinterpret_cast<const Instruction &>(request.ops[op]);
  }
  const FusevmJitOpFacts &facts(uint64_t op) const { return request.facts[op]; }
  bool isReached(uint64_t op) const {
    return op < request.opCount && facts(op).height >= 0 && facts(op).function == routine->number;
  }

  // The unit as a whole (UnitLowering.cpp).
  void findBlocks();
  State entryState() const;
  static Rep repOfKind(uint8_t kind);
  void enqueue(Routine *of, uint64_t start);
  void solve();
  void countEdges();
  void countExit();
  void emitRoutine(Routine &toEmit);
  void removeNeedlessPhis();
  std::vector<uint64_t> emissionOrder();
  void emitPrologue();
  bool isInPrologue() const { return !routine->blocks.find(routine->entry)->second.code; }
  void loadConstants();
  void ensureConstant(uint32_t number);
  llvm::DenseSet<uint32_t> constantsOnHeap() const;
  void lowerBlock(uint64_t start);
  void beginBlock(Block &block);
  void makePhis(Block &block);

  // Variables.
  uint32_t slotVariable(uint32_t slot) const { return routine->slotIndex.lookup(slot); }
  uint32_t globalVariable(uint32_t global) const { return routine->globalIndex.lookup(global); }
  bool hasGlobal(uint32_t global) const { return global < request.globalCount; }
  bool isGlobal(uint32_t variable) const { return variable >= routine->slots.size(); }
  uint32_t globalOf(uint32_t variable) const {
    return routine->globals[variable - routine->slots.size()];
  }

  // Native calls (Calls.cpp).
  void findRoutines();
  void findUsedGlobals();
  void findWindows();
  Routine *calleeAt(uint64_t op) const;
  State calleeState(const Routine &callee) const;
  void joinArguments(Routine &callee, size_t base);
  void declareCallee(Routine &callee);
  void emitCalleePrologue();
  bool lowerFunctions(uint64_t op);
  bool lowerCall(uint64_t op);
  void prepareArguments(uint64_t op, Routine &callee, size_t base);
  void emitCall(uint64_t op, Routine &callee, size_t base);
  void checkDepth(uint64_t op, llvm::Value *framesLeft);
  void countCalls();
  void flushGlobals(const Routine &callee);
  void lowerReturn(uint64_t op);
  void releaseFrame();
  void noteFrame(uint32_t snapshot);
  void returnResults(llvm::MutableArrayRef<llvm::Value *> results);
  void returnZeros();

  // Edges between blocks (Edges.cpp).
  void goTo(uint64_t target);
  static bool joinCell(Cell &target, const Cell &source);
  static bool joinCells(std::vector<Cell> &target, const std::vector<Cell> &source);
  bool joinInto(State &target, const State &source);
  void convert(const State &target);
  void addIncoming(const State &target);
  void jump(uint64_t op, uint64_t target);
  void branch(uint64_t op, llvm::Value *condition, uint64_t whenTrue, uint64_t whenFalse);
  llvm::Value *loadFloor();
  void poll(uint64_t target);

  // Exits and guards (Exits.cpp).
  uint32_t makeSnapshot(uint64_t op, uint64_t guardOp, FusevmExitReason reason);
  /// What a snapshot leaves in the buffer: each value once, by its bits and tag.
  struct SnapshotBuffer {
    uint32_t size = 0;
    llvm::SmallDenseMap<std::pair<llvm::Value *, llvm::Value *>, uint32_t, 16> places;
  };
  void addSnapshotValue(FusevmPlace place, uint32_t index, const Cell &cell,
                        SnapshotBuffer &buffer);
  llvm::ConstantInt *constantBits(const Cell &cell);
  uint32_t leaveInBuffer(const Cell &cell, SnapshotBuffer &buffer);
  void leave(uint64_t op, uint64_t guardOp, FusevmExitReason reason);
  void leaveAt(uint64_t op, FusevmExitReason reason);
  llvm::BasicBlock *exitOfGuards();
  void guard(llvm::Value *condition);
  void require(llvm::Value *condition, llvm::BasicBlock *otherwise);
  llvm::Value *stress(llvm::Value *condition);
  void returnCode(uint32_t code);

  // Cells (Cells.cpp).
  Cell &top(size_t depth = 0) { return state.stack[state.stack.size() - 1 - depth]; }
  void push(Cell cell) { state.stack.push_back(cell); }
  void drop() { state.stack.pop_back(); }
  static Cell make(Rep rep, llvm::Value *bits) { return {.rep = rep, .bits = bits}; }
  Cell makeInt(llvm::Value *bits) { return make(Rep::Int, bits); }
  Cell makeFloat(llvm::Value *bits) { return make(Rep::Float, bits); }
  Cell makeBool(llvm::Value *bits) { return make(Rep::Bool, bits); }
  Cell constantCell(Kind kind, uint64_t bits);
  llvm::Value *tagOf(const Cell &cell);
  llvm::Value *bitsOf(const Cell &cell);
  Cell fromBits(Rep rep, llvm::Value *bits);
  Cell loadScalar(Rep rep, llvm::Value *address, llvm::MDNode *kind);
  llvm::Value *variableAddress(uint32_t variable);
  llvm::Value *stackAddress(size_t position);
  llvm::Value *addressOf(const Cell &cell, size_t position);
  llvm::MDNode *memoryOf(const Cell &cell) {
    return cell.rep == Rep::Pooled ? ofConstants : ofCells;
  }
  void storeCell(llvm::Value *address, const Cell &cell) { storeCell(address, cell, ofCells); }
  void storeCell(llvm::Value *address, const Cell &cell, llvm::MDNode *kind);
  llvm::Value *constantAddress(uint32_t constant);
  void copyValue(llvm::Value *from, llvm::Value *to) { copyValue(from, ofCells, to, ofCells); }
  void copyValue(llvm::Value *from, llvm::MDNode *fromKind, llvm::Value *to, llvm::MDNode *toKind);
  void moveValue(llvm::Value *from, llvm::Value *to) { moveValue(from, to, ofCells); }
  void moveValue(llvm::Value *from, llvm::Value *to, llvm::MDNode *toKind);
  void storeValue(llvm::Value *tag, llvm::Value *bits, llvm::Value *to, llvm::MDNode *kind);
  void retainIfHeap(llvm::Value *tag, llvm::Value *bits);
  void releaseIfHeap(llvm::Value *address) { releaseIfHeap(address, ofCells); }
  void releaseIfHeap(llvm::Value *address, llvm::MDNode *kind);
  void materialize(size_t position);
  void materializeAliases(uint32_t variable);
  void dropTop();
  void copyOfStack(size_t depth);
  void swapStack(size_t depth, size_t otherDepth);
  void refine(size_t depth, const Cell &cell);
  void setVariable(uint32_t variable);
  void setVariable(uint32_t variable, Cell cell);
  void storeVariable(uint32_t variable, Cell &cell);
  void pushVariable(uint32_t variable);
  Cell variableAs(uint32_t variable, Rep rep);
  llvm::Value *variableAsInt(uint64_t op, uint32_t variable);

  // Numbers.
  bool resolveScalars(uint64_t op, unsigned count, Rep preferred);
  void guardTop(unsigned depth, Rep rep);
  std::optional<Rep> expected(uint64_t op, unsigned depth, Rep preferred);
  llvm::Value *toInt(const Cell &cell);
  llvm::Value *toFloat(const Cell &cell);
  llvm::Value *truth(const Cell &cell, size_t position);
  llvm::Value *truncateSaturating(llvm::Value *number);
  llvm::Value *remainder(llvm::Value *a, llvm::Value *b);
  llvm::Value *constantRemainder(llvm::Value *a, ConstantDivisor divisor);

  // Ops (OpLowering.cpp). False: the op was not lowered, and nothing has changed.
  void lowerOp(uint64_t op);
  void countOp(uint64_t op);
  bool lowerNatively(uint64_t op);
  bool lowerArithmetic(uint64_t op);
  bool lowerComparison(uint64_t op);
  bool lowerBits(uint64_t op);
  bool lowerMath(uint64_t op);
  bool lowerStack(uint64_t op);
  bool lowerVariables(uint64_t op);
  bool lowerSlotSteps(uint64_t op);
  bool lowerJumps(uint64_t op);
  bool lowerExtension(uint64_t op);
  bool lowerConstant(uint64_t op);

  // Arrays and hashes (Containers.cpp).
  /// What is taken to come out of a container: of one kind, a scalar, or anything.
  struct Expected {
    std::optional<Rep> rep;
    bool isScalar = false;
  };
  Expected expectedElement(uint64_t op) const;
  llvm::Value *isOfKind(llvm::Value *kind, Rep rep);
  llvm::Value *loadKinds(llvm::Value *array);
  void noteKind(llvm::Value *array, llvm::Value *tag);
  void addKind(llvm::Value *array, llvm::Value *kinds, llvm::Value *tag);
  Cell elementOfOneKind(llvm::Value *array, llvm::Value *address, Rep rep);
  Cell scalarElement(const Expected &wanted, llvm::Value *address);
  bool lowerGlobalContainers(uint64_t op, uint32_t variable);
  llvm::Value *objectOf(llvm::Value *address, Kind kind) {
    return objectOf(address, kind, ofCells);
  }
  llvm::Value *objectOf(llvm::Value *address, Kind kind, llvm::MDNode *memory);
  bool isText(const Cell &cell) const {
    return cell.rep == Rep::Pooled && request.constants[cell.alias].kind == numberOf(Kind::Str);
  }
  llvm::Value *textOrSlow(const Cell &cell, size_t position, llvm::BasicBlock *slow);
  llvm::Value *containerOrSlow(uint32_t variable, Kind kind, llvm::BasicBlock *slow);
  llvm::Value *arrayOf(uint32_t variable);
  void noteObject(uint32_t variable, Kind kind);
  std::optional<Kind> expectContainer(uint64_t op, uint32_t variable);
  void setContainer(uint64_t op, uint32_t variable);
  llvm::Value *arrayToChange(uint32_t variable, llvm::BasicBlock *slow);
  llvm::Value *isUnshared(llvm::Value *container);
  llvm::Value *loadOfArray(llvm::Value *array, uint64_t offset);
  llvm::Value *elementAddress(llvm::Value *array, llvm::Value *index);
  bool arrayGet(uint64_t op, uint32_t variable);
  bool arraySet(uint64_t op, uint32_t variable);
  bool arraySetScalar(uint32_t variable);
  void putElement(llvm::Value *array, llvm::Value *element, const Cell &cell, size_t position);
  bool arrayPush(uint64_t op, uint32_t variable);
  bool arrayPop(uint64_t op, uint32_t variable);
  bool arrayLength(uint32_t variable);
  llvm::Value *entryFoundAgain(llvm::Value *hash, llvm::Value *key, llvm::BasicBlock *other);
  llvm::Value *findInHash(uint64_t op, uint32_t variable, const Cell &key, size_t position);
  bool expectsEntry(uint64_t op, const Cell &key) const;
  llvm::Value *expectedPlace(llvm::Value *hash, const Cell &key, size_t position);
  bool hashGet(uint64_t op, uint32_t variable);
  void setScalarOfEntry(uint32_t variable, const Cell &value, size_t position);
  llvm::Value *placeInHash(llvm::Value *hash, llvm::Value *key, llvm::BasicBlock *slow);
  bool hashSet(uint64_t op, uint32_t variable);

  // Texts (Texts.cpp).
  bool lowerTexts(uint64_t op);
  void meetSlowWay(uint64_t op, llvm::BasicBlock *slow, Rep rep, llvm::Value *fast);
  bool textLength(uint64_t op);
  llvm::Value *sameText(llvm::Value *a, llvm::Value *b);
  bool compareTexts(uint64_t op);
  void concat(uint64_t op);
  std::optional<uint32_t> appendTarget(uint64_t op) const;

  // What the host executes (HostOps.cpp).
  bool isSimple(uint64_t op) const;
  template <typename Visit> void visitVariables(uint64_t op, Visit visit);
  void spillOperands(uint64_t op);
  void emitSimpleCall(uint64_t op);
  void leaveIfFailed(uint64_t op, llvm::Value *status);
  void callSimply(uint64_t op);
  void callSlowly(uint64_t op, llvm::BasicBlock *slow, llvm::BasicBlock *done);
  /// Where what is done without the host ends, and what is done with it, and both meet.
  struct Meeting {
    llvm::BasicBlock *fastEnd;
    llvm::BasicBlock *slowEnd;
    llvm::BasicBlock *done;
  };
  Meeting beginMeeting(uint64_t op, llvm::BasicBlock *slow);
  llvm::PHINode *meet(const Meeting &ways, llvm::Value *fast, llvm::Value *slow);
  void meetInMemory(uint64_t op, uint32_t variable, llvm::BasicBlock *slow);
  void callHost(uint64_t op);
  void forgetVariables(uint64_t op);

  // IR, which a dry run leaves out: all return null then.
  template <typename Make> llvm::Value *emit(Make make) {
    return isDry ? nullptr : static_cast<llvm::Value *>(make());
  }
  llvm::Value *int64(uint64_t value) { return builder.getInt64(value); }
  llvm::Value *int32(uint32_t value) { return builder.getInt32(value); }
  llvm::Value *binary(llvm::Instruction::BinaryOps op, llvm::Value *a, llvm::Value *b) {
    return emit([&] { return builder.CreateBinOp(op, a, b); });
  }
  llvm::Value *compare(llvm::CmpInst::Predicate predicate, llvm::Value *a, llvm::Value *b) {
    return emit([&] { return builder.CreateCmp(predicate, a, b); });
  }
  llvm::Value *select(llvm::Value *condition, llvm::Value *a, llvm::Value *b) {
    return emit([&] { return builder.CreateSelect(condition, a, b); });
  }
  llvm::Value *field(llvm::Value *base, uint64_t offset);
  llvm::Value *load(llvm::Type *type, llvm::Value *address, llvm::MDNode *kind);
  void store(llvm::Value *value, llvm::Value *address, llvm::MDNode *kind);
  llvm::Value *loadContext(llvm::Type *type, uint64_t offset);
  llvm::Value *contextPointer(uint64_t offset, uint64_t bytes = 0);
  void forgetContextPointers() { contextPointers.block = nullptr; }
  llvm::Value *loadTag(llvm::Value *address, llvm::MDNode *kind);
  llvm::Value *loadBits(llvm::Value *address, llvm::MDNode *kind);
  llvm::Value *loadPointer(llvm::Value *address, uint64_t bytes, llvm::MDNode *kind, bool aligned);
  /// \p touched says what the helper reads or writes of what native code knows; null: anything.
  llvm::Value *callHelper(uint64_t offset, llvm::Type *result,
                          llvm::ArrayRef<llvm::Value *> arguments, llvm::MDNode *touched = nullptr);
  llvm::Value *callMath(uint64_t offset, llvm::Type *result,
                        llvm::ArrayRef<llvm::Value *> arguments);
  void branchLikely(llvm::Value *condition, llvm::BasicBlock *likely, llvm::BasicBlock *unlikely);
  llvm::BasicBlock *newBlock();
  llvm::BasicBlock *newColdBlock();
  void continueIn(llvm::BasicBlock *block);
  llvm::Type *typeOf(Rep rep);

  const FusevmJitRequest &request;
  llvm::Module &module;
  LoweredUnit &unit;
  llvm::LLVMContext &context;
  llvm::IRBuilder<> builder;
  llvm::Function *function = nullptr;
  llvm::Value *nativeContext = nullptr;
  // What memory belongs to, so that LLVM knows what is not the same. All but the context and
  // constants are values; of these, elements of containers and the heads of payloads are the heap.
  llvm::MDNode *ofContext = nullptr;
  llvm::MDNode *ofConstants = nullptr;
  llvm::MDNode *ofValues = nullptr;
  llvm::MDNode *ofCells = nullptr;
  llvm::MDNode *ofHeap = nullptr;
  llvm::MDNode *ofElements = nullptr;
  llvm::MDNode *ofArrays = nullptr;
  llvm::MDNode *ofElementKinds = nullptr;
  llvm::MDNode *ofKeys = nullptr; ///< of hashes
  llvm::MDNode *isUnlikely = nullptr;
  /// Pointers that the current block, or one that it continues, has loaded from the context.
  struct {
    llvm::BasicBlock *block = nullptr;
    llvm::SmallDenseMap<uint64_t, llvm::Value *, 8> loaded; ///< by offset
  } contextPointers;
  /// Whether the constants of the unit have been loaded at its entry.
  bool hasLoadedConstants = false;

  bool isDry = true;
  bool isCounting = false;
  const bool storesAtOnce;
  /// How many variables all exits would store, and how often one is set.
  size_t exitValues = 0;
  size_t assignments = 0;
  uint64_t lastExitOp = UINT64_MAX; ///< guards of an op share their exit
  bool isTerminated = false;
  /// Whether what is emitted is seldom executed.
  bool isCold = false;
  /// Ops behind the current one that were lowered with it.
  uint64_t fusedOps = 0;
  State state;
  std::vector<std::unique_ptr<Routine>> routines; ///< the unit itself first
  Routine *routine = nullptr;                     ///< the one being lowered
  llvm::DenseMap<uint32_t, Routine *> calleeOf;   ///< by the number of the function
  uint64_t currentBlock = 0;
  uint64_t currentOp = 0;
  /// The exit that the guards of the current op share.
  llvm::BasicBlock *guardExit = nullptr;
  /// Where guards resume, and after which op.
  uint64_t resumeOp = 0;
  std::vector<llvm::BasicBlock *> coldBlocks;
  std::vector<std::pair<Routine *, uint64_t>> queue;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_LOWERING_H
