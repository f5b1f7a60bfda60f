//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// From an object file to a blob of code that runs wherever it is copied to.

#ifndef FUSEVM_LIB_JIT_BLOBLINKER_H
#define FUSEVM_LIB_JIT_BLOBLINKER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace fusevm::jit {

class BlobMemory;

/// Linked code with its constants behind it. Belongs to its tracker: gone when that is
/// removed.
struct Blob {
  llvm::ArrayRef<uint8_t> code;
  /// Of the unit's entry.
  size_t entryOffset = 0;
  llvm::orc::ResourceTrackerSP tracker;
};

/// Links with ORC and JITLink, into memory where nothing is executed.
class BlobLinker {
public:
  /// What a blob relies on, in bytes, wherever it is copied to.
  static constexpr size_t alignment = 64;

  explicit BlobLinker(const llvm::TargetMachine &machine);
  ~BlobLinker();

  /// Links \p object, whose function \p entry is called from outside. Fails if the code
  /// needs anything that is not in the object, or would depend on its address.
  llvm::Expected<Blob> link(llvm::StringRef object, llvm::StringRef entry);

private:
  llvm::orc::ExecutionSession session;
  std::unique_ptr<BlobMemory> memory;
  llvm::orc::ObjectLinkingLayer layer;
  llvm::orc::JITDylib &library;
  /// What the session said first since a link began.
  std::string problem;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_BLOBLINKER_H
