//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// From the intermediate representation to an object file in memory.

#ifndef FUSEVM_LIB_JIT_CODEEMITTER_H
#define FUSEVM_LIB_JIT_CODEEMITTER_H

#include "fusevm/Native/JitPlugin.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <array>
#include <memory>
#include <string>

namespace fusevm::jit {

/// Keeps the passes of the code generator, which take longer to build than a small function
/// takes to compile. There are four ways of generating code, each built when it is needed.
class CodeEmitter {
public:
  explicit CodeEmitter(llvm::TargetMachine &machine) : machine(machine) {}
  CodeEmitter(const CodeEmitter &) = delete;
  CodeEmitter &operator=(const CodeEmitter &) = delete;

  /// Returns an ELF object, valid until the next call. Uses \p module up.
  llvm::StringRef emitObject(llvm::Module &module, FusevmQuality quality);

  /// Returns the assembly of what emitObject would make. Uses \p module up.
  std::string emitAssembly(llvm::Module &module, FusevmQuality quality);

private:
  enum Way {
    /// FastISel and the fast register allocator, in time linear in the size.
    Plain,
    /// FastISel and the greedy register allocator.
    Allocated,
    /// The default code generator, without reduction of loops' strength: that changes the order in
    /// which sums are added up, carries along what only exits need, and what it makes of addresses
    /// depends on the order of uses.
    Selected,
  };
  static constexpr size_t wayCount = 3;

  /// Passes and what they write.
  struct Pipeline {
    llvm::SmallVector<char, 0> output;
    llvm::raw_svector_ostream stream{output};
    llvm::legacy::PassManager passes;
  };

  static Way chooseWay(const llvm::Module &module, FusevmQuality quality);
  static bool isQuick(Way way) { return way == Plain || way == Allocated; }
  void prepareMachine(Way way);
  std::unique_ptr<Pipeline> build(Way way, llvm::CodeGenFileType fileType);
  void addQuickPasses(Pipeline &pipeline, llvm::CodeGenFileType fileType);

  llvm::TargetMachine &machine;
  std::array<std::unique_ptr<Pipeline>, wayCount> pipelines;
};

} // namespace fusevm::jit

#endif // FUSEVM_LIB_JIT_CODEEMITTER_H
