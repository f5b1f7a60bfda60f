//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// RecordAwkHost: text functions and regular expressions.

#include "HostState.h"
#include "Substitution.h"

#include "fusevm/Runtime/AwkBuiltins.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/File.h"
#include "fusevm/Support/StrCat.h"
#include "fusevm/Support/Utf8.h"

#include <charconv>
#include <iterator>
#include <unistd.h>

namespace fusevm {

using namespace awk;

/// \p value as a Str: what the native functions make of a number is not AWK's text.
static Value asText(const Value &value, const Specials &specials) {
  if (value.isStr())
    return value;
  return Value::makeStr(AwkText(value, specials.convfmt()).view());
}

int64_t RecordAwkHost::length(const Value *value) {
  if (!value) {
    failWith(state->updateRecord());
    return static_cast<int64_t>(countCharacters(state->record.text()));
  }
  return static_cast<int64_t>(countCharacters(AwkText(*value, state->specials.convfmt()).view()));
}

Value RecordAwkHost::substr(const Value &value, int64_t start, std::optional<int64_t> count) {
  return awk::substr(asText(value, state->specials), start, count);
}

int64_t RecordAwkHost::index(const Value &text, const Value &needle) {
  Value haystack = asText(text, state->specials);
  Value searched = asText(needle, state->specials);
  if (!state->specials.ignoreCase())
    return awk::index(haystack, searched);
  return awk::index(awk::toLower(haystack), awk::toLower(searched));
}

Value RecordAwkHost::toLower(const Value &value) {
  return awk::toLower(asText(value, state->specials));
}
Value RecordAwkHost::toUpper(const Value &value) {
  return awk::toUpper(asText(value, state->specials));
}
Value RecordAwkHost::ord(const Value &value) { return awk::ord(asText(value, state->specials)); }
Value RecordAwkHost::chr(const Value &value) { return awk::chr(Value::makeFloat(numberOf(value))); }

//===----------------------------------------------------------------------===//
// match and split
//===----------------------------------------------------------------------===//

/// The position of \p part in \p text in characters, from 1.
static int64_t positionOf(std::string_view text, Match part) {
  auto offset = static_cast<size_t>(part.data() - text.data());
  return static_cast<int64_t>(countCharacters(text.substr(0, offset))) + 1;
}

int64_t RecordAwkHost::match(const Value &text, const Value &regex) {
  return matchInto(text, regex, {});
}

int64_t RecordAwkHost::matchInto(const Value &text, const Value &regex, std::string_view array) {
  absl::StatusOr<std::shared_ptr<const Regex>> compiled = state->regex(regex);
  if (!compiled.ok()) {
    failWith(compiled.status());
    return 0;
  }
  AwkText subject(text, state->specials.convfmt());
  std::vector<Match> groups(array.empty() ? 1 : (*compiled)->groupCount() + 1);
  bool found = (*compiled)->search(subject.view(), 0, absl::MakeSpan(groups));
  int64_t start = found ? positionOf(subject.view(), groups[0]) : 0;
  int64_t length = found ? static_cast<int64_t>(countCharacters(groups[0])) : -1;
  failWith(state->specials.set(Special::Rstart, Value::makeInt(start)));
  failWith(state->specials.set(Special::Rlength, Value::makeInt(length)));
  if (array.empty())
    return start;
  arrayClear(array);
  for (size_t i = 0; found && i != groups.size(); ++i) {
    if (!groups[i].data())
      continue;
    Value key = Value::makeInt(static_cast<int64_t>(i));
    auto part = [&](std::string_view name) {
      return Value::makeArray({key, Value::makeStr(name)});
    };
    arraySet(array, key, Value::makeStr(groups[i]));
    arraySet(array, part("start"), Value::makeInt(positionOf(subject.view(), groups[i])));
    arraySet(array, part("length"),
             Value::makeInt(static_cast<int64_t>(countCharacters(groups[i]))));
  }
  return start;
}

int64_t RecordAwkHost::split(const Value &text, std::string_view array, const Value *separator) {
  return splitInto(text, array, separator, std::nullopt);
}

/// The separator that an operand of split is: a Ref holds a regular expression, anything else
/// is as FS would be.
static absl::StatusOr<std::shared_ptr<const FieldSeparator>>
separatorOf(RegexCache &regexes, const Specials &specials, const Value *operand) {
  if (!operand)
    return specials.fieldSeparator();
  AwkText text(*operand, specials.convfmt());
  if (!operand->isRef())
    return FieldSeparator::fromText(text.view(), /*newlineToo=*/false, specials.ignoreCase(),
                                    regexes);
  absl::StatusOr<std::shared_ptr<const Regex>> regex =
      regexes.get(text.view(), specials.ignoreCase());
  if (!regex.ok())
    return regex.status();
  return FieldSeparator::fromRegex(*std::move(regex));
}

int64_t RecordAwkHost::splitInto(const Value &text, std::string_view array, const Value *separator,
                                 std::optional<std::string_view> separators) {
  auto rule = separatorOf(state->regexes, state->specials, separator);
  if (!rule.ok()) {
    failWith(rule.status());
    return 0;
  }
  // A copy: the text may be that of an element of the array.
  Value subject = asText(text, state->specials);
  std::string_view whole = subject.asStr();
  absl::StatusOr<ElementTable *> pieces = state->variables.array(array);
  absl::StatusOr<ElementTable *> between =
      separators ? state->variables.array(*separators) : absl::StatusOr<ElementTable *>(nullptr);
  if (!pieces.ok() || !between.ok()) {
    failWith(pieces.ok() ? between.status() : pieces.status());
    return 0;
  }
  (*pieces)->clear();
  if (*between)
    (*between)->clear();
  FieldSeparator::Cursor cursor;
  size_t end = 0;
  int64_t count = 0;
  auto set = [&count](ElementTable &elements, std::string_view element) {
    char key[20];
    char *keyEnd = std::to_chars(key, std::end(key), count).ptr;
    elements[{key, static_cast<size_t>(keyEnd - key)}] = Value::makeStr(element);
  };
  auto setSeparator = [&](std::string_view separation) {
    bool isInner = count != 0 && end != whole.size();
    if (*between && (isInner || !separation.empty()))
      set(**between, separation);
  };
  for (std::string_view piece; (*rule)->next(whole, cursor, piece);) {
    auto start = static_cast<size_t>(piece.data() - whole.data());
    setSeparator(whole.substr(end, start - end));
    end = start + piece.size();
    ++count;
    set(**pieces, piece);
  }
  setSeparator(whole.substr(end));
  return count;
}

//===----------------------------------------------------------------------===//
// sub, gsub, gensub
//===----------------------------------------------------------------------===//

Value RecordAwkHost::lvalueGet(const AwkLvalue &target) {
  switch (target.shape) {
  case AwkLvalue::Shape::Variable:
    return specialGet(target.name);
  case AwkLvalue::Shape::Field:
    return fieldGet(target.number);
  case AwkLvalue::Shape::Element:
    return arrayGet(target.name, Value::makeStr(target.key));
  }
  return Value();
}

void RecordAwkHost::lvalueSet(const AwkLvalue &target, Value value) {
  switch (target.shape) {
  case AwkLvalue::Shape::Variable:
    return specialSet(target.name, std::move(value));
  case AwkLvalue::Shape::Field:
    return fieldSet(target.number, std::move(value));
  case AwkLvalue::Shape::Element:
    return arraySet(target.name, Value::makeStr(target.key), std::move(value));
  }
}

int64_t RecordAwkHost::substitute(const Value &regex, const Value &replacement,
                                  const AwkLvalue &target, bool all) {
  absl::StatusOr<std::shared_ptr<const Regex>> compiled = state->regex(regex);
  if (!compiled.ok()) {
    failWith(compiled.status());
    return 0;
  }
  std::string_view convfmt = state->specials.convfmt();
  Value former = lvalueGet(target);
  AwkText text(former, convfmt);
  AwkText newText(replacement, convfmt);
  std::string &out = state->scratch;
  absl::StatusOr<uint64_t> count =
      awk::substitute(**compiled, text.view(), newText.view(), ReplacementStyle::Sub,
                      all ? Occurrences::all() : Occurrences::only(1), state->maxTextBytes, out);
  if (!count.ok()) {
    failWith(count.status());
    return 0;
  }
  if (*count != 0)
    lvalueSet(target, Value::makeStr(out));
  return static_cast<int64_t>(*count);
}

int64_t RecordAwkHost::sub(const Value &regex, const Value &replacement, const AwkLvalue &target) {
  return substitute(regex, replacement, target, /*all=*/false);
}

int64_t RecordAwkHost::gsub(const Value &regex, const Value &replacement, const AwkLvalue &target) {
  return substitute(regex, replacement, target, /*all=*/true);
}

/// Which matches the third operand of gensub means.
static Occurrences occurrencesOf(const Value &how, std::string_view convfmt) {
  AwkText text(how, convfmt);
  if (text.view().starts_with('g') || text.view().starts_with('G'))
    return Occurrences::all();
  double number = numberOf(how);
  if (number >= 1)
    return Occurrences::only(static_cast<uint64_t>(saturatingTruncate(number)));
  std::string warning =
      strCat("awk: warning: gensub: third argument `", text.view(), "' treated as 1\n");
  writeDescriptor(STDERR_FILENO, warning).IgnoreError();
  return Occurrences::only(1);
}

Value RecordAwkHost::gensub(const Value &regex, const Value &replacement, const Value &how,
                            const Value *target) {
  absl::StatusOr<std::shared_ptr<const Regex>> compiled = state->regex(regex);
  if (!compiled.ok()) {
    failWith(compiled.status());
    return Value();
  }
  std::string_view convfmt = state->specials.convfmt();
  Value text = target ? asText(*target, state->specials) : fieldGet(0);
  AwkText newText(replacement, convfmt);
  std::string &out = state->scratch;
  absl::StatusOr<uint64_t> count =
      awk::substitute(**compiled, text.asStr(), newText.view(), ReplacementStyle::Gensub,
                      occurrencesOf(how, convfmt), state->maxTextBytes, out);
  if (!count.ok()) {
    failWith(count.status());
    return Value();
  }
  return *count == 0 ? text : Value::makeStr(out);
}

} // namespace fusevm
