//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// RecordAwkHost: records, fields, variables and arrays.

#include "BoundedText.h"
#include "HostState.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <cmath>
#include <unistd.h>

extern char **environ;

namespace fusevm {

using namespace awk;

RecordAwkHost::RecordAwkHost(const AwkHostOptions &options)
    : state(std::make_unique<State>(options)) {
  ElementTable &environment = **state->variables.array("ENVIRON");
  for (char **entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      environment[text.substr(0, equals)] = Value::makeStr(text.substr(equals + 1));
  }
  setOperands("awk", {});
  state->streams.environment = [this] {
    std::vector<std::string> entries;
    const ElementTable &elements = **state->variables.array("ENVIRON");
    elements.forEach([&](std::string_view name, const Value &value) {
      entries.push_back(strCat(name, "=", Text(value).view()));
    });
    return entries;
  };
}

RecordAwkHost::~RecordAwkHost() { close().IgnoreError(); }

void RecordAwkHost::failWith(const absl::Status &status) {
  if (!status.ok())
    fail(std::string(status.message()),
         absl::IsResourceExhausted(status) ? ErrorKind::Limit : ErrorKind::Callback);
}

void RecordAwkHost::setOperands(std::string_view programName,
                                absl::Span<const std::string_view> operands) {
  state->input.setOperands(programName, operands);
}

void RecordAwkHost::setAssignmentHandler(AwkAssignmentHandler handler, void *user) {
  state->input.assigned = handler;
  state->input.assignedUser = user;
}

bool RecordAwkHost::nextRecord() {
  std::string_view record;
  std::string_view terminator;
  if (state->input.isInteractive())
    failWith(state->streams.flushAll());
  absl::StatusOr<bool> found = state->input.next(record, terminator);
  if (!found.ok())
    failWith(found.status());
  if (!found.ok() || !*found)
    return false; // the last record stays
  Specials &specials = state->specials;
  ++specials.nr;
  ++specials.fnr;
  specials.setText(Special::Rt, terminator);
  state->record.setView(record, specials.fieldSeparator());
  return true;
}

void RecordAwkHost::skipFile() { state->input.skipFile(); }

int RecordAwkHost::exitStatus() const {
  return static_cast<int>(saturatingTruncate(numberOf(state->specials.get(Special::Exit))) & 0xff);
}

OutputSink &RecordAwkHost::output() { return state->sink; }
absl::Status RecordAwkHost::close() {
  state->record.keep();
  state->input.close();
  return state->streams.closeAll();
}

//===----------------------------------------------------------------------===//
// Records and fields
//===----------------------------------------------------------------------===//

/// More fields would be too much memory for a mistake.
static constexpr int64_t mostFields = int64_t(1) << 27;

Value RecordAwkHost::fieldGet(int64_t index) {
  if (index == 0) {
    failWith(state->updateRecord());
    return state->record.value();
  }
  if (index > 0)
    return state->record.field(static_cast<size_t>(index));
  fail(strCat("attempt to access field ", index));
  return Value();
}

double RecordAwkHost::fieldNumber(int64_t index) {
  if (index > 0)
    return state->record.fieldNumber(static_cast<size_t>(index));
  if (index == 0) {
    failWith(state->updateRecord());
    return leadingNumber(state->record.text());
  }
  fail(strCat("attempt to access field ", index));
  return 0.0;
}

void RecordAwkHost::fieldSet(int64_t index, Value value) {
  if (index == 0)
    return setRecord(std::move(value));
  if (index < 0 || index > mostFields)
    return fail(strCat("attempt to access field ", index));
  state->record.setField(static_cast<size_t>(index), std::move(value));
}

int64_t RecordAwkHost::nf() { return static_cast<int64_t>(state->record.fieldCount()); }

void RecordAwkHost::setRecord(Value value) {
  AwkText text(value, state->specials.convfmt());
  state->record.setCopy(text.view(), state->specials.fieldSeparator());
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

Value RecordAwkHost::specialGet(std::string_view name) {
  std::optional<Special> special = findSpecial(name);
  if (!special)
    return state->variables.get(name);
  switch (*special) {
  case Special::Nf:
    return Value::makeInt(nf());
  case Special::Nr:
    return Value::makeInt(state->specials.nr);
  case Special::Fnr:
    return Value::makeInt(state->specials.fnr);
  default:
    return state->specials.get(*special);
  }
}

void RecordAwkHost::specialSet(std::string_view name, Value value) {
  std::optional<Special> special = findSpecial(name);
  if (!special)
    return failWith(state->variables.set(name, std::move(value)));
  switch (*special) {
  case Special::Nf: {
    int64_t count = saturatingTruncate(numberOf(value));
    if (count < 0)
      return fail("NF set to negative value");
    if (count > mostFields)
      return fail(strCat("NF set to too large a value: ", count));
    return state->record.setFieldCount(static_cast<size_t>(count));
  }
  case Special::Nr:
    state->specials.nr = saturatingTruncate(numberOf(value));
    return;
  case Special::Fnr:
    state->specials.fnr = saturatingTruncate(numberOf(value));
    return;
  case Special::Ofs:
    // A record whose fields have changed is joined as it would have been before.
    if (absl::Status status = state->updateRecord(); !status.ok())
      return failWith(status);
    [[fallthrough]];
  default:
    return failWith(state->specials.set(*special, std::move(value)));
  }
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

absl::StatusOr<Value> RecordAwkHost::State::subscript(const Value &key) const {
  if (key.isStr())
    return key;
  std::string text;
  if (!key.isArray()) {
    appendValue(text, key, specials.convfmt());
    return Value::makeStr(text);
  }
  const Array &parts = key.asArray();
  for (size_t i = 0; i != parts.size(); ++i) {
    if (i != 0)
      text += specials.subsep();
    appendValue(text, parts[i], specials.convfmt());
    if (text.size() > maxTextBytes)
      return textTooLarge(maxTextBytes);
  }
  return Value::makeStr(text);
}

absl::StatusOr<std::pair<ElementTable *, Value>>
RecordAwkHost::State::placeOf(std::string_view array, const Value &key) {
  absl::StatusOr<ElementTable *> elements = variables.array(array);
  if (!elements.ok())
    return elements.status();
  absl::StatusOr<Value> text = subscript(key);
  if (!text.ok())
    return text.status();
  return std::pair(*elements, *std::move(text));
}

Value *RecordAwkHost::element(std::string_view array, const Value &key, Missing missing) {
  auto place = state->placeOf(array, key);
  failWith(place.status());
  if (!place.ok())
    return nullptr;
  std::string_view subscript = place->second.asStr();
  return missing == Missing::IsMade ? &(*place->first)[subscript] : place->first->find(subscript);
}

Value RecordAwkHost::arrayGet(std::string_view array, const Value &key) {
  // Reading an element makes it.
  const Value *found = element(array, key, Missing::IsMade);
  return found ? *found : Value();
}

void RecordAwkHost::arraySet(std::string_view array, const Value &key, Value value) {
  if (Value *found = element(array, key, Missing::IsMade))
    *found = std::move(value);
}

bool RecordAwkHost::arrayExists(std::string_view array, const Value &key) {
  return element(array, key, Missing::StaysMissing) != nullptr;
}

void RecordAwkHost::arrayDelete(std::string_view array, const Value &key) {
  auto place = state->placeOf(array, key);
  failWith(place.status());
  if (place.ok())
    place->first->erase(place->second.asStr());
}

void RecordAwkHost::arrayClear(std::string_view array) {
  absl::StatusOr<ElementTable *> elements = state->variables.array(array);
  if (!elements.ok())
    return failWith(elements.status());
  (*elements)->clear();
}

int64_t RecordAwkHost::arrayLen(std::string_view array) {
  absl::StatusOr<ElementTable *> elements = state->variables.array(array);
  failWith(elements.status());
  return elements.ok() ? static_cast<int64_t>((*elements)->size()) : 0;
}

} // namespace fusevm
