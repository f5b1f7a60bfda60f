//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "BlobMemory.h"

#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/Support/Alignment.h"

#include <cstdlib>

using namespace llvm;
using namespace llvm::jitlink;

namespace fusevm::jit {

/// A piece of memory while it is linked. Finished, it stands for itself in the session.
class BlobMemory::Piece : public JITLinkMemoryManager::InFlightAlloc {
public:
  Piece(BlobMemory &owner, size_t size)
      : owner(owner), size(size),
        memory(static_cast<uint8_t *>(std::aligned_alloc(owner.alignment, size))) {}
  ~Piece() override { std::free(memory); }

  char *begin() { return reinterpret_cast<char *>(memory); }

  void abandon(OnAbandonedFunction onAbandoned) override { onAbandoned(Error::success()); }

  void finalize(OnFinalizedFunction onFinalized) override {
    owner.lastPiece = ArrayRef<uint8_t>(memory, size);
    uint8_t *finished = std::exchange(memory, nullptr);
    onFinalized(FinalizedAlloc(orc::ExecutorAddr::fromPtr(finished)));
  }

private:
  BlobMemory &owner;
  const size_t size;
  uint8_t *memory;
};

void BlobMemory::allocate(const JITLinkDylib *, LinkGraph &graph, OnAllocatedFunction onAllocated) {
  BasicLayout layout(graph);
  // The executable part is the first one.
  SmallVector<BasicLayout::Segment *, 4> order;
  for (auto &[group, segment] : layout.segments()) {
    if ((group.getMemProt() & orc::MemProt::Write) != orc::MemProt::None)
      return onAllocated(createStringError("the code has variables of its own"));
    if (segment.Alignment.value() > alignment)
      return onAllocated(createStringError("the code needs an alignment of %zu bytes",
                                           size_t(segment.Alignment.value())));
    bool isCode = (group.getMemProt() & orc::MemProt::Exec) != orc::MemProt::None;
    order.insert(isCode ? order.begin() : order.end(), &segment);
  }
  size_t size = 0;
  for (BasicLayout::Segment *segment : order)
    size = alignTo(size, segment->Alignment) + segment->ContentSize + segment->ZeroFillSize;

  auto piece = std::make_unique<Piece>(*this, alignTo(std::max<size_t>(size, 1), alignment));
  if (!piece->begin())
    return onAllocated(createStringError("no memory for %zu bytes of code", size));
  std::memset(piece->begin(), 0, alignTo(std::max<size_t>(size, 1), alignment));
  size_t offset = 0;
  for (BasicLayout::Segment *segment : order) {
    offset = alignTo(offset, segment->Alignment);
    segment->WorkingMem = piece->begin() + offset;
    segment->Addr = orc::ExecutorAddr::fromPtr(segment->WorkingMem);
    offset += segment->ContentSize + segment->ZeroFillSize;
  }
  if (Error error = layout.apply())
    return onAllocated(std::move(error));
  onAllocated(std::move(piece));
}

void BlobMemory::deallocate(std::vector<FinalizedAlloc> allocations,
                            OnDeallocatedFunction onDeallocated) {
  for (FinalizedAlloc &allocation : allocations)
    std::free(allocation.release().toPtr<void *>());
  onDeallocated(Error::success());
}

} // namespace fusevm::jit
