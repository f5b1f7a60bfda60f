//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "StateComparison.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include "absl/container/flat_hash_set.h"

#include <cmath>
#include <vector>

namespace fusevm::fuzzing {

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

namespace {

/// Compares value graphs, each pair of containers once: values that share parts take no
/// longer than their size in memory.
class ValueComparison {
public:
  bool same(const Value &lhs, const Value &rhs) {
    pending.emplace_back(&lhs, &rhs);
    while (!pending.empty()) {
      auto [left, right] = pending.back();
      pending.pop_back();
      if (!sameNode(*left, *right))
        return false;
    }
    return true;
  }

private:
  bool sameNode(const Value &lhs, const Value &rhs) {
    if (lhs.kind() != rhs.kind())
      return false;
    switch (lhs.kind()) {
    case Kind::Float:
      return (std::isnan(lhs.asFloat()) && std::isnan(rhs.asFloat())) || identical(lhs, rhs);
    case Kind::Array:
      return sameArray(lhs.asArray(), rhs.asArray());
    case Kind::Hash:
      return sameHash(lhs.asHash(), rhs.asHash());
    case Kind::Ref:
      pending.emplace_back(&lhs.asRef(), &rhs.asRef());
      return true;
    case Kind::Undef:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Status:
    case Kind::NativeFn:
    case Kind::Str:
      return identical(lhs, rhs);
    }
    return false;
  }

  bool sameArray(const Array &lhs, const Array &rhs) {
    if (lhs.size() != rhs.size() || !seen.emplace(&lhs, &rhs).second)
      return lhs.size() == rhs.size();
    for (size_t i = 0; i != lhs.size(); ++i)
      pending.emplace_back(&lhs[i], &rhs[i]);
    return true;
  }

  bool sameHash(const Hash &lhs, const Hash &rhs) {
    if (lhs.size() != rhs.size() || !seen.emplace(&lhs, &rhs).second)
      return lhs.size() == rhs.size();
    for (auto left = lhs.begin(), right = rhs.begin(); left != lhs.end(); ++left, ++right) {
      if (left->key.asStr() != right->key.asStr())
        return false;
      pending.emplace_back(&left->value, &right->value);
    }
    return true;
  }

  std::vector<std::pair<const Value *, const Value *>> pending;
  absl::flat_hash_set<std::pair<const void *, const void *>> seen;
};

} // namespace

//===----------------------------------------------------------------------===//
// States and results
//===----------------------------------------------------------------------===//

static std::string describe(const Value &value) {
  std::string text(kindName(value.kind()));
  text += ' ';
  if (!appendText(text, value, 200))
    text += "...";
  return text;
}

template <typename Number>
static Difference compareNumbers(std::string_view what, Number lhs, Number rhs) {
  if (lhs == rhs)
    return std::nullopt;
  return strCat(what, ": ", static_cast<uint64_t>(lhs), " in the fast loop, ",
                static_cast<uint64_t>(rhs), " in the baseline loop");
}

static std::string describeDifference(std::string_view what, const Value &lhs, const Value &rhs) {
  return strCat(what, ": ", describe(lhs), " in the fast loop, ", describe(rhs),
                " in the baseline loop");
}

Difference compareTexts(std::string_view what, std::string_view lhs, std::string_view rhs) {
  if (lhs == rhs)
    return std::nullopt;
  return strCat(what, ": \"", lhs, "\" in the fast loop, \"", rhs, "\" in the baseline loop");
}

static absl::Span<const Value> withoutTrailingUndef(absl::Span<const Value> values) {
  while (!values.empty() && values.back().isUndef())
    values.remove_suffix(1);
  return values;
}

static Difference compareSpans(ValueComparison &values, std::string_view what,
                               absl::Span<const Value> lhs, absl::Span<const Value> rhs) {
  if (lhs.size() != rhs.size())
    return compareNumbers(strCat(what, " size"), lhs.size(), rhs.size());
  for (size_t i = 0; i != lhs.size(); ++i)
    if (!values.same(lhs[i], rhs[i]))
      return describeDifference(strCat(what, " ", i), lhs[i], rhs[i]);
  return std::nullopt;
}

static Difference compareFrame(ValueComparison &values, const FrameView &lhs,
                               const FrameView &rhs) {
  if (auto difference = compareNumbers("stackBase", lhs.stackBase, rhs.stackBase))
    return difference;
  if (auto difference = compareNumbers("isScope", lhs.isScope, rhs.isScope))
    return difference;
  return compareSpans(values, "slot", withoutTrailingUndef(lhs.slots),
                      withoutTrailingUndef(rhs.slots));
}

static Difference compareFrames(ValueComparison &values, const VM &lhs, const VM &rhs) {
  if (auto difference = compareNumbers("frames", lhs.frameCount(), rhs.frameCount()))
    return difference;
  for (size_t i = 0; i != lhs.frameCount(); ++i)
    if (auto difference = compareFrame(values, lhs.frame(i), rhs.frame(i)))
      return strCat("frame ", i, ": ", *difference);
  return std::nullopt;
}

static Difference compareGlobals(ValueComparison &values, const VM &lhs, const VM &rhs) {
  if (auto difference = compareNumbers("globals", lhs.globalCount(), rhs.globalCount()))
    return difference;
  for (size_t i = 0; i != lhs.globalCount(); ++i) {
    Value left = lhs.getGlobal(static_cast<uint16_t>(i));
    Value right = rhs.getGlobal(static_cast<uint16_t>(i));
    if (!values.same(left, right))
      return describeDifference(strCat("global ", i), left, right);
  }
  return std::nullopt;
}

Difference compareData(const VM &lhs, const VM &rhs) {
  ValueComparison values;
  if (auto difference = compareSpans(values, "stack", lhs.stack(), rhs.stack()))
    return difference;
  if (auto difference = compareFrames(values, lhs, rhs))
    return difference;
  if (auto difference = compareGlobals(values, lhs, rhs))
    return difference;
  if (auto difference = compareNumbers("halted", lhs.isHalted(), rhs.isHalted()))
    return difference;
  return compareNumbers("last status", lhs.lastStatus(), rhs.lastStatus());
}

Difference compareStates(const VM &lhs, const VM &rhs) {
  if (auto difference = compareNumbers("ip", lhs.ip(), rhs.ip()))
    return difference;
  if (auto difference = compareData(lhs, rhs))
    return difference;
  for (size_t i = 0; i != lhs.frameCount(); ++i)
    if (auto difference = compareNumbers("returnIp", lhs.frame(i).returnIp, rhs.frame(i).returnIp))
      return strCat("frame ", i, ": ", *difference);
  if (auto difference = compareNumbers("fuel", lhs.fuel().value_or(0), rhs.fuel().value_or(0)))
    return difference;
  if (auto difference = compareNumbers("ops executed", lhs.statistics().ops, rhs.statistics().ops))
    return difference;
  return compareNumbers("calls", lhs.statistics().calls, rhs.statistics().calls);
}

static std::string describe(const RunError &error) {
  std::string text = strCat("kind ", static_cast<unsigned>(error.kind), " \"", error.message,
                            "\" at op ", error.op, " line ", error.line, " source \"", error.source,
                            "\" omitted ", error.omittedCalls);
  for (const CallSite &site : error.callStack)
    strAppend(text, ", ", site.function, " op ", site.op, " line ", site.line);
  return text;
}

Difference compareResults(const RunResult &lhs, const RunResult &rhs) {
  if (lhs.isError() && rhs.isError())
    return compareTexts("error", describe(lhs.error()), describe(rhs.error()));
  auto asText = [](const RunResult &result) {
    if (result.isError())
      return describe(result.error());
    return result.isOk() ? "ok " + describe(result.value()) : "halted";
  };
  if (lhs.outcome() != rhs.outcome())
    return compareTexts("outcome", asText(lhs), asText(rhs));
  if (lhs.isOk() && !ValueComparison().same(lhs.value(), rhs.value()))
    return describeDifference("result", lhs.value(), rhs.value());
  return std::nullopt;
}

} // namespace fusevm::fuzzing
