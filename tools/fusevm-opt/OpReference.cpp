//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "OpReference.h"

#include "fusevm/IR/Opcode.h"
#include "fusevm/Support/StrCat.h"

#include <vector>

namespace fusevm {

static constexpr std::string_view introduction =
    R"(# The ops

<!-- Made by `fusevm-opt --op-reference` from include/fusevm/IR/Ops.def and FusedExpansions.def. Do not edit. -->

All ops, by section. [bytecode.md](bytecode.md) explains what stack, slots, globals, frames and blocks
are, and [text-format.md](text-format.md) how operands are written.

| column | meaning |
|---|---|
| # | the wire number, which counts in the op hash |
| operands | name, kind and machine type of each; `->` in front of a target |
| stack | values taken and values left, the rightmost on top; the others stay as they are. `n…` is as many values as operand `n` says, `…` as many as the summary or the callee says |
| short | what happens when the stack holds fewer values than the op takes, see below |
| control | where execution goes, if not to the next op |
| effects | what the op touches besides the stack |
| fuel | what it charges, if not 1 |

)";

/// A word for each way to treat a short stack, and what it means.
struct ShortfallText {
  Shortfall shortfall;
  std::string_view word;
  std::string_view meaning;
};

static constexpr ShortfallText shortfallTexts[] = {
    {Shortfall::None, "", ""},
    {Shortfall::Nothing, "nothing", "nothing happens"},
    {Shortfall::Lenient, "Undef", "each missing value is read as Undef"},
    {Shortfall::Guarded, "no-op",
     "nothing happens at all: the values that are there stay, and nothing is pushed. For `Call` it "
     "is "
     "an error"},
    {Shortfall::Available, "fewer", "the op makes do with the values that are there"},
    {Shortfall::Peek, "Undef, not kept",
     "the missing value is read as Undef, and nothing is pushed"},
    {Shortfall::Dup, "Undef once", "a single Undef is pushed"},
};

static std::string_view shortfallWord(Shortfall shortfall) {
  for (const ShortfallText &text : shortfallTexts)
    if (text.shortfall == shortfall)
      return text.word;
  return "";
}

static std::string_view kindText(OperandKind kind) {
  switch (kind) {
  case OperandKind::Int64:
    return "integer";
  case OperandKind::Float64:
    return "float";
  case OperandKind::Const:
    return "constant";
  case OperandKind::Name:
    return "name";
  case OperandKind::Slot:
    return "slot";
  case OperandKind::Block:
    return "block";
  case OperandKind::SubChunk:
    return "sub-chunk";
  case OperandKind::Target:
    return "op";
  case OperandKind::Count8:
  case OperandKind::Count16:
    return "count";
  case OperandKind::Argc:
    return "arguments";
  case OperandKind::BuiltinId:
    return "builtin";
  case OperandKind::ExtensionId:
    return "extension";
  case OperandKind::Byte:
    return "selector";
  case OperandKind::Limit:
    return "limit";
  case OperandKind::Payload:
    return "payload";
  case OperandKind::Field:
    return "field";
  }
  return "";
}

static std::string operandsText(const OpInfo &info) {
  std::string text;
  for (const OperandInfo &operand : info.operands)
    strAppend(text, text.empty() ? "" : ", ", operand.kind == OperandKind::Target ? "-> " : "", "`",
              operand.name, "` ", kindText(operand.kind), " ",
              operandTypeName(operandType(operand.kind)));
  return text;
}

/// Returns how \p count values are written: "a, b", or "argc…" for a number that an operand
/// gives.
static std::string valuesText(const OpInfo &info, int8_t count, std::string_view letters) {
  if (count == CountFromOperand0 || count == CountFromOperand1)
    return strCat(info.operands[count == CountFromOperand0 ? 0 : 1].name, "…");
  if (count == CountVaries)
    return "…";
  std::string text;
  for (size_t i = 0; i != static_cast<size_t>(count); ++i)
    strAppend(text, text.empty() ? "" : ", ", letters.substr(i, 1));
  return text;
}

static std::string stackText(const OpInfo &info) {
  // Those whose results are their operands.
  if (info.opcode == Opcode::Dup)
    return "[a] -> [a, a]";
  if (info.opcode == Opcode::Dup2)
    return "[a, b] -> [a, b, a, b]";
  if (info.opcode == Opcode::Swap)
    return "[a, b] -> [b, a]";
  if (info.opcode == Opcode::Rot)
    return "[a, b, c] -> [b, c, a]";
  if (info.shortfall == Shortfall::Peek)
    return "[a] -> [a]";
  return strCat("[", valuesText(info, info.pops, "abc"), "] -> [",
                valuesText(info, info.pushes, "rst"), "]");
}

static std::string_view controlText(ControlKind control) {
  switch (control) {
  case ControlKind::Next:
    return "";
  case ControlKind::Jump:
    return "jump";
  case ControlKind::Branch:
    return "branch";
  case ControlKind::Call:
    return "call";
  case ControlKind::Return:
    return "return";
  case ControlKind::PushScope:
    return "opens a scope";
  case ControlKind::PopScope:
    return "closes a scope";
  case ControlKind::Block:
    return "runs a block";
  case ControlKind::Halt:
    return "ends the run";
  }
  return "";
}

static std::string effectsText(const OpInfo &info) {
  struct EffectText {
    Effect effect;
    std::string_view text;
  };
  static constexpr EffectText texts[] = {
      {ReadsGlobals, "reads globals"},
      {WritesGlobals, "writes globals"},
      {ReadsSlots, "reads slots"},
      {WritesSlots, "writes slots"},
      {IO, "I/O"},
      {CallsOut, "calls out"},
      {MayFail, "may fail"},
  };
  std::string result;
  for (const EffectText &text : texts)
    if (info.has(text.effect))
      strAppend(result, result.empty() ? "" : ", ", text.text);
  return result;
}

static std::string_view fuelText(FuelCharge fuel) {
  switch (fuel) {
  case FuelCharge::One:
    return "";
  case FuelCharge::Iterations:
    return "1 + iterations";
  }
  return "";
}

static std::string rowText(const OpInfo &info) {
  return strCat("| ", static_cast<unsigned>(info.opcode), " | ", info.name, " | ",
                operandsText(info), " | `", stackText(info), "` | ", shortfallWord(info.shortfall),
                " | ", controlText(info.control), " | ", effectsText(info), " | ",
                fuelText(info.fuel), " | ", info.summary, " |\n");
}

/// What the fused ops mean, in terms of others.
static std::string expansionsText() {
  std::string text =
      "\nThe ops of the right column do the same to stack, slots and globals, whatever these hold, "
      "as long as\nno limit is exceeded:\n\n| op | expansion |\n|---|---|\n";
#define FUSEVM_EXPANSION(Name, Ops) strAppend(text, "| ", #Name, " | `", Ops, "` |\n");
#include "fusevm/IR/FusedExpansions.def"
  return text;
}

std::string opReference() {
  std::string page(introduction);
  page += "| short | meaning |\n|---|---|\n";
  for (const ShortfallText &text : shortfallTexts)
    if (!text.word.empty())
      strAppend(page, "| ", text.word, " | ", text.meaning, " |\n");
  constexpr auto numSections = static_cast<size_t>(Section::Awk) + 1;
  std::vector<std::string> rows(numSections);
  for (size_t number = 0; number != numOpcodes; ++number) {
    const OpInfo &info = opInfo(static_cast<Opcode>(number));
    rows[static_cast<size_t>(info.section)] += rowText(info);
  }
  for (size_t section = 0; section != numSections; ++section) {
    strAppend(page, "\n## ", sectionTitle(static_cast<Section>(section)), "\n\n",
              "| # | op | operands | stack | short | control | effects | fuel | what it does |\n",
              "|---|---|---|---|---|---|---|---|---|\n", rows[section]);
    if (static_cast<Section>(section) == Section::Fused)
      page += expansionsText();
  }
  return page;
}

} // namespace fusevm
