//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Which value a parameter has, and how one gets another.

#include "ParameterExpansion.h"
#include "Session.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include <algorithm>
#include <unistd.h>

namespace fusevm::shell {

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

std::optional<Session::Global> Session::findGlobal(std::string_view name) const {
  if (!vm)
    return std::nullopt;
  if (std::optional<uint16_t> index = vm->findGlobal(name))
    return Global{vm, *index};
  for (auto caller = callers.rbegin(); caller != callers.rend(); ++caller)
    if (std::optional<uint16_t> index = (*caller)->findGlobal(name))
      return Global{*caller, *index};
  return std::nullopt;
}

Value Session::variable(std::string_view name) const {
  if (std::optional<Global> global = findGlobal(name))
    if (Value value = global->vm->getGlobal(global->index); !value.isUndef())
      return value;
  const Variable *found = variables.find(name);
  return found ? found->value : Value();
}

std::optional<std::string> Session::variableText(std::string_view name) const {
  Value value = variable(name);
  return value.isUndef() ? std::nullopt : std::optional(toStr(value));
}

bool Session::assign(std::string_view name, Value value) {
  Variable &entry = variables.get(name);
  if (entry.isReadOnly) {
    say(name, "readonly variable");
    return false;
  }
  if (std::optional<Global> global = findGlobal(name))
    global->vm->setGlobal(global->index, value);
  entry.value = std::move(value);
  return true;
}

bool Session::unset(std::string_view name) {
  const Variable *entry = variables.find(name);
  if (entry && entry->isReadOnly) {
    say(name, "readonly variable");
    return false;
  }
  if (std::optional<Global> global = findGlobal(name))
    global->vm->setGlobal(global->index, Value());
  variables.erase(name);
  return true;
}

std::vector<std::string> Session::environment() const {
  std::vector<std::string> result;
  for (const std::string &name : variables.exportedNames())
    if (std::optional<std::string> text = variableText(name))
      if (text->find('\0') == std::string::npos)
        result.push_back(strCat(name, "=", *text));
  return result;
}

Value Session::element(std::string_view name, const Value &index) const {
  Value array = variable(name);
  if (array.isHash()) {
    const Value *found = array.asHash().find(toStr(index));
    return found ? *found : Value();
  }
  int64_t position = toInt(index);
  bool isArray = array.isArray();
  if (!isArray && array.isUndef())
    return Value();
  int64_t size = isArray ? static_cast<int64_t>(array.asArray().size()) : 1;
  position += position < 0 ? size : 0;
  if (position < 0 || position >= size)
    return Value();
  return isArray ? array.asArray()[static_cast<size_t>(position)] : array;
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

static Value textArray(const std::vector<std::string> &texts) {
  Array array;
  for (const std::string &text : texts)
    array.push(Value::makeStr(text));
  return Value::makeArray(std::move(array));
}

/// The elements of an array, or the values of a hash, in order.
static Value elements(const Value &container) {
  if (!container.isHash())
    return container.isArray() || container.isUndef() ? container : Value::makeArray({container});
  Array array;
  for (const Hash::Entry &entry : container.asHash())
    array.push(entry.value);
  return Value::makeArray(std::move(array));
}

/// The value of a parameter of any kind; Undef if it is unset. An Array stands for several
/// values.
Value Session::parameter(std::string_view name) const {
  if (name == "@" || name == "*")
    return textArray(positional);
  if (name == "#")
    return Value::makeInt(static_cast<int64_t>(positional.size()));
  if (name == "?")
    return Value::makeInt(vm ? vm->lastStatus() : 0);
  if (name == "$")
    return Value::makeInt(shellProcess);
  if (name == "!")
    return jobs.last() == 0 ? Value() : Value::makeInt(jobs.last());
  if (name == "-")
    return Value::makeStr(strCat(noClobber ? "C" : "", noGlob ? "f" : ""));
  if (name == "0")
    return Value::makeStr(zero);
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos) {
    int64_t number = parseInt(name).value_or(INT64_MAX);
    bool isSet = number > 0 && static_cast<uint64_t>(number) <= positional.size();
    return isSet ? Value::makeStr(positional[static_cast<size_t>(number - 1)]) : Value();
  }
  size_t bracket = name.find('[');
  if (bracket == std::string_view::npos || !name.ends_with(']')) {
    Value value = variable(name);
    // An array without a subscript is its first element.
    return value.isArray() || value.isHash() ? element(name, Value::makeStr("0")) : value;
  }
  std::string_view array = name.substr(0, bracket);
  std::string_view index = name.substr(bracket + 1, name.size() - bracket - 2);
  if (index == "@" || index == "*")
    return elements(variable(array));
  return element(array, Value::makeStr(index));
}

bool Session::assignParameter(std::string_view name, Value value) {
  size_t bracket = name.find('[');
  std::string_view base = name.substr(0, bracket);
  if (!isVariableName(base)) {
    say(name, "cannot assign in this way");
    return false;
  }
  if (bracket == std::string_view::npos || !name.ends_with(']'))
    return assign(name, std::move(value));
  std::string_view index = name.substr(bracket + 1, name.size() - bracket - 2);
  Value container = variable(base);
  if (container.isHash()) {
    container.mutableHash().set(index, std::move(value));
    return assign(base, std::move(container));
  }
  Array array = container.isArray() ? container.asArray() : Array();
  int64_t position = parseInt(index).value_or(-1);
  if (position < 0 || position > (int64_t(1) << 24)) {
    say(name, "bad array subscript");
    return false;
  }
  if (static_cast<size_t>(position) >= array.size())
    array.resize(static_cast<size_t>(position) + 1);
  array[static_cast<size_t>(position)] = std::move(value);
  return assign(base, Value::makeArray(std::move(array)));
}

//===----------------------------------------------------------------------===//
// Expansion
//===----------------------------------------------------------------------===//

void Session::failExpansion(std::string_view name, std::string_view reason) {
  say(name, reason);
  requestExit(1);
}

Value Session::modify(const Value &value, ParamModifier modifier,
                      absl::Span<const Value> arguments) {
  absl::StatusOr<std::string> text = modifyText(toStr(value), modifier, arguments);
  if (text.ok())
    return Value::makeStr(*text);
  failExpansion("parameter", std::string(text.status().message()));
  return Value::makeStr("");
}

/// The keys of an array or hash.
static Value keysOf(const Value &container) {
  Array keys;
  if (container.isHash())
    for (const Hash::Entry &entry : container.asHash())
      keys.push(entry.key);
  else if (container.isArray())
    for (size_t i = 0; i != container.asArray().size(); ++i)
      keys.push(Value::makeStr(strCat(i)));
  else if (!container.isUndef())
    keys.push(Value::makeStr("0"));
  return Value::makeArray(std::move(keys));
}

static Value lengthOf(const Value &value) {
  size_t count = value.isArray() ? value.asArray().size() : countCharacters(toStr(value));
  return Value::makeInt(static_cast<int64_t>(count));
}

Value Session::expandParam(std::string_view name, ParamModifier modifier,
                           absl::Span<const Value> arguments) {
  Value value = parameter(name);
  bool isEmpty = value.isArray() ? value.asArray().empty() : toStr(value).empty();
  Value word = arguments.empty() ? Value() : Value::makeStr(toStr(arguments[0]));
  switch (modifier) {
  case ParamModifier::Default:
    return isEmpty ? word : value;
  case ParamModifier::Assign:
    if (!isEmpty)
      return value;
    if (!assignParameter(name, word))
      requestExit(1);
    return word;
  case ParamModifier::Error:
    if (isEmpty)
      failExpansion(name, word.asStr().empty() ? "parameter null or not set" : word.asStr());
    return isEmpty ? Value::makeStr("") : value;
  case ParamModifier::Alternate:
    return isEmpty ? Value::makeStr("") : word;
  case ParamModifier::Length:
    return lengthOf(value);
  case ParamModifier::Keys:
    return keysOf(variable(name.substr(0, name.find('['))));
  case ParamModifier::Indirect: {
    if (value.isUndef()) {
      failExpansion(name, "invalid indirect expansion");
      return Value::makeStr("");
    }
    Value target = parameter(toStr(value));
    return target.isUndef() ? Value::makeStr("") : target;
  }
  default: // made of a text, below
    break;
  }
  if (!isTextModifier(modifier))
    return value.isUndef() ? Value::makeStr("") : value;
  if (!value.isArray())
    return modify(value, modifier, arguments);
  const Array &list = value.asArray();
  Array result;
  if (modifier == ParamModifier::Slice) {
    absl::StatusOr<SliceBounds> bounds = sliceBounds(list.size(), arguments);
    if (!bounds.ok())
      failExpansion(name, std::string(bounds.status().message()));
    else
      for (size_t i = bounds->start; i != bounds->end; ++i)
        result.push(list[i]);
    return Value::makeArray(std::move(result));
  }
  for (const Value &item : list)
    result.push(modify(item, modifier, arguments));
  return Value::makeArray(std::move(result));
}

} // namespace fusevm::shell
