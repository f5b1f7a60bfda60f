//===- JitExtension.h - Native code for extension ops -----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Lets a frontend say what its Extended ops are in native code, in place of a call of its
/// handler.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_NATIVE_JITEXTENSION_H
#define FUSEVM_NATIVE_JITEXTENSION_H

#include "fusevm/Native/JitPlugin.h"

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace fusevm {

/// Emits one op: pops its operands, computes, pushes its results, as many as
/// VM::declareExtension() says. Nothing is computed yet; what the functions return stands for
/// values of the compiled code.
class JitEmitter {
public:
  struct Int {
    FusevmEmitValue *value;
  };
  struct Float {
    FusevmEmitValue *value;
  };
  struct Bool {
    FusevmEmitValue *value;
  };

  explicit JitEmitter(FusevmEmitter &table) : table(table) {}

  /// The top operand as a number, which every scalar is. Nothing: there is none left.
  std::optional<Int> popInt() { return optional<Int>(table.popInt(&table)); }
  std::optional<Float> popFloat() { return optional<Float>(table.popFloat(&table)); }
  void push(Int result) { table.push(&table, result.value); }
  void push(Float result) { table.push(&table, result.value); }
  void push(Bool result) { table.push(&table, result.value); }

  Int constant(int64_t number) { return {table.intConstant(&table, number)}; }
  Float constant(double number) { return {table.floatConstant(&table, number)}; }
  Int toInt(Float number) { return {table.toInt(&table, number.value)}; }
  Float toFloat(Int number) { return {table.toFloat(&table, number.value)}; }

  /// See FusevmEmitOperation: a divisor that may be 0 has to be replaced before.
  Int operate(FusevmEmitOperation operation, Int a, Int b) {
    return {table.operate(&table, operation, a.value, b.value)};
  }
  Float operate(FusevmEmitOperation operation, Float a, Float b) {
    return {table.operate(&table, operation, a.value, b.value)};
  }
  template <typename Number> Bool compare(FusevmEmitComparison comparison, Number a, Number b) {
    return {table.compare(&table, comparison, a.value, b.value)};
  }
  template <typename Any> Any select(Bool condition, Any whenTrue, Any whenFalse) {
    return {table.select(&table, condition.value, whenTrue.value, whenFalse.value)};
  }

  /// Calls \p function when the op is executed. It must not use the VM.
  template <typename... Parameters, typename... Arguments>
  Int call(int64_t (*function)(Parameters...), Arguments... arguments) {
    return {callAny(function, /*returnsFloat=*/false, arguments...)};
  }
  template <typename... Parameters, typename... Arguments>
  Float call(double (*function)(Parameters...), Arguments... arguments) {
    return {callAny(function, /*returnsFloat=*/true, arguments...)};
  }

private:
  template <typename Number> static std::optional<Number> optional(FusevmEmitValue *value) {
    return value ? std::optional(Number{value}) : std::nullopt;
  }
  template <typename Result, typename... Parameters, typename... Arguments>
  FusevmEmitValue *callAny(Result (*function)(Parameters...), bool returnsFloat,
                           Arguments... arguments) {
    static_assert(
        (std::is_same_v<Arguments,
                        std::conditional_t<std::is_same_v<Parameters, double>, Float, Int>> &&
         ...),
        "an argument of another kind than the parameter");
    static_assert(
        ((std::is_same_v<Parameters, double> || std::is_same_v<Parameters, int64_t>) && ...),
        "integers are int64_t, floats double");
    std::array<FusevmEmitValue *, sizeof...(Arguments)> values{arguments.value...};
    return table.call(&table, reinterpret_cast<const void *>(function), returnsFloat, values.data(),
                      values.size());
  }

  FusevmEmitter &table;
};

/// A frontend's native code for its Extended ops. What is emitted must do exactly what the
/// handler does that the VMs have; this cannot be checked. Used by the compile thread.
class JitExtension {
public:
  virtual ~JitExtension() = default;

  /// Whether there is native code for Extended(\p id, …): for JitCompiler::isEligible() and
  /// isBlockEligible(), which cannot know of emit().
  virtual bool canEmit(uint16_t id) const { return (void)id, true; }

  /// Emits Extended(\p id, \p arg). False: the handler executes it. Must decide and emit the
  /// same each time.
  virtual bool emit(uint16_t id, uint8_t arg, JitEmitter &emitter) const = 0;
};

} // namespace fusevm

#endif // FUSEVM_NATIVE_JITEXTENSION_H
