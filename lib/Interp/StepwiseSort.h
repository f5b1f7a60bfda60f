//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// A stable merge sort that asks its caller to compare, one pair at a time: the
/// comparator is bytecode, which the loop around it runs.

#ifndef FUSEVM_LIB_INTERP_STEPWISESORT_H
#define FUSEVM_LIB_INTERP_STEPWISESORT_H

#include "fusevm/Runtime/Value.h"

#include <algorithm>
#include <vector>

namespace fusevm {

/// Bottom-up merge sort as a state machine: while needsComparison(), compare left() with
/// right() and report with answer(). Any answers lead to an end.
class StepwiseSort {
public:
  explicit StepwiseSort(const Array &elements)
      : from(elements.begin(), elements.end()), to(from.size()) {
    beginMerge(0);
  }

  bool needsComparison() const { return width < from.size(); }
  const Value &left() const { return from[i]; }
  const Value &right() const { return from[j]; }

  /// \p rightFirst: the right element goes before the left one.
  void answer(bool rightFirst) {
    to[k++] = std::move(from[rightFirst ? j++ : i++]);
    if (i == middle || j == end)
      finishMerge();
  }

  /// The sorted elements, once no comparison is needed.
  Array take() {
    Array result;
    result.reserve(from.size());
    for (Value &value : from)
      result.push(std::move(value));
    return result;
  }

private:
  /// Starts merging the runs at \p start; goes on while nothing is to be compared.
  void beginMerge(size_t start) {
    while (needsComparison()) {
      if (start >= from.size()) {
        from.swap(to);
        width *= 2;
        start = 0;
        continue;
      }
      i = k = start;
      middle = j = std::min(start + width, from.size());
      end = std::min(start + 2 * width, from.size());
      if (j != end)
        return;
      moveRest();
      start = end;
    }
  }
  void finishMerge() {
    moveRest();
    beginMerge(end);
  }
  void moveRest() {
    while (i != middle)
      to[k++] = std::move(from[i++]);
    while (j != end)
      to[k++] = std::move(from[j++]);
  }

  std::vector<Value> from;
  std::vector<Value> to;
  size_t width = 1; ///< length of the sorted runs
  size_t i = 0, middle = 0, j = 0, end = 0, k = 0;
};

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_STEPWISESORT_H
