//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonPath.h"

#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <algorithm>
#include <vector>

namespace fusevm {

/// Steps at each end of a long path that are shown.
static constexpr size_t shownSteps = 8;
/// Bytes of a text that a message quotes.
static constexpr size_t maxQuotedBytes = 60;

static bool isIdentifier(std::string_view text) {
  auto isWordByte = [](char byte) {
    return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), isWordByte);
}

void JsonPath::appendStep(std::string &out) const {
  if (isElement)
    strAppend(out, "[", index, "]");
  else if (isIdentifier(key))
    strAppend(out, ".", key);
  else
    strAppend(out, "[", quoteForMessage(key), "]");
}

std::string JsonPath::str() const {
  std::vector<const JsonPath *> steps;
  for (const JsonPath *step = this; step->parent; step = step->parent)
    steps.push_back(step);
  std::reverse(steps.begin(), steps.end());

  std::string text = "$";
  for (size_t i = 0; i != steps.size(); ++i) {
    if (i == shownSteps && steps.size() > 2 * shownSteps) {
      text += " ... ";
      i = steps.size() - shownSteps;
    }
    steps[i]->appendStep(text);
  }
  return text;
}

static void appendQuotedByte(std::string &out, char byte, bool isValid) {
  constexpr std::string_view hexDigits = "0123456789abcdef";
  auto value = static_cast<unsigned char>(byte);
  if (!isValid || absl::ascii_iscntrl(value)) {
    out += "\\x";
    out += hexDigits[value >> 4];
    out += hexDigits[value & 15];
    return;
  }
  if (byte == '"' || byte == '\\')
    out += '\\';
  out += byte;
}

std::string quoteForMessage(std::string_view text) {
  bool isShortened = text.size() > maxQuotedBytes;
  if (isShortened) {
    // Not in the middle of a character.
    size_t end = maxQuotedBytes;
    while (end > maxQuotedBytes - 4 && (text[end] & 0xc0) == 0x80)
      --end;
    text = text.substr(0, end);
  }
  std::string quoted = "\"";
  size_t validEnd = 0;
  for (size_t i = 0; i != text.size(); ++i) {
    if (i >= validEnd)
      validEnd = i + validUtf8Prefix(text.substr(i));
    appendQuotedByte(quoted, text[i], i < validEnd);
  }
  return quoted += isShortened ? "...\"" : "\"";
}

} // namespace fusevm
