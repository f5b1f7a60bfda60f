//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Native/LiveSlots.h"
#include "Native/UnitRequest.h"

#include "NativeTestSupport.h"

using namespace fusevm;
using namespace fusevm::fuzzing;

namespace {

TEST(LiveSlotsTest, slotIsLiveWhereItMayBeReadBeforeItIsSet) {
  std::shared_ptr<const Chunk> chunk = load(R"(
slots i sum other array
  GetSlot i
  SetSlot other
again:
  GetSlot other
  AddAssignSlotVoid sum i
  LoadInt 1
  SetSlot other
  SlotArrayGet array
  JumpIfTrue end
  SlotIncLtIntJumpBack i 10 again
  GetSlot sum
end:
  GetSlot other
  ReturnValue
)");
  std::vector<uint64_t> live = findLiveSlots(*chunk);
  constexpr uint64_t i = 1, sum = 2, other = 4, array = 8;
  ASSERT_EQ(live.size(), chunk->ops.size() + 1);
  EXPECT_EQ(live[0], i | sum | array);
  EXPECT_EQ(live[2], i | sum | other | array);
  EXPECT_EQ(live[4], i | sum | array);
  EXPECT_EQ(live[9], sum | other);
  EXPECT_EQ(live[10], other);
  EXPECT_EQ(live[11], 0u);
}

TEST(LiveSlotsTest, allAreLiveBeforeWhatIsNotLookedAt) {
  EXPECT_EQ(findLiveSlots(*load("  LoadInt 1\n  PushFrame\n  SetSlot 0\n"))[0], UINT64_MAX);
  EXPECT_EQ(findLiveSlots(*load("  LoadInt 1\n  CallBuiltin 1 1\n"))[0], UINT64_MAX);
  EXPECT_EQ(findLiveSlots(*load("  LoadInt 1\n  SetSlot 70\n  GetSlot 70\n"))[2], 0u);
}

uint8_t code(Kind kind) { return static_cast<uint8_t>(kind); }

TEST(LiveSlotsTest, onlyThatADeadSlotHoldsAScalarIsAssumed) {
  EntryKinds kinds;
  kinds.slots = {code(Kind::Int), code(Kind::Float), code(Kind::Array), code(Kind::Hash)};
  kinds.ignoreDeadSlots(0b1001);
  EXPECT_EQ(kinds.slots, (std::vector<uint8_t>{code(Kind::Int), FUSEVM_SCALAR_KIND, FUSEVM_ANY_KIND,
                                               code(Kind::Hash)}));
}

TEST(LiveSlotsTest, kindsWidenToScalarsBeforeTheyWidenToAll) {
  EntryKinds kinds;
  kinds.slots = {code(Kind::Int), code(Kind::Int), code(Kind::Int), FUSEVM_SCALAR_KIND};
  EntryKinds other;
  other.slots = {code(Kind::Int), code(Kind::Undef), code(Kind::Str), code(Kind::Array)};
  kinds.widen(other);
  EXPECT_EQ(kinds.slots, (std::vector<uint8_t>{code(Kind::Int), FUSEVM_SCALAR_KIND, FUSEVM_ANY_KIND,
                                               FUSEVM_ANY_KIND}));
}

} // namespace
