//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Interp/PreparedCode.h"

#include "Translator.h"

#include "fusevm/Support/StrCat.h"

namespace fusevm {

static bool isJump(unsigned handler) {
  return (handler >= FastLtRRTrue && handler <= FastAddLeRR) || handler == FastSlotLtInt ||
         handler == FastSlotIncLtInt || (handler >= FastTestETrue && handler <= FastCountedLoop);
}

/// Registers and globals as numbers, not as the offsets that the loop wants.
static int64_t number(int32_t offset) { return offset / static_cast<int64_t>(sizeof(Value)); }

std::string printPreparedCode(const Chunk &chunk) {
  PreparedChunk prepared(analyze(chunk));
  std::string text;
  if (prepared.analysis.disposition != Disposition::Fast)
    return text;
  CalloutEffects effects;
  Translator translator(chunk, effects, prepared);
  translator.run();
  for (size_t i = 0; i != prepared.code.size(); ++i) {
    const PreparedOp &code = prepared.code[i];
    unsigned handler = translator.handlerNumbers()[i];
    strAppend(text, i, ": ", fastHandlerNames[handler], " ", number(code.a), " ", number(code.b));
    if (isJump(handler))
      strAppend(text, " -> ",
                static_cast<int64_t>(i) + code.c / static_cast<int64_t>(sizeof(PreparedOp)));
    else
      strAppend(text, " ", number(code.c));
    if (handler != FastCall)
      strAppend(text, " (", code.bits, ")");
    uint32_t op = code.op & jumpTargetMask;
    text += isJump(handler) ? "  ; to " : "  ; ";
    if (isJump(handler) && op == outOfCode)
      text += "the end\n";
    else
      strAppend(text, "op ", op, "\n");
  }
  return text;
}

} // namespace fusevm
