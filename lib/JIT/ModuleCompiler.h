//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// One thread's compiler: from a module to a blob.

#ifndef FUSEVM_LIB_JIT_MODULECOMPILER_H
#define FUSEVM_LIB_JIT_MODULECOMPILER_H

#include "BlobLinker.h"
#include "CodeEmitter.h"
#include "Optimizer.h"

#include "fusevm/Native/JitPlugin.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <memory>
#include <string>

namespace fusevm::jit {

/// What to show of a compilation, and where.
struct Listing {
  /// Filled in if not null: the representation after the passes over it.
  std::string *ir = nullptr;
  std::string *assembly = nullptr;
};

/// Keeps everything of LLVM that outlives a compilation. For one thread at a time.
class ModuleCompiler {
public:
  static llvm::Expected<std::unique_ptr<ModuleCompiler>> create();

  /// Makes an empty module for the target. Contexts are renewed now and then, so a module
  /// must be gone before the next one is made.
  /// \param keepsNames  whether values keep their names, for a listing.
  std::unique_ptr<llvm::Module> makeModule(bool keepsNames);

  /// Compiles \p module, the last one made. Its function \p entry is called from outside and
  /// may call other functions of the module, but nothing else by name. \p readsMemory: see
  /// Optimizer. Adds to the times of \p times except lower.
  llvm::Expected<Blob> compile(llvm::Module &module, llvm::StringRef entry, FusevmQuality quality,
                               bool readsMemory, FusevmCompileTimes &times,
                               const Listing &listing = {});

  /// Bytes of the native stack that a function of the last module compiled takes at most,
  /// with what its call leaves there.
  size_t frameBytes() const { return diagnostics.frameBytes; }

  /// Has everything that \p quality needs in memory.
  void warmUp(FusevmQuality quality);

private:
  explicit ModuleCompiler(std::unique_ptr<llvm::TargetMachine> machine);

  void renewContext();

  std::unique_ptr<llvm::TargetMachine> machine;
  Optimizer optimizer;
  CodeEmitter emitter;
  BlobLinker linker;
  std::unique_ptr<llvm::LLVMContext> context;
  unsigned modulesInContext = 0;
  /// What the code generator said since a compilation began.
  struct Diagnostics {
    std::string problem; ///< the first error
    size_t frameBytes = 0;

    static void note(const llvm::DiagnosticInfo *diagnostic, void *diagnostics);
  };
  Diagnostics diagnostics;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_MODULECOMPILER_H
