//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What native code calls for single values; see FusevmHelpers.

#ifndef FUSEVM_LIB_NATIVE_HELPERS_H
#define FUSEVM_LIB_NATIVE_HELPERS_H

#include "fusevm/Native/JitPlugin.h"

namespace fusevm::native {

void destroy(uint32_t kind, uint64_t bits);
uint32_t isTrue(uint32_t kind, uint64_t bits);
int64_t toInt(uint32_t kind, uint64_t bits);
double toFloat(uint32_t kind, uint64_t bits);
uint32_t arraySet(FusevmNativeContext *context, FusevmArray *array, int64_t index, uint32_t kind,
                  uint64_t bits);
void loadConstant(FusevmNativeContext *context, uint32_t constant);
const FusevmValue *findInHash(FusevmNativeContext *context, uint64_t op, const FusevmValue *hash,
                              const FusevmValue *key);
const FusevmValue *findText(const FusevmHash *hash, const FusevmString *key);
FusevmValue *placeOfText(FusevmNativeContext *context, FusevmHash *hash, const FusevmString *key);
uint32_t concat(FusevmNativeContext *context, uint64_t op, FusevmValue *target, FusevmValue *left,
                const FusevmValue *right);
uint32_t isSameText(const FusevmString *a, const FusevmString *b);
int64_t compareTexts(const FusevmString *a, const FusevmString *b);
int64_t gcd(int64_t a, int64_t b);
int64_t lcm(int64_t a, int64_t b);

} // namespace fusevm::native

#endif // FUSEVM_LIB_NATIVE_HELPERS_H
