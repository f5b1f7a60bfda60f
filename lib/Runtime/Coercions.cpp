//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Runtime/Coercions.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

namespace fusevm {

bool truthySlow(const Value &value) {
  switch (value.kind()) {
  case Kind::Undef:
    return false;
  case Kind::Bool:
    return value.asBool();
  case Kind::Int:
    return value.asInt() != 0;
  case Kind::Float:
    return value.asFloat() != 0.0;
  case Kind::Status:
    return value.asStatus() == 0;
  case Kind::Str:
    return !value.asStr().empty() && value.asStr() != "0";
  case Kind::Array:
    return !value.asArray().empty();
  case Kind::Hash:
    return !value.asHash().empty();
  case Kind::NativeFn:
  case Kind::Ref:
    return true;
  }
  return false;
}

int64_t saturatingTruncate(double value) {
  if (std::isnan(value))
    return 0;
  if (value >= 0x1p63)
    return INT64_MAX;
  if (value < -0x1p63)
    return INT64_MIN;
  return static_cast<int64_t>(value);
}

int64_t toIntSlow(const Value &value) {
  switch (value.kind()) {
  case Kind::Bool:
    return value.asBool();
  case Kind::Int:
    return value.asInt();
  case Kind::Float:
    return saturatingTruncate(value.asFloat());
  case Kind::Status:
    return value.asStatus();
  case Kind::Str:
    return parseInt(value.asStr()).value_or(0);
  case Kind::Array:
    return static_cast<int64_t>(value.asArray().size());
  case Kind::Undef:
  case Kind::NativeFn:
  case Kind::Hash:
  case Kind::Ref:
    return 0;
  }
  return 0;
}

double toFloatSlow(const Value &value) {
  switch (value.kind()) {
  case Kind::Bool:
    return value.asBool() ? 1.0 : 0.0;
  case Kind::Int:
    return static_cast<double>(value.asInt());
  case Kind::Float:
    return value.asFloat();
  case Kind::Status:
    return value.asStatus();
  case Kind::Str:
    return parseFloat(value.asStr()).value_or(0.0);
  case Kind::Undef:
  case Kind::NativeFn:
  case Kind::Array:
  case Kind::Hash:
  case Kind::Ref:
    return 0.0;
  }
  return 0.0;
}

size_t length(const Value &value) {
  if (value.isArray())
    return value.asArray().size();
  if (value.isHash())
    return value.asHash().size();
  return Text(value).view().size();
}

/// Appends the text of anything but an Array.
static void appendScalarText(std::string &out, const Value &value) {
  auto appendInteger = [&out](int64_t integer) {
    std::array<char, 20> buffer;
    auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), integer);
    out.append(buffer.data(), end);
  };
  switch (value.kind()) {
  case Kind::Undef:
  case Kind::Array:
    return;
  case Kind::Bool:
    out += value.asBool() ? "1" : "";
    return;
  case Kind::Int:
    return appendInteger(value.asInt());
  case Kind::Float:
    return appendFloatText(out, value.asFloat());
  case Kind::Status:
    return appendInteger(value.asStatus());
  case Kind::NativeFn:
    out += "(builtin:";
    appendInteger(value.asNativeFn());
    out += ')';
    return;
  case Kind::Str:
    out += value.asStr();
    return;
  case Kind::Hash:
    out += "(hash)";
    return;
  case Kind::Ref:
    out += "(ref)";
    return;
  }
}

bool appendText(std::string &out, const Value &value, size_t limit) {
  auto fits = [&](const Value &part) {
    size_t room = limit - out.size();
    return out.size() <= limit && (!part.isStr() || part.asStr().size() <= room);
  };
  if (!value.isArray()) {
    if (!fits(value))
      return false;
    appendScalarText(out, value);
    return out.size() <= limit;
  }
  struct Cursor {
    const Array *array;
    size_t next;
  };
  // An explicit stack: arrays may be nested millions deep. A small budget of steps that
  // add no text would not end for an exponential tree of empty arrays, so separators and
  // visits are both counted against the limit.
  std::vector<Cursor> cursors{{&value.asArray(), 0}};
  size_t visits = 0;
  while (!cursors.empty()) {
    Cursor &cursor = cursors.back();
    if (cursor.next == cursor.array->size()) {
      cursors.pop_back();
      continue;
    }
    if (cursor.next != 0)
      out += ' ';
    const Value &element = (*cursor.array)[cursor.next++];
    if (++visits > limit || !fits(element))
      return false;
    if (element.isArray())
      cursors.push_back({&element.asArray(), 0});
    else
      appendScalarText(out, element);
  }
  return out.size() <= limit;
}

void Text::make(const Value &value, size_t limit) {
  switch (value.kind()) {
  case Kind::Undef:
    return;
  case Kind::Bool:
    text = value.asBool() ? "1" : "";
    return;
  case Kind::Hash:
    text = "(hash)";
    return;
  case Kind::Ref:
    text = "(ref)";
    return;
  case Kind::Int:
  case Kind::Float:
  case Kind::Status:
  case Kind::NativeFn:
  case Kind::Str:
  case Kind::Array:
    overflow = !appendText(buffer, value, limit);
    if (!overflow)
      text = buffer;
    return;
  }
}

std::string toStr(const Value &value) {
  std::string result;
  // Without a limit nothing can fail.
  (void)appendText(result, value, SIZE_MAX);
  return result;
}

} // namespace fusevm
