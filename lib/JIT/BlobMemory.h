//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The memory in which blobs are linked.

#ifndef FUSEVM_LIB_JIT_BLOBMEMORY_H
#define FUSEVM_LIB_JIT_BLOBMEMORY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h"

namespace fusevm::jit {

/// Lays the code of a link graph and its constants out in one piece of ordinary memory:
/// code first, at an address that is a multiple of the alignment. Addresses are those of
/// that memory, so distances are right wherever the piece is copied to.
class BlobMemory : public llvm::jitlink::JITLinkMemoryManager {
public:
  explicit BlobMemory(size_t alignment) : alignment(alignment) {}

  void allocate(const llvm::jitlink::JITLinkDylib *library, llvm::jitlink::LinkGraph &graph,
                OnAllocatedFunction onAllocated) override;
  void deallocate(std::vector<FinalizedAlloc> allocations,
                  OnDeallocatedFunction onDeallocated) override;
  using JITLinkMemoryManager::allocate;
  using JITLinkMemoryManager::deallocate;

  /// The piece that was linked last.
  llvm::ArrayRef<uint8_t> last() const { return lastPiece; }

private:
  class Piece;

  const size_t alignment;
  llvm::ArrayRef<uint8_t> lastPiece;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_BLOBMEMORY_H
