//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Survey.h"

#include "Handlers.h"
#include "Ingredients.h"

#include "fusevm/Support/StrCat.h"
#include "fusevm/Transforms/Fusion.h"

#include <cstdio>

namespace fusevm::fuzzing {

void Survey::add(const std::shared_ptr<const Chunk> &chunk) {
  ++programs;
  ChunkAnalysis analysis = analyze(*chunk);
  ++dispositions[static_cast<size_t>(analysis.disposition)];
  executed.add(chunk);
  for (const FusedSite &site : findFusions(*chunk, analysis))
    ++sites[static_cast<size_t>(site.fused.opcode())];
}

static void print(const std::string &text) { std::fputs(text.c_str(), stdout); }

#ifdef FUSEVM_COVERAGE
static void printHandlers() {
  absl::Span<const std::string_view> names = handlerNames();
  std::string missing;
  size_t found = 0;
  for (size_t number = 0; number != names.size(); ++number)
    if (handlerExecutions(number) != 0)
      ++found;
    else
      strAppend(missing, missing.empty() ? "" : ", ", names[number]);
  print(strCat("\n", found, " of ", names.size(), " handlers of the fast loop executed",
               missing.empty() ? "" : "; not executed: ", missing, "\n"));
}
#endif

void Survey::print() const {
  fuzzing::print(strCat(accepted(), " accepted programs, of which ", count(Disposition::Fast),
                        " begin in the fast loop and ", count(Disposition::Baseline),
                        " need the baseline loop; ", count(Disposition::Refused),
                        " more were refused\n\n"));
  printSections();
  printFusedOps();
#ifdef FUSEVM_COVERAGE
  printHandlers();
#endif
}

void Survey::printSections() const {
  fuzzing::print("| section | ops | executed | in the fast loop | rarest op | in programs |\n"
                 "|---|---|---|---|---|---|\n");
  constexpr auto sections = static_cast<size_t>(Section::Awk) + 1;
  for (size_t section = 0; section != sections; ++section) {
    unsigned ops = 0;
    unsigned anywhere = 0;
    unsigned fast = 0;
    uint64_t fewest = ~uint64_t(0);
    Opcode rarest = Opcode::Nop;
    for (size_t number = 0; number != numOpcodes; ++number) {
      auto opcode = static_cast<Opcode>(number);
      if (opInfo(opcode).section != static_cast<Section>(section) || !isReproducible(opcode))
        continue;
      ++ops;
      anywhere += executed.programs(opcode) != 0;
      fast += executed.fastPrograms(opcode) != 0;
      if (executed.programs(opcode) >= fewest)
        continue;
      fewest = executed.programs(opcode);
      rarest = opcode;
    }
    fuzzing::print(strCat("| ", sectionTitle(static_cast<Section>(section)), " | ", ops, " | ",
                          anywhere, " | ", fast, " | ", opName(rarest), " | ", fewest, " |\n"));
  }
}

void Survey::printFusedOps() const {
  fuzzing::print(
      "\n| fused op | made by the fusion pass | in programs as it is |\n|---|---|---|\n");
  for (size_t number = 0; number != numOpcodes; ++number)
    if (auto opcode = static_cast<Opcode>(number); opInfo(opcode).section == Section::Fused)
      fuzzing::print(strCat("| ", opName(opcode), " | ", sites[number], " | ",
                            executed.programs(opcode), " |\n"));
}

} // namespace fusevm::fuzzing
