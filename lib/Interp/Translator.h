//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// From ops on a stack to three-address instructions on registers, in one pass.
///
/// The translator follows what each stack position holds. A value that an op merely brings
/// onto the stack is deferred: whoever takes it reads it from its slot, its global or the
/// instruction. It is written to its position only where somebody could see the
/// difference: before its source changes, where paths meet, before calls and callouts. An
/// instruction whose result is stored at once gets the variable as its destination.

#ifndef FUSEVM_LIB_INTERP_TRANSLATOR_H
#define FUSEVM_LIB_INTERP_TRANSLATOR_H

#include "PreparedChunk.h"

#include <array>
#include <bit>
#include <optional>
#include <string_view>
#include <vector>

namespace fusevm {

/// The handlers of the fast loop.
enum FastHandler : uint16_t {
#define FUSEVM_FAST(Name) Fast##Name,
#include "FastHandlers.def"
};

/// Their names.
inline constexpr std::string_view fastHandlerNames[] = {
#define FUSEVM_FAST(Name) #Name,
#include "FastHandlers.def"
};

/// Fills in the code of one chunk.
class Translator {
public:
  /// All three must outlive the translator.
  Translator(const Chunk &chunk, const CalloutEffects &effects, PreparedChunk &result);
  Translator(const Chunk &chunk, const CalloutEffects &&effects, PreparedChunk &result) = delete;

  void run();

  const LargeVector<uint16_t> &handlerNumbers() const { return handlers; }

private:
  /// What a stack position holds.
  struct Operand {
    enum class Place : uint8_t { Own, Slot, Global, Int, Float, Scalar, Constant };
    Place place;
    bool mayBeHeap; ///< whether an own value may have to be released
    Kind kind;      ///< of a literal
    uint32_t index; ///< register of a Slot, number of a Global or Constant
    uint64_t bits;  ///< of a literal

    bool isLiteral() const {
      return place == Place::Int || place == Place::Float || place == Place::Scalar;
    }
  };
  /// Right operands come in this order; see FastHandlers.def.
  enum OperandClass : unsigned { InRegister, InGlobal, IntLiteral, FloatLiteral };
  enum Destination : unsigned { ToStack, ToSlot, ToGlobal, ToAccumulator };
  static constexpr unsigned numDestinations = 4;

  struct Fixup {
    uint32_t code;
    uint64_t target;
    uint64_t from;   ///< the op after which the jump is made
    int64_t skipped; ///< less the ops that it runs besides: a rotated loop's head
    uint32_t height; ///< of the stack behind it
  };

  // The chunk around the ops.
  uint64_t beginOp(uint64_t op);
  void layOut();
  bool hasArgumentsInSlots(const FunctionInfo &info) const;
  void markLeaders();
  void beginFunction(uint32_t entered);
  void bind(uint64_t op);
  void enterHere(uint64_t op);
  void finishChunk();
  void resolve(const Fixup &fixup);
  uint32_t finishStub(const Fixup &fixup);

  // Code.
  PreparedOp &emit(unsigned handler, uint64_t op);
  static int32_t offset(uint64_t index) { return static_cast<int32_t>(index * sizeof(Value)); }
  int32_t stackRegister(uint64_t position) const { return offset(layout->stackBase + position); }
  int32_t slotRegister(uint16_t slot) const {
    return offset(uint64_t{scopeDepth} * layout->slots + slot);
  }
  /// The way from one instruction to another, in bytes.
  static int32_t offsetBetween(size_t from, size_t to) {
    return (static_cast<int32_t>(to) - static_cast<int32_t>(from)) *
           static_cast<int32_t>(sizeof(PreparedOp));
  }
  void jumpTo(uint64_t target, uint64_t from);
  void jumpTo(uint64_t target, uint64_t from, size_t code);
  void setDelta(size_t index, int64_t delta);

  // The abstract stack.
  Operand pop() {
    Operand top = stack.back();
    stack.pop_back();
    return top;
  }
  Operand own(bool mayBeHeap) const { return {Operand::Place::Own, mayBeHeap, Kind::Undef, 0, 0}; }
  void pushOwn(bool mayBeHeap) { stack.push_back(own(mayBeHeap)); }
  void writeOut(size_t position);
  void writeOutAll() { writeOutFrom(0); }
  void writeOutFrom(size_t position);
  void writeOutUpTo(size_t end);
  void writeOutSlot(int32_t slot);
  void writeOutGlobal(uint32_t global);
  void writeOutGlobals();
  template <typename Predicate> void writeOutIf(Predicate predicate);
  Destination releasing(Destination destination, int32_t target) const;
  void load(size_t position, Destination destination, int32_t target);
  void recordDeferred();
  void dropFrom(size_t position);

  // Loops.
  bool mayEndCountedLoop(uint64_t jump) const;
  void findLoops();
  void shortenLoop(uint64_t op);

  // Ops.
  size_t translate(uint64_t op);
  bool translateFast(const Instruction &instruction);
  bool translateFused(const Instruction &instruction);
  void translateGeneric(const Instruction &instruction);
  void translateCallout(const Instruction &instruction);
  void translateCanonical();
  void pushConstant(uint16_t index);
  void pushSlot(uint16_t slot);
  void store(Destination destination, int32_t target);
  void retarget(Destination destination, int32_t target);
  bool isProduct(size_t position) const;
  bool canAccumulate(size_t position) const;
  bool accumulate(size_t position);
  int32_t place(size_t position) const;
  bool isOwn(size_t position) const;
  OperandClass classOf(size_t position) const;
  void toRegister(size_t position);
  bool isNumber(size_t position) const;
  void setRight(PreparedOp &code, size_t left, size_t right);
  void produce(size_t operands, bool mayBeHeap);
  void produceFromScalars(size_t operands);
  void emitBinary(unsigned handler, size_t left, size_t right);
  void binary(unsigned family, bool commutes);
  size_t shorten(unsigned family, size_t left, size_t right);
  size_t shortenMultiplication(bool adds, size_t left, size_t right);
  size_t shortenTwoSteps(unsigned family, size_t left, size_t right);
  size_t shortenElement(unsigned family, size_t left, size_t right);
  size_t insertFront(size_t before, unsigned handler, const PreparedOp &code);
  bool loadsElement(size_t code, size_t position, unsigned handler) const;
  void compareValues(unsigned registers, unsigned integers);
  void integerBinary(unsigned family, bool commutes);
  double asDivisionOperand(size_t position) const;
  void divide();
  static constexpr unsigned noHandler = ~0U;
  void unary(unsigned handler, unsigned accumulated);
  void arrayGet(bool isGlobal, int32_t array);
  void arraySet(bool isGlobal, int32_t array);
  void arrayPush(uint32_t global);
  void hashGet(uint32_t global);
  void hashSet(uint32_t global);
  void concat();
  void dup(size_t depth);
  void swap();
  bool call(const Instruction &instruction);
  void returnValue();
  void returnNothing();
  void openScope();
  void closeScope();
  PreparedOp &emitReturn(unsigned handler, uint32_t firstSlot);
  void emitCloseScope();
  size_t compare();
  size_t compareTexts();
  std::optional<uint64_t> branchBehind(uint64_t op, bool &wanted) const;
  void branchOnComparison(Opcode opcode, bool wanted, uint64_t target);
  void shortenTest(bool wanted, uint64_t target);
  void branchOnValue(bool wanted, bool keeps, uint64_t target);
  void jump(uint64_t target);
  bool rotate(uint64_t target);
  void shortenIncrement(size_t increment);
  void stepSlot(uint16_t slot, int32_t step);

  bool isLeader(uint64_t op) const { return op < leaders.size() && leaders[op]; }
  bool isGlobal(uint16_t name) const { return name < chunk.names.size(); }

  const Chunk &chunk;
  const CalloutEffects &effects;
  PreparedChunk &result;
  const ChunkAnalysis &analysis;
  LargeVector<uint16_t> handlers; ///< of the instructions, until they become addresses
  std::vector<bool> leaders;
  bool mayHaveCountedLoops = false;
  std::vector<Fixup> fixups;
  std::vector<FusedSite> countedLoops; ///< that are still to come, the next one last
  std::vector<bool> argumentsInSlots;  ///< by function
  std::vector<uint32_t> calleeEntries; ///< by function

  // Where the translation is.
  uint64_t current = 0; ///< the op
  uint32_t function = 0;
  uint32_t scopeDepth = 0;
  const WindowLayout *layout = nullptr;
  std::vector<Operand> stack;
  bool reachable = false; ///< whether the op before continues here
  /// The instruction that made the value on top, if it is the last one and may be given
  /// another destination; noProducer otherwise.
  static constexpr size_t noProducer = ~size_t(0);
  size_t producer = noProducer;
  /// The instruction that does the same and what is before the producer in one go, if there is
  /// one in front of both; noProducer otherwise.
  size_t front = noProducer;
  /// Its operands that are slots, if its straight way takes nothing but scalars there.
  std::array<int32_t, 2> scalarSlots{noSlot, noSlot};
  static constexpr int32_t noSlot = -1;
  size_t lastLabel = 0; ///< the latest instruction that can be jumped to
};

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_TRANSLATOR_H
