//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Analysis/Verifier.h"

#include "Refusals.h"
#include "StackShape.h"

#include "fusevm/Support/StrCat.h"

#include <utility>

namespace fusevm {

std::string_view invariantId(Invariant invariant) {
  switch (invariant) {
#define FUSEVM_INVARIANT(Name, Id, Sentence)                                                       \
  case Invariant::Name:                                                                            \
    return Id;
#include "fusevm/Analysis/Invariants.def"
  }
  return "";
}

std::string_view invariantSentence(Invariant invariant) {
  switch (invariant) {
#define FUSEVM_INVARIANT(Name, Id, Sentence)                                                       \
  case Invariant::Name:                                                                            \
    return Sentence;
#include "fusevm/Analysis/Invariants.def"
  }
  return "";
}

StackEffect CalloutEffects::effectOf(const Instruction &instruction) const {
  if (!effects.empty() && instruction.info().has(CallsOut)) {
    auto declared = effects.find(uint32_t(instruction.opcode()) << 16 | instruction.a());
    if (declared != effects.end())
      return declared->second;
  }
  return stackEffect(instruction);
}

ChunkAnalysis analyze(const Chunk &chunk, const CalloutEffects &effects) {
  ChunkAnalysis result;
  result.violations = findRefusals(chunk);
  if (!result.violations.empty()) {
    result.disposition = Disposition::Refused;
    return result;
  }
  result.subEntries = chunk.subEntriesByName();
  if (std::optional<Violation> violation = findStackShape(chunk, effects, result)) {
    // Nobody must take a half-finished analysis for one.
    ChunkAnalysis baseline;
    baseline.disposition = Disposition::Baseline;
    baseline.violations.push_back(*std::move(violation));
    baseline.subEntries = std::move(result.subEntries);
    return baseline;
  }
  return result;
}

std::string describe(const Chunk &chunk, const Violation &violation) {
  std::string place;
  if (violation.op < chunk.ops.size() &&
      opcodeFromNumber(static_cast<uint64_t>(chunk.ops[violation.op].opcode()))) {
    strAppend(place, "op ", violation.op, " (", opName(chunk.ops[violation.op].opcode()));
    if (uint32_t line = chunk.lineOf(violation.op))
      strAppend(place, ", line ", line);
    place += "): ";
  }
  return strCat(place, violation.message, " [", invariantId(violation.invariant), ": ",
                invariantSentence(violation.invariant), "]");
}

namespace {

/// A chunk whose sub-chunks are being visited.
struct Visit {
  const Chunk *chunk;
  size_t next; ///< sub-chunk to visit next
};

} // namespace

/// Returns in which sub-chunk a message belongs: "sub-chunk 2: sub-chunk 0: ".
static std::string pathText(const std::vector<Visit> &visits) {
  std::string text;
  for (const Visit &visit : visits)
    strAppend(text, "sub-chunk ", visit.next - 1, ": ");
  return text;
}

std::vector<std::string> describeRefusals(const Chunk &chunk, size_t limit) {
  std::vector<std::string> messages;
  std::vector<Visit> visits;
  const Chunk *current = &chunk;
  for (;;) {
    for (const Violation &violation : findRefusals(*current)) {
      if (messages.size() == limit)
        return messages;
      messages.push_back(pathText(visits) + describe(*current, violation));
    }
    visits.push_back({current, 0});
    while (visits.back().next == visits.back().chunk->subChunks.size()) {
      visits.pop_back();
      if (visits.empty())
        return messages;
    }
    current = &visits.back().chunk->subChunks[visits.back().next++];
  }
}

absl::Status verify(const Chunk &chunk) {
  std::vector<std::string> messages = describeRefusals(chunk, 1);
  return messages.empty() ? absl::OkStatus() : absl::InvalidArgumentError(messages.front());
}

} // namespace fusevm
