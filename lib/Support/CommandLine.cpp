//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/CommandLine.h"

#include "fusevm/Support/Diagnostic.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Version.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <charconv>
#include <unistd.h>

namespace fusevm {

namespace {

/// The options that every program has. What they ask for is not a value, so their target
/// is only there to make them switches.
absl::Span<const Option> commonOptions() {
  static constexpr bool *noTarget = nullptr;
  static constexpr Option options[] = {
      {"--help", "", "print this text", noTarget, 'h'},
      {"--version", "", "print the version", noTarget},
  };
  return options;
}

bool isSwitch(const Option &option) { return std::holds_alternative<bool *>(option.target); }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return pieces;
    text.remove_prefix(end + 1);
  }
}

std::optional<uint64_t> parseNumber(std::string_view text) {
  uint64_t number;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

absl::Status badValue(const Option &option, std::string_view expected, std::string_view found) {
  return absl::InvalidArgumentError(
      strCat("option ", option.name, ": expected ", expected, ", found '", found, "'"));
}

/// Checks that \p text may be the value of \p option.
absl::Status checkValue(const Option &option, std::string_view text) {
  if (std::holds_alternative<std::string_view *>(option.target)) {
    if (!absl::ascii_islower(static_cast<unsigned char>(option.argument.front())))
      return absl::OkStatus();
    std::vector<std::string_view> allowed = split(option.argument, '|');
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end())
      return absl::OkStatus();
    return badValue(option, option.argument, text);
  }
  if (!isSwitch(option) && !parseNumber(text))
    return badValue(option, strCat("a number from 0 to ", UINT64_MAX), text);
  return absl::OkStatus();
}

/// Stores \p text, which was checked, as the value of \p option.
void store(const Option &option, std::string_view text) {
  if (auto *flag = std::get_if<bool *>(&option.target))
    **flag = true;
  else if (auto *number = std::get_if<uint64_t *>(&option.target))
    **number = *parseNumber(text);
  else if (auto *limit = std::get_if<std::optional<uint64_t> *>(&option.target))
    **limit = parseNumber(text);
  else
    **std::get_if<std::string_view *>(&option.target) = text;
}

/// Parses one command line.
class Parser {
public:
  Parser(const ProgramUsage &usage, absl::Span<const Option> options,
         absl::Span<const char *const> arguments)
      : usage(usage), options(options), arguments(arguments) {}

  absl::StatusOr<CommandLine> parse();

private:
  absl::Status parseOption(std::string_view text);
  const Option *findOption(std::string_view spelling) const;
  absl::Status unknownOption(std::string_view spelling) const;
  void takeOperand(std::string_view text);

  const ProgramUsage &usage;
  absl::Span<const Option> options;
  absl::Span<const char *const> arguments;
  size_t next = 0;
  bool optionsEnded = false;
  /// Stored only once everything is known to be right.
  std::vector<std::pair<const Option *, std::string_view>> values;
  CommandLine result;
};

absl::StatusOr<CommandLine> Parser::parse() {
  while (next != arguments.size()) {
    std::string_view text = arguments[next++];
    if (!optionsEnded && text == "--")
      optionsEnded = true;
    else if (optionsEnded || text == "-" || !text.starts_with('-'))
      takeOperand(text);
    else if (absl::Status status = parseOption(text); !status.ok())
      return status;
    if (result.request != CommandLine::Request::Run)
      return std::move(result);
  }
  for (const auto &[option, text] : values)
    store(*option, text);
  return std::move(result);
}

void Parser::takeOperand(std::string_view text) {
  result.operands.push_back(text);
  if (usage.afterOperand != AfterOperand::Verbatim || result.operands.size() != 1)
    return;
  optionsEnded = true;
  if (next != arguments.size() && std::string_view(arguments[next]) == "--")
    ++next;
}

const Option *Parser::findOption(std::string_view spelling) const {
  auto matches = [spelling](const Option &option) {
    return spelling == option.name ||
           (spelling.size() == 2 && option.letter && spelling[1] == option.letter);
  };
  for (absl::Span<const Option> table : {options, commonOptions()})
    if (auto *found = std::find_if(table.begin(), table.end(), matches); found != table.end())
      return found;
  return nullptr;
}

absl::Status Parser::unknownOption(std::string_view spelling) const {
  std::vector<std::string_view> names;
  for (absl::Span<const Option> table : {options, commonOptions()})
    for (const Option &option : table)
      names.push_back(option.name);
  std::string message = strCat("unknown option: ", spelling);
  if (std::string_view likely = closestMatch(spelling, names); !likely.empty())
    strAppend(message, "; did you mean ", likely, "?");
  return absl::InvalidArgumentError(message);
}

absl::Status Parser::parseOption(std::string_view text) {
  size_t equals = text.find('=');
  std::string_view spelling = text.substr(0, equals);
  const Option *option = findOption(spelling);
  if (!option)
    return unknownOption(spelling);

  std::string_view value = option->bareValue;
  if (equals != std::string_view::npos) {
    if (isSwitch(*option))
      return absl::InvalidArgumentError(strCat("option ", option->name, " takes no argument"));
    value = text.substr(equals + 1);
  } else if (!isSwitch(*option) && option->bareValue.empty()) {
    if (next == arguments.size())
      return absl::InvalidArgumentError(
          strCat("option ", option->name, " needs an argument: ", option->argument));
    value = arguments[next++];
  }

  if (option == &commonOptions()[0])
    result.request = CommandLine::Request::Help;
  else if (option == &commonOptions()[1])
    result.request = CommandLine::Request::Version;
  else
    values.emplace_back(option, value);
  return checkValue(*option, value);
}

//===----------------------------------------------------------------------===//
// Help
//===----------------------------------------------------------------------===//

/// Returns the default to be shown for \p option; empty if there is none worth showing.
std::string defaultText(const Option &option) {
  if (auto *number = std::get_if<uint64_t *>(&option.target))
    return strCat(**number);
  if (auto *limit = std::get_if<std::optional<uint64_t> *>(&option.target))
    return **limit ? strCat(***limit) : std::string(option.withoutValue);
  if (auto *text = std::get_if<std::string_view *>(&option.target))
    return std::string(**text);
  return "";
}

/// Returns the left column: "  -v, --verbose" or "  --stats[=text|json]".
std::string signature(const Option &option) {
  std::string text = "  ";
  if (option.letter)
    strAppend(text, "-", std::string_view(&option.letter, 1), ", ");
  strAppend(text, option.name);
  if (!option.bareValue.empty())
    strAppend(text, "[=", option.argument, "]");
  else if (!option.argument.empty())
    strAppend(text, "=", option.argument);
  return text;
}

constexpr size_t helpWidth = 80;

/// Appends \p sentence from \p column on, the cursor being there, broken between words.
void appendWrapped(std::string &out, std::string_view sentence, size_t column) {
  size_t width = column;
  for (std::string_view word : split(sentence, ' ')) {
    if (width != column && width + 1 + word.size() > helpWidth) {
      strAppend(out, "\n", std::string(column, ' '));
      width = column;
    } else if (width != column) {
      out += ' ';
      ++width;
    }
    out += word;
    width += word.size();
  }
  out += '\n';
}

void appendOption(std::string &out, const Option &option, size_t column) {
  std::string left = signature(option);
  std::string sentence(option.sentence);
  if (std::string value = defaultText(option); !value.empty())
    strAppend(sentence, " (default: ", value, ")");
  left.resize(std::max(left.size(), column), ' ');
  out += left;
  appendWrapped(out, sentence, column);
}

} // namespace

absl::StatusOr<CommandLine> parseCommandLine(const ProgramUsage &usage,
                                             absl::Span<const Option> options,
                                             absl::Span<const char *const> arguments) {
  return Parser(usage, options, arguments).parse();
}

std::string helpText(const ProgramUsage &usage, absl::Span<const Option> options) {
  size_t column = 0;
  for (absl::Span<const Option> table : {options, commonOptions()})
    for (const Option &option : table)
      column = std::max(column, signature(option).size() + 2);

  std::string text =
      strCat("usage: ", usage.program, " [OPTION...] ", usage.operands, "\n\n", usage.summary);
  text += "\noptions:\n";
  for (absl::Span<const Option> table : {options, commonOptions()})
    for (const Option &option : table)
      appendOption(text, option, column);
  if (!usage.epilogue.empty())
    strAppend(text, "\n", usage.epilogue);
  return text;
}

std::optional<int> readCommandLine(const ProgramUsage &usage, absl::Span<const Option> options,
                                   int argc, const char *const *argv,
                                   std::vector<std::string_view> &operands) {
  size_t count = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
  absl::StatusOr<CommandLine> line =
      parseCommandLine(usage, options, absl::MakeConstSpan(argv + (argc > 0), count));
  if (!line.ok())
    return printUsageError(usage.program, std::string(line.status().message()));
  std::string text;
  switch (line->request) {
  case CommandLine::Request::Run:
    operands = std::move(line->operands);
    return std::nullopt;
  case CommandLine::Request::Help:
    text = helpText(usage, options);
    break;
  case CommandLine::Request::Version:
    text = strCat(usage.program, " ", version(), "\n");
    break;
  }
  if (absl::Status status = writeFile("-", text); !status.ok()) {
    printError(usage.program, std::string(status.message()));
    return 1;
  }
  return 0;
}

void printError(std::string_view program, std::string_view message) {
  // There is nobody left to tell if this fails.
  writeDescriptor(STDERR_FILENO, strCat(program, ": error: ", message, "\n")).IgnoreError();
}

int printUsageError(std::string_view program, std::string_view message) {
  printError(program, message);
  writeDescriptor(STDERR_FILENO, strCat("try '", program, " --help'\n")).IgnoreError();
  return usageExitStatus;
}

} // namespace fusevm
