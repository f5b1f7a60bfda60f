//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Loops whose checks native code makes before them: whatever the indices do, each round reads and
/// writes what the interpreter does, and the loop can be left in any of them.

#include "NativeTestSupport.h"

#include "fusevm/Support/StrCat.h"

using namespace fusevm;
using namespace fusevm::fuzzing;

namespace {

/// What runs from where to where, and which elements of an array it takes.
struct Range {
  int64_t start;
  int64_t limit;
  int64_t step;
  int64_t factor;
  int64_t offset;
};

constexpr int64_t size = 40;
constexpr int64_t huge = int64_t(1) << 62;

constexpr Range ranges[] = {
    {0, size, 1, 1, 0},
    {0, size, 3, 1, 0},
    {0, size + 1, 1, 1, 0},
    {-1, size, 1, 1, 0},
    {-1, size - 1, 1, 1, 1},
    {5, 5, 1, 1, 0},
    {size, 3, 1, 1, 0},
    {0, 20, 1, 2, 0},
    {0, 20, 1, 2, 1},
    {0, 20, 1, 2, 2},
    {0, size, 1, -1, size - 1},
    {0, size, 1, -1, size},
    {0, size, 1, 0, 7},
    {0, size, 1, 0, size},
    // Indices that wrap around, with both ends inside.
    {0, 5, 1, huge, 0},
    {0, 3, 1, INT64_MIN, 0},
    {0, INT64_MAX, huge, 1, 0},
    {INT64_MAX - 2, INT64_MAX, 1, 1, 0},
    {0, size, huge, 1, 0},
    // Without an end.
    {0, size, 0, 1, 0},
    {0, size, -1, 1, 0},
};

/// Sets i and limit to what the compiler does not see, because it comes out of an array.
std::string unknown(int64_t start, int64_t limit) {
  return strCat("  LoadConst [", start, ", ", limit, R"(]
  SetVar numbers
  LoadInt 1
  ArrayGet numbers
  TruncInt
  SetSlot limit
  LoadInt 0
  ArrayGet numbers
  TruncInt
  SetSlot i
)");
}

/// \p areKnown: whether the compiler sees start and limit, or they come out of an array.
std::string text(const Range &range, std::string_view setUp, std::string_view body, bool areKnown) {
  std::string result = strCat("slots a i limit sum index\n", setUp);
  if (areKnown)
    result += strCat("\n  LoadInt ", range.limit, "\n  SetSlot limit\n  LoadInt ", range.start,
                     "\n  SetSlot i\n");
  else
    result += strCat("\n", unknown(range.start, range.limit));
  result += strCat(R"(
  LoadInt 1
  SetSlot sum
loop:
  GetSlot i
  GetSlot limit
  NumLt
  JumpIfFalse done
  GetSlot i
  LoadInt )",
                   range.factor, "\n  Mul\n  LoadInt ", range.offset, "\n  Add\n  SetSlot index\n",
                   body, "\n  GetSlot i\n  LoadInt ", range.step,
                   R"(
  Add
  SetSlot i
  Jump loop
done:
  GetSlot sum
)");
  return result;
}

/// An array with that many integers.
constexpr std::string_view filled = R"(
  MakeArray 0
  SetSlot a
  LoadInt 0
  SetSlot i
fill:
  GetSlot i
  GetSlot i
  SlotArraySet a
  PreIncSlot i
  LoadInt 40
  NumLt
  JumpIfTrue fill
)";

constexpr std::string_view reads = R"(
  GetSlot index
  SlotArrayGet a
  GetSlot sum
  Sub
  SetSlot sum
)";

constexpr std::string_view writes = R"(
  GetSlot sum
  GetSlot index
  SlotArraySet a
  GetSlot sum
  LoadInt 3
  Mul
  SetSlot sum
)";

/// Runs from the beginning with each \p fuels.
void runWith(std::initializer_list<uint64_t> fuels, Pair &pair) {
  for (uint64_t fuel : fuels) {
    pair.setFuel(fuel);
    pair.run();
    pair.native.restartAt(0);
    pair.interpreted.restartAt(0);
  }
}

void check(const Range &range, std::string_view setUp, std::string_view body) {
  SCOPED_TRACE(body);
  for (bool areKnown : {false, true}) {
    std::shared_ptr<const Chunk> chunk = load(text(range, setUp, body, areKnown));
    ASSERT_NE(chunk, nullptr);
    for (uint64_t failingGuard :
         areKnown ? std::vector<uint64_t>{0} : std::vector<uint64_t>{0, 20}) {
      Limits limits;
      limits.maxContainerSize = 1000;
      Pair pair(chunk, limits, failingGuard, FUSEVM_QUALITY_FULL);
      // Code is made anew where guards have failed.
      runWith({5000, 1501}, pair);
    }
  }
}

class LoopVersions : public testing::TestWithParam<Range> {};
class OtherLoopVersions : public testing::TestWithParam<Range> {};

TEST_P(LoopVersions, Read) { check(GetParam(), filled, reads); }

TEST_P(LoopVersions, Write) { check(GetParam(), filled, writes); }

TEST_P(LoopVersions, ReadAndWrite) {
  check(GetParam(), filled, strCat(std::string(reads), writes));
}

/// What is checked before the loop does not hold in all of it.
TEST_P(OtherLoopVersions, Change) {
  for (std::string_view change : {R"(
  GetSlot a
  SetVar g
)",
                                  R"(
  LoadConst "text"
  LoadInt 3
  SlotArraySet a
)",
                                  R"(
  LoadConst [5, 6, 7]
  SetSlot a
)",
                                  R"(
  LoadFloat 0.5
  GetSlot i
  SlotArraySet a
)"})
    check(GetParam(), filled, strCat(std::string(reads), change, writes));
}

/// Entries of a hash, looked for before the loop, that do not stay what and where they are.
TEST_P(OtherLoopVersions, Fields) {
  constexpr std::string_view setUp = R"(
  MakeHash 0
  SetVar h
  LoadInt 1
  LoadConst "x"
  HashSet h
  LoadInt 2
  LoadConst "y"
  HashSet h
)";
  constexpr std::string_view body = R"(
  LoadConst "y"
  HashGet h
  LoadConst "x"
  HashGet h
  Add
  LoadConst "y"
  HashSet h
  GetSlot index
  LoadConst "x"
  HashGet h
  Sub
  LoadConst "x"
  HashSet h
  LoadConst "y"
  HashGet h
  GetSlot sum
  Sub
  SetSlot sum
)";
  for (std::string_view change :
       {"", "  LoadFloat 0.5\n  LoadConst \"x\"\n  HashSet h\n",
        "  LoadConst \"text\"\n  LoadConst \"y\"\n  HashSet h\n",
        "  GetSlot i\n  LoadConst \"z\"\n  HashSet h\n", "  GetHash h\n  SetVar shared\n",
        "  LoadConst \"x\"\n  HashDelete h\n  Pop\n",
        "  LoadConst {\"y\": 1, \"x\": 2}\n  SetVar h\n", "  LoadInt 3\n  SetVar h\n"}) {
    std::string rare = change.empty() ? "" : strCat(R"(
  GetSlot i
  LoadInt 7
  NumEq
  JumpIfFalse usual
)",
                                                    change, "usual:\n");
    check(GetParam(), setUp, strCat(body, rare));
    check(GetParam(), setUp, strCat(std::string(change), body));
  }
}

TEST_P(OtherLoopVersions, Arrays) {
  for (std::string_view setUp :
       {"  LoadConst [1, 2.5, 3]\n  SetSlot a\n", "  LoadConst [1, \"text\", 3]\n  SetSlot a\n",
        "  MakeArray 0\n  SetSlot a\n", "  LoadInt 3\n  SetSlot a\n"}) {
    check(GetParam(), setUp, reads);
    check(GetParam(), setUp, writes);
  }
}

INSTANTIATE_TEST_SUITE_P(Ranges, LoopVersions, testing::ValuesIn(ranges));
INSTANTIATE_TEST_SUITE_P(Ranges, OtherLoopVersions, testing::ValuesIn(ranges, ranges + 4));

/// A loop that is longer than what runs without a look for interrupts.
struct LongRange {
  int64_t start;
  int64_t limit;
  int64_t step;
  std::string_view comparison;
};

constexpr LongRange longRanges[] = {
    {0, 9000, 1, "NumLt"},
    {0, 9000, 1, "NumLe"},
    {-7, 60000, 7, "NumLt"},
    {9000, 0, -1, "NumGt"},
    {9000, 1, -2, "NumGe"},
    {0, 9000, 1, "NumNe"},
    {INT64_MAX - 9000, INT64_MAX, 1, "NumLt"},
    {INT64_MAX - 9000, INT64_MAX, 1, "NumLe"},
    {INT64_MIN + 9000, INT64_MIN, -1, "NumGt"},
    {INT64_MIN, INT64_MAX, 1000, "NumLt"},
    {INT64_MAX, INT64_MIN, 1000, "NumGe"},
    // Which never end, or begin.
    {0, 1, 0, "NumLt"},
    {0, 1, -1, "NumLt"},
    {5, 5, 1, "NumLt"},
    {6, 5, 1, "NumLe"},
};

class LoopStrips : public testing::TestWithParam<LongRange> {};

/// Fuel ends at the same op, wherever that is.
TEST_P(LoopStrips, Fuel) {
  const LongRange &range = GetParam();
  for (std::string_view body : {"  GetSlot sum\n  LoadInt 3\n  Mul\n  GetSlot i\n  Add\n",
                                // Of different lengths in different rounds.
                                R"(
  GetSlot i
  LoadInt 3
  BitAnd
  JumpIfFalse even
  GetSlot sum
  LoadInt 5
  Mul
  SetSlot sum
  GetSlot sum
  SetVar last
even:
  GetSlot sum
  GetSlot i
  BitXor
)",
                                // The same, and the long way is the first.
                                R"(
  GetSlot i
  LoadInt 3
  BitAnd
  JumpIfFalse even
  GetSlot sum
  LoadInt 5
  Mul
  SetSlot sum
  LoadInt 1
  ArrayGet numbers
  SetVar last
  Jump next
even:
  GetSlot i
  SetVar last
next:
  GetSlot sum
  GetSlot i
  BitXor
)",
                                "  GetSlot sum\n  GetSlot i\n  Call mix 2\n"}) {
    SCOPED_TRACE(body);
    std::shared_ptr<const Chunk> chunk =
        load(strCat("slots i limit sum\n", unknown(range.start, range.limit), R"(
  LoadInt 1
  SetSlot sum
loop:
  GetSlot i
  GetSlot limit
  )",
                    range.comparison, "\n  JumpIfFalse done\n", body, R"(
  SetSlot sum
  GetSlot i
  LoadInt )",
                    range.step, R"(
  Add
  SetSlot i
  Jump loop
done:
  GetSlot sum
  Jump end
sub mix:
  LoadInt 7
  Mul
  Sub
  ReturnValue
end:
)"));
    ASSERT_NE(chunk, nullptr);
    for (FusevmQuality quality : {FUSEVM_QUALITY_FULL, FUSEVM_QUALITY_VECTOR}) {
      Pair pair(chunk, {}, /*failingGuard=*/0, quality);
      runWith({200'000, 32'800, 33'111, 65'537, 70'001, 99'998, 99'999}, pair);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ranges, LoopStrips, testing::ValuesIn(longRanges));

/// Loops around short ones, whose checks are made before all of them.
TEST(LoopNests, ChangeInSomeRound) {
  for (std::string_view change :
       {"", "  LoadFloat 0.5\n  LoadInt 3\n  SlotArraySet a\n",
        "  LoadInt 7\n  LoadInt 3\n  SlotArraySet a\n",
        "  LoadConst \"text\"\n  LoadInt 0\n  SlotArraySet a\n", "  GetSlot a\n  SetVar shared\n",
        "  LoadConst [1.5, 2.5]\n  SetSlot a\n", "  LoadInt 3\n  SetSlot product\n",
        "  LoadFloat 0.0\n  LoadInt 4\n  SlotArraySet a\n"}) {
    SCOPED_TRACE(change);
    std::shared_ptr<const Chunk> chunk = load(strCat(R"(
slots a b round rounds i j x product
  LoadConst [0.5, 1.5, -2.5, 3.25, 4.0, 8.0]
  SetSlot a
  LoadConst [0.0, 0.0, 0.0, 0.0, 0.0]
  SetSlot b
  LoadConst [700]
  SetVar numbers
  LoadInt 0
  ArrayGet numbers
  TruncInt
  SetSlot rounds
  LoadInt 0
  SetSlot round
rounds:
  GetSlot round
  GetSlot rounds
  NumLt
  JumpIfFalse done
  LoadInt 0
  SetSlot i
outer:
  GetSlot i
  LoadInt 5
  NumLt
  JumpIfFalse outerEnd
  GetSlot i
  SlotArrayGet a
  SetSlot x
  GetSlot i
  LoadInt 1
  Add
  SetSlot j
inner:
  GetSlot j
  LoadInt 5
  NumLt
  JumpIfFalse innerEnd
  GetSlot x
  GetSlot j
  SlotArrayGet a
  Mul
  SetSlot product
  LoadFloat 1.0
  GetSlot j
  SlotArrayGet a
  Div
  GetSlot product
  Add
  SetSlot x
  GetSlot x
  GetSlot j
  SlotArraySet b
  GetSlot x
  LoadFloat 0.125
  Mul
  LoadFloat 1.0
  Add
  GetSlot j
  SlotArraySet a
  GetSlot j
  LoadInt 1
  Add
  SetSlot j
  Jump inner
innerEnd:
  GetSlot i
  LoadInt 1
  Add
  SetSlot i
  Jump outer
outerEnd:
  GetSlot round
  LoadInt 450
  NumEq
  JumpIfFalse goOn
)",
                                                     change, R"(
goOn:
  GetSlot round
  LoadInt 1
  Add
  SetSlot round
  Jump rounds
done:
  GetSlot x
)"));
    ASSERT_NE(chunk, nullptr);
    for (bool storesAtOnce : {false, true})
      for (uint64_t failingGuard : {0, 20, 3000}) {
        Pair pair(chunk, {}, failingGuard, FUSEVM_QUALITY_FULL, storesAtOnce);
        runWith({500'000, 500'000, 33'001, 70'001, 179'999, 180'000, 219'875}, pair);
      }
  }
}

/// Bits that are combined in an order of their own come out the same.
TEST(Recurrences, Bits) {
  for (std::string_view body :
       {"  GetSlot sum\n  LoadInt 16777215\n  BitAnd\n  LoadInt 3\n  Shl\n  GetSlot sum\n"
        "  LoadInt 5\n  Shr\n  BitXor\n  LoadInt 4660\n  BitXor\n",
        "  GetSlot sum\n  LoadInt 1\n  Shl\n  GetSlot i\n  BitOr\n  LoadInt 64\n  BitOr\n",
        "  GetSlot sum\n  LoadInt 3\n  Add\n  LoadInt 255\n  BitAnd\n  GetSlot i\n  BitAnd\n"
        "  GetSlot sum\n  BitAnd\n"}) {
    SCOPED_TRACE(body);
    check({0, 100, 1, 1, 0}, "", strCat(std::string(body), "  SetSlot sum\n"));
  }
}

/// A sum that is added to in an order of its own comes out the same.
TEST(Recurrences, Sums) {
  for (std::string_view body : {"  GetSlot i\n  GetSlot sum\n  Sub\n  LoadInt 3\n  Add\n",
                                "  GetSlot sum\n  GetSlot i\n  Sub\n  LoadInt 3\n  Sub\n",
                                "  LoadInt 3\n  GetSlot i\n  GetSlot sum\n  Add\n  Sub\n",
                                "  GetSlot sum\n  GetSlot sum\n  Add\n  GetSlot i\n  Sub\n",
                                "  LoadInt -7\n  GetSlot sum\n  LoadInt 3\n  Mul\n  GetSlot i\n"
                                "  Sub\n  Sub\n"}) {
    SCOPED_TRACE(body);
    check({0, 100, 1, 1, 0}, "", strCat(std::string(body), "  SetSlot sum\n"));
  }
}

} // namespace
