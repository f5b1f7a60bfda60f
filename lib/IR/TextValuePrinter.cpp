//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "TextValue.h"

#include "fusevm/IR/TextFormat.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>

namespace fusevm {

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

static void appendHex(std::string &out, uint64_t number, size_t minDigits = 1) {
  char buffer[16];
  auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), number, 16);
  auto count = static_cast<size_t>(end - buffer);
  out.append(minDigits - std::min(minDigits, count), '0');
  out.append(buffer, count);
}

static void appendNan(std::string &out, double value) {
  auto bits = std::bit_cast<uint64_t>(value);
  constexpr uint64_t quietBits = uint64_t(0x7ff8) << 48;
  constexpr uint64_t signBit = uint64_t(1) << 63;
  // The NaN that processors make by themselves; x86 gives it a sign.
  if ((bits & ~signBit) == quietBits) {
    out += bits & signBit ? "-nan" : "nan";
    return;
  }
  out += "nan(0x";
  appendHex(out, bits, 16);
  out += ')';
}

/// Appends DIGITSe21 rather than DIGITSe+21.
static void appendScientific(std::string &out, std::string_view text) {
  size_t exponent = text.find('e') + 1;
  out += text.substr(0, exponent);
  if (text[exponent] == '-')
    out += '-';
  text.remove_prefix(exponent + 1);
  out += text.substr(text.find_first_not_of('0'));
}

void appendFloatLiteral(std::string &out, double value) {
  if (std::isnan(value)) {
    appendNan(out, value);
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-inf" : "inf";
    return;
  }
  double magnitude = std::fabs(value);
  bool isPlain = magnitude == 0 || (magnitude >= 1e-5 && magnitude < 1e17);
  char buffer[40];
  auto [end, error] =
      std::to_chars(std::begin(buffer), std::end(buffer), value,
                    isPlain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(end - buffer));
  if (!isPlain) {
    appendScientific(out, text);
    return;
  }
  out += text;
  if (text.find('.') == std::string_view::npos)
    out += ".0";
}

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

/// Whether a character shows in an editor as what it is: no control character, and nothing
/// that is invisible or changes the direction of the text.
static bool isPrintable(uint32_t character) {
  if (character < 0x80)
    return character >= 0x20 && character != 0x7f;
  constexpr struct {
    uint32_t first, last;
  } hidden[] = {{0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
                {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
                {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
  return std::none_of(std::begin(hidden), std::end(hidden), [=](auto range) {
    return range.first <= character && character <= range.last;
  });
}

/// Takes a character from the front of \p text, which begins with valid UTF-8.
static uint32_t takeCharacter(std::string_view &text) {
  auto lead = static_cast<unsigned char>(text[0]);
  size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  uint32_t character = length == 1 ? lead : lead & (0x7fu >> length);
  for (size_t i = 1; i != length; ++i)
    character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  text.remove_prefix(length);
  return character;
}

static void appendByteEscape(std::string &out, char byte) {
  out += "\\x";
  appendHex(out, static_cast<unsigned char>(byte), 2);
}

static void appendEscape(std::string &out, uint32_t character) {
  constexpr std::string_view bytes("\n\t\r\0\"\\\x1b", 7);
  constexpr std::string_view letters = "ntr0\"\\e";
  size_t known = character < 0x80 ? bytes.find(static_cast<char>(character)) : std::string::npos;
  if (known != std::string::npos) {
    (out += '\\') += letters[known];
  } else if (character < 0x80) {
    appendByteEscape(out, static_cast<char>(character));
  } else {
    out += "\\u{";
    appendHex(out, character);
    out += '}';
  }
}

void appendStringLiteral(std::string &out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::string_view valid = text.substr(0, validUtf8Prefix(text));
    text.remove_prefix(valid.size());
    while (!valid.empty()) {
      std::string_view rest = valid;
      uint32_t character = takeCharacter(rest);
      if (character == '"' || character == '\\' || !isPrintable(character))
        appendEscape(out, character);
      else
        out += valid.substr(0, valid.size() - rest.size());
      valid = rest;
    }
    if (!text.empty()) {
      appendByteEscape(out, text[0]);
      text.remove_prefix(1);
    }
  }
  out += '"';
}

void appendNameLiteral(std::string &out, std::string_view name) {
  if (isIdentifier(name))
    out += name;
  else
    appendStringLiteral(out, name);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

namespace {

class LiteralWriter {
public:
  LiteralWriter(std::string &out, size_t maxBytes)
      : out(out), start(out.size()), maxBytes(maxBytes) {}

  absl::Status write(const Value &value);

private:
  absl::Status writeElements(const Array &elements);
  absl::Status writeEntries(const Hash &entries);

  std::string &out;
  size_t start;
  size_t maxBytes;
  size_t depth = 0;
};

} // namespace

absl::Status LiteralWriter::writeElements(const Array &elements) {
  out += '[';
  for (const Value &element : elements) {
    if (&element != elements.begin())
      out += ", ";
    if (absl::Status status = write(element); !status.ok())
      return status;
  }
  out += ']';
  return absl::OkStatus();
}

absl::Status LiteralWriter::writeEntries(const Hash &entries) {
  out += '{';
  bool isFirst = true;
  for (const Hash::Entry &entry : entries) {
    if (!isFirst)
      out += ", ";
    isFirst = false;
    appendStringLiteral(out, entry.key.asStr());
    out += ": ";
    if (absl::Status status = write(entry.value); !status.ok())
      return status;
  }
  out += '}';
  return absl::OkStatus();
}

absl::Status LiteralWriter::write(const Value &value) {
  if (out.size() - start > maxBytes)
    return absl::ResourceExhaustedError(
        strCat("the value's text would be longer than ", maxBytes, " bytes"));
  bool isContainer = value.isArray() || value.isHash() || value.isRef();
  if (isContainer && depth == maxTextNesting)
    return absl::InvalidArgumentError(
        strCat("values are nested more than ", maxTextNesting, " levels deep"));
  absl::Status status;
  depth += isContainer;
  switch (value.kind()) {
  case Kind::Undef:
    out += "undef";
    break;
  case Kind::Bool:
    out += value.asBool() ? "true" : "false";
    break;
  case Kind::Int:
    strAppend(out, value.asInt());
    break;
  case Kind::Float:
    appendFloatLiteral(out, value.asFloat());
    break;
  case Kind::Status:
    strAppend(out, "status(", value.asStatus(), ")");
    break;
  case Kind::NativeFn:
    strAppend(out, "native(", value.asNativeFn(), ")");
    break;
  case Kind::Str:
    appendStringLiteral(out, value.asStr());
    break;
  case Kind::Array:
    status = writeElements(value.asArray());
    break;
  case Kind::Hash:
    status = writeEntries(value.asHash());
    break;
  case Kind::Ref:
    out += "ref(";
    status = write(value.asRef());
    out += ')';
    break;
  }
  depth -= isContainer;
  return status;
}

absl::Status appendValueLiteral(std::string &out, const Value &value, size_t maxBytes) {
  size_t start = out.size();
  absl::Status status = LiteralWriter(out, maxBytes).write(value);
  if (status.ok() && out.size() - start > maxBytes)
    status = absl::ResourceExhaustedError(
        strCat("the value's text would be longer than ", maxBytes, " bytes"));
  if (!status.ok())
    out.resize(start);
  return status;
}

} // namespace fusevm
