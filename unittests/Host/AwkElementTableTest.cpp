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
  for (const ElementTable::Element *element = table.front(); element; element = element->next)
    keys += std::string(element->key()) + " ";
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
