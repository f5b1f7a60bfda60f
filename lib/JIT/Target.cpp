//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Target.h"

#include "../Native/TargetLevel.h"

#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

namespace fusevm::jit {

namespace {

/// How code reaches the constants that lie behind it.
llvm::CodeModel::Model codeModel(const llvm::Triple &triple) {
  // The small model of AArch64 relies on pages; a blob may begin anywhere.
  return triple.isAArch64() ? llvm::CodeModel::Tiny : llvm::CodeModel::Small;
}

} // namespace

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();

  llvm::Triple triple(llvm::sys::getProcessTriple());
  std::string problem;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple.str(), problem);
  if (!target)
    return llvm::createStringError("no code generator for this processor: %s", problem.c_str());
  llvm::TargetOptions options;
  // Every tier rounds alike.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(triple.str(), targetLevel(), "", options, llvm::Reloc::PIC_,
                                  codeModel(triple), llvm::CodeGenOptLevel::Default, /*JIT=*/true));
  if (!machine)
    return llvm::createStringError("no code generator for %s", triple.str().c_str());
  return machine;
}

} // namespace fusevm::jit
