//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// fusevm-run: loads a chunk, runs it, reports. See docs/fusevm-run.md.

#include "Options.h"
#include "Statistics.h"

#include "fusevm/Analysis/Verifier.h"
#include "fusevm/Host/AwkProgram.h"
#include "fusevm/Host/PosixShellHost.h"
#include "fusevm/IR/LoadChunk.h"
#include "fusevm/Interp/RunReport.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Native/CodeCache.h"
#include "fusevm/Support/CommandLine.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <csignal>
#include <new>
#include <unistd.h>
#include <vector>

using namespace fusevm;

/// Prints complete lines on standard error.
static void printLines(std::string_view lines) {
  // There is nobody left to tell if this fails.
  writeDescriptor(STDERR_FILENO, lines).IgnoreError();
}

static std::string_view displayName(const RunOptions &options) {
  return options.file == "-" ? "<stdin>" : options.file;
}

/// Loads the program, or says why it cannot.
static std::shared_ptr<const Chunk> load(const RunOptions &options) {
  absl::StatusOr<std::string> text = readFile(options.file);
  if (!text.ok()) {
    printError(programName, std::string(text.status().message()));
    return nullptr;
  }
  absl::StatusOr<Chunk> chunk = loadChunk(displayName(options), *text);
  if (!chunk.ok()) {
    printLines(strCat(std::string(chunk.status().message()), "\n"));
    return nullptr;
  }
  return std::make_shared<const Chunk>(*std::move(chunk));
}

static int verifyOnly(const RunOptions &options, const Chunk &chunk) {
  absl::Status status = verify(chunk);
  if (status.ok())
    return 0;
  std::string_view name = chunk.source.empty() ? displayName(options) : chunk.source;
  printLines(strCat(name, ": error: ", std::string(status.message()), "\n"));
  return errorExitStatus;
}

/// Says which loop the program will run in, and why.
static void explainLoop(const RunOptions &options, const Chunk &chunk) {
  ChunkAnalysis analysis = analyze(chunk);
  std::string text = strCat(displayName(options), ": note: ");
  if (options.loop == "baseline")
    text += "the baseline loop was asked for";
  else if (analysis.disposition == Disposition::Fast)
    text += "runs in the fast loop";
  else if (analysis.disposition == Disposition::Baseline)
    strAppend(text, "runs in the baseline loop: ", describe(chunk, analysis.violations.front()));
  else
    text += "does not run";
  printLines(text + "\n");
}

static void configure(VM &vm, const RunOptions &options) {
  if (options.loop == "baseline")
    vm.setLoop(LoopChoice::Baseline);
  vm.setFusion(options.fuse == "on");
  vm.setFuel(options.maxOps);
  if (std::optional<uint16_t> global = vm.findGlobal("ARGV")) {
    Array arguments;
    for (std::string_view argument : options.arguments)
      arguments.push(Value::makeStr(argument));
    vm.setGlobal(*global, Value::makeArray(std::move(arguments)));
  }
}

/// Whether \p program or a sub-chunk of it has a shell op. They alone ask the shell host.
static bool hasShellOp(const Chunk &program) {
  std::vector<const Chunk *> pending = {&program};
  while (!pending.empty()) {
    const Chunk &chunk = *pending.back();
    pending.pop_back();
    for (const Instruction &instruction : chunk.ops)
      if (instruction.info().section == Section::Shell)
        return true;
    for (const Chunk &inner : chunk.subChunks)
      pending.push_back(&inner);
  }
  return false;
}

/// Makes the host of the shell ops; null if there is to be none. It copies the environment,
/// which programs without such ops need not wait for.
static std::shared_ptr<PosixShellHost> makeShellHost(const RunOptions &options,
                                                     const Chunk &program) {
  std::shared_ptr<PosixShellHost> host;
  if (!hasShellOp(program))
    return host;
  if (options.sandbox)
    host = std::make_shared<SandboxShellHost>();
  else if (options.host == "posix")
    host = std::make_shared<PosixShellHost>();
  if (host)
    host->setPositional(std::string(displayName(options)),
                        {options.arguments.begin(), options.arguments.end()});
  return host;
}

static Limits limitsFrom(const RunOptions &options) {
  Limits limits;
  limits.maxFrames = options.maxFrames;
  limits.maxStackValues = options.maxStack;
  limits.maxContainerSize = options.maxContainer;
  limits.maxStringBytes = options.maxString;
  return limits;
}

/// The VM that an interrupt stops.
static VM *runningVM = nullptr;

static void setHandler(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {};
  sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN)
    return; // Whoever started this process does not want it to hear of it.
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

/// How the program ended.
struct Outcome {
  RunResult result;
  int exitStatus;
};

/// Gives the operands of an AWK program's command line that are assignments to its globals.
static void assignGlobal(std::string_view name, const Value &value, void *user) {
  VM &vm = *static_cast<VM *>(user);
  if (std::optional<uint16_t> global = vm.findGlobal(name))
    vm.setGlobal(*global, value);
}

static Outcome runAwk(VM &vm, const RunOptions &options) {
  AwkHostOptions rights;
  rights.allowCommands = rights.allowReading = rights.allowWriting = !options.sandbox;
  rights.maxTextBytes = options.maxString;
  auto host = std::make_shared<RecordAwkHost>(rights);
  host->setOperands(displayName(options), options.arguments);
  host->setAssignmentHandler(assignGlobal, &vm);
  AwkOutcome outcome = runAwkProgram(vm, host);
  return {std::move(outcome.result), outcome.exitStatus};
}

/// Runs the program; an interrupt from the keyboard ends it.
static Outcome runInterruptibly(VM &vm, const RunOptions &options) {
  runningVM = &vm;
  // A program that does not stop at the first interrupt is killed by the second.
  setHandler(SIGINT, [](int) { runningVM->interrupt(); }, SA_RESETHAND);
  Outcome outcome{RunResult::makeHalted(), 0};
  if (options.awk) {
    outcome = runAwk(vm, options);
  } else {
    outcome.result = vm.run();
    outcome.exitStatus = exitStatus(outcome.result, vm.lastStatus());
  }
  setHandler(SIGINT, SIG_DFL, 0);
  return outcome;
}

/// Writes the result where it was asked for.
static absl::Status reportResult(const RunOptions &options, const RunResult &result) {
  bool asText = options.result == "text";
  // The error itself has been printed on standard error.
  if (options.result == "none" || (asText && result.isError() && options.resultFile.empty()))
    return absl::OkStatus();
  absl::StatusOr<std::string> line = asText ? resultAsText(result) : resultAsJson(result);
  if (!line.ok())
    return line.status();
  *line += "\n";
  if (!options.resultFile.empty())
    return writeFile(options.resultFile, *line);
  printLines(*line);
  return absl::OkStatus();
}

/// Ends the process when the allocator has no more. It may have been called by anything, the
/// buffer of the standard output included, so nothing is written out.
[[noreturn]] static void endWithoutMemory() {
  constexpr std::string_view message = "fusevm-run: out of memory\n";
  (void)!write(STDERR_FILENO, message.data(), message.size());
  _exit(errorExitStatus);
}

/// What is asked for of native code.
static absl::StatusOr<JitConfig> jitConfigFrom(const RunOptions &options) {
  absl::StatusOr<JitConfig> config = JitConfig::fromEnvironment();
  if (!config.ok())
    return config;
  config->tier = *tierNamed(options.tier);
  config->quality = *qualityNamed(options.jitQuality);
  if (options.jitThreshold) {
    config->callThreshold = config->loopThreshold =
        static_cast<uint32_t>(std::min<uint64_t>(*options.jitThreshold, UINT32_MAX));
    config->opsToFirstLook = 0;
  }
  return config;
}

/// Lets native code take part, if that was asked for.
static std::shared_ptr<JitCompiler> enableJit(VM &vm, const RunOptions &options, JitConfig config) {
  if (config.tier == JitTier::Interpreter)
    return nullptr;
  config.isSynchronous = options.jitSync;
  config.failingGuard = options.failingGuard;
  config.wantsIR = options.printIR;
  config.wantsAssembly = options.printAssembly;
  if (options.verbose)
    config.log = [&options](std::string_view line) {
      printLines(strCat(displayName(options), ": note: ", line, "\n"));
    };
  config.showListing = [](std::string_view listing) { printLines(listing); };
  NativeConfig native;
  native.writesPerfMap = options.perfMap;
  native.writesJitDump = options.jitDump;
  native.registersWithGdb = options.gdbJit;
  native.keepsCode = !options.sandbox && options.jitCache != "off";
  if (native.keepsCode && !options.jitCache.empty())
    setJitCacheDir(std::string(options.jitCache));
  auto compiler = std::make_shared<JitCompiler>(native);
  vm.enableJit(compiler, config);
  return compiler;
}

static int run(const RunOptions &options, std::shared_ptr<const Chunk> chunk) {
  absl::StatusOr<JitConfig> jitConfig = jitConfigFrom(options);
  if (!jitConfig.ok()) {
    printError(programName, std::string(jitConfig.status().message()));
    return usageExitStatus;
  }
  VM vm(chunk, limitsFrom(options));
  configure(vm, options);
  std::shared_ptr<PosixShellHost> host = makeShellHost(options, *chunk);
  vm.setShellHost(host);
  if (options.verbose)
    explainLoop(options, *chunk);
  std::shared_ptr<JitCompiler> compiler = enableJit(vm, options, *std::move(jitConfig));

  Stopwatch stopwatch;
  auto [result, ownStatus] = runInterruptibly(vm, options);
  double seconds = stopwatch.seconds();

  if (result.isError())
    printLines(describeError(result.error(), *chunk, displayName(options)));
  absl::Status reported = reportResult(options, result);
  if (!reported.ok())
    printError(programName, strCat("cannot report the result: ", std::string(reported.message())));
  if (!options.stats.empty())
    printLines(statisticsText(vm.statistics(), seconds, options.stats == "json"));
  if (options.jitStats && compiler)
    printLines(jitStatisticsText(vm.jitStatistics(), compiler->engine().statistics()));
  int status = reported.ok() ? ownStatus : errorExitStatus;
  if (host)
    status = host->finish(vm, status);
#ifdef NDEBUG
  // Taking a large heap apart is time lost. With assertions it is done, so that a leak
  // checker has something to say.
  _exit(status);
#endif
  return status;
}

int main(int argc, char **argv) {
  std::set_new_handler(endWithoutMemory);
  // What a program prints into a closed pipe is lost, but the program goes on. Unlike
  // SIG_IGN, a handler is not passed on to the programs that it starts.
  setHandler(SIGPIPE, [](int) {}, SA_RESTART);
  RunOptions options;
  if (std::optional<int> status = readOptions(argc, argv, options))
    return *status;
  std::shared_ptr<const Chunk> chunk = load(options);
  if (!chunk)
    return errorExitStatus;
  if (options.verifyOnly)
    return verifyOnly(options, *chunk);
  return run(options, std::move(chunk));
}
