//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Recognises whole loops that count a slot up to a literal.

#ifndef FUSEVM_LIB_TRANSFORMS_COUNTEDLOOPS_H
#define FUSEVM_LIB_TRANSFORMS_COUNTEDLOOPS_H

#include "Entrances.h"
#include "SpellingMatcher.h"

#include "fusevm/Transforms/Fusion.h"

#include <optional>
#include <vector>

namespace fusevm {

/// Looks at each jump back and at what it may be the end of:
///
///   while loop         rotated            inverted           do loop
///   top:  test -> out    jump to test       test -> end
///         body         top:  body         top:  body         top:  body
///         step               step               step               step
///         jump to top  test: test -> top        test -> top        test -> top
///
class CountedLoopFinder {
public:
  CountedLoopFinder(const Chunk &chunk, const SpellingMatcher &matcher, const Entrances &entrances)
      : chunk(chunk), matcher(matcher), entrances(entrances) {}

  std::vector<FusedSite> run() const;

private:
  /// The slot that is counted, and up to where.
  struct Counter {
    uint16_t slot;
    int32_t limit;
  };

  std::optional<FusedSite> endingAt(uint64_t jump) const;
  std::optional<FusedSite> testedAtTop(uint64_t top, uint64_t jump) const;
  std::optional<FusedSite> testedAtBottom(uint64_t top, uint64_t jump) const;
  std::optional<FusedSite> makeSite(uint64_t bodyStart, const SpellingMatch &body,
                                    Counter counter) const;
  bool makeRotated(FusedSite &site, const SpellingMatch &bottom) const;
  bool makeInverted(FusedSite &site, Counter counter) const;

  const Chunk &chunk;
  const SpellingMatcher &matcher;
  const Entrances &entrances;
};

} // namespace fusevm

#endif // FUSEVM_LIB_TRANSFORMS_COUNTEDLOOPS_H
