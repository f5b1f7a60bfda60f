//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Native code for arrays, hashes, texts and constants on the heap: it leaves the same state
/// as the interpreter whichever of its guards fails and whatever is in its inline caches, and
/// no reference is lost or given up twice.

#include "NativeTestSupport.h"

#include "fusevm/Native/JitPlugin.h"
#include "fusevm/Support/StrCat.h"

using namespace fusevm;
using namespace fusevm::fuzzing;

namespace {

/// What a program does before its loop, and in each iteration, with the number of it in slot i.
struct Program {
  std::string_view name;
  std::string_view setUp;
  std::string_view body;
};

constexpr Program programs[] = {
    {"FieldsOfAHash", R"(
  MakeHash 0
  SetVar h
  LoadInt 1
  LoadConst "x"
  HashSet h
)",
     R"(
  LoadConst "x"
  HashGet h
  GetSlot i
  Add
  LoadConst "x"
  HashSet h
  LoadConst "y"
  HashGet h
  LoadConst 0.5
  Add
  LoadConst "y"
  HashSet h
)"},
    {"FieldsOfEveryKind", R"(
  MakeHash 0
  SetVar h
)",
     R"(
  LoadConst ["shared"]
  LoadConst "x"
  HashSet h
  LoadConst "x"
  HashGet h
  SetSlot a
  GetSlot a
  LoadConst "y"
  HashSet h
  LoadConst "text"
  LoadConst "x"
  HashSet h
  LoadConst "x"
  HashGet h
  LoadConst "y"
  HashGet h
  SetVar g
  LoadConst "z"
  HashSet h
  LoadConst "y"
  HashDelete h
  LoadConst "y"
  HashExists h
  JumpIfTrue never
  SetVar g
never:
  LoadUndef
  LoadConst "x"
  HashSet h
)"},
    {"FieldsOverwritten", R"(
  MakeHash 0
  SetVar h
  LoadInt 1
  LoadConst "x"
  HashSet h
)",
     R"(
  GetSlot i
  LoadConst "x"
  HashSet h
  GetSlot i
  LoadInt 4
  NumLt
  JumpIfTrue next
  LoadConst "text"
  GetSlot i
  Concat
  LoadConst "x"
  HashSet h
next:
)"},
    {"FieldsThatMove", R"(
  MakeHash 0
  SetVar h
  LoadInt 1
  LoadConst "x"
  HashSet h
  LoadInt 2
  LoadConst "y"
  HashSet h
)",
     R"(
  LoadConst "x"
  HashGet h
  GetSlot i
  Add
  LoadConst "y"
  HashSet h
  LoadConst "y"
  HashGet h
  LoadConst "x"
  HashGet h
  Sub
  LoadConst "x"
  HashSet h
  GetSlot i
  LoadInt 3
  NumEq
  JumpIfFalse inPlace
  LoadConst "x"
  HashDelete h
  Pop
  LoadInt 5
  LoadConst "x"
  HashSet h
inPlace:
  GetSlot i
  LoadInt 4
  NumEq
  JumpIfFalse sameHash
  LoadConst {"z": 1, "y": 2, "x": 3}
  SetVar h
sameHash:
  GetSlot i
  LoadInt 5
  NumEq
  JumpIfFalse unshared
  GetHash h
  SetVar copy
unshared:
  GetSlot i
  LoadInt 6
  NumEq
  JumpIfFalse next
  LoadConst "text"
  LoadConst "x"
  HashSet h
next:
)"},
    {"KeysOfEveryKind", R"(
  MakeHash 0
  SetVar h
)",
     R"(
  GetSlot i
  GetSlot i
  HashSet h
  LoadConst "key"
  GetSlot i
  Concat
  SetSlot a
  GetSlot i
  GetSlot a
  HashSet h
  GetSlot a
  HashGet h
  GetSlot a
  Dup
  HashGet h
  Swap
  HashSet h
  LoadFloat 1.5
  HashGet h
  Add
  LoadTrue
  HashSet h
  LoadTrue
  HashGet h
  LoadUndef
  HashSet h
  LoadConst [1, 2]
  HashGet h
  Pop
)"},
    {"SharedHash", R"(
  MakeHash 0
  SetVar h
  LoadInt 1
  LoadConst "x"
  HashSet h
)",
     R"(
  GetHash h
  GetHash h
  GetSlot i
  LoadConst "x"
  HashSet h
  SetVar g
  SetSlot a
  LoadConst "x"
  HashGet g
  LoadConst "x"
  HashGet h
  Sub
  SetVar difference
  GetHash h
  LoadConst "self"
  HashSet h
  MakeHash 0
  LoadConst "self"
  HashSet h
)"},
    {"NotAHash", R"(
  LoadInt 7
  SetVar h
)",
     R"(
  LoadConst "text"
  LoadConst "x"
  HashSet h
  LoadConst "x"
  HashGet h
  SetSlot a
  GetSlot i
  LoadInt 3
  NumEq
  JumpIfFalse next
  LoadConst {"x": "there"}
  SetVar h
next:
  GetSlot a
  SetVar g
)"},
    {"ArraysOfNumbers", R"(
  DeclareArray list
  MakeArray 0
  SetSlot b
)",
     R"(
  GetSlot i
  ArrayPush list
  GetSlot i
  ArrayGet list
  LoadInt 1
  Add
  GetSlot i
  ArraySet list
  LoadFloat 0.25
  ArrayPush list
  ArrayPop list
  LoadInt 0
  ArrayGet list
  Add
  SetVar g
  ArrayLen list
  ArrayLen g
  Add
  SetVar length
  MakeArray 0
  SetSlot b
  GetSlot i
  LoadInt 2
  SlotArraySet b
  LoadInt 2
  SlotArrayGet b
  LoadInt 1
  SlotArrayGet b
  SetSlot a
  SetVar g
)"},
    {"ArraysOfTexts", R"(
  DeclareArray list
)",
     R"(
  LoadConst "constant"
  ArrayPush list
  LoadConst "joined"
  GetSlot i
  Concat
  ArrayPush list
  GetSlot i
  ArrayGet list
  SetSlot a
  GetSlot a
  LoadInt 0
  ArraySet list
  LoadConst "other"
  LoadInt 9
  Concat
  LoadInt 0
  ArraySet list
  LoadInt 0
  ArrayGet list
  GetSlot a
  LoadInt 100
  ArrayGet list
  SetVar g
  StrEq
  SetVar same
  ArrayPop list
  SetVar g
  LoadInt 5
  LoadInt 0
  ArraySet list
  ArrayShift list
  SetSlot a
)"},
    {"TextsAmongNumbers", "\n",
     R"(
  DeclareArray list
  LoadInt 1
  ArrayPush list
  LoadInt 2
  ArrayPush list
  LoadConst "pushed"
  GetSlot i
  Concat
  ArrayPush list
  LoadInt 1
  LoadInt 2
  LoadInt 3
  MakeArray 3
  SetSlot b
  LoadConst "stored"
  GetSlot i
  Concat
  LoadInt 1
  SlotArraySet b
  LoadInt 4
  LoadInt 1
  SlotArraySet b
)"},
    {"ArraysInArrays", R"(
  DeclareArray list
)",
     R"(
  GetSlot i
  LoadConst "two"
  MakeArray 2
  SetSlot a
  GetSlot a
  ArrayPush list
  LoadInt 0
  ArrayGet list
  SetSlot b
  LoadConst "new"
  LoadInt 0
  SlotArraySet b
  GetSlot b
  LoadInt 0
  ArraySet list
  GetArray list
  LoadConst "behind"
  ArrayPush list
  SetVar copy
  ArrayPop copy
  SetVar g
  GetArray list
  ArrayPop list
  SetVar g
  SetVar copy
  GetSlot b
  GetSlot i
  LoadInt 1
  SlotArraySet b
  SetSlot c
)"},
    {"ReplacedContainers", R"(
  DeclareArray list
  DeclareHash h
)",
     R"(
  LoadInt 1
  LoadFloat 2.5
  MakeArray 2
  SetSlot b
  LoadInt 1
  SlotArrayGet b
  LoadInt 0
  SlotArrayGet b
  Add
  LoadInt 5
  SlotArraySet b
  GetSlot b
  SetSlot c
  LoadInt 3
  LoadInt 0
  SlotArraySet c
  LoadInt 0
  SlotArrayGet b
  SetVar g
  LoadConst "no array"
  SetSlot b
  LoadInt 0
  SlotArrayGet b
  LoadInt 9
  LoadInt 0
  SlotArraySet b
  ArrayPush list
  GetSlot i
  ArrayPush list
  Call replace 0
  Pop
  GetSlot i
  ArrayPush list
  GetSlot i
  LoadConst "k"
  HashSet h
  LoadConst "k"
  HashGet h
  ArrayPush list
  Jump over
sub replace:
slots i a b c
  DeclareArray list
  LoadConst {"k": "other"}
  SetVar h
  LoadInt 0
  ReturnValue
over:
)"},
    {"ArrayAndHash", R"(
  DeclareArray list
)",
     R"(
  GetSlot i
  LoadInt 0
  ArraySet list
  LoadInt 0
  ArrayGet list
  LoadConst "k"
  HashSet list
  LoadConst "k"
  HashGet list
  SetVar g
  LoadInt 0
  ArrayGet list
  LoadInt 1
  ArraySet list
  DeclareHash list
  GetSlot i
  LoadConst "k"
  HashSet list
  LoadConst "k"
  HashGet list
  SetVar g
  DeclareArray list
)"},
    {"IndexedByItself", "\n",
     R"(
  GetSlot i
  SetSlot b
  GetSlot b
  SlotArrayGet b
  SetVar g
  GetSlot i
  GetSlot b
  SlotArraySet b
  GetSlot b
  LoadInt 1
  Add
  SetVar list
  GetVar list
  ArrayGet list
  SetVar g
)"},
    {"NotAnArray", R"(
  LoadConst "text"
  SetVar list
)",
     R"(
  LoadConst "x"
  ArrayPush list
  ArrayPop list
  LoadInt 0
  ArrayGet list
  LoadInt 1
  LoadInt 0
  ArraySet list
  SetSlot a
  SetSlot b
  ArrayLen list
  SetSlot c
  GetSlot i
  LoadInt 4
  NumEq
  JumpIfFalse next
  LoadConst ["a", 1]
  SetVar list
next:
)"},
    {"AppendingInPlace", R"(
  LoadConst ""
  SetSlot a
  LoadConst ""
  SetVar g
)",
     R"(
  GetSlot a
  LoadConst "ab"
  Concat
  SetSlot a
  GetSlot a
  GetSlot a
  GetSlot i
  Concat
  SetSlot a
  SetVar before
  GetVar g
  GetVar g
  GetSlot i
  Concat
  SetVar g
  LoadConst "-"
  Concat
  SetVar h
  GetVar g
  GetVar g
  Concat
  SetVar g
  LoadConst "start"
  GetSlot i
  Concat
  LoadConst "end"
  Concat
  SetVar h
)"},
    {"ComparingTexts", R"(
  LoadConst "same"
  SetVar g
)",
     R"(
  LoadConst "sa"
  LoadConst "me"
  Concat
  SetSlot a
  GetSlot a
  GetVar g
  StrEq
  GetSlot a
  LoadConst "some"
  StrNe
  GetSlot a
  GetSlot i
  StrLt
  GetSlot i
  LoadConst "3"
  StrGe
  LoadConst "a"
  GetSlot a
  Dup
  Concat
  StrCmp
  LoadConst "bb"
  LoadConst "b"
  StrGt
  LoadConst "b"
  LoadConst "bb"
  StrLe
  GetSlot a
  StringLen
  LoadConst [1, 2, 3]
  StringLen
  LoadConst "x"
  GetSlot i
  Concat
  StringLen
  MakeArray 10
  ArrayPush results
)"},
    {"ConstantsAreCopied", "\n",
     R"(
  LoadConst [1, 2]
  SetVar list
  LoadConst {"k": "v"}
  SetVar h
  GetSlot i
  ArrayPush list
  LoadConst "text"
  GetSlot i
  HashSet h
  LoadConst [1, 2]
  LoadConst {"k": "v"}
  LoadConst "text"
  MakeArray 3
  SetVar g
)"},
    {"MixedStack", "\n",
     R"(
  GetSlot i
  LoadConst "a"
  GetSlot i
  Concat
  Dup
  GetSlot i
  Swap
  Rot
  LoadConst "b"
  LoadConst "c"
  LoadInt 1
  Concat
  Swap
  Dup2
  Rot
  LoadConst "d"
  LoadConst "e"
  Concat
  LoadConst "f"
  LoadConst "g"
  Concat
  Swap
  MakeArray 12
  SetVar g
)"},
    {"TruthOfEveryKind", "\n",
     R"(
  LoadConst ["", "0", "x", 0.0, 0.5, 0, 1, [], [0], {}]
  SetVar list
  LoadConst "" 
  LogNot
  LoadConst "x"
  LogNot
  LogAnd
  GetSlot i
  ArrayGet list
  JumpIfTrueKeep kept
  SetVar g
  LoadConst "not"
kept:
  SetVar h
  GetSlot i
  ArrayGet list
  JumpIfFalse next
  GetSlot i
  ArrayPush truths
next:
  SetVar same
)"},
    {"KindsThatChange", R"(
  DeclareArray list
)",
     R"(
  LoadConst [1, 2.5, "three", true, [5], 6, 7, 8, 9]
  SetVar kinds
  GetSlot i
  ArrayGet kinds
  SetSlot a
  GetSlot a
  ArrayPush list
  GetSlot a
  GetSlot a
  Add
  SetVar g
  GetSlot a
  Inc
  GetSlot a
  LoadInt 3
  NumLt
  LoadConst "2"
  LoadInt 3
  Mul
  MakeArray 3
  ArrayPush list
)"},
    {"FailsWithoutItsOperands", "\n",
     R"(
  LoadConst "kept"
  GetSlot i
  LoadConst "dividend"
  LoadInt 3
  GetSlot i
  Sub
  AwkMod
  SetVar g
  Pop
)"},
    {"EndsInAnError", R"(
  DeclareArray list
  MakeHash 0
  SetVar h
  LoadConst "x"
  SetVar g
)",
     R"(
  LoadConst "kept"
  GetSlot i
  Concat
  GetSlot i
  ArrayPush list
  LoadConst "value"
  LoadConst "key"
  GetSlot i
  Concat
  HashSet h
  GetVar g
  GetVar g
  Concat
  SetVar g
  Pop
)"},
};

/// Whether \p program runs natively in a function that is called, or in the main program.
enum class Form { Main, Callee };

std::string textOf(const Program &program, Form form) {
  if (form == Form::Main)
    return strCat("slots i a b c\n", program.setUp, "  LoadInt 0\n  SetSlot i\nagain:\n",
                  program.body,
                  "  PreIncSlot i\n  LoadInt 9\n  NumLt\n  JumpIfTrue again\n  GetVar g\n");
  return strCat("slots i a b c\n", program.setUp, R"(
  LoadInt 0
  SetSlot i
again:
  LoadConst "below"
  GetSlot i
  Call work 1
  Pop
  Pop
  PreIncSlot i
  LoadInt 9
  NumLt
  JumpIfTrue again
  GetVar g
  Jump done
sub work:
slots i a b c
  SetSlot i
)",
                program.body, R"(
  LoadConst "result"
  GetSlot i
  Concat
  ReturnValue
done:
)");
}

class HeapOpsTest : public fuzzing::NativeTest,
                    public testing::WithParamInterface<std::tuple<Program, Form>> {
protected:
  std::shared_ptr<const Chunk> chunk() {
    auto [program, form] = GetParam();
    return load(textOf(program, form));
  }
};

TEST_P(HeapOpsTest, stateIsThatOfTheInterpreterWhicheverGuardFails) {
  std::shared_ptr<const Chunk> program = chunk();
  constexpr uint64_t guards = 120;
  for (FusevmQuality quality : {FUSEVM_QUALITY_QUICK, FUSEVM_QUALITY_FULL})
    for (uint64_t guard = 0; guard < guards; guard += quality == FUSEVM_QUALITY_QUICK ? 5 : 40) {
      SCOPED_TRACE(strCat("guard ", guard));
      int64_t before = heapStatistics().liveBytes;
      {
        Pair pair(program, {}, guard, quality);
        pair.run();
      }
      ASSERT_EQ(heapStatistics().liveBytes, before);
      if (HasFailure())
        return;
    }
}

TEST_P(HeapOpsTest, limitsEndARunInTheSameErrorAndState) {
  std::shared_ptr<const Chunk> program = chunk();
  for (size_t limit : {0, 1, 2, 3, 4, 5, 7, 10, 20}) {
    SCOPED_TRACE(strCat("limit ", limit));
    Limits limits;
    limits.maxContainerSize = limit;
    limits.maxStringBytes = 2 * limit;
    int64_t before = heapStatistics().liveBytes;
    {
      Pair pair(program, limits);
      for (unsigned run = 0; run != 12; ++run)
        pair.run();
    }
    ASSERT_EQ(heapStatistics().liveBytes, before);
  }
}

TEST_P(HeapOpsTest, fuelEndsExactlyToTheOp) {
  std::shared_ptr<const Chunk> program = chunk();
  for (uint64_t fuel : {50, 61, 77, 103, 110}) {
    Pair pair(program);
    for (unsigned run = 0; run != 20; ++run) {
      pair.setFuel(fuel);
      pair.run();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, HeapOpsTest,
                         testing::Combine(testing::ValuesIn(programs),
                                          testing::Values(Form::Main, Form::Callee)),
                         [](const auto &info) {
                           return strCat(std::get<0>(info.param).name,
                                         std::get<1>(info.param) == Form::Main ? "" : "InACallee");
                         });

TEST(HeapLayoutTest, nativeCodeKnowsWhereContainersHaveWhat) {
  Value array = Value::makeArray({Value::makeInt(1), Value::makeInt(2)});
  FusevmValue plain;
  std::memcpy(&plain, static_cast<const void *>(&array), sizeof(plain));
  FusevmArray head;
  std::memcpy(&head, reinterpret_cast<const void *>(plain.bits), sizeof(head));
  EXPECT_EQ(head.references, 1u);
  EXPECT_EQ(reinterpret_cast<const Value *>(head.first), array.asArray().begin());
  EXPECT_EQ(head.count, 2u);
  EXPECT_EQ(head.capacity, 2u);
  EXPECT_EQ(head.headroom, 0u);
  EXPECT_EQ(head.kinds, unsigned(Kind::Int));
  array.mutableArray().set(1, Value::makeFloat(0.5));
  std::memcpy(&head, reinterpret_cast<const void *>(plain.bits), sizeof(head));
  EXPECT_EQ(head.kinds, FUSEVM_SCALAR_KINDS);
  array.mutableArray().set(1, Value::makeStr("x"));
  std::memcpy(&head, reinterpret_cast<const void *>(plain.bits), sizeof(head));
  EXPECT_EQ(head.kinds, FUSEVM_ANY_KINDS);

  Value hash = Value::makeHash();
  Value key = Value::makeStr("key");
  hash.mutableHash().set(Value::makeStr("other"), Value::makeInt(1));
  hash.mutableHash().set(key, Value::makeInt(2));
  std::memcpy(&plain, static_cast<const void *>(&hash), sizeof(plain));
  FusevmHash table;
  std::memcpy(&table, reinterpret_cast<const void *>(plain.bits), sizeof(table));
  EXPECT_EQ(table.references, 1u);
  EXPECT_EQ(table.used, 2u);
  EXPECT_EQ(table.entries[1].value.bits, 2u);
  EXPECT_EQ(table.entries[1].key.bits, reinterpret_cast<uint64_t>(&key.stringObject()));
  std::memcpy(&plain, static_cast<const void *>(&key), sizeof(plain));
  FusevmString text;
  std::memcpy(&text, reinterpret_cast<const void *>(plain.bits), sizeof(text));
  EXPECT_EQ(text.references, 2u);
  EXPECT_EQ(text.size, 3u);
  EXPECT_EQ(text.knownHash, key.stringObject().hash());
  EXPECT_EQ(text.lastEntry, 1u);
}

} // namespace
