//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Helpers.h"

#include "../Interp/FastValues.h"

#include "fusevm/Runtime/Semantics.h"

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace fusevm::native {

static Machine &machineOf(FusevmNativeContext *context) {
  return *static_cast<Machine *>(context->machine);
}
static Value &valueAt(FusevmValue *value) { return reinterpret_cast<Value &>(*value); }
static const Value &valueAt(const FusevmValue *value) {
  return reinterpret_cast<const Value &>(*value);
}
static const StringObject &textAt(const FusevmString *text) {
  return reinterpret_cast<const StringObject &>(*text);
}

//===----------------------------------------------------------------------===//
// Coercions
//===----------------------------------------------------------------------===//

/// Looks at kind and payload as at a value, without a reference of its own.
template <typename Function> static auto withValue(uint32_t kind, uint64_t bits, Function look) {
  FusevmValue plain{.kind = kind, .unused = 0, .bits = bits};
  alignas(Value) std::byte value[sizeof(Value)];
  std::memcpy(value, &plain, sizeof(Value));
  return look(*std::launder(reinterpret_cast<const Value *>(value)));
}

void destroy(uint32_t kind, uint64_t bits) {
  FusevmValue plain{.kind = kind, .unused = 0, .bits = bits};
  std::destroy_at(&valueAt(&plain));
}

uint32_t isTrue(uint32_t kind, uint64_t bits) {
  return withValue(kind, bits, [](const Value &value) { return truthy(value); });
}
int64_t toInt(uint32_t kind, uint64_t bits) {
  return withValue(kind, bits, [](const Value &value) { return fusevm::toInt(value); });
}
double toFloat(uint32_t kind, uint64_t bits) {
  return withValue(kind, bits, [](const Value &value) { return fusevm::toFloat(value); });
}

//===----------------------------------------------------------------------===//
// Containers
//===----------------------------------------------------------------------===//

uint32_t arraySet(FusevmNativeContext *context, FusevmArray *array, int64_t index, uint32_t kind,
                  uint64_t bits) {
  auto &elements = reinterpret_cast<Array &>(*array);
  if (index < 0)
    return 1;
  auto position = static_cast<size_t>(index);
  if (position >= elements.size()) {
    if (position >= machineOf(context).limits.maxContainerSize)
      return 1;
    if (position == elements.size()) {
      elements.pushScalar(static_cast<Kind>(kind), bits);
      return 0;
    }
    elements.resize(position + 1);
  }
  elements.set(position, Value::makeScalar(static_cast<Kind>(kind), bits));
  return 0;
}

void loadConstant(FusevmNativeContext *context, uint32_t constant) {
  machineOf(context).pooledConstant(constant);
}

const FusevmValue *findInHash(FusevmNativeContext *context, uint64_t op, const FusevmValue *hash,
                              const FusevmValue *key) {
  Machine &machine = machineOf(context);
  machine.ip = op + 1;
  return reinterpret_cast<const FusevmValue *>(
      fusevm::findInHash(machine, valueAt(hash), valueAt(key)));
}

const FusevmValue *findText(const FusevmHash *hash, const FusevmString *key) {
  const Value *found = withValue(
      static_cast<uint32_t>(Kind::Str), reinterpret_cast<uint64_t>(key),
      [hash](const Value &text) { return reinterpret_cast<const Hash &>(*hash).find(text); });
  return reinterpret_cast<const FusevmValue *>(found ? found : &Machine::undef());
}

FusevmValue *placeOfText(FusevmNativeContext *context, FusevmHash *hash, const FusevmString *key) {
  Hash &target = reinterpret_cast<Hash &>(*hash);
  bool isFull = target.size() >= machineOf(context).limits.maxContainerSize;
  Value *place = withValue(static_cast<uint32_t>(Kind::Str), reinterpret_cast<uint64_t>(key),
                           [&](const Value &text) {
                             return isFull ? const_cast<Value *>(std::as_const(target).find(text))
                                           : &target.findOrAdd(text);
                           });
  return reinterpret_cast<FusevmValue *>(place);
}

//===----------------------------------------------------------------------===//
// Texts
//===----------------------------------------------------------------------===//

uint32_t concat(FusevmNativeContext *context, uint64_t op, FusevmValue *target, FusevmValue *left,
                const FusevmValue *right) {
  Machine &machine = machineOf(context);
  machine.ip = op + 1;
  return concatenate(machine, valueAt(target), valueAt(left), valueAt(right), /*givesUp=*/0) !=
         OpStatus::Continue;
}

uint32_t isSameText(const FusevmString *a, const FusevmString *b) {
  return textAt(a).hasSameText(textAt(b));
}
int64_t compareTexts(const FusevmString *a, const FusevmString *b) {
  int order = textAt(a).view().compare(textAt(b).view());
  return (order > 0) - (order < 0);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

int64_t gcd(int64_t a, int64_t b) {
  return semantics::GcdInt(Value::makeInt(a), Value::makeInt(b)).asInt();
}
int64_t lcm(int64_t a, int64_t b) {
  return semantics::LcmInt(Value::makeInt(a), Value::makeInt(b)).asInt();
}

} // namespace fusevm::native
