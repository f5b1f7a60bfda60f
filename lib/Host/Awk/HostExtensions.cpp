//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// RecordAwkHost: what AWK needs and has no op for. See AwkIds.def.

#include "HostState.h"

#include "fusevm/IR/AwkIds.h"
#include "fusevm/Runtime/AwkBuiltins.h"
#include "fusevm/Runtime/Coercions.h"

namespace fusevm {

using namespace awk;

AwkOrder RecordAwkHost::compare(const Value &a, const Value &b) {
  auto order = [](auto x, auto y) {
    return x < y ? AwkOrder::Less : y < x ? AwkOrder::Greater : AwkOrder::Equal;
  };
  if (isNumeric(a) && isNumeric(b) && !(a.isUndef() && b.isStr() && b.asStr().empty()) &&
      !(b.isUndef() && a.isStr() && a.asStr().empty()))
    return order(numberOf(a), numberOf(b));
  AwkText left(a, state->specials.convfmt());
  AwkText right(b, state->specials.convfmt());
  if (!state->specials.ignoreCase())
    return order(left.view(), right.view());
  return order(lowerCase(left.view()), lowerCase(right.view()));
}

uint64_t RecordAwkHost::extensionOperands(uint16_t id, uint64_t payload) {
  return awkExtensionOperands(id, payload).value_or(0);
}

Value RecordAwkHost::extension(uint16_t id, uint64_t payload, absl::Span<const Value> v) {
  std::string_view convfmt = state->specials.convfmt();
  auto text = [&](size_t i) {
    std::string result;
    appendValue(result, v[i], convfmt);
    return result;
  };
  auto status = [](int64_t code) { return Value::makeInt(code); };
  switch (static_cast<AwkExtension>(id)) {
  case AwkExtension::Output:
    if (payload > static_cast<uint64_t>(OutputMode::Command))
      fail("unknown kind of output");
    else
      state->redirection = {text(0), static_cast<OutputMode>(payload)};
    return Value();
  case AwkExtension::Close:
    return status(state->streams.close(text(0)));
  case AwkExtension::Flush: {
    if (v.empty()) {
      failWith(state->streams.flushAll());
      return status(0);
    }
    absl::StatusOr<bool> known = state->streams.flush(text(0));
    failWith(known.status());
    return status(known.ok() && *known ? 0 : -1);
  }
  case AwkExtension::System: {
    absl::StatusOr<int> result = state->streams.run(text(0));
    failWith(result.status());
    return status(result.ok() ? *result : -1);
  }
  case AwkExtension::Keys:
    return keysOf(text(0));
  case AwkExtension::Compare:
    return status(static_cast<int64_t>(compare(v[0], v[1])));
  case AwkExtension::ToNumber:
    return v[0].isInt() ? v[0] : Value::makeFloat(numberOf(v[0]));
  case AwkExtension::ToText:
    return Value::makeStr(text(0));
  case AwkExtension::Truth:
    return Value::makeBool(isTrue(v[0]));
  case AwkExtension::LooksNumeric:
    return Value::makeBool(isNumeric(v[0]));
  case AwkExtension::Matches: {
    absl::StatusOr<std::shared_ptr<const Regex>> regex = state->regex(v[1]);
    failWith(regex.status());
    return Value::makeBool(regex.ok() && (*regex)->matches(AwkText(v[0], convfmt).view()));
  }
  case AwkExtension::MatchInto:
    return status(matchInto(v[0], v[1], text(2)));
  case AwkExtension::SplitInto:
    return status(splitInto(v[0], text(1), &v[2], text(3)));
  case AwkExtension::SubField:
  case AwkExtension::GsubField:
    return status(substitute(v[0], v[1], AwkLvalue::field(saturatingTruncate(numberOf(v[2]))),
                             static_cast<AwkExtension>(id) == AwkExtension::GsubField));
  case AwkExtension::SubElement:
  case AwkExtension::GsubElement: {
    absl::StatusOr<Value> key = state->subscript(v[3]);
    failWith(key.status());
    if (!key.ok())
      return Value();
    return status(substitute(v[0], v[1], AwkLvalue::element(text(2), std::string(key->asStr())),
                             static_cast<AwkExtension>(id) == AwkExtension::GsubElement));
  }
  case AwkExtension::AddElement:
    return addElement(v[0], v[1], numberOf(v[2]));
  }
  return Value();
}

Value RecordAwkHost::keysOf(std::string_view array) {
  absl::StatusOr<ElementTable *> elements = state->variables.array(array);
  failWith(elements.status());
  Array keys;
  if (elements.ok())
    (*elements)->forEach(
        [&](std::string_view key, const Value &) { keys.push(Value::makeStr(key)); });
  return Value::makeArray(std::move(keys));
}

Value RecordAwkHost::addElement(const Value &array, const Value &key, double number) {
  AwkText name(array, state->specials.convfmt());
  Value *value = element(name.view(), key, Missing::IsMade);
  if (!value)
    return Value();
  *value = Value::makeFloat(numberOf(*value) + number);
  return *value;
}

} // namespace fusevm
