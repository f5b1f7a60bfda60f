//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What VMs that run one chunk know of each other.

#include "Native/UnitRegistry.h"

#include "NativeTestSupport.h"

#include "Interp/PreparedChunk.h"

#include "gmock/gmock.h"

using namespace fusevm;
using testing::IsEmpty;

namespace {

std::shared_ptr<const PreparedChunk> prepared() {
  return preparedFormOf(*fuzzing::load("Nop\nNop\n"));
}

TEST(UnitRegistryTest, whatOneVmHasSeenTheOthersKnow) {
  UnitRegistry registry;
  std::shared_ptr<const PreparedChunk> chunk = prepared();
  std::vector<OpProfile> first = {{.kinds = {1, 4}, .failures = 3, .misses = OpProfile::Failed},
                                  {}};
  registry.exchange(chunk, first);
  std::vector<OpProfile> second = {{.kinds = {2, 0}}, {.misses = OpProfile::Failed}};
  registry.exchange(chunk, second);
  EXPECT_EQ(second[0].kinds[0], 3);
  EXPECT_EQ(second[0].kinds[1], 4);
  // What code has failed for one is not to be expected by others, but has not failed for them.
  EXPECT_EQ(second[0].failures, 0);
  EXPECT_EQ(second[0].misses, OpProfile::Watched);
  EXPECT_EQ(second[1].misses, OpProfile::Failed);
  std::vector<OpProfile> other = {{}, {}};
  registry.exchange(prepared(), other);
  EXPECT_EQ(other[0].kinds[0], 0);
}

TEST(UnitRegistryTest, eachFileIsNewOnceForEachChunk) {
  UnitRegistry registry;
  std::shared_ptr<const PreparedChunk> chunk = prepared();
  EXPECT_TRUE(registry.isNew(chunk, "a"));
  EXPECT_FALSE(registry.isNew(chunk, "a"));
  EXPECT_TRUE(registry.isNew(chunk, "b"));
  EXPECT_TRUE(registry.isNew(prepared(), "a"));
  // Of chunks that are gone nothing is kept.
  for (int i = 0; i != 1000; ++i)
    EXPECT_TRUE(registry.isNew(prepared(), "a"));
}

TEST(UnitRegistryTest, opsOfAChunkAreThoseOfItsUnits) {
  UnitRegistry registry;
  std::shared_ptr<const PreparedChunk> chunk = prepared();
  EXPECT_THAT(registry.opsOf(chunk.get()), IsEmpty());
  UnitKey key;
  key.chunk = chunk.get();
  key.op = 1;
  registry.add(key, chunk, std::make_shared<PendingUnit>());
  EXPECT_THAT(registry.opsOf(chunk.get()), testing::ElementsAre(1));
  EXPECT_FALSE(registry.hasUnit(chunk.get()));
  EXPECT_THAT(registry.opsOf(prepared().get()), IsEmpty());
}

} // namespace
