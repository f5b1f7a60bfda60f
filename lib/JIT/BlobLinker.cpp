//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "BlobLinker.h"

#include "BlobMemory.h"

#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/JITLink/aarch64.h"
#include "llvm/ExecutionEngine/JITLink/x86_64.h"
#include "llvm/ExecutionEngine/Orc/ExecutorProcessControl.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;
using namespace llvm::jitlink;

namespace fusevm::jit {

namespace {

/// Whether an edge of \p kind stores an address, and not a distance.
bool storesAddress(const Triple &triple, Edge::Kind kind) {
  if (triple.isAArch64())
    return kind == aarch64::Pointer64 || kind == aarch64::Pointer32;
  return kind >= x86_64::Pointer64 && kind <= x86_64::Pointer8;
}

/// Checks that \p graph is all the code needs.
Error checkSelfContained(LinkGraph &graph) {
  for (Symbol *symbol : graph.external_symbols())
    return createStringError("the code needs the function '%s', which has no place in the table "
                             "of helpers",
                             symbol->getName().str().c_str());
  for (Block *block : graph.blocks())
    for (const Edge &edge : block->edges())
      if (storesAddress(graph.getTargetTriple(), edge.getKind()))
        return createStringError("the code depends on its address");
  return Error::success();
}

std::unique_ptr<orc::ExecutorProcessControl> makeProcessControl(const TargetMachine &machine) {
  return std::make_unique<orc::UnsupportedExecutorProcessControl>(
      nullptr, nullptr, machine.getTargetTriple().str(), /*PageSize=*/4096);
}

} // namespace

BlobLinker::BlobLinker(const TargetMachine &machine)
    : session(makeProcessControl(machine)), memory(std::make_unique<BlobMemory>(alignment)),
      layer(session, *memory), library(session.createBareJITDylib("fusevm")) {
  // The result of a lookup only says that it failed.
  session.setErrorReporter([this](Error error) {
    std::string text = toString(std::move(error));
    if (problem.empty())
      problem = std::move(text);
  });
}

BlobLinker::~BlobLinker() { cantFail(session.endSession()); }

Expected<Blob> BlobLinker::link(StringRef object, StringRef entry) {
  Expected<std::unique_ptr<LinkGraph>> graph =
      createLinkGraphFromObject(MemoryBufferRef(object, entry));
  if (!graph)
    return graph.takeError();
  if (Error error = checkSelfContained(**graph))
    return error;
  problem.clear();
  Blob blob;
  blob.tracker = library.createResourceTracker();
  if (Error error = layer.add(blob.tracker, std::move(*graph)))
    return error;
  Expected<orc::ExecutorSymbolDef> symbol = session.lookup({&library}, entry);
  if (!symbol) {
    cantFail(blob.tracker->remove());
    std::string failure = toString(symbol.takeError());
    return make_error<StringError>(problem.empty() ? failure : problem, inconvertibleErrorCode());
  }
  blob.code = memory->last();
  blob.entryOffset = symbol->getAddress() - orc::ExecutorAddr::fromPtr(blob.code.data());
  return blob;
}

} // namespace fusevm::jit
