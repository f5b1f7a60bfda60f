//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// fusevm-opt: loads a chunk, verifies it, and writes it in another form. See
/// docs/fusevm-opt.md.

#include "Annotation.h"
#include "OpReference.h"

#include "fusevm/IR/Json.h"
#include "fusevm/IR/LoadChunk.h"
#include "fusevm/IR/TextFormat.h"
#include "fusevm/Interp/PreparedCode.h"
#include "fusevm/Support/CommandLine.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Transforms/Fusion.h"

#include <memory>
#include <unistd.h>

using namespace fusevm;

static constexpr int errorExitStatus = 1;

static constexpr ProgramUsage usage = {
    "fusevm-opt",
    "[FILE]",
    "Verifies the chunk in FILE and writes it as text, as JSON or as a graph: text (.fvm) or\n"
    "JSON (.json); other names, and - or no FILE for standard input, may hold either.\n",
    "example:\n"
    "  $ fusevm-opt --emit=json sum.fvm -o sum.json\n"
    "  $ fusevm-opt --annotate sum.json\n"
    "  $ fusevm-opt --fuse sum.fvm -o fused.fvm\n"
    "  $ fusevm-opt --emit=dot sum.fvm | dot -Tsvg > sum.svg\n"
    "\n"
    "exit status:\n"
    "  1 if the chunk cannot be loaded, verified or written, 2 if fusevm-opt is called in a\n"
    "  wrong way\n",
};

namespace {

struct OptOptions {
  std::string_view emit = "text";
  std::string_view verify = "on";
  std::string_view output = "-";
  bool annotate = false;
  bool fuse = false;
  bool opReference = false;
  bool verbose = false;
  std::string_view file = "-";
};

} // namespace

/// Reads the command line. Returns the exit status if the program should end at once.
static std::optional<int> readOptions(int argc, const char *const *argv, OptOptions &options) {
  const Option table[] = {
      {"--emit", "text|json|dot|prepared|none",
       "write the chunk as text, as JSON, its control-flow graph for Graphviz, or the "
       "instructions of the fast loop",
       &options.emit},
      {"--annotate", "",
       "comment each op of the text with the height of the stack, the kinds of its top values "
       "and jumps",
       &options.annotate},
      {"--fuse", "", "put fused ops in place of plain ones that mean the same", &options.fuse},
      {"--output", "PATH", "write to PATH; - is standard output", &options.output, 'o'},
      {"--verify", "on|off", "refuse a chunk that violates an invariant of the V group",
       &options.verify, 0, "on"},
      {"--op-reference", "", "write the page docs/ops.md instead, from the op table",
       &options.opReference},
      {"--verbose", "", "say on standard error which loop runs each chunk, and why",
       &options.verbose, 'v'},
  };
  std::vector<std::string_view> operands;
  if (std::optional<int> status = readCommandLine(usage, table, argc, argv, operands))
    return status;
  if (operands.size() > 1)
    return printUsageError(usage.program, strCat("expected one file, found ", operands.size()));
  if (options.opReference && !operands.empty())
    return printUsageError(usage.program, "option --op-reference takes no file");
  if (options.annotate && options.emit != "text")
    return printUsageError(usage.program, "option --annotate needs --emit=text");
  if (!operands.empty())
    options.file = operands.front();
  return std::nullopt;
}

static std::string_view displayName(const OptOptions &options) {
  return options.file == "-" ? "<stdin>" : options.file;
}

/// Prints complete lines on standard error.
static void printLines(std::string_view lines) {
  // There is nobody left to tell if this fails.
  writeDescriptor(STDERR_FILENO, lines).IgnoreError();
}

//===----------------------------------------------------------------------===//
// Verifying
//===----------------------------------------------------------------------===//

/// Prints every reason to refuse the chunk; false if there is one.
static bool verifyChunk(const OptOptions &options, const Chunk &chunk) {
  std::vector<std::string> messages = describeRefusals(chunk);
  for (const std::string &message : messages)
    printLines(strCat(displayName(options), ": error: ", message, "\n"));
  return messages.empty();
}

/// Says which loop runs the chunk and those nested in it. The readers limit the nesting.
static void explainLoops(const OptOptions &options, const Chunk &chunk, const std::string &path) {
  ChunkAnalysis analysis = analyze(chunk);
  std::string text = strCat(displayName(options), ": note: ", path);
  switch (analysis.disposition) {
  case Disposition::Fast:
    text += "runs in the fast loop";
    break;
  case Disposition::Baseline:
    strAppend(text, "runs in the baseline loop: ", describe(chunk, analysis.violations.front()));
    break;
  case Disposition::Refused:
    strAppend(text, "does not run: ", describe(chunk, analysis.violations.front()));
    break;
  }
  printLines(text + "\n");
  for (size_t i = 0; i != chunk.subChunks.size(); ++i)
    explainLoops(options, chunk.subChunks[i], strCat(path, "sub-chunk ", i, ": "));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static absl::StatusOr<std::string> annotatedText(const Chunk &chunk) {
  // The printer asks about the ops of one chunk after the other.
  const Chunk *current = nullptr;
  std::unique_ptr<Annotation> annotation;
  PrintOptions printing;
  printing.lines = false; // they would take as many lines again
  printing.comment = [&](const Chunk &asked, size_t op) {
    if (&asked != current)
      annotation = std::make_unique<Annotation>(asked);
    current = &asked;
    return annotation->comment(op);
  };
  return printText(chunk, printing);
}

/// Appends a graph for the chunk and for each one nested in it.
static void appendGraphs(std::string &out, const Chunk &chunk, const std::string &title) {
  out += toDot(chunk, ControlFlowGraph(chunk), title);
  for (size_t i = 0; i != chunk.subChunks.size(); ++i)
    appendGraphs(out, chunk.subChunks[i], strCat(title, ", sub-chunk ", i));
}

static absl::StatusOr<std::string> emit(const OptOptions &options, const Chunk &chunk) {
  if (options.emit == "json") {
    absl::StatusOr<std::string> text = printJson(chunk);
    if (text.ok())
      *text += "\n";
    return text;
  }
  if (options.emit == "dot") {
    std::string text;
    appendGraphs(text, chunk,
                 chunk.source.empty() ? std::string(displayName(options)) : chunk.source);
    return text;
  }
  if (options.emit == "prepared")
    return printPreparedCode(chunk);
  return options.annotate ? annotatedText(chunk) : printText(chunk);
}

/// Writes the output, or says why it cannot; returns the exit status.
static int write(const OptOptions &options, const absl::StatusOr<std::string> &text) {
  absl::Status status = text.status();
  if (status.ok())
    status = writeFile(options.output, *text);
  if (status.ok())
    return 0;
  printError(usage.program, std::string(status.message()));
  return errorExitStatus;
}

static int processFile(const OptOptions &options) {
  absl::StatusOr<std::string> text = readFile(options.file);
  if (!text.ok()) {
    printError(usage.program, std::string(text.status().message()));
    return errorExitStatus;
  }
  absl::StatusOr<Chunk> chunk = loadChunk(displayName(options), *text);
  if (!chunk.ok()) {
    printLines(strCat(std::string(chunk.status().message()), "\n"));
    return errorExitStatus;
  }
  if (options.verify == "on" && !verifyChunk(options, *chunk))
    return errorExitStatus;
  if (options.fuse)
    chunk = fuse(*chunk);
  if (options.verbose)
    explainLoops(options, *chunk, "");
  return options.emit == "none" ? 0 : write(options, emit(options, *chunk));
}

int main(int argc, char **argv) {
  OptOptions options;
  if (std::optional<int> status = readOptions(argc, argv, options))
    return *status;
  return options.opReference ? write(options, opReference()) : processFile(options);
}
