//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Interp/ConstantDivisor.h"

#include <gtest/gtest.h>

#include <random>

using namespace fusevm;

TEST(ConstantDivisor, IsForWhatTheMethodIsExactFor) {
  for (int64_t divisor : {int64_t{2}, int64_t{3}, int64_t{INT32_MAX}})
    EXPECT_TRUE(ConstantDivisor::mayBe(divisor)) << divisor;
  for (int64_t divisor :
       {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{-3}, int64_t{INT32_MAX} + 1, INT64_MIN})
    EXPECT_FALSE(ConstantDivisor::mayBe(divisor)) << divisor;
}

TEST(ConstantDivisor, RemainderIsThatOfTheDivision) {
  std::mt19937_64 random(1);
  std::vector<int64_t> divisors{
      2, 3, 5, 7, 8, 10, 641, 97, 60, 1000003, 1103515245, 1 << 30, INT32_MAX - 1, INT32_MAX};
  for (int i = 0; i != 200; ++i)
    divisors.push_back(2 + static_cast<int64_t>(random() % (INT32_MAX - 1)));
  for (int64_t divisor : divisors) {
    ConstantDivisor constant = ConstantDivisor::of(divisor);
    std::vector<int64_t> dividends{0,
                                   1,
                                   -1,
                                   divisor - 1,
                                   divisor,
                                   divisor + 1,
                                   -divisor,
                                   INT32_MAX,
                                   int64_t{UINT32_MAX} - 1,
                                   UINT32_MAX,
                                   int64_t{UINT32_MAX} + 1,
                                   int64_t{UINT32_MAX} / divisor * divisor,
                                   int64_t{UINT32_MAX} / divisor * divisor - 1,
                                   INT64_MAX,
                                   INT64_MIN};
    for (int i = 0; i != 200; ++i) {
      dividends.push_back(static_cast<int64_t>(random()));
      dividends.push_back(static_cast<int64_t>(random() >> 32));
    }
    for (int64_t dividend : dividends)
      ASSERT_EQ(constant.remainder(dividend), dividend % divisor) << dividend << " % " << divisor;
  }
}
