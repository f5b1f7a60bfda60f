//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the machine asks of something that runs parts of programs in another way than its
/// own loops: native code.

#ifndef FUSEVM_LIB_INTERP_TIERBACKEND_H
#define FUSEVM_LIB_INTERP_TIERBACKEND_H

#include <cstdint>

namespace fusevm {

class Machine;

/// Where control is when a backend was asked to go on.
enum class TierExit : uint8_t {
  NotEntered, ///< nothing has happened
  Interpret,  ///< at ip, whose op the interpreter must execute itself
  Switch,     ///< at ip
  Finished,
  Failed,
};

/// Belongs to one VM. Works on the canonical state, when no window is active.
class TierBackend {
public:
  virtual ~TierBackend() = default;

  /// Goes on at ip in another way, if it is worth it.
  virtual TierExit run(Machine &machine) = 0;
  /// Whether the baseline loop should hand over at ip, which it has come to by executing
  /// something.
  virtual bool wants(const Machine &machine) = 0;
  /// Notes the state before the op at ip, which the baseline loop is about to execute.
  virtual void observe(const Machine &machine) = 0;

  /// Fuel after which the fast loop is to come back, to find out what is hot; 0: it is not
  /// to run at all.
  virtual uint64_t interval(const Machine &machine) const = 0;
  /// The fast loop has come back at ip for that reason.
  virtual void tick(Machine &machine) = 0;
  /// Whether the baseline loop is to go on alone, so that it can observe.
  virtual bool isWatching() const = 0;
  /// Whether a run() is in progress: the backend must not go away.
  virtual bool isRunning() const = 0;
};

} // namespace fusevm

#endif // FUSEVM_LIB_INTERP_TIERBACKEND_H
