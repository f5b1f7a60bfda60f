//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Takes the input as a pattern, a text and a replacement, one to a line, and expands them
/// in every way. Answers to related questions must agree.

#include "Host/Shell/BraceExpand.h"
#include "Host/Shell/ParameterExpansion.h"
#include "Host/Shell/Pattern.h"
#include "Host/Shell/Printf.h"
#include "Host/Shell/WordSplit.h"

#include "fusevm/Runtime/Coercions.h"

#include <cstdio>
#include <cstdlib>

using namespace fusevm;
using namespace fusevm::shell;

static void check(bool holds, const char *what) {
  if (holds)
    return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

static std::string_view takeLine(std::string_view &input) {
  size_t end = std::min(input.find('\n'), input.size());
  std::string_view line = input.substr(0, end);
  input.remove_prefix(std::min(end + 1, input.size()));
  return line;
}

static void checkPattern(const Pattern &pattern, std::string_view text) {
  std::optional<size_t> shortest = pattern.shortestPrefix(text);
  std::optional<size_t> longest = pattern.longestPrefix(text);
  check(shortest.has_value() == longest.has_value(), "one prefix alone");
  check(pattern.matches(text) == (longest == text.size()), "the text and its longest prefix");
  if (longest)
    check(*shortest <= *longest && pattern.matches(text.substr(0, *shortest)) &&
              pattern.matches(text.substr(0, *longest)),
          "a prefix that does not match");
  std::optional<size_t> suffix = pattern.longestSuffix(text);
  check(pattern.matches(text) == (suffix == text.size()), "the text and its longest suffix");
  std::optional<size_t> shortSuffix = pattern.shortestSuffix(text);
  check(shortSuffix.has_value() == suffix.has_value(), "one suffix alone");
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size);
  if (size > 4096)
    return 0;
  std::string_view patternText = takeLine(input);
  std::string_view text = takeLine(input);
  checkPattern(Pattern(patternText), text);
  Value arguments[] = {Value::makeStr(patternText), Value::makeStr(takeLine(input))};
  for (uint8_t modifier = 0; modifier != 19; ++modifier)
    if (auto kind = static_cast<ParamModifier>(modifier); isTextModifier(kind))
      (void)modifyText(text, kind, arguments).ok();
  std::string words[] = {std::string(text), toStr(arguments[1])};
  check(formatArguments(patternText, words, 4096).text.size() <= 4096 + (2 << 20),
        "too much output");
  size_t bytes = 0;
  for (const std::string &field : splitWords(text, patternText))
    bytes += field.size();
  check(bytes <= text.size(), "fields longer than the text");
  absl::StatusOr<std::vector<std::string>> expanded =
      patternText.size() < 64 ? expandBraces(patternText) : std::vector<std::string>{""};
  check(!expanded.ok() || !expanded->empty(), "no words");
  return 0;
}
