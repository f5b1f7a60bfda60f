//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Host/Awk/ElementTable.h"

#include "gtest/gtest.h"

#include <map>
#include <random>
#include <string>

namespace fusevm::awk {
namespace {

std::string keysOf(const ElementTable &table) {
  std::string keys;
  table.forEach([&](std::string_view key, const Value &) { keys += std::string(key) + " "; });
  return keys;
}

TEST(AwkElementTable, KeepsTheOrderOfInsertion) {
  ElementTable table;
  EXPECT_EQ(table.find("a"), nullptr);
  for (const char *key : {"c", "a", "", "b"})
    table[key] = Value::makeStr(key);
  table["a"] = Value::makeInt(1);
  EXPECT_EQ(keysOf(table), "c a  b ");
  table.erase("a");
  table.erase("none");
  table["a"];
  EXPECT_EQ(keysOf(table), "c  b a ");
  EXPECT_TRUE(table.find("a")->isUndef());
  EXPECT_EQ(table.size(), 4u);
  table.clear();
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.find("c"), nullptr);
  EXPECT_EQ(keysOf(table), "");
}

TEST(AwkElementTable, ForgetsWhatIsErasedFromAQueue) {
  ElementTable table;
  constexpr int64_t length = 100;
  for (int64_t i = 0; i != 20000; ++i) {
    table[std::to_string(i)] = Value::makeStr(std::to_string(i));
    if (i >= length)
      table.erase(std::to_string(i - length));
  }
  EXPECT_EQ(table.size(), 100u);
  EXPECT_LT(table.bytes(), size_t(20000));
  EXPECT_TRUE(keysOf(table).starts_with("19900 19901 "));
  EXPECT_EQ(table.find("19950")->asStr(), "19950");
  table.clear();
  table["again"] = Value::makeInt(1);
  EXPECT_EQ(keysOf(table), "again ");
}

TEST(AwkElementTable, KeysOfAnySize) {
  ElementTable table;
  for (size_t size = 0; size != 300; ++size)
    table[std::string(size * size, 'k')] = Value::makeInt(static_cast<int64_t>(size));
  for (size_t size = 0; size != 300; ++size)
    EXPECT_EQ(table.find(std::string(size * size, 'k'))->asInt(), static_cast<int64_t>(size));
  EXPECT_EQ(table.find("kk"), nullptr);
}

TEST(AwkElementTable, AgreesWithAMap) {
  ElementTable table;
  std::map<std::string, int64_t> expected;
  std::mt19937 random(1);
  for (int64_t step = 0; step != 20000; ++step) {
    std::string key = std::to_string(random() % 500);
    if (random() % 3 == 0) {
      table.erase(key);
      expected.erase(key);
    } else {
      table[key] = Value::makeInt(step);
      expected[key] = step;
    }
    if (step % 100 != 0)
      continue;
    ASSERT_EQ(table.size(), expected.size());
    for (int64_t i = 0; i != 500; ++i) {
      std::string probe = std::to_string(i);
      Value *value = table.find(probe);
      auto known = expected.find(probe);
      ASSERT_EQ(value != nullptr, known != expected.end()) << probe;
      if (value) {
        ASSERT_EQ(value->asInt(), known->second);
      }
    }
  }
}

} // namespace
} // namespace fusevm::awk
