//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// GDB's JIT interface: a list of object files in memory, and a function at which GDB has a
/// breakpoint.

#ifndef FUSEVM_LIB_NATIVE_GDBINTERFACE_H
#define FUSEVM_LIB_NATIVE_GDBINTERFACE_H

#include "CodeNames.h"

#include <memory>
#include <string>

namespace fusevm {

/// Returns an ELF file that consists of one symbol, \p code.
std::string makeSymbolFile(const NamedCode &code);

/// GDB knows the code as long as this is there.
class GdbEntry {
public:
  explicit GdbEntry(const NamedCode &code);
  GdbEntry(const GdbEntry &) = delete;
  GdbEntry &operator=(const GdbEntry &) = delete;
  ~GdbEntry();

private:
  struct Node;

  std::string file;
  std::unique_ptr<Node> node;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_GDBINTERFACE_H
