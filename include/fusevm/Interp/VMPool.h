//===- VMPool.h - Idle VMs for reuse ----------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_VMPOOL_H
#define FUSEVM_INTERP_VMPOOL_H

#include "fusevm/Interp/VM.h"

#include <memory>
#include <vector>

namespace fusevm {

/// A last-in first-out store of idle VMs, unbounded. Not thread-safe: one pool a thread.
class VMPool {
public:
  VMPool() = default;
  /// Reserves room for \p capacity idle VMs.
  explicit VMPool(size_t capacity) { idle.reserve(capacity); }

  /// Returns the VM released last, reset to \p chunk, or a new one. A recycled VM keeps
  /// its builtins, handlers, streams, limits and fuel.
  std::unique_ptr<VM> acquire(std::shared_ptr<const Chunk> chunk);

  /// Stores \p vm as it is. VMs from elsewhere are welcome.
  void release(std::unique_ptr<VM> vm) { idle.push_back(std::move(vm)); }

  /// Acquires a VM for the time of \p function and returns what that returns. If it throws,
  /// the VM is not stored again.
  template <typename Function> auto with(std::shared_ptr<const Chunk> chunk, Function &&function) {
    std::unique_ptr<VM> vm = acquire(std::move(chunk));
    if constexpr (std::is_void_v<decltype(function(*vm))>) {
      function(*vm);
      release(std::move(vm));
    } else {
      auto result = function(*vm);
      release(std::move(vm));
      return result;
    }
  }

  /// The number of idle VMs.
  size_t size() const { return idle.size(); }
  bool empty() const { return idle.empty(); }

private:
  std::vector<std::unique_ptr<VM>> idle;
};

} // namespace fusevm

#endif // FUSEVM_INTERP_VMPOOL_H
