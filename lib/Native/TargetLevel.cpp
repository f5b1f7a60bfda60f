//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "TargetLevel.h"

// Clang does not know the _Bool of that header in C++.
#if defined(__x86_64__) && !defined(__clang__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define FUSEVM_HAS_LIBC_CPU_FEATURES 1
#endif

namespace fusevm {

#if defined(FUSEVM_HAS_LIBC_CPU_FEATURES)
/// The C library has asked the processor already; to ask again takes long in a virtual
/// machine.
static bool hasLevel3() {
  return CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(BMI1) && CPU_FEATURE_ACTIVE(BMI2) &&
         CPU_FEATURE_ACTIVE(F16C) && CPU_FEATURE_ACTIVE(FMA) && CPU_FEATURE_ACTIVE(LZCNT) &&
         CPU_FEATURE_ACTIVE(MOVBE);
}
#elif defined(__x86_64__)
static bool hasLevel3() { return __builtin_cpu_supports("x86-64-v3"); }
#endif

const char *targetLevel() {
#ifdef __x86_64__
  return hasLevel3() ? "x86-64-v3" : "x86-64";
#else
  return "generic";
#endif
}

} // namespace fusevm
