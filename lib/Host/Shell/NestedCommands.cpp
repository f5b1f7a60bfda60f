//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Commands that run a program in the place of the calling one, or end such a run: `eval`,
/// `.`, `return`.

#include "Builtins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <unistd.h>

namespace fusevm::shell {

/// Runs \p text, which is from \p name. One that means nothing ends the program.
static int32_t runText(Session &session, std::string_view name, std::string_view text) {
  absl::StatusOr<Chunk> chunk = session.compiler(name, text);
  if (chunk.ok())
    return session.runNested(std::make_shared<const Chunk>(*std::move(chunk)));
  session.say(std::string(chunk.status().message()), "");
  session.requestExit(2);
  return 2;
}

int32_t evalCommand(Session &session, Arguments argv) {
  std::string text;
  for (const std::string &argument : argv.subspan(1))
    strAppend(text, text.empty() ? "" : " ", argument);
  bool isBlank = text.find_first_not_of(" \t\n") == std::string::npos;
  return isBlank ? 0 : runText(session, "eval", text);
}

/// Where the file \p name is: in the folders of \p searchPath, unless it has a slash.
static std::string findSource(const std::string &name, std::string_view searchPath) {
  if (name.find('/') != std::string::npos)
    return name;
  for (;;) {
    size_t end = std::min(searchPath.find(':'), searchPath.size());
    std::string folder(searchPath.substr(0, end));
    std::string path = strCat(folder.empty() ? "." : folder, "/", name);
    if (access(path.c_str(), R_OK) == 0 || end == searchPath.size())
      return path;
    searchPath.remove_prefix(end + 1);
  }
}

int32_t sourceCommand(Session &session, Arguments argv) {
  if (argv.size() < 2)
    return reject(session, argv, "expected the name of a file");
  // readFile() would end it at a zero byte.
  if (argv[1].find('\0') != std::string::npos)
    return reject(session, argv, "invalid file name");
  std::string path = findSource(argv[1], session.variableText("PATH").value_or(""));
  absl::StatusOr<std::string> text = readFile(path);
  if (!text.ok()) {
    session.say(argv[0], std::string(text.status().message()));
    session.requestExit(1);
    return 1;
  }
  if (argv.size() == 2)
    return runText(session, path, *text);
  Arguments parameters = argv.subspan(2);
  std::vector<std::string> outer =
      std::exchange(session.positional, {parameters.begin(), parameters.end()});
  int32_t status = runText(session, path, *text);
  session.positional = std::move(outer);
  return status;
}

int32_t returnCommand(Session &session, Arguments argv) {
  int32_t status = session.vm ? session.vm->lastStatus() : 0;
  if (argv.size() > 1) {
    std::optional<int64_t> number = parseInt(argv[1]);
    if (!number)
      return reject(session, argv, strCat(argv[1], ": numeric argument required"));
    status = static_cast<int32_t>(*number & 255);
  }
  if (!session.isNested())
    return reject(session, argv, "there is nothing to return from");
  session.vm->requestHalt();
  return status;
}

} // namespace fusevm::shell
