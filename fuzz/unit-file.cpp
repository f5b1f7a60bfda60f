//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Takes the input, behind a byte that says how many units it has, for the units in a file of
/// native code. What is accepted must survive being written and read again.

#include "Native/UnitFile.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace fusevm;

static void fail(const char *what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

template <typename Item> static bool areSame(const Item *a, const Item *b, size_t count) {
  return count == 0 || std::memcmp(a, b, count * sizeof(Item)) == 0;
}

static bool isSame(const StoredUnit &a, const StoredUnit &b) {
  const FusevmJitAnswer &left = a.answer;
  const FusevmJitAnswer &right = b.answer;
  return a.key == b.key && left.codeSize == right.codeSize &&
         areSame(left.code, right.code, left.codeSize) &&
         std::strcmp(left.symbol, right.symbol) == 0 && left.snapshotCount == right.snapshotCount &&
         areSame(left.snapshots, right.snapshots, left.snapshotCount) &&
         left.snapshotValueCount == right.snapshotValueCount &&
         areSame(left.snapshotValues, right.snapshotValues, left.snapshotValueCount) &&
         left.lineCount == right.lineCount && areSame(left.lines, right.lines, left.lineCount);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint64_t opCount = 16;
  if (size == 0)
    return 0;
  // The contents of a file are aligned.
  std::string bytes(reinterpret_cast<const char *>(data) + 1, size - 1);
  std::optional<std::vector<StoredUnit>> units = UnitFile::decodeUnits(bytes, data[0], opCount);
  if (!units)
    return 0;
  FusevmJitOp ops[opCount] = {};
  FusevmJitOpFacts facts[opCount] = {};
  FusevmJitRequest request = {};
  request.ops = ops;
  request.facts = facts;
  request.opCount = opCount;
  UnitFile file(CacheDirectory("/nonexistent"), request, 0);
  std::string written = file.encode({.units = *units});
  std::optional<StoredUnits> again = file.decode(written);
  if (!again || again->units.size() != units->size())
    fail("what was written cannot be read");
  for (size_t i = 0; i != units->size(); ++i)
    if (!isSame(again->units[i], (*units)[i]))
      fail("a unit reads differently");
  return 0;
}
