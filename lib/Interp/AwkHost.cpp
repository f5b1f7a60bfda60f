//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What an AWK host does unless it does otherwise.

#include "fusevm/Interp/AwkHost.h"

#include "fusevm/Runtime/AwkBuiltins.h"
#include "fusevm/Runtime/Coercions.h"

namespace fusevm {

Value AwkHost::fieldGet(int64_t) { return Value::makeStr(""); }
void AwkHost::fieldSet(int64_t, Value) {}
int64_t AwkHost::nf() { return 0; }
void AwkHost::setRecord(Value) {}
Value AwkHost::specialGet(std::string_view) { return Value(); }
void AwkHost::specialSet(std::string_view, Value) {}

void AwkHost::print(absl::Span<const Value>) {}
void AwkHost::printf(std::string_view, absl::Span<const Value>) {}
Value AwkHost::sprintf(std::string_view, absl::Span<const Value>) { return Value::makeStr(""); }
int64_t AwkHost::getline(uint64_t, std::optional<std::string_view>,
                         std::optional<std::string_view>) {
  return 0;
}

int64_t AwkHost::length(const Value *value) { return awk::length(value); }
Value AwkHost::substr(const Value &value, int64_t start, std::optional<int64_t> count) {
  return awk::substr(value, start, count);
}
int64_t AwkHost::index(const Value &text, const Value &needle) { return awk::index(text, needle); }
Value AwkHost::toLower(const Value &value) { return awk::toLower(value); }
Value AwkHost::toUpper(const Value &value) { return awk::toUpper(value); }
int64_t AwkHost::split(const Value &, std::string_view, const Value *) { return 0; }
int64_t AwkHost::sub(const Value &, const Value &, const AwkLvalue &) { return 0; }
int64_t AwkHost::gsub(const Value &, const Value &, const AwkLvalue &) { return 0; }
int64_t AwkHost::match(const Value &, const Value &) { return 0; }
Value AwkHost::gensub(const Value &, const Value &, const Value &, const Value *) {
  return Value::makeStr("");
}

Value AwkHost::integer(const Value &value) { return awk::integer(value); }
Value AwkHost::sqrt(const Value &x) { return awk::sqrt(x); }
Value AwkHost::sin(const Value &x) { return awk::sin(x); }
Value AwkHost::cos(const Value &x) { return awk::cos(x); }
Value AwkHost::exp(const Value &x) { return awk::exp(x); }
Value AwkHost::log(const Value &x) { return awk::log(x); }
Value AwkHost::atan2(const Value &y, const Value &x) { return awk::atan2(y, x); }
Value AwkHost::bitAnd(absl::Span<const Value> operands) {
  return Value::makeInt(awk::foldAnd(operands));
}
Value AwkHost::bitOr(absl::Span<const Value> operands) {
  return Value::makeInt(awk::foldOr(operands));
}
Value AwkHost::bitXor(absl::Span<const Value> operands) {
  return Value::makeInt(awk::foldXor(operands));
}
Value AwkHost::bitCompl(const Value &value) { return Value::makeInt(awk::compl_(value)); }
Value AwkHost::lshift(const Value &value, const Value &count) {
  return Value::makeInt(awk::lshift(value, count));
}
Value AwkHost::rshift(const Value &value, const Value &count) {
  return Value::makeInt(awk::rshift(value, count));
}
Value AwkHost::strtonum(const Value &value) {
  return Value::makeFloat(awk::strtonum(Text(value).view()));
}
Value AwkHost::ord(const Value &value) { return awk::ord(value); }
Value AwkHost::chr(const Value &value) { return awk::chr(value); }
Value AwkHost::mkbool(const Value &value) { return awk::mkbool(value); }
Value AwkHost::intdiv(const Value &dividend, const Value &divisor) {
  return awk::intdiv(dividend, divisor);
}
Value AwkHost::intdiv0(const Value &dividend, const Value &divisor) {
  return awk::intdiv0(dividend, divisor);
}

Value AwkHost::systime() { return Value::makeFloat(awk::systime()); }
Value AwkHost::strftime(absl::Span<const Value> operands) { return awk::strftime(operands); }
Value AwkHost::mktime(absl::Span<const Value> operands) { return awk::mktime(operands); }

Value AwkHost::arrayGet(std::string_view, const Value &) { return Value::makeStr(""); }
void AwkHost::arraySet(std::string_view, const Value &, Value) {}
bool AwkHost::arrayExists(std::string_view, const Value &) { return false; }
void AwkHost::arrayDelete(std::string_view, const Value &) {}
void AwkHost::arrayClear(std::string_view) {}
int64_t AwkHost::arrayLen(std::string_view) { return 0; }

AwkOrder AwkHost::compare(const Value &a, const Value &b) {
  int order = awk::compare(a, b);
  return order < 0 ? AwkOrder::Less : order > 0 ? AwkOrder::Greater : AwkOrder::Equal;
}

uint64_t AwkHost::extensionOperands(uint16_t, uint64_t) { return 0; }
Value AwkHost::extension(uint16_t, uint64_t, absl::Span<const Value>) { return Value(); }

} // namespace fusevm
