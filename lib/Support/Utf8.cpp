//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/Utf8.h"

#include <cassert>
#include <cstring>

namespace fusevm {

namespace {

bool isBetween(char byte, unsigned char low, unsigned char high) {
  auto value = static_cast<unsigned char>(byte);
  return low <= value && value <= high;
}

size_t lengthByLead(char lead) {
  if (isBetween(lead, 0xc2, 0xdf))
    return 2;
  if (isBetween(lead, 0xe0, 0xef))
    return 3;
  return isBetween(lead, 0xf0, 0xf4) ? 4 : 0;
}

/// Whether the second byte rules out an overlong form, a surrogate and a number above
/// U+10FFFF.
bool isSecondByteValid(char lead, char second) {
  switch (static_cast<unsigned char>(lead)) {
  case 0xe0:
    return isBetween(second, 0xa0, 0xbf);
  case 0xed:
    return isBetween(second, 0x80, 0x9f);
  case 0xf0:
    return isBetween(second, 0x90, 0xbf);
  case 0xf4:
    return isBetween(second, 0x80, 0x8f);
  default:
    return isBetween(second, 0x80, 0xbf);
  }
}

/// Returns the length of the sequence of several bytes that \p text begins with, 0 if it
/// is ill-formed.
size_t sequenceLength(std::string_view text) {
  size_t length = lengthByLead(text[0]);
  if (length == 0 || text.size() < length || !isSecondByteValid(text[0], text[1]))
    return 0;
  for (size_t i = 2; i < length; ++i)
    if (!isBetween(text[i], 0x80, 0xbf))
      return 0;
  return length;
}

} // namespace

size_t validUtf8Prefix(std::string_view text) {
  size_t position = 0;
  while (position != text.size()) {
    size_t length = 1;
    if (static_cast<unsigned char>(text[position]) >= 0x80)
      length = sequenceLength(text.substr(position));
    if (length == 0)
      break;
    position += length;
  }
  return position;
}

Utf8Character firstCharacter(std::string_view text) {
  assert(!text.empty() && "no first character");
  auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80)
    return {byte(0), 1, true};
  size_t length = sequenceLength(text);
  if (length == 0)
    return {byte(0), 1, false};
  // The lead byte has as many leading ones as the sequence has bytes.
  char32_t codePoint = byte(0) & (0x7fu >> length);
  for (size_t i = 1; i != length; ++i)
    codePoint = codePoint << 6 | (byte(i) & 0x3f);
  return {codePoint, static_cast<uint32_t>(length), true};
}

/// Returns how many bytes at the front of \p text are ASCII, as far as eight bytes at a
/// time tell.
static size_t asciiPrefix(std::string_view text) {
  size_t position = 0;
  for (; text.size() - position >= sizeof(uint64_t); position += sizeof(uint64_t)) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + position, sizeof(bytes));
    if ((bytes & 0x8080808080808080) != 0)
      break;
  }
  return position;
}

size_t countCharacters(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    size_t ascii = asciiPrefix(text);
    count += ascii;
    text.remove_prefix(ascii);
    if (text.empty())
      break;
    text.remove_prefix(firstCharacter(text).size);
    ++count;
  }
  return count;
}

size_t characterOffset(std::string_view text, size_t count) {
  size_t position = 0;
  while (count != 0 && position != text.size()) {
    size_t ascii = asciiPrefix(text.substr(position, count));
    position += ascii;
    count -= ascii;
    if (count == 0 || position == text.size())
      break;
    position += firstCharacter(text.substr(position)).size;
    --count;
  }
  return position;
}

bool isUnicodeScalar(uint64_t codePoint) {
  return codePoint < 0xd800 || (codePoint > 0xdfff && codePoint <= 0x10ffff);
}

void appendUtf8(std::string &out, char32_t codePoint) {
  assert(isUnicodeScalar(codePoint) && "not a character");
  auto append = [&out](char32_t bits) { out += static_cast<char>(bits); };
  if (codePoint < 0x80)
    return append(codePoint);
  if (codePoint < 0x800) {
    append(0xc0 | codePoint >> 6);
  } else {
    if (codePoint < 0x10000) {
      append(0xe0 | codePoint >> 12);
    } else {
      append(0xf0 | codePoint >> 18);
      append(0x80 | (codePoint >> 12 & 0x3f));
    }
    append(0x80 | (codePoint >> 6 & 0x3f));
  }
  append(0x80 | (codePoint & 0x3f));
}

} // namespace fusevm
