//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Redirections: collected in order, resolved at once, then done in a child or here.

#ifndef FUSEVM_LIB_HOST_SHELL_REDIRECTIONS_H
#define FUSEVM_LIB_HOST_SHELL_REDIRECTIONS_H

#include "Descriptors.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fusevm::shell {

/// One redirection as the program asked for it.
struct Redirection {
  uint8_t descriptor = 0;
  uint8_t mode = 0; ///< a RedirectMode, unless isDocument
  bool isDocument = false;
  std::string target; ///< or the document
};

/// What descriptors are to be: each one a copy of another, or closed. All sources are open
/// and private, so that the order in which it is done does not matter.
class RedirectionPlan {
public:
  /// Opens what \p list names, in order. FailedPrecondition with the message for the user if
  /// one cannot be done; then nothing has changed but files that were created.
  static absl::StatusOr<RedirectionPlan> make(const std::vector<Redirection> &list, bool noClobber);

  bool empty() const { return targets.empty(); }
  /// By descriptor: its source, or -1 if it is to be closed.
  std::vector<std::pair<int, int>> assignments() const;
  /// Whether \p descriptor is redirected.
  bool has(int descriptor) const { return targets.count(descriptor) != 0; }

private:
  class Maker;
  /// Null stands for closed.
  std::map<int, std::shared_ptr<Descriptor>> targets;
};

/// Changes descriptors of this process and changes them back at the end of its life.
class AppliedRedirections {
public:
  AppliedRedirections() = default;
  AppliedRedirections(AppliedRedirections &&) = default;
  AppliedRedirections &operator=(AppliedRedirections &&) = default;
  ~AppliedRedirections() { restore(); }

  /// Does \p plan. On failure everything is as before.
  absl::Status apply(const RedirectionPlan &plan);
  /// Puts the descriptors back, the last one first.
  void restore();
  /// Leaves them as they are.
  void keep() { saved.clear(); }

private:
  struct Saved {
    int number;
    Descriptor copy; ///< closed if the descriptor was
  };
  std::vector<Saved> saved;
};

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_REDIRECTIONS_H
