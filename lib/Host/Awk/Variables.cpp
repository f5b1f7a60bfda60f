//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Variables.h"

#include "fusevm/Support/StrCat.h"

#include <cstdint>

namespace fusevm::awk {

Named &Variables::find(std::string_view name) {
  size_t slot = (reinterpret_cast<uintptr_t>(name.data()) >> 5) % recent.size();
  if (recent[slot] && recent[slot]->name == name)
    return *recent[slot];
  for (Named &named : all)
    if (named.name == name)
      return *(recent[slot] = &named);
  all.emplace_back().name = std::string(name);
  return *(recent[slot] = &all.back());
}

Value Variables::get(std::string_view name) { return find(name).scalar; }

absl::Status Variables::set(std::string_view name, Value value) {
  Named &named = find(name);
  if (named.isArray)
    return absl::InvalidArgumentError(
        strCat("attempt to use array `", name, "' in a scalar context"));
  named.isScalar = true;
  named.scalar = std::move(value);
  return absl::OkStatus();
}

absl::StatusOr<ElementTable *> Variables::array(std::string_view name) {
  Named &named = find(name);
  if (named.isScalar)
    return absl::InvalidArgumentError(strCat("attempt to use scalar `", name, "' as an array"));
  named.isArray = true;
  return &named.elements;
}

} // namespace fusevm::awk
