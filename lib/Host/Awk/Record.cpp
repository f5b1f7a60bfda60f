//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Record.h"

#include "BoundedText.h"
#include "Conversions.h"

namespace fusevm::awk {

void Record::start(const std::shared_ptr<const FieldSeparator> &newSeparator) {
  // Counting references costs more than comparing.
  if (separator != newSeparator)
    separator = newSeparator;
  fields.clear();
  if (!values.empty())
    values.clear();
  cursor = {};
  splitDone = isStale = isRebuilt = false;
  cached = Value();
}

void Record::setView(std::string_view text,
                     const std::shared_ptr<const FieldSeparator> &newSeparator) {
  source = text;
  isView = true;
  start(newSeparator);
}

void Record::setCopy(std::string_view text,
                     const std::shared_ptr<const FieldSeparator> &newSeparator) {
  // The text may be part of the old record.
  owned = std::string(text);
  source = owned;
  isView = false;
  start(newSeparator);
}

void Record::keep() {
  if (!isView)
    return;
  owned.assign(source);
  for (std::string_view &field : fields)
    if (field.data() >= source.data() && field.data() <= source.data() + source.size())
      field = std::string_view(owned).substr(static_cast<size_t>(field.data() - source.data()),
                                             field.size());
  source = owned;
  isView = false;
}

bool Record::split(size_t index) {
  while (!splitDone && fields.size() < index) {
    std::string_view field;
    if (!separator || !separator->next(source, cursor, field))
      splitDone = true;
    else
      fields.push_back(field);
  }
  return fields.size() >= index;
}

size_t Record::fieldCount() {
  splitAll();
  return fields.size();
}

Value Record::field(size_t index) {
  if (!split(index))
    return Value();
  const Value *value = assigned(index);
  return value ? *value : Value::makeStr(fields[index - 1]);
}

double Record::fieldNumber(size_t index) {
  if (!split(index))
    return 0.0;
  const Value *value = assigned(index);
  return value ? numberOf(*value) : leadingNumber(fields[index - 1]);
}

void Record::setField(size_t index, Value value) {
  splitAll();
  if (fields.size() < index)
    fields.resize(index);
  if (values.size() < index)
    values.resize(index);
  // Undef stands for "not assigned".
  values[index - 1] = value.isUndef() ? Value::makeStr("") : std::move(value);
  isStale = true;
  cached = Value();
}

void Record::setFieldCount(size_t count) {
  splitAll();
  fields.resize(count);
  if (values.size() > count)
    values.resize(count);
  isStale = true;
  cached = Value();
}

absl::Status Record::join(const JoinStyle &style, size_t limit) {
  std::string joined;
  for (size_t i = 1; i <= fields.size(); ++i) {
    if (i != 1)
      joined += style.separator;
    if (const Value *value = assigned(i))
      appendValue(joined, *value, style.numberFormat);
    else
      joined += fields[i - 1];
    if (joined.size() > limit)
      return textTooLarge(limit);
  }
  rebuilt = std::move(joined);
  isRebuilt = true;
  isStale = false;
  cached = Value();
  return absl::OkStatus();
}

Value Record::value() {
  if (cached.isUndef())
    cached = Value::makeStr(text());
  return cached;
}

} // namespace fusevm::awk
