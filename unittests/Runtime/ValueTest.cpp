//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Runtime/Value.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Runtime/ValueHash.h"

#include "gtest/gtest.h"

#include <limits>
#include <string>

namespace fusevm {
namespace {

// Elements are only looked at before they are overwritten or freed if one may be on the heap.
TEST(ArrayTest, ReleasesWhatScalarsReplace) {
  int64_t before = heapStatistics().liveBytes;
  {
    Value text = Value::makeStr("text");
    Array array{Value::makeInt(1), Value::makeInt(2)};
    array.set(0, text);
    array.set(0, Value::makeInt(3)); // releases it
    array.set(1, text);
    array.set(1, text);
    array.push(text);
    Array copy(array);
    Array moved(std::move(copy));
    Array assigned;
    assigned = moved;
    assigned.set(2, Value());
    Array changed{Value(), Value()};
    changed[1] = text;
    *changed.begin() = text;
    changed.set(1, Value());
    EXPECT_EQ(array[0].asInt(), 3);
    EXPECT_EQ(moved[2].asStr(), "text");
    EXPECT_TRUE(assigned[2].isUndef());
    EXPECT_EQ(changed[0].asStr(), "text");
  }
  EXPECT_EQ(heapStatistics().liveBytes, before);
}

TEST(Value, CopiesShareUntilWritten) {
  Value original = Value::makeArray({Value::makeInt(1)});
  Value copy = original;
  EXPECT_FALSE(original.isUnique());
  EXPECT_EQ(&original.asArray(), &copy.asArray());
  copy.mutableArray()[0] = Value::makeInt(2);
  EXPECT_TRUE(original.isUnique());
  EXPECT_EQ(original.asArray()[0].asInt(), 1);
  EXPECT_EQ(copy.asArray()[0].asInt(), 2);

  Value hash = Value::makeHash();
  hash.mutableHash().set("k", Value::makeInt(1));
  Value other = hash;
  other.mutableHash().set("k", Value::makeInt(2));
  EXPECT_EQ(hash.asHash().find("k")->asInt(), 1);
}

TEST(Value, StringsShareTheirBuffer) {
  Value text = Value::makeStr("abc");
  Value copy = text;
  EXPECT_EQ(text.asStr().data(), copy.asStr().data());
  copy.appendStr("d");
  EXPECT_EQ(text.asStr(), "abc");
  EXPECT_EQ(copy.asStr(), "abcd");
}

TEST(Value, AppendIsInPlaceAndTakesItself) {
  Value text = Value::makeStr("ab");
  for (int i = 0; i != 10; ++i)
    text.appendStr(text.asStr());
  EXPECT_EQ(text.asStr().size(), 2048u);
  EXPECT_EQ(text.asStr().substr(2040), "abababab");
  text.appendStr("");
  EXPECT_EQ(text.asStr().size(), 2048u);
}

TEST(Value, AppendsManyTimes) {
  for (size_t times : {0, 1, 2, 3, 5, 64, 1000}) {
    std::string expected = "start";
    for (size_t i = 0; i != times; ++i)
      expected += "piece";
    Value text = Value::makeStr("start");
    text.appendStr("piece", times);
    EXPECT_EQ(text.asStr(), expected);
    Value shared = Value::makeStr("start");
    Value other = shared;
    shared.appendStr("piece", times);
    EXPECT_EQ(shared.asStr(), expected);
    EXPECT_EQ(other.asStr(), "start");
  }
  Value text = Value::makeStr("abc");
  text.appendStr(text.asStr().substr(1), 3);
  EXPECT_EQ(text.asStr(), "abcbcbcbc");
  text.appendStr("", 1000);
  EXPECT_EQ(text.asStr(), "abcbcbcbc");
}

TEST(Value, AStringThatGrowsForgetsItsHash) {
  Value text = Value::makeStr("k");
  text.appendStr("e");
  EXPECT_EQ(text.stringObject().hash(), hashOfText("ke"));
  text.appendStr("y");
  EXPECT_EQ(text.stringObject().hash(), hashOfText("key"));
  Hash hash;
  hash.set("key", Value::makeInt(1));
  EXPECT_NE(hash.find(text), nullptr);
}

TEST(Value, ComparesTextsOfAnyLength) {
  for (size_t size = 0; size != 40; ++size) {
    std::string text(size, 'x');
    Value value = Value::makeStr(text);
    EXPECT_TRUE(value.stringObject().hasSameText(value.stringObject()));
    EXPECT_TRUE(value.stringObject().hasSameText(Value::makeStr(text).stringObject()));
    EXPECT_FALSE(value.stringObject().hasSameText(Value::makeStr(text + "x").stringObject()));
    for (size_t i = 0; i != size; ++i) {
      std::string other = text;
      other[i] = 'y';
      EXPECT_FALSE(value.stringObject().hasSameText(Value::makeStr(other).stringObject()));
    }
  }
}

TEST(Value, AppendingToASharedStringStaysLinear) {
  int64_t before = heapStatistics().liveBytes;
  Value text = Value::makeStr("x");
  for (int i = 0; i != 1000; ++i) {
    Value copy = text;
    text.appendStr("y");
  }
  EXPECT_EQ(text.asStr().size(), 1001u);
  EXPECT_LT(heapStatistics().liveBytes - before, 4000);
}

TEST(Value, DeepStructuresAreFreedWithoutRecursion) {
  int64_t before = heapStatistics().liveBytes;
  {
    Value array;
    Value ref;
    Value hash;
    for (int i = 0; i != 2'000'000; ++i) {
      array = Value::makeArray({std::move(array)});
      ref = Value::makeRef(std::move(ref));
    }
    for (int i = 0; i != 200'000; ++i) {
      Hash entries;
      entries.set("k", std::move(hash));
      hash = Value::makeHash(std::move(entries));
    }
    EXPECT_EQ(toStr(array), "");
    EXPECT_TRUE(array == array);
    EXPECT_TRUE(identical(ref, ref));
    SipHasher13 hasher;
    addValue(hasher, hash);
    Value copy = array.deepCopy();
    EXPECT_TRUE(copy == array);
  }
  EXPECT_EQ(heapStatistics().liveBytes, before);
}

TEST(Value, DeepCopySharesNothing) {
  Value text = Value::makeStr("abc");
  Hash entries;
  entries.set("k", Value::makeArray({text, Value::makeRef(text)}));
  Value original = Value::makeHash(std::move(entries));
  Value copy = original.deepCopy();
  EXPECT_TRUE(copy == original);
  const Value &inner = copy.asHash().find("k")->asArray()[0];
  EXPECT_TRUE(inner.isUnique());
  EXPECT_NE(inner.asStr().data(), text.asStr().data());
}

TEST(Equality, IsTypedAndStructural) {
  const Value values[] = {Value(),
                          Value::makeBool(true),
                          Value::makeInt(1),
                          Value::makeFloat(1.0),
                          Value::makeStr("1"),
                          Value::makeStatus(1),
                          Value::makeNativeFn(1),
                          Value::makeStr(""),
                          Value::makeArray({Value::makeInt(1)}),
                          Value::makeRef(Value::makeInt(1))};
  for (const Value &a : values)
    for (const Value &b : values)
      EXPECT_EQ(a == b, &a == &b);
  EXPECT_TRUE(Value::makeFloat(0.0) == Value::makeFloat(-0.0));
  EXPECT_FALSE(identical(Value::makeFloat(0.0), Value::makeFloat(-0.0)));
  Value nan = Value::makeArray({Value::makeFloat(std::numeric_limits<double>::quiet_NaN())});
  EXPECT_FALSE(nan == nan);
  EXPECT_TRUE(identical(nan, nan));
}

TEST(Equality, OfHashesIgnoresOrder) {
  Hash forward;
  Hash backward;
  for (const char *key : {"a", "b", "c"})
    forward.set(key, Value::makeStr(key));
  for (const char *key : {"c", "b", "a"})
    backward.set(key, Value::makeStr(key));
  Value a = Value::makeHash(forward);
  Value b = Value::makeHash(backward);
  EXPECT_TRUE(a == b);
  EXPECT_FALSE(identical(a, b));
  b.mutableHash().set("a", Value::makeInt(1));
  EXPECT_FALSE(a == b);
}

TEST(Array, IsADequeueOfValues) {
  Array array;
  for (int i = 0; i != 1000; ++i)
    array.push(Value::makeInt(i));
  for (int i = 0; i != 700; ++i)
    EXPECT_EQ(array.shift().asInt(), i);
  for (int i = 1000; i != 3000; ++i) {
    array.push(Value::makeInt(i));
    EXPECT_EQ(array.shift().asInt(), i - 300);
  }
  EXPECT_EQ(array.size(), 300u);
  EXPECT_EQ(array.pop().asInt(), 2999);
  array.resize(400);
  EXPECT_TRUE(array[399].isUndef());
  array.resize(1);
  EXPECT_EQ(array[0].asInt(), 2700);
  Array copy(array);
  array = Array();
  EXPECT_EQ(copy.size(), 1u);
  EXPECT_TRUE(array.empty());
}

TEST(Hash, KeepsInsertionOrder) {
  Hash hash;
  for (int i = 0; i != 1000; ++i)
    hash.set(std::to_string(i), Value::makeInt(i));
  for (int i = 0; i != 1000; i += 2)
    EXPECT_EQ(hash.erase(std::to_string(i)).asInt(), i);
  EXPECT_TRUE(hash.erase("0").isUndef());
  hash.set("1", Value::makeInt(-1));
  hash.set("0", Value::makeInt(-2));
  EXPECT_EQ(hash.size(), 501u);
  int64_t expected = 1;
  for (const Hash::Entry &entry : hash) {
    if (expected < 1000) {
      EXPECT_EQ(entry.key.asStr(), std::to_string(expected));
      EXPECT_EQ(entry.value.asInt(), expected == 1 ? -1 : expected);
    } else {
      EXPECT_EQ(entry.key.asStr(), "0");
    }
    expected += 2;
  }
  EXPECT_EQ(hash.find("2"), nullptr);
}

TEST(Hash, FindsKeysThatAreStrings) {
  Hash hash;
  for (int i = 0; i != 1000; ++i)
    hash.set(Value::makeStr(std::to_string(i)), Value::makeInt(i));
  // Enough are gone for the rest to move together.
  for (int i = 0; i != 1000; ++i)
    if (i % 5 != 0)
      hash.erase(std::to_string(i));
  for (int i = 0; i != 1000; ++i) {
    const Value *found = hash.find(Value::makeStr(std::to_string(i)));
    ASSERT_EQ(found != nullptr, i % 5 == 0) << i;
    EXPECT_EQ(hash.find(std::to_string(i)), found);
    if (found) {
      EXPECT_EQ(found->asInt(), i);
    }
  }
  Value key = Value::makeStr("shared");
  hash.set(key, Value::makeInt(1));
  Value grown = key;
  key.appendStr(" no more");
  EXPECT_EQ(hash.find(grown)->asInt(), 1);
  EXPECT_EQ(hash.find(key), nullptr);
  EXPECT_EQ(hash.find("shared")->asInt(), 1);
  Hash copy(hash);
  EXPECT_EQ(copy.size(), 201u);
  EXPECT_EQ(copy.find(grown)->asInt(), 1);
}

TEST(Hash, RemembersWhereAKeyWas) {
  Value a = Value::makeStr("a");
  Value b = Value::makeStr("b");
  Hash one;
  one.set(a, Value::makeInt(1));
  one.set(b, Value::makeInt(2));
  Hash other;
  other.set(b, Value::makeInt(3));
  other.set("a", Value::makeInt(4)); // with a string of its own

  // Each time the place is that in the other hash.
  for (int i = 0; i != 3; ++i) {
    EXPECT_EQ(one.find(a)->asInt(), 1);
    EXPECT_EQ(one.find(b)->asInt(), 2);
    EXPECT_EQ(one.findAgain(b.stringObject())->value.asInt(), 2);
    EXPECT_EQ(other.find(b)->asInt(), 3);
    EXPECT_EQ(other.find(a)->asInt(), 4);
    EXPECT_EQ(other.findAgain(a.stringObject()), nullptr);
  }

  one.set(a, Value::makeInt(5));
  EXPECT_EQ(one.find(a)->asInt(), 5);
  Hash copy(one);
  one.erase("a");
  EXPECT_EQ(one.find(a), nullptr);
  EXPECT_EQ(one.size(), 1u);
  EXPECT_EQ(copy.find(a)->asInt(), 5);
  one.set(a, Value::makeInt(6));
  EXPECT_EQ(one.find(a)->asInt(), 6);
  EXPECT_EQ(one.findAgain(a.stringObject())->value.asInt(), 6);
  EXPECT_EQ(one.size(), 2u);
}

TEST(Hash, StaysSmallAsAQueue) {
  Hash hash;
  int64_t before = heapStatistics().liveBytes;
  for (int i = 0; i != 100000; ++i) {
    hash.set(std::to_string(i), Value::makeInt(i));
    if (i >= 10)
      hash.erase(std::to_string(i - 10));
  }
  EXPECT_EQ(hash.size(), 10u);
  EXPECT_LT(heapStatistics().liveBytes - before, 100000);
  EXPECT_EQ((*hash.begin()).value.asInt(), 99990);
}

TEST(ValueHash, TellsKindsApart) {
  auto hashOf = [](const Value &value) {
    SipHasher13 hasher;
    addValue(hasher, value);
    return hasher.finish();
  };
  EXPECT_NE(hashOf(Value::makeInt(0)), hashOf(Value::makeBool(false)));
  EXPECT_NE(hashOf(Value::makeInt(0)), hashOf(Value::makeStatus(0)));
  EXPECT_NE(hashOf(Value::makeInt(1)), hashOf(Value::makeFloat(1.0)));
  EXPECT_NE(hashOf(Value()), hashOf(Value::makeStr("")));
  EXPECT_NE(hashOf(Value::makeFloat(0.0)), hashOf(Value::makeFloat(-0.0)));
  EXPECT_EQ(hashOf(Value::makeFloat(std::numeric_limits<double>::quiet_NaN())),
            hashOf(Value::makeFloat(-std::numeric_limits<double>::quiet_NaN())));
  Value one = Value::makeInt(1);
  Value two = Value::makeInt(2);
  EXPECT_NE(hashOf(Value::makeArray({one, two})), hashOf(Value::makeArray({two, one})));
}

} // namespace
} // namespace fusevm
