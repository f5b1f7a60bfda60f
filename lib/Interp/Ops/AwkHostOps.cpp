//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The AWK ops that a host is asked for. Without a host the one with all the defaults is.

#include "../CallbackGuard.h"
#include "AwkOps.h"

#include "fusevm/IR/AwkIds.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace fusevm {

namespace {

/// The operands of an op, the lowest first. Few need no memory of their own.
class Operands {
public:
  Operands() = default;
  Operands(const Operands &) = delete;
  Operands &operator=(const Operands &) = delete;
  ~Operands() { std::destroy(first, first + count); }

  size_t size() const { return count; }
  bool empty() const { return count == 0; }
  Value *data() { return first; }
  const Value *data() const { return first; }
  Value &operator[](size_t index) { return assert(index < count), first[index]; }
  const Value &operator[](size_t index) const { return assert(index < count), first[index]; }

  /// Takes the top \p present values of \p stack; Undef stands for as many as are missing.
  void take(ValueStack &stack, size_t missing, size_t present) {
    if (missing + present > fewest) {
      memory.reset(new Bytes[missing + present]);
      first = reinterpret_cast<Value *>(memory.get());
    }
    count = missing + present;
    missingCount = missing;
    std::uninitialized_value_construct_n(first, missing);
    // Values may be moved by copying their bytes.
    Value *top = stack.end() - present;
    std::memcpy(static_cast<void *>(first + missing), static_cast<void *>(top),
                present * sizeof(Value));
    stack.setEnd(top);
  }

  /// Gives back what was taken.
  void putBack(ValueStack &stack) {
    for (size_t i = missingCount; i != count; ++i)
      stack.push(std::move(first[i]));
  }

private:
  struct alignas(Value) Bytes {
    unsigned char bytes[sizeof(Value)];
  };
  static constexpr size_t fewest = 4;

  Bytes few[fewest];
  std::unique_ptr<Bytes[]> memory;
  Value *first = reinterpret_cast<Value *>(few);
  size_t count = 0;
  size_t missingCount = 0;
};

/// Takes \p count operands off the stack, the lowest first; missing ones are Undef, and the
/// lowest. False, with the pending error set and nothing taken, if that cannot be. Hosts read
/// operands as texts, so that of an array is bounded.
bool take(Machine &machine, uint64_t count, Operands &operands) {
  // Undef stands for what is missing, but not for the sake of an absurd count.
  constexpr uint64_t mostMissing = UINT16_MAX;
  size_t present = std::min<uint64_t>(machine.stack.size(), count);
  if (count - present > mostMissing) {
    machine.fail(ErrorKind::Runtime, strCat("too few operands: ", count, " wanted, ", present,
                                            present == 1 ? " is" : " are", " on the stack"));
    return false;
  }
  Value *first = machine.stack.end() - present;
  for (const Value &value : absl::MakeSpan(first, present))
    if (value.isArray() && Text(value, machine.limits.maxStringBytes).tooLarge()) {
      machine.failTextTooLarge();
      return false;
    }
  operands.take(machine.stack, count - present, present);
  return true;
}

AwkHost &defaultHost() {
  static AwkHost host;
  return host;
}

/// Calls the host, which is detached meanwhile, and turns what it throws or reports into
/// the run's error.
template <typename Call> OpStatus askHost(Machine &machine, Call call) {
  if (!machine.awk.host) {
    call(defaultHost());
    return OpStatus::Continue;
  }
  uint64_t op = machine.ip - 1;
  std::shared_ptr<AwkHost> attached = std::move(machine.awk.host);
  Thrown failure = guarded([&] { call(*attached); });
  ErrorKind kind = ErrorKind::Callback;
  if (!failure && attached->hasFailed()) {
    kind = attached->failureKind();
    failure = attached->takeFailure();
  }
  machine.awk.host = std::move(attached);
  if (!failure)
    return OpStatus::Continue;
  machine.error = {kind, *std::move(failure), op};
  return OpStatus::Failed;
}

/// Takes \p count operands and gives them to the host.
template <typename Call> OpStatus statement(Machine &machine, uint64_t count, Call call) {
  Operands operands;
  if (!take(machine, count, operands))
    return OpStatus::Failed;
  return askHost(machine, [&](AwkHost &host) { call(host, operands); });
}

/// The same, and pushes what the host returns.
template <typename Call> OpStatus function(Machine &machine, uint64_t count, Call call) {
  Operands operands;
  Value result;
  if (!take(machine, count, operands))
    return OpStatus::Failed;
  OpStatus status = askHost(machine, [&](AwkHost &host) { result = call(host, operands); });
  if (status != OpStatus::Continue)
    return status;
  size_t size = result.isStr() ? result.asStr().size() : 0;
  if (size > machine.limits.maxStringBytes) {
    operands.putBack(machine.stack);
    return machine.failTooLarge("string", size, "bytes");
  }
  machine.stack.push(std::move(result));
  return OpStatus::Continue;
}

std::string_view nameOf(const Machine &machine, uint64_t index) {
  const std::vector<std::string> &names = machine.chunk->names;
  return index < names.size() ? std::string_view(names[index]) : std::string_view();
}

/// Operand \p index, or null if there are not so many.
const Value *operandAt(const Operands &operands, size_t index) {
  return index < operands.size() ? &operands[index] : nullptr;
}

/// Operand \p index, or an empty text.
Value textAt(const Operands &operands, size_t index) {
  return index < operands.size() ? operands[index] : Value::makeStr("");
}

absl::Span<const Value> from(const Operands &operands, size_t index) {
  return absl::MakeConstSpan(operands).subspan(std::min(index, operands.size()));
}

} // namespace

#define FUSEVM_AWK_STATEMENT(Name, Count, Body)                                                    \
  OpStatus run##Name(Machine &machine, [[maybe_unused]] uint64_t payload) {                        \
    return statement(machine, Count, [&](AwkHost &host, [[maybe_unused]] Operands &v) { Body; });  \
  }
#define FUSEVM_AWK_FUNCTION(Name, Count, Result)                                                   \
  OpStatus run##Name(Machine &machine, [[maybe_unused]] uint64_t payload) {                        \
    return function(machine, Count,                                                                \
                    [&](AwkHost &host, [[maybe_unused]] Operands &v) -> Value { return Result; }); \
  }
#define FUSEVM_NAME nameOf(machine, payload)

//===----------------------------------------------------------------------===//
// Records, fields, variables, arrays
//===----------------------------------------------------------------------===//

FUSEVM_AWK_FUNCTION(AwkFieldGet, 1, host.fieldGet(toInt(v[0])))
FUSEVM_AWK_STATEMENT(AwkFieldSet, 2, host.fieldSet(toInt(v[1]), std::move(v[0])))
FUSEVM_AWK_FUNCTION(AwkNf, 0, Value::makeInt(host.nf()))
FUSEVM_AWK_STATEMENT(AwkSetRecord, 1, host.setRecord(std::move(v[0])))
FUSEVM_AWK_FUNCTION(AwkSpecialGet, 0, host.specialGet(FUSEVM_NAME))
FUSEVM_AWK_STATEMENT(AwkSpecialSet, 1, host.specialSet(FUSEVM_NAME, std::move(v[0])))

FUSEVM_AWK_FUNCTION(AwkArrayGet, 1, host.arrayGet(FUSEVM_NAME, v[0]))
FUSEVM_AWK_STATEMENT(AwkArraySet, 2, host.arraySet(FUSEVM_NAME, v[1], std::move(v[0])))
FUSEVM_AWK_FUNCTION(AwkArrayExists, 1, Value::makeBool(host.arrayExists(FUSEVM_NAME, v[0])))
FUSEVM_AWK_STATEMENT(AwkArrayDelete, 1, host.arrayDelete(FUSEVM_NAME, v[0]))
FUSEVM_AWK_STATEMENT(AwkArrayClear, 0, host.arrayClear(FUSEVM_NAME))
FUSEVM_AWK_FUNCTION(AwkArrayLen, 0, Value::makeInt(host.arrayLen(FUSEVM_NAME)))

//===----------------------------------------------------------------------===//
// Input and output
//===----------------------------------------------------------------------===//

/// The text of the first operand, which is the format.
static std::string formatOf(const Operands &operands) {
  return operands.empty() ? std::string() : toStr(operands[0]);
}

FUSEVM_AWK_STATEMENT(AwkPrint, payload, host.print(v))
FUSEVM_AWK_STATEMENT(AwkPrintf, payload, host.printf(formatOf(v), from(v, 1)))
FUSEVM_AWK_FUNCTION(AwkSprintf, payload, host.sprintf(formatOf(v), from(v, 1)))

OpStatus runAwkGetline(Machine &machine, uint64_t payload) {
  bool hasOperand = payload >= static_cast<uint64_t>(AwkGetlineKind::File) &&
                    payload <= static_cast<uint64_t>(AwkGetlineKind::CommandVariable);
  return function(machine, hasOperand, [&](AwkHost &host, Operands &v) {
    if (!hasOperand)
      return Value::makeInt(host.getline(payload, std::nullopt, std::nullopt));
    Text operand(v[0]);
    return Value::makeInt(host.getline(payload, operand.view(), std::nullopt));
  });
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

FUSEVM_AWK_FUNCTION(AwkLength, payload != 0, Value::makeInt(host.length(operandAt(v, 0))))

static Value substr(AwkHost &host, const Operands &operands) {
  int64_t start = operands.size() < 2 ? 1 : toInt(operands[1]);
  std::optional<int64_t> count;
  if (operands.size() >= 3)
    count = toInt(operands[2]);
  return host.substr(textAt(operands, 0), start, count);
}

static Value split(AwkHost &host, const Operands &operands) {
  Value array = textAt(operands, 1);
  return Value::makeInt(
      host.split(textAt(operands, 0), Text(array).view(), operandAt(operands, 2)));
}

static AwkLvalue substitutionTarget(const Operands &operands) {
  return operands.size() >= 3 ? AwkLvalue::variable(toStr(operands[2])) : AwkLvalue::field(0);
}

static Value gensub(AwkHost &host, const Operands &operands) {
  Value how = operands.size() >= 3 ? operands[2] : Value::makeStr("g");
  return host.gensub(textAt(operands, 0), textAt(operands, 1), how, operandAt(operands, 3));
}

FUSEVM_AWK_FUNCTION(AwkSubstr, payload, substr(host, v))
FUSEVM_AWK_FUNCTION(AwkIndex, 2, Value::makeInt(host.index(v[0], v[1])))
FUSEVM_AWK_FUNCTION(AwkSplit, payload, split(host, v))
FUSEVM_AWK_FUNCTION(AwkSub, payload,
                    Value::makeInt(host.sub(textAt(v, 0), textAt(v, 1), substitutionTarget(v))))
FUSEVM_AWK_FUNCTION(AwkGsub, payload,
                    Value::makeInt(host.gsub(textAt(v, 0), textAt(v, 1), substitutionTarget(v))))
FUSEVM_AWK_FUNCTION(AwkMatch, 2, Value::makeInt(host.match(v[0], v[1])))
FUSEVM_AWK_FUNCTION(AwkGensub, payload, gensub(host, v))
FUSEVM_AWK_FUNCTION(AwkToLower, 1, host.toLower(v[0]))
FUSEVM_AWK_FUNCTION(AwkToUpper, 1, host.toUpper(v[0]))
FUSEVM_AWK_FUNCTION(AwkOrd, 1, host.ord(v[0]))
FUSEVM_AWK_FUNCTION(AwkChr, 1, host.chr(v[0]))

//===----------------------------------------------------------------------===//
// Numbers and time
//===----------------------------------------------------------------------===//

FUSEVM_AWK_FUNCTION(AwkInt, 1, host.integer(v[0]))
FUSEVM_AWK_FUNCTION(AwkSqrt, 1, host.sqrt(v[0]))
FUSEVM_AWK_FUNCTION(AwkSin, 1, host.sin(v[0]))
FUSEVM_AWK_FUNCTION(AwkCos, 1, host.cos(v[0]))
FUSEVM_AWK_FUNCTION(AwkExp, 1, host.exp(v[0]))
FUSEVM_AWK_FUNCTION(AwkLog, 1, host.log(v[0]))
FUSEVM_AWK_FUNCTION(AwkAtan2, 2, host.atan2(v[0], v[1]))
FUSEVM_AWK_FUNCTION(AwkAnd, payload, host.bitAnd(v))
FUSEVM_AWK_FUNCTION(AwkOr, payload, host.bitOr(v))
FUSEVM_AWK_FUNCTION(AwkXor, payload, host.bitXor(v))
FUSEVM_AWK_FUNCTION(AwkCompl, 1, host.bitCompl(v[0]))
FUSEVM_AWK_FUNCTION(AwkLshift, 2, host.lshift(v[0], v[1]))
FUSEVM_AWK_FUNCTION(AwkRshift, 2, host.rshift(v[0], v[1]))
FUSEVM_AWK_FUNCTION(AwkStrtonum, 1, host.strtonum(v[0]))
FUSEVM_AWK_FUNCTION(AwkMkbool, 1, host.mkbool(v[0]))
FUSEVM_AWK_FUNCTION(AwkIntdiv, 2, host.intdiv(v[0], v[1]))
FUSEVM_AWK_FUNCTION(AwkIntdiv0, 2, host.intdiv0(v[0], v[1]))
FUSEVM_AWK_FUNCTION(AwkSystime, 0, host.systime())
FUSEVM_AWK_FUNCTION(AwkStrftime, payload, host.strftime(v))
FUSEVM_AWK_FUNCTION(AwkMktime, payload, host.mktime(v))

//===----------------------------------------------------------------------===//
// Ops and ids
//===----------------------------------------------------------------------===//

#define FUSEVM_AWK_OP(Number, Name)                                                                \
  OpStatus exec##Name(Machine &machine, const Instruction &instruction) {                          \
    return run##Name(machine, instruction.a());                                                    \
  }
#include "fusevm/IR/AwkIds.def"

static OpStatus runExtension(Machine &machine, uint16_t id, uint64_t payload) {
  // The one difference between the host with the defaults and none.
  if (!machine.awk.host)
    return OpStatus::Continue;
  uint64_t count = 0;
  OpStatus status =
      askHost(machine, [&](AwkHost &host) { count = host.extensionOperands(id, payload); });
  if (status != OpStatus::Continue)
    return status;
  // The fast loop hands over no more than is known of the id.
  if (machine.windows.isActive() && machine.windows.transferred(machine.stack.size()) != count)
    machine.windows.leave(machine);
  return function(machine, count,
                  [&](AwkHost &host, Operands &v) { return host.extension(id, payload, v); });
}

OpStatus runAwkId(Machine &machine, uint16_t id, uint64_t payload) {
  switch (id) {
#define FUSEVM_AWK_OP(Number, Name)                                                                \
  case Number:                                                                                     \
    return run##Name(machine, payload);
#include "fusevm/IR/AwkIds.def"
  default: // an extension, or unassigned
    return runExtension(machine, id, payload);
  }
}

//===----------------------------------------------------------------------===//
// Fields as numbers
//===----------------------------------------------------------------------===//

namespace {
thread_local Callback<AwkFieldNumHook> fieldNumHook;
} // namespace

void setAwkFieldNumHook(AwkFieldNumHook hook, void *user) { fieldNumHook = {hook, user}; }

OpStatus execAwkGetFieldNum(Machine &machine, const Instruction &instruction) {
  double number = 0.0;
  if (fieldNumHook.function) {
    uint64_t op = machine.ip - 1;
    Thrown thrown =
        guarded([&] { number = fieldNumHook.function(instruction.a(), fieldNumHook.user); });
    // The hook may belong to the host, which reports like any of its methods.
    if (!thrown && machine.awk.host)
      thrown = machine.awk.host->takeFailure();
    if (thrown) {
      machine.error = {ErrorKind::Callback, *std::move(thrown), op};
      return OpStatus::Failed;
    }
  }
  machine.stack.push(Value::makeFloat(number));
  return OpStatus::Continue;
}

} // namespace fusevm
