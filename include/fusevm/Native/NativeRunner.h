//===- NativeRunner.h - Running a chunk for its result ----------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs chunks that compute something from their slots as native code, without a VM of the
/// caller's: for a frontend with an interpreter of its own, or one that evaluates many small
/// expressions.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_NATIVE_NATIVERUNNER_H
#define FUSEVM_NATIVE_NATIVERUNNER_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/Interp/RunResult.h"
#include "fusevm/Native/Jit.h"

#include "absl/types/span.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

namespace fusevm {

class VM;

/// What a slot that is given as a word holds.
enum class SlotKind : uint8_t {
  Int,
  Float, ///< the word is the bits of the float
};

/// A result as a number: an Int, or a Float.
using BlockNum = std::variant<int64_t, double>;

/// Returns the number that \p result is: an Int or Float as it is, a Bool as 0 or 1, and 0 if
/// there is no value. Nothing: an error, or a value of another kind.
std::optional<BlockNum> toBlockNum(const RunResult &result);

/// Runs chunks natively, or says that it does not. What a chunk computes, and what it leaves in
/// its slots, is exactly what it is in the interpreter, errors included.
///
/// The functions return nothing, and have changed nothing, if the chunk is not eligible (see
/// JitCompiler), there are fewer slots than its ops name, it has not been asked for often enough,
/// or the compiler refuses it, which is remembered. Compiled code is the JitCompiler's, and so
/// shared with other runners and VMs; counts are the runner's.
///
/// Used by one thread at a time, and not by the callbacks of its VM.
class NativeRunner {
public:
  /// Of \p config the tier and isSynchronous do not matter: a chunk is compiled while the caller
  /// waits. callThreshold is how many calls of tryRunBlock() return nothing before that, for each
  /// chunk and each kinds of its slots.
  explicit NativeRunner(std::shared_ptr<JitCompiler> compiler, const JitConfig &config = {});
  ~NativeRunner();

  /// The VM in which chunks run: for the effects and handlers of extension ops, an AWK host, limits
  /// and fuel, before anything runs.
  VM &vm();

  /// Runs \p chunk if it is linear-eligible, compiled at the first call. \p slots stay as they are.
  std::optional<RunResult> tryRunLinear(const std::shared_ptr<const Chunk> &chunk,
                                        absl::Span<const Value> slots = {});

  /// Runs \p chunk if it is block-eligible. \p slots are the first slots of the program, and get
  /// what it leaves in them, also if it fails.
  std::optional<RunResult> tryRunBlock(const std::shared_ptr<const Chunk> &chunk,
                                       absl::Span<Value> slots = {});
  /// The same without waiting for more calls.
  std::optional<RunResult> tryRunBlockEager(const std::shared_ptr<const Chunk> &chunk,
                                            absl::Span<Value> slots = {});

  /// The same with slots as words. Slots without a kind are Ints. Each keeps its kind: what the
  /// program leaves in it is converted then, as by toInt() and toFloat(), and not before.
  std::optional<RunResult> tryRunBlock(const std::shared_ptr<const Chunk> &chunk,
                                       absl::Span<int64_t> words,
                                       absl::Span<const SlotKind> kinds = {});
  std::optional<RunResult> tryRunBlockEager(const std::shared_ptr<const Chunk> &chunk,
                                            absl::Span<int64_t> words,
                                            absl::Span<const SlotKind> kinds = {});

private:
  class State;
  std::unique_ptr<State> state;
};

} // namespace fusevm

#endif // FUSEVM_NATIVE_NATIVERUNNER_H
