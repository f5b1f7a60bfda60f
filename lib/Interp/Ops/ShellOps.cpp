//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Shell ops other than those that run commands. Operands stay on the stack until the host
/// has done its part, so that a failed op has had no effect.

#include "../OpHandlers.h"
#include "../Shell/DefaultGlob.h"
#include "../Shell/FileStatus.h"
#include "../Shell/WhiteSpaceSplit.h"
#include "ShellHostCall.h"

#include "fusevm/Interp/ShellConstants.h"
#include "fusevm/Runtime/Coercions.h"

#include <algorithm>

namespace fusevm {

namespace {

/// An op in progress that takes values off the stack and asks the host.
class ShellOp {
public:
  /// The op takes \p pops values.
  ShellOp(Machine &machine, size_t pops)
      : machine(machine), pops(std::min(pops, machine.stack.size())),
        generation(machine.generation) {}

  /// Copies the text of the value \p depth below the top; empty if there is none.
  std::string text(size_t depth) {
    if (depth >= machine.stack.size())
      return "";
    Text value(machine.stack.fromTop(depth), machine.limits.maxStringBytes);
    tooLarge |= value.tooLarge();
    return std::string(value.view());
  }

  /// Calls \p withHost with the host or \p without if there is none.
  template <typename WithHost, typename Without> void ask(WithHost withHost, Without without) {
    if (tooLarge)
      status = machine.failTextTooLarge();
    else if (machine.shellHost)
      status = callShellHost(machine, withHost);
    else
      without();
  }
  template <typename WithHost> void ask(WithHost withHost) {
    ask(withHost, [] {});
  }

  /// Takes the operands off, and pushes the result if there is one.
  OpStatus finish() {
    if (goesOn())
      machine.stack.drop(std::min(pops, machine.stack.size()));
    return status;
  }
  OpStatus finish(Value result) {
    if (goesOn()) {
      machine.stack.drop(std::min(pops, machine.stack.size()));
      machine.stack.push(std::move(result));
    }
    return status;
  }
  OpStatus finish(std::string_view result) {
    if (goesOn() && result.size() > machine.limits.maxStringBytes)
      return machine.failTooLarge("string", result.size(), "bytes");
    return finish(goesOn() ? Value::makeStr(result) : Value());
  }
  OpStatus finish(const std::vector<std::string> &words) {
    if (goesOn() && words.size() > machine.limits.maxContainerSize)
      return machine.failTooLarge("array", words.size(), "elements");
    Array array;
    for (const std::string &word : words)
      array.push(Value::makeStr(word));
    return finish(Value::makeArray(std::move(array)));
  }

private:
  /// Whether the op's own part is still to be done.
  bool goesOn() const { return status == OpStatus::Continue && machine.generation == generation; }

  Machine &machine;
  size_t pops;
  uint64_t generation;
  bool tooLarge = false;
  OpStatus status = OpStatus::Continue;
};

/// Sub-chunk \p index; null if there is none.
const Chunk *subChunk(const Machine &machine, uint16_t index) {
  const std::vector<Chunk> &chunks = machine.chunk->subChunks;
  return index < chunks.size() ? &chunks[index] : nullptr;
}

} // namespace

//===----------------------------------------------------------------------===//
// Pipelines and subshells
//===----------------------------------------------------------------------===//

OpStatus execPipelineBegin(Machine &machine, const Instruction &instruction) {
  ShellOp op(machine, 0);
  auto stages = static_cast<uint8_t>(instruction.a());
  op.ask([&](ShellHost &host) { host.pipelineBegin(stages); });
  return op.finish();
}

OpStatus execPipelineStage(Machine &machine, const Instruction &) {
  ShellOp op(machine, 0);
  op.ask([&](ShellHost &host) { host.pipelineStage(); });
  return op.finish();
}

OpStatus execPipelineEnd(Machine &machine, const Instruction &) {
  ShellOp op(machine, 0);
  int32_t status = machine.lastStatus;
  op.ask([&](ShellHost &host) {
    status = host.pipelineEnd();
    machine.lastStatus = status;
  });
  return op.finish(Value::makeStatus(status));
}

OpStatus execSubshellBegin(Machine &machine, const Instruction &) {
  ShellOp op(machine, 0);
  op.ask([&](ShellHost &host) { host.subshellBegin(); });
  return op.finish();
}

OpStatus execSubshellEnd(Machine &machine, const Instruction &) {
  ShellOp op(machine, 0);
  op.ask([&](ShellHost &host) {
    if (std::optional<int32_t> status = host.subshellEnd())
      machine.lastStatus = *status;
  });
  return op.finish();
}

//===----------------------------------------------------------------------===//
// Redirections
//===----------------------------------------------------------------------===//

OpStatus execRedirect(Machine &machine, const Instruction &instruction) {
  ShellOp op(machine, 1);
  std::string target = op.text(0);
  op.ask([&](ShellHost &host) {
    host.redirect(static_cast<uint8_t>(instruction.a()), static_cast<uint8_t>(instruction.b()),
                  target);
  });
  return op.finish();
}

OpStatus execHereDoc(Machine &machine, const Instruction &instruction) {
  ShellOp op(machine, 0);
  if (!machine.shellHost)
    return OpStatus::Continue;
  Text body(machine.constant(instruction.a()), machine.limits.maxStringBytes);
  if (body.tooLarge())
    return machine.failTextTooLarge();
  op.ask([&](ShellHost &host) { host.hereDoc(body.view()); });
  return op.finish();
}

OpStatus execHereString(Machine &machine, const Instruction &) {
  ShellOp op(machine, 1);
  std::string word = op.text(0);
  op.ask([&](ShellHost &host) { host.hereString(word); });
  return op.finish();
}

OpStatus execWithRedirectsBegin(Machine &machine, const Instruction &instruction) {
  ShellOp op(machine, 0);
  op.ask([&](ShellHost &host) { host.withRedirectsBegin(static_cast<uint8_t>(instruction.a())); });
  return op.finish();
}

OpStatus execWithRedirectsEnd(Machine &machine, const Instruction &) {
  ShellOp op(machine, 0);
  op.ask([&](ShellHost &host) { host.withRedirectsEnd(); });
  return op.finish();
}

//===----------------------------------------------------------------------===//
// Substitutions
//===----------------------------------------------------------------------===//

using SubstitutionMethod = std::string (ShellHost::*)(const Chunk &);

static OpStatus substitute(Machine &machine, const Instruction &instruction,
                           SubstitutionMethod method) {
  ShellOp op(machine, 0);
  std::string result;
  // The host may reset the VM, which drops the chunk.
  std::shared_ptr<const Chunk> keptAlive = machine.chunk;
  if (const Chunk *chunk = subChunk(machine, instruction.a()))
    op.ask([&](ShellHost &host) {
      machine.output->flush();
      result = (host.*method)(*chunk);
    });
  return op.finish(result);
}

OpStatus execCmdSubst(Machine &machine, const Instruction &instruction) {
  return substitute(machine, instruction, &ShellHost::cmdSubst);
}
OpStatus execProcessSubIn(Machine &machine, const Instruction &instruction) {
  return substitute(machine, instruction, &ShellHost::processSubIn);
}
OpStatus execProcessSubOut(Machine &machine, const Instruction &instruction) {
  return substitute(machine, instruction, &ShellHost::processSubOut);
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static OpStatus expandGlob(Machine &machine, bool recursive) {
  ShellOp op(machine, 1);
  std::string pattern = op.text(0);
  std::vector<std::string> paths;
  op.ask([&](ShellHost &host) { paths = host.glob(pattern, recursive); },
         [&] { paths = defaultGlob(pattern); });
  return op.finish(paths);
}

OpStatus execGlob(Machine &machine, const Instruction &) { return expandGlob(machine, false); }
OpStatus execGlobRecursive(Machine &machine, const Instruction &) {
  return expandGlob(machine, true);
}

OpStatus execTestFile(Machine &machine, const Instruction &instruction) {
  ShellOp op(machine, 1);
  std::string path = op.text(0);
  auto test = static_cast<uint8_t>(instruction.a());
  bool holds = false;
  op.ask([&](ShellHost &host) { holds = host.testFile(test, path); },
         [&] { holds = fileTestHolds(test, path); });
  return op.finish(Value::makeBool(holds));
}

//===----------------------------------------------------------------------===//
// Traps
//===----------------------------------------------------------------------===//

OpStatus execTrapSet(Machine &machine, const Instruction &instruction) {
  ShellOp op(machine, 1);
  std::string signal = op.text(0);
  std::shared_ptr<const Chunk> keptAlive = machine.chunk;
  if (const Chunk *chunk = subChunk(machine, instruction.a()))
    op.ask([&](ShellHost &host) { host.trapSet(signal, *chunk); });
  return op.finish();
}

OpStatus execTrapCheck(Machine &machine, const Instruction &) {
  ShellOp op(machine, 0);
  op.ask([&](ShellHost &host) { host.trapCheck(); });
  return op.finish();
}

//===----------------------------------------------------------------------===//
// Expansions
//===----------------------------------------------------------------------===//

OpStatus execExpandParam(Machine &machine, const Instruction &instruction) {
  auto modifier = static_cast<uint8_t>(instruction.a());
  size_t count = paramArguments(modifier);
  ShellOp op(machine, count + 1);
  std::string name = op.text(count);
  std::vector<Value> arguments(count);
  for (size_t depth = 0; depth != std::min(count, machine.stack.size()); ++depth)
    arguments[count - 1 - depth] = machine.stack.fromTop(depth);
  Value result;
  op.ask([&](ShellHost &host) { result = host.expandParam(name, modifier, arguments); },
         [&] { result = Value::makeStr(""); });
  return op.finish(std::move(result));
}

OpStatus execWordSplit(Machine &machine, const Instruction &) {
  ShellOp op(machine, 1);
  std::string text = op.text(0);
  std::vector<std::string> words;
  op.ask([&](ShellHost &host) { words = host.wordSplit(text); },
         [&] { words = splitAtWhiteSpace(text); });
  return op.finish(words);
}

OpStatus execBraceExpand(Machine &machine, const Instruction &) {
  ShellOp op(machine, 1);
  std::string text = op.text(0);
  std::vector<std::string> words;
  op.ask([&](ShellHost &host) { words = host.braceExpand(text); }, [&] { words = {text}; });
  return op.finish(words);
}

OpStatus execTildeExpand(Machine &machine, const Instruction &) {
  ShellOp op(machine, 1);
  std::string text = op.text(0);
  std::string expanded;
  op.ask([&](ShellHost &host) { expanded = host.tildeExpand(text); }, [&] { expanded = text; });
  return op.finish(expanded);
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

OpStatus execStrMatch(Machine &machine, const Instruction &) {
  ShellOp op(machine, 2);
  std::string text = op.text(1);
  std::string pattern = op.text(0);
  bool matches = false;
  op.ask([&](ShellHost &host) { matches = host.strMatch(text, pattern); },
         [&] { matches = text == pattern; });
  return op.finish(Value::makeBool(matches));
}

OpStatus execRegexMatch(Machine &machine, const Instruction &) {
  ShellOp op(machine, 2);
  std::string text = op.text(1);
  std::string regex = op.text(0);
  bool matches = false;
  op.ask([&](ShellHost &host) { matches = host.regexMatch(text, regex); });
  return op.finish(Value::makeBool(matches));
}

} // namespace fusevm
