//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// `getopts`.

#include "Builtins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>

namespace fusevm::shell {

namespace {

/// One step through the options of some parameters.
class OptionStep {
public:
  OptionStep(std::string_view options, Arguments parameters, OptionPosition &position)
      : options(options), parameters(parameters), position(position) {}

  /// Takes the next option; false if there is none.
  bool next() {
    if (position.offset == 0 && !beginArgument())
      return false;
    const std::string &argument = parameters[position.index - 1];
    letter = argument[position.offset++];
    size_t known = letter == ':' ? std::string_view::npos : options.find(letter);
    isKnown = known != std::string_view::npos;
    takesValue = isKnown && options.substr(known + 1).starts_with(':');
    if (takesValue)
      takeValue(argument);
    else if (position.offset == argument.size())
      position = {position.index + 1, 0};
    return true;
  }

  bool isSilent() const { return options.starts_with(':'); }
  bool lacksValue() const { return takesValue && !value; }

  char letter = 0;
  bool isKnown = false;
  std::optional<std::string> value;

private:
  /// Whether there are options in the argument at the position.
  bool beginArgument() {
    if (position.index > parameters.size())
      return false;
    const std::string &argument = parameters[position.index - 1];
    if (argument.size() < 2 || argument[0] != '-')
      return false;
    if (argument == "--") {
      ++position.index;
      return false;
    }
    position.offset = 1;
    return true;
  }

  /// Takes what is left of \p argument, or else the next one.
  void takeValue(const std::string &argument) {
    if (position.offset != argument.size())
      value = argument.substr(position.offset);
    else if (++position.index <= parameters.size())
      value = parameters[position.index - 1];
    position = {position.index + 1, 0};
  }

  std::string_view options;
  Arguments parameters;
  OptionPosition &position;
  bool takesValue = false;
};

} // namespace

/// What the variable that names the option gets. Says what is wrong, or leaves that to the
/// program.
static std::string nameOf(Session &session, OptionStep &step) {
  if (step.isKnown && !step.lacksValue())
    return std::string(1, step.letter);
  if (step.isSilent()) {
    step.value = std::string(1, step.letter);
    return step.isKnown ? ":" : "?";
  }
  session.say(session.zero,
              strCat(step.isKnown ? "option requires an argument -- " : "illegal option -- ",
                     std::string_view(&step.letter, 1)));
  return "?";
}

int32_t getoptsCommand(Session &session, Arguments argv) {
  if (argv.size() < 3)
    return reject(session, argv, "expected the letters of options, and a name");
  Arguments parameters = argv.size() > 3 ? argv.subspan(3) : Arguments(session.positional);
  std::optional<int64_t> index = parseInt(session.variableText("OPTIND").value_or("1"));
  OptionPosition &position = session.optionPosition;
  auto wanted = static_cast<size_t>(std::max<int64_t>(index.value_or(1), 1));
  // The program has set it, to begin anew.
  bool isStale = wanted != position.index || wanted > parameters.size() ||
                 position.offset >= parameters[wanted - 1].size();
  if (isStale)
    position = {wanted, 0};
  OptionStep step(argv[1], parameters, position);
  bool found = step.next();
  std::string name = found ? nameOf(session, step) : "?";
  bool assigned = session.assign("OPTIND", Value::makeStr(strCat(position.index))) &&
                  session.assign(argv[2], Value::makeStr(name)) &&
                  (step.value ? session.assign("OPTARG", Value::makeStr(*step.value))
                              : session.unset("OPTARG"));
  if (!assigned)
    return 2;
  return found ? 0 : 1;
}

} // namespace fusevm::shell
