//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "FusionGenerator.h"

#include "SpellingText.h"

#include "fusevm/Support/StrCat.h"

#include <array>
#include <optional>

namespace fusevm::fuzzing {

namespace {

constexpr std::string_view literals[] = {
    "LoadInt 0",
    "LoadInt 1",
    "LoadInt 2",
    "LoadInt 5",
    "LoadInt -3",
    "LoadInt 0",
    "LoadInt 3",
    "LoadFloat 2.5",
    "LoadFloat -0.5",
    "LoadFloat 1.0",
    "LoadTrue",
    "LoadUndef",
    "LoadConst \"\"",
    "LoadConst \"2\"",
    "LoadConst \"ab\"",
    "MakeArray 0",
    "LoadInt 9223372036854775807",
};

constexpr std::string_view limits[] = {"-1", "0", "1", "2", "3", "4", "6", "9"};

class FusionGenerator {
public:
  explicit FusionGenerator(ByteReader &bytes) : bytes(bytes) {}

  std::string run() {
    // Names have the same numbers, however they are used.
    text = "  DeclareArray list\n  GetVar other\n  SetVar x\n  GetVar _\n  Pop\n";
    // Mostly integers: otherwise little could be fused.
    for (unsigned slot = 0; slot != numSlots; ++slot)
      if (bytes.chance(80))
        line(strCat("LoadInt ", bytes.below(4)), strCat("SetSlot ", slot));
      else if (bytes.chance(60))
        line("LoadConst \"s\"", strCat("SetSlot ", slot));
    emitStatements(4 + bytes.below(12));
    bindPending();
    for (unsigned slot = 0; slot != numSlots; ++slot)
      line(strCat("GetSlot ", slot));
    line(strCat("MakeArray ", numSlots), "ReturnValue");
    text += "sub helper:\n";
    inSub = true;
    emitStatements(1 + bytes.below(4));
    bindPending();
    line("Return");
    return std::move(text);
  }

private:
  static constexpr unsigned numSlots = 6;
  static constexpr unsigned maxDepth = 3;

  template <typename... Lines> void line(const Lines &...lines) {
    (strAppend(text, "  ", lines, "\n"), ...);
  }

  std::string slot() { return strCat(bytes.below(numSlots)); }
  std::string freshLabel() { return strCat("l", ++labels); }

  void emitStatements(size_t count) {
    ++depth;
    for (; count != 0; --count)
      emitStatement();
    --depth;
  }

  void emitStatement() {
    switch (bytes.below(16)) {
    case 0:
    case 1:
      return line(bytes.pick(literals), strCat("SetSlot ", slot()));
    case 2:
      return line(strCat("GetSlot ", slot()), "PrintLn 1");
    case 3:
      return emitDisturbance();
    case 4:
    case 5:
    case 6:
    case 7:
      return emitSpelling();
    case 8:
      return depth < maxDepth ? emitWhile() : emitSpelling();
    default:
      return emitCountedLoop();
    }
  }

  /// What may change the kinds of variables.
  void emitDisturbance() {
    switch (bytes.below(10)) {
    case 0:
      return line("CallBuiltin 1 0", "Pop");
    case 1:
      return inSub ? line("Nop") : line("Call helper 0");
    case 2:
      return line("DeclareHash list");
    case 3:
      return line(bytes.pick(literals), "SetVar list");
    case 4:
      return line("DeclareArray list");
    case 5:
      if (depth >= maxDepth)
        return line("Nop");
      bindPending();
      line("PushFrame");
      emitStatements(1 + bytes.below(3));
      bindPending();
      return line("PopFrame");
    case 6: {
      std::string over = freshLabel();
      std::string block = strCat("b", ++blocks);
      bindPending();
      line("LoadInt 1", "LoadInt 2", "Range", strCat("ForEachBlock ", block),
           strCat("Jump ", over));
      strAppend(text, "block ", block, ":\n");
      line("Pop", bytes.pick(literals), strCat("SetSlot ", slot()));
      strAppend(text, "end\n", over, ":\n");
      return;
    }
    case 7:
      return line("GetArray list", "SetVar x");
    case 8: // a jump that is taken or not, maybe into the midst of what follows
      if (!pendingLabel) {
        pendingLabel = freshLabel();
        line(strCat("GetSlot ", slot()), strCat("JumpIfTrue ", *pendingLabel));
      }
      return;
    default:
      return line("Nop");
    }
  }

  /// Picks a row of \p rows for \p fused.
  const SpellingRow &pickRow(Opcode fused) {
    absl::Span<const SpellingRow> rows = spellingRows();
    size_t first = 0;
    while (rows[first].fused != fused)
      ++first;
    size_t end = first;
    while (end != rows.size() && rows[end].fused == fused)
      ++end;
    return rows[first + bytes.below(end - first)];
  }

  /// Emits \p fused as the op itself or in other words.
  void emitFused(Opcode fused, const OperandTexts &operands) {
    bool plain = bytes.chance(85);
    emitOps(plain ? pickRow(fused).ops : fusedOpText(fused), operands);
  }

  void emitOps(std::string_view ops, const OperandTexts &operands) {
    text += instantiate(ops, operands);
    if (bytes.chance(2))
      line("Nop");
  }

  /// Binds the label of the last jump, if that is still to be done.
  void bindPending() {
    if (pendingLabel)
      strAppend(text, *pendingLabel, ":\n");
    pendingLabel.reset();
  }

  /// A way into a loop, seldom.
  void enterMidst() {
    if (bytes.chance(15))
      bindPending();
  }

  void emitSpelling() {
    const SpellingRow &row = bytes.pick(spellingRows());
    std::string target = freshLabel();
    OperandTexts operands{{"slot", slot()},
                          {"dstSlot", slot()},
                          {"srcSlot", slot()},
                          {"limit", std::string(bytes.pick(limits))},
                          {"target", target}};
    bool branches = opInfo(row.fused).control == ControlKind::Branch;
    bool pushes = opInfo(row.fused).pushes != 0;
    emitOps(row.ops, operands);
    bindPending();
    if (pushes)
      line("PrintLn 1");
    if (branches) {
      line("LoadConst \"not taken\"", "PrintLn 1");
      strAppend(text, target, ":\n");
    }
  }

  /// A counting loop around anything.
  void emitWhile() {
    std::string top = freshLabel();
    std::string out = freshLabel();
    std::string counter = strCat(numSlots + depth);
    OperandTexts operands{
        {"slot", counter}, {"limit", std::string(bytes.pick(limits))}, {"target", out}};
    line(bytes.chance(80) ? "LoadInt 0" : bytes.pick(literals), strCat("SetSlot ", counter));
    strAppend(text, top, ":\n");
    emitFused(Opcode::SlotLtIntJumpIfFalse, operands);
    emitStatements(1 + bytes.below(3));
    bindPending();
    emitFused(Opcode::PreIncSlotVoid, operands);
    line(strCat("Jump ", top));
    strAppend(text, out, ":\n");
  }

  /// One of the loops that a single op does, or nearly one.
  void emitCountedLoop() {
    if (bytes.chance(70))
      bindPending();
    const SpellingRow &body = bytes.pick(loopBodyRows());
    std::string counter = slot();
    OperandTexts operands{{"slot", counter},
                          {"iSlot", bytes.chance(95) ? counter : slot()},
                          {"sumSlot", slot()},
                          {"sSlot", slot()},
                          {"name", bytes.chance(80) ? "list" : "other"},
                          {"constant", bytes.chance(70) ? "\"p\"" : "3.5"},
                          {"limit", std::string(bytes.pick(limits))}};
    operands.emplace("dstSlot", operands["sumSlot"]);
    operands.emplace("srcSlot", operands["iSlot"]);
    if (bytes.chance(60))
      line(strCat("LoadInt ", bytes.below(4)), strCat("SetSlot ", counter));
    if (bytes.chance(40))
      line("LoadInt 7", strCat("SetSlot ", operands["sumSlot"]));
    if (bytes.chance(40))
      line("LoadConst \"s\"", strCat("SetSlot ", operands["sSlot"]));
    bool isSum = body.fused == Opcode::AccumSumLoop;
    auto emitBody = [&] {
      if (isSum)
        emitFused(Opcode::AddAssignSlotVoid, operands);
      else
        emitOps(body.ops, operands);
    };
    emitLoopOf(operands, emitBody);
  }

  template <typename Body> void emitLoopOf(OperandTexts &operands, Body emitBody) {
    std::string top = freshLabel();
    std::string test = freshLabel();
    std::string out = freshLabel();
    unsigned shape = static_cast<unsigned>(bytes.below(4));
    OperandTexts backwards = operands;
    backwards["target"] = top;
    operands["target"] = out;
    if (bytes.chance(5))
      backwards["limit"] = "5";
    if (shape == 1)
      line(strCat("Jump ", test));
    if (shape == 2)
      emitFused(Opcode::SlotLtIntJumpIfFalse, operands);
    strAppend(text, top, ":\n");
    if (shape == 0)
      emitFused(Opcode::SlotLtIntJumpIfFalse, operands);
    enterMidst();
    emitBody();
    enterMidst();
    if (shape == 0) {
      emitFused(Opcode::PreIncSlotVoid, operands);
      line(strCat("Jump ", top));
    } else if (shape == 1) {
      emitFused(Opcode::PreIncSlotVoid, operands);
      strAppend(text, test, ":\n");
      line(strCat("GetSlot ", operands["slot"]), strCat("LoadInt ", operands["limit"]), "NumLt",
           strCat("JumpIfTrue ", top));
    } else {
      emitFused(Opcode::SlotIncLtIntJumpBack, backwards);
    }
    if (bytes.chance(10)) // the exit is elsewhere
      line("LoadConst \"behind\"", "PrintLn 1");
    strAppend(text, out, ":\n");
    bindPending();
  }

  ByteReader &bytes;
  std::string text;
  unsigned depth = 0;
  unsigned labels = 0;
  unsigned blocks = 0;
  bool inSub = false;
  std::optional<std::string> pendingLabel;
};

} // namespace

std::string generateFusionProgram(ByteReader &bytes) { return FusionGenerator(bytes).run(); }

} // namespace fusevm::fuzzing
