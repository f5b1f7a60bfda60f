//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "MainInput.h"

#include "Conversions.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"

#include "absl/strings/ascii.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fusevm::awk {

void MainInput::setOperands(std::string_view programName,
                            absl::Span<const std::string_view> operands) {
  ElementTable &argv = **variables.array("ARGV");
  argv.clear();
  argv["0"] = Value::makeStr(programName);
  for (size_t i = 0; i != operands.size(); ++i) {
    argv[std::to_string(i + 1)] = Value::makeStr(operands[i]);
    given.insert(std::string(operands[i]));
  }
  auto count = static_cast<int64_t>(operands.size()) + 1;
  specials.set(Special::Argc, Value::makeInt(count)).IgnoreError();
}

absl::StatusOr<bool> MainInput::next(std::string_view &record, std::string_view &terminator) {
  for (;;) {
    if (!reader) {
      absl::StatusOr<bool> opened = openNext();
      if (!opened.ok() || !*opened)
        return opened;
    }
    switch (reader->next(specials.recordSeparator(), record, terminator)) {
    case RecordReader::Status::Record:
      lastReader.reset();
      return true;
    case RecordReader::Status::End:
      retireReader();
      continue;
    case RecordReader::Status::Error:
      std::string reason = std::strerror(errno);
      retireReader();
      return absl::DataLossError(strCat(
          "cannot read file `", Text(specials.get(Special::Filename)).view(), "': ", reason));
    }
  }
}

void MainInput::retireReader() {
  // It has the last record, unless an earlier one has.
  if (!lastReader)
    lastReader = std::move(reader);
  reader.reset();
}

/// Whether \p operand has the form name=value; \p name and \p text are set if so.
static bool splitAssignment(std::string_view operand, std::string_view &name,
                            std::string_view &text) {
  size_t equals = operand.find('=');
  if (equals == std::string_view::npos || equals == 0 ||
      absl::ascii_isdigit(static_cast<unsigned char>(operand[0])))
    return false;
  name = operand.substr(0, equals);
  text = operand.substr(equals + 1);
  for (char c : name)
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_')
      return false;
  return true;
}

absl::StatusOr<bool> MainInput::openNext() {
  absl::StatusOr<ElementTable *> argv = variables.array("ARGV");
  if (!argv.ok())
    return argv.status();
  auto count = static_cast<int64_t>(numberOf(specials.get(Special::Argc)));
  while (!atEnd && nextOperand < count) {
    const Value *element = (*argv)->find(std::to_string(nextOperand++));
    if (!element)
      continue;
    std::string operand;
    appendValue(operand, *element, specials.convfmt());
    std::string_view name;
    std::string_view text;
    if (operand.empty())
      continue;
    if (splitAssignment(operand, name, text)) {
      if (absl::Status status = assign(name, text); !status.ok())
        return status;
      continue;
    }
    anyFile = true;
    absl::StatusOr<bool> opened = open(operand);
    if (!opened.ok() || *opened)
      return opened;
  }
  if (anyFile || atEnd) {
    atEnd = true;
    return false;
  }
  // No file among the operands.
  anyFile = true;
  return open("-");
}

absl::StatusOr<bool> MainInput::open(std::string_view name) {
  std::string path(name);
  bool isStandardInput = name == "-" || name == "/dev/stdin";
  if (!isStandardInput && !mayReadAny && !given.contains(path))
    return absl::PermissionDeniedError(strCat("reading `", name, "' is not allowed"));
  int descriptor = isStandardInput ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return absl::NotFoundError(
        strCat("cannot open file `", name, "' for reading: ", std::strerror(errno)));
  struct stat status{};
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    if (!isStandardInput)
      ::close(descriptor);
    writeDescriptor(STDERR_FILENO, strCat("awk: warning: command line argument `", name,
                                          "' is a directory: skipped\n"))
        .IgnoreError();
    return false;
  }
  reader = std::make_unique<RecordReader>(descriptor, /*borrowed=*/isStandardInput);
  specials.fnr = 0;
  specials.setText(Special::Filename, name);
  return true;
}

/// Decodes the escapes of an AWK string.
static std::string decodeEscapes(std::string_view text) {
  std::string result;
  auto isOctal = [](char c) { return c >= '0' && c <= '7'; };
  for (size_t i = 0; i != text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    char c = text[++i];
    constexpr std::string_view letters = "abfnrtv\\\"/";
    constexpr std::string_view codes = "\a\b\f\n\r\t\v\\\"/";
    if (size_t known = letters.find(c); known != std::string_view::npos) {
      result += codes[known];
    } else if (isOctal(c)) {
      int code = 0;
      size_t end = std::min(i + 3, text.size());
      for (; i != end && isOctal(text[i]); ++i)
        code = code * 8 + (text[i] - '0');
      --i;
      result += static_cast<char>(code);
    } else {
      result += c;
    }
  }
  return result;
}

absl::Status MainInput::assign(std::string_view name, std::string_view text) {
  Value value = Value::makeStr(decodeEscapes(text));
  if (assigned)
    assigned(name, value, assignedUser);
  if (std::optional<Special> special = findSpecial(name)) {
    if (*special == Special::Nr || *special == Special::Fnr)
      (*special == Special::Nr ? specials.nr : specials.fnr) =
          static_cast<int64_t>(numberOf(value));
    return specials.set(*special, std::move(value));
  }
  return variables.set(name, std::move(value));
}

} // namespace fusevm::awk
