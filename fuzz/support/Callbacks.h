//===- Callbacks.h - An embedder that misbehaves ----------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Builtins and extension handlers that do, by their id, everything that a callback may do
/// to a VM. What they do depends on nothing but what they were called with and on the
/// calls before.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_FUZZ_SUPPORT_CALLBACKS_H
#define FUSEVM_FUZZ_SUPPORT_CALLBACKS_H

#include "fusevm/Interp/ShellHost.h"
#include "fusevm/Interp/VM.h"

#include <memory>
#include <string>

namespace fusevm::fuzzing {

/// What the callbacks of a VM remember.
struct CallbackState {
  /// What they saw: the state of a VM must be the same in both loops in callbacks too.
  std::string log;
  uint64_t calls = 0;
  /// Resets and nested runs that they may still do, lest a run never end.
  unsigned resetsLeft = 3;
  unsigned nestedRunsLeft = 12;
  /// The chunk to which some of them reset the VM.
  std::shared_ptr<const Chunk> otherChunk;
};

/// Registers the callbacks with \p vm; \p state must outlive their use.
void installCallbacks(VM &vm, CallbackState &state);

/// Makes a shell host that starts no process and reads no file. What it answers depends on
/// nothing but the questions.
std::shared_ptr<ShellHost> makeHarmlessShellHost();

/// Appends to \p log what can be seen of \p vm in a few words.
void describeBriefly(std::string &log, const VM &vm);

} // namespace fusevm::fuzzing

#endif // FUSEVM_FUZZ_SUPPORT_CALLBACKS_H
