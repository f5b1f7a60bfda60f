//===- OpReference.h - docs/ops.md ------------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_TOOLS_OPT_OPREFERENCE_H
#define FUSEVM_TOOLS_OPT_OPREFERENCE_H

#include <string>

namespace fusevm {

/// Returns the page docs/ops.md, made from the op table.
std::string opReference();

} // namespace fusevm

#endif // FUSEVM_TOOLS_OPT_OPREFERENCE_H
