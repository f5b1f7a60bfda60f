//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Variables and arrays by name.

#ifndef FUSEVM_LIB_HOST_AWK_VARIABLES_H
#define FUSEVM_LIB_HOST_AWK_VARIABLES_H

#include "ElementTable.h"

#include "fusevm/Runtime/Value.h"

#include "absl/status/statusor.h"

#include <array>
#include <deque>
#include <string>
#include <string_view>

namespace fusevm::awk {

/// What a name stands for: a variable, or an array.
struct Named {
  std::string name;
  Value scalar;
  ElementTable elements;
  bool isArray = false;
  bool isScalar = false;
};

class Variables {
public:
  /// The value of a variable; Undef if there is none.
  Value get(std::string_view name);
  absl::Status set(std::string_view name, Value value);

  /// The array called \p name, made if it is not there yet. Stays where it is.
  absl::StatusOr<ElementTable *> array(std::string_view name);

private:
  Named &find(std::string_view name);

  std::deque<Named> all;
  /// By the address of the name: those of a chunk stay where they are. What is found is
  /// compared all the same.
  std::array<Named *, 64> recent{};
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_VARIABLES_H
