//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/Utf8.h"

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

} // namespace fusevm
