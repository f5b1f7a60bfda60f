//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Shell ops that run commands, and the last status.

#include "../OpHandlers.h"
#include "../Shell/NativeProcess.h"
#include "ShellHostCall.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <unistd.h>

namespace fusevm {

namespace {

/// The arguments of a command, still on the stack as values too.
struct Command {
  std::vector<std::string> argv;
  size_t operands = 0; ///< values that they are made of
  bool tooLarge = false;

  absl::Span<const std::string> arguments() const { return absl::MakeSpan(argv).subspan(1); }
};

} // namespace

/// Appends the text of \p value to \p command.
static void addArgument(Command &command, const Value &value, size_t limit) {
  Text text(value, limit);
  command.tooLarge |= text.tooLarge();
  command.argv.emplace_back(text.view());
}

/// Makes arguments of the top \p argc values, or of what there is; of an array one for each
/// element.
static void addOperands(Command &command, const Machine &machine, size_t argc) {
  command.operands = std::min(argc, machine.stack.size());
  size_t limit = machine.limits.maxStringBytes;
  for (size_t depth = command.operands; depth-- != 0;) {
    const Value &value = machine.stack.fromTop(depth);
    if (!value.isArray()) {
      addArgument(command, value, limit);
      continue;
    }
    for (const Value &element : value.asArray())
      addArgument(command, element, limit);
  }
}

/// Ends an op that ran \p command with \p status.
static OpStatus finishCommand(Machine &machine, const Command &command, int32_t status) {
  machine.stack.drop(std::min(command.operands, machine.stack.size()));
  machine.lastStatus = status;
  machine.stack.push(Value::makeStatus(status));
  return OpStatus::Continue;
}

//===----------------------------------------------------------------------===//
// Subs of the chunk
//===----------------------------------------------------------------------===//

/// The entry of the sub called \p name: that of the first name pool entry that is equal.
static std::optional<uint64_t> findSubByName(const Chunk &chunk, std::string_view name) {
  if (chunk.subEntries.empty())
    return std::nullopt;
  auto found = std::find(chunk.names.begin(), chunk.names.end(), name);
  size_t index = static_cast<size_t>(found - chunk.names.begin());
  if (found == chunk.names.end() || index > UINT16_MAX)
    return std::nullopt;
  return chunk.findSub(static_cast<uint16_t>(index));
}

/// Enters the sub at \p entry with the arguments of \p command.
static OpStatus enterSubWith(Machine &machine, const Command &command, uint64_t entry) {
  absl::Span<const std::string> arguments = command.arguments();
  size_t height = machine.stack.size() - command.operands + arguments.size();
  if (height > machine.limits.maxStackValues)
    return machine.fail(ErrorKind::Limit, strCat("value stack overflow: ", height, " values"));
  // What the sub leaves is not what the analysis takes this op to push.
  machine.canonical();
  std::vector<Value> operands;
  for (const Value *value = machine.stack.end() - command.operands; value != machine.stack.end();
       ++value)
    operands.push_back(*value);
  machine.stack.drop(command.operands);
  for (const std::string &argument : arguments)
    machine.stack.push(Value::makeStr(argument));
  OpStatus status = machine.enterSub(entry, arguments.size());
  if (status == OpStatus::Continue)
    return status;
  machine.stack.drop(arguments.size());
  for (Value &operand : operands)
    machine.stack.push(std::move(operand));
  return status;
}

//===----------------------------------------------------------------------===//
// Exec, ExecBg, CallFunction
//===----------------------------------------------------------------------===//

static bool isInlineUtility(std::string_view name) {
  return name == "true" || name == "false" || name == "echo" || name == "test" || name == "[";
}

/// Prints \p arguments and returns the status. To the process's output it is written at
/// once, so that an error can be told.
static int32_t echo(Machine &machine, absl::Span<const std::string> arguments) {
  std::string line;
  for (const std::string &argument : arguments)
    strAppend(line, &argument == arguments.data() ? "" : " ", argument);
  line += '\n';
  if (machine.output != &standardOutput()) {
    machine.output->write(line);
    return 0;
  }
  machine.output->flush();
  absl::Status status = writeDescriptor(STDOUT_FILENO, line);
  if (status.ok())
    return 0;
  writeDescriptor(STDERR_FILENO, strCat("fusevm: echo: ", std::string(status.message()), "\n"))
      .IgnoreError();
  return 1;
}

static OpStatus runInlineUtility(Machine &machine, const Command &command) {
  const std::string &name = command.argv.front();
  int32_t status = name == "false" ? 1 : 0;
  if (name == "echo")
    status = echo(machine, command.arguments());
  return finishCommand(machine, command, status);
}

/// Runs \p command as the host does, or else as a program.
static OpStatus runCommand(Machine &machine, const Command &command) {
  int32_t result = 0;
  machine.output->flush();
  if (!machine.shellHost)
    return finishCommand(machine, command, runNativeProcess(command.argv));
  uint64_t generation = machine.generation;
  OpStatus status =
      callShellHost(machine, [&](ShellHost &host) { result = host.exec(command.argv); });
  if (status != OpStatus::Continue || machine.generation != generation)
    return status;
  return finishCommand(machine, command, result);
}

OpStatus execExec(Machine &machine, const Instruction &instruction) {
  Command command;
  addOperands(command, machine, instruction.a());
  if (command.tooLarge)
    return machine.failTextTooLarge();
  if (command.argv.empty())
    return finishCommand(machine, command, 0);
  const std::string &name = command.argv.front();
  if (std::optional<uint64_t> entry = findSubByName(*machine.chunk, name))
    return enterSubWith(machine, command, *entry);
  bool hostTakesAll = machine.shellHost && machine.shellHost->takesInlineUtilities();
  if (isInlineUtility(name) && !hostTakesAll)
    return runInlineUtility(machine, command);
  return runCommand(machine, command);
}

OpStatus execExecBg(Machine &machine, const Instruction &instruction) {
  Command command;
  addOperands(command, machine, instruction.a());
  if (command.tooLarge)
    return machine.failTextTooLarge();
  OpStatus status = OpStatus::Continue;
  uint64_t generation = machine.generation;
  if (!command.argv.empty()) {
    machine.output->flush();
    if (machine.shellHost)
      status = callShellHost(machine, [&](ShellHost &host) { host.execBg(command.argv); });
    else
      startNativeProcess(command.argv);
  }
  if (status != OpStatus::Continue || machine.generation != generation)
    return status;
  machine.stack.drop(std::min(command.operands, machine.stack.size()));
  machine.stack.push(Value::makeStatus(0));
  return OpStatus::Continue;
}

/// Lets the host call a function of its own. Nothing if it has none of that name.
static OpStatus callHostFunction(Machine &machine, const Command &command,
                                 std::optional<int32_t> &result) {
  machine.output->flush();
  return callShellHost(machine, [&](ShellHost &host) {
    result = host.callFunction(command.argv.front(), command.arguments());
  });
}

OpStatus execCallFunction(Machine &machine, const Instruction &instruction) {
  Command command;
  command.argv.emplace_back(machine.chunk->nameOr(instruction.a(), ""));
  addOperands(command, machine, instruction.b());
  if (command.tooLarge)
    return machine.failTextTooLarge();
  if (!machine.shellHost) {
    std::optional<uint64_t> entry = machine.chunk->findSub(instruction.a());
    return entry ? enterSubWith(machine, command, *entry) : runCommand(machine, command);
  }
  std::optional<int32_t> result;
  uint64_t generation = machine.generation;
  OpStatus status = callHostFunction(machine, command, result);
  if (status != OpStatus::Continue || machine.generation != generation)
    return status;
  return result ? finishCommand(machine, command, *result) : runCommand(machine, command);
}

//===----------------------------------------------------------------------===//
// The last status
//===----------------------------------------------------------------------===//

OpStatus execSetStatus(Machine &machine, const Instruction &) {
  machine.lastStatus = static_cast<int32_t>(toInt(machine.stack.pop()));
  return OpStatus::Continue;
}

OpStatus execGetStatus(Machine &machine, const Instruction &) {
  machine.stack.push(Value::makeStatus(machine.lastStatus));
  return OpStatus::Continue;
}

} // namespace fusevm
