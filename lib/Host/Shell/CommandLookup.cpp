//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Commands that tell what a name stands for: `command`, `type`, `hash`.

#include "Builtins.h"

#include "fusevm/Support/StrCat.h"

namespace fusevm::shell {

namespace {

/// What Exec would run.
struct Meaning {
  enum class Kind : uint8_t { Nothing, SpecialBuiltin, Function, Builtin, Program } kind;
  std::string path; ///< of a program
};

} // namespace

static Meaning meaningOf(const Session &session, const std::string &name) {
  using Kind = Meaning::Kind;
  const BuiltinRow *builtin = findBuiltin(name);
  if (builtin && builtin->isSpecial)
    return {Kind::SpecialBuiltin, ""};
  if (session.functions.find(name) != session.functions.end())
    return {Kind::Function, ""};
  if (builtin)
    return {Kind::Builtin, ""};
  FoundProgram found = findProgram(name, session.variableText("PATH").value_or(""));
  return found.status == 0 ? Meaning{Kind::Program, found.path} : Meaning{Kind::Nothing, ""};
}

int32_t typeCommand(Session &session, Arguments argv) {
  int32_t status = 0;
  std::string text;
  for (const std::string &name : argv.subspan(1)) {
    Meaning meaning = meaningOf(session, name);
    switch (meaning.kind) {
    case Meaning::Kind::Nothing:
      session.say(strCat(argv[0], ": ", name), "not found");
      status = notFoundStatus;
      break;
    case Meaning::Kind::SpecialBuiltin:
      strAppend(text, name, " is a special shell builtin\n");
      break;
    case Meaning::Kind::Function:
      strAppend(text, name, " is a shell function\n");
      break;
    case Meaning::Kind::Builtin:
      strAppend(text, name, " is a shell builtin\n");
      break;
    case Meaning::Kind::Program:
      strAppend(text, name, " is ", meaning.path, "\n");
      break;
    }
  }
  int32_t printed = print(session, text);
  return status != 0 ? status : printed;
}

/// `command -v`: what would have to be written to get the same.
static int32_t tellCommands(Session &session, Arguments names) {
  std::string text;
  int32_t status = 0;
  for (const std::string &name : names) {
    Meaning meaning = meaningOf(session, name);
    if (meaning.kind == Meaning::Kind::Nothing)
      status = notFoundStatus;
    else
      strAppend(text, meaning.path.empty() ? name : meaning.path, "\n");
  }
  int32_t printed = print(session, text);
  return status != 0 ? status : printed;
}

int32_t commandCommand(Session &session, Arguments argv) {
  Arguments rest = argv.subspan(1);
  bool usesSystemPath = !rest.empty() && rest[0] == "-p";
  rest = rest.subspan(usesSystemPath);
  if (!rest.empty() && rest[0] == "-v")
    return tellCommands(session, rest.subspan(1));
  if (!rest.empty() && rest[0] == "-V")
    return typeCommand(session, rest);
  rest = rest.subspan(!rest.empty() && rest[0] == "--");
  if (rest.empty())
    return 0;
  if (const BuiltinRow *builtin = findBuiltin(rest[0]))
    return builtin->function(session, rest);
  std::optional<std::string> path;
  if (usesSystemPath)
    path = systemPath();
  return session.runProgram(rest, RedirectionPlan(), path);
}

/// Where programs are is not remembered, so there is nothing to list or to forget.
int32_t hashCommand(Session &session, Arguments argv) {
  int32_t status = 0;
  for (const std::string &name : argv.subspan(1)) {
    if (name == "-r" || meaningOf(session, name).kind != Meaning::Kind::Nothing)
      continue;
    session.say(strCat("hash: ", name), "not found");
    status = 1;
  }
  return status;
}

} // namespace fusevm::shell
