//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "NativeSurvey.h"

#include "Ingredients.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cstdio>

namespace fusevm::fuzzing {

/// Adds 1 where there is something in \p counts.
template <typename Counts> static void addPrograms(Counts &programs, const Counts &counts) {
  for (size_t i = 0; i != counts.size(); ++i)
    programs[i] += counts[i] != 0;
}

static void addCounts(std::map<std::string, uint64_t> &sums,
                      const std::map<std::string, uint64_t> &counts) {
  for (const auto &[reason, count] : counts)
    sums[reason] += count;
}

void NativeSurvey::add(const NativeRun &run) {
  ++programs;
  entered += run.counts.entries != 0;
  sums.units += run.counts.units;
  sums.entries += run.counts.entries;
  sums.hostCalls += run.counts.hostCalls;
  addCounts(sums.exits, run.counts.exits);
  addCounts(sums.refusals, run.counts.refusals);
  for (const auto &[reason, count] : run.counts.exits)
    ++exits[reason];
  if (!run.coverage)
    return;
  ++counted;
  const JitCoverage &coverage = *run.coverage;
  for (size_t i = 0; i != numOpcodes; ++i)
    natively[i] += coverage.reached[i] >
                   coverage.byHost[i] + coverage.failedGuards[i] + coverage.guardsMadeToFail[i];
  addPrograms(byHost, coverage.byHost);
  addPrograms(boxed, coverage.boxed);
  addPrograms(failedGuards, coverage.failedGuards);
  addPrograms(guardsMadeToFail, coverage.guardsMadeToFail);
  addPrograms(atEntry, coverage.atEntry);
  addPrograms(atFailedGuard, coverage.atFailedGuard);
  unwinding += coverage.unwoundCalls != 0;
}

static void print(const std::string &text) { std::fputs(text.c_str(), stdout); }

void NativeSurvey::print() const {
  fuzzing::print(
      strCat("\n", programs, " programs; native code was entered in ", entered, ", ", sums.entries,
             " times; ", sums.units, " units; ", sums.hostCalls,
             " ops by the host. Ops, guards and kinds were counted in ", counted,
             " of the programs; native calls were unwound in ", unwinding,
             " of these.\n\n| left because of | times | in programs |\n|---|---|---|\n"));
  for (const auto &[reason, count] : sums.exits)
    fuzzing::print(strCat("| ", reason, " | ", count, " | ", exits.at(reason), " |\n"));
  fuzzing::print("\n| refused | times |\n|---|---|\n");
  for (const auto &[reason, count] : sums.refusals)
    fuzzing::print(strCat("| ", reason, " | ", count, " |\n"));
  printKinds();
  printOps();
}

void NativeSurvey::printKinds() const {
  fuzzing::print("\n| kind | programs with it at an entry | at a guard that failed |\n"
                 "|---|---|---|\n");
  for (size_t kind = 0; kind != atEntry.size(); ++kind)
    fuzzing::print(strCat("| ", kindName(static_cast<Kind>(kind)), " | ", atEntry[kind], " | ",
                          atFailedGuard[kind], " |\n"));
}

/// Which ops were executed how, in how many programs.
void NativeSurvey::printOps() const {
  fuzzing::print("\n| op | natively | by the host | boxed | a guard failed | was made to fail |\n"
                 "|---|---|---|---|---|---|\n");
  std::string missing;
  for (size_t i = 0; i != numOpcodes; ++i) {
    auto opcode = static_cast<Opcode>(i);
    if (!isReproducible(opcode))
      continue;
    fuzzing::print(strCat("| ", opName(opcode), " | ", natively[i], " | ", byHost[i], " | ",
                          boxed[i], " | ", failedGuards[i], " | ", guardsMadeToFail[i], " |\n"));
    if (natively[i] == 0 && byHost[i] == 0)
      strAppend(missing, missing.empty() ? "" : ", ", opName(opcode));
  }
  fuzzing::print(strCat(
      "\nNever executed in a unit other than boxed: ", missing.empty() ? "none" : missing, "\n"));
}

} // namespace fusevm::fuzzing
