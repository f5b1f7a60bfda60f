//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "fusevm/Support/CommandLine.h"

#include <utility>

namespace fusevm {

static constexpr ProgramUsage usage = {
    programName,
    "FILE [ARGUMENT...]",
    "Runs the bytecode program in FILE: text (.fvm) or JSON (.json); other names, and\n"
    "- for standard input, may hold either. What follows FILE goes to the program, as\n"
    "an array of strings in the global ARGV, if it has one.\n",
    "example:\n"
    "  $ cat hello.fvm\n"
    "  LoadConst \"hello, \"\n"
    "  LoadInt 0\n"
    "  ArrayGet ARGV\n"
    "  PrintLn 2\n"
    "  $ fusevm-run hello.fvm world\n"
    "  hello, world\n"
    "\n"
    "exit status:\n"
    "  the low byte of the last status the program set, or of its result if that is\n"
    "  a Status; 1 if the program cannot be loaded or ends in an error, 2 if\n"
    "  fusevm-run is called in a wrong way, 124 if a limit or an interrupt ends the\n"
    "  program\n",
    AfterOperand::Verbatim,
};

static int reportUsage(std::string_view message) { return printUsageError(programName, message); }

std::optional<int> readOptions(int argc, const char *const *argv, RunOptions &options) {
  const Option table[] = {
      {"--tier", "interp|linear|block|auto", "what may run the program", &options.tier},
      {.name = "--jit-threshold",
       .argument = "N",
       .sentence = "how often code is met before it is compiled",
       .target = &options.jitThreshold,
       .withoutValue = "FUSEVM_JIT_BLOCK_THRESHOLD, or what is best for the tier"},
      {"--jit-quality", "quick|full|vector", "the best quality of native code",
       &options.jitQuality},
      {"--jit-sync", "", "wait for the compiler", &options.jitSync},
      {.name = "--jit-cache",
       .argument = "DIR",
       .sentence = "where native code is kept between runs; off: nowhere",
       .target = &options.jitCache,
       .withoutValue = "FUSEVM_JIT_CACHE_DIR, or fusevm-jit in the user's folder of caches"},
      {"--jit-stats", "", "print on standard error what native code did", &options.jitStats},
      {"--print-ir", "", "print the IR of compiled code on standard error", &options.printIR},
      {"--print-asm", "", "print its machine code on standard error", &options.printAssembly},
      {"--perf-map", "", "name native code in /tmp/perf-PID.map, for perf report",
       &options.perfMap},
      {"--jit-dump", "", "write native code to jit-PID.dump, for perf inject --jit",
       &options.jitDump},
      {"--gdb-jit", "", "tell GDB the names of native code", &options.gdbJit},
      {"--jit-failing-guard", "N", "for tests: take the N-th guard after each entry to fail",
       &options.failingGuard},
      {"--loop", "auto|baseline",
       "the interpreter's loop: the fast one where it can, or the checked one alone",
       &options.loop},
      {"--fuse", "on|off", "whether whole loops may be run in one go", &options.fuse},
      {"--verify-only", "", "load and verify the program, but do not run it", &options.verifyOnly},
      {"--result", "none|text|json", "print the program's result on standard error",
       &options.result},
      {"--result-file", "PATH", "write the result to PATH instead", &options.resultFile},
      {"--stats", "text|json", "print on standard error what the run took; alone: as text",
       &options.stats, 0, "text"},
      {"--awk", "", "run it as an AWK program over the files that follow FILE", &options.awk},
      {"--host", "posix|none", "what the shell ops do: what they say, or as little as they can",
       &options.host},
      {"--sandbox", "", "start no process, touch no file", &options.sandbox},
      {"--max-ops", "N", "ops after which it is stopped", &options.maxOps},
      {"--max-frames", "N", "call and scope frames at a time, the one of the main program included",
       &options.maxFrames},
      {"--max-stack", "N", "values on the stack, and in the slots of all frames",
       &options.maxStack},
      {"--max-container", "N", "elements of an array, entries of a hash", &options.maxContainer},
      {"--max-string", "N", "bytes of a string", &options.maxString},
      {"--verbose", "", "say on standard error how the program runs", &options.verbose, 'v'},
  };
  std::vector<std::string_view> operands;
  if (std::optional<int> status = readCommandLine(usage, table, argc, argv, operands))
    return status;
  if (operands.empty())
    return reportUsage("expected the name of a file to run, or - for standard input");
  if (!options.resultFile.empty() && options.result == "none")
    return reportUsage("option --result-file needs --result=text or --result=json");
  options.file = operands.front();
  options.arguments.assign(operands.begin() + 1, operands.end());
  return std::nullopt;
}

} // namespace fusevm
