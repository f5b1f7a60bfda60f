//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "NativeTestSupport.h"

#include "fusevm/Native/JitExtension.h"
#include "fusevm/Runtime/Coercions.h"

#include <cmath>

using namespace fusevm;

namespace {

constexpr uint16_t floorMod = 7;
constexpr uint16_t hypotenuse = 8;
constexpr uint16_t lessThan = 9;
constexpr uint16_t wrong = 10;

int64_t floorModOf(int64_t a, int64_t b) {
  if (b == 0 || b == -1)
    return 0;
  int64_t result = a % b;
  return result != 0 && (result < 0) != (b < 0) ? result + b : result;
}
double hypotenuseOf(double a, double b) { return std::sqrt(a * a + b * b); }

/// What the interpreter does.
void execute(VM &vm, uint16_t id, uint8_t, void *calls) {
  ++*static_cast<int *>(calls);
  Value b = vm.pop();
  Value a = vm.pop();
  if (id == floorMod)
    vm.push(Value::makeInt(floorModOf(toInt(a), toInt(b))));
  else if (id == lessThan)
    vm.push(Value::makeBool(toFloat(a) < toFloat(b)));
  else
    vm.push(Value::makeFloat(hypotenuseOf(toFloat(a), toFloat(b))));
}

/// The same in native code.
class Emitted : public JitExtension {
public:
  bool emit(uint16_t id, uint8_t, JitEmitter &emitter) const override {
    switch (id) {
    case floorMod: {
      JitEmitter::Int b = *emitter.popInt();
      JitEmitter::Int a = *emitter.popInt();
      JitEmitter::Int zero = emitter.constant(int64_t{0});
      // By 1 the remainder is 0, as it shall be for 0 and -1.
      JitEmitter::Int one = emitter.constant(int64_t{1});
      JitEmitter::Int divisor = emitter.select(emitter.compare(FUSEVM_EMIT_EQ, b, zero), one, b);
      divisor = emitter.select(emitter.compare(FUSEVM_EMIT_EQ, b, emitter.constant(int64_t{-1})),
                               one, divisor);
      JitEmitter::Int rest = emitter.operate(FUSEVM_EMIT_REM, a, divisor);
      JitEmitter::Int sum = emitter.operate(FUSEVM_EMIT_ADD, rest, divisor);
      JitEmitter::Bool signsDiffer =
          emitter.compare(FUSEVM_EMIT_LT, emitter.operate(FUSEVM_EMIT_XOR, rest, divisor), zero);
      sum = emitter.select(signsDiffer, sum, rest);
      emitter.push(emitter.select(emitter.compare(FUSEVM_EMIT_EQ, rest, zero), rest, sum));
      return true;
    }
    case hypotenuse: {
      JitEmitter::Float b = *emitter.popFloat();
      JitEmitter::Float a = *emitter.popFloat();
      emitter.push(emitter.call(hypotenuseOf, a, b));
      return true;
    }
    case lessThan: {
      JitEmitter::Float b = *emitter.popFloat();
      JitEmitter::Float a = *emitter.popFloat();
      emitter.push(emitter.compare(FUSEVM_EMIT_LT, a, b));
      return !emitter.popInt();
    }
    case wrong: // pops less than it should
      emitter.push(*emitter.popInt());
      return true;
    default:
      return false;
    }
  }
};

class JitExtensionTest : public fuzzing::NativeTest {
protected:
  /// The result of \p text, which pushes two values and executes op \p id on them in a loop,
  /// natively or not.
  Value run(uint16_t id, const std::string &a, const std::string &b, bool natively) {
    std::shared_ptr<const Chunk> chunk = fuzzing::load(
        a + "\nSetSlot 0\n" + b + "\nSetSlot 1\nagain:\nGetSlot 0\nGetSlot 1\nExtended " +
        std::to_string(id) + " 0\nSetSlot 2\nSlotIncLtIntJumpBack 3 5 again\nGetSlot 2\n");
    VM vm(chunk);
    calls = 0;
    vm.setExtensionHandler(execute, &calls);
    vm.declareExtension(id, {.pops = 2, .pushes = 1});
    if (natively) {
      auto compiler = std::make_shared<JitCompiler>();
      compiler->addExtension(std::make_shared<Emitted>());
      JitConfig config;
      config.tier = JitTier::Block;
      config.isSynchronous = true;
      vm.enableJit(compiler, config);
    }
    RunResult result = vm.run();
    EXPECT_TRUE(result.isOk());
    return result.isOk() ? result.value() : Value();
  }

  int calls = 0;
};

TEST_F(JitExtensionTest, emittedCodeTakesThePlaceOfTheHandler) {
  for (const char *a : {"LoadInt 7", "LoadInt -7", "LoadInt -9223372036854775808", "LoadInt 5",
                        "LoadFloat 7.9", "LoadTrue"})
    for (const char *b : {"LoadInt 3", "LoadInt -3", "LoadInt -1", "LoadInt 0", "LoadFloat -2.5"})
      for (uint16_t id : {floorMod, hypotenuse, lessThan}) {
        Value expected = run(id, a, b, /*natively=*/false);
        EXPECT_EQ(calls, 5);
        EXPECT_EQ(run(id, a, b, /*natively=*/true), expected) << id << ' ' << a << ' ' << b;
        EXPECT_EQ(calls, 0);
      }
}

TEST_F(JitExtensionTest, whatIsNotEmittedRightGoesToTheHandler) {
  for (uint16_t id : {wrong, uint16_t{11}}) {
    EXPECT_EQ(run(id, "LoadInt 3", "LoadInt 4", /*natively=*/true), Value::makeFloat(5.0));
    EXPECT_EQ(calls, 5);
  }
}

TEST_F(JitExtensionTest, textsGoToTheHandler) {
  EXPECT_EQ(run(floorMod, "LoadConst \"17\"", "LoadInt 5", /*natively=*/true), Value::makeInt(2));
  EXPECT_EQ(calls, 5);
}

} // namespace
