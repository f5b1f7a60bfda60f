//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The same computations in C++, with inputs that the compiler does not know.

#include "Workload.h"

namespace fusevm::benchmarks {

/// Returns \p value as the compiler cannot know it.
template <typename Number> static Number opaque(Number value) {
  benchmark::DoNotOptimize(value);
  return value;
}

static int64_t sum(int64_t limit) {
  int64_t sum = 0;
  for (int64_t i = 0; i < limit; ++i)
    sum += i;
  return sum;
}

static int64_t nestedSum(int64_t limit) {
  int64_t sum = 0;
  for (int64_t i = 0; i < limit; ++i)
    for (int64_t j = 0; j < limit; ++j)
      sum += i + j;
  return sum;
}

static size_t stringBuild(int64_t limit) {
  std::string text;
  text.reserve(static_cast<size_t>(limit) + 1);
  for (int64_t i = 0; i <= limit; ++i)
    text += 'x';
  benchmark::DoNotOptimize(text.data());
  return text.size();
}

static int64_t slotAdd(int64_t value, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    value += 1;
  return value;
}

static int64_t slotMixed(int64_t value) {
  uint64_t wrapping = static_cast<uint64_t>(value);
  for (int i = 0; i < 100; ++i)
    wrapping = wrapping * 3 + 7 - 2;
  return static_cast<int64_t>(wrapping);
}

static int64_t slotBitwise(int64_t value) {
  for (int i = 0; i < 200; ++i)
    value = ((value & 255) << 3) ^ 4660;
  return value;
}

static double slotFloat(double value) {
  for (int i = 0; i < 200; ++i)
    value = (value + 0.1) * 1.001;
  return value;
}

static int64_t numericLoop(int64_t limit) {
  int64_t sum = 0;
  for (int64_t i = 0; i < limit; ++i)
    sum += i * 3 - 1;
  return sum;
}

/// Registers \p compute, which must return \p expected.
template <typename Result, typename Compute>
static void add(const char *name, Result expected, Compute compute) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State &state) {
    Result result = {};
    for (auto _ : state) {
      result = compute();
      benchmark::DoNotOptimize(result);
    }
    if (result != expected)
      fail(state, "wrong result");
  });
}

void addNativeBenchmarks() {
  add<int64_t>("sum_1M/native", 499999500000, [] { return sum(opaque<int64_t>(1000000)); });
  add<int64_t>("nested_loop_100x100/native", 990000,
               [] { return nestedSum(opaque<int64_t>(100)); });
  add<size_t>("string_build_10k/native", 10001, [] { return stringBuild(opaque<int64_t>(10000)); });
  add<int64_t>("slot_add_100/native", 142,
               [] { return slotAdd(opaque<int64_t>(42), opaque<int64_t>(100)); });
  add<int64_t>("slot_add_1000/native", 1042,
               [] { return slotAdd(opaque<int64_t>(42), opaque<int64_t>(1000)); });
  add<int64_t>("slot_mixed_100/native", -3688508110453902894,
               [] { return slotMixed(opaque<int64_t>(42)); });
  add<int64_t>("slot_bitwise_200/native", 5780,
               [] { return slotBitwise(opaque<int64_t>(3735928559)); });
  add<double>("slot_float_200/native", 0x1.75f1944a2e548p+4, [] { return slotFloat(opaque(1.0)); });
  add<int64_t>("numeric_loop_200k/native", 59999500000,
               [] { return numericLoop(opaque<int64_t>(200000)); });
}

} // namespace fusevm::benchmarks
