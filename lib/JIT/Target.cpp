//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Target.h"

#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

// Clang does not know the _Bool of that header in C++.
#if defined(__x86_64__) && !defined(__clang__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define FUSEVM_HAS_LIBC_CPU_FEATURES 1
#endif

namespace fusevm::jit {

namespace {

#if defined(FUSEVM_HAS_LIBC_CPU_FEATURES)
/// The C library has asked the processor already; to ask again takes long in a virtual
/// machine.
bool hasLevel3() {
  return CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(BMI1) && CPU_FEATURE_ACTIVE(BMI2) &&
         CPU_FEATURE_ACTIVE(F16C) && CPU_FEATURE_ACTIVE(FMA) && CPU_FEATURE_ACTIVE(LZCNT) &&
         CPU_FEATURE_ACTIVE(MOVBE);
}
#elif defined(__x86_64__)
bool hasLevel3() { return __builtin_cpu_supports("x86-64-v3"); }
#endif

/// How code reaches the constants that lie behind it.
llvm::CodeModel::Model codeModel(const llvm::Triple &triple) {
  // The small model of AArch64 relies on pages; a blob may begin anywhere.
  return triple.isAArch64() ? llvm::CodeModel::Tiny : llvm::CodeModel::Small;
}

} // namespace

const char *targetLevel() {
#ifdef __x86_64__
  return hasLevel3() ? "x86-64-v3" : "x86-64";
#else
  return "generic";
#endif
}

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
