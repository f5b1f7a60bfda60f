//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the library sees of the plugin: the C functions of the contract.

#include "BoxedLowering.h"
#include "ModuleCompiler.h"
#include "UnitLowering.h"

#include "fusevm/Native/JitPlugin.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

using namespace fusevm::jit;

struct FusevmJitCompiler {
  std::unique_ptr<ModuleCompiler> modules;
};

namespace {

/// An answer with what it points at.
struct OwnedAnswer : FusevmJitAnswer {
  OwnedAnswer() : FusevmJitAnswer{} {}

  LoweredUnit unit;
  Blob blob;
  std::string irText;
  std::string assemblyText;

  void refuse(std::string reason) {
    unit.refusal = std::move(reason);
    refusal = unit.refusal.c_str();
  }
};

FusevmJitCompiler *create() {
  llvm::Expected<std::unique_ptr<ModuleCompiler>> modules = ModuleCompiler::create();
  if (!modules) {
    llvm::consumeError(modules.takeError());
    return nullptr;
  }
  return new FusevmJitCompiler{std::move(*modules)};
}

void destroy(FusevmJitCompiler *compiler) { delete compiler; }

/// Points the answer at what it owns.
void fillIn(OwnedAnswer &answer) {
  const LoweredUnit &unit = answer.unit;
  answer.code = answer.blob.code.data();
  answer.codeSize = answer.blob.code.size();
  answer.alignment = BlobLinker::alignment;
  answer.entryOffset = answer.blob.entryOffset;
  answer.symbol = unit.symbol.c_str();
  answer.snapshots = unit.snapshots.data();
  answer.snapshotCount = unit.snapshots.size();
  answer.snapshotValues = unit.snapshotValues.data();
  answer.snapshotValueCount = unit.snapshotValues.size();
  answer.bufferSize = unit.bufferSize;
  answer.usesWindows = unit.usesWindows;
  answer.nativeOps = unit.nativeOps;
  answer.hostOps = unit.hostOps;
}

const FusevmJitAnswer *compile(FusevmJitCompiler *compiler, const FusevmJitRequest *request) {
  auto answer = std::make_unique<OwnedAnswer>();
  std::unique_ptr<llvm::Module> module = compiler->modules->makeModule(request->wantsIR);
  auto begin = std::chrono::steady_clock::now();
  answer->unit = request->unit == FUSEVM_UNIT_BOXED ? lowerBoxedUnit(*request, *module)
                                                    : lowerUnit(*request, *module);
  answer->times.lower =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  if (!answer->unit.refusal.empty()) {
    answer->refusal = answer->unit.refusal.c_str();
    return answer.release();
  }
  Listing listing;
  if (request->wantsIR)
    listing.ir = &answer->irText;
  if (request->wantsAssembly)
    listing.assembly = &answer->assemblyText;
  const LoweredUnit &unit = answer->unit;
  llvm::Expected<Blob> blob = compiler->modules->compile(*module, unit.symbol, request->quality,
                                                         unit.readsMemory, answer->times, listing);
  if (request->wantsIR)
    answer->ir = answer->irText.c_str();
  if (request->wantsAssembly)
    answer->assembly = answer->assemblyText.c_str();
  if (!blob) {
    answer->refuse(llvm::toString(blob.takeError()));
    return answer.release();
  }
  answer->blob = std::move(*blob);
  if (answer->unit.hasCalls)
    answer->frameBytes = compiler->modules->frameBytes();
  fillIn(*answer);
  return answer.release();
}

void release(FusevmJitCompiler *, const FusevmJitAnswer *answer) {
  auto *owned = const_cast<OwnedAnswer *>(static_cast<const OwnedAnswer *>(answer));
  if (owned->blob.tracker)
    llvm::cantFail(owned->blob.tracker->remove());
  delete owned;
}

void warmUp(FusevmJitCompiler *compiler) { compiler->modules->warmUp(FUSEVM_QUALITY_QUICK); }

constexpr FusevmJitPlugin plugin = {
    FUSEVM_JIT_ABI_VERSION, FUSEVM_BUILD_ID, create, destroy, compile, release, warmUp,
};

} // namespace

/// Where the compiler has the destructors of static objects noted. Only the plugin's own
/// code and LLVM's get to see this one, and note nothing: whatever the compile thread is
/// doing when the process ends, the objects it uses stay there.
extern "C" int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }

extern "C" const FusevmJitPlugin *fusevmJitPlugin(uint32_t abiVersion) {
  return abiVersion == FUSEVM_JIT_ABI_VERSION ? &plugin : nullptr;
}
